"""Rows that don't fit each other, units that don't fit the analyte, and three ways to keep them."""

from __future__ import annotations

import csv
import datetime as dt
from decimal import Decimal

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
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
    dates = {"diagnoses": "diagnosed_on", "events": "occurred_on", "clonality": "taken_on"}
    column = keys.get(table) or dates[table]
    mine.write(
        table,
        {"patient_id": "7"},
        {"patient_id": "007"},
        {"patient_id": "7", column: "2015-03-20"},
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
        ("antibody_tests", "direct", "yes", "TRUE"),
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


# ------------------------------------------------------------------ units


def test_every_accepted_unit_gives_the_canonical_value(mine):
    """Each spelling of each unit of each analyte: value × factor, in the canonical unit."""
    cases = [
        (analyte, entry, spelling)
        for analyte in load().analytes.values()
        for entry in analyte.units
        for spelling in (entry.unit, *entry.aliases)
    ]
    middles = [
        ((a.plausible.low or 0) + (a.plausible.high or 100)) / 2 / entry.factor
        for a, entry, _ in cases
    ]
    mine.write(
        "labs",
        *(
            {"analyte": a.name, "unit": spelling, "value": repr(value), "specimen": str(i)}
            for i, ((a, _, spelling), value) in enumerate(zip(cases, middles, strict=True))
        ),
    )
    assert check(mine.path) == ()
    found = read(mine.path).tables["labs"].execute().set_index("specimen")

    assert len(found) == len(cases)
    for i, ((analyte, entry, _), value) in enumerate(zip(cases, middles, strict=True)):
        assert found.unit[str(i)] == analyte.unit
        assert found.value[str(i)] == pytest.approx(value * entry.factor, rel=1e-15)


def test_counts_per_microlitre_become_the_number_a_clinician_writes(mine):
    """1500/µL is 1.5 exactly, and 1150, 350 or 2300 no nearly-1.15 either: a threshold can tell."""
    counts = range(50, 9000, 50)
    mine.write("labs", *({"value": str(n), "unit": "/uL", "specimen": str(n)} for n in counts))
    found = read(mine.path).tables["labs"].execute().set_index("specimen").value

    assert {n: found[str(n)] for n in counts} == {n: float(Decimal(n) / 1000) for n in counts}


def test_a_count_of_1500_is_never_guessed_at(mine):
    """Without a unit it is told with what to write; in the wrong unit it is out of range."""
    mine.write("labs", {"value": "1500", "unit": ""}, {"value": "1500", "specimen": "b"})
    bare, wrong = sorted(check(mine.path), key=lambda fault: fault.row)

    assert (bare.row, bare.column, bare.value) == (2, "unit", "1500")
    assert bare.rule == "unit is given wherever value is"
    assert "an ANC of 1500 is /uL, the same count in 10*9/L is 1.5" in bare.remedy
    assert (wrong.row, wrong.column, wrong.value) == (3, "value", "1500 10*9/L")
    assert wrong.rule == "ANC lies between 0 and 500 10*9/L"
    assert wrong.remedy == "Was it measured in /uL? Correct the value or its unit."


def test_values_without_any_column_of_units_are_told(mine):
    """A table that leaves the units out altogether gives no values, and says so."""
    mine.write("labs", {}, {"value": "", "specimen": "b"}, {"specimen": "c"}, without=("unit",))
    mine.write("medications", {}, without=("dose_unit",))

    assert places(check(mine.path)) == [
        ("labs", 2, "unit", "1.5"),
        ("labs", 4, "unit", "1.5"),
        ("medications", 2, "dose_unit", "10"),
    ]


@pytest.mark.parametrize(
    ("analyte", "unit", "remedy"),
    [
        ("ANC", "/nL", "Accepted are 10*9/L, 10*3/uL, /uL, 10*6/L."),
        ("ANC", "10*9/l.", "Did you mean '10*9/L'? "),
        ("FT3", "pg/mL", "In pg/mL the analyte is FT3_MASS. "),
        ("FT3_MASS", "pmol/L", "In pmol/L the analyte is FT3. "),
        ("FT4", "ng/dL", "In ng/dL the analyte is FT4_MASS. "),
    ],
)
def test_a_unit_that_the_analyte_does_not_have_is_told(mine, analyte, unit, remedy):
    """Mass and amount of one substance are told apart by their units; a swap names the other."""
    mine.write("labs", *({"analyte": analyte, "unit": unit, "specimen": s} for s in "ab"))
    (fault,) = check(mine.path)

    assert (fault.row, fault.column, fault.value, fault.count) == (2, "unit", unit, 2)
    assert remedy in fault.remedy


def test_thousands_of_wrong_units_and_values_are_capped_and_counted(mine):
    """Twenty units and twenty values of each analyte are told, all rows are counted."""
    units = [{"unit": f"u{i}", "specimen": f"u{i}"} for i in range(2000)]
    values = [
        {"analyte": a, "value": str(600 + i), "specimen": f"v{i}", "unit": "G/L" if i % 2 else u}
        for a, u in (("ANC", "10*9/L"), ("MONO", "K/uL"))
        for i in range(1000)
    ]
    mine.write("labs", *units, *values)
    faults = check(mine.path)

    assert len(faults) == 60
    assert sum(f.count for f in faults if f.column == "unit") == 2000
    for analyte in ("ANC", "MONO"):
        assert sum(f.count for f in faults if f.rule.startswith(analyte)) == 1000


# ------------------------------------------------------------------ three ways to keep a table


def rows_of_csv(path):
    """The cells of a CSV file, empty ones as None."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    return pd.DataFrame([[cell or None for cell in row] for row in rows], columns=header, dtype=str)


@pytest.fixture
def three(mine, tmp_path):
    """The folder's tables again, as Parquet and as a DuckDB file."""

    def keep():
        other = tmp_path / "parquet"
        other.mkdir()
        file = tmp_path / "mine.duckdb"
        with duckdb.connect(str(file)) as connection:
            for path in sorted(mine.path.glob("*.csv")):
                frame = rows_of_csv(path)
                pq.write_table(pa.Table.from_pandas(frame), other / f"{path.stem}.parquet")
                connection.register("frame", frame)
                connection.execute(f"CREATE TABLE {path.stem} AS SELECT * FROM frame")  # noqa: S608
        return mine.path, other, file

    return keep


def test_csv_parquet_and_duckdb_give_the_same_faults(mine, three):
    """Rows are numbered alike in all three, and every kind of fault is found in each."""
    mine.write("patients", {"sex": "f"}, {"patient_id": "P2", "index_date": "1960-01-01"})
    mine.write("labs", {}, {}, {"value": "1,5", "specimen": "b"}, {"patient_id": "P9"},
               {"unit": "x", "specimen": "c"}, {"value": "9999", "specimen": "d"})  # fmt: skip
    kept = [check(path) for path in three()]

    assert len(kept[0]) == 7
    assert kept[1] == kept[0]
    assert kept[2] == kept[0]


def test_csv_parquet_and_duckdb_give_the_same_tables(mine, three):
    """A clean cohort is the same typed tables whichever way it was kept."""
    for table in load().tables:
        mine.write(table, {}, *([{"patient_id": "P2"}] if table == "patients" else []))
    csv_tables, *others = (read(path).tables for path in three())

    for tables in others:
        for name, table in csv_tables.items():
            expected = table.order_by("patient_id").execute()
            pd.testing.assert_frame_equal(tables[name].order_by("patient_id").execute(), expected)


def test_typed_parquet_means_what_its_csv_means(mine):
    """Whole numbers, decimals, dates, times at midnight and truth values keep their meaning."""
    (mine.path / "patients.csv").unlink()
    patients = pa.table(
        {
            "patient_id": pa.array([7, 8], pa.int64()),
            "age_years": pa.array([Decimal("44.80"), None], pa.decimal128(6, 2)),
            "birth_date": pa.array([dt.datetime(1970, 5, 1), None], pa.timestamp("ns")),  # noqa: DTZ001
            "index_date": pa.array([dt.date(2015, 3, 2), None], pa.date32()),
            "duffy_null": pa.array([True, None], pa.bool_()),
        }
    )
    labs = pa.table(
        {
            "patient_id": pa.array([7, 8], pa.int32()),
            "analyte": pa.array(["ANC", "ANC"]).dictionary_encode(),
            "taken_at": pa.array([dt.datetime(2015, 3, 2, 8, 30)] * 2, pa.timestamp("us")),  # noqa: DTZ001
            "value": pa.array([0.1, 1500], pa.float32()),
            "unit": pa.array(["10*9/L", "/uL"]),
        }
    )
    pq.write_table(patients, mine.path / "patients.parquet")
    pq.write_table(labs, mine.path / "labs.parquet")
    tables = read(mine.path).tables
    first = tables["patients"].order_by("patient_id").execute().iloc[0]
    values = tables["labs"].order_by("patient_id").execute()

    assert (first.patient_id, first.age_years, bool(first.duffy_null)) == ("7", 44.8, True)
    assert str(first.birth_date)[:10] == "1970-05-01"
    assert str(first.index_date)[:10] == "2015-03-02"
    assert list(values.value) == [0.1, 1.5]
    assert [str(t) for t in values.taken_at] == ["2015-03-02 08:30:00"] * 2


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (pa.array([["P1"]]), "VARCHAR[]"),
        (pa.array([{"a": 1}]), 'STRUCT("a" BIGINT)'),
        (pa.array([b"P1"]), "BLOB"),
        (pa.array([dt.time(8, 30)]), "TIME"),
        (pa.array([dt.datetime.now(dt.UTC)]), "TIMESTAMP WITH TIME ZONE"),
    ],
)
def test_a_parquet_column_of_no_plain_values_is_told_once(mine, values, kind):
    """Lists, records, bytes and times with a zone aren't turned into text in silence."""
    labs = pa.table({"patient_id": ["P1"], "analyte": ["ANC"], "taken_at": values})
    pq.write_table(labs, mine.path / "labs.parquet")
    (fault,) = check(mine.path)

    assert (fault.table, fault.row, fault.column) == ("labs", 1, "taken_at")
    assert fault.value.startswith(kind.split("(")[0])


def test_a_duckdb_file_is_read_and_nothing_outside_it(mine, tmp_path):
    """A view on another file, a table unknown, one of one's own, and what is no database."""
    file = tmp_path / "a.duckdb"
    with duckdb.connect(str(file)) as connection:
        connection.execute("CREATE TABLE patients AS SELECT 'P1' patient_id")
        connection.execute(f"CREATE VIEW labs AS FROM read_csv('{mine.path}/patients.csv')")
        connection.execute("CREATE TABLE x_notes AS SELECT 1 a")
        connection.execute("CREATE TABLE event AS SELECT 1 a")
    before = file.read_bytes()
    faults = check(file)

    assert [(f.table, f.rule) for f in faults] == [
        ("event", "the table is in the data dictionary"),
        ("labs", "the file can be read"),
    ]
    assert "'events'" in faults[0].remedy
    assert file.read_bytes() == before
    broken = tmp_path / "b.duckdb"
    broken.write_text("no database")
    assert [f.rule for f in check(broken)][0] == "the file is a DuckDB database"  # noqa: RUF015


def test_row_numbers_hold_in_a_table_of_many_rows(mine, tmp_path):
    """What is read in parallel, and in several row groups, keeps the order of the file."""
    rows = """
        SELECT 'P1' AS patient_id, 'ANC' AS analyte, '2015-03-02' AS taken_at, 'G/L' AS unit,
               CASE WHEN i IN (130000, 200007, 299999) THEN 'x' ELSE '1.5' END AS value,
               i::VARCHAR AS specimen
        FROM range(300000) t(i) ORDER BY i"""
    parquet, file = tmp_path / "parquet", tmp_path / "mine.duckdb"
    parquet.mkdir()
    with duckdb.connect(str(file)) as connection:
        connection.execute(f"COPY ({rows}) TO '{mine.path}/labs.csv' (HEADER)")
        connection.execute(f"COPY ({rows}) TO '{parquet}/labs.parquet' (ROW_GROUP_SIZE 50000)")
        connection.execute(f"CREATE TABLE labs AS {rows}")
        connection.execute("CREATE TABLE patients AS SELECT 'P1' AS patient_id")
        connection.execute(f"COPY patients TO '{parquet}/patients.csv' (HEADER)")

    for path in (mine.path, parquet, file):
        assert [f.row for f in check(path)] == [130_002, 200_009, 300_001]
