"""Firth's penalised Cox likelihood: finite estimates where the likelihood is monotone."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import numpy as np
from scipy import optimize, special

from incohort.stats._ascent import ascent, if_finite
from incohort.stats.outcome import NoEstimate
from incohort.stats.survival.cox_likelihood import (
    Design,
    Likelihood,
    expected_covariates,
    likelihood,
)
from incohort.stats.survival.inputs import Codes, Vector

_MAX_STEPS = 100
_CONVERGED = 1e-9  # of the longest step in a coefficient of the scaled design
_SLACK = 1e-11  # by which rounding may lower the likelihood, relative to its size
_LONGEST = 2.0  # step, on the scale of the design
_NUDGE = 1e-5  # of a coefficient, for the slope of the modified score
_FARTHEST = 1e4  # coefficient, in standard errors, at which a profile limit is sought no more
_LOST = NoEstimate("the model did not converge, not even Firth's")


def firth(
    data: Design, start: Vector, *, fixed: int | None = None
) -> tuple[Likelihood, float] | NoEstimate:
    """The maximum of log L + ½ log det I, and its value; coefficient `fixed` stays at its start.

    Newton steps on the modified score U + ½ trace(I⁻¹ ∂I) of Heinze & Schemper 2001, section 2,
    with its own slope: I⁻¹ alone in its place can swing for ever between two points.
    """
    free = np.array([k for k in range(len(start)) if k != fixed], dtype=np.int64)
    at_start = _penalised(data, start)
    if at_start is None:
        return _LOST
    if len(free) == 0:
        return at_start.likelihood, at_start.log_likelihood

    def step(here: Penalised) -> Vector:
        move = np.zeros(len(start))
        move[free] = _newton_step(data, here.likelihood, free)
        longest = float(np.abs(move).max())
        return move * (_LONGEST / longest) if longest > _LONGEST else move

    at = partial(_penalised, data)
    for stage in ascent(at_start, step, at, n_steps=_MAX_STEPS, slack=_SLACK):
        if stage.longest < _CONVERGED:
            return stage.before.likelihood, stage.before.log_likelihood
    return _LOST


def _newton_step(data: Design, now: Likelihood, free: Codes) -> Vector:
    slope = np.empty((len(free), len(free)))
    for row, k in enumerate(free):
        nudge = np.zeros(len(now.beta))
        nudge[k] = _NUDGE
        ahead = _modified_score(data, likelihood(data, now.beta + nudge))
        behind = _modified_score(data, likelihood(data, now.beta - nudge))
        slope[row] = (behind - ahead)[free] / (2 * _NUDGE)
    slope = (slope + slope.T) / 2
    if not np.isfinite(slope).all() or np.linalg.eigvalsh(slope)[0] <= 0:
        slope = now.information[np.ix_(free, free)]
    score = _modified_score(data, now)[free]
    return np.linalg.solve(slope, score).astype(np.float64)


def _modified_score(data: Design, at: Likelihood) -> Vector:
    return at.score + 0.5 * penalty_score(data, at)


def penalty_score(data: Design, at: Likelihood) -> Vector:
    """trace(I⁻¹ ∂I/∂β_r) for each r, shape (k,): twice what Firth adds to the score.

    ∂I/∂β_r is the third central moment of the covariates at risk, summed over events. With
    Q = I⁻¹, q = xᵀQx and m the mean at risk, E[(x − m)_r (x − m)ᵀQ(x − m)]
    = E[x_r q] − m_r E[q] − 2 E[x_r xᵀ]Qm + 2 m_r mᵀQm, and each sum over events and those at risk
    is a sum over rows of what they meet while at risk.
    """
    x, m, expected_x = data.x, at.mean_x, expected_covariates(data, at)
    q_matrix = np.linalg.inv(at.information)
    q = np.einsum("ij,jk,ik->i", x, q_matrix, x)
    cross = np.einsum("ij,jk,ik->i", x, q_matrix, expected_x)
    by_row = (at.expected * q - 2 * cross) @ x - q @ expected_x
    by_event = 2 * np.einsum("ej,jk,ek->e", m, q_matrix, m) @ m
    return np.asarray(by_row + by_event, dtype=np.float64)


def firth_profile(
    data: Design, best: Likelihood, conf_level: float
) -> tuple[tuple[float, float, float], ...] | NoEstimate:
    """For each coefficient, on the design's scale, its profile limits and the P of its being 0.

    A limit is infinite where the profile never falls by as much as the level asks, or can no
    longer be followed.
    """
    at_best = _penalised(data, best.beta)
    if at_best is None:
        return _LOST
    peak = at_best.log_likelihood
    drop = float(special.chdtri(1, 1 - conf_level)) / 2
    se = np.sqrt(np.diag(np.linalg.inv(best.information)))
    profiles = []
    for k in range(len(best.beta)):
        at_zero = firth(data, _with(best.beta, k, 0.0), fixed=k)
        if isinstance(at_zero, NoEstimate):
            return at_zero
        low = _limit(data, best, k, -float(se[k]), peak - drop)
        high = _limit(data, best, k, float(se[k]), peak - drop)
        statistic = 2 * max(peak - at_zero[1], 0.0)
        profiles.append((low, high, float(special.chdtrc(1, statistic))))
    return tuple(profiles)


def _limit(data: Design, best: Likelihood, k: int, unit: float, level: float) -> float:
    """Where the profile of coefficient k comes down to `level`, outwards from the maximum.

    Steps double until the profile is below; each starts where the last ended, and the crossing
    is then closed in on.
    """
    distance, near, start = unit, float(best.beta[k]), best.beta
    while abs(distance) <= _FARTHEST * abs(unit):
        far = float(best.beta[k]) + distance
        maximum = firth(data, _with(start, k, far), fixed=k)
        if isinstance(maximum, NoEstimate):
            break
        if maximum[1] <= level:
            # From where the last step ended, so that both ends come out as they just did.
            return _closed_in(data, start, k, (near, far), level)
        near, start, distance = far, maximum[0].beta, 2 * distance
    return math.copysign(math.inf, unit)


def _closed_in(
    data: Design, start: Vector, k: int, between: tuple[float, float], level: float
) -> float:
    def above(value: float) -> float:
        maximum = firth(data, _with(start, k, value), fixed=k)
        return -math.inf if isinstance(maximum, NoEstimate) else maximum[1] - level

    return float(optimize.brentq(above, *between, xtol=1e-10))


def _with(beta: Vector, k: int, value: float) -> Vector:
    changed = beta.copy()
    changed[k] = value
    return changed


@dataclass(frozen=True, slots=True)
class Penalised:
    """The likelihood at some coefficients, and its logarithm with Firth's penalty."""

    likelihood: Likelihood
    log_likelihood: float

    @property
    def beta(self) -> Vector:
        """The coefficients."""
        return self.likelihood.beta


def _penalised(data: Design, beta: Vector) -> Penalised | None:
    """None where the information overflows, or is not positive."""
    at = if_finite(likelihood(data, beta))
    if at is None:
        return None
    sign, log_det = np.linalg.slogdet(at.information)
    return Penalised(at, at.log_likelihood + 0.5 * float(log_det)) if sign > 0 else None
