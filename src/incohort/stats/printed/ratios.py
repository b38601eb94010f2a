"""Ratios with their intervals: whether they belong together, and which counts lie behind them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

import numpy as np
from scipy import special

from incohort.stats._checked import check_option
from incohort.stats._quantiles import z_of
from incohort.stats.outcome import NoEstimate, check_conf_level
from incohort.stats.printed.digits import Printed, read_printed

RatioKind = Literal["odds", "risk"]
Scale = Literal["log", "linear"]
Table = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Symmetry:
    """Whether an interval lies symmetrically about its estimate, as one of Wald's does.

    `middle` is the middle of the printed limits, `middle_low` and `middle_high` what it can be by
    their digits. `gap` is how far the estimate lies from it: as a share of the middle on the
    logarithm's scale, as a difference on the linear one.
    """

    is_symmetric: bool
    middle: float
    middle_low: float
    middle_high: float
    gap: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpliedP:
    """The P value that an interval implies, and what it can be by the printed digits."""

    p_value: float
    low: float
    high: float


def symmetric(estimate: str, low: str, high: str, *, scale: Scale = "log") -> Symmetry | NoEstimate:
    """Whether a printed interval has its estimate in the middle, to the printed digits.

    Every interval of Wald's has: of a ratio on the logarithm, of a difference as it is. Exact,
    profile, bootstrap and Bayesian intervals have not, and need not.

    Args:
        estimate: As printed.
        low: Its lower limit, as printed.
        high: Its upper limit, as printed.
        scale: `log` for a ratio, `linear` for a difference or a mean.

    Raises:
        ValueError: No number stands in one of the texts, or the scale is none.

    Source: Altman & Bland 2011, BMJ 343:d2090; tests/spec/test_printed.py.

    >>> found = symmetric("4.11", "2.57", "10.3")
    >>> found.is_symmetric, round(found.gap, 2)
    (False, -0.2)
    """
    check_option("scale", scale, get_args(Scale))
    value, lower, upper = map(read_printed, (estimate, low, high))
    is_log = scale == "log"
    if is_log and min(value.value, lower.value, upper.value) < 0:
        return NoEstimate("a ratio and its limits are not below 0")
    if lower.value > upper.value:
        return NoEstimate("the lower limit is above the upper one")
    ends = [_ends(limit, is_log=is_log) for limit in (lower, upper)]
    least, most = (_middle(ends[0][side], ends[1][side], is_log=is_log) for side in (0, 1))
    middle = _middle(float(lower.value), float(upper.value), is_log=is_log)
    if is_log and middle == 0:
        return NoEstimate("a limit of 0 has no logarithm")
    gap = float(value.value) / middle - 1 if is_log else float(value.value) - middle
    return Symmetry(
        is_symmetric=value.meets(least, most),
        middle=middle,
        middle_low=least,
        middle_high=most,
        gap=gap,
    )


def p_from_interval(
    estimate: str, low: str, high: str, *, conf_level: float = 0.95, scale: Scale = "log"
) -> ImpliedP | NoEstimate:
    """The P value of no effect that an interval of Wald's implies.

    Args:
        estimate: As printed.
        low: Its lower limit, as printed.
        high: Its upper limit, as printed.
        conf_level: Of the interval, in (0, 1).
        scale: `log` for a ratio, `linear` for a difference.

    Raises:
        ValueError: No number stands in one of the texts, or the scale is none.

    Source: Altman & Bland 2011, BMJ 343:d2304; tests/spec/test_printed.py.

    >>> round(p_from_interval("0.81", "0.70", "0.94").p_value, 3)  # their example: P = 0.005
    0.005
    """
    check_conf_level(conf_level)
    check_option("scale", scale, get_args(Scale))
    is_log = scale == "log"
    value, lower, upper = map(read_printed, (estimate, low, high))
    if is_log and min(value.value, lower.value, upper.value) <= 0:
        return NoEstimate("a ratio or a limit of 0 has no logarithm")
    if lower.value >= upper.value:
        return NoEstimate("the interval has no width")
    z = z_of(conf_level)
    exact = _p(float(value.value), float(lower.value), float(upper.value), z, is_log=is_log)
    corners = [
        _p(v, l, u, z, is_log=is_log)
        for v in _ends(value, is_log=is_log)
        for l in _ends(lower, is_log=is_log)  # noqa: E741
        for u in _ends(upper, is_log=is_log)
        if u > l and (not is_log or min(v, l) > 0)
    ]
    span = [float(end) for end in value.range_of("rounded")]
    none = 1.0 if is_log else 0.0
    highest = 1.0 if span[0] <= none <= span[1] else max(corners)
    return ImpliedP(p_value=exact, low=min(corners), high=highest)


def tables_behind_ratio(
    n_1: int, n_2: int, estimate: str, low: str, high: str, *, kind: RatioKind = "odds"
) -> tuple[Table, ...]:
    """All 2×2 tables with two known group sizes that give a ratio and its limits as printed.

    Args:
        n_1: The size of the first group.
        n_2: The size of the second.
        estimate: The ratio of the first to the second, as printed.
        low: Its lower 95 % limit, as printed.
        high: Its upper 95 % limit, as printed.
        kind: An odds ratio with Woolf's interval, or a risk ratio with Katz's.

    Returns:
        Tables (a, b, c, d): events and others of the first group, then of the second.

    Raises:
        ValueError: No number stands in one of the texts, or a size is below 1.

    Source: Woolf 1955; Katz et al. 1978; tests/spec/test_printed.py.

    >>> tables_behind_ratio(19, 114, "10.7", "3.6", "31.4")
    ((11, 8, 13, 101),)
    """
    check_option("kind", kind, get_args(RatioKind))
    if min(n_1, n_2) < 1:
        msg = f"a group has one or more, not {min(n_1, n_2)}"
        raise ValueError(msg)
    a, c = (side.astype(float) for side in np.mgrid[1 : n_1 + 1, 1 : n_2 + 1])
    b, d = n_1 - a, n_2 - c
    with np.errstate(divide="ignore", invalid="ignore"):
        match kind:
            case "odds":
                log_ratio = np.log(a * d / (b * c))
                se = np.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
            case "risk":
                log_ratio = np.log(a / n_1 * n_2 / c)
                se = np.sqrt(1 / a - 1 / n_1 + 1 / c - 1 / n_2)
            case _:
                assert_never(kind)
        fits = np.isfinite(log_ratio) & np.isfinite(se)
        for text, sign in ((estimate, 0), (low, -1), (high, 1)):
            ends = [float(end) for end in read_printed(text).range_of("rounded")]
            number = np.exp(log_ratio + sign * z_of(0.95) * se)
            fits &= (number >= ends[0] * (1 - 1e-12)) & (number <= ends[1] * (1 + 1e-12))
    counts = np.argwhere(fits) + 1
    return tuple((int(i), n_1 - int(i), int(j), n_2 - int(j)) for i, j in counts)


def _ends(printed: Printed, *, is_log: bool) -> tuple[float, float]:
    low, high = (float(end) for end in printed.range_of("rounded"))
    return (max(low, 0.0), high) if is_log else (low, high)


def _middle(low: float, high: float, *, is_log: bool) -> float:
    return math.sqrt(low * high) if is_log else (low + high) / 2


def _p(value: float, low: float, high: float, z: float, *, is_log: bool) -> float:
    if is_log:
        value, low, high = map(math.log, (value, low, high))
    return float(2 * special.ndtr(-abs(value) / ((high - low) / (2 * z))))
