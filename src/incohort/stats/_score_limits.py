"""Limits of the difference and the ratio of two risks where their score statistic is ±z."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable

from scipy import optimize

from incohort.stats._quantiles import z_of


def miettinen_nurminen(
    events_1: int, n_1: int, events_2: int, n_2: int, conf_level: float
) -> tuple[float, float]:
    """The differences at which the score statistic, with variance × N/(N−1), equals ±z."""
    p_1, p_2, n = events_1 / n_1, events_2 / n_2, n_1 + n_2
    z = z_of(conf_level)

    def excess(delta: float) -> float:
        q_2 = _restricted_risk(events_1, n_1, events_2, n_2, delta)
        q_1 = min(max(q_2 + delta, 0.0), 1.0)
        variance = (q_1 * (1 - q_1) / n_1 + q_2 * (1 - q_2) / n_2) * n / (n - 1)
        gap = p_1 - p_2 - delta
        if variance <= 0.0:
            return math.copysign(math.inf, gap) if gap else 0.0
        return gap / math.sqrt(variance)

    return (
        _root(lambda d: excess(d) - z, -1.0, p_1 - p_2),
        _root(lambda d: excess(d) + z, p_1 - p_2, 1.0),
    )


def _restricted_risk(events_1: int, n_1: int, events_2: int, n_2: int, delta: float) -> float:
    """The second risk's maximum-likelihood estimate under a fixed difference (their equation 9)."""
    n, c = n_1 + n_2, events_1 + events_2
    l_3 = n
    l_2 = (n_1 + 2 * n_2) * delta - n - c
    l_1 = (n_2 * delta - n - 2 * events_2) * delta + c
    l_0 = events_2 * delta * (1 - delta)
    q = l_2**3 / (3 * l_3) ** 3 - l_1 * l_2 / (6 * l_3**2) + l_0 / (2 * l_3)
    p = math.copysign(math.sqrt(max(l_2**2 / (3 * l_3) ** 2 - l_1 / (3 * l_3), 0.0)), q)
    if p == 0.0:
        return min(max(-l_2 / (3 * l_3), 0.0), 1.0)
    angle = (math.pi + math.acos(min(max(q / p**3, -1.0), 1.0))) / 3
    return min(max(2 * p * math.cos(angle) - l_2 / (3 * l_3), 0.0), 1.0)


def koopman(
    events_1: int, n_1: int, events_2: int, n_2: int, conf_level: float
) -> tuple[float, float]:
    """The ratios at which Koopman's chi-square statistic equals the critical value."""
    limit = z_of(conf_level) ** 2
    ratio = (events_1 / n_1) / (events_2 / n_2)

    def excess(log_theta: float) -> float:
        theta = math.exp(log_theta)
        b = theta * (n_1 + events_2) + events_1 + n_2
        total = (n_1 + n_2) * (events_1 + events_2)
        root = math.sqrt(max(b * b - 4 * theta * total, 0.0))
        q_1 = 2 * theta * total / (b + root) / (n_1 + n_2)  # the smaller root, without cancellation
        q_2 = q_1 / theta
        statistic = _cell(events_1, n_1, q_1) + _cell(events_2, n_2, q_2)
        return statistic - limit

    far = 60.0
    middle = math.log(ratio) if events_1 else -far
    low = math.exp(_root(excess, -far, middle)) if events_1 else 0.0
    if events_1 == n_1 and events_2 == n_2:
        middle = 0.0
    high = math.exp(_root(excess, middle, far))
    return low, high


def _cell(events: int, n: int, q: float) -> float:
    """One group's part of the chi-square statistic at the restricted risk `q`."""
    q = min(max(q, 0.0), 1.0)
    if events == n:  # the same formula, without the difference of two nearly equal numbers
        return n * (1 - q) / q if q > 0 else math.inf
    if events == 0:
        return n * q / (1 - q) if q < 1 else math.inf
    variance = n * q * (1 - q)
    return (events - n * q) ** 2 / variance if variance > 0 else math.inf


def _root(excess: Callable[[float], float], low: float, high: float) -> float:
    """Where a monotone function crosses zero; the end of the range where it never does."""
    at_low, at_high = excess(low), excess(high)
    if at_low == 0.0 or at_low * at_high > 0:
        return low if abs(at_low) <= abs(at_high) else high
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # infinite ends are met on purpose
        finite = _clip(excess)
        return float(optimize.brentq(finite, low, high, xtol=1e-14, rtol=1e-14, maxiter=500))


def _clip(excess: Callable[[float], float]) -> Callable[[float], float]:
    return lambda x: min(max(excess(x), -1e12), 1e12)
