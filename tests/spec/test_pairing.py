"""Several assays on one sample or in one patient, on rows that can be paired by hand."""

from __future__ import annotations

from datetime import date

import ibis
import pytest

from incohort.cohort import pairing
from incohort.cohort.antibodies import results

# Ibis 12 calls a method that DuckDB 2 renamed.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")

COLUMNS = {
    "patient_id": "string", "sample_id": "string", "taken_on": "date", "assay": "string",
    "result": "string", "reading": "float64", "titre": "string",
}  # fmt: skip


def rows_of(text: str) -> ibis.Table:
    """Rows of `antibody_tests` from a table whose empty cells are missing."""
    heads, *lines = (
        [cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()
    )
    rows = []
    for cells in lines:
        row: dict[str, object] = dict.fromkeys(COLUMNS)
        row |= {head: cell or None for head, cell in zip(heads, cells, strict=True)}
        day, reading = row["taken_on"], row["reading"]
        row["taken_on"] = date.fromisoformat(str(day)) if day else None
        row["reading"] = float(str(reading)) if reading else None
        rows.append(row)
    return ibis.memtable(rows, schema=COLUMNS)


def told(table: ibis.Table, *keys: str) -> dict[tuple[str, ...], dict[str, object]]:
    """The rows of a result under their keys, what is missing as None."""
    records = table.execute().astype(object).to_dict("records")
    return {
        tuple(str(row[key]) for key in keys): {
            name: None if value is None or value != value else value  # noqa: PLR0124 — NaN, NaT
            for name, value in row.items()
            if name not in keys
        }
        for row in records
    }


SAMPLES = """
patient_id | sample_id | taken_on   | assay | result
A          | 1         | 2020-01-02 | gift  | positive
A          | 1         | 2020-01-01 | gift  | negative
A          | 1         | 2020-01-01 | gat   | positive
A          | 1         | 2020-01-01 | gat   | indeterminate
A          | 2         | 2020-02-01 | gift  | negative
A          | 2         | 2020-02-01 | gift  | not_done
B          |           | 2020-01-01 | gift  | positive
B          |           | 2020-01-01 | gift  | positive
B          |           | 2020-01-02 | gift  | negative
B          |           |            | gift  | indeterminate
B          | 1         | 2020-01-01 | lift  | positive
"""


def test_rows_of_one_sample_and_assay_are_one_result():
    """The best of them counts; positive and negative contradict each other, and are neither."""
    found = told(
        pairing.on_samples(rows_of(SAMPLES), ("gift", "gat")), "patient_id", "sample", "assay"
    )
    short = {
        key: (row["code"], row["n_rows"], bool(row["is_contradictory"]))
        for key, row in found.items()
    }

    assert short == {
        ("A", "1", "gift"): (pairing.INDETERMINATE, 2, True),
        ("A", "1", "gat"): (pairing.POSITIVE, 2, False),
        ("A", "2", "gift"): (pairing.NEGATIVE, 2, False),
        ("B", "2020-01-01", "gift"): (pairing.POSITIVE, 2, False),
        ("B", "2020-01-02", "gift"): (pairing.NEGATIVE, 1, False),
        ("B", "", "gift"): (pairing.INDETERMINATE, 1, False),
    }
    assert found["A", "1", "gift"]["taken_on"].date() == date(2020, 1, 1)  # the first of two days


def test_a_sample_and_a_patient_have_a_result_by_each_assay():
    """Of a patient the best of all samples; what was repeated or contradictory is counted."""
    samples = pairing.on_samples(rows_of(SAMPLES), ("gift", "gat"))
    assays = ("gift", "gat")
    by_patient = told(
        pairing.paired(samples, assays, unit="patient", index="gift"), "patient_id"
    )  # fmt: skip
    by_sample = told(
        pairing.paired(samples, assays, unit="sample", index="gift"), "patient_id", "sample"
    )

    assert by_patient == {
        ("A",): {"n_contradictory": 1, "n_repeated": 3, "assay_gift": 2, "assay_gat": 3},
        ("B",): {"n_contradictory": 0, "n_repeated": 1, "assay_gift": 3, "assay_gat": None},
    }
    assert by_sample["A", "1"] == {
        "n_contradictory": 1, "n_repeated": 2, "assay_gift": 1, "assay_gat": 3,
    }  # fmt: skip
    assert by_sample["A", "2"] == {
        "n_contradictory": 0, "n_repeated": 1, "assay_gift": 2, "assay_gat": None,
    }  # fmt: skip
    assert len(by_sample) == 5


# The first sample by GIFT is of 10 January; 30 days either way end on 11 December and 9 February.
WINDOW = """
patient_id | sample_id | taken_on   | assay | result
A          | 1         | 2019-12-10 | gat   | positive
A          | 2         | 2019-12-11 | gat   | negative
A          | 3         | 2020-01-10 | gift  | negative
A          | 4         | 2020-02-09 | gift  | indeterminate
A          | 5         | 2020-02-10 | gift  | positive
B          | 1         | 2020-01-10 | gat   | negative
B          | 2         | 2020-02-09 | gat   | indeterminate
B          | 3         | 2020-02-10 | gat   | positive
C          | 1         |            | gat   | positive
C          | 2         | 2020-01-10 | gift  | negative
"""


def test_a_window_counts_from_the_first_sample_by_the_index_assay():
    """The 30th day belongs to it, the 31st does not; an undated sample is of that day."""
    assays = ("gift", "gat")
    samples = pairing.on_samples(rows_of(WINDOW), assays)

    def codes(window, unit="patient"):
        table = pairing.paired(samples, assays, unit=unit, index="gift", window_days=window)
        keys = ("patient_id",) if unit == "patient" else ("patient_id", "sample")
        return {
            key: (row["assay_gift"], row["assay_gat"]) for key, row in told(table, *keys).items()
        }

    assert codes(30) == {("A",): (2, 2), ("B",): (None, 2), ("C",): (2, 3)}
    assert codes(31) == {("A",): (3, 3), ("B",): (None, 3), ("C",): (2, 3)}
    assert codes(None) == codes(31)
    assert len(codes(0, unit="sample")) == 10  # on one sample there is no window


REPEATS = """
patient_id | sample_id | taken_on   | assay | result
A          | 1         | 2020-03-01 | gift  | positive
A          | 2         | 2020-01-01 | gift  | negative
A          | 3         | 2020-02-01 | gift  | indeterminate
A          | 4         | 2020-01-15 | gat   | positive
A          | 5         | 2020-04-01 | gift  | positive
B          | 1         | 2020-01-01 | gift  | negative
B          | 2         | 2020-02-01 | gift  | negative
B          | 3         | 2020-03-01 | gift  | not_done
C          | 10        |            | gift  | negative
C          | 9         |            | gift  | positive
C          | 1         | 2020-01-01 | gift  | negative
D          | 1         | 2020-01-01 | gift  | indeterminate
E          | 1         | 2020-01-01 | gat   | positive
F          | b         | 2020-01-01 | gift  | positive
F          | a         | 2020-01-01 | gift  | negative
"""


def test_tests_are_counted_up_to_the_first_positive_one():
    """By one assay, in the order of their dates; who had indeterminate results only had no test."""
    found = told(
        pairing.repeats(pairing.on_samples(rows_of(REPEATS), ("gift", "gat")), "gift"),
        "patient_id",
    )

    assert {key[0]: (row["n_tests"], bool(row["is_positive"])) for key, row in found.items()} == {
        "A": (2, True),  # negative in January, positive in March; another assay is not counted
        "B": (2, False),  # never positive: all; what was not done is no test
        "C": (2, True),  # undated ones come last, 9 before 10
        "F": (2, True),  # of one day: a before b
    }


MEASURED = """
patient_id | sample_id | taken_on   | assay | result   | reading | titre
A          | 1         | 2020-01-01 | gift  | positive | 2.5     | 1:8
A          |           | 2020-01-02 | gift  | positive | 1.5     |
A          | 3         | 2020-01-03 | gift  | negative |         | <1:8
A          | 4         | 2020-01-04 | gift  | positive |         | >1:1024
A          | 5         | 2020-01-05 | gift  | negative |         |
A          | 6         | 2020-01-06 | gift  | positive | 2.0     |
A          | 6         | 2020-01-06 | gift  | positive | 3.0     |
A          | 7         | 2020-01-07 | lift  | positive | 9.0     |
"""


def test_readings_and_titres_are_those_that_there_are_once():
    """1:8 is 8, < 1:8 a bound; two on one sample are left out together, as is one without any."""
    found = told(
        pairing.measured(rows_of(MEASURED), ("gift", "gat")), "patient_id", "sample", "assay"
    )

    assert {
        key[1]: (row["reading"], row["titre"], row["comparator"]) for key, row in found.items()
    } == {
        "1": (2.5, 8.0, None),
        "2020-01-02": (1.5, None, None),
        "3": (None, 8.0, "<"),
        "4": (None, 1024.0, ">"),
    }
    assert {str(row["taken_on"])[:10] for row in found.values()} == {
        "2020-01-01", "2020-01-02", "2020-01-03", "2020-01-04",
    }  # fmt: skip


def test_a_frame_says_the_words_in_order():
    """Missing where an assay was not done at all; the words are in order of what they tell."""
    samples = pairing.on_samples(rows_of(SAMPLES), ("gift", "gat"))
    paired = pairing.paired(samples, ("gift", "gat"), unit="sample", index="gift")
    frame = pairing.execute(paired, ("gift", "gat"))

    assert list(zip(frame["patient_id"], frame["sample"], strict=True)) == [
        ("A", "1"), ("A", "2"), ("B", ""), ("B", "2020-01-01"), ("B", "2020-01-02"),
    ]  # fmt: skip
    assert frame["assay_gift"].astype(object).tolist() == [
        "indeterminate", "negative", "indeterminate", "positive", "negative",
    ]  # fmt: skip
    assert frame["assay_gat"].isna().tolist() == [False, True, True, True, True]
    assert list(frame["assay_gift"].cat.categories) == [
        "not_done", "indeterminate", "negative", "positive",
    ]  # fmt: skip
    assert frame["assay_gift"].cat.ordered


def test_what_each_assay_found_is_its_own():
    """A positive GAT makes nobody positive by GIFT, and a GIFT not done is no negative one."""
    found = told(results(rows_of(REPEATS), ("gift", "gat")), "patient_id")

    assert {key[0]: (row["assay_gift"], row["assay_gat"]) for key, row in found.items()} == {
        "A": ("positive", "positive"),
        "B": ("negative", None),
        "C": ("positive", None),
        "D": ("indeterminate", None),
        "E": (None, "positive"),
        "F": ("positive", None),
    }
