"""The Aalen–Johansen curves: how many have had an event of each cause, over time."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats._checked import check_option
from incohort.stats.competing.counts import CauseCounts, count_by_cause
from incohort.stats.competing.inputs import caused_follow_up
from incohort.stats.outcome import Interval, NoEstimate, check_conf_level, check_probability
from incohort.stats.survival.curves import ConfType, increasing, limits, not_reached
from incohort.stats.survival.inputs import TIE_TOLERANCE, Codes, Flags, Vector

VarianceType = Literal["greenwood", "gray"]

_CERTAIN = 1 - 1e-12  # a cumulative incidence from here on is 1 but for rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidenceTable:
    """Cumulative incidence at chosen times, with its limits and the events until then."""

    time: Vector
    cumulative_incidence: Vector
    se: Vector
    ci_low: Vector
    ci_high: Vector
    has_limits: Flags
    n_events: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class CumulativeIncidence:
    """The cumulative incidence of one cause from each time on, 0 before the first, shape (m,).

    Times are all those at which follow-up ended, for whatever cause. Before the cause's first
    event the limits are 0. Where everybody had it, it has no variance and so no limits:
    `has_limits` is False there, and the limits are the widest that can be, 0 and 1.
    """

    cause: int
    time: Vector
    n_at_risk: Codes
    n_events: Codes
    cumulative_incidence: Vector
    se: Vector
    ci_low: Vector
    ci_high: Vector
    has_limits: Flags
    conf_level: float
    conf_type: ConfType
    method: str

    def quantile(self, p: float) -> Interval | NoEstimate:
        """The first time by which a proportion p of all had an event of this cause.

        The limits are where the curve's own limits reach p, infinite where they never do.

        Raises:
            ValueError: p is not strictly between 0 and 1.
        """
        check_probability("p", p)
        estimate = _reaches(self.time, self.cumulative_incidence, p)
        if math.isinf(estimate):
            return not_reached(p)
        return Interval(
            estimate=estimate,
            ci_low=_reaches(self.time, self.ci_high, p),
            ci_high=_reaches(self.time, self.ci_low, p),
            conf_level=self.conf_level,
            method=f"Aalen–Johansen quantile, limits from the {self.conf_type} interval",
        )

    def at(self, times: ArrayLike) -> IncidenceTable:
        """Cumulative incidence at chosen times.

        Args:
            times: Increasing, from 0, shape (r,).

        Raises:
            ValueError: The times do not increase.
        """
        chosen = increasing(times)
        slack = TIE_TOLERANCE * max(1.0, float(self.time.mean()))
        until = np.searchsorted(self.time, chosen + slack, side="right")

        def from_start(values: Vector) -> Vector:
            return np.concatenate([[0.0], values])[until]

        return IncidenceTable(
            time=chosen,
            cumulative_incidence=from_start(self.cumulative_incidence),
            se=from_start(self.se),
            ci_low=from_start(self.ci_low),
            ci_high=from_start(self.ci_high),
            has_limits=np.concatenate([[True], self.has_limits])[until],
            n_events=np.concatenate([[0], np.cumsum(self.n_events)])[until],
        )


def _reaches(time: Vector, curve: Vector, p: float) -> float:
    """The first time at which a curve is p or more."""
    reached = curve >= p - TIE_TOLERANCE
    return float(time[np.argmax(reached)]) if reached.any() else math.inf


@dataclass(frozen=True, slots=True, kw_only=True)
class AalenJohansen:
    """Where patients are over time: still without an event, or had one of each cause.

    One row for each different time at which follow-up ended; `survival` and the cumulative
    incidences of `causes` add to 1. `n_at_risk` counts just before.
    """

    time: Vector
    n_at_risk: Codes
    n_censored: Codes
    survival: Vector
    causes: tuple[CumulativeIncidence, ...]
    n: int
    method: str

    def of(self, cause: int) -> CumulativeIncidence | NoEstimate:
        """The curve of one cause."""
        for curve in self.causes:
            if curve.cause == cause:
                return curve
        return NoEstimate(f"nobody had an event of cause {cause}")


def aalen_johansen(
    time: ArrayLike,
    cause: ArrayLike,
    *,
    time_enter: ArrayLike | None = None,
    conf_level: float = 0.95,
    conf_type: ConfType = "log-log",
    variance: VarianceType = "greenwood",
) -> AalenJohansen | NoEstimate:
    """The cumulative incidence of each cause, the others competing.

    Log-log limits are the default, −log of the cumulative incidence on the log scale, as R's
    survfit(conf.type = "log-log") sets them. R's own default is log.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        cause: Why: 0 is censored, 1, 2, … are the causes, shape (n,).
        time_enter: When each came under observation, shape (n,): at risk only after that.
        conf_level: In (0, 1).
        conf_type: The scale on which the limits are symmetric.
        variance: "greenwood" takes the events of a time as multinomial. It is etm's, and where
            all enter at the start it equals the infinitesimal jackknife of R's survfit. "gray"
            is that of cmprsk's cuminc: Aalen's of independent causes, with a hypergeometric
            correction for ties.

    Raises:
        ValueError: As `caused_follow_up`, or an option is none of those named.

    Source: Aalen & Johansen 1978, Scand J Stat 5:141; Greenwood-type variance: Andersen, Borgan,
        Gill & Keiding 1993, §IV.4.1.3; R's survfit, etm, cuminc in
        tests/validation/competing/competing.json.

    Of four, one dies on day 1, one recovers on day 2 and one leaves; the last recovers on day 4:

    >>> curves = aalen_johansen([1, 2, 3, 4], [2, 1, 0, 1])
    >>> curves.causes[0].cumulative_incidence.tolist(), curves.survival.tolist()
    ([0.0, 0.25, 0.25, 0.75], [0.75, 0.5, 0.5, 0.0])
    """
    check_conf_level(conf_level)
    check_option("conf_type", conf_type, get_args(ConfType))
    check_option("variance", variance, get_args(VarianceType))
    caused = caused_follow_up(time, cause, time_enter)
    if caused.n == 0:
        return NoEstimate("there is nobody to follow")
    counts = count_by_cause(caused)
    names = {"greenwood": "Greenwood", "gray": "Gray's"}
    method = f"Aalen–Johansen, {names[variance]} variance, {conf_type} interval"
    everybody = _with_survival(counts)
    curves = []
    for k, code in enumerate(caused.causes):
        incidence, se = _incidence(everybody, counts.n_events[k], variance)
        low, high, has_limits = _limits(incidence, se, conf_level, conf_type)
        curves.append(
            CumulativeIncidence(
                cause=code,
                time=counts.time,
                n_at_risk=counts.n_at_risk,
                n_events=counts.n_events[k],
                cumulative_incidence=incidence,
                se=se,
                ci_low=low,
                ci_high=high,
                has_limits=has_limits,
                conf_level=conf_level,
                conf_type=conf_type,
                method=method,
            )
        )
    return AalenJohansen(
        time=counts.time,
        n_at_risk=counts.n_at_risk,
        n_censored=counts.n_leaving - everybody.events,
        survival=everybody.survival,
        causes=tuple(curves),
        n=caused.n,
        method=method,
    )


@dataclass(frozen=True, slots=True)
class _Everybody:
    """Survival without any event just before and from each time on."""

    n: Vector
    events: Codes
    before: Vector
    survival: Vector


def _with_survival(counts: CauseCounts) -> _Everybody:
    events = sum(counts.n_events, start=np.zeros_like(counts.n_at_risk))
    survival: Vector = np.cumprod(1 - events / counts.n_at_risk, dtype=np.float64)
    before = np.concatenate([[1.0], survival[:-1]])
    return _Everybody(counts.n_at_risk.astype(np.float64), events, before, survival)


def _incidence(
    everybody: _Everybody, cause_events: Codes, variance: VarianceType
) -> tuple[Vector, Vector]:
    """F(t) = Σ S(s−) d_k/n, and its standard error.

    A change of the hazard at time s by δ_k of the cause and δ of all moves F(t) by
    S(s−) δ_k − u S(s−)/S(s) δ with u = F(t) − F(s), so that the variance is a sum over s ≤ t of
    p − 2 q u + w u². With u = G(t) − G(s), G = F − F(∞), three running sums give all t at once;
    as G is small where w is large, late times keep their digits.
    """
    n, before = everybody.n, everybody.before
    incidence = np.cumsum(before * cause_events / n)
    if cause_events.any():
        incidence = np.minimum(incidence, 1.0)
    p, q, w = _terms(everybody, cause_events, variance)
    g = incidence - incidence[-1]
    squared_se = (
        np.cumsum(p + 2 * q * g + w * g**2) - 2 * g * np.cumsum(q + w * g) + g**2 * np.cumsum(w)
    )
    se = np.sqrt(np.where(incidence > 0, np.maximum(squared_se, 0), 0))
    return incidence, se


def _terms(
    everybody: _Everybody, cause_events: Codes, variance: VarianceType
) -> tuple[Vector, Vector, Vector]:
    """p, q and w of the variance; once S is 0, u is 0 for ever, and so q and w don't count."""
    n, before, after = everybody.n, everybody.before, everybody.survival
    alive = after > 0
    zero = np.zeros_like(n)
    if variance == "greenwood":  # cov(h_j, h_l) = (δ_jl h_j − h_j h_l)/n
        h, h_own = everybody.events / n, cause_events / n
        q = np.where(alive, before * h_own / n, 0)
        w = np.divide(h, n * (1 - h), out=zero, where=alive)
        return before**2 * h_own * (1 - h_own) / n, q, w
    own_variance = before**2 * _hypergeometric(cause_events, n)
    other = before**2 * _hypergeometric(everybody.events - cause_events, n)
    q = np.divide(own_variance, after, out=zero.copy(), where=alive)
    w = np.divide(own_variance + other, after**2, out=zero, where=alive)
    return own_variance, q, w


def _hypergeometric(d: Codes, n: Vector) -> Vector:
    variance: Vector = d * (1 - np.maximum(d - 1, 0) / np.maximum(n - 1, 1)) / n**2
    return variance


def _limits(
    incidence: Vector, se: Vector, conf_level: float, conf_type: ConfType
) -> tuple[Vector, Vector, Flags]:
    with np.errstate(divide="ignore", invalid="ignore"):
        se_log = np.where(incidence >= _CERTAIN, np.inf, se / incidence)
    se_log = np.where(incidence > 0, se_log, 0.0)
    some = np.where(incidence > 0, incidence, 0.5)
    low, high, has_limits = limits(some, se_log, conf_level, conf_type)
    return (
        np.where(incidence > 0, low, 0.0),
        np.where(incidence > 0, high, 0.0),
        has_limits,
    )
