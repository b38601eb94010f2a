"""A wholly synthetic cohort of late-onset neutropenia after rituximab: dosed, and counted or not.

Run as `python -m incohort.synthetic.late_onset OUT`; the same seed gives the same bytes. The truth
is `late_onset_truth.LateOnsetTruth`. Half are counted every fortnight, half at infusions alone, and
a quarter of all never after the first dose.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np

from incohort.synthetic.folder import MadeCohort, MadeTable, folder_argument, write_folder
from incohort.synthetic.late_onset_truth import NAME, YEAR, Drawn, LateOnsetTruth, draw

SEED = 2021
ORIGIN = date(2015, 1, 1)
_FORTNIGHT = 14
_SCHEDULES = ("fortnightly", "at_infusions", "never")
_NEVER_COUNTED = 0.25
_NO_BASELINE = 0.05
_COLUMNS = {
    "patients": ("patient_id", "sex", "index_date", "centre", "followed_from", "followed_until"),
    "labs": ("patient_id", "analyte", "taken_at", "value", "unit"),
    "medications": ("patient_id", "atc", "drug", "role", "started_on", "stopped_on"),
    "diagnoses": ("patient_id", "condition"),
    "events": ("patient_id", "event", "occurred_on", "serious"),
}
Records = list[dict[str, str]]


class _Patient:
    """One patient's rows in the making, on days from the first dose."""

    def __init__(self, number: int, truth: LateOnsetTruth, rng: np.random.Generator) -> None:
        self.patient_id = f"L{number:03d}"
        self.truth, self.rng = truth, rng
        self.first = ORIGIN + timedelta(days=int(rng.integers(0, 1200)))
        self.rows: dict[str, Records] = {name: [] for name in _COLUMNS}
        self.low: list[tuple[int, int, float]] = []  # first day, first day after, count

    def on(self, day: float) -> str:
        """A day's date."""
        return (self.first + timedelta(days=int(day))).isoformat()

    def write(self, table: str, **row: str) -> None:
        """One row of a table."""
        self.rows[table].append({"patient_id": self.patient_id, **row})

    def course(self, onset: float, end: int, doses: range) -> None:
        """The episodes: the first, and one more after the next dose, if it comes back."""
        if not onset < end:
            return
        self._episode(int(onset))
        later = [day for day in doses if day >= self.low[0][1]]
        if later and self.rng.random() < self.truth.recurrence:
            self._episode(later[0] + int(self.rng.integers(self.truth.delay, 150)))

    def _episode(self, onset: int) -> None:
        length = max(4, int(np.exp(self.rng.normal(np.log(28), 0.4))))
        depth = float(self.rng.choice([0.0, 0.1, 0.3, 0.45, 0.7, 0.9, 1.2, 1.4]))
        self.low.append((onset, onset + length, depth))

    def count_on(self, day: int) -> float:
        """The neutrophil count of a day, 10⁹/L."""
        low = next((depth for first, after, depth in self.low if first <= day < after), None)
        if low is not None:
            return low
        return round(max(1.8, float(np.exp(self.rng.normal(np.log(3.6), 0.25)))), 1)

    def count(self, day: int) -> None:
        """A neutrophil count is taken."""
        value = f"{self.count_on(day):g}"
        self.write("labs", analyte="ANC", taken_at=self.on(day), value=value, unit="10*9/L")


def _written(
    number: int, drawn: Drawn, truth: LateOnsetTruth, rng: np.random.Generator
) -> _Patient:
    """Everything of one patient: doses, counts, infections, death."""
    i = number - 1
    patient = _Patient(number, truth, rng)
    left = float(rng.integers(int(YEAR), truth.horizon))
    end = int(min(left, drawn.death[i]))
    doses = range(0, end, truth.dose_every)
    patient.course(drawn.onset[i], end, doses)
    schedule = str(rng.choice(_SCHEDULES, p=[0.375, 0.375, _NEVER_COUNTED]))
    patient.write(
        "patients", sex=str(rng.choice(["female", "male"])), index_date=patient.on(0),
        centre=schedule, followed_from=patient.on(-7), followed_until=patient.on(end),
    )  # fmt: skip
    patient.write("diagnoses", condition=str(drawn.disease[i]))
    _dose(patient, doses, has_cyclophosphamide=bool(drawn.cyclophosphamide[i]))
    _count(patient, doses, end, schedule)
    _infections(patient, end)
    if drawn.death[i] <= left:
        patient.write("events", event="death", occurred_on=patient.on(end))
    return patient


def _dose(patient: _Patient, doses: range, *, has_cyclophosphamide: bool) -> None:
    drug = {"atc": "L01FA01", "drug": "rituximab", "role": "treatment"}
    for day in doses:
        on = patient.on(day)
        patient.write("medications", **drug, started_on=on, stopped_on=on)
    if has_cyclophosphamide:
        patient.write(
            "medications", atc="L01AA01", drug="cyclophosphamide", role="concomitant",
            started_on=patient.on(-14), stopped_on=patient.on(-3),
        )  # fmt: skip


def _count(patient: _Patient, doses: range, end: int, schedule: str) -> None:
    """Counts as the schedule has them; CD19 at each infusion of those who are counted."""
    if patient.rng.random() >= _NO_BASELINE:
        patient.count(-7)
    if schedule == "never":
        return
    step = _FORTNIGHT if schedule == "fortnightly" else patient.truth.dose_every
    for day in range(step, end, step):
        patient.count(day)
    for day in doses[1:]:
        patient.write(
            "labs", analyte="CD19", taken_at=patient.on(day), value="0", unit="10*9/L"
        )  # fmt: skip


def _infections(patient: _Patient, end: int) -> None:
    """Serious infections: 5 in 100 years, 60 in 100 while the count is low."""
    days = np.arange(1, end)
    low = np.zeros(len(days), dtype=bool)
    for first, after, _ in patient.low:
        low |= (days >= first) & (days < after)
    chance = np.where(low, 0.60, 0.05) / YEAR
    for day in days[patient.rng.random(len(days)) < chance]:
        patient.write("events", event="infection", occurred_on=patient.on(day), serious="true")


def write(out: Path, seed: int = SEED) -> None:
    """Write the patients as a cohort folder: CSV files and `datapackage.json`."""
    rng, truth = np.random.default_rng(seed), LateOnsetTruth()
    drawn = draw(truth, rng)
    roster = [_written(number, drawn, truth, rng) for number in range(1, truth.n + 1)]
    tables = {name: [row for patient in roster for row in patient.rows[name]] for name in _COLUMNS}
    cohort = MadeCohort(
        name=NAME,
        title=f"Synthetic late-onset neutropenia: {truth.n} made-up patients given rituximab",
        description=(
            "Patients given rituximab every half year, of whom some become neutropenic late; "
            "counted every fortnight, at infusions, or never. Nobody here exists."
        ),
        sources=(),
        tables=tuple(MadeTable(name, _COLUMNS[name], rows) for name, rows in tables.items()),
        incohort=_card(truth),
    )
    write_folder(cohort, out)


def _card(truth: LateOnsetTruth) -> dict[str, Any]:
    columns = [f"{table}.{column}" for table, names in _COLUMNS.items() for column in names]
    return {
        "privacy": "public",
        "study": None,
        "origin": "synthetic",
        "notices": [
            (
                "Nobody here exists. Every patient, date and value was drawn by a seeded program "
                "with a known truth, to test whether an analysis finds it again."
            ),
            (
                f"In truth {100 * truth.incidence(365):.1f} % have a late-onset neutropenia within "
                "365 days, whether anybody counts or not. Rates (7.2 in 100 patient-years in the "
                "first year, 1.5 later) and ratios (lupus 2.96, cyclophosphamide 1.98) are near "
                "those that Zonozi printed in 2021; durations, depths, deaths and infections are "
                "chosen, not estimated."
            ),
            (
                "Half of the counted have a count every fortnight, half at infusions alone; a "
                "quarter of all was never counted after the first dose. The centre says which."
            ),
        ],
        "synthetic_columns": [*columns, "labs.ANC", "labs.CD19"],
        "held": [],
        "made_for": ["late_onset"],
        "collected": ["concurrent_medications", "infections"],
    }


if __name__ == "__main__":
    write(folder_argument("incohort.synthetic.late_onset", sys.argv[1:]))
