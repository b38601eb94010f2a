"""Rows that fit each other or don't: patients, keys, dates, and tables that are clean."""

from __future__ import annotations

import pytest

from incohort.dictionary import load
from incohort.sources import bundled_cohorts, check, locate, read

DEAD = {"event": "death", "occurred_on": "2015-06-01"}
ORPHAN = "the patient is in the table patients"


def places(faults):
    """Where and which, without the words."""
    return [(f.table, f.row, f.column, f.value) for f in faults]


@pytest.mark.parametrize("name", bundled_cohorts())
def test_the_cohorts_that_come_along_are_clean(name):
    """What ships keeps to its own dictionary."""
    assert check(locate(name)) == ()


def test_a_cohort_of_every_table_is_clean(mine):
    """The usual row of each table breaks no rule, and all its columns come out."""
    for table in load().tables:
        mine.write(table, {})
    source = read(mine.path)

    assert set(source.tables) == set(load().tables)
    for name, spec in load().tables.items():
        assert list(source.tables[name].columns) == [column.name for column in spec.columns]


def test_columns_of_one_s_own_come_last_as_text(mine):
    """`x_` columns are not checked and not changed; a BOM before them changes nothing."""
    mine.write("patients", {"x_ward": " 007 ", "x_note; --": "1,5"})
    table = read(mine.path).tables["patients"].execute()

    assert list(table.columns[-2:]) == ["x_note; --", "x_ward"]
    assert list(table.iloc[0, -2:]) == ["1,5", " 007 "]


# ------------------------------------------------------------------ rows that don't fit each other


@pytest.mark.parametrize("table", [name for name in load().tables if name != "patients"])
def test_a_patient_who_is_not_in_patients_is_told(mine, table):
    """An orphan is told once with how many rows it has; leading zeros and case count."""
    mine.write("patients", {"patient_id": "007"})
    keys = {"labs": "specimen", "medications": "drug", "antibody_tests": "sample_id"}
    dates = [c.name for c in load().table(table).columns if c.type == "date"]
    column = keys.get(table) or dates[0]
    other = {column: "2015-03-01"} if table != "hna_types" else {"method": "serology"}
    mine.write(
        table,
        {"patient_id": "7"},
        {"patient_id": "007"},
        {"patient_id": "7", **other},
    )
    (fault,) = check(mine.path)

    assert (fault.table, fault.row, fault.column, fault.value) == (table, 2, "patient_id", "7")
    assert (fault.rule, fault.count) == (ORPHAN, 2)


@pytest.mark.parametrize("number", [" P1", "P1\x00"])
def test_a_patient_s_number_that_is_not_plain_is_told_in_each_table(mine, number):
    """It is known, being in patients too, and still one to be corrected wherever it stands."""
    mine.write("patients", {"patient_id": number})
    mine.write("labs", {"patient_id": number})

    assert [(f.table, f.row, f.column) for f in check(mine.path)] == [
        ("patients", 2, "patient_id"),
        ("labs", 2, "patient_id"),
    ]


def test_a_row_that_stands_again_is_told_with_the_row_it_repeats(mine):
    """Each later row of a key is a fault of its own; the first is none."""
    mine.write("labs", {}, {"value": "2"}, {"specimen": "b"}, {})
    faults = check(mine.path)

    key = "P1, ANC, 2015-03-02T08:30:00"
    assert [(f.row, f.column, f.value) for f in faults] == [
        (3, "patient_id + analyte + taken_at + specimen", key),
        (5, "patient_id + analyte + taken_at + specimen", key),
    ]
    assert all("row 2" in f.remedy for f in faults)


@pytest.mark.parametrize(
    ("table", "column", "one", "other"),
    [
        ("labs", "taken_at", "2015-03-02", "2015-03-02T00:00:00"),
        ("labs", "taken_at", "2015-03-02T08:30", "2015-03-02 08:30:00"),
        ("labs", "taken_at", "", "NA"),
        ("antibody_tests", "direct", "no", "FALSE"),
    ],
)
def test_a_key_is_one_whatever_its_spelling(mine, table, column, one, other):
    """Two spellings of one time or answer are one key."""
    mine.write(table, {column: one}, {column: other})

    assert [(f.row, f.count) for f in check(mine.path)] == [(3, 1)]


def test_rows_without_a_key_are_no_twins(mine):
    """Two rows without a patient lack the patient; they don't repeat each other."""
    mine.write("patients", {"patient_id": ""}, {"patient_id": ""})

    assert [(f.row, f.rule) for f in check(mine.path)] == [
        (2, "the cell is filled"),
        (3, "the cell is filled"),
    ]


def test_thousands_of_twins_are_capped_and_counted(mine):
    """A file that was exported twice into one gives twenty faults that count all its rows."""
    rows = [{"specimen": str(i)} for i in range(3000)]
    mine.write("labs", *rows, *rows)
    faults = check(mine.path)

    assert [f.row for f in faults] == list(range(3002, 3022))
    assert sum(f.count for f in faults) == 3000


@pytest.mark.parametrize(
    ("table", "row", "column", "value"),
    [
        ("medications", {"stopped_on": "2015-01-04"}, "stopped_on", "2015-01-05 > 2015-01-04"),
        ("medications", {"started_on": "1960-01-01"}, "started_on", "1970-05-01 > 1960-01-01"),
        ("patients", {"index_date": "1970-04-30"}, "index_date", "1970-05-01 > 1970-04-30"),
        ("labs", {"taken_at": "1970-04-30T23:59"}, "taken_at", "1970-05-01 > 1970-04-30"),
        ("labs", {"taken_at": "2015-06-02T00:00"}, "taken_at", "2015-06-02 > 2015-06-01"),
        ("antibody_tests", {"taken_on": "2015-06-02"}, "taken_on", "2015-06-02 > 2015-06-01"),
        ("diagnoses", {"diagnosed_on": "2015-06-02"}, "diagnosed_on", "2015-06-02 > 2015-06-01"),
        ("clonality", {"taken_on": "2015-06-02"}, "taken_on", "2015-06-02 > 2015-06-01"),
        ("medications", {"stopped_on": "2015-06-02"}, "stopped_on", "2015-06-02 > 2015-06-01"),
        ("patients", {"index_date": "2015-06-02"}, "index_date", "2015-06-02 > 2015-06-01"),
    ],
)
def test_dates_in_an_impossible_order_are_told(mine, table, row, column, value):
    """Stopped before started, anything before birth, anything after death."""
    mine.write("events", DEAD)
    mine.write(table, row)
    (fault,) = check(mine.path)

    assert (fault.table, fault.row, fault.column, fault.value) == (table, 2, column, value)


def test_what_happens_on_the_day_of_death_is_no_fault(mine):
    """Dates are compared by day: a sample taken late on that day may be from before."""
    mine.write("events", DEAD)
    mine.write("labs", {"taken_at": "2015-06-01T23:59:59"})
    mine.write("medications", {"stopped_on": "2015-06-01"})

    assert check(mine.path) == ()


def test_a_second_death_and_an_event_after_death_are_told(mine):
    """The earliest death counts; another patient's death does not."""
    mine.write("patients", {}, {"patient_id": "P2"})
    later = {"event": "infection", "occurred_on": "2015-06-02"}
    mine.write("events", DEAD, {**DEAD, "occurred_on": "2015-07-01"}, later,
               {**later, "patient_id": "P2"})  # fmt: skip

    assert [f.row for f in check(mine.path)] == [3, 4]


def test_an_unreadable_date_is_told_once_and_compared_with_nothing(mine):
    """A death in year 9999 or in another format is no death before anything."""
    for date in ("0001-01-01", "01.06.2015", "infinity"):
        mine.write("events", {**DEAD, "occurred_on": date})
        mine.write("labs", {})
        assert places(check(mine.path)) == [("events", 2, "occurred_on", date)]


@pytest.mark.parametrize("table", [name for name in load().tables if name != "patients"])
def test_a_table_without_its_patients_is_told_and_nothing_breaks(mine, table):
    """Rules between tables are left out where the column that ties them is absent."""
    mine.write("events", {"event": "death", "occurred_on": "2020-01-01"})
    mine.write(table, {}, without=("patient_id",))

    assert [(f.table, f.row, f.column) for f in check(mine.path)] == [(table, 1, "patient_id")]


def test_a_cohort_without_patients_is_told(tmp_path):
    """An empty folder lacks the one table that every cohort has."""
    (fault,) = check(tmp_path)

    assert (fault.table, fault.rule) == ("patients", "every cohort has the table patients")


@pytest.mark.parametrize(
    ("table", "wrong", "right", "column"),
    [
        ("antibody_tests", {"assay": "gift", "direct": "yes"}, {"direct": "0"}, "direct"),
        (
            "antibody_tests",
            {"assay": "direct_gift", "direct": "false"},
            {"assay": "direct_gift", "direct": ""},
            "direct",
        ),
        (
            "antibody_tests",
            {"result": "not_done", "reading": ""},
            {"result": "not_done", "reading": "", "titre": ""},
            "titre",
        ),
        (
            "antibody_tests",
            {"result": "not_done", "titre": ""},
            {"result": "not_done", "titre": "", "reading": "NA"},
            "reading",
        ),
        ("events", {"event": "death", "grade": "3"}, {"event": "death", "grade": "5"}, "grade"),
    ],
)
def test_two_cells_that_can_not_both_be_right_are_told(mine, table, wrong, right, column):
    """The contradiction is told once, at the cell to look at; without it the row is clean."""
    mine.write(table, wrong)
    (fault,) = check(mine.path)
    mine.write(table, right)

    assert (fault.table, fault.row, fault.column) == (table, 2, column)
    assert check(mine.path) == ()
