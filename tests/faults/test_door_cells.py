"""Cells that can't be what their column is: each is told with its place, and none is taken."""

from __future__ import annotations

import pytest

from incohort.errors import CohortFaultsError
from incohort.sources import check, read

NUMBER = "the cell is a number"
COMMA = "decimals are written with a point"
SPACES = "no spaces stand around the cell's value"
FORMAT = "dates are written year-month-day, all in one format"
EXISTS = "the date exists, and its year lies between 1850 and 2259"
PLAIN = "the cell is plain text"
FILLED = "the cell is filled"
YES_NO = "the cell is true or false"

REFUSED = [
    ("labs", "value", "abc", NUMBER),
    ("labs", "value", "NaN", NUMBER),
    ("labs", "value", "inf", NUMBER),
    ("labs", "value", "-Infinity", NUMBER),
    ("labs", "value", "1e400", NUMBER),
    ("labs", "value", "-1e400", NUMBER),
    ("labs", "value", "1e-400", NUMBER),  # it would be taken for 0
    ("labs", "value", "1_000", NUMBER),  # it would be taken for 1000
    ("labs", "value", "+-1", NUMBER),  # it would be taken for -1
    ("labs", "value", "1e5_0", NUMBER),
    ("labs", "value", "0x10", NUMBER),
    ("labs", "value", "１２", NUMBER),
    ("labs", "value", "<0.1", NUMBER),
    ("labs", "value", "n.d.", NUMBER),
    ("labs", "value", "1 500", NUMBER),
    ("labs", "value", "1.500,0", NUMBER),
    ("labs", "value", "=1+1", NUMBER),
    ("labs", "value", "true", NUMBER),
    ("labs", "value", "1,5", COMMA),
    ("labs", "value", "-1,5", COMMA),
    ("labs", "value", " 1.5", SPACES),
    ("labs", "value", "1.5 ", SPACES),
    ("labs", "value", "1.5\n", SPACES),
    ("labs", "value", "\u00a01.5", SPACES),
    ("labs", "value", "   ", SPACES),
    ("labs", "taken_at", "02.03.2015", FORMAT),
    ("labs", "taken_at", "2015/03/02", FORMAT),
    ("labs", "taken_at", "2015-3-2", FORMAT),
    ("labs", "taken_at", "20150302", FORMAT),
    ("labs", "taken_at", "2015-03-02T08:30:00Z", FORMAT),
    ("labs", "taken_at", "2015-03-02T08:30:00+02:00", FORMAT),
    ("labs", "taken_at", "2015-03-02T08:30:00.1234567", FORMAT),
    ("labs", "taken_at", "42065", FORMAT),  # how a spreadsheet keeps it
    ("labs", "taken_at", "epoch", FORMAT),
    ("labs", "taken_at", "infinity", FORMAT),
    ("labs", "taken_at", "2015-03-02T24:00:00", EXISTS),  # it would be the next day
    ("labs", "taken_at", "2015-03-02T23:59:60", EXISTS),
    ("labs", "taken_at", "2015-02-29", EXISTS),
    ("labs", "taken_at", "2015-04-31T08:00", EXISTS),
    ("labs", "taken_at", "2015-03-02 ", SPACES),
    ("events", "occurred_on", "2015-03-09T08:30:00", FORMAT),  # it would be cut to its day
    ("events", "occurred_on", "2015-02-29", EXISTS),
    ("events", "occurred_on", "0000-01-01", EXISTS),
    ("events", "occurred_on", "0001-01-01", EXISTS),
    ("medications", "stopped_on", "9999-12-31", EXISTS),
    ("patients", "index_date", "03/02/2015", FORMAT),
    ("patients", "birth_date", "1800-01-01", EXISTS),
    ("patients", "age_years", "forty", NUMBER),
    ("patients", "age_years", "-1", "age_years lies between 0 and 125 a"),
    ("patients", "age_years", "125.1", "age_years lies between 0 and 125 a"),
    ("patients", "duffy_null", "2", YES_NO),
    ("patients", "duffy_null", "y", YES_NO),
    ("patients", "centre", " North", SPACES),
    ("patients", "centre", "North\u2003", SPACES),
    ("events", "grade", "2.5", "the cell is a whole number"),
    ("events", "grade", "6", "grade lies between 1 and 5"),
    ("medications", "dose", "-1", "dose is at least 0"),
    ("medications", "atc", "h03bb02", "the cell is an ATC code such as H03BB02"),
    ("medications", "atc", "H03BB0", "the cell is an ATC code such as H03BB02"),
    ("antibody_tests", "titre", "8", "the cell is a titre such as 1:8 or <1:8"),
]


APART = {  # what tells the rows of a table apart where the test is about another column
    "patients": "patient_id",
    "labs": "specimen",
    "medications": "drug",
    "antibody_tests": "sample_id",
}


def grouped(cases):
    """The cases of each column together: a folder for each case would take a minute."""
    columns = dict.fromkeys((table, column) for table, column, *_ in cases)
    return [
        pytest.param(*key, [case[2:] for case in cases if case[:2] == key], id=".".join(key))
        for key in columns
    ]


def rows_of(table, column, values):
    """One row for each value, after a first one without fault."""
    rows = [{}, *({column: value} for value in values)]
    if table == "events" and column == "occurred_on":
        return rows
    if table == "events":
        return [{**row, "occurred_on": f"2015-04-0{i + 1}"} for i, row in enumerate(rows)]
    return [{APART[table]: f"P{i}", **row} for i, row in enumerate(rows)]


@pytest.mark.parametrize(("table", "column", "cases"), grouped(REFUSED))
def test_a_cell_that_is_not_what_its_column_is_is_told_once(mine, table, column, cases):
    """One fault a cell: its row, its column, the text as it stands, the rule, a remedy."""
    mine.write(table, *rows_of(table, column, [value for value, _ in cases]))
    if table != "patients":
        mine.write("patients", {})
    faults = sorted(check(mine.path), key=lambda fault: fault.row)

    assert [(f.table, f.row, f.column, f.value, f.rule, f.count) for f in faults] == [
        (table, row, column, value.replace("\n", "\\n"), rule, 1)
        for row, (value, rule) in enumerate(cases, start=3)
    ]
    assert all(fault.remedy for fault in faults)


def test_a_cohort_with_a_fault_gives_no_tables(mine):
    """Whoever reads it gets all faults and nothing else."""
    mine.write("labs", {"value": "1,5"})
    with pytest.raises(CohortFaultsError) as raised:
        read(mine.path)

    assert raised.value.faults == check(mine.path)
    assert raised.value.exit_code == 3


TAKEN = [
    ("labs", "value", "1.50", 1.5),
    ("labs", "value", "+1.5", 1.5),
    ("labs", "value", ".5", 0.5),
    ("labs", "value", "1.", 1.0),
    ("labs", "value", "1e2", 100.0),
    ("labs", "value", "1.5E-1", 0.15),
    ("labs", "value", "0e0", 0.0),
    ("labs", "value", "NA", None),
    ("labs", "value", "", None),
    ("labs", "taken_at", "2015-03-02", "2015-03-02"),
    ("labs", "taken_at", "2016-02-29 23:59", "2016-02-29T23:59:00"),
    ("labs", "taken_at", "2015-03-02T08:30:00.123456", "2015-03-02T08:30:00.123456"),
    ("patients", "index_date", "2016-02-29", "2016-02-29"),
    ("patients", "duffy_null", "TRUE", True),
    ("patients", "duffy_null", "0", False),
    ("patients", "duffy_null", "unknown", None),
    (
        "patients",
        "centre",
        "a; \"b\", 'c' -- drop table patients",
        "a; \"b\", 'c' -- drop table patients",
    ),
    ("patients", "centre", "<script>alert(1)</script>", "<script>alert(1)</script>"),
    ("patients", "centre", "=HYPERLINK(0)", "=HYPERLINK(0)"),
    ("patients", "centre", "Sjögren 東京", "Sjögren 東京"),
    ("patients", "centre", "two\nlines", "two\nlines"),
    ("patients", "patient_id", "007", "007"),
    ("patients", "patient_id", "née 7", "née 7"),
    ("patients", "patient_id", "1e3", "1e3"),
    ("events", "grade", "3.0", 3),
]


@pytest.mark.parametrize(("table", "column", "cases"), grouped(TAKEN))
def test_a_cell_that_is_what_its_column_is_is_taken_as_it_means(mine, table, column, cases):
    """Numbers, dates and answers mean what they say; text stays as it is, leading zeros too."""
    rows = rows_of(table, column, [value for value, _ in cases])[1:]
    mine.write(table, *({**row, "x_n": f"{i:02}"} for i, row in enumerate(rows)))
    found = list(read(mine.path).tables[table].order_by("x_n").execute()[column])

    assert len(found) == len(cases)
    for value, (written, meant) in zip(found, cases, strict=True):
        if meant is None:
            assert value is None or value != value, written  # noqa: PLR0124 — NaN
        elif hasattr(value, "isoformat"):
            assert value.isoformat().removesuffix("T00:00:00") == meant, written
        else:
            assert value == meant, written


@pytest.mark.parametrize(
    ("table", "column", "value", "nearest"),
    [
        ("patients", "sex", "Female", "female"),
        ("patients", "sex", "femal", "female"),
        ("labs", "analyte", "anc", "ANC"),
        ("labs", "analyte", "ANC_", "ANC"),
        ("antibody_tests", "result", "Positive", "positive"),
        ("events", "event", "infektion", "infection"),
    ],
)
def test_an_unknown_category_is_told_with_the_nearest(mine, table, column, value, nearest):
    """A spelling that differs in case alone is not taken either; the remedy names the right one."""
    mine.write(table, {column: value})
    (fault,) = check(mine.path)

    assert (fault.table, fault.row, fault.column, fault.value) == (table, 2, column, value)
    assert fault.remedy.startswith(f"Did you mean '{nearest}'? Known are ")


@pytest.mark.parametrize("name", ["patient_id", "analyte"])
def test_an_empty_cell_that_is_required_is_told(mine, name):
    """A row without its patient or analyte is no measurement."""
    mine.write("labs", {name: ""})
    (fault,) = check(mine.path)

    assert (fault.table, fault.row, fault.column, fault.rule) == ("labs", 2, name, FILLED)


def test_control_characters_in_text_are_told_and_shown_harmless(mine):
    """An escape code reaches neither the list nor a table as it is."""
    mine.write("patients", {"centre": "\x1b[31mNorth\x00"})
    (fault,) = check(mine.path)

    assert (fault.row, fault.column, fault.rule) == (2, "centre", PLAIN)
    assert fault.value == "\\x1b[31mNorth\\x00"


def test_a_very_long_cell_is_told_by_its_beginning(mine):
    """A cell of 100 kB does not bury the list."""
    mine.write("labs", {"value": "7" * 100_000})
    faults = check(mine.path)

    assert [(f.row, f.column, f.value) for f in faults] == [(2, "value", "7" * 200 + "…")]


def test_every_wrong_cell_of_a_row_is_told(mine):
    """Faults of one row, of several rows and of several tables come in one list, in order."""
    mine.write("patients", {"sex": "f", "age_years": "x"}, {"patient_id": "P2", "sex": "m"})
    mine.write("labs", {}, {"value": "1,5", "taken_at": "x", "comparator": "=", "specimen": "b"})
    mine.write("events", {"grade": "9"})

    assert [(f.table, f.row, f.column, f.value) for f in check(mine.path)] == [
        ("patients", 2, "age_years", "x"),
        ("patients", 2, "sex", "f"),
        ("patients", 3, "sex", "m"),
        ("labs", 3, "comparator", "="),
        ("labs", 3, "taken_at", "x"),
        ("labs", 3, "value", "1,5"),
        ("events", 2, "grade", "9"),
    ]


def test_many_rows_that_break_a_rule_are_told_twenty_times_and_all_counted(mine):
    """The list stays readable, its counts add up to the faulty rows, the last tells the rest."""
    mine.write("labs", *({"value": f"x{i}", "specimen": f"{i}"} for i in range(5000)))
    faults = check(mine.path)

    assert [f.row for f in faults] == list(range(2, 22))
    assert sum(f.count for f in faults) == 5000
    assert [f.count for f in faults[:-1]] == [1] * 19
    assert faults[-1].remedy.endswith("4980 more rows break this rule further down.")


@pytest.mark.parametrize("name", ["analyte", "patient_id"])
def test_thousands_of_different_wrong_values_are_capped_and_counted(mine, name):
    """Neither wrong categories nor unknown patients make the list unusable."""
    rows = [{name: f"w{i // 2}", "specimen": f"{i}"} for i in range(6000)]
    mine.write("labs", *rows)
    faults = check(mine.path)

    assert [(f.value, f.row) for f in faults] == [(f"w{i}", 2 + 2 * i) for i in range(20)]
    assert [f.count for f in faults[:-1]] == [2] * 19
    assert sum(f.count for f in faults) == 6000
    assert "5960 more rows" in faults[-1].remedy
