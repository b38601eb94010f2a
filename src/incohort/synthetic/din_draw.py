"""Synthetic drug-induced neutropenia as arrays: many patients at once, for repeated simulation.

All chance is drawn first, so that the same patients can be followed under another assignment of
G-CSF; the course then follows by adding up hazards until they pass each patient's threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from incohort.synthetic.din_truth import DinTruth
from incohort.synthetic.draws import Vector

Flags = NDArray[np.bool_]
Days = NDArray[np.int64]
Matrix = NDArray[np.float64]

NEVER = float("inf")


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnPatients:
    """Who the patients are, one entry a patient; `crp` in mg/L.

    `infected_from` is the whole day from which a severe infection shows, 0 for an infection at the
    start, infinite for none.
    """

    age_years: Vector
    is_low: Flags
    has_comorbidity: Flags
    crp: Vector
    infected_from: Vector

    @property
    def n(self) -> int:
        """How many they are."""
        return len(self.age_years)

    def is_infected(self, day: int) -> Flags:
        """Who has had a severe infection by that day."""
        return self.infected_from <= day


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What becomes of them if followed for ever, in days from withdrawal; infinite where never.

    `recovery` is the time that recovery would have without death, `death` the time of death without
    recovery: the smaller of the two happens. `gcsf_start` is a whole day, or infinite.
    """

    gcsf_start: Vector
    recovery: Vector
    death: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Draw:
    """One simulated study: patients, their true course, and what is seen of it.

    `time` and `cause` (0 censored, 1 recovered, 2 died) are exact, in continuous days; `left` and
    `right` are the visits between which recovery came: the last count below 1.5, the first at or
    above it (infinite where none was seen). `visits` are the days with a count, one row a patient,
    filled up with −1. `censor` is the end of follow-up by loss or closing of the study.
    """

    patients: DrawnPatients
    course: Course
    entry_day: Days
    censor: Vector
    time: Vector
    cause: Days
    visits: Days
    left: Vector
    right: Vector
    age_is_missing: Flags
    crp_is_missing: Flags

    @property
    def ever_gcsf(self) -> Flags:
        """Who is given G-CSF while under observation: what a naive analysis compares."""
        return self.course.gcsf_start < self.time


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """What is left to chance in the course: thresholds of hazard, and a number a possible start."""

    recovery: Vector
    death: Vector
    start: Matrix  # one column per day 1 … start_until_day


def draw(truth: DinTruth, n: int, rng: np.random.Generator) -> Draw:
    """One study of `n` patients; the same generator state gives the same arrays."""
    patients = draw_patients(truth, n, rng)
    course = follow(truth, patients, draw_chance(truth, n, rng))
    return _observe(truth, patients, course, rng)


def draw_patients(truth: DinTruth, n: int, rng: np.random.Generator) -> DrawnPatients:
    """Who comes, on the day that the drug is withdrawn."""
    age = np.clip(np.round(rng.normal(truth.age_mean, truth.age_sd, n)), 18, 94)
    is_low = rng.random(n) < truth.low
    at_start = np.where(is_low, truth.infected_at_start_low, truth.infected_at_start)
    later = rng.exponential(size=n) / (
        truth.infection_per_day * np.exp(truth.infection_low * is_low)
    )
    infected_from = np.where(rng.random(n) < at_start, 0.0, np.ceil(later))
    log_crp = rng.normal(truth.crp_log_mean, truth.crp_log_sd, n)
    logit = truth.comorbidity_logit + truth.comorbidity_decade * (age - 60) / 10
    return DrawnPatients(
        age_years=age,
        is_low=is_low,
        has_comorbidity=rng.random(n) < _expit(logit),
        crp=np.round(np.exp(log_crp + truth.crp_log_infected * (infected_from == 0)), 1),
        infected_from=np.where(infected_from < truth.horizon_days, infected_from, NEVER),
    )


def draw_chance(truth: DinTruth, n: int, rng: np.random.Generator) -> Chance:
    """The chance of one study."""
    return Chance(
        recovery=rng.exponential(size=n),
        death=rng.exponential(size=n),
        start=rng.random((n, truth.start_until_day)),
    )


def start_chances(truth: DinTruth, patients: DrawnPatients) -> Matrix:
    """start(t) of each patient on days 1 … `start_until_day`, if still alive and neutropenic."""
    days = np.arange(1, truth.start_until_day + 1)
    infected = patients.infected_from[:, None] <= days
    logit = truth.start_logit + truth.start_low * patients.is_low[:, None]
    return _expit(logit + truth.start_infected * infected)


def follow(
    truth: DinTruth, patients: DrawnPatients, chance: Chance, starts: Matrix | None = None
) -> Course:
    """The course under the truth's way of giving G-CSF, or under other chances of a start.

    Args:
        truth: The rates.
        patients: Who they are.
        chance: What was drawn for them.
        starts: The chance of a start on each day 1 … in those still alive and neutropenic, one row
            a patient or one for all; the truth's where None.
    """
    recovery, death = _hazards(truth, patients)
    if starts is None:
        starts = start_chances(truth, patients)
    untreated = np.minimum(_passing(recovery, chance.recovery), _passing(death, chance.death))
    days = np.arange(1, truth.start_until_day + 1)
    begins = (chance.start < starts) & (days < untreated[:, None])
    start = np.where(begins.any(axis=1), 1.0 + begins.argmax(axis=1), NEVER)
    return course_with(truth, patients, chance, start)


def course_with(truth: DinTruth, patients: DrawnPatients, chance: Chance, start: Vector) -> Course:
    """The course if G-CSF is started on these days, whatever the patients are like."""
    recovery, death = _hazards(truth, patients)
    is_given = start[:, None] <= truth.days
    return Course(
        gcsf_start=start,
        recovery=_passing(recovery * np.exp(truth.gcsf_log_hr * is_given), chance.recovery),
        death=_passing(death * np.exp(truth.gcsf_log_hr_death * is_given), chance.death),
    )


def _hazards(truth: DinTruth, patients: DrawnPatients) -> tuple[Matrix, Matrix]:
    """Hazards of recovery and death without G-CSF: one row a patient, one column a day."""
    low = patients.is_low[:, None]
    infected = patients.infected_from[:, None] <= truth.days
    decades = (patients.age_years[:, None] - 60) / 10
    recovery = truth.recovery_baseline * np.exp(
        truth.recovery_low * low
        + truth.recovery_infected * infected
        + truth.recovery_decade * decades
    )
    death = truth.death_baseline * np.exp(
        truth.death_low * low + truth.death_infected * infected + truth.death_decade * decades
    )
    return recovery, death


def _passing(hazard: Matrix, threshold: Vector) -> Vector:
    """When the hazard added up passes each threshold; infinite if not within the columns."""
    added = np.cumsum(hazard, axis=1)
    day = (added < threshold[:, None]).sum(axis=1)
    is_in = day < hazard.shape[1]
    at = np.minimum(day, hazard.shape[1] - 1)
    row = np.arange(len(threshold))
    before = added[row, at] - hazard[row, at]
    return np.where(is_in, at + (threshold - before) / hazard[row, at], NEVER)


def _observe(
    truth: DinTruth, patients: DrawnPatients, course: Course, rng: np.random.Generator
) -> Draw:
    """What a study sees of the course: until death, loss, closing or the horizon."""
    n = patients.n
    entry = rng.integers(0, truth.accrual_days, n)
    lost = rng.exponential(1.0 / truth.lost_per_day, n)
    censor = np.minimum(lost, truth.accrual_days - entry + 0.0)
    end = np.minimum(censor, truth.horizon_days)
    time = np.minimum(np.minimum(course.recovery, course.death), end)
    cause = np.where(time == end, 0, np.where(course.recovery <= course.death, 1, 2))
    visits, is_weekly = _visits(truth, patients, rng)
    last = np.where(cause == 1, np.floor(end), np.floor(time))
    visits = np.where(visits <= last[:, None], visits, -1)
    left, right = _bounds(visits, np.where(cause == 1, course.recovery, NEVER))
    missing = np.where(is_weekly, truth.crp_missing_weekly, truth.crp_missing)
    return Draw(
        patients=patients,
        course=course,
        entry_day=entry,
        censor=censor,
        time=time,
        cause=cause,
        visits=visits,
        left=left,
        right=right,
        age_is_missing=rng.random(n) < truth.age_missing,
        crp_is_missing=rng.random(n) < missing,
    )


def _visits(
    truth: DinTruth, patients: DrawnPatients, rng: np.random.Generator
) -> tuple[Days, Flags]:
    """The days with a count, day 0 first, over the whole horizon; and who comes about weekly."""
    n, columns = patients.n, truth.horizon_days
    is_sicker = patients.is_low | patients.is_infected(0)
    is_daily = rng.random(n) < np.where(is_sicker, truth.daily_sicker, truth.daily)
    is_weekly = ~is_daily & (rng.random(n) < truth.weekly)
    gap = np.where(
        is_weekly[:, None],
        rng.integers(6, 9, (n, columns)),
        np.where(is_daily[:, None], 1, rng.integers(2, 4, (n, columns))),
    )
    after = np.cumsum(gap, axis=1)
    return np.concatenate([np.zeros((n, 1), dtype=np.int64), after], axis=1), is_weekly


def _bounds(visits: Days, recovery: Vector) -> tuple[Vector, Vector]:
    """The last visit before recovery and the first one from it on."""
    is_visit = visits >= 0
    is_below = is_visit & (visits < recovery[:, None])
    left = np.where(is_below, visits, 0).max(axis=1).astype(np.float64)
    seen = np.where(is_visit & ~is_below, visits, np.inf)
    return left, seen.min(axis=1)


def _expit(logit: Matrix) -> Matrix:
    chance: Matrix = 1.0 / (1.0 + np.exp(-logit))
    return chance
