"""Checks of what a t test or a model assumes: normality, and equal variances."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from scipy import special

from incohort.stats.outcome import HypothesisTest, NoEstimate

Vector = NDArray[np.float64]

_ROUNDING = (
    1e-12  # differences of two values' distances from their own middle, below this, are none
)
_SAME = "all values are the same"


def shapiro_wilk(values: ArrayLike) -> HypothesisTest | NoEstimate:
    """The Shapiro–Wilk test of normality, for 3 to 5000 values, shape (n,).

    Source: Royston 1995, algorithm AS R94; R's shapiro.test; tests/validation/normality.R.
    """
    x = np.asarray(values, dtype=np.float64)
    if not 3 <= len(x) <= 5000:
        return NoEstimate("the Shapiro–Wilk test takes 3 to 5000 values")
    if np.ptp(x) == 0:
        return NoEstimate(_SAME)
    test = scipy.stats.shapiro(x)
    return HypothesisTest(
        statistic=float(test.statistic),
        p_value=float(test.pvalue),
        df=None,
        method="Shapiro–Wilk test",
    )


def anderson_darling(values: ArrayLike) -> HypothesisTest | NoEstimate:
    """The Anderson–Darling test of normality with estimated mean and SD, for 8 or more values.

    Source: Stephens 1986, table 4.9; R's ad.test of nortest; tests/validation/normality.R.
    """
    x = np.asarray(values, dtype=np.float64)
    if len(x) < 8:
        return NoEstimate("the Anderson–Darling test takes at least 8 values")
    if np.ptp(x) == 0:
        return NoEstimate(_SAME)
    from statsmodels.stats.diagnostic import normal_ad  # noqa: PLC0415 — a second to import

    statistic, p_value = normal_ad(x)
    return HypothesisTest(
        statistic=float(statistic), p_value=float(p_value), df=None, method="Anderson–Darling test"
    )


def brown_forsythe(groups: Sequence[ArrayLike]) -> HypothesisTest | NoEstimate:
    """The Brown–Forsythe test of equal variances: Levene's, about the medians.

    Source: Brown & Forsythe 1974, JASA 69:364; R's leveneTest of car; tests/validation/normality.R.
    """
    samples = _samples(groups)
    if isinstance(samples, NoEstimate):
        return samples
    spread = [np.abs(sample - np.median(sample)) for sample in samples]
    if max(map(np.ptp, spread)) <= _ROUNDING * max(map(np.max, spread)):
        return NoEstimate("within each group all values are equally far from the median")
    test = scipy.stats.levene(*samples, center="median")
    return HypothesisTest(
        statistic=float(test.statistic),
        p_value=float(test.pvalue),
        df=len(samples) - 1,
        method="Brown–Forsythe test",
    )


def bartlett(groups: Sequence[ArrayLike]) -> HypothesisTest | NoEstimate:
    """Bartlett's test of equal variances, which trusts that the values are normal.

    Source: Bartlett 1937; R's bartlett.test; tests/validation/normality.R.
    """
    samples = _samples(groups)
    if isinstance(samples, NoEstimate):
        return samples
    if min(float(np.ptp(sample)) for sample in samples) == 0:
        return NoEstimate("in one of the groups all values are the same")
    df = np.array([len(sample) - 1 for sample in samples], dtype=np.float64)
    variances = np.array([sample.var(ddof=1) for sample in samples])
    pooled = float(df @ variances / df.sum())
    correction = 1 + float((1 / df).sum() - 1 / df.sum()) / (3 * (len(samples) - 1))
    # The ratios' logs add to 0 or less; rounding may not, where all variances are equal.
    statistic = max(0.0, -float(df @ np.log(variances / pooled)) / correction)
    return HypothesisTest(
        statistic=statistic,
        p_value=float(special.chdtrc(len(samples) - 1, statistic)),
        df=len(samples) - 1,
        method="Bartlett's test",
    )


def _samples(groups: Sequence[ArrayLike]) -> list[Vector] | NoEstimate:
    samples = [np.asarray(group, dtype=np.float64) for group in groups]
    if len(samples) < 2 or min(map(len, samples)) < 2:
        return NoEstimate("at least two groups of two values are needed")
    return samples
