"""What a report's page says first and last: the answer, its numbers' places, methods, words."""

from __future__ import annotations

import json
import re
from dataclasses import replace

from incohort.dictionary.reporting import abbreviations, methods
from incohort.reports.abbreviations import LIST_HERE, spelt_out
from incohort.reports.answer import answer_of
from incohort.reports.changes import changes_between
from incohort.reports.fragment import findings_html
from incohort.reports.methods import methods_of
from incohort.reports.numbering import is_empty, numbered
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Estimand,
    Estimate,
    Findings,
    Layout,
    Measure,
    NotEstimable,
    Row,
    Sentence,
    Table,
)
from incohort.tables.marks import Marks

SHARE = Estimate(
    key="a/sex/proportion", label="Women", measure=Measure.PROPORTION, value=0.5, n=20, events=10,
    ci_low=0.3, ci_high=0.7, conf_level=0.95, method="Wilson score interval",
    estimand=Estimand(population="patients", event="female", measure="proportion"),
)  # fmt: skip
GONE = NotEstimable(
    key="a/age/median", label="Age", reason="nobody's age is recorded", sources=("patients.age",)
)


def table(key: str, *keys: str) -> Table:
    """A table of one column."""
    rows = tuple(Row(k, (Cell(CellKind.ESTIMATE, (k,)),)) for k in keys)
    return Table(key=key, caption=f"About {key}", stub_head="", columns=(Column("x"),), rows=rows)


def section(name: str, *results, tables=(), sentences=()) -> Findings:
    """Findings of one cell."""
    layout = Layout(tables=tuple(tables), sentences=tuple(map(Sentence, sentences)))
    return Findings(name=name, title=name, results=results, layout=layout, is_public=True)


ANSWER = section(
    "a/answer",
    replace(SHARE, key="a/answer/sex", again_of=SHARE.key),
    sentences=["Women were {a/answer/sex:percent_ci}."],
)
PARTS = [
    ANSWER,
    section("a/one", SHARE, tables=[table("a/one/table", SHARE.key)]),
    section("a/none", GONE, tables=[table("a/none/table", GONE.key)]),
    section(
        "a/two", replace(SHARE, key="a/b"), replace(GONE, key="a/c"),
        tables=[table("a/empty/table", "a/c"), table("a/two/table", "a/b")],
    ),
]  # fmt: skip


def test_what_has_nothing_to_show_bears_no_number():
    """The second table that a reader sees is Table 2, whatever is left out between."""
    assert numbered(PARTS) == {"a/one/table": "Table 1", "a/two/table": "Table 2"}
    assert is_empty(PARTS[2].layout.tables[0], PARTS[2])


def test_a_section_of_which_nothing_can_be_told_is_one_line():
    """Why, and the column that it rests on; what leads to its table leads to the line."""
    html = findings_html(PARTS[2])
    assert html.count("<p") == 1
    assert "Nobody&#x27;s age is recorded. It needs patients.age." in html
    assert 'id="a/none/table"' in html
    assert "<table" not in html


def test_a_key_result_says_what_it_rests_on_and_leads_to_its_table():
    """n, the estimand in words, and the label of the table that has the number in full."""
    marks = Marks(labels=numbered(PARTS))
    (result,) = answer_of(PARTS, marks).results
    (basis,) = result.bases
    assert (basis.n, basis.label, basis.place) == ("20", "Table 1", SHARE.key)
    assert basis.estimand == "Of: patients; event: female; measure: proportion"
    assert 'href="#a/sex/proportion"' in result.html


def test_each_number_of_a_page_has_one_place_and_is_a_link_to_it():
    """A key that is shown twice stands at its first place; a cell alone has none."""
    marks = Marks(labels=numbered(PARTS))
    page = findings_html(PARTS[1], marks=marks) + findings_html(PARTS[1], marks=marks)
    assert page.count('id="a/sex/proportion"') == 1
    assert page.count('<a class="own" href="#a/sex/proportion">') == 2
    assert "<b>Table 1.</b> About a/one/table" in page
    alone = findings_html(PARTS[1])
    assert "<a " not in alone
    assert 'tabindex="0"' in alone


def test_methods_are_said_once_with_their_tables_and_papers():
    """A method that the dictionary doesn't know is told in its own words: none is left out."""
    odd = replace(SHARE, key="a/d", method="by a pendulum")
    told = methods_of([*PARTS, section("a/odd", odd)], numbered(PARTS))
    wilson, other = told.methods
    assert wilson.places == (("a/one/table", "Table 1"), ("a/two/table", "Table 2"))
    assert told.references == ("Wilson 1927, J Am Stat Assoc 22:209",)
    assert other.says == "Also used: by a pendulum."
    assert "[1]" in told.paragraph


def test_of_several_methods_that_fit_the_longest_counts():
    """An interval by bootstrap is not that of Greenwood."""
    plain = methods().of("Kaplan–Meier quantile, limits from the log-log interval")
    drawn = methods().of("Kaplan–Meier quantile, percentile bootstrap, 1000 resamples")
    assert "Greenwood" in plain.says
    assert "bootstrap" in drawn.says
    assert methods().of("by a pendulum") is None


def test_an_abbreviation_is_spelt_out_where_it_is_first_read():
    """Neither in code nor as a part of another word; all that are used stand in the list."""
    page = f"<main><code>ANC</code><p>ANCA and ANC, ANC &amp; G-CSF.</p>{LIST_HERE}</main>"
    html = spelt_out(page)
    assert html.startswith("<main><code>ANC</code>")
    assert re.findall(r'<abbr title="[^"]+">([^<]+)</abbr>', html) == ["ANCA", "ANC", "G-CSF"]
    assert re.findall(r"<dt>([^<]+)</dt>", html) == ["ANC", "ANCA", "G-CSF"]
    assert abbreviations()["ANC"] in html


def test_what_changed_since_the_last_run_is_named(tmp_path):
    """By the keys; a report that is the same again says nothing."""

    def written(name: str, *values: float) -> None:
        (tmp_path / name).mkdir()
        results = [{"kind": "estimate", "key": f"k{n}", "value": v} for n, v in enumerate(values)]
        (tmp_path / name / "results.json").write_text(json.dumps({"results": results}))

    written("old", 1.0, 2.0, 3.0)
    written("new", 1.0, 2.5)
    assert changes_between(tmp_path / "old", tmp_path / "old") is None
    assert changes_between(tmp_path / "nowhere", tmp_path / "new") is None
    told = str(changes_between(tmp_path / "old", tmp_path / "new"))
    assert told == "1 number differs from the last run: k1; 1 no longer there"
