"""How far the true effects of studies differ from each other."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from incohort.stats._ascent import ascent
from incohort.stats.outcome import NoEstimate

Vector = NDArray[np.float64]

_MAX_STEPS = 1000
_MAX_HALVINGS = 60  # beyond them a step no longer changes τ²
_CONVERGED = 1e-13


@dataclass(frozen=True, slots=True, kw_only=True)
class Heterogeneity:
    """Cochran's Q with df and P; τ² and I² (a proportion in [0, 1]) with limits by Q-profile.

    A lower limit of 0 means that the studies may share one effect.
    """

    q: float
    df: int
    p_value: float
    tau_squared: float
    tau_squared_low: float
    tau_squared_high: float
    i_squared: float
    i_squared_low: float
    i_squared_high: float
    conf_level: float


def generalised_q(y: Vector, v: Vector, tau_squared: float) -> float:
    """Σ w (y − μ)² with weights 1/(v + τ²); Cochran's Q at τ² = 0."""
    w = 1 / (v + tau_squared)
    mean = float(w @ y / w.sum())
    return float(w @ (y - mean) ** 2)


def heterogeneity(
    y: Vector, v: Vector, tau_squared: float, conf_level: float
) -> Heterogeneity | NoEstimate:
    """The measures of heterogeneity around a τ² that was estimated before.

    Source: Higgins & Thompson 2002, Stat Med 21:1539 (I² from τ² and the typical variance);
        Viechtbauer 2007, Stat Med 26:37 (Q-profile); R's confint of metafor;
        tests/validation/meta/meta.R.
    """
    df = len(y) - 1
    if df == 0:
        return NoEstimate("one study alone can't differ from others")
    q = generalised_q(y, v, 0.0)
    typical = _typical_variance(v)
    tail = (1 - conf_level) / 2
    low = _tau_at(y, v, float(special.chdtri(df, tail)))
    high = _tau_at(y, v, float(special.chdtri(df, 1 - tail)))
    return Heterogeneity(
        q=q,
        df=df,
        p_value=float(special.chdtrc(df, q)),
        tau_squared=tau_squared,
        tau_squared_low=low,
        tau_squared_high=high,
        i_squared=tau_squared / (tau_squared + typical),
        i_squared_low=low / (low + typical),
        i_squared_high=high / (high + typical),
        conf_level=conf_level,
    )


def tau_squared_dl(y: Vector, v: Vector) -> float:
    """DerSimonian and Laird's moment estimate, not below 0.

    Source: DerSimonian & Laird 1986, Control Clin Trials 7:177; R's rma of metafor;
        tests/validation/meta/meta.R.
    """
    w = 1 / v
    spread = float(w.sum() - (w**2).sum() / w.sum())
    return max(0.0, (generalised_q(y, v, 0.0) - (len(y) - 1)) / spread)


def tau_squared_reml(y: Vector, v: Vector) -> float | None:
    """The restricted maximum-likelihood estimate, not below 0; None where it is not reached.

    Fisher scoring from the moment estimate; a step that would lower the likelihood is halved.

    Source: Viechtbauer 2005, J Educ Behav Stat 30:261; R's rma of metafor;
        tests/validation/meta/meta.R.
    """
    start = _Restricted(y, v, tau_squared_dl(y, v))
    scale = float(v.mean() + start.tau_squared)
    way = ascent(
        start,
        lambda here: here.step,
        lambda beta: _Restricted(y, v, max(0.0, float(beta[0]))),
        n_steps=_MAX_STEPS,
        n_halvings=_MAX_HALVINGS,
    )
    for stage in way:
        moved = abs(stage.place.tau_squared - stage.before.tau_squared)
        if stage.step is not None and moved <= _CONVERGED * scale:
            return stage.place.tau_squared
    return None


@dataclass(frozen=True)
class _Restricted:
    """The restricted likelihood at one τ²."""

    y: Vector
    v: Vector
    tau_squared: float

    @property
    def beta(self) -> Vector:
        return np.array([self.tau_squared])

    @cached_property
    def log_likelihood(self) -> float:
        return _restricted_likelihood(self.y, self.v, self.tau_squared)

    @property
    def step(self) -> Vector:
        """Fisher's: score by information of the restricted likelihood, both doubled."""
        y, w = self.y, 1 / (self.v + self.tau_squared)
        total = w.sum()
        residual = y - w @ y / total
        score = w**2 @ residual**2 - total + (w**2).sum() / total
        information = (w**2).sum() - 2 * (w**3).sum() / total + ((w**2).sum() / total) ** 2
        return np.array([score / information])


def _restricted_likelihood(y: Vector, v: Vector, tau_squared: float) -> float:
    """Without its constant."""
    w = 1 / (v + tau_squared)
    return 0.5 * float(np.log(w).sum() - np.log(w.sum())) - 0.5 * generalised_q(y, v, tau_squared)


def _typical_variance(v: Vector) -> float:
    """Higgins and Thompson's s²."""
    w = 1 / v
    return float((len(v) - 1) * w.sum() / (w.sum() ** 2 - (w**2).sum()))


def _tau_at(y: Vector, v: Vector, critical: float) -> float:
    """The τ² at which the generalised Q, which falls with τ², is the critical value; 0 if none."""

    def gap(tau_squared: float) -> float:
        return generalised_q(y, v, tau_squared) - critical

    if gap(0.0) <= 0:
        return 0.0
    beyond = float(v.mean())
    while gap(beyond) > 0:
        beyond *= 2
    return float(optimize.brentq(gap, 0.0, beyond, xtol=1e-14 * beyond, rtol=1e-14))
