"""The patients of the synthetic drug-induced cohort, each as a story in days from withdrawal."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from incohort.synthetic.din_counts import Counts, counts_after, nadir_of
from incohort.synthetic.din_draw import Draw
from incohort.synthetic.din_drugs import Given, concomitant, filgrastim, suspects

CENTRES = ("north", "east", "south")
FIRST_ENTRY = date(2019, 1, 7)
_CENTRE_SHARES = (0.4, 0.35, 0.25)
_FEMALE = 0.6
_NOT_RECORDED = 0.06  # no diagnosis of the patient was recorded, present or not
_LOW_BEFORE = (0.6, 0.25, 0.15)  # first low count on the day of withdrawal, 1 or 2 days before
_MILD_INFECTION = 0.15
_SITES = ("pneumonia", "sepsis", "skin", "urinary tract", "tonsillitis")


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event on a day; `grade` 0 where it has none."""

    event: str
    day: int
    grade: int = 0
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One patient; days count from `day_zero`, the withdrawal of the last suspect drug.

    `first_low` is the index day. `crp` and `age_years` are None where they were not recorded,
    `conditions` where no diagnosis was; `until` is the last day of follow-up.
    """

    patient_id: str
    day_zero: date
    first_low: int
    centre: str
    sex: str
    age_years: int | None
    conditions: tuple[str, ...] | None
    counts: Counts
    crp: float | None
    given: tuple[Given, ...]
    events: tuple[Happened, ...]
    until: int

    def day(self, days: int) -> date:
        """The date so many days after the withdrawal."""
        return self.day_zero + timedelta(days=days)


def cases_of(drawn: Draw, rng: np.random.Generator) -> list[Case]:
    """Every drawn patient with dates, drugs, counts and events; who they are was drawn before."""
    return [_case(drawn, i, rng) for i in range(drawn.patients.n)]


def pick(rng: np.random.Generator, values: Sequence[str], shares: Sequence[float]) -> str:
    """One of the values; what the shares leave open falls to the last."""
    place = int(np.searchsorted(np.cumsum(shares), rng.random(), side="right"))
    return values[min(place, len(values) - 1)]


def _case(drawn: Draw, i: int, rng: np.random.Generator) -> Case:
    patients = drawn.patients
    seen = _Seen(drawn, i)
    first_low = -int(np.searchsorted(np.cumsum(_LOW_BEFORE), rng.random(), side="right"))
    given = suspects(rng)
    nadir = nadir_of(is_low=bool(patients.is_low[i]), rng=rng)
    return Case(
        patient_id="",
        day_zero=FIRST_ENTRY + timedelta(days=int(drawn.entry_day[i])),
        first_low=first_low,
        centre=pick(rng, CENTRES, _CENTRE_SHARES),
        sex="female" if rng.random() < _FEMALE else "male",
        age_years=None if drawn.age_is_missing[i] else int(patients.age_years[i]),
        conditions=_conditions(
            given, rng, has_comorbidity=bool(patients.has_comorbidity[i])
        ),
        counts=counts_after(
            nadir, first_low, seen.visits, recovery=seen.recovery, is_treated=seen.is_treated,
            rng=rng,
        ),
        crp=None if drawn.crp_is_missing[i] else float(patients.crp[i]),
        given=(*given, *concomitant(rng), *_gcsf(seen)),
        events=_events(seen, first_low, rng),
        until=seen.until,
    )  # fmt: skip


class _Seen:
    """What a study sees of one drawn patient, in whole days."""

    def __init__(self, drawn: Draw, i: int) -> None:
        course, time = drawn.course, float(drawn.time[i])
        self.has_died = int(drawn.cause[i]) == 2
        self.recovery = float(course.recovery[i]) if int(drawn.cause[i]) == 1 else float("inf")
        self.until = int(np.ceil(time)) if self.has_died else int(drawn.censor[i])
        self.is_treated = float(course.gcsf_start[i]) < time
        self.start = int(course.gcsf_start[i]) if self.is_treated else None
        infected = float(drawn.patients.infected_from[i])
        self.infected = int(infected) if infected < time else None
        right = float(drawn.right[i])
        self.seen_recovered = int(right) if np.isfinite(right) else None
        self.visits = self._kept([int(day) for day in drawn.visits[i] if day >= 0])

    def _kept(self, visits: list[int]) -> tuple[int, ...]:
        """Counts up to recovery, the next two, and two at leisure if the patient still comes."""
        if self.seen_recovered is None:
            return tuple(visits)
        after = [day for day in visits if day > self.seen_recovered][:2]
        last = after[-1] if after else self.seen_recovered
        later = [last + gap for gap in (28, 90) if last + gap <= self.until]
        return (*(day for day in visits if day <= self.seen_recovered), *after, *later)


def _gcsf(seen: _Seen) -> tuple[Given, ...]:
    """Filgrastim until recovery is seen, or death; still running where follow-up ends before."""
    if seen.start is None:
        return ()
    return (filgrastim(seen.start, seen.until if seen.has_died else seen.seen_recovered),)


def _conditions(
    given: Sequence[Given], rng: np.random.Generator, *, has_comorbidity: bool
) -> tuple[str, ...] | None:
    """The neutropenia, what the antithyroid drug was for, and one comorbidity."""
    names = ("other", "rheumatoid_arthritis", "lymphoma", "cll", "systemic_lupus")
    comorbidity = pick(rng, names, (0.5, 0.2, 0.12, 0.1, 0.08))
    if rng.random() < _NOT_RECORDED:
        return None
    is_antithyroid = any(course.drug_class == "antithyroid" for course in given)
    return (
        "drug_induced_neutropenia",
        *(("thyroid_disease",) if is_antithyroid else ()),
        *((comorbidity,) if has_comorbidity else ()),
    )


def _events(seen: _Seen, first_low: int, rng: np.random.Generator) -> tuple[Happened, ...]:
    """Admission, the severe infection or now and then a mild one, death."""
    site, is_mild = pick(rng, _SITES, (0.35, 0.2, 0.15, 0.15, 0.15)), rng.random() < _MILD_INFECTION
    grade = 3 + int(rng.random() < 0.35)
    events = [Happened(event="hospitalisation", day=max(first_low, -1))]
    if seen.infected is not None:
        events.append(Happened(event="infection", day=seen.infected, grade=grade, detail=site))
    elif is_mild:
        events.append(Happened(event="infection", day=0, grade=2, detail="oral ulcers"))
    if seen.has_died:
        events.append(Happened(event="death", day=seen.until, grade=5, detail="sepsis"))
    return tuple(events)
