"""Three ways to keep a table, CSV, Parquet and DuckDB, mean one and the same."""

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
from incohort.sources import check, read


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


def test_a_duckdb_file_may_have_any_name(tmp_path):
    """Quotation marks in it are a part of it."""
    file = tmp_path / 'o\'brien "2".duckdb'
    with duckdb.connect(str(tmp_path / "a.duckdb")) as connection:
        connection.execute("CREATE TABLE patients AS SELECT 'P1' AS patient_id")
    (tmp_path / "a.duckdb").rename(file)

    assert check(file) == ()
    assert read(file).tables["patients"].execute()["patient_id"].tolist() == ["P1"]


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
