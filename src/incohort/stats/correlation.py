"""Correlations with intervals, and the sample size that a printed r and P imply."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from scipy import special

from incohort.stats._quantiles import z_of
from incohort.stats.outcome import NoEstimate, check_conf_level

Vector = NDArray[np.float64]

_MAX_IMPLIED_N = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Correlation:
    """A correlation coefficient in [−1, 1] over n pairs, with interval and two-sided P."""

    estimate: float
    ci_low: float
    ci_high: float
    conf_level: float
    n: int
    p_value: float
    method: str


def pearson(x: ArrayLike, y: ArrayLike, *, conf_level: float = 0.95) -> Correlation | NoEstimate:
    """Pearson's r with Fisher's z interval and the t test, as R's cor.test.

    Args:
        x: Shape (n,), without missing values.
        y: Shape (n,).
        conf_level: In (0, 1).

    Source: Fisher 1921; R's cor.test; tests/validation/correlation.R.
    """
    a, b = _pairs(x, y)
    return _correlation(a, b, conf_level, 0, "Pearson's r, Fisher's z interval")


def spearman(x: ArrayLike, y: ArrayLike, *, conf_level: float = 0.95) -> Correlation | NoEstimate:
    """Spearman's rho with mid-ranks for ties, the t approximation and Bonett and Wright's interval.

    Args:
        x: Shape (n,), without missing values.
        y: Shape (n,).
        conf_level: In (0, 1).

    Source: Bonett & Wright 2000, Psychometrika 65:23: SE of z is √((1 + rho²/2)/(n − 3)); R's
        cor.test; tests/validation/correlation.R.
    """
    a, b = _pairs(x, y)
    return _correlation(
        scipy.stats.rankdata(a), scipy.stats.rankdata(b), conf_level, 0,
        "Spearman's rho, Bonett–Wright interval", is_rank=True,
    )  # fmt: skip


def partial(
    x: ArrayLike, y: ArrayLike, covariates: ArrayLike, *, conf_level: float = 0.95
) -> Correlation | NoEstimate:
    """Pearson's r of x and y after both are adjusted linearly for the covariates.

    Args:
        x: Shape (n,), without missing values.
        y: Shape (n,).
        covariates: Shape (n, k).
        conf_level: In (0, 1).

    Source: Fisher 1924: as r of n − k pairs; R's cor2pcor of corpcor;
        tests/validation/correlation.R.
    """
    a, b = _pairs(x, y)
    design = np.column_stack([np.ones(len(a)), np.asarray(covariates, dtype=np.float64)])
    if len(design) != len(a) or not np.isfinite(design).all():
        msg = "covariates must have one complete row per pair"
        raise ValueError(msg)
    if len(a) <= design.shape[1]:
        return NoEstimate("there are not enough pairs for so many covariates")
    left = a - design @ np.linalg.lstsq(design, a, rcond=None)[0]
    right = b - design @ np.linalg.lstsq(design, b, rcond=None)[0]
    name = "partial Pearson's r, Fisher's z interval"
    if min(left.std() / (a.std() or 1), right.std() / (b.std() or 1)) < 1e-10:
        return NoEstimate("a variable is fully determined by the covariates")
    return _correlation(left, right, conf_level, design.shape[1] - 1, name)


def p_value_of(r: float, n: int) -> float:
    """The two-sided P of a correlation of `r` over `n` pairs, n at least 3.

    >>> round(p_value_of(-0.274, 95), 3)
    0.007
    """
    if abs(r) >= 1:
        return 0.0
    t = abs(r) * math.sqrt((n - 2) / (1 - r * r))
    return 2 * float(special.stdtr(n - 2, -t))


def implied_n(
    r: float, p: float, *, p_digits: int, r_digits: int | None = None
) -> tuple[int, int] | NoEstimate:
    """The sample sizes for which a correlation as printed has the P as printed.

    r and P may be anything that rounds to what is printed. P falls as n and as |r| grow, so the
    fewest patients go with the largest |r| and P, the most with the smallest.

    Args:
        r: The printed correlation.
        p: The printed P.
        p_digits: How many decimals P is printed with.
        r_digits: How many decimals r is printed with; None takes it as it stands, unrounded.

    Returns:
        Smallest and largest n.

    Source: tests/validation/test_correlation.py, on the figures of Kyritsi 2015.

    >>> implied_n(-0.274, 0.007, p_digits=3, r_digits=3)
    (94, 97)
    """
    if r == 0 or abs(r) >= 1:
        return NoEstimate("a correlation of 0 or ±1 says nothing about its sample size")
    half = 0.5 * 10.0**-p_digits
    half_r = 0.0 if r_digits is None else 0.5 * 10.0**-r_digits
    if abs(r) <= half_r:
        return NoEstimate("the correlation rounds from 0 too, which any sample size allows")
    low = _first_n_below(abs(r) + half_r, p + half)
    high = _first_n_below(abs(r) - half_r, max(p - half, 0.0)) - 1
    if low > high or low >= _MAX_IMPLIED_N:
        return NoEstimate("no sample size gives this correlation this P")
    return low, high


def _first_n_below(r: float, p: float) -> int:
    """The smallest n whose P is below `p`, by bisection."""
    low, high = 3, _MAX_IMPLIED_N
    while low < high:
        middle = (low + high) // 2
        if p_value_of(r, middle) < p:
            high = middle
        else:
            low = middle + 1
    return low


def _pairs(x: ArrayLike, y: ArrayLike) -> tuple[Vector, Vector]:
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if a.shape != b.shape or a.ndim != 1 or not (np.isfinite(a).all() and np.isfinite(b).all()):
        msg = "pairs are two vectors of one length, without missing values"
        raise ValueError(msg)
    return a, b


def _correlation(
    a: Vector,
    b: Vector,
    conf_level: float,
    n_covariates: int,
    method: str,
    *,
    is_rank: bool = False,
) -> Correlation | NoEstimate:
    check_conf_level(conf_level)
    n = len(a) - n_covariates
    if n < 4:
        return NoEstimate("fewer than four pairs of values")
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return NoEstimate("one of the two variables is the same in everybody")
    u, v = a - a.mean(), b - b.mean()
    r = float(np.clip(u @ v / math.sqrt(float(u @ u) * float(v @ v)), -1.0, 1.0))
    if abs(r) > 1 - 1e-15:
        low = high = math.copysign(1.0, r)
    else:
        spread = 1.0 + r * r / 2 if is_rank else 1.0
        half = z_of(conf_level) * math.sqrt(spread / (n - 3))
        low, high = math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half)
    return Correlation(
        estimate=r,
        ci_low=low,
        ci_high=high,
        conf_level=conf_level,
        n=len(a),
        p_value=p_value_of(r, n),
        method=method,
    )
