"""Ways to estimate the effect of G-CSF, which `bench_truth` compares, and what each means to find.

All adjust for what G-CSF and recovery share in the synthetic truth: a nadir below 0.1, a severe
infection by the day, age.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from incohort.stats import NoEstimate
from incohort.stats.causal import (
    PersonDays,
    TreatmentEffect,
    ever_never,
    landmark_effect,
    person_days,
    split_at_treatment,
    time_varying,
    treatment_weights,
    weighted_effect,
)
from incohort.stats.survival import HazardRatio, RmstContrast, cox, rmst_comparison
from incohort.synthetic.din_draw import (
    NEVER,
    Course,
    DrawnPatients,
    draw,
    draw_chance,
    draw_patients,
    follow,
    start_chances,
)
from incohort.synthetic.din_oracle import oracle
from incohort.synthetic.din_truth import DinTruth

TRUTH = DinTruth()
LANDMARK, TAU = 4, 20.0  # days
CUT, WHOLE = (1.0, 99.0), (0.0, 100.0)  # percentiles that weights are truncated at
_BATCH = 20_000  # patients followed at once

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Times = tuple[Vector, NDArray[np.bool_], Vector]
Found = TreatmentEffect | HazardRatio | RmstContrast | NoEstimate


class Promise(Enum):
    """What is held of a method's intervals."""

    TOO_LOW = "too low"
    TOO_HIGH = "too high"
    NOMINAL = "nominal"
    SHOWN = "shown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The number that a perfect analysis would find, and its Monte Carlo standard error."""

    value: float
    se: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """One cohort as the analyses take it; time zero is the withdrawal.

    `times` are the end of follow-up, recovered or not, and the start of G-CSF; `from_first_dose`
    counts those ever given it from its start only. `baseline` was known at time zero, one row a
    patient; `by_day` at the beginning of each row of `days`.
    """

    patients: DrawnPatients
    times: Times
    from_first_dose: Times
    ever: NDArray[np.bool_]
    baseline: Matrix
    at_first_dose: Matrix
    days: PersonDays
    by_day: Matrix


@dataclass(frozen=True, slots=True)
class Method:
    """A way to estimate, the name of its target, what is held of it."""

    name: str
    target: str
    promise: Promise
    estimate: Callable[[Cohort], Found]


def cohort(seed: list[int], n: int) -> Cohort:
    """The cohort of that seed."""
    drawn = draw(TRUTH, n, np.random.default_rng(seed))
    patients, ever = drawn.patients, drawn.ever_gcsf
    recovered, gcsf = drawn.cause == 1, drawn.course.gcsf_start
    first_dose = np.where(ever, gcsf, 0.0)
    days = person_days(drawn.time, recovered, gcsf)
    baseline = known_by(patients, 0)
    return Cohort(
        patients=patients,
        times=(drawn.time, recovered, gcsf),
        from_first_dose=(drawn.time - first_dose, recovered, np.where(ever, 0.0, NEVER)),
        ever=ever,
        baseline=baseline,
        at_first_dose=known_by(patients, first_dose),
        days=days,
        by_day=np.column_stack(
            [
                baseline[days.patient][:, [0, 2]],
                patients.infected_from[days.patient] <= days.day,
            ]
        ),
    )


def known_by(patients: DrawnPatients, day: float | Vector) -> Matrix:
    """Nadir below 0.1, infected by that day, age: one row a patient."""
    infected = patients.infected_from <= day
    return np.column_stack([patients.is_low, infected, patients.age_years]).astype(np.float64)


def _every_day(c: Cohort) -> Found:
    """Cox on days at risk, with G-CSF and infection as they stood on each."""
    x = np.column_stack([c.days.treated, c.by_day])
    fit = cox(c.days.time, c.days.event, x, time_enter=c.days.time_enter)
    ratios = fit if isinstance(fit, NoEstimate) else fit.hazard_ratios()
    return ratios if isinstance(ratios, NoEstimate) else ratios[0]


def _weighted(percentiles: tuple[float, float], *, given: bool) -> Callable[[Cohort], Found]:
    """The weighted effect in the whole cohort, or given what was known at time zero."""

    def estimate(c: Cohort) -> Found:
        baseline = c.baseline[c.days.patient] if given else None
        found = treatment_weights(
            c.days,
            c.by_day,
            ("low", "age", "infected"),
            baseline=baseline,
            percentiles=percentiles,
        )
        if isinstance(found, NoEstimate):
            return found
        return weighted_effect(c.days, found.weight, baseline=baseline)

    return estimate


def _landmark(c: Cohort) -> Found:
    """Adjusted for what was known at the landmark."""
    return landmark_effect(*c.times, at=LANDMARK, covariates=known_by(c.patients, LANDMARK))


def _days(times: Times, ever: NDArray[np.bool_]) -> Found:
    """The difference of mean days to recovery within TAU, ever less never."""
    found = rmst_comparison(times[0], times[1], ever, TAU)
    return found if isinstance(found, NoEstimate) else found.difference


METHODS = (
    Method("ever/never", "marginal", Promise.TOO_LOW, lambda c: ever_never(*c.times)),
    Method(
        "ever/never, adjusted",
        "conditional",
        Promise.TOO_LOW,
        lambda c: ever_never(*c.times, covariates=c.baseline),
    ),
    Method(
        "from the first dose",
        "marginal",
        Promise.SHOWN,  # the wrong time zero and the confounding pull apart: either may win
        lambda c: ever_never(*c.from_first_dose),
    ),
    Method(
        "from the first dose, adjusted",
        "conditional",
        Promise.TOO_HIGH,
        lambda c: ever_never(*c.from_first_dose, covariates=c.at_first_dose),
    ),
    Method("days, ever/never", "days", Promise.TOO_HIGH, lambda c: _days(c.times, c.ever)),
    Method(
        "days, from the first dose",
        "days",
        Promise.SHOWN,  # likewise
        lambda c: _days(c.from_first_dose, c.ever),
    ),
    Method("time-varying", "marginal", Promise.TOO_LOW, lambda c: time_varying(*c.times)),
    Method(
        "time-varying, adjusted at time zero",
        "conditional",
        Promise.SHOWN,  # later infections still confound
        lambda c: time_varying(*c.times, covariates=c.baseline),
    ),
    Method("time-varying, adjusted daily", "conditional", Promise.NOMINAL, _every_day),
    # Weights up to 40: truncated they leave confounding, whole they have too short intervals.
    Method("weighted, truncated", "marginal", Promise.SHOWN, _weighted(CUT, given=False)),
    Method("weighted", "marginal", Promise.SHOWN, _weighted(WHOLE, given=False)),
    Method(
        "weighted given baseline, truncated",
        "given baseline",
        Promise.NOMINAL,
        _weighted(CUT, given=True),
    ),
    Method(
        "weighted given baseline", "given baseline", Promise.NOMINAL, _weighted(WHOLE, given=True)
    ),
    Method("landmark, adjusted", "early start", Promise.NOMINAL, _landmark),
    Method("landmark, read as the effect", "conditional", Promise.TOO_LOW, _landmark),
)


def targets(seed: int, n: int) -> dict[str, Target]:
    """What each method means to find, from n patients followed under other ways to give G-CSF.

    conditional: the log hazard ratio given all covariates, which the cohorts are drawn with.
    marginal: without covariates, G-CSF started by lot (`oracle`).
    given baseline: given what was known at time zero, G-CSF started by a lot that knows only this.
    early start: given what is known at the landmark, among those neither recovered nor treated
        before: a start at the landmark, by lot, against what happens to the others, of whom many
        start later. So it is less than the effect of G-CSF, and depends on practice.
    days: of mean time to recovery within TAU, all from day 0 less none (`oracle`).
    """
    known = oracle(TRUTH, np.random.default_rng([seed, 0]), n=n, tau=TAU)
    return {
        "conditional": Target(value=known.log_hr),
        "marginal": Target(value=known.marginal_log_hr.value, se=known.marginal_log_hr.se),
        "days": Target(value=known.rmst_difference.value, se=known.rmst_difference.se),
        "given baseline": _trial(np.random.default_rng([seed, 1]), n, _lot_by_baseline, at=0),
        "early start": _trial(np.random.default_rng([seed, 2]), n, _lot_at_landmark, at=LANDMARK),
    }


Lot = Callable[[DrawnPatients, np.random.Generator], Matrix]


def _lot_by_baseline(patients: DrawnPatients, _rng: np.random.Generator) -> Matrix:
    """Chances of a start on each day, of patients as if nobody were infected later."""
    infected = np.where(patients.infected_from == 0, 0.0, NEVER)
    return start_chances(TRUTH, replace(patients, infected_from=infected))


def _lot_at_landmark(patients: DrawnPatients, rng: np.random.Generator) -> Matrix:
    """No start before the landmark, a coin at it, and the truth's chances later."""
    chances = start_chances(TRUTH, patients)
    days = np.arange(1, chances.shape[1] + 1)
    coin = rng.integers(0, 2, (patients.n, 1))
    return np.where(days < LANDMARK, 0.0, np.where(days == LANDMARK, coin, chances))


def _trial(rng: np.random.Generator, n: int, lot: Lot, *, at: int) -> Target:
    """The log hazard ratio from day `at` on, given what is known on it, if starts are by that lot.

    With a landmark the group is fixed there; without one G-CSF counts from its start.
    """
    parts = [_followed(rng, min(_BATCH, n - done), lot, at) for done in range(0, n, _BATCH)]
    end, recovered, start, x = (np.concatenate(part) for part in zip(*parts, strict=True))
    if at:
        start = np.where(start <= at, 0.0, NEVER)
    rows = split_at_treatment(end - at, recovered, start)
    covariates = np.column_stack([rows.treated, x[rows.patient]])
    fit = cox(rows.time, rows.event, covariates, time_enter=rows.time_enter)
    if isinstance(fit, NoEstimate):
        raise TypeError(fit.reason)
    return Target(value=float(fit.coef[0]), se=float(fit.se[0]))


def _followed(
    rng: np.random.Generator, n: int, lot: Lot, at: int
) -> tuple[Vector, NDArray[np.bool_], Vector, Matrix]:
    """Those still at risk on day `at`: end of follow-up, recovered, start, what is known."""
    patients, chance = draw_patients(TRUTH, n, rng), draw_chance(TRUTH, n, rng)
    course: Course = follow(TRUTH, patients, chance, lot(patients, rng))
    end = np.minimum(np.minimum(course.recovery, course.death), TRUTH.horizon_days)
    kept = end > at
    recovered = course.recovery == end
    return end[kept], recovered[kept], course.gcsf_start[kept], known_by(patients, at)[kept]
