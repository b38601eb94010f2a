"""Each report in a real browser: offline, readable, reachable, and equal to a recount by hand."""

from __future__ import annotations

import csv
import importlib.util
import itertools
import json
import math
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe

from incohort.commands.reporting import demo_requests
from incohort.reports.notebooks import bundled_notebooks, read_notebook

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
COHORTS = ROOT / "data_dictionary" / "cohorts"
PLAIN = "mixed_synthetic"  # no thyroid tests, no published study
# Two in which little can be said, which the demo leaves out; tests/conftest.py makes them.
THIN = ("02_thyroid_antibodies--abdulkader2014", "04_anc_recovery--jinca2021")
REPORTS = [*(f"{request.notebook}--{request.cohort}" for request in demo_requests()), *THIN]
# What takes seconds a page is asked of each notebook on its own cohort, and on one without its
# tables; what takes a moment, of every report.
HOMES = {
    notebook: next(p.default for p in read_notebook(notebook).parameters if p.name == "cohort")
    for notebook in bundled_notebooks()
}
CLOSELY = [f"{n}--{c}" for n, home in HOMES.items() for c in dict.fromkeys((home, PLAIN))]
LOOKED_AT = ["index.html", "claims.html", *(f"{name}/report.html" for name in CLOSELY)]
PAGES = ["index.html", "claims.html", *(f"{name}/report.html" for name in REPORTS)]
NEXT_TO_NOTHING = 3  # numbers on a page
A4_WITHOUT_MARGINS = 673  # 178 mm at 96 dots an inch
EVERY_CONTROL = "a[href], summary, [tabindex='0']"
NUMBER = re.compile(r"[-−]?\d+(?:[.,]\d+)?")
POWER = re.compile(r"×\s10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)(?![⁰¹²³⁴⁵⁶⁷⁸⁹]|/L)")
LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def recounted(cohort: str) -> dict[str, float]:
    """The numbers that a plain loop over the raw CSV files gives."""
    place = Path(__file__).with_name("recount.py")
    spec = importlib.util.spec_from_file_location("recount", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.recount(COHORTS / cohort)


def shown_numbers(page) -> list[dict]:
    """Every element that shows a number, with its key, its value and its text."""
    script = """all => all.map(e => ({key: e.dataset.key, value: e.dataset.value,
        events: e.dataset.events, cell: e.tagName === 'TD', text: e.innerText}))"""
    return page.eval_on_selector_all("[data-key][data-value]", script)


def serious(page) -> list[str]:
    """What axe finds that keeps somebody out, and landmarks that are called alike."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:160]} {node.get('failureSummary', '')}"
        for violation in found
        if violation["impact"] in {"serious", "critical"} or violation["id"] == "landmark-unique"
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_and_complains_of_nothing(visit, reports, name):
    """One file is the whole page: no request, no script, nothing on the console."""
    seen = visit(reports / name)

    assert seen.requests == [(reports / name).as_uri()]
    assert seen.complaints == []
    # but what sorts the list of reports
    assert seen.page.locator("script").count() == (name == "index.html")


@pytest.mark.parametrize("name", LOOKED_AT)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(visit, reports, name, scheme):
    """Nobody is kept out by contrast, order, names or roles, on a light or a dark screen."""
    page = visit(reports / name, color_scheme=scheme, bypass_csp=True).page
    page.eval_on_selector_all("details", "all => all.forEach(e => e.open = true)")

    assert serious(page) == []


@pytest.mark.parametrize("name", REPORTS)
def test_every_shown_number_is_the_recorded_one(visit, reports, name):
    """A number on the page has the value that results.json has under its key, to the last bit."""
    recorded = {
        result["key"]: result
        for result in json.loads((reports / name / "results.json").read_text())["results"]
    }
    shown = shown_numbers(visit(reports / name / "report.html").page)

    assert shown
    for item in shown:
        assert float(item["value"]) == float(recorded[item["key"]]["value"]), item


@pytest.mark.parametrize("name", CLOSELY)
def test_the_numbers_behind_a_figure_are_handed_out_as_a_file(visit, reports, name):
    """Each link in a fold gives a CSV file whose numbers are those of the table beside it."""
    page = visit(reports / name / "report.html", accept_downloads=True).page
    page.eval_on_selector_all("details", "all => all.forEach(e => e.open = true)")
    links = page.locator("figure a[download]")
    for place in range(links.count()):
        with page.expect_download() as download:
            links.nth(place).click()
        with Path(download.value.path()).open(newline="", encoding="utf-8") as file:
            rows = {row["key"]: row for row in csv.DictReader(file)}
        fold = page.locator("figure", has=links.nth(place)).locator("details")
        script = "all => all.map(e => [e.dataset.key, e.dataset.value])"
        shown = fold.locator("[data-key][data-value]").evaluate_all(script)
        assert rows
        assert re.fullmatch(r"figure-\d+\.csv", download.value.suggested_filename)
        for key, value in shown:
            row = rows.get(key)
            is_weight = row is None and "/weight/" in key  # it stands beside what it sizes
            assert is_weight or float(row["value"]) == float(value), key


@pytest.mark.parametrize("name", REPORTS)
def test_every_cell_equals_a_recount_from_the_raw_rows(visit, reports, name):
    """What can be counted by hand from the CSV files is what stands in the cell."""
    by_hand = recounted(name.partition("--")[2])
    shown = shown_numbers(visit(reports / name / "report.html").page)
    cells = [item for item in shown if item["cell"] and item["key"] in by_hand]

    # A cohort without a single count has nothing in notebook 04 to be counted again.
    assert cells or len(shown) <= NEXT_TO_NOTHING
    for item in cells:
        expected = by_hand[item["key"]]
        assert math.isclose(float(item["value"]), expected, rel_tol=1e-9, abs_tol=1e-12), item


@pytest.mark.parametrize("name", REPORTS)
def test_the_printed_digits_are_those_of_the_value(visit, reports, name):
    """Among the numbers that a cell prints is its value, rounded, as it is or in percent.

    Where a share's count stands in a column of its own, it is how many had the event.
    """
    for item in shown_numbers(visit(reports / name / "report.html").page):
        text, events = item["text"].strip(), item["events"]
        if text:
            is_count = bool(events) and "%" not in text
            assert agrees(text, float(events if is_count else item["value"])), item


def agrees(text: str, value: float) -> bool:
    """Whether some number in the text is `value` rounded to the digits that stand there."""
    if re.search(r"[<>]\s*0?\.\d", text) or "∞" in text:
        return True
    power = POWER.search(text)
    if power:
        value = value / 10.0 ** int(power[1].translate(LOWERED))
    for found in NUMBER.findall(text):
        plain = found.replace("−", "-").replace(",", "")
        half = 0.5 * 10.0 ** -len(plain.partition(".")[2]) + 1e-9
        if any(abs(float(plain) - scaled) <= half for scaled in (value, 100 * value)):
            return True
    return False


@pytest.mark.parametrize("name", LOOKED_AT)
def test_the_keyboard_reaches_every_control(visit, reports, name):
    """Tab alone gets to each link, fold and scrolling area, and one sees where one is."""
    page = visit(reports / name, viewport={"width": 1000, "height": 800}).page
    page.eval_on_selector_all("details", "all => all.forEach(e => e.open = true)")
    count = page.eval_on_selector_all(
        EVERY_CONTROL, "all => all.forEach((e, n) => e.dataset.control = n) || all.length"
    )
    reached, unseen = set(), []
    for _ in range(2 * count + 10):
        page.keyboard.press("Tab")
        control, outline = page.evaluate(
            "() => { const e = document.activeElement; const s = getComputedStyle(e);"
            " return [e.dataset.control, s.outlineStyle !== 'none' || e === document.body] }"
        )
        if control is not None:
            reached.add(int(control))
            if not outline:
                unseen.append(control)
        if len(reached) == count:
            break

    assert reached == set(range(count))
    assert unseen == []


@pytest.mark.parametrize("name", LOOKED_AT)
def test_a_fold_opens_with_the_keyboard(visit, reports, name):
    """The code behind a result is one key away."""
    page = visit(reports / name).page
    folds = page.locator("details:not([open]) > summary")
    if folds.count():
        folds.first.focus()
        page.keyboard.press("Enter")
        assert page.locator("details[open]").count() >= 1


@pytest.mark.parametrize("name", LOOKED_AT)
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_is_cut_off_at_any_width(visit, reports, name, width):
    """Down to 320 pixels the page scrolls one way only; wide tables scroll in their own box."""
    page = visit(reports / name, viewport={"width": width, "height": 800}).page

    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("name", LOOKED_AT)
def test_print_breaks_sensibly(visit, reports, name):
    """On paper: no navigation, heads repeated, no row or figure cut in two, all notes unfolded.

    The table behind a figure is a note as long as somebody would read it: to 20 rows and a head.
    """
    page = visit(
        reports / name, viewport={"width": A4_WITHOUT_MARGINS, "height": 1000}, color_scheme="dark"
    ).page
    page.emulate_media(media="print", color_scheme="dark")
    styles = page.evaluate(
        """() => {
        const style = (selector, name) => [...document.querySelectorAll(selector)].map(
            e => getComputedStyle(e)[name]);
        return {nav: style('nav', 'display'), rows: style('tr', 'breakInside'),
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
        for note in notes.locator("> :not(summary)").all():
            assert (note.bounding_box() is None) == bool(is_long)
    assert page.pdf(prefer_css_page_size=True).startswith(b"%PDF")


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_is_built_as_a_document(visit, reports, name):
    """One title, ordered headings, landmarks, captions, scopes, and a text for each image."""
    page = visit(reports / name / "report.html").page
    levels = page.eval_on_selector_all(
        "h1, h2, h3, h4, h5, h6", "all => all.map(e => Number(e.tagName[1]))"
    )

    assert levels.count(1) == 1
    assert page.locator("html[lang]").count() == 1
    for landmark in ("header", "nav", "main", "footer"):
        assert page.locator(landmark).count() == 1, landmark
    assert all(below <= above + 1 for above, below in itertools.pairwise(levels))
    assert page.locator("table:not(:has(caption))").count() == 0
    assert page.locator("th:not([scope])").count() == 0
    assert page.locator("img:not([alt]), svg:not([role='img']):not([aria-hidden])").count() == 0
    assert (reports / name / "report.html").stat().st_size <= 2 * 2**20


@pytest.mark.parametrize("name", CLOSELY)
def test_what_is_synthetic_stands_on_the_first_screen(visit, reports, name):
    """Nobody has to scroll to learn that a cohort is not made of patients."""
    page = visit(reports / name / "report.html", viewport={"width": 1280, "height": 900}).page
    badge = page.locator(".badges .invented").first

    assert badge.bounding_box()["y"] < 600
