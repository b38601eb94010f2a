"""The door on cohorts nobody thought of: clean ones stay clean, one fault is found where it is."""

from __future__ import annotations

import csv
import datetime as dt
import tempfile
from pathlib import Path

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from incohort.sources import check, read

# Words by which programs mean that there is no patient: the door refuses them as names.
NOBODY = {
    "na", "nan", "null", "nil", "none", "nat", "missing", "unknown", "blank", "empty", "inf",
    "total", "totals", "subtotal", "sum", "sums", "summe", "gesamt", "mean", "average", "median",
}  # fmt: skip
IDS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=8).filter(
    lambda name: name.lower() not in NOBODY
)
COUNTS = st.floats(0, 400, allow_subnormal=False)
TIMES = st.datetimes(min_value=dt.datetime(1990, 1, 1),  # noqa: DTZ001
                     max_value=dt.datetime(2030, 1, 1))  # noqa: DTZ001  # fmt: skip
UNITS = st.sampled_from(["10*9/L", "G/L", "K/uL"])
ROWS = st.lists(st.tuples(st.integers(0, 3), TIMES, COUNTS, UNITS), min_size=1, max_size=12)
PEOPLE = st.lists(IDS, min_size=4, max_size=4, unique=True)
FAULTS = st.sampled_from(
    [("value", "x"), ("value", "1,5"), ("value", ""), ("unit", "?"), ("unit", ""),
     ("taken_at", "2015-02-30"), ("taken_at", "1.2.2015"), ("analyte", "ANCX"), ("analyte", ""),
     ("patient_id", "nobody at all"), ("comparator", "~"), ("specimen", " s")]
)  # fmt: skip
NAMES = ("patient_id", "analyte", "taken_at", "value", "unit", "comparator", "specimen")
MODERATE = settings(max_examples=8, deadline=None)


def written(people, rows):
    """The measurements as text, each with a sample of its own."""
    return [
        [people[who], "ANC", at.isoformat(), repr(value), unit, "", f"S{i}"]
        for i, (who, at, value, unit) in enumerate(rows)
    ]


def write(folder, people, labs):
    """A folder of two CSV files."""
    tables = {"patients": (("patient_id",), [[p] for p in people]), "labs": (NAMES, labs)}
    for name, (header, rows) in tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *rows])


@MODERATE
@given(people=PEOPLE, rows=ROWS)
def test_a_clean_cohort_stays_what_it_is_however_it_is_kept(people, rows):
    """CSV, Parquet and DuckDB give back each value bit for bit, with its patient and its time."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "csv"
        folder.mkdir()
        write(folder, people, written(people, rows))
        parquet, file = Path(name) / "parquet", Path(name) / "a.duckdb"
        parquet.mkdir()
        with duckdb.connect(str(file)) as connection:
            for table in ("patients", "labs"):
                source = f"read_csv('{folder}/{table}.csv', all_varchar = true, header = true)"
                connection.execute(f"CREATE TABLE {table} AS FROM {source}")
                connection.execute(f"COPY {table} TO '{parquet}/{table}.parquet'")
        for kept in (folder, parquet, file):
            assert check(kept) == ()
            labs = read(kept).tables["labs"].execute()
            found = {
                row.specimen: (row.patient_id, row.taken_at.to_pydatetime(), row.value)
                for row in labs.itertuples()
            }
            assert found == {
                f"S{i}": (people[who], at, value) for i, (who, at, value, _) in enumerate(rows)
            }


@MODERATE
@given(people=PEOPLE, rows=ROWS, fault=FAULTS, data=st.data())
def test_one_wrong_cell_is_one_fault_where_it_is_and_follows_its_row(people, rows, fault, data):
    """Exactly one fault, at that row; with the rows in another order, at the row's new number."""
    column, text = fault
    labs = written(people, rows)
    wrong = data.draw(st.integers(0, len(labs) - 1))
    labs[wrong][NAMES.index(column)] = text
    order = data.draw(st.permutations(range(len(labs))))
    with tempfile.TemporaryDirectory() as name:
        for rows_now, place in ((labs, wrong), ([labs[i] for i in order], order.index(wrong))):
            write(Path(name), people, rows_now)
            faults = check(Path(name))
            if fault == ("value", ""):  # no fault: the test was ordered and gave no number
                assert faults == ()
                continue
            assert [(f.table, f.row, f.column, f.count) for f in faults] == [
                ("labs", place + 2, column, 1)
            ]
