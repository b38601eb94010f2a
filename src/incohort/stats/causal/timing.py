"""The effect of a treatment that begins after time zero: three answers to its late start."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats.causal.effect import (
    TreatmentEffect,
    adjusting,
    courses,
    effect_of,
    problem_of,
)
from incohort.stats.outcome import NoEstimate
from incohort.stats.survival import cox, landmark
from incohort.stats.survival.inputs import TIE_TOLERANCE, Codes, Flags, Matrix, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRows:
    """One row for each stretch of a patient's time, untreated before treatment began, then treated.

    `patient` is the patient's place among those who came in; events stand in the last stretch.
    """

    patient: Codes
    time_enter: Vector
    time: Vector
    event: Flags
    treated: Flags


def split_at_treatment(time: ArrayLike, event: ArrayLike, treated_at: ArrayLike) -> SplitRows:
    """Each patient's time at risk, split where treatment began.

    Arguments and faults as `courses`, which also tells who is left out.

    Untreated until day 3 of 8, never treated, treated from the start:

    >>> rows = split_at_treatment([8, 5, 4], [1, 0, 1], [3, np.inf, 0])
    >>> [row.tolist() for row in (rows.patient, rows.time_enter, rows.time)]
    [[0, 0, 1, 2], [0.0, 3.0, 0.0, 0.0], [3.0, 8.0, 5.0, 4.0]]
    >>> rows.treated.tolist(), rows.event.tolist()
    ([False, True, False, True], [False, True, False, True])
    """
    given = courses(time, event, treated_at)
    has_before = given.treated_at > TIE_TOLERANCE
    has_after = given.is_treated
    row = np.concatenate([np.flatnonzero(has_before), np.flatnonzero(has_after)])
    treated = np.arange(len(row)) >= has_before.sum()
    start = np.where(has_before, given.treated_at, 0.0)
    order = np.lexsort((treated, row))
    row, treated = row[order], treated[order]
    return SplitRows(
        patient=given.row[row],
        time_enter=np.where(treated, start[row], 0.0),
        time=np.where(treated, given.time[row], np.minimum(given.treated_at, given.time)[row]),
        event=given.event[row] & (treated | ~has_after[row]),
        treated=treated,
    )


def ever_never(
    time: ArrayLike,
    event: ArrayLike,
    treated_at: ArrayLike,
    *,
    covariates: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> TreatmentEffect | NoEstimate:
    """The biased answer: whoever was ever treated counts as treated from time zero.

    To be treated on day 5 one must not have recovered by then: this time without recovery is
    counted against the treatment (immortal time). It is here to be shown beside the others.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        treated_at: When treatment began; infinite where it never did, shape (n,).
        covariates: Known at time zero, to adjust for, shape (n, k).
        conf_level: In (0, 1).

    Raises:
        ValueError: As `courses` and `adjusting`.

    Source: Suissa 2008, Am J Epidemiol 167:492; R's coxph.
    """
    given = courses(time, event, treated_at)
    x = adjusting(covariates, len(np.asarray(time)))[given.row]
    problem = problem_of(given.is_treated, given.event)
    if problem:
        return NoEstimate(problem)
    fit = cox(given.time, given.event, _with_treatment(given.is_treated, x))
    return effect_of(
        fit if isinstance(fit, NoEstimate) else fit.hazard_ratios(conf_level=conf_level),
        counts=(len(given.row), int(given.is_treated.sum()), int(given.event.sum())),
        method="ever against never treated, Cox model; biased by immortal time",
        is_biased=True,
    )


def time_varying(
    time: ArrayLike,
    event: ArrayLike,
    treated_at: ArrayLike,
    *,
    covariates: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> TreatmentEffect | NoEstimate:
    """Each patient counts as untreated until treatment begins, and as treated from then on.

    That removes immortal time. It does not remove confounding by what happened after time zero
    and led to treatment; for that see `weighted_effect`.

    Arguments and faults as `ever_never`.

    Source: Andersen & Gill 1982, Ann Stat 10:1100; R's coxph on split rows in
        tests/validation/causal/causal.R.
    """
    rows = split_at_treatment(time, event, treated_at)
    x = adjusting(covariates, len(np.asarray(time)))[rows.patient]
    problem = problem_of(rows.treated, rows.event)
    if problem:
        return NoEstimate(problem)
    fit = cox(rows.time, rows.event, _with_treatment(rows.treated, x), time_enter=rows.time_enter)
    treated = np.unique(rows.patient[rows.treated])
    return effect_of(
        fit if isinstance(fit, NoEstimate) else fit.hazard_ratios(conf_level=conf_level),
        counts=(len(np.unique(rows.patient)), len(treated), int(rows.event.sum())),
        method="treatment as a time-varying covariate, Cox model",
    )


def landmark_effect(
    time: ArrayLike,
    event: ArrayLike,
    treated_at: ArrayLike,
    *,
    at: float,
    covariates: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> TreatmentEffect | NoEstimate:
    """Those still at risk at the landmark, by whether they had been treated by then.

    Treatment that begins later counts as none, so the effect is one of early treatment and is
    drawn towards 1.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        treated_at: When treatment began; infinite where it never did, shape (n,).
        at: The landmark, from 0.
        covariates: Known at the landmark, to adjust for, shape (n, k).
        conf_level: In (0, 1).

    Raises:
        ValueError: As `courses` and `adjusting`, or the landmark is negative.

    Source: Anderson, Cain & Gelber 1983, J Clin Oncol 1:710; R's coxph.
    """
    given = courses(time, event, treated_at)
    x = adjusting(covariates, len(np.asarray(time)))[given.row]
    left = landmark(given.time, given.event, at)
    treated = given.treated_at[left.is_included] <= at + TIE_TOLERANCE * max(1.0, at)
    problem = problem_of(treated, left.event)
    if problem:
        return NoEstimate(f"of those at risk at the landmark, {problem}")
    fit = cox(left.time, left.event, _with_treatment(treated, x[left.is_included]))
    return effect_of(
        fit if isinstance(fit, NoEstimate) else fit.hazard_ratios(conf_level=conf_level),
        counts=(len(left.time), int(treated.sum()), int(left.event.sum())),
        method=f"landmark at {at:g}, Cox model",
    )


def _with_treatment(treated: Flags, x: Matrix) -> Matrix:
    return np.column_stack([treated.astype(np.float64), x])
