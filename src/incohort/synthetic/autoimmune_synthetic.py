"""A wholly synthetic cohort of autoimmune disease: patients with low counts are seen more often.

Run as `python -m incohort.synthetic.autoimmune_synthetic OUT`; the same seed gives the same bytes.
How often a patient of each disease is neutropenic is known, and so is the rate of infections. A
share of visits is another number, and too high.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from incohort.synthetic.folder import MadeCohort, MadeTable, folder_argument, write_folder

SEED = 2025
ORIGIN = date(2015, 1, 5)
_ROWS = {
    "patients": ("patient_id", "sex", "age_years", "index_date", "followed_from", "followed_until"),
    "labs": ("patient_id", "analyte", "taken_at", "value", "unit"),
    "diagnoses": ("patient_id", "condition", "subtype", "diagnosed_on"),
    "medications": ("patient_id", "atc", "drug", "role", "started_on", "stopped_on"),
    "visits": ("patient_id", "from_on", "to_on", "kind", "reason"),
    "events": ("patient_id", "event", "occurred_on", "detail"),
    "findings": ("patient_id", "seen_on", "finding", "result"),
    "clonality": ("patient_id", "taken_on", "tcr_method", "tcr_result"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Disease:
    """How many patients have it, and the chance that one of them is ever below 1.5 × 10⁹/L."""

    name: str
    n: int
    share: float
    subtype: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AutoimmuneTruth:
    """What the patients are drawn with; every number is chosen, none comes from a study.

    A neutropenic patient's count is below `limit` at the first visit, and at each later one with
    the chance `low_again`; nobody else's ever is. Visits, one at least, are Poisson with the means
    `visits_low` and `visits_other` beyond the first, so that neutropenic patients are seen more
    often. Infections come at `infections` per 1,000 person-months, `ratio` times as often in the
    neutropenic, whatever the count of the day.
    """

    diseases: tuple[Disease, ...] = (
        Disease(name="rheumatoid_arthritis", n=300, share=0.08),
        Disease(name="systemic_lupus", n=200, share=0.2),
        Disease(name="sjogren", n=120, share=0.25),
        Disease(name="systemic_sclerosis", n=80, share=0.05),
        Disease(name="primary_biliary_cholangitis", n=60, share=0.05),
        Disease(name="thyroid_disease", n=80, share=0.15, subtype="graves"),
        Disease(name="inflammatory_bowel_disease", n=60, share=0.1),
    )
    limit: float = 1.5
    low_again: float = 0.7
    visits_low: float = 9.0
    visits_other: float = 2.0
    infections: float = 8.0
    ratio: float = 2.0
    on_drug: float = 0.4  # of the neutropenic
    months: tuple[int, int] = (24, 60)

    @property
    def of_patients(self) -> float:
        """The share of all patients that is neutropenic, as it is expected."""
        n = sum(disease.n for disease in self.diseases)
        return sum(disease.n * disease.share for disease in self.diseases) / n

    @property
    def of_visits(self) -> float:
        """The share of all visits with a low count, as it is expected."""
        low = sum(d.n * d.share * (1 + self.low_again * self.visits_low) for d in self.diseases)
        visits = sum(
            d.n * (1 + d.share * self.visits_low + (1 - d.share) * self.visits_other)
            for d in self.diseases
        )
        return low / visits


def draw_counts(
    disease: Disease, truth: AutoimmuneTruth, rng: np.random.Generator
) -> list[list[bool]]:
    """Of each patient of a disease, visit by visit, whether the count is low."""
    drawn = []
    for is_low in rng.random(disease.n) < disease.share:
        more = int(rng.poisson(truth.visits_low if is_low else truth.visits_other))
        drawn.append([bool(is_low), *(bool(is_low) & (rng.random(more) < truth.low_again))])
    return drawn


@dataclass
class _Writing:
    """The rows in the making."""

    truth: AutoimmuneTruth
    rng: np.random.Generator
    rows: dict[str, list[dict[str, str]]] = field(default_factory=dict)

    def write(self, table: str, **row: str) -> None:
        """One more row of a table."""
        self.rows.setdefault(table, []).append(row)


def _on(days: int) -> str:
    return (ORIGIN + timedelta(days=days)).isoformat()


def _patient(work: _Writing, who: str, disease: Disease, lows: list[bool]) -> None:
    """All rows of one patient."""
    rng, truth = work.rng, work.truth
    low, high = truth.months
    start = int(rng.integers(0, 365))
    length = int(rng.integers(low, high + 1) * 30.4375)
    work.write(
        "patients", patient_id=who, sex="female" if rng.random() < 0.75 else "male",
        age_years=str(int(rng.integers(18, 85))), index_date=_on(start), followed_from=_on(start),
        followed_until=_on(start + length),
    )  # fmt: skip
    work.write(
        "diagnoses", patient_id=who, condition=disease.name, subtype=disease.subtype,
        diagnosed_on=_on(start),
    )  # fmt: skip
    later = np.sort(rng.choice(np.arange(7, length - 1), size=len(lows) - 1, replace=False))
    days = [start, *(start + int(day) for day in later)]
    for day, is_low in zip(days, lows, strict=True):
        _visit(work, who, day, is_low=is_low)
    is_neutropenic = lows[0]
    _drugs(work, who, start, is_neutropenic=is_neutropenic)
    for day in _infected(work, length, is_neutropenic=is_neutropenic):
        work.write("events", patient_id=who, event="infection", occurred_on=_on(start + day))
    if is_neutropenic and disease.name == "rheumatoid_arthritis":
        _examined(work, who, start)


def _visit(work: _Writing, who: str, day: int, *, is_low: bool) -> None:
    limit = work.truth.limit
    anc = work.rng.uniform(0.3, limit - 0.01) if is_low else work.rng.uniform(limit, 7.0)
    white = anc + work.rng.uniform(0.8, 2.5)
    work.write("visits", patient_id=who, from_on=_on(day), kind="outpatient")
    for analyte, value in (("ANC", anc), ("WBC", white)):
        number = f"{int(value * 100) / 100:.2f}"  # cut, so that nothing crosses the limit
        work.write("labs", patient_id=who, analyte=analyte, taken_at=_on(day), value=number,
                   unit="10*9/L")  # fmt: skip
    if work.rng.random() < 0.8:
        for analyte, value, unit in (
            ("HB", work.rng.normal(13.2, 1.2), "g/dL"), ("PLT", work.rng.normal(260, 60), "10*9/L"),
        ):  # fmt: skip
            number = f"{max(value, 6.0):.1f}"
            work.write("labs", patient_id=who, analyte=analyte, taken_at=_on(day), value=number,
                       unit=unit)  # fmt: skip


def _drugs(work: _Writing, who: str, start: int, *, is_neutropenic: bool) -> None:
    """Hydroxychloroquine in half; a drug that can cause it in some of the neutropenic, then."""
    if work.rng.random() < 0.5:
        work.write("medications", patient_id=who, atc="P01BA02", drug="hydroxychloroquine",
                   role="concomitant", started_on=_on(start + 30))  # fmt: skip
    if is_neutropenic and work.rng.random() < work.truth.on_drug:
        work.write("medications", patient_id=who, atc="A07EC01", drug="sulfasalazine",
                   role="concomitant", started_on=_on(start - 60),
                   stopped_on=_on(start + 3))  # fmt: skip


def _infected(work: _Writing, length: int, *, is_neutropenic: bool) -> Iterator[int]:
    """The days of infections, which come as likely on one day as on another."""
    rate = work.truth.infections * (work.truth.ratio if is_neutropenic else 1)
    n = int(work.rng.poisson(rate / 1000 * length / 30.4375))
    yield from sorted({int(day) for day in work.rng.integers(1, length, size=n)})


def _examined(work: _Writing, who: str, start: int) -> None:
    """The spleen of most, and a test for a clone of some."""
    if work.rng.random() < 0.7:
        result = "present" if work.rng.random() < 0.4 else "absent"
        work.write("findings", patient_id=who, seen_on=_on(start), finding="splenomegaly",
                   result=result)  # fmt: skip
    if work.rng.random() < 0.5:
        result = "clonal" if work.rng.random() < 0.4 else "polyclonal"
        work.write("clonality", patient_id=who, taken_on=_on(start), tcr_method="trg_pcr",
                   tcr_result=result)  # fmt: skip


def write(out: Path, seed: int = SEED, truth: AutoimmuneTruth | None = None) -> None:
    """Write the patients as a cohort folder: CSV files and `datapackage.json`."""
    truth = truth or AutoimmuneTruth()
    work = _Writing(truth=truth, rng=np.random.default_rng(seed))
    number = 0
    for disease in truth.diseases:
        for lows in draw_counts(disease, truth, work.rng):
            number += 1
            _patient(work, f"A{number:03}", disease, lows)
    tables = tuple(MadeTable(name, _ROWS[name], work.rows[name]) for name in _ROWS)
    write_folder(
        MadeCohort(
            name="autoimmune_synthetic",
            title="Synthetic autoimmune disease: neutropenic patients are seen more often",
            description="900 invented patients with seven autoimmune diseases, whose visits are "
            "more frequent where the count is low.",
            sources=(),
            tables=tables,
            incohort={
                "privacy": "public",
                "origin": "synthetic",
                "notices": [_NOBODY, _truth_words(truth)],
                "made_for": ["autoimmune"],
                "collected": [
                    "infections",
                    "concurrent_medications",
                    "all_diagnoses",
                    "all_visits",
                ],
            },
        ),
        out,
    )


_NOBODY = (
    "Nobody here exists. Every patient, date, value and result was drawn by a seeded program, to "
    "test whether the notebook finds a known truth again. No number in this report says anything "
    "about patients."
)


def _truth_words(truth: AutoimmuneTruth) -> str:
    return (
        f"Expected below 1.5 × 10⁹/L at any time: {100 * truth.of_patients:.1f} % of patients, and "
        f"{100 * truth.of_visits:.1f} % of visits, as neutropenic patients are seen more often. "
        f"Infections: {truth.infections:g} per 1,000 person-months, in the neutropenic "
        f"{truth.ratio:g} times as many. All of it is chosen, none comes from a study."
    )


if __name__ == "__main__":
    write(folder_argument("incohort.synthetic.autoimmune_synthetic", sys.argv[1:]))
