"""What the truth of the synthetic drug-induced cohort doesn't cover: relapses and late onset.

A few patients are given the suspect again and fall again; a few others fall months after
rituximab. Neither counts in what the truth says of hazards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np

from incohort.synthetic.din_cases import CENTRES, FIRST_ENTRY, Case, Happened, pick
from incohort.synthetic.din_counts import counts_after, nadir_of
from incohort.synthetic.din_drugs import course, filgrastim, rituximab

RELAPSES = 8
LATE_ONSETS = 12
_WEEK = 7
# Durations published for late onset run from 5 to 100 days in the median of a series; made up here:
_LATE_MEDIAN_DAYS, _LATE_LOG_SD = 25.0, 0.7


def with_relapses(cases: Sequence[Case], rng: np.random.Generator) -> list[Case]:
    """The same cases; some of those seen to recover are given their suspect again."""
    able = [i for i, case in enumerate(cases) if _can_relapse(case)]
    chosen = {able[i] for i in rng.choice(len(able), RELAPSES, replace=False)}
    return [_relapsed(case, rng) if i in chosen else case for i, case in enumerate(cases)]


def _can_relapse(case: Case) -> bool:
    is_alive = not any(event.event == "death" for event in case.events)
    return is_alive and case.until >= case.counts[-1][0] + 120 and case.counts[-1][1] >= 1.5


def _relapsed(case: Case, rng: np.random.Generator) -> Case:
    """Taken again a month after the last count, low within two weeks, recovered within two more."""
    again = case.counts[-1][0] + int(rng.integers(20, 40))
    stop = again + int(rng.integers(4, 15))
    recovery = float(rng.uniform(4.0, 14.0))
    visits = [0, *range(2, int(recovery) + 4, 2)]
    second = counts_after(
        nadir_of(is_low=False, rng=rng), 0, visits, recovery=recovery, is_treated=False, rng=rng
    )
    low_again = [(stop + day, value) for day, value in second if day >= 0]
    suspect = case.given[0]
    return replace(
        case,
        counts=(*case.counts, *low_again),
        given=(*case.given, course(suspect.drug, "suspect", again, stop)),
        events=(*case.events, Happened(event="relapse", day=stop)),
    )


def late_onsets(accrual_days: int, rng: np.random.Generator) -> list[Case]:
    """Patients who fall two to five months after rituximab; day 0 is the last infusion."""
    return [_late_onset(accrual_days, rng) for _ in range(LATE_ONSETS)]


def _late_onset(accrual_days: int, rng: np.random.Generator) -> Case:
    onset = int(rng.integers(60, 150))
    lasts = float(np.clip(rng.lognormal(np.log(_LATE_MEDIAN_DAYS), _LATE_LOG_SD), 5, 100))
    nadir = round(float(rng.uniform(0.1, 0.9)), 2)
    visits = list(range(0, int(lasts) + 2 * _WEEK, _WEEK))
    is_treated = bool(rng.random() < 0.5)
    low = counts_after(nadir, 0, visits, recovery=lasts, is_treated=is_treated, rng=rng)
    counts = tuple((onset + day, value) for day, value in low if day >= 0)
    seen = next(day for day in visits if day >= lasts)
    start = int(rng.integers(1, 4))
    centre = pick(rng, CENTRES, (0.4, 0.35, 0.25))
    infusions = [-_WEEK * weeks for weeks in ((3, 2, 1, 0) if rng.random() < 0.5 else (2, 0))]
    entry = int(rng.integers(0, accrual_days - 300))
    return Case(
        patient_id="",
        day_zero=FIRST_ENTRY + timedelta(days=entry),
        first_low=onset,
        centre=centre,
        sex="female" if rng.random() < 0.7 else "male",
        age_years=int(rng.integers(25, 80)),
        conditions=(
            "drug_induced_neutropenia",
            pick(rng, ("rheumatoid_arthritis", "lymphoma", "systemic_lupus"), (0.5, 0.3, 0.2)),
        ),
        counts=((onset - 40, round(float(rng.uniform(2.0, 5.0)), 2)), *counts),
        crp=None,
        given=(
            *(rituximab(day, is_former_code=centre == "south") for day in infusions),
            *((filgrastim(onset + start, onset + seen),) if is_treated else ()),
        ),
        events=(
            (Happened(event="infection", day=onset, grade=3, detail="pneumonia"),)
            if rng.random() < 0.3
            else ()
        ),
        until=accrual_days - entry,
    )
