"""Each page in a real browser: offline, a document, and equal to a recount by hand."""

from __future__ import annotations

import importlib.util
import itertools
import json
import math
import re
from functools import cache
from pathlib import Path

import pytest

from incohort.commands.reporting import demo_requests

pytestmark = [pytest.mark.browser, pytest.mark.slow]

ROOT = Path(__file__).resolve().parents[2]
COHORTS = ROOT / "data_dictionary" / "cohorts"
# Two in which little can be said, which the demo leaves out; tests/conftest.py makes them.
THIN = ("02_thyroid_antibodies--abdulkader2014", "04_anc_recovery--jinca2021")
REPORTS = [*(f"{request.notebook}--{request.cohort}" for request in demo_requests()), *THIN]
NAMES = [f"{name}/report.html" for name in REPORTS]
PAGES = [*NAMES, "index.html", "claims.html", "judged.html"]
NEXT_TO_NOTHING = 3  # numbers on a page
NUMBER = re.compile(r"[-−]?\d+(?:[.,]\d+)?")
POWER = re.compile(r"×\s10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)(?![⁰¹²³⁴⁵⁶⁷⁸⁹]|/L)")
LOWERED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@cache
def recounted(cohort: str) -> dict[str, float]:
    """The numbers that a plain loop over the raw CSV files gives."""
    place = Path(__file__).with_name("recount.py")
    spec = importlib.util.spec_from_file_location("recount", place)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.recount(COHORTS / cohort)


@pytest.fixture(scope="module")
def shown(opened) -> list[dict]:
    """Every element that shows a number, with its key, its value and its text."""
    script = """all => all.map(e => ({key: e.dataset.key, value: e.dataset.value,
        events: e.dataset.events, cell: e.tagName === 'TD', text: e.innerText}))"""
    return opened.page.eval_on_selector_all("[data-key][data-value]", script)


@pytest.mark.parametrize("opened", PAGES, indirect=True)
def test_a_page_asks_for_nothing_and_complains_of_nothing(opened, reports):
    """One file is the whole page: no request, no script, nothing on the console."""
    assert opened.requests == [(reports / opened.name).as_uri()]
    assert opened.complaints == []
    # but what sorts the list of reports
    assert opened.page.locator("script").count() == (opened.name == "index.html")


@pytest.mark.parametrize("opened", NAMES, indirect=True)
def test_every_shown_number_is_the_recorded_one(shown, opened, reports):
    """A number on the page has the value that results.json has under its key, to the last bit."""
    record = (reports / opened.name).with_name("results.json").read_text()
    recorded = {result["key"]: result for result in json.loads(record)["results"]}

    assert shown
    for item in shown:
        assert float(item["value"]) == float(recorded[item["key"]]["value"]), item


@pytest.mark.parametrize("opened", NAMES, indirect=True)
def test_every_cell_equals_a_recount_from_the_raw_rows(shown, opened):
    """What can be counted by hand from the CSV files is what stands in the cell."""
    by_hand = recounted(Path(opened.name).parent.name.partition("--")[2])
    cells = [item for item in shown if item["cell"] and item["key"] in by_hand]

    # A cohort without a single count has nothing in notebook 04 to be counted again.
    assert cells or len(shown) <= NEXT_TO_NOTHING
    for item in cells:
        expected = by_hand[item["key"]]
        assert math.isclose(float(item["value"]), expected, rel_tol=1e-9, abs_tol=1e-12), item


@pytest.mark.parametrize("opened", NAMES, indirect=True)
def test_the_printed_digits_are_those_of_the_value(shown):
    """Among the numbers that a cell prints is its value, rounded, as it is or in percent.

    Where a share's count stands in a column of its own, it is how many had the event.
    """
    for item in shown:
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


@pytest.mark.parametrize("opened", NAMES, indirect=True)
def test_a_report_is_built_as_a_document(opened, reports):
    """One title, ordered headings, landmarks, captions, scopes, and a text for each image."""
    page = opened.page
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
    assert (reports / opened.name).stat().st_size <= 2 * 2**20
