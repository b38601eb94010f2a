"""ROC curves of a measured assay: area, two areas compared, cut-off at a set specificity."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from incohort.stats._quantiles import z_of
from incohort.stats.outcome import HypothesisTest, Interval, NoEstimate, check_conf_level

Vector = NDArray[np.float64]

_NEGLIGIBLE = 1e-15  # chance of a cut-off that can't move a percentile
_NO_GROUP = "the curve needs patients with the disease and without it"


@dataclass(frozen=True, slots=True, kw_only=True)
class RocCurve:
    """The curve's corners from (0, 0) to (1, 1), all in [0, 1], and its area.

    A patient is positive where the value is at or above the threshold; the first corner has the
    threshold ∞. Between corners the curve is straight: values tied across the groups.
    """

    thresholds: tuple[float, ...]
    sensitivity: tuple[float, ...]
    specificity: tuple[float, ...]
    area: Interval
    n_diseased: int
    n_healthy: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AreaComparison:
    """Two areas on the same patients; `difference` is first minus second."""

    first: Interval
    second: Interval
    difference: Interval
    test: HypothesisTest


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOff:
    """The lowest cut-off of the wanted specificity: positive is what lies above it.

    `specificity` and `sensitivity` are those seen at the cut-off; the intervals are percentiles of
    resamples in which the cut-off is found anew, so they carry its uncertainty.
    """

    cut_off: Interval
    specificity: float
    sensitivity: Interval
    wanted_specificity: float
    n_diseased: int
    n_healthy: int


def roc_curve(
    values: ArrayLike, diseased: ArrayLike, *, conf_level: float = 0.95
) -> RocCurve | NoEstimate:
    """The empirical ROC curve with its area and DeLong's interval, cut to [0, 1].

    The area is the probability that a diseased patient's value exceeds a healthy one's, ties
    counting half. Where the groups don't overlap DeLong's variance is 0; the interval is then
    Newcombe's (method 5), which keeps its width.

    Args:
        values: The assay's values, higher where the disease is likelier, shape (n,), complete.
        diseased: True for disease by the reference, shape (n,).
        conf_level: In (0, 1).

    Source: DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837; Newcombe 2006, Stat Med 25:559;
        R's roc, ci.auc of pROC; tests/validation/assays/roc.R.
    """
    check_conf_level(conf_level)
    cases, controls = _groups(values, diseased)
    if min(len(cases), len(controls)) == 0:
        return NoEstimate(_NO_GROUP)
    if min(len(cases), len(controls)) == 1:
        return NoEstimate("the area's interval needs two patients with the disease and two without")
    steps = np.unique(np.concatenate([cases, controls]))[::-1]
    above_cases = len(cases) - np.searchsorted(np.sort(cases), steps, side="left")
    above_controls = len(controls) - np.searchsorted(np.sort(controls), steps, side="left")
    return RocCurve(
        thresholds=(math.inf, *steps.tolist()),
        sensitivity=(0.0, *(above_cases / len(cases)).tolist()),
        specificity=(1.0, *(1 - above_controls / len(controls)).tolist()),
        area=_area(cases, controls, conf_level),
        n_diseased=len(cases),
        n_healthy=len(controls),
    )


def compare_areas(
    first: ArrayLike, second: ArrayLike, diseased: ArrayLike, *, conf_level: float = 0.95
) -> AreaComparison | NoEstimate:
    """The areas of two assays on the same patients, and DeLong's test of their difference.

    Args:
        first: The first assay's values, higher where the disease is likelier, shape (n,).
        second: The second's, for the same patients, shape (n,).
        diseased: True for disease by the reference, shape (n,).
        conf_level: In (0, 1).

    Source: DeLong, DeLong & Clarke-Pearson 1988, Biometrics 44:837; R's roc.test of pROC;
        tests/validation/assays/roc.R.
    """
    check_conf_level(conf_level)
    (cases_1, controls_1), (cases_2, controls_2) = (
        _groups(first, diseased),
        _groups(second, diseased),
    )
    m, n = len(cases_1), len(controls_1)
    if min(m, n) < 2:
        return NoEstimate(_NO_GROUP if min(m, n) == 0 else "each group needs two patients")
    v10_1, v01_1 = _placements(cases_1, controls_1)
    v10_2, v01_2 = _placements(cases_2, controls_2)
    # their equation for L'SL with L = (1, −1): the variance of the differences of the placements
    variance = float(np.var(v10_1 - v10_2, ddof=1) / m + np.var(v01_1 - v01_2, ddof=1) / n)
    if variance <= 1e-18:
        return NoEstimate("the two assays rank all patients alike, so there is nothing to compare")
    gap, se = float(v10_1.mean() - v10_2.mean()), math.sqrt(variance)
    half = z_of(conf_level) * se
    return AreaComparison(
        first=_area(cases_1, controls_1, conf_level),
        second=_area(cases_2, controls_2, conf_level),
        difference=Interval(
            estimate=gap,
            ci_low=max(gap - half, -1.0),
            ci_high=min(gap + half, 1.0),
            conf_level=conf_level,
            method="difference of areas, DeLong interval",
        ),
        test=HypothesisTest(
            statistic=gap / se,
            p_value=2 * float(special.ndtr(-abs(gap / se))),
            df=None,
            method="DeLong's test for correlated areas",
        ),
    )


def cut_off_at_specificity(
    values: ArrayLike,
    diseased: ArrayLike,
    specificity: float,
    *,
    conf_level: float = 0.95,
) -> CutOff | NoEstimate:
    """The cut-off that leaves at least the wanted share of the healthy at or below it.

    It is one of the healthy patients' values (the quantile by inverted distribution, R's type 1).
    Diseased and healthy are resampled apart. The bootstrap's distribution is known here, so it is
    computed and not drawn: the limits are those of endlessly many resamples and need no seed.

    Args:
        values: The assay's values, higher where the disease is likelier, shape (n,), complete.
        diseased: True for disease by the reference, shape (n,).
        specificity: The wanted one, in (0, 1].
        conf_level: In (0, 1).

    Source: Efron & Tibshirani 1993, chapter 13; Hyndman & Fan 1996, definition 1; R's quantile,
        pbinom; tests/validation/assays/roc.R.
    """
    check_conf_level(conf_level)
    if not 0.0 < specificity <= 1.0:
        msg = f"specificity is {specificity}; it must lie above 0 and at most at 1"
        raise ValueError(msg)
    cases, controls = _groups(values, diseased)
    m, n = len(cases), len(controls)
    if min(m, n) == 0:
        return NoEstimate(_NO_GROUP)
    if n * specificity > n - 1 and specificity < 1.0:
        healthy = "1 healthy patient is" if n == 1 else f"{n} healthy patients are"
        return NoEstimate(f"{healthy} too few to tell a specificity of {specificity:g} from 1")
    rank = _rank(n, specificity)
    cases, controls = np.sort(cases), np.sort(controls)
    cut = float(controls[rank])
    tails = ((1 - conf_level) / 2, (1 + conf_level) / 2)
    cuts, shares = _bootstrap_limits(cases, controls, rank, tails)
    name = "percentile bootstrap, its limit over all resamples"
    return CutOff(
        cut_off=Interval(
            estimate=cut, ci_low=cuts[0], ci_high=cuts[1], conf_level=conf_level, method=name
        ),
        specificity=float((controls <= cut).mean()),
        sensitivity=Interval(
            estimate=float((cases > cut).mean()),
            ci_low=shares[0],
            ci_high=shares[1],
            conf_level=conf_level,
            method=name,
        ),
        wanted_specificity=specificity,
        n_diseased=m,
        n_healthy=n,
    )


def _groups(values: ArrayLike, diseased: ArrayLike) -> tuple[Vector, Vector]:
    x, d = np.asarray(values, dtype=np.float64), np.asarray(diseased)
    if x.ndim != 1 or x.shape != d.shape or d.dtype != np.bool_ or not np.isfinite(x).all():
        msg = "values must be finite numbers and diseased booleans, one of each for a patient"
        raise ValueError(msg)
    return x[d], x[~d]


def _placements(cases: Vector, controls: Vector) -> tuple[Vector, Vector]:
    """DeLong's V10 and V01: each patient's share of the other group that she is told from.

    By mid-ranks, so in n log n: a case's rank among all less that among cases counts the controls
    below her.
    """
    m = len(cases)
    ranks = scipy.stats.rankdata(np.concatenate([cases, controls]))
    v10: Vector = (ranks[:m] - scipy.stats.rankdata(cases)) / len(controls)
    v01: Vector = 1 - (ranks[m:] - scipy.stats.rankdata(controls)) / m
    return v10, v01


def _area(cases: Vector, controls: Vector, conf_level: float) -> Interval:
    v10, v01 = _placements(cases, controls)
    m, n = len(cases), len(controls)
    area = float(v10.mean())
    variance = float(np.var(v10, ddof=1) / m + np.var(v01, ddof=1) / n)
    if variance > 0:
        half = z_of(conf_level) * math.sqrt(variance)
        low, high, name = max(area - half, 0.0), min(area + half, 1.0), "DeLong interval"
    else:
        low, high = _newcombe(area, m, n, conf_level)
        name = "Newcombe interval (method 5), as the groups don't overlap"
    return Interval(
        estimate=area,
        ci_low=low,
        ci_high=high,
        conf_level=conf_level,
        method=f"area under the ROC curve, {name}",
    )


def _newcombe(area: float, m: int, n: int, conf_level: float) -> tuple[float, float]:
    """The areas θ whose distance from the one seen is z standard errors at θ.

    Hanley and McNeil's variance with both group sizes in its second term put to their mean.
    """
    z, mean = z_of(conf_level), (m + n) / 2 - 1

    def excess(theta: float) -> float:
        spread = 1 + mean * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        return (area - theta) ** 2 - z * z * theta * (1 - theta) * spread / (m * n)

    if area == 1.0:
        return float(optimize.brentq(excess, 0.0, 1 - 1e-12, xtol=1e-14, rtol=1e-14)), 1.0
    if area == 0.0:
        return 0.0, float(optimize.brentq(excess, 1e-12, 1.0, xtol=1e-14, rtol=1e-14))
    low = float(optimize.brentq(excess, 0.0, area, xtol=1e-14, rtol=1e-14))
    return low, float(optimize.brentq(excess, area, 1.0, xtol=1e-14, rtol=1e-14))


def _rank(n: int, specificity: float) -> int:
    """Which of n values in order, from 0, is the first with the wanted share at or below it."""
    return max(math.ceil(n * specificity - 1e-9) - 1, 0)


def _bootstrap_limits(
    cases: Vector, controls: Vector, rank: int, tails: tuple[float, float]
) -> tuple[list[float], list[float]]:
    """Percentiles of cut-off and sensitivity over all resamples; cases and controls are in order.

    A resample's r-th smallest control is the original's j-th or smaller where at least r of n draws
    fall on the first j: binomial. Given the cut-off, the resampled cases above it are binomial too.
    """
    m, n = len(cases), len(controls)
    up_to = special.bdtrc(rank, n, np.arange(1, n + 1) / n)
    chances = np.diff(up_to, prepend=0.0)
    cuts = [float(controls[min(int(np.searchsorted(up_to, tail)), n - 1)]) for tail in tails]
    likely = chances > _NEGLIGIBLE
    above = 1 - np.searchsorted(cases, controls[likely], side="right") / m
    above, where = np.unique(above, return_inverse=True)
    weights: Vector = np.bincount(where, weights=chances[likely]).astype(np.float64)
    weights = weights / weights.sum()

    def reached(tail: float) -> float:
        low, high = 0, m  # the smallest count of cases above whose cumulative chance is the tail
        while low < high:
            middle = (low + high) // 2
            if float(weights @ special.bdtr(middle, m, above)) < tail:
                low = middle + 1
            else:
                high = middle
        return low / m

    return cuts, [reached(tail) for tail in tails]
