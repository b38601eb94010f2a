"""The rows of a cohort folder as they stand in its files, and values near the index date."""

from __future__ import annotations

import csv
import math
from datetime import date
from pathlib import Path

Row = dict[str, str]
Numbers = dict[str, float]
Counts = dict[str, tuple[int, int]]

# Units that centre south of the mixed cohort prints; everything else is canonical.
TO_CANONICAL = {
    ("ANC", "/uL"): 0.001,
    ("HB", "g/L"): 0.1,
    ("CRP", "mg/dL"): 10.0,
    ("IGG", "g/L"): 100.0,
}
WINDOW = 90  # days from the index date within which other values count
QUARTILES = (("q1", 0.25), ("median", 0.5), ("q3", 0.75))


class Cohort:
    """The rows of one folder, and the few sets of patients that everything is counted from."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.patients = {row["patient_id"]: row for row in self.rows("patients")}
        self.thyroid = {
            p for p, row in self.patients.items() if row.get("aetiology") == "thyroid_disease"
        }
        self.subtype = {
            row["patient_id"]: row["subtype"]
            for row in self.rows("diagnoses")
            if row["condition"] == "thyroid_disease"
        }
        self.tests = [
            row for row in self.rows("antibody_tests") if row["result"] in ("positive", "negative")
        ]
        self.labs = self.measurements()

    def rows(self, table: str) -> list[Row]:
        """One table as it stands in its file; none where there is no file."""
        path = self.folder / f"{table}.csv"
        if not path.exists():
            return []
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))

    def measurements(self) -> dict[tuple[str, str], list[tuple[int, float]]]:
        """Values of each patient and analyte with the day since the index date, in order."""
        found: dict[tuple[str, str], list[tuple[int, float]]] = {}
        for row in self.rows("labs"):
            if row["value"]:
                key = (row["patient_id"], row["analyte"])
                start, taken = self.patients[key[0]].get("index_date"), row.get("taken_at")
                day = 0  # without a date it stands for the index date
                if start and taken:
                    day = (date.fromisoformat(taken[:10]) - date.fromisoformat(start)).days
                factor = TO_CANONICAL.get((row["analyte"], row["unit"]), 1.0)
                found.setdefault(key, []).append((day, float(row["value"]) * factor))
        return {key: sorted(values) for key, values in found.items()}

    def nearest(self, patient: str, analyte: str, window: float = WINDOW) -> float | None:
        """The value nearest the index date, the earlier of two as near."""
        values = [
            (abs(day), day, value)
            for day, value in self.labs.get((patient, analyte), [])
            if abs(day) <= window
        ]
        return min(values)[2] if values else None

    def anc(self, patient: str) -> float | None:
        """The neutrophil count that grades a patient: nearest the index date, however far."""
        return self.nearest(patient, "ANC", math.inf)

    def age(self, patient: str) -> float | None:
        """The age given, else the one at the index date by the date of birth."""
        row = self.patients[patient]
        if row.get("age_years"):
            return float(row["age_years"])
        if not row.get("birth_date"):
            return None
        born, index = date.fromisoformat(row["birth_date"]), date.fromisoformat(row["index_date"])
        return (index - born).days / 365.25

    def with_result(self, assay: str, result: str | None = None) -> set[str]:
        """Patients with thyroid disease that have such a result by that assay."""
        return {
            row["patient_id"]
            for row in self.tests
            if row["assay"] == assay and result in (None, row["result"])
        } & self.thyroid
