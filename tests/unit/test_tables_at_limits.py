"""Numbers, cells and notes where the way of setting them changes."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from incohort.results import (
    Cell,
    CellKind,
    Column,
    Estimate,
    Findings,
    Measure,
    NotEstimable,
    Origin,
    Row,
    Sentence,
    Table,
)
from incohort.tables import numbers as n
from incohort.tables import sentence_html, sentence_text, table_html

SPACE, THIN = "\u00a0", "\u202f"


def plain(measure: Measure, value: float, key: str = "a/x", **more) -> Estimate:
    return Estimate(key=key, label="x", measure=measure, value=value, **more)


def cell_of(estimate, kind: CellKind = CellKind.ESTIMATE, *others) -> str:
    """A table of one cell."""
    results = (estimate, *others)
    cell = Cell(kind, tuple(result.key for result in results))
    table = Table(
        key="a/t", caption="T", stub_head="S", columns=(Column("c"),), rows=(Row("R", (cell,)),)
    )
    return table_html(table, Findings(name="a", title="A", results=results))


@pytest.mark.parametrize(
    ("persons", "shown"), [(1, "50 %"), (9, "50 %"), (10, "50.0 %"), (None, "50.0 %")]
)
def test_a_share_of_fewer_than_ten_has_no_decimals(persons, shown):
    """Of nine each is eleven points, of ten each is ten."""
    share = plain(Measure.PROPORTION, 0.5, n=persons)
    assert n.format_estimate(share).replace(SPACE, " ") == shown


@pytest.mark.parametrize(
    ("told", "value", "printed"),
    [
        (n.p_value, 0.9994, "0.999"),
        (n.p_value, 0.99949, "0.999"),
        (n.p_value, 0.9995, ">0.999"),
        (n.p_value, 0.001, "0.001"),
        (n.p_value, 0.0009999, "<0.001"),
        (n.small_p_value, 0.0009, "0.0009"),
        (n.small_p_value, 0.0001, "0.0001"),
        (n.small_p_value, 0.00001, "0.00001"),
        (n.small_p_value, 0.0, "<0.001"),
        (n.count, 9_999.4, "9999"),
        (n.count, -9_999.5, f"−10{THIN}000"),
        (n.days, 8.0, "8"),
        (n.days, 8.25, "8.3"),
        (n.days, 10_000.0, f"10{THIN}000"),
        (n.place, 14.0, "14"),
        (n.place, 0.25, "0.25"),
        (n.place, 12.5, "12.5"),
        (n.measured, 9.994999, "9.99"),
        (n.measured, 9.995, "10.0"),
        (n.measured, 99.94, "99.9"),
        (n.measured, 99.95, "100"),
        (n.measured, -99.95, "−100"),
        (n.measured, -9.994, "−9.99"),
        (n.measured, 999_999.4999, "999999"),
        (n.measured, -999_999.5, f"−1.00{THIN}×{THIN}10⁶"),
        (n.measured, 1_234_567.0, f"1.23{THIN}×{THIN}10⁶"),
    ],
)
def test_a_number_on_the_border_is_set_as_the_next_one(told, value, printed):
    """The first number that is set in another way, and the last that is not."""
    assert told(value) == printed


@pytest.mark.parametrize(
    ("measure", "value", "unit", "printed"),
    [
        (Measure.COUNT, 12_345.0, "", f"12{THIN}345"),
        (Measure.CORRELATION, -0.0405, "", "−0.041"),
        (Measure.COEFFICIENT, 1.23456, "", "1.235"),
        (Measure.SMD, 0.125, "", "0.13"),
        (Measure.ODDS_RATIO, 12.345, "", "12.3"),
        (Measure.RISK_RATIO, 1.005, "", "1.01"),
        (Measure.HAZARD_RATIO, 123.4, "", "123"),
        (Measure.TIME_RATIO, 0.5, "", "0.50"),
        (Measure.STATISTIC, 3.841, "", "3.84"),
        (Measure.STATISTIC, 4.0, "", "4"),
        (Measure.STATISTIC, 0.0, "", "0"),
        (Measure.STATISTIC, 0.005, "", "0.01"),
        (Measure.STATISTIC, 0.00499, "", f"4.99{THIN}×{THIN}10⁻³"),
        (Measure.STATISTIC, -0.00499, "", f"−4.99{THIN}×{THIN}10⁻³"),
        (Measure.DIFFERENCE, 0.0526, "proportion", "5.3"),
        (Measure.DIFFERENCE, 0.0526, "d", "0.05"),
        (Measure.MEDIAN, 8.0, "d", "8"),
        (Measure.QUANTILE, 8.5, "d", "8.5"),
        (Measure.MEAN, 8.0, "d", "8.0"),
        (Measure.SD, 12.345, "d", "12.3"),
        (Measure.MEAN, 8.0, "10*9/L", "8.00"),
        (Measure.SD, 12.345, "10*9/L", "12.3"),
        (Measure.MEDIAN, 8.0, "10*9/L", "8.00"),
        (Measure.QUANTILE, 123.4, "10*9/L", "123"),
        (Measure.P_VALUE, 0.04949, "", "0.049"),
    ],
)
def test_each_measure_is_set_in_its_way(measure, value, unit, printed):
    """Decimals are those that the field prints: three of a correlation, one of a mean of days."""
    assert n.format_estimate(plain(measure, value, unit=unit)) == printed


@pytest.mark.parametrize(
    ("measure", "value", "digits", "unit", "printed"),
    [
        (Measure.PROPORTION, 0.43, 2, "", "43 %"),
        (Measure.PROPORTION, 0.436, 3, "", "43.6 %"),
        (Measure.PROPORTION, 0.4, 1, "", "40 %"),
        (Measure.PROPORTION, 0.04, 1, "", "4 %"),
        (Measure.PROPORTION, 0.04, 2, "", "4.0 %"),
        (Measure.DIFFERENCE, 0.12, 2, "proportion", "12"),
        (Measure.DIFFERENCE, 0.012, 2, "proportion", "1.2"),
        (Measure.DIFFERENCE, 12.0, 2, "d", "12"),
        (Measure.DIFFERENCE, 1.2, 2, "d", "1.2"),
        (Measure.HAZARD_RATIO, 1.0, 2, "", "1.0"),
        (Measure.HAZARD_RATIO, 1.0, 1, "", "1"),
        (Measure.HAZARD_RATIO, 0.4, 1, "", "0.4"),
        (Measure.HAZARD_RATIO, 0.0, 1, "", "0.00"),
        (Measure.HAZARD_RATIO, 4.567, 4, "", "4.57"),
        (Measure.HAZARD_RATIO, 123.0, 2, "", "123"),
        (Measure.STATISTIC, 0.0028, 2, "", f"2.80{THIN}×{THIN}10⁻³"),
        (Measure.P_VALUE, 0.0001, 1, "", "<0.001"),
        (Measure.P_VALUE, 0.9999, 2, "", ">0.999"),
        (Measure.P_VALUE, 0.04, 1, "", "0.04"),
        (Measure.MEAN, float("inf"), 2, "d", "∞"),
    ],
)
def test_no_digit_is_printed_that_the_gate_took_away(measure, value, digits, unit, printed):
    """4.7 of two digits is no 4.70; a zero that counts stays: 1.0 of two digits."""
    cut = plain(measure, value, digits=digits, unit=unit)
    assert n.format_estimate(cut).replace(SPACE, " ") == printed


def test_limits_without_one_end_are_none_and_percentages_say_their_sign_once():
    """One limit alone is no interval."""
    for low, high in ((0.1, None), (None, 0.5), (None, None)):
        assert n.interval(plain(Measure.PROPORTION, 0.3, ci_low=low, ci_high=high)) == ""
    share = plain(Measure.PROPORTION, 0.3, ci_low=0.1, ci_high=0.5, n=20)
    assert n.interval(share) == "10.0 to 50.0"
    assert n.interval(plain(Measure.MEAN, 3.0, ci_low=1.0, ci_high=5.0)) == "1.00 to 5.00"


@pytest.mark.parametrize(
    ("estimate", "kind", "shown"),
    [
        (
            plain(Measure.DIFFERENCE, -0.239, unit="proportion", ci_low=-0.465, ci_high=0.031),
            CellKind.ESTIMATE_CI,
            "−23.9 percentage points (−46.5 to 3.1)",
        ),
        (plain(Measure.DIFFERENCE, 1.5, unit="d"), CellKind.ESTIMATE_CI, "1.50"),
        (plain(Measure.RISK_RATIO, 1.5, unit="proportion"), CellKind.ESTIMATE, "1.50"),
        (
            plain(Measure.PROPORTION, 0.5, n=20, events=10),
            CellKind.FRACTION_PERCENT_CI,
            "10/20, 50.0 %",
        ),
        (plain(Measure.PROPORTION, 0.5), CellKind.N_PERCENT, "– (50.0 %)"),
    ],
)
def test_a_cell_says_what_its_number_is_of(estimate, kind, shown):
    """A difference of shares is in percentage points; one of days is not."""
    html = cell_of(estimate, kind)
    assert re.search(r"<td[^>]*>([^<]*)</td>", html)[1].replace(SPACE, " ") == shown


def test_a_cell_of_several_numbers_needs_its_own_kind():
    """A mean without its SD, asked for as one number, is a mistake of ours and says so."""
    with pytest.raises(IndexError):
        cell_of(plain(Measure.MEAN, 1.0), CellKind.MEAN_SD)


def test_why_there_is_no_interval_stands_under_the_table():
    """Beside a number, as beside a missing one; once for each reason."""
    bare = plain(Measure.MEAN, 3.0, no_interval="of one patient there is none")
    html = cell_of(bare, CellKind.ESTIMATE_CI)

    assert '>3.00<sup class="note">a</sup></td>' in html
    assert "<sup>a</sup> Of one patient there is none.</div></td>" in html
    assert "<tfoot>" in html
    assert "<tfoot>" not in cell_of(replace(bare, no_interval=""))


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("nobody was tested", "Nobody was tested."),
        ("why not?", "Why not?"),
        ("so!", "So!"),
        ("a.", "A."),
    ],
)
def test_a_reason_is_told_as_a_sentence(reason, told):
    """It begins with a capital and ends once."""
    html = cell_of(NotEstimable(key="a/x", label="x", reason=reason))
    mark = '–<sup class="note">a</sup></td></tr>'
    assert f'R</th><td class="number" data-key="a/x" data-state="not-estimable">{mark}' in html
    assert f"<sup>a</sup> {told}</div></td>" in html


def test_letters_of_notes_go_round_after_the_alphabet():
    """25 letters without s; the 26th reason is aa, the 51st aaa."""
    results = [NotEstimable(key=f"a/{i}", label="x", reason=f"reason {i}") for i in range(51)]
    rows = tuple(Row(f"{i}", (Cell(CellKind.ESTIMATE, (r.key,)),)) for i, r in enumerate(results))
    table = Table(key="a/t", caption="T", stub_head="S", columns=(Column("c"),), rows=rows)
    html = table_html(table, Findings(name="a", title="A", results=tuple(results)))
    marks = re.findall(r'<sup class="note">(\w+)</sup>', html)

    assert "".join(marks[:25]) == "abcdefghijklmnopqrtuvwxyz"
    assert marks[25:28] == ["aa", "bb", "cc"]
    assert marks[50] == "aaa"


def test_a_synthetic_number_is_marked_in_a_cell_and_in_a_sentence():
    """A small s after it, which says on hover what it is, and a note under the table."""
    drawn = plain(Measure.MEAN, 1.0, origin=Origin.SYNTHETIC)
    spread = plain(Measure.SD, 2.0, "a/sd")
    mark = '<sup class="synthetic" title="rests on synthetic values">s</sup>'
    one, two = cell_of(drawn), cell_of(drawn, CellKind.MEAN_SD, spread)

    assert f">1.00{mark}</td>" in one
    assert f">2.00</span>){mark}</td>" in two
    for html in (one, two):
        assert html.count(mark) == 1
        assert "s: rests on synthetic values." in html
    assert mark not in cell_of(replace(drawn, origin=Origin.RECONSTRUCTED))
    told = sentence_html(
        Sentence("It is {a/x:estimate}."), Findings(name="a", title="A", results=(drawn,))
    )
    assert told == f'It is <span data-key="a/x" data-value="1.0">1.00</span>{mark}.'


def test_a_table_without_spanners_has_one_row_of_heads():
    """The stub's head spans two rows only where columns stand under a common one."""
    columns = (Column("one"), Column("two"))
    heads = []
    for chosen in (columns, (columns[0], Column("two", "Both"))):
        cells = (Cell(CellKind.TEXT, text="w"), Cell(CellKind.TEXT, text="v"))
        table = Table(
            key="a/t", caption="T", stub_head="Stub", columns=chosen, rows=(Row("R", cells),)
        )
        html = table_html(table, Findings(name="a", title="A", results=()))
        heads.append(html.partition("<thead>")[2].partition("</thead>")[0])
        assert '<table class="report-table" id="a/t" data-table="a/t">' in html
    flat, spanned = heads

    assert flat.strip() == (
        '<tr><th scope="col">Stub</th><th scope="col" class="text">one</th>'
        '<th scope="col" class="text">two</th></tr>'
    )
    assert spanned.strip() == (
        '<tr><th scope="col" rowspan="2">Stub</th><th scope="col" rowspan="2" class="text">one</th>'
        '<th scope="colgroup" colspan="1" class="spanner">Both</th></tr>\n'
        '<tr><th scope="col" class="text">two</th></tr>'
    )


def test_a_column_with_one_number_is_no_column_of_words():
    """Its words then stand where numbers do; a link leads to the table that its word names."""
    number = plain(Measure.COUNT, 3.0)
    rows = (
        Row("one", (Cell(CellKind.TEXT, text="see", target="a/other"),)),
        Row("two", (Cell(CellKind.COUNT, ("a/x",)),)),
        Row("three", (Cell(CellKind.TEXT),)),
    )
    table = Table(
        key="a/t", caption="T", stub_head="S", columns=(Column("c"), Column("d")), rows=rows
    )
    html = table_html(table, Findings(name="a", title="A", results=(number,)))

    link = '<td class="text among"><a href="#a/other">see</a></td>'
    assert f'<th scope="row">one</th>{link}<td></td></tr>' in html
    cell = '<td class="number" data-key="a/x" data-value="3.0">3</td>'
    assert f'<th scope="row">two</th>{cell}<td></td></tr>' in html
    assert '<th scope="row">three</th><td></td><td></td></tr>' in html
    assert '<th scope="col">c</th>' in html


def test_a_share_among_words_shows_its_events_and_a_count_itself():
    """A cell of a count takes the events of a share, and a count's own value."""
    assert sentence_text(
        "{a/x:count} of {a/n:count}",
        Findings(
            name="a", title="A",
            results=(
                plain(Measure.PROPORTION, 0.5, events=10, n=20),
                plain(Measure.COUNT, 20.0, "a/n", events=3),
            ),
        ),
    ) == "10 of 20"  # fmt: skip


def test_every_part_of_a_table_is_opened_and_closed():
    """All kinds of rows, heads, cells and notes at once, read by a parser that forgives nothing."""
    results = (
        plain(Measure.PROPORTION, 0.5, "a/share", events=5, n=10, ci_low=0.2, ci_high=0.8),
        plain(Measure.MEAN, 1.0, "a/mean", origin=Origin.SYNTHETIC, no_interval="of one"),
        plain(Measure.SD, 2.0, "a/sd"),
        NotEstimable(key="a/none", label="x", reason="nobody <b>was</b> tested"),
    )
    rows = (
        Row("Group & all", (), is_heading=True),
        Row("one", (Cell(CellKind.FRACTION_PERCENT_CI, ("a/share",)),), level=1),
        Row("two", (Cell(CellKind.MEAN_SD, ("a/mean", "a/sd")), Cell(CellKind.TEXT, text="w"))),
        Row("three", (Cell(CellKind.ESTIMATE, ("a/none",)), Cell(CellKind.ESTIMATE, ("a/mean",)))),
        Row("four", (Cell(CellKind.TEXT, text="see", target="a/t2"), Cell(CellKind.TEXT))),
    )
    table = Table(
        key="a/t", caption="C", stub_head="S", rows=rows, notes=("A note.",),
        columns=(Column("one"), Column("two", "Both")),
    )  # fmt: skip
    html = table_html(table, Findings(name="a", title="A", results=results))
    root = ET.fromstring(html)  # noqa: S314 — our own table
    body, foot = root.find("tbody"), root.find("tfoot")

    assert [part.tag for part in root] == ["caption", "thead", "tbody", "tfoot"]
    assert [[cell.tag for cell in row] for row in root.find("thead")] == [["th"] * 3, ["th"]]
    assert [[cell.tag for cell in row] for row in body] == [["th"], *[["th", "td", "td"]] * 4]
    assert (body[0].attrib, body[0][0].attrib) == (
        {"class": "heading"}, {"scope": "rowgroup", "colspan": "3"},
    )  # fmt: skip
    assert [row[0].attrib.get("data-level") for row in body] == [None, "1", None, None, None]
    assert ["".join(row[0].itertext()) for row in foot] == [
        "A note.", "a Of one.", "b Nobody <b>was</b> tested.", "s: rests on synthetic values.",
    ]  # fmt: skip
    assert {row[0].attrib["colspan"] for row in foot} == {"3"}
