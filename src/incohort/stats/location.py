"""Where two or more samples lie: t and rank tests with the difference they test."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from scipy import special

from incohort.stats._quantiles import t_of, z_of
from incohort.stats.outcome import HypothesisTest, Interval, NoEstimate, check_conf_level

Vector = NDArray[np.float64]

_EXACT_BELOW = 50  # as R's wilcox.test: exact where both samples are smaller and nothing is tied
_MAX_PAIRS = 25_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """A sample in eight numbers; `sd` is None for a single value. Quartiles are R's type 7."""

    n: int
    mean: float
    sd: float | None
    median: float
    q1: float
    q3: float
    minimum: float
    maximum: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The difference of two samples, first minus second, with its interval and test."""

    estimate: float
    ci_low: float
    ci_high: float
    conf_level: float
    statistic: float
    df: float | None
    p_value: float
    method: str


def summarise(values: ArrayLike) -> Summary | NoEstimate:
    """Mean, SD, median, quartiles and range of a sample, shape (n,), without missing values.

    Raises:
        ValueError: A value is missing or infinite.

    Source: Hyndman & Fan 1996, definition 7; R's quantile; tests/validation/location.R.
    """
    x = _sample(values)
    if len(x) == 0:
        return NoEstimate("there are no values")
    q1, median, q3 = (float(q) for q in np.quantile(x, [0.25, 0.5, 0.75]))
    return Summary(
        n=len(x),
        mean=float(x.mean()),
        sd=float(x.std(ddof=1)) if len(x) > 1 else None,
        median=median,
        q1=q1,
        q3=q3,
        minimum=float(x.min()),
        maximum=float(x.max()),
    )


def mean_interval(
    mean: float, sd: float, n: int, *, conf_level: float = 0.95
) -> Interval | NoEstimate:
    """The interval of a mean of which only mean, standard deviation and n are known.

    Source: Student's t; Altman et al., Statistics with Confidence, 2nd ed., chapter 4;
        tests/validation/test_location.py.

    >>> interval = mean_interval(146.4, 18.5, 100)  # mm Hg, the example there: 142.7 to 150.1
    >>> round(interval.ci_low, 1), round(interval.ci_high, 1)
    (142.7, 150.1)
    """
    check_conf_level(conf_level)
    if n < 2:
        return NoEstimate("fewer than two values")
    half = t_of(conf_level, n - 1) * sd / math.sqrt(n)
    return Interval(
        estimate=mean,
        ci_low=mean - half,
        ci_high=mean + half,
        conf_level=conf_level,
        method="Student's t",
    )


def welch_t(x: ArrayLike, y: ArrayLike, *, conf_level: float = 0.95) -> Comparison | NoEstimate:
    """The difference of two means, without assuming equal variances.

    Args:
        x: First sample, shape (n,), without missing values.
        y: Second sample, shape (m,).
        conf_level: In (0, 1).

    Source: Welch 1947; Satterthwaite's degrees of freedom; R's t.test; tests/validation/location.R.
    """
    check_conf_level(conf_level)
    a, b = _sample(x), _sample(y)
    if min(len(a), len(b)) < 2:
        return NoEstimate("each group needs at least two values")
    if max(np.ptp(a), np.ptp(b)) == 0:  # a variance of 0.1, 0.1, 0.1 is not quite 0
        return NoEstimate("within each group all values are the same: no spread to judge by")
    var_a, var_b = a.var(ddof=1) / len(a), b.var(ddof=1) / len(b)
    se = math.sqrt(var_a + var_b)
    df = float((var_a + var_b) ** 2 / (var_a**2 / (len(a) - 1) + var_b**2 / (len(b) - 1)))
    difference = float(a.mean() - b.mean())
    half = t_of(conf_level, df) * se
    return Comparison(
        estimate=difference,
        ci_low=difference - half,
        ci_high=difference + half,
        conf_level=conf_level,
        statistic=difference / se,
        df=df,
        p_value=2 * float(special.stdtr(df, -abs(difference / se))),
        method="Welch's t test",
    )


def mann_whitney(
    x: ArrayLike, y: ArrayLike, *, conf_level: float = 0.95
) -> Comparison | NoEstimate:
    """The Mann–Whitney test with the Hodges–Lehmann shift, x minus y, as R's wilcox.test.

    Exact where both samples are smaller than 50 and nothing is tied; else the normal
    approximation with corrections for ties and continuity. The shift is the median of all
    differences between one value of each sample.

    Args:
        x: First sample, shape (n,), without missing values.
        y: Second sample, shape (m,).
        conf_level: In (0, 1).

    Returns:
        The shift, its interval, and the statistic W (pairs in which x is larger, ties half).

    Source: Mann & Whitney 1947; Hodges & Lehmann 1963; Bauer 1972; R's wilcox.test;
        tests/validation/location.R.
    """
    check_conf_level(conf_level)
    a, b = _sample(x), _sample(y)
    if min(len(a), len(b)) == 0:
        return NoEstimate("one of the two groups has no values")
    if len(a) * len(b) > _MAX_PAIRS:
        return NoEstimate("the groups are too large for all pairwise differences")
    if np.ptp(np.concatenate([a, b])) == 0:
        return NoEstimate("all values are the same")
    is_exact = max(len(a), len(b)) < _EXACT_BELOW and len(set(a) | set(b)) == len(a) + len(b)
    test = scipy.stats.mannwhitneyu(a, b, method="exact" if is_exact else "asymptotic")
    differences = np.sort(np.subtract.outer(a, b), axis=None)
    if is_exact:
        low, high = _exact_limits(differences, len(a), len(b), conf_level)
    else:
        z = z_of(conf_level)
        low, high = _crossing(a, b, differences, z), _crossing(a, b, differences, -z)
    kind = "exact" if is_exact else "normal approximation, corrected for ties and continuity"
    return Comparison(
        estimate=float(np.median(differences)),
        ci_low=low,
        ci_high=high,
        conf_level=conf_level,
        statistic=float(test.statistic),
        df=None,
        p_value=float(test.pvalue),
        method=f"Mann–Whitney test ({kind}), Hodges–Lehmann shift",
    )


def kruskal_wallis(groups: Sequence[ArrayLike]) -> HypothesisTest | NoEstimate:
    """The Kruskal–Wallis test, corrected for ties; empty groups are left out.

    Source: Kruskal & Wallis 1952; R's kruskal.test; tests/validation/location.R.
    """
    samples = [sample for sample in map(_sample, groups) if len(sample)]
    if len(samples) < 2:
        return NoEstimate("fewer than two groups have values")
    if np.ptp(np.concatenate(samples)) == 0:
        return NoEstimate("all values are the same")
    test = scipy.stats.kruskal(*samples)
    return HypothesisTest(
        statistic=float(test.statistic),
        p_value=float(test.pvalue),
        df=len(samples) - 1,
        method="Kruskal–Wallis test",
    )


def _sample(values: ArrayLike) -> Vector:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or not np.isfinite(x).all():
        msg = "a sample is one-dimensional and without missing values"
        raise ValueError(msg)
    return x


def _exact_limits(differences: Vector, n: int, m: int, conf_level: float) -> tuple[float, float]:
    """Order statistics of the differences: R's qwilcox, at least one from each end."""
    counts = np.ones(1)
    for i in range(1, n + 1):  # Gaussian binomial: multiply by (1 − q^(m+i)), divide by (1 − q^i)
        counts = np.convolve(counts, np.concatenate([[1.0], np.zeros(m + i - 1), [-1.0]]))
        for k in range(i, len(counts)):
            counts[k] += counts[k - i]
        counts = counts[: i * m + 1]
    cumulative = np.cumsum(counts) / counts.sum()
    tail = (1 - conf_level) / 2
    from_end = max(1, int(np.searchsorted(cumulative, tail * (1 - 1e-14))))
    return float(differences[from_end - 1]), float(differences[n * m - from_end])


def _crossing(a: Vector, b: Vector, differences: Vector, z: float) -> float:
    """The shift at which the standardised statistic crosses `z`: always one of the differences."""
    steps = np.unique(differences)
    if _standardised(a, b, float(steps[0])) <= z:
        return float(steps[0])
    if _standardised(a, b, float(steps[-1])) >= z:
        return float(steps[-1])
    low, high = 0, len(steps) - 1  # the statistic is above z before steps[low], below after high
    while low < high:
        middle = (low + high) // 2
        between = (steps[middle] + steps[middle + 1]) / 2
        if _standardised(a, b, float(between)) > z:
            low = middle + 1
        else:
            high = middle
    return float(steps[low])


def _standardised(a: Vector, b: Vector, shift: float) -> float:
    """W of the shifted sample minus its mean, corrected for continuity, over its SD with ties."""
    n, m = len(a), len(b)
    ranks = scipy.stats.rankdata(np.concatenate([a - shift, b]))
    gap = float(ranks[:n].sum()) - n * (n + 1) / 2 - n * m / 2
    _, ties = np.unique(ranks, return_counts=True)
    lost = float((ties.astype(float) ** 3 - ties).sum()) / ((n + m) * (n + m - 1))
    variance = n * m / 12 * (n + m + 1 - lost)
    if variance <= 0:
        return 0.0
    return (gap - math.copysign(0.5, gap) * (gap != 0)) / math.sqrt(variance)
