"""Gray's test: whether groups differ in the cumulative incidence of a cause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from incohort.stats._checked import labels_of
from incohort.stats.competing.inputs import caused_follow_up, check_cause
from incohort.stats.outcome import NoEstimate
from incohort.stats.survival.inputs import Codes, Flags, Matrix, Vector

_SINGULAR = 1e12  # condition of the variance in units of correlation


@dataclass(frozen=True, slots=True, kw_only=True)
class GrayTest:
    """The test, and by group its score: events of the cause less those to expect.

    `score` and `n_events` are in the order of `groups`, shape (g,); with rho not 0 the score is
    weighted. `variance` is that of the scores, shape (g, g).
    """

    statistic: float
    df: int
    p_value: float
    groups: tuple[object, ...]
    n: Codes
    n_events: Codes
    score: Vector
    variance: Matrix
    cause_of_interest: int
    method: str


def gray_test(
    time: ArrayLike,
    cause: ArrayLike,
    group: ArrayLike,
    *,
    cause_of_interest: int = 1,
    rho: float = 0,
    stratum: ArrayLike | None = None,
) -> GrayTest | NoEstimate:
    """Gray's test of two or more groups, weighted and stratified where asked.

    It compares the hazards of the subdistribution, as Fine and Gray's model does: a group can
    differ because of the competing causes alone. All are followed from the start.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        cause: Why: 0 is censored, 1, 2, … are the causes, shape (n,).
        group: The groups' labels, shape (n,).
        cause_of_interest: The cause whose cumulative incidence is compared.
        rho: The weight is (1 − F(t−))^rho with F the incidence of all groups together.
        stratum: Groups are compared only within its labels, shape (n,).

    Raises:
        ValueError: As `caused_follow_up`, or labels are missing.

    Source: Gray 1988, Ann Stat 16:1141, with its tie correction; R's cuminc of cmprsk;
        tests/validation/competing/competing.json.
    """
    check_cause(cause_of_interest)
    caused = caused_follow_up(time, cause)
    labels, groups = labels_of(group, caused.n, "group")
    strata = (
        np.zeros(caused.n, dtype=np.int64)
        if stratum is None
        else labels_of(stratum, caused.n, "stratum")[1]
    )
    if len(labels) < 2:
        return NoEstimate("there are fewer than two groups to compare")
    is_event = caused.had(cause_of_interest)
    if not is_event.any():
        return NoEstimate(f"nobody had an event of cause {cause_of_interest}")
    kind = np.where(is_event, 1, np.where(caused.cause > 0, 2, 0))
    score, variance = np.zeros(len(labels)), np.zeros((len(labels), len(labels)))
    for code in range(int(strata.max()) + 1):
        inside = strata == code
        at = _counted(caused.rows.exit_code[inside], kind[inside], groups[inside], len(labels))
        if at.events.any():
            added = _compared(at, rho)
            score, variance = score + added[0], variance + added[1]
    test = _chi_square(score, variance)
    if isinstance(test, NoEstimate):
        return test
    return GrayTest(
        statistic=test[0],
        df=test[1],
        p_value=float(special.chdtrc(test[1], test[0])),
        groups=tuple(labels.tolist()),
        n=np.bincount(groups, minlength=len(labels)),
        n_events=np.bincount(groups[is_event], minlength=len(labels)),
        score=score,
        variance=variance,
        cause_of_interest=cause_of_interest,
        method="Gray's test"
        + (f", rho = {rho:g}" if rho else "")
        + (", stratified" if stratum is not None else ""),
    )


@dataclass(frozen=True, slots=True)
class _Counts:
    """By group and event time, shape (g, m): at risk, events of the cause, of other causes."""

    at_risk: Vector
    events: Vector
    other: Vector


def _counted(exit_code: Codes, kind: Codes, group: Codes, g: int) -> _Counts:
    is_time = np.zeros(int(exit_code.max()) + 1, dtype=np.bool_)
    is_time[exit_code[kind > 0]] = True
    m = int(is_time.sum())
    last = np.cumsum(is_time)[exit_code]  # the times of events until a row leaves
    leaving = np.bincount(group * (m + 1) + last, minlength=g * (m + 1)).reshape(g, m + 1)
    at_risk = np.cumsum(leaving[:, :0:-1], axis=1)[:, ::-1]

    def events(which: int) -> Vector:
        cells = (group * m + last - 1)[kind == which]
        return np.bincount(cells, minlength=g * m).reshape(g, m).astype(np.float64)

    return _Counts(at_risk.astype(np.float64), events(1), events(2))


def _compared(at: _Counts, rho: float) -> tuple[Vector, Matrix]:
    """Scores and their variance within a stratum; names as Gray's §2, sums over groups last.

    R_i(t) = n_i (1 − F_i(t−))/S_i(t−) estimates who is in the subdistribution's risk set, and
    h_i = n_i/S_i(t−) what the pooled incidence F is made of: dF = d/Σ h.
    """
    is_there = at.at_risk > 0
    n = np.where(is_there, at.at_risk, 1.0)
    after: Matrix = np.cumprod(1 - (at.events + at.other) / n, axis=1, dtype=np.float64)
    before = _before(after, 1.0)
    own_before = _before(np.cumsum(before * at.events / n, axis=1), 0.0)
    safe = np.where(before > 0, before, 1.0)
    h = np.where(is_there, n / safe, 0.0)
    sum_h, d = h.sum(axis=0), at.events.sum(axis=0)
    pooled = np.minimum(np.cumsum(d / sum_h), 1.0)
    pooled_before = _before(pooled, 0.0)
    weight = (1 - pooled_before) ** rho if rho else np.ones_like(pooled)
    in_set = h * (1 - own_before)
    score = (weight * (at.events - d * in_set / in_set.sum(axis=0))).sum(axis=1)
    # a_ik = K (δ_ik h_i − h_i h_k/Σh), and C − c, what is still to come of ∫ a dF/(1 − F)
    a = weight * (np.einsum("ik,km->ikm", np.eye(len(h)), h) - h[:, None] * h / sum_h)
    hazard = np.divide(
        d, sum_h * (1 - pooled_before), out=np.zeros_like(d), where=pooled_before < 1
    )
    c = np.cumsum(a * hazard, axis=2)
    to_come = c[:, :, -1:] - c
    return score, _variance(at, a, to_come, (before, after), (sum_h, pooled))


def _variance(
    at: _Counts,
    a: Matrix,
    to_come: Matrix,
    survival: tuple[Matrix, Matrix],
    all_groups: tuple[Vector, Vector],
) -> Matrix:
    """Σ over groups k and times of squares of what one event in k moves the scores by."""
    before, after = survival
    sum_h, pooled = all_groups
    d = at.events.sum(axis=0)
    is_there, is_alive = at.at_risk > 0, after > 0
    n = np.where(is_there, at.at_risk, 1.0)
    rest = np.divide(1 - pooled, after, out=np.zeros_like(after), where=is_alive)
    # An event of the cause, its number in group k expected from all groups.
    expected = np.where(is_there, before * d / (sum_h * n), 0.0)
    of_cause = expected * _ties(d, sum_h * before)
    moved = a + (1 - rest) * to_come
    total = np.einsum("ikm,jkm,km->ij", moved, moved, of_cause, optimize=True)
    # An event of another cause, as it happened.
    other = np.where(is_alive, before**2 * at.other / n**2, 0.0) * _ties(at.other, n)
    moved = rest * to_come
    variance: Matrix = total + np.einsum("ikm,jkm,km->ij", moved, moved, other, optimize=True)
    return variance


def _ties(d: Vector, n: Vector) -> Vector:
    """The hypergeometric correction (n − d)/(n − 1) where d are more than one."""
    correction: Vector = 1 - np.divide(
        d - 1, n - 1, out=np.zeros(np.shape(n)), where=(d > 1) & (n > 1)
    )
    return correction


def _before(values: Matrix, start: float) -> Matrix:
    shifted = np.empty_like(values)
    shifted[..., 0] = start
    shifted[..., 1:] = values[..., :-1]
    return shifted


def _chi_square(score: Vector, variance: Matrix) -> tuple[float, int] | NoEstimate:
    """Quadratic form over all groups but one; groups never compared are left out."""
    compared: Flags = np.diag(variance) > 1e-12 * max(float(np.diag(variance).max()), 1e-300)
    used = np.flatnonzero(compared)[:-1]
    nothing = NoEstimate("whenever somebody had the event, only one group was at risk")
    if len(used) == 0:
        return nothing
    v = variance[np.ix_(used, used)]
    scale = np.sqrt(np.diag(v))
    if np.linalg.cond(v / np.outer(scale, scale)) > _SINGULAR:
        return nothing
    u = score[used]
    return float(u @ np.linalg.solve(v, u)), len(used)
