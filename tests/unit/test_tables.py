"""Cells, sentences and tables: what is printed, and what stands behind it in the page."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from incohort.analyses.cohort_overview.study import CohortOverview
from incohort.analyses.thyroid_antibodies.study import ThyroidAntibodies
from incohort.cohort import open_cohort
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Estimate,
    Findings,
    Measure,
    NotEstimable,
    Origin,
    PatientPoints,
    Row,
    Sentence,
    Suppressed,
    Table,
    clauses,
    said,
)
from incohort.tables import numbers as n
from incohort.tables import sentence_html, sentence_text, table_html
from incohort.tables.cells import fill

HOSTILE = '<img src=x onerror="alert(1)">&\''
SHARE = Estimate(
    key="a/share",
    label="Share",
    measure=Measure.PROPORTION,
    value=95 / 218,
    n=218,
    events=95,
    ci_low=0.37165,
    ci_high=0.50205,
    conf_level=0.95,
)
RATIO = Estimate(
    key="a/or",
    label="Ratio",
    measure=Measure.ODDS_RATIO,
    value=4.6667,
    ci_low=0.98,
    ci_high=float("inf"),
    conf_level=0.95,
)
MISSING = NotEstimable(key="a/none", label="None", reason="nobody was tested")
GONE = Suppressed(key="a/gone", label="Gone", reason="it is small")


def plain(measure: Measure, value: float, key: str = "a/x", **more) -> Estimate:
    return Estimate(key=key, label="x", measure=measure, value=value, **more)


def found(*results) -> Findings:
    return Findings(name="a", title="A", results=results)


def table(*cells: Cell, columns: tuple[Column, ...] = (), **more) -> Table:
    settings = {"key": "a/table", "caption": "Caption", "stub_head": "Stub"} | more
    heads = columns or tuple(Column(f"c{i}") for i in range(len(cells)))
    return Table(columns=heads, rows=(Row("Row", cells),), **settings)


def words(html: str) -> str:
    """What a reader sees of a piece of HTML."""
    return re.sub(r"<[^>]+>", "", html)


@pytest.mark.parametrize(
    ("value", "decimals", "printed"),
    [
        (0.125, 2, "0.13"),  # half up, where the even neighbour is 0.12
        (2.675, 2, "2.68"),  # as a binary number it is 2.67499999…
        (-0.125, 2, "−0.13"),
        (0.0005, 3, "0.001"),
        (1e-12, 3, "0.000"),
        (-1e-12, 3, "0.000"),
        (-0.0, 1, "0.0"),
        (0.99951, 3, "1.000"),
        (1e300, 0, "1" + "0" * 300),
        (float("inf"), 2, "∞"),
        (float("-inf"), 2, "−∞"),
        (np.float64(0.125), 2, "0.13"),
    ],
)
def test_halves_go_up_on_the_decimal_that_was_meant(value, decimals, printed):
    """The shortest decimal that is the number is rounded, never its binary neighbour."""
    assert n.rounded(value, decimals) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [(0.2885, "28.9"), (0.575, "57.5"), (0.0005, "0.1"), (0.0, "0.0"), (1.0, "100.0")],
)
def test_a_percentage_is_a_hundred_times_the_decimal(value, printed):
    """100 × 0.2885 is 28.849999999999998 in floating point, but 28.85 in a journal."""
    assert n.percent(value) == f"{printed}\u00a0%"


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.0004999, "<0.001"),
        (0.00099, "<0.001"),
        (0.001, "0.001"),
        (0.0495, "0.050"),
        (0.9994, "0.999"),
        (0.99951, ">0.999"),
        (0.0, "<0.001"),
        (1.0, ">0.999"),
    ],
)
def test_no_p_value_is_printed_as_zero_or_one(value, printed):
    """What lies beyond three decimals is said to be smaller or larger."""
    assert n.p_value(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0, "0"),
        (9999, "9999"),
        (9999.5, "10\u202f000"),
        (10_000.6, "10\u202f001"),
        (-12_345, "−12\u202f345"),
        (1_234_567, "1\u202f234\u202f567"),
        (float("inf"), "∞"),
    ],
)
def test_thousands_are_set_apart_from_ten_thousand_on(value, printed):
    """With a thin space that does not break, after rounding."""
    assert n.count(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (9.994, "9.99"),
        (9.995, "10.0"),
        (99.94, "99.9"),
        (99.95, "100"),
        (999_999.4, "999999"),
        (999_999.5, "1.00\u202f×\u202f10⁶"),
        (-9_995_000, "−1.00\u202f×\u202f10⁷"),
        (9_994_999, "9.99\u202f×\u202f10⁶"),
        (1e300, "1.00\u202f×\u202f10³⁰⁰"),
        (float("-inf"), "−∞"),
    ],
)
def test_ratios_keep_three_digits_across_powers_of_ten(value, printed):
    """A number that rounds up to the next power of ten is set as that one is."""
    assert n.ratio(value) == printed
    assert n.measured(value) == printed


def test_ranges_say_to_and_leave_the_sign_to_the_estimate():
    """A dash between numbers could be read as a minus; an open end is infinite."""
    assert n.interval(SHARE) == "37.2 to 50.2"
    assert n.interval(RATIO) == "0.98 to ∞"
    assert n.interval(plain(Measure.MEAN, 1.0)) == ""
    low = plain(Measure.DIFFERENCE, -0.05, unit="proportion", ci_low=-0.11, ci_high=0.012)
    assert n.interval(low) == "−11.0 to 1.2"


@pytest.mark.parametrize(
    ("kind", "keys", "printed"),
    [
        (CellKind.COUNT, ("a/n",), "218"),
        (CellKind.COUNT, ("a/share",), "95"),
        (CellKind.N_PERCENT, ("a/share",), "95 (43.6 %)"),
        (CellKind.FRACTION_PERCENT, ("a/share",), "95/218 (43.6 %)"),
        (CellKind.PERCENT_CI, ("a/share",), "43.6 % (37.2 to 50.2)"),
        (CellKind.FRACTION_PERCENT_CI, ("a/share",), "95/218, 43.6 % (37.2 to 50.2)"),
        (CellKind.ESTIMATE, ("a/or",), "4.67"),
        (CellKind.ESTIMATE_CI, ("a/or",), "4.67 (0.98 to ∞)"),
        (CellKind.ESTIMATE_CI, ("a/mean",), "52.1"),
        (CellKind.MEAN_SD, ("a/mean", "a/sd"), "52.1 (12.3)"),
        (CellKind.MEDIAN_IQR, ("a/mean", "a/low", "a/high"), "52.1 (0.90 to 1.50)"),
        (CellKind.P_VALUE, ("a/p",), "0.052"),
    ],
)
def test_each_kind_of_cell_is_set_in_its_way(kind, keys, printed):
    """In a table and in a sentence the same number reads the same."""
    findings = found(
        SHARE,
        RATIO,
        plain(Measure.COUNT, 218.0, "a/n"),
        plain(Measure.MEAN, 52.1, "a/mean"),
        plain(Measure.SD, 12.3, "a/sd"),
        plain(Measure.QUANTILE, 0.9, "a/low"),
        plain(Measure.QUANTILE, 1.5, "a/high"),
        plain(Measure.P_VALUE, 0.0524, "a/p"),
    )
    place = "{" + "|".join(keys) + f":{kind}" + "}"
    cell = re.search(r"<td.*</td>", table_html(table(Cell(kind, keys)), findings))

    assert words(cell[0]).replace("\u00a0", " ") == printed
    assert sentence_text(f"It is {place}.", findings).replace("\u00a0", " ") == f"It is {printed}."
    assert all(f'data-key="{key}"' in cell[0] for key in keys)


def test_a_number_stands_behind_its_cell_at_full_precision():
    """Value, counts and limits can be read again from the page without loss."""
    share = replace(SHARE, value=np.float64(95 / 218), n=np.int64(218))
    html = table_html(table(Cell(CellKind.PERCENT_CI, ("a/share",))), found(share))

    assert float(re.search(r'data-value="([^"]+)"', html)[1]) == 95 / 218
    for name, value in (("n", "218"), ("events", "95"), ("ci-low", "0.37165")):
        assert f' data-{name}="{value}"' in html
    assert ' data-conf-level="0.95"' in html


def test_what_is_missing_says_why_under_the_table():
    """One letter per reason, shared by all cells with it; how it is missing stands in the cell."""
    other = replace(MISSING, key="a/other")
    cells = [Cell(CellKind.ESTIMATE, (key,)) for key in ("a/none", "a/gone", "a/other")]
    html = table_html(table(*cells), found(MISSING, GONE, other))

    assert re.findall(
        r'data-key="a/(\w+)" data-state="([\w-]+)">–<sup class="note">(\w)<', html
    ) == [
        ("none", "not-estimable", "a"),
        ("gone", "suppressed", "b"),
        ("other", "not-estimable", "a"),
    ]
    assert words(html).count("Nobody was tested.") == 1
    assert "data-value" not in html


def test_more_reasons_than_letters_still_have_marks_of_their_own():
    """After z come aa, bb …; s is kept for what is synthetic."""
    results = [
        NotEstimable(key=f"a/{i}", label="x", reason=f"reason number {i}") for i in range(60)
    ]
    cells = [Cell(CellKind.ESTIMATE, (result.key,)) for result in results]
    html = table_html(table(*cells), found(*results))
    marks = re.findall(r'<sup class="note">(\w+)</sup>', html)

    assert len(set(marks)) == 60
    assert marks[24:26] == ["z", "aa"]
    assert "s" not in marks
    for mark, result in zip(marks, results, strict=True):
        assert f"<sup>{mark}</sup> R{result.reason[1:]}." in html


def test_synthetic_numbers_are_marked_once_each_and_explained_once():
    """Also where one cell holds three of them."""
    made = [plain(Measure.MEDIAN, 1.0, f"a/{i}", origin=Origin.SYNTHETIC) for i in range(3)]
    cells = (
        Cell(CellKind.MEDIAN_IQR, ("a/0", "a/1", "a/2")),
        Cell(CellKind.ESTIMATE, ("a/0",)),
        Cell(CellKind.PERCENT_CI, ("a/share",)),
    )
    html = table_html(table(*cells), found(*made, SHARE))

    assert html.count('<sup class="synthetic"') == 2
    assert html.count("s: rests on synthetic values.") == 1


def test_a_table_has_a_caption_and_every_head_a_scope():
    """A screen reader says which row and column a cell is in; rows are as wide as the head."""
    wide = Table(
        key="a/t",
        caption="Caption",
        stub_head="Stub",
        columns=(Column("one"), Column("from", "Print"), Column("to", "Print")),
        rows=(Row("Group", (), is_heading=True), Row("Row", (Cell(CellKind.TEXT, text="w"),), 1)),
        notes=("A note.",),
    )
    html = table_html(wide, found())

    assert html.index(">Caption</span></caption>") < html.index("<thead>")
    assert re.findall(r"<th (?!scope)", html) == []
    assert 'scope="colgroup" colspan="2" class="spanner">Print<' in html
    assert html.count('rowspan="2"') == 2
    assert '<th scope="rowgroup" colspan="4">Group' in html
    assert (
        '<th scope="row" data-level="1">Row</th><td class="text">w</td><td></td><td></td>' in html
    )
    assert '<tfoot><tr><td colspan="4"><div class="stays">A note.</div></td></tr></tfoot>' in html


def test_hostile_text_is_shown_and_never_run():
    """Labels come from a cohort's own data: centres, categories, reasons."""
    reason = NotEstimable(key="a/none", label=HOSTILE, reason=HOSTILE)
    linked = Cell(CellKind.TEXT, text=HOSTILE, target=HOSTILE)
    bad = Table(
        key=HOSTILE,
        caption=HOSTILE,
        stub_head=HOSTILE,
        columns=(Column(HOSTILE, HOSTILE), Column(HOSTILE)),
        rows=(
            Row(HOSTILE, (linked, Cell(CellKind.COUNT, ("a/none",)))),
            Row(HOSTILE, (), is_heading=True),
        ),
        notes=(HOSTILE,),
    )
    html = table_html(bad, found(reason))
    html += sentence_html(Sentence(HOSTILE), found(reason))

    assert "<img" not in html
    assert html.count("&lt;img") == 14  # each place once
    assert 'data-table="&lt;img src=x onerror=&quot;' in html


def test_a_key_without_a_result_is_a_mistake_of_ours():
    """It raises instead of leaving an empty cell; so do marks per patient in a number's place."""
    with pytest.raises(KeyError, match="a/nowhere"):
        table_html(table(Cell(CellKind.COUNT, ("a/nowhere",))), found(SHARE))
    with pytest.raises(KeyError, match="a/nowhere"):
        sentence_text("{a/nowhere:count}", found(SHARE))
    points = PatientPoints(key="a/p", label="p", x=(), y=(), group=(), x_label="", y_label="")
    with pytest.raises(TypeError, match="drawn, not printed"):
        sentence_text("{a/p:count}", found(points))


@pytest.mark.parametrize("missing", ["a/none", "a/gone"])
def test_a_sentence_whose_number_is_missing_is_not_there(missing):
    """Not estimable or withheld, named or only needed: nobody reads half a sentence."""
    findings = found(MISSING, GONE, SHARE)
    whole = "Three {a/share:n_percent}"

    for sentence in (
        Sentence(f"{whole}, none {{{missing}:count}}."),
        Sentence(f"{whole}.", needs=(missing,)),
        Sentence(f"Only {clauses(f'none {{{missing}:count}}')}."),
        Sentence(f"{whole}.", holds=False),
    ):
        assert sentence_html(sentence, findings) == ""
        assert said(sentence, findings.by_key) is None
    assert sentence_text(f"{whole}, none {{{missing}:count}}.", findings) == ""


def test_a_clause_whose_number_is_missing_is_left_out():
    """Of a list the parts are told that are known, in order, with semicolons between them."""
    parts = (f"{n} {{{key}:n_percent}}" for n, key in (("one", "a/share"), ("two", "a/gone")))
    template = f"So: {clauses(*parts, 'three {a/share:fraction_percent}')}."

    assert sentence_text(template, found(GONE, SHARE)).replace("\u00a0", " ") == (
        "So: one 95 (43.6 %); three 95/218 (43.6 %)."
    )


def test_no_interval_is_printed_without_its_level_in_the_head():
    """In every table of every analysis, a column of intervals names their confidence level."""
    cohort = open_cohort("kyritsi2015")
    overview, study = (
        CohortOverview(cohort, conf_level=0.9),
        ThyroidAntibodies(cohort, conf_level=0.9),
    )
    asked = (
        *(overview.attrition(), overview.characteristics(), overview.severity()),
        *(study.frequency(), study.selection(), study.by_subtype(), study.exact_tests()),
        *(study.assays(), study.autoantibodies(), study.correlations(), study.infections()),
        study.model(),
    )
    seen = 0
    for each in (each for findings in asked for each in findings.layout.tables):
        for row in each.rows:
            for column, cell in zip(each.columns, row.cells, strict=False):
                if cell.kind.endswith("_ci"):
                    seen += 1
                    assert "90 % CI" in column.label, (each.key, row.label)
    assert seen > 30


def test_a_head_over_words_stands_over_their_beginning():
    """Words begin at the left, numbers end at the right; a column's head does as its cells."""
    shown = Findings(name="a", title="a", results=())
    table = Table(
        key="a/table",
        caption="Words",
        stub_head="Row",
        columns=(Column("Words"), Column("Nothing")),
        rows=(Row("one", (Cell(CellKind.TEXT, text="because"), Cell(CellKind.TEXT))),),
    )

    head = table_html(table, shown).partition("</thead>")[0]
    assert '<th scope="col" class="text">Words</th><th scope="col">Nothing</th>' in head


def test_a_word_among_numbers_stands_where_they_do():
    """A plain 0 in a column of numbers ends at the right, as the numbers above it."""
    share = table(Cell(CellKind.N_PERCENT, ("a/share",)))
    rows = (*share.rows, Row("Missing", (Cell(CellKind.TEXT, text="0"),)))

    html = table_html(replace(share, columns=share.columns[:1], rows=rows), found(SHARE))
    assert '<td class="text among">0</td>' in html
    assert 'class="text"' not in html


def test_a_number_has_the_digits_that_its_patients_carry():
    """2 of 2 are 100 %, not 100.0; a median of days is 8 or 11.5, never 8.00."""

    def told(measure, value, persons, unit="", limits=(None, None)):
        low, high = limits
        estimate = Estimate(
            key="s/a", label="A", measure=measure, value=value, n=persons, unit=unit, ci_low=low,
            ci_high=high,
        )  # fmt: skip
        return n.format_estimate(estimate), n.interval(estimate)

    assert told(Measure.PROPORTION, 1.0, 2, limits=(0.342, 1.0)) == ("100\u00a0%", "34 to 100")
    assert told(Measure.PROPORTION, 95 / 218, 218) == ("43.6\u00a0%", "")
    assert told(Measure.MEDIAN, 8.0, 300, "d", (7.0, 9.5)) == ("8", "7 to 9.5")
    assert told(Measure.MEDIAN, 8.0, 300, "10*9/L")[0] == "8.00"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (CellKind.COUNT, "101"),
        (CellKind.N_PERCENT, "101 (–)"),
        (CellKind.FRACTION_PERCENT, "101/–"),
        (CellKind.PERCENT_CI, "–"),
    ],
)
def test_of_a_withheld_share_the_number_with_the_event_may_stand(kind, text):
    """Where only the denominator gives somebody away, the count stays without its share."""
    gone = replace(GONE, events=101)
    cell = fill(kind, (gone.key,), Findings(name="a", title="A", results=(gone,)))

    assert (cell.text, cell.state, cell.reason) == (text, "suppressed", "it is small")
