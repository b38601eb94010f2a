"""Limits of what two assays on the same patients differ by."""

from __future__ import annotations

import math
from collections.abc import Callable

from scipy import optimize, special

from incohort.stats._quantiles import z_of
from incohort.stats.outcome import Interval
from incohort.stats.proportions import proportion


def tango(b: int, c: int, n: int, conf_level: float) -> tuple[float, float]:
    """The differences at which Tango's score statistic equals ±z."""
    z = z_of(conf_level)

    def excess(delta: float) -> float:
        # the restricted estimate of the second-only probability: the larger root of his quadratic
        linear = (2 * n - b + c) * delta - b - c
        product = -c * delta * (1 - delta)
        only_second = (math.sqrt(max(linear**2 - 8 * n * product, 0.0)) - linear) / (4 * n)
        variance = n * (2 * only_second + delta * (1 - delta))
        gap = b - c - n * delta
        return gap * gap - z * z * max(variance, 0.0)  # squared: finite where the variance is 0

    estimate = (b - c) / n
    inside = 0.0 if excess(estimate) < 0 else 1e-9  # b = c = 0, or all are discordant one way
    low = _between(excess, -1.0, estimate - inside)
    high = _between(excess, 1.0, estimate + inside)
    return low, high


def newcombe(a: int, b: int, c: int, d: int, conf_level: float) -> tuple[float, float]:
    """Squares and adds the Wilson half-widths of both shares, less what their phi explains."""
    n = a + b + c + d
    first = proportion(a + b, n, conf_level=conf_level)
    second = proportion(a + c, n, conf_level=conf_level)
    assert isinstance(first, Interval)  # noqa: S101 — n is above 0
    assert isinstance(second, Interval)  # noqa: S101
    margins = (a + b) * (c + d) * (a + c) * (b + d)
    excess = float(a * d - b * c)
    if excess > 0:
        excess = max(excess - n / 2, 0.0)  # what makes method 10 of method 8
    phi = excess / math.sqrt(margins) if margins else 0.0
    down_1, up_1 = first.estimate - first.ci_low, first.ci_high - first.estimate
    down_2, up_2 = second.estimate - second.ci_low, second.ci_high - second.estimate
    delta = math.sqrt(max(down_1**2 - 2 * phi * down_1 * up_2 + up_2**2, 0.0))
    epsilon = math.sqrt(max(up_1**2 - 2 * phi * up_1 * down_2 + down_2**2, 0.0))
    difference = (b - c) / n
    return difference - delta, difference + epsilon


def mid_p_limits(x: int, n: int, tail: float) -> tuple[float, float]:
    """The p at which P(X > x) + ½P(X = x), or its mirror, is `tail`."""

    def upper_tail(p: float) -> float:
        return float(special.bdtrc(x, n, p) + special.bdtrc(x - 1, n, p)) / 2 - tail

    def lower_tail(p: float) -> float:
        below = float(special.bdtr(x - 1, n, p)) if x else 0.0
        return (below + float(special.bdtr(x, n, p))) / 2 - tail

    low = 0.0 if x == 0 else _between(upper_tail, 0.0, 1.0)
    high = 1.0 if x == n else _between(lower_tail, 0.0, 1.0)
    return low, high


def _between(excess: Callable[[float], float], start: float, end: float) -> float:
    """Where a function crosses zero; the first end where it does not."""
    if excess(start) * excess(end) >= 0:
        return start
    return float(optimize.brentq(excess, start, end, xtol=1e-14, rtol=1e-14, maxiter=500))
