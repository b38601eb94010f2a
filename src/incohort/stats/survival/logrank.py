"""Whether groups differ in time to the event: the log-rank test and its relatives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from incohort.stats._checked import labels_of
from incohort.stats.outcome import HypothesisTest, NoEstimate
from incohort.stats.survival.inputs import Codes, FollowUp, Matrix, Vector, follow_up
from incohort.stats.survival.risk_sets import RiskSets, risk_sets


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRank:
    """The test, and what it compares in each group: events seen and events expected.

    Counts, `observed` and `expected` are in the order of `groups`, shape (g,); with rho above 0
    the last two are weighted. `variance` is that of observed − expected, shape (g, g).
    """

    statistic: float
    df: int
    p_value: float
    groups: tuple[object, ...]
    n: Codes
    observed: Vector
    expected: Vector
    variance: Matrix
    method: str


def logrank(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    *,
    rho: float = 0,
    stratum: ArrayLike | None = None,
    time_enter: ArrayLike | None = None,
) -> LogRank | NoEstimate:
    """The log-rank test of two or more groups, weighted and stratified where asked.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        group: The groups' labels, shape (n,).
        rho: Harrington and Fleming's weight, S(t−)^rho: 0 is log-rank, 1 is Peto and Peto's.
        stratum: Groups are compared only within its labels, shape (n,).
        time_enter: When each came under observation, shape (n,).

    Raises:
        ValueError: As `follow_up`, or labels are missing.

    Source: Mantel 1966; Harrington & Fleming 1982, Biometrika 69:553; R's survdiff in
        tests/validation/survival/logrank.json.
    """
    rows = follow_up(time, event, time_enter)
    labels, group_code = labels_of(group, rows.n, "group")
    strata = None if stratum is None else labels_of(stratum, rows.n, "stratum")[1]
    if len(labels) < 2:
        return NoEstimate("there are fewer than two groups to compare")
    if not rows.event.any():
        return NoEstimate("nobody had the event")
    g = len(labels)
    if strata is None and rows.enter_code is None:
        events, at_risk = _counted_in_order(rows, group_code, g)
        bounds = np.array([0, events.shape[1]])
    else:
        sets = risk_sets(rows, strata)
        events, at_risk, bounds = *_counted(sets, group_code, g), sets.bounds
    observed, expected, variance = _compared(events, at_risk, bounds, rho)
    test = _chi_square(observed - expected, variance, expected > 0)
    if isinstance(test, NoEstimate):
        return test
    statistic, df = test
    return LogRank(
        statistic=statistic,
        df=df,
        p_value=float(special.chdtrc(df, statistic)),
        groups=tuple(labels.tolist()),
        n=np.bincount(group_code, minlength=g),
        observed=observed,
        expected=expected,
        variance=variance,
        method=_method(rho, is_stratified=strata is not None),
    )


def logrank_trend(
    time: ArrayLike,
    event: ArrayLike,
    score: ArrayLike,
    *,
    stratum: ArrayLike | None = None,
    time_enter: ArrayLike | None = None,
) -> HypothesisTest | NoEstimate:
    """The log-rank test for trend: whether the hazard rises or falls with a score.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        score: A number for each row, such as the rank of a dose, shape (n,).
        stratum: Compared only within its labels, shape (n,).
        time_enter: When each came under observation, shape (n,).

    Raises:
        ValueError: As `follow_up`, or a score is missing.

    Source: Tarone 1975, Biometrika 62:679; R's coxph(ties = "exact") in
        tests/validation/survival/logrank.json.
    """
    rows = follow_up(time, event, time_enter)
    s = np.asarray(score, dtype=np.float64)
    if s.shape != (rows.n,) or not np.isfinite(s).all():
        raise ValueError("score must have one number for each time")
    strata = None if stratum is None else labels_of(stratum, rows.n, "stratum")[1]
    if not rows.event.any():
        return NoEstimate("nobody had the event")
    sets = risk_sets(rows, strata)
    s = s - s.mean()
    n, total, squares = sets.sums(np.column_stack([np.ones_like(s), s, s * s])).T
    n, mean = np.round(n), total / np.round(n)
    d = np.bincount(sets.last[rows.event] - 1, minlength=sets.n_sets).astype(np.float64)
    difference = float(s[rows.event].sum() - (d * mean).sum())
    variance = float((_hypergeometric(d, n) * (squares / n - mean**2)).sum())
    if variance <= 1e-12 * float((d * squares / n).sum()):
        return NoEstimate("whenever somebody had the event, all at risk had the same score")
    statistic = difference**2 / variance
    return HypothesisTest(
        statistic=statistic,
        p_value=float(special.chdtrc(1, statistic)),
        df=1,
        method="log-rank test for trend" + (", stratified" if strata is not None else ""),
    )


def _counted(sets: RiskSets, group: Codes, g: int) -> tuple[Codes, Codes]:
    """Events and numbers at risk, shape (groups, sets)."""
    cells = group[sets.event] * sets.n_sets + sets.last[sets.event] - 1
    events = np.bincount(cells, minlength=sets.n_sets * g).reshape(g, -1)
    return events, sets.counts(group, g)


def _counted_in_order(rows: FollowUp, group: Codes, g: int) -> tuple[Codes, Codes]:
    """The same in one pass, where all are followed from the start and compared with all."""
    times, m = rows.times, len(rows.distinct)
    cell = group[times.order] * m + np.repeat(np.arange(m), times.sizes)
    leaving = np.bincount(cell, minlength=g * m).reshape(g, m)
    at_risk = np.cumsum(leaving[:, ::-1], axis=1)[:, ::-1]
    events = np.bincount(cell[rows.event[times.order]], minlength=g * m).reshape(g, m)
    sets = np.flatnonzero(events.any(axis=0))
    return events.take(sets, axis=1), at_risk.take(sets, axis=1)


def _compared(
    events: Codes, at_risk: Codes, bounds: NDArray[np.int64], rho: float
) -> tuple[Vector, Vector, Matrix]:
    """Observed and expected events, and the variance of their difference.

    `events` and `at_risk` have shape (groups, sets).
    """
    d, n = events.sum(axis=0).astype(np.float64), at_risk.sum(axis=0).astype(np.float64)
    weight = _weights(bounds, d, n, rho)
    share = at_risk.astype(np.float64) / n
    observed = events.astype(np.float64) @ weight
    expected = share @ (weight * d)
    # Var = Σ w² d (n − d)/(n − 1) · (diag(share) − share shareᵀ)
    factor = weight * weight * _hypergeometric(d, n)
    variance = np.diag(share @ factor) - (share * factor) @ share.T
    return observed, expected, variance


def _hypergeometric(d: Vector, n: Vector) -> Vector:
    return np.asarray(d * (n - d) / np.maximum(n - 1, 1))


def _weights(bounds: NDArray[np.int64], d: Vector, n: Vector, rho: float) -> Vector:
    """S(t−)^rho of everybody in the stratum; `bounds` are the strata's first sets and the end."""
    before = np.ones(len(d))
    if rho == 0:
        return before
    for start, end in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        before[start + 1 : end] = np.cumprod(1 - d[start : end - 1] / n[start : end - 1])
    return np.asarray(before**rho, dtype=np.float64)


def _chi_square(
    difference: Vector, variance: Matrix, is_expected: NDArray[np.bool_]
) -> tuple[float, int] | NoEstimate:
    """Quadratic form over all groups but one; groups without an expected event are left out."""
    used = np.flatnonzero(is_expected)[1:]
    nothing = NoEstimate("whenever somebody had the event, only one group was at risk")
    if len(used) == 0:
        return nothing
    v = variance[np.ix_(used, used)]
    scale = np.sqrt(np.diag(v))
    if (scale == 0).any() or (len(used) > 1 and np.linalg.cond(v / np.outer(scale, scale)) > 1e12):
        return nothing
    u = difference[used]
    return float(u @ np.linalg.solve(v, u)), len(used)


def _method(rho: float, *, is_stratified: bool) -> str:
    name = "log-rank test" if rho == 0 else f"Harrington–Fleming test, rho = {rho:g}"
    return name + (", stratified" if is_stratified else "")
