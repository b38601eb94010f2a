"""Bootstrap limits of the interval-censored curve and of its quantiles."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats.interval.inputs import Bounds, bounds
from incohort.stats.interval.npmle import Npmle, fitted, npmle
from incohort.stats.outcome import NoEstimate, check_conf_level
from incohort.stats.survival.inputs import Codes, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmleLimits:
    """The curve's bounds at chosen times, and limits around both, shape (m,) each."""

    time: Vector
    survival_low: Vector
    survival_high: Vector
    ci_low: Vector
    ci_high: Vector
    conf_level: float
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NpmleQuantile:
    """A quantile's bounds and limits around both; infinite where the data set none."""

    low: float
    high: float
    ci_low: float
    ci_high: float
    p: float
    conf_level: float
    method: str


def npmle_limits(
    left: ArrayLike,
    right: ArrayLike,
    times: ArrayLike,
    *,
    seed: int,
    n_resamples: int = 500,
    conf_level: float = 0.95,
) -> NpmleLimits | NoEstimate:
    """Survival at chosen times from interval-censored data, with percentile bootstrap limits.

    The limits are the lower percentile of the resamples' low curves and the upper one of their
    high curves, so that they hold what chance and the gaps between visits leave open. Where the
    bounds come from visits that are the same for many, they keep their level; with one random
    visit a person (current status) the curve converges at n^(1/3), and no plain bootstrap is
    known to hold it (Sen, Banerjee & Woodroofe 2010, Ann Stat 38:1953): read them as rough.

    Args:
        left: The last time at which the event had not happened, from 0, shape (n,).
        right: The first time at which it had, shape (n,).
        times: Where the curve is wanted, shape (m,).
        seed: Of the random generator: the same seed gives the same limits.
        n_resamples: How many resamples, at least 100.
        conf_level: In (0, 1).

    Raises:
        ValueError: As `bounds`, a time is missing, or too few resamples.

    Source: Efron & Tibshirani 1993, §13.3.
    """
    _check(n_resamples, conf_level)
    estimate = npmle(left, right)
    if isinstance(estimate, NoEstimate):
        return estimate
    chosen = np.asarray(times, dtype=np.float64)
    low, high = estimate.survival_bounds(chosen)
    drawn = np.array(
        [curve.survival_bounds(chosen) for curve in _resampled(left, right, seed, n_resamples)]
    )
    drawn.sort(axis=0)
    from_end = _from_end(n_resamples, conf_level)
    return NpmleLimits(
        time=chosen,
        survival_low=low,
        survival_high=high,
        ci_low=drawn[from_end - 1, 0],
        ci_high=drawn[-from_end, 1],
        conf_level=conf_level,
        method=_method(n_resamples),
    )


def npmle_quantile(
    left: ArrayLike,
    right: ArrayLike,
    p: float = 0.5,
    *,
    seed: int,
    n_resamples: int = 500,
    conf_level: float = 0.95,
) -> NpmleQuantile | NoEstimate:
    """The time by which a proportion p had the event, with percentile bootstrap limits.

    A resample that does not reach p counts as infinite. See `npmle_limits` for what the limits
    hold, and when they are rough.

    Args:
        left: The last time at which the event had not happened, from 0, shape (n,).
        right: The first time at which it had, shape (n,).
        p: In (0, 1); 0.5 is the median.
        seed: Of the random generator: the same seed gives the same limits.
        n_resamples: How many resamples, at least 100.
        conf_level: In (0, 1).

    Raises:
        ValueError: As `bounds`, p outside (0, 1), or too few resamples.

    Source: Efron & Tibshirani 1993, §13.3.
    """
    _check(n_resamples, conf_level)
    curve = npmle(left, right)
    if isinstance(curve, NoEstimate):
        return curve
    quantile = curve.quantile(p)
    if isinstance(quantile, NoEstimate):
        return quantile
    answers = [other.quantile(p) for other in _resampled(left, right, seed, n_resamples)]
    drawn = np.array(
        [(np.inf, np.inf) if isinstance(a, NoEstimate) else (a.low, a.high) for a in answers]
    )
    drawn.sort(axis=0)
    from_end = _from_end(n_resamples, conf_level)
    return NpmleQuantile(
        low=quantile.low,
        high=quantile.high,
        ci_low=float(drawn[from_end - 1, 0]),
        ci_high=float(drawn[-from_end, 1]),
        p=p,
        conf_level=conf_level,
        method=_method(n_resamples),
    )


def _resampled(left: ArrayLike, right: ArrayLike, seed: int, n_resamples: int) -> Iterator[Npmle]:
    """The estimate of each resample; its intersections are its own."""
    rows: Bounds = bounds(left, right)
    drawn: Codes = np.random.default_rng(seed).integers(0, rows.n, size=(n_resamples, rows.n))
    return (fitted(rows.taken(row)) for row in drawn)


def _check(n_resamples: int, conf_level: float) -> None:
    check_conf_level(conf_level)
    if n_resamples < 100:
        raise ValueError("n_resamples must be at least 100")


def _from_end(n_resamples: int, conf_level: float) -> int:
    """Which order statistic from the end: between a number and infinity there is nothing."""
    return max(1, int((1 - conf_level) / 2 * (n_resamples + 1)))


def _method(n_resamples: int) -> str:
    return (
        "nonparametric maximum likelihood (Turnbull), percentile bootstrap of both bounds, "
        f"{n_resamples} resamples"
    )
