"""What a perfect analysis of the synthetic drug-induced neutropenia would find.

Worked out from the truth by following the same patients under other ways of giving G-CSF, which no
study can.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incohort.synthetic.din_draw import (
    NEVER,
    Chance,
    Course,
    DrawnPatients,
    course_with,
    draw_chance,
    draw_patients,
    follow,
)
from incohort.synthetic.din_truth import DinTruth
from incohort.synthetic.draws import Vector

_BATCH = 20_000  # patients at once: their hazards by day take some 20 MB a matrix


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulated:
    """A mean over simulated patients, and its Monte Carlo standard error."""

    value: float
    se: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Oracle:
    """The targets of estimation, for `n` simulated patients.

    `log_hr` is given age, nadir and infection: what a time-varying Cox model with these covariates
    estimates. `marginal_log_hr` is without them, where G-CSF is started by lot, as often on each
    day as it is in truth: what a Cox model weighted by the inverse of the stabilised chance of the
    treatment history estimates. The two differ because hazard ratios don't average.

    `rmst_difference` is the mean time to recovery within `tau` days, deaths aside, if everybody
    starts G-CSF on day 0 less that if nobody ever does; `recovered_days_difference` the difference
    of the mean days recovered within `tau` days where deaths happen. G-CSF that helps makes the
    first negative and the second positive.
    """

    n: int
    tau: float
    log_hr: float
    marginal_log_hr: Simulated
    rmst_never: Simulated
    rmst_at_once: Simulated
    rmst_difference: Simulated
    recovered_days_difference: Simulated


def oracle(
    truth: DinTruth, rng: np.random.Generator, *, n: int = 200_000, tau: float = 30.0
) -> Oracle:
    """The targets under a truth.

    Args:
        truth: The rates.
        rng: The same state gives the same numbers.
        n: Patients to simulate; the standard errors shrink with its root.
        tau: Days up to which time to recovery counts.
    """
    batches = [_batch(truth, min(_BATCH, n - done), rng, tau) for done in range(0, n, _BATCH)]
    never, at_once, recovered = (
        np.concatenate([getattr(batch, name) for batch in batches])
        for name in ("never", "at_once", "recovered")
    )
    could_start = np.sum([batch.could_start for batch in batches], axis=0)
    starts = np.sum([batch.starts for batch in batches], axis=0) / could_start
    by_lot = [_by_lot(truth, batch, starts) for batch in batches]
    return Oracle(
        n=n,
        tau=tau,
        log_hr=truth.gcsf_log_hr,
        marginal_log_hr=_log_hr(by_lot),
        rmst_never=_mean(never),
        rmst_at_once=_mean(at_once),
        rmst_difference=_mean(at_once - never),
        recovered_days_difference=_mean(recovered),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Batch:
    """Some patients followed three times: as given, never, at once."""

    patients: DrawnPatients
    chance: Chance
    never: Vector  # time to recovery within tau, deaths aside
    at_once: Vector
    recovered: Vector  # days recovered within tau: at once less never
    starts: Vector  # starts on day 1, 2, …
    could_start: Vector


def _batch(truth: DinTruth, n: int, rng: np.random.Generator, tau: float) -> _Batch:
    patients = draw_patients(truth, n, rng)
    chance = draw_chance(truth, n, rng)
    given = follow(truth, patients, chance)
    never = course_with(truth, patients, chance, np.full(n, NEVER))
    at_once = course_with(truth, patients, chance, np.zeros(n))
    days = np.arange(1, truth.start_until_day + 1)
    ends = np.minimum(given.recovery, given.death)
    is_open = (ends[:, None] > days) & (given.gcsf_start[:, None] >= days)
    return _Batch(
        patients=patients,
        chance=chance,
        never=np.minimum(never.recovery, tau),
        at_once=np.minimum(at_once.recovery, tau),
        recovered=_days_recovered(at_once, tau) - _days_recovered(never, tau),
        starts=(given.gcsf_start[:, None] == days).sum(axis=0).astype(np.float64),
        could_start=is_open.sum(axis=0).astype(np.float64),
    )


def _days_recovered(course: Course, tau: float) -> Vector:
    """Days after recovery up to tau; none where death comes first."""
    is_first = course.recovery <= course.death
    return np.where(is_first, np.maximum(tau - course.recovery, 0.0), 0.0)


def _by_lot(truth: DinTruth, batch: _Batch, starts: Vector) -> Course:
    """The course if on each day G-CSF is started by lot, whoever the patient is."""
    return follow(truth, batch.patients, batch.chance, starts[None, :])


def _log_hr(courses: list[Course]) -> Simulated:
    """Cox's partial likelihood with G-CSF as the one covariate, which varies in time.

    Times are continuous, so there are no ties. With n₁ and n₀ at risk with and without G-CSF at
    each recovery, the score is Σ (G − p) with p = n₁e^β / (n₀ + n₁e^β), the information Σ p(1 − p).
    """
    recovery = np.concatenate([course.recovery for course in courses])
    end = np.minimum(recovery, np.concatenate([course.death for course in courses]))
    start = np.concatenate([course.gcsf_start for course in courses])
    is_event = (recovery == end) & np.isfinite(recovery)
    times = end[is_event]
    is_given = start[is_event] < times
    begun = start < end
    n = _at_or_after(end, times)
    n_given = np.searchsorted(np.sort(start[begun]), times, side="left") - (
        begun.sum() - _at_or_after(end[begun], times)
    )
    beta = 0.0
    for _ in range(50):
        odds = n_given * np.exp(beta)
        p = odds / (n - n_given + odds)
        step = float((is_given - p).sum() / (p * (1 - p)).sum())
        beta += step
        if abs(step) < 1e-12:
            break
    return Simulated(value=beta, se=float(1 / np.sqrt((p * (1 - p)).sum())))


def _at_or_after(ends: Vector, times: Vector) -> Vector:
    """How many of `ends` are at or after each time."""
    return (len(ends) - np.searchsorted(np.sort(ends), times, side="left")).astype(np.float64)


def _mean(values: Vector) -> Simulated:
    return Simulated(
        value=float(values.mean()), se=float(values.std(ddof=1) / np.sqrt(len(values)))
    )
