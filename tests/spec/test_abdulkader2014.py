"""The five patients of Abdulkader 2014: every cell of the table read back by plain loops."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path
from statistics import median

import pytest

from incohort.cohort import open_cohort
from incohort.dictionary import bundled, study
from incohort.results import Origin
from incohort.sources import check, locate
from incohort.synthetic import abdulkader2014

FOLDER = bundled("data_dictionary") / "cohorts" / "abdulkader2014"
ORIGIN = date(2001, 1, 1)
STUDY = study("abdulkader2014")

# As printed: age, sex, cycles, (onset, nadir, duration) of each episode, G-CSF, complication.
TABLE = {
    "A1": (63, "F", 1, [(168, 0, 9)], "No", "Pneumonia"),
    "A2": (25, "F", 7, [(71, 1.1, 14), (106, 0, 4)], "Yes", "No"),
    "A3": (62, "F", 3, [(151, 0, 7)], "Yes", "Pneumonia"),
    "A4": (51, "M", 1, [(184, 0.4, 15)], "No", "No"),
    "A5": (55, "F", 1, [(135, 1.3, 14)], "No", "No"),
}


def rows(table: str) -> list[dict[str, str]]:
    with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def card() -> dict:
    return json.loads((FOLDER / "datapackage.json").read_text(encoding="utf-8"))["incohort"]


def episodes() -> dict[str, list[tuple[int, float, int]]]:
    """Onset after the cycle, nadir and duration: a low count, and the next one above 1.5."""
    found: dict[str, list[tuple[int, float, int]]] = {row["patient_id"]: [] for row in rows("labs")}
    low: dict[str, tuple[int, float]] = {}
    for row in sorted(rows("labs"), key=lambda row: row["taken_at"]):
        day = (date.fromisoformat(row["taken_at"]) - ORIGIN).days
        assert row["unit"] == "10*9/L"
        if row["comparator"] == ">":
            assert row["value"] == "1.5"
            onset, nadir = low.pop(row["patient_id"])
            found[row["patient_id"]].append((onset, nadir, day - onset))
        else:
            low[row["patient_id"]] = (day, float(row["value"]))
    assert not low
    return found


def test_every_cell_of_the_table_is_there():
    """Age, sex, cycles, onset, nadir, duration, G-CSF and complication of each of the five."""
    seen = episodes()
    given = {row["patient_id"] for row in rows("medications") if row["role"] == "treatment"}
    ill = {row["patient_id"]: row["detail"] for row in rows("events")}
    cycles = {
        row["patient_id"]: row["indication"]
        for row in rows("medications")
        if row["drug"] == "rituximab"
    }
    assert len(rows("patients")) == 5
    for row in rows("patients"):
        patient = row["patient_id"]
        age, sex, n_cycles, printed, gcsf, complication = TABLE[patient]
        assert int(row["age_years"]) == age
        assert row["sex"] == {"F": "female", "M": "male"}[sex]
        assert seen[patient] == printed
        assert cycles[patient].partition("; ")[2].split()[0] == str(n_cycles)
        assert (patient in given) == (gcsf == "Yes")
        assert ill.get(patient, "no").casefold() == complication.casefold()


def test_the_printed_median_and_range_are_of_first_episodes():
    """71, 135, 151, 168, 184: median 151 as printed; with case 2's second onset it were 143."""
    seen = episodes()
    first = [spans[0][0] for spans in seen.values()]
    assert (median(first), min(first), max(first)) == (151, 71, 184)
    assert median(onset for spans in seen.values() for onset, _, _ in spans) == 143


def test_each_claim_is_what_the_files_give():
    """The register's figures, worked out from the files: eight, and delays of first episodes."""
    spans = [span for of_patient in episodes().values() for span in of_patient]
    first = [of_patient[0][0] for of_patient in episodes().values()]
    lasted = [duration for _, _, duration in spans]
    ours = {
        "patients/count": len(first),
        "episodes/count": len(spans),
        "onset/median": median(first),
        "onset/minimum": min(first),
        "onset/maximum": max(first),
        "duration/median": median(lasted),
        "duration/minimum": min(lasted),
        "duration/maximum": max(lasted),
    }
    recovery = {f"anc_recovery/{key}": value for key, value in ours.items()}
    delay = {
        f"late_onset/delay/{name}": of(first)
        for name, of in (("median", median), ("minimum", min), ("maximum", max))
    }
    claims = {claim.key: claim.value for claim in STUDY.claims}
    assert claims == recovery | delay
    assert set(card()["held"]) - set(delay) == set(recovery)


def test_nothing_is_made_up_but_the_origin_of_dates():
    """Only columns of dates are synthetic; what has no published day has no date."""
    made = set(card()["synthetic_columns"])
    assert made == {
        "patients.index_date", "labs.taken_at", "medications.started_on", "medications.stopped_on",
    }  # fmt: skip
    assert all("occurred_on" not in row for row in rows("events"))
    for row in rows("medications"):
        dates = {row["started_on"], row["stopped_on"]}
        assert dates == ({""} if row["role"] == "treatment" else {"2001-01-01"})
    assert card()["origin"] == "observed"
    assert any("No calendar dates were published" in notice for notice in card()["notices"])


@pytest.mark.parametrize(
    ("key", "source", "origin"),
    [
        ("anc_recovery/onset/median", "labs.taken_at", Origin.OBSERVED),
        ("anc_recovery/another", "labs.taken_at", Origin.SYNTHETIC),
        ("anc_recovery/another", "patients.age_years", Origin.OBSERVED),
    ],
)
def test_published_spans_are_the_patients_own(key, source, origin):
    """A published span is observed though its dates aren't; what else rests on them is not."""
    assert open_cohort("abdulkader2014").origin_of(key, [source]) is origin


def test_the_program_writes_the_same_bytes(tmp_path: Path):
    """The folder that ships is what the program writes today."""
    abdulkader2014.write(tmp_path)
    written = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert written == {path.name: path.read_bytes() for path in FOLDER.iterdir()}


def test_the_cohort_is_clean():
    """No cell breaks a rule of the dictionary."""
    assert not check(locate("abdulkader2014"))
