"""What a study printed of its arms, turned into an effect with a standard error."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import special

from incohort.stats._quantiles import t_of, z_of
from incohort.stats.outcome import NoEstimate, check_conf_level

Range = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """A group's size, mean and SD; `is_approximate` where they were worked out from quantiles."""

    n: int
    mean: float
    sd: float
    is_approximate: bool = False
    method: str = "as printed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One study's effect; `is_approximate` where an arm's mean or SD is."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    conf_level: float
    n: int
    is_approximate: bool
    method: str


def mean_difference(
    first: Arm, second: Arm, *, conf_level: float = 0.95, is_welch: bool = False
) -> Effect | NoEstimate:
    """The difference of two means, first less second, each arm with its own variance.

    Args:
        first: The treated.
        second: The untreated.
        conf_level: In (0, 1).
        is_welch: Whether the interval is that of Welch's t test, which it then never contradicts;
            else normal, as a meta-analysis weighs it.

    Source: the usual effect of a meta-analysis of means; R's escalc of metafor in
        tests/validation/meta/meta.R.

    G-CSF in symptomatic agranulocytosis (Tajiri & Noguchi 2005), in days:

    >>> found = mean_difference(Arm(n=19, mean=5.5, sd=3.5), Arm(n=37, mean=9.2, sd=4.4))
    >>> round(found.estimate, 2), round(found.ci_low, 2), round(found.ci_high, 2)
    (-3.7, -5.82, -1.58)
    """
    check_conf_level(conf_level)
    for arm in (first, second):
        if arm.n < 2:
            return NoEstimate("an arm of fewer than two patients has no variance")
        if not (math.isfinite(arm.mean) and math.isfinite(arm.sd) and arm.sd >= 0):
            msg = f"an arm has mean {arm.mean} and SD {arm.sd}"
            raise ValueError(msg)
    variance = first.sd**2 / first.n + second.sd**2 / second.n
    if variance == 0:
        return NoEstimate("both arms have an SD of 0, so nothing tells how sure the difference is")
    estimate, se = first.mean - second.mean, math.sqrt(variance)
    quantile = z_of(conf_level)
    if is_welch:
        quantile = t_of(conf_level, welch_df(first, second))
    half = quantile * se
    approximate = first.is_approximate or second.is_approximate
    return Effect(
        estimate=estimate,
        se=se,
        ci_low=estimate - half,
        ci_high=estimate + half,
        conf_level=conf_level,
        n=first.n + second.n,
        is_approximate=approximate,
        method="mean difference, variances of the arms not pooled"
        + (", Welch’s t interval" if is_welch else "")
        + (", approximate: means from medians" if approximate else ""),
    )


def welch_df(first: Arm, second: Arm) -> float:
    """Satterthwaite's degrees of freedom of the difference of two means."""
    a, b = first.sd**2 / first.n, second.sd**2 / second.n
    return (a + b) ** 2 / (a**2 / (first.n - 1) + b**2 / (second.n - 1))


def arm_from_quantiles(
    n: int, median: float, *, limits: Range | None = None, quartiles: Range | None = None
) -> Arm | NoEstimate:
    """The mean and SD that a median with its range or quartiles suggests, if values are normal.

    Days to recovery are skewed to the right, where this is least true: the arm is marked as
    approximate, and so is every effect made of it.

    Args:
        n: Patients in the arm.
        median: Of their values.
        limits: Their minimum and maximum.
        quartiles: The first and the third; with `limits`, both are used.

    Raises:
        ValueError: The figures are not in order.

    Source: mean of Luo et al. 2018, Stat Methods Med Res 27:1785; SD of Wan et al. 2014,
        BMC Med Res Methodol 14:135; tests/validation/meta/test_arms.py.

    >>> arm = arm_from_quantiles(30, 4, limits=(1, 10))
    >>> round(arm.mean, 6), round(arm.sd, 6), arm.is_approximate
    (4.356748, 2.205578, True)
    """
    low, high = limits or (-math.inf, math.inf)
    q1, q3 = quartiles or (median, median)
    if not low <= q1 <= median <= q3 <= high or not math.isfinite(median):
        raise ValueError("minimum, quartiles, median and maximum must be in this order")
    if limits is None and quartiles is None:
        return NoEstimate("a median without range or quartiles tells nothing about the spread")
    if n < 2:
        return NoEstimate("an arm of fewer than two patients has no variance")
    by_range = (high - low) / _normal_range(n)
    by_quartiles = (q3 - q1) / _normal_quartiles(n)
    if quartiles is None:
        weight = 4 / (4 + n**0.75)
        return _approximate(n, weight * (low + high) / 2 + (1 - weight) * median, by_range, "range")
    if limits is None:
        weight = 0.7 + 0.39 / n
        mean = weight * (q1 + q3) / 2 + (1 - weight) * median
        return _approximate(n, mean, by_quartiles, "quartiles")
    outer, inner = 2.2 / (2.2 + n**0.75), 0.7 - 0.72 / n**0.55
    mean = outer * (low + high) / 2 + inner * (q1 + q3) / 2 + (1 - outer - inner) * median
    return _approximate(n, mean, (by_range + by_quartiles) / 2, "range and quartiles")


def _normal_range(n: int) -> float:
    """The range to expect of n standard normal values, by Blom's approximation."""
    return 2 * float(special.ndtri((n - 0.375) / (n + 0.25)))


def _normal_quartiles(n: int) -> float:
    """The distance of their quartiles to expect, likewise (Wan et al. 2014, eq. 16)."""
    return 2 * float(special.ndtri((0.75 * n - 0.125) / (n + 0.25)))


def _approximate(n: int, mean: float, sd: float, of: str) -> Arm:
    return Arm(
        n=n,
        mean=mean,
        sd=sd,
        is_approximate=True,
        method=f"from median and {of} (Luo 2018, Wan 2014)",
    )
