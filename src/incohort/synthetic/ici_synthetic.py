"""A wholly synthetic cohort under checkpoint inhibitors: 1,200 patients with a known truth.

Each day brings, with a constant chance, an immune-related neutropenia, death, or the start of
chemotherapy, and apart from these a low count of another cause; so that the share with the first by
a day is known, and the mean days until recovery. Run as `python -m incohort.synthetic.ici_synthetic
OUT`; the same seed gives the same bytes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from incohort.synthetic.folder import MadeCohort, MadeTable, folder_argument, write_folder

SEED = 71
N = 1200
FOLLOWED = 400  # days from the first dose
IMMUNE, DEATH, CHEMOTHERAPY, OTHER = 0.000135, 0.0006, 0.0004, 0.00022  # chances of a day
RECOVERY = 1 / 14  # chance of a day while neutropenic
DEATH_WHILE_LOW = 0.005
_EVERY = 42  # days between doses
_DAY_ZERO = date(2018, 1, 1)
_CARD = {
    "privacy": "public",
    "origin": "synthetic",
    "notices": [
        (
            "Nobody here exists. Every patient, date and count was drawn by a seeded program, to "
            "test whether the notebook finds a known truth again. No number in this report says "
            "anything about patients."
        ),
        (
            "Counts were made before each dose, and daily while neutropenic, so that no low count "
            "was missed; in a clinic many are."
        ),
    ],
    "synthetic_columns": [],
    "held": [],
    "collected": [
        "concurrent_medications", "all_diagnoses", "infections", "deaths",
    ],
    "made_for": ["checkpoint"],
}  # fmt: skip
_COLUMNS = {
    "patients": ("patient_id", "sex", "age_years", "index_date", "followed_until"),
    "labs": ("patient_id", "analyte", "taken_at", "value", "unit"),
    "medications": ("patient_id", "atc", "drug", "role", "started_on", "stopped_on", "regimen"),
    "diagnoses": ("patient_id", "condition"),
    "events": ("patient_id", "event", "occurred_on", "cause"),
}

Row = dict[str, str]
Rng = np.random.Generator


def true_incidence(day: int) -> float:
    """The truth: the share with immune-related neutropenia by a day, the others competing.

    Each day the first of three may come; of what comes by the day the share is its own of all.
    """
    every = IMMUNE + DEATH + CHEMOTHERAPY
    return float(IMMUNE / every * (1 - (1 - every) ** day))


def true_mean(horizon: int) -> float:
    """The truth: the mean of the first days not yet recovered, if nobody died."""
    return float(sum((1 - RECOVERY) ** day for day in range(horizon)))


@dataclass(slots=True)
class Courses:
    """What befell each patient: the day of the first of three, and which; other low counts."""

    end: np.ndarray = field(repr=False)
    cause: np.ndarray = field(repr=False)  # 0 followed to the end, 1 immune, 2 death, 3 chemo
    other: np.ndarray = field(repr=False)  # day of a low count of another cause
    recovery: np.ndarray = field(repr=False)
    death: np.ndarray = field(repr=False)  # days after the low count


def drawn(rng: Rng, n: int = N) -> Courses:
    """The courses of some patients, from the first dose on."""
    every = IMMUNE + DEATH + CHEMOTHERAPY
    end = rng.geometric(every, n)
    chances = np.array([IMMUNE, DEATH, CHEMOTHERAPY]) / every
    cause = rng.choice([1, 2, 3], n, p=chances)
    cause = np.where(end > FOLLOWED, 0, cause)
    return Courses(
        end=np.minimum(end, FOLLOWED),
        cause=cause,
        other=rng.geometric(OTHER, n),
        recovery=rng.geometric(RECOVERY, n),
        death=rng.geometric(DEATH_WHILE_LOW, n),
    )


def write(out: Path, seed: int = SEED) -> None:
    """Write the patients as a cohort folder: CSV files and `datapackage.json`."""
    rng = np.random.default_rng(seed)
    courses = drawn(rng)
    tables: dict[str, list[Row]] = {name: [] for name in _COLUMNS}
    for place in range(N):
        _Patient(f"C{place + 1:04d}", courses, place, rng, tables).write()
    cohort = MadeCohort(
        name="ici_synthetic",
        title="Synthetic: neutropenia under checkpoint inhibitors",
        description="Patients drawn by a seeded program, with a known share and a known recovery.",
        sources=(),
        tables=tuple(MadeTable(name, _COLUMNS[name], rows) for name, rows in tables.items()),
        incohort=_CARD,
    )
    write_folder(cohort, out)


@dataclass(slots=True)
class _Patient:
    """A patient's rows, from the course that was drawn."""

    name: str
    courses: Courses
    place: int
    rng: Rng
    tables: dict[str, list[Row]]
    start: date = _DAY_ZERO

    def write(self) -> None:
        """The rows of each table, in the order of their days."""
        self.start = _DAY_ZERO + timedelta(days=int(self.rng.integers(0, 700)))
        end, cause = int(self.courses.end[self.place]), int(self.courses.cause[self.place])
        other = int(self.courses.other[self.place])
        counts = {-1: self._normal()}
        doses = [day for day in range(0, end, _EVERY) if day < end]
        counts |= {day: self._normal() for day in doses[1:]}
        last = self._immune(counts, end) if cause == 1 else end
        if cause == 2:
            self._add("events", event="death", occurred_on=self._on(end), cause="tumour")
        if cause == 3:
            self._drug("L01XA02", "carboplatin", end, end, role="")
        if cause != 1 and other < min(end, FOLLOWED) - 10:
            self._of_another_cause(counts, other)
        for day in doses:
            self._drug("L01FF02", "pembrolizumab", day, day, role="suspect", regimen="mono")
        for day, value in sorted(counts.items()):
            if day <= last:
                self._add("labs", analyte="ANC", taken_at=self._on(day), value=f"{value:.2f}",
                          unit="10*9/L")  # fmt: skip
        self._add("diagnoses", condition="solid_tumour")
        self._add(
            "patients", sex=str(self.rng.choice(["female", "male"])),
            age_years=str(int(self.rng.integers(40, 85))), index_date=self._on(0),
            followed_until=self._on(last),
        )  # fmt: skip

    def _immune(self, counts: dict[int, float], onset: int) -> int:
        """Daily counts until recovery or death; the last day."""
        recovery = int(self.courses.recovery[self.place])
        death = int(self.courses.death[self.place])
        low = min(recovery, death)
        counts |= {onset + day: round(self.rng.uniform(0.0, 0.45), 2) for day in range(low)}
        if death < recovery:
            cause = str(self.rng.choice(["irae", "infection"]))
            self._add("events", event="death", occurred_on=self._on(onset + death), cause=cause)
            return onset + death
        counts[onset + recovery] = self._normal()
        return onset + recovery

    def _of_another_cause(self, counts: dict[int, float], day: int) -> None:
        """A low count of a few days, after metamizole or at an infection."""
        if self.rng.random() < 0.6:
            self._drug("N02BB02", "metamizole", day - 6, day - 2, role="")
        else:
            self._add("events", event="infection", occurred_on=self._on(day - 3))
        counts |= {day: 0.3, day + 1: 0.4, day + 8: self._normal()}

    def _normal(self) -> float:
        return float(np.round(self.rng.uniform(2.0, 7.0), 2))

    def _on(self, day: int) -> str:
        return (self.start + timedelta(days=day)).isoformat()

    def _drug(self, atc: str, drug: str, first: int, last: int, **more: str) -> None:
        days = {"started_on": self._on(first), "stopped_on": self._on(last)}
        self._add("medications", atc=atc, drug=drug, **days, **more)

    def _add(self, table: str, **values: str) -> None:
        row = dict.fromkeys(_COLUMNS[table], "")
        self.tables[table].append({**row, "patient_id": self.name, **values})


if __name__ == "__main__":
    write(folder_argument("incohort.synthetic.ici_synthetic", sys.argv[1:]))
