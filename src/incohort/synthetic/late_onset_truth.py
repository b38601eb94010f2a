"""The truth behind the synthetic late-onset neutropenia: every rate its patients are drawn with.

Kept apart so that a test can ask whether an analysis finds it again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.float64]
Flags = NDArray[np.bool_]
NAME = "late_onset_synthetic"
YEAR = 365.25
NEVER = np.inf

# Zonozi 2021: patients by disease. The 53 others are given one disease, by premise.
DISEASES = {
    "anca_vasculitis": 529, "membranous_nephropathy": 73, "minimal_change_fsgs": 59,
    "systemic_lupus": 24, "rheumatoid_arthritis": 53,
}  # fmt: skip
_SPARED, _LUPUS = "minimal_change_fsgs", "systemic_lupus"


@dataclass(frozen=True, slots=True, kw_only=True)
class LateOnsetTruth:
    """How late-onset neutropenia begins, in days from the first dose of rituximab.

    A dose is given every `dose_every` days. A first episode begins on day t with the hazard
    h(t) = rate · ratios, per year: `year_1` before day 365.25 and `later` from then on, times
    `lupus` and `cyclophosphamide` in whom they are true, 0 in minimal change disease, and 0 on the
    first `delay` days after each dose, so that every onset is late by Tesfa's definition. Death
    has one hazard all along and ends everything. The rates and ratios are Zonozi's of 2021, taken
    for those of a patient with neither; the rest is chosen, not estimated.
    """

    year_1: float = 0.072
    later: float = 0.015
    lupus: float = 2.96
    cyclophosphamide: float = 1.98
    n_cyclophosphamide: int = 515
    delay: int = 28
    dose_every: int = 182
    death: float = 0.01  # per year
    recurrence: float = 0.21  # after the first dose that follows a recovery
    horizon: int = 1096

    @property
    def n(self) -> int:
        """How many patients the published mix has."""
        return sum(DISEASES.values())

    def cumulative_hazard(self) -> Days:
        """H(t) of onset at the end of each day from 0 on, of whoever has every ratio 1."""
        day = np.arange(self.horizon)
        rate = np.where(day < YEAR, self.year_1, self.later) / YEAR
        hazard: Days = np.cumsum(np.where(day % self.dose_every < self.delay, 0.0, rate))
        return hazard

    def incidence(self, day: int) -> float:
        """The share of the published mix with an onset by a day, death competing."""
        ratios = np.array([0.0, 1.0, self.lupus])
        mix = np.array([59, 529 + 73 + 53, 24]) / self.n
        given = self.n_cyclophosphamide / (self.n - 59)
        share = 0.0
        for ratio, weight in zip(ratios, mix, strict=True):
            for factor, chance in ((self.cyclophosphamide, given), (1.0, 1 - given)):
                share += weight * chance * self._share(ratio * factor, day)
        return share

    def _share(self, ratio: float, day: int) -> float:
        before = np.concatenate([[0.0], ratio * self.cumulative_hazard()[:day]])
        alive = np.exp(-self.death / YEAR * (np.arange(day) + 0.5))
        return float(np.sum(alive * (np.exp(-before[:-1]) - np.exp(-before[1:]))))


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Patients as arrays: disease, cyclophosphamide, and days of onset and death (or infinity)."""

    disease: NDArray[np.str_]
    cyclophosphamide: Flags
    onset: Days
    death: Days


def draw(truth: LateOnsetTruth, rng: np.random.Generator) -> Drawn:
    """The published mix, with what each patient is given and when it comes."""
    names = [name for name, n in DISEASES.items() for _ in range(n)]
    disease = rng.permutation(np.array(names))
    able = np.flatnonzero(disease != _SPARED)
    given = np.zeros(truth.n, dtype=bool)
    given[rng.choice(able, truth.n_cyclophosphamide, replace=False)] = True
    ratio = np.where(disease == _SPARED, 0.0, np.where(disease == _LUPUS, truth.lupus, 1.0))
    ratio = ratio * np.where(given, truth.cyclophosphamide, 1.0)
    waited = rng.exponential(size=truth.n) / np.where(ratio > 0, ratio, np.nan)
    hazard = truth.cumulative_hazard()
    place = np.searchsorted(hazard, np.nan_to_num(waited, nan=NEVER))
    onset = np.where(place < truth.horizon, place.astype(float), NEVER)
    death = np.ceil(rng.exponential(YEAR / truth.death, truth.n))
    return Drawn(
        disease=disease,
        cyclophosphamide=given,
        onset=np.where(onset < death, onset, NEVER),
        death=np.where(death < truth.horizon, death, NEVER),
    )
