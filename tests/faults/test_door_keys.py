"""Patients and samples that are none, or look like another: nothing unseen stands in a key."""

from __future__ import annotations

import pytest

from incohort.dictionary import load
from incohort.sources import check, read

NOBODY = "patient_id names a patient"
UNSEEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\u200e\u2066\u180e\u034f\u3164\ufe0f\U000e0041"


def told(faults):
    """Where and which."""
    return [(f.table, f.row, f.column, f.rule) for f in faults]


@pytest.mark.parametrize(
    "number",
    ["NA", "NULL", "nan", "None", "Total", "Sum", "n/a", "N/A", "#N/A", "<NA>", "null", "NaN",
     "nil", "-", ".", "?", "TOTAL", "Grand Total", "Summe", "Mean", "unknown", "NaT", "patient_id"],
)  # fmt: skip
def test_a_missing_value_or_a_sum_is_no_patient(mine, number):
    """In patients and wherever else it stands; and nobody is asked to add it to patients."""
    mine.write("patients", {}, {"patient_id": number})
    mine.write("labs", {}, {"patient_id": number})
    assert told(check(mine.path)) == [
        ("patients", 3, "patient_id", NOBODY),
        ("labs", 3, "patient_id", NOBODY),
    ]

    mine.write("patients", {})
    assert told(check(mine.path)) == [("labs", 3, "patient_id", NOBODY)]


def test_a_number_that_only_resembles_one_is_a_patient(mine):
    """Initials and numbers stay: NAA, N1, 0, Nan-1, SD, A.-B."""
    names = ("NAA", "N1", "0", "nan-1", "SD", "A.-B", "Totalis", "née 7", "東京", "P 1", "a_b")
    mine.write("patients", *({"patient_id": name} for name in names))

    assert sorted(read(mine.path).tables["patients"].execute().patient_id) == sorted(names)


@pytest.mark.parametrize("letter", UNSEEN, ids=ascii)
def test_an_unseen_letter_in_a_key_is_told(mine, letter):
    """It makes two patients, or two samples, of what looks like one; it is written out."""
    mine.write("patients", {}, {"patient_id": f"P{letter}1"})
    mine.write("labs", {"specimen": f"S{letter}"}, {"patient_id": f"P{letter}1"})
    mine.write("antibody_tests", {"sample_id": f"{letter}S1"})
    faults = [f for f in check(mine.path) if "spaces" not in f.rule]

    assert [(f.table, f.row, f.column) for f in faults] == [
        ("patients", 3, "patient_id"),
        ("labs", 2, "specimen"),
        ("labs", 3, "patient_id"),
        ("antibody_tests", 2, "sample_id"),
    ]
    assert all("nobody can see" in f.rule for f in faults)


@pytest.mark.parametrize("table", list(load().tables))
def test_every_table_is_asked(mine, table):
    """Whichever table a patient stands in."""
    mine.write("patients", {}, {"patient_id": "P\u200b1"})
    mine.write(table, {"patient_id": "P\u200b1"})
    faults = [f for f in check(mine.path) if f.table == table]

    assert [f.column for f in faults if "nobody can see" in f.rule] == ["patient_id"]


def test_an_unseen_letter_outside_a_key_is_the_text_s_own(mine):
    """A note in Persian needs its joiners; a name of a hospital may have them."""
    mine.write("patients", {"centre": "می\u200cخواهم"})

    assert check(mine.path) == ()
