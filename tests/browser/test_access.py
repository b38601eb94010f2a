"""Each kind of page in a real browser: readable at any width and on paper, by key, in any light."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from axe_playwright_python.sync_playwright import Axe

from incohort.reports.notebooks import bundled_notebooks, read_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PLAIN = "mixed_synthetic"  # no thyroid tests, no published study
# What takes seconds a page is asked of each notebook on its own cohort, and on one without its
# tables; what takes a moment, of every report (`test_numbers.py`).
HOMES = {
    notebook: next(p.default for p in read_notebook(notebook).parameters if p.name == "cohort")
    for notebook in bundled_notebooks()
}
CLOSELY = [
    f"{n}--{c}/report.html" for n, home in HOMES.items() for c in dict.fromkeys((home, PLAIN))
]
AT_HOME = [f"{n}--{home}/report.html" for n, home in HOMES.items()]
LOOKED_AT = [*CLOSELY, "index.html", "claims.html", "judged.html"]
A4_WITHOUT_MARGINS = 673  # 178 mm at 96 dots an inch
DESKTOP = {"width": 1280, "height": 900}
EVERY_CONTROL = "a[href], summary, [tabindex='0']"
CONTRAST = "color-contrast"
UNFOLD = """() => {
    window.folded = [...document.querySelectorAll('details:not([open])')];
    window.folded.forEach(e => e.open = true);
}"""
FOLD = "() => (window.folded || []).forEach(e => e.open = false)"
# Marks one text of each look: its colour, size, weight, and all that lies behind it.
MARK_EACH_LOOK = """() => {
    const behind = new Map([[null, '']]);
    const back = e => {
        if (!behind.has(e)) {
            const s = getComputedStyle(e);
            const own = [s.backgroundColor, s.backgroundImage, s.opacity, s.filter, s.display];
            behind.set(e, [back(e.parentElement), ...own].join('|'));
        }
        return behind.get(e);
    };
    const hasText = e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
    const looks = new Set();
    for (const e of document.querySelectorAll('body *')) {
        const s = getComputedStyle(e);
        const look = [s.color, s.fill, s.fontSize, s.fontWeight, s.visibility, back(e)].join('|');
        e.removeAttribute('data-look');
        if (hasText(e) && !looks.has(look)) { looks.add(look); e.dataset.look = ''; }
    }
    return looks.size;
}"""
# Of rows and items of the same elements, classes and states three stay: a key reaches the others
# likewise.
SHORTEN = """() => {
    const beside = /^(id|href|title|data-(?!state).*|aria-.*)$/;
    const shape = e => [e.tagName, ...[...e.attributes].filter(a => !beside.test(a.name))
        .map(a => a.name + '=' + a.value), '(', ...[...e.children].map(shape), ')'].join(' ');
    const seen = new Map();
    for (const row of document.querySelectorAll('tbody tr, li')) {
        const own = shape(row);
        seen.set(own, (seen.get(own) || 0) + 1);
        if (seen.get(own) > 3) row.remove();
    }
}"""
WATCH_FOCUS = """selector => {
    const controls = [...document.querySelectorAll(selector)];
    window.reached = new Set();
    window.unseen = [];
    document.addEventListener('focusin', ({target}) => {
        window.reached.add(target);
        if (getComputedStyle(target).outlineStyle === 'none') window.unseen.push(target.outerHTML);
    });
    window.missed = () => controls.filter(e => !window.reached.has(e)).map(e => e.outerHTML);
    return controls.length;
}"""


@pytest.fixture
def page(opened):
    """An open page as it was at first: on a light desktop screen, its notes folded."""
    opened.page.set_viewport_size(DESKTOP)
    yield opened.page
    opened.page.emulate_media(media="screen", color_scheme="light")
    opened.page.evaluate(FOLD)


def serious(page, **options) -> list[str]:
    """What axe finds that keeps somebody out, and landmarks that are called alike."""
    context = {"include": [["[data-look]"]]} if "runOnly" in options else None
    asked = {"resultTypes": ["violations"], "selectors": False, **options}
    found = Axe().run(page, context=context, options=asked).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:160]} {node.get('failureSummary', '')}"
        for violation in found
        if violation["impact"] in {"serious", "critical"} or violation["id"] == "landmark-unique"
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("opened", LOOKED_AT, indirect=True)
def test_axe_finds_nothing_serious(page):
    """Nobody is kept out by order, names or roles."""
    page.evaluate(UNFOLD)

    assert serious(page, rules={CONTRAST: {"enabled": False}}) == []


@pytest.mark.parametrize("opened", LOOKED_AT, indirect=True)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_stands_out_from_what_is_behind_it(page, scheme):
    """On a light or a dark screen: of texts that look alike one is looked at."""
    page.emulate_media(color_scheme=scheme)
    page.evaluate(UNFOLD)

    assert page.evaluate(MARK_EACH_LOOK) > 5
    assert serious(page, runOnly=[CONTRAST]) == []


@pytest.mark.parametrize("opened", LOOKED_AT[:1], indirect=True)
@pytest.mark.parametrize(("scheme", "grey"), [("light", "#999"), ("dark", "#555")])
def test_a_text_that_does_not_stand_out_is_seen(visit, opened, reports, scheme, grey):
    """A grey cell far down a table is a look of its own, and axe names it."""
    page = visit(reports / opened.name, color_scheme=scheme).page
    page.eval_on_selector_all("td", "(all, grey) => { all.at(-1).style.color = grey }", grey)
    page.evaluate(UNFOLD)
    page.evaluate(MARK_EACH_LOOK)

    assert [text.partition(":")[0] for text in serious(page, runOnly=[CONTRAST])] == [CONTRAST]


@pytest.mark.parametrize(
    "opened", [*AT_HOME, "index.html", "claims.html", "judged.html"], indirect=True
)
def test_the_keyboard_reaches_every_control(visit, opened, reports):
    """Tab alone gets to each link, fold and scrolling area, and one sees where one is."""
    page = visit(reports / opened.name, viewport={"width": 1000, "height": 800}).page
    page.evaluate(UNFOLD)
    page.evaluate(SHORTEN)
    count = page.evaluate(WATCH_FOCUS, EVERY_CONTROL)
    for presses in (count, count + 10):
        for _ in range(presses if page.evaluate("missed()") else 0):
            page.keyboard.press("Tab")

    assert count
    assert page.evaluate("missed()") == []
    assert page.evaluate("unseen") == []


@pytest.mark.parametrize("opened", LOOKED_AT, indirect=True)
def test_a_fold_opens_with_the_keyboard(page):
    """The code behind a result is one key away."""
    folds = page.locator("details:not([open]) > summary")
    if folds.count():
        n_open = page.locator("details[open]").count()
        fold = folds.first.element_handle()
        fold.focus()
        page.keyboard.press("Enter")
        assert page.locator("details[open]").count() == n_open + 1
        page.keyboard.press("Enter")
        assert page.locator("details[open]").count() == n_open


@pytest.mark.parametrize("opened", LOOKED_AT, indirect=True)
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_is_cut_off_at_any_width(page, width):
    """Down to 320 pixels the page scrolls one way only; wide tables scroll in their own box."""
    page.set_viewport_size({"width": width, "height": 800})

    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("opened", LOOKED_AT, indirect=True)
def test_print_breaks_sensibly(page):
    """On paper: no navigation or file, heads repeated, no row or figure cut, all notes unfolded.

    The table behind a figure is a note as long as somebody would read it: to 20 rows and a head.
    """
    page.set_viewport_size({"width": A4_WITHOUT_MARGINS, "height": 1000})
    page.emulate_media(media="print", color_scheme="dark")
    styles = page.evaluate(
        """() => {
        const style = (selector, name) => [...document.querySelectorAll(selector)].map(
            e => getComputedStyle(e)[name]);
        return {nav: style('nav, .taken', 'display'), rows: style('tr', 'breakInside'),
                figures: style('figure', 'breakInside'), heads: style('thead', 'display'),
                boxes: style('.table-scroll', 'overflowX'),
                paper: getComputedStyle(document.documentElement).backgroundColor};
        }"""
    )

    assert set(styles["nav"]) <= {"none"}
    assert set(styles["rows"]) | set(styles["figures"]) <= {"avoid"}
    assert set(styles["heads"]) <= {"table-header-group"}
    assert set(styles["boxes"]) <= {"visible"}
    assert styles["paper"] == "rgb(255, 255, 255)"
    for notes in page.locator("details.notes").all():
        is_long = notes.locator("xpath=ancestor::figure//tr[21]").count()
        for note in notes.locator("> :not(summary, .taken)").all():
            assert (note.bounding_box() is None) == bool(is_long)
    assert page.pdf(prefer_css_page_size=True, page_ranges="1").startswith(b"%PDF")


@pytest.mark.parametrize("opened", CLOSELY, indirect=True)
def test_what_is_synthetic_stands_on_the_first_screen(page):
    """Nobody has to scroll to learn that a cohort is not made of patients."""
    badge = page.locator(".badges .invented").first

    assert badge.bounding_box()["y"] < 600


@pytest.mark.parametrize("opened", CLOSELY, indirect=True)
def test_the_numbers_behind_a_figure_are_handed_out_as_a_file(page):
    """Each link in a fold gives a CSV file whose numbers are those of the table beside it."""
    page.evaluate(UNFOLD)
    links = page.locator("figure a[download]")
    for place in range(links.count()):
        link = links.nth(place)
        head, _, content = link.get_attribute("href").partition(",")
        text = unquote(content)
        if place == 0:  # a browser stops a page that hands out many files at once
            with page.expect_download() as download:
                link.press("Enter")
            assert Path(download.value.path()).read_bytes() == text.encode()
            assert download.value.suggested_filename == link.get_attribute("download")
        assert head == "data:text/csv;charset=utf-8"
        rows = {row["key"]: row for row in csv.DictReader(io.StringIO(text, newline=""))}
        fold = page.locator("figure", has=links.nth(place)).locator("details")
        script = "all => all.map(e => [e.dataset.key, e.dataset.value])"
        shown = fold.locator("[data-key][data-value]").evaluate_all(script)
        assert rows
        assert re.fullmatch(r"figure-\d+\.csv", link.get_attribute("download"))
        for key, value in shown:
            row = rows.get(key)
            is_weight = row is None and "/weight/" in key  # it stands beside what it sizes
            assert is_weight or float(row["value"]) == float(value), key
