"""Events in a time that was observed: one rate, and two compared."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Literal, assert_never, get_args

import scipy
from scipy import optimize, special

from incohort.stats._checked import check_option
from incohort.stats._garwood import garwood
from incohort.stats._quantiles import z_of
from incohort.stats.outcome import HypothesisTest, Interval, NoEstimate, check_conf_level
from incohort.stats.proportions import proportion

RateMethod = Literal["exact", "log"]
RatioMethod = Literal["exact", "mid_p", "log"]
TestMethod = Literal["exact", "mid_p"]

_NO_TIME = "nobody was observed for any time"
_NO_EVENT = "there is no event in either group"


def poisson_rate(
    events: int, time: float, *, conf_level: float = 0.95, method: RateMethod = "exact"
) -> Interval | NoEstimate:
    """Events per unit of time, with an interval.

    Args:
        events: How many there were, 0 or more; each by itself, so that a patient has at most a few.
        time: For how long all together were observed, in any unit.
        conf_level: In (0, 1); the interval is two-sided.
        method: `exact` (Garwood's, with the limit 0 where there is no event), or `log` (Wald's on
            the logarithm, which many papers print and which needs an event).

    Returns:
        The rate and its limits per the unit of `time`.

    Raises:
        ValueError: `events` or `time` is negative or no number, or the method is unknown.

    Source: Garwood 1936, Biometrika 28:437; R's poisson.test; tests/validation/rates.R.

    >>> rate = poisson_rate(3, 200)
    >>> round(rate.estimate, 3), round(rate.ci_low, 6), round(rate.ci_high, 6)
    (0.015, 0.003093, 0.043836)
    """
    check_option("method", method, get_args(RateMethod))
    check_conf_level(conf_level)
    _check(events, time)
    if not time:
        return NoEstimate(_NO_TIME)
    rate = events / time
    match method:
        case "exact":
            low, high = (float(limit) / time for limit in garwood(events, conf_level))
            name = "Garwood's exact Poisson interval"
        case "log":
            if not events:
                return NoEstimate("there is no event; the log interval needs one")
            half = z_of(conf_level) / math.sqrt(events)
            low, high = rate * math.exp(-half), rate * math.exp(half)
            name = "rate, log interval"
        case _:
            assert_never(method)
    return Interval(estimate=rate, ci_low=low, ci_high=high, conf_level=conf_level, method=name)


def poisson_upper_bound(
    events: int, time: float, *, conf_level: float = 0.95
) -> Interval | NoEstimate:
    """The rate that is hardly exceeded: Garwood's exact upper bound, one-sided.

    All of the error lies on one side, so that the bound is below the upper limit of the two-sided
    interval. Without an event it is −log(1 − conf_level) over the time, the "rule of three".

    Args:
        events: How many there were, 0 or more.
        time: For how long all together were observed, in any unit.
        conf_level: In (0, 1); with which probability the bound holds.

    Returns:
        The rate with the bound as `ci_high`; `ci_low` is 0, below which no rate can be.

    Raises:
        ValueError: `events` or `time` is negative or no number.

    Source: Garwood 1936, Biometrika 28:437; Hanley & Lippman-Hand 1983, JAMA 249:1743; R's
        poisson.test; tests/validation/rates.R.

    >>> round(poisson_upper_bound(0, 50).ci_high, 6)
    0.059915
    """
    check_conf_level(conf_level)
    _check(events, time)
    if not time:
        return NoEstimate(_NO_TIME)
    return Interval(
        estimate=events / time,
        ci_low=0.0,
        ci_high=float(special.gammainccinv(events + 1, 1 - conf_level)) / time,
        conf_level=conf_level,
        method="exact Poisson upper bound, one-sided",
    )


def rate_ratio(
    events_1: int,
    time_1: float,
    events_2: int,
    time_2: float,
    *,
    conf_level: float = 0.95,
    method: RatioMethod = "exact",
) -> Interval | NoEstimate:
    """The rate of a first group over that of a second.

    Exact and mid-P are conditional on how many events both had together, so they hold for events
    that come singly. The exact limits are too wide rather than too narrow; mid-P counts half of
    the chance of what was seen, and keeps the level on average; the log interval is Wald's.

    Args:
        events_1: The first group's events.
        time_1: For how long they were observed.
        events_2: The second group's events.
        time_2: For how long they were observed, in the same unit.
        conf_level: In (0, 1).
        method: `exact`, `mid_p`, or `log`, which needs an event in either group.

    Returns:
        The ratio and its limits: the limit 0 where the first group has no event; where the second
        has none an infinite ratio with the limit above which it lies.

    Raises:
        ValueError: A count or time is negative or no number, or the method is unknown.

    Source: Przyborowski & Wilenski 1940, Biometrika 31:313; Lancaster 1961, J Am Stat Assoc 56:223;
        Rothman, Greenland & Lash 2008, chapter 14; R's poisson.test, rateratio of epitools;
        tests/validation/rates.R.

    >>> ratio = rate_ratio(4, 100, 2, 400)
    >>> round(ratio.estimate, 4), round(ratio.ci_low, 4), round(ratio.ci_high, 4)
    (8.0, 1.1465, 88.4388)
    """
    check_option("method", method, get_args(RatioMethod))
    check_conf_level(conf_level)
    reason = _no_comparison(events_1, time_1, events_2, time_2)
    if reason:
        return NoEstimate(reason)
    between = time_2 / time_1
    ratio = events_1 / events_2 * between if events_2 else math.inf
    match method:
        case "log":
            if not events_1 or not events_2:
                return NoEstimate("one group has no event; the log ratio needs one in each")
            half = z_of(conf_level) * math.sqrt(1 / events_1 + 1 / events_2)
            low, high = ratio * math.exp(-half), ratio * math.exp(half)
            name = "ratio of rates, log interval"
        case "exact":
            shares = _exact_shares(events_1, events_1 + events_2, conf_level)
            low, high = (_odds(share) * between for share in shares)
            name = "exact conditional interval of a ratio of Poisson rates"
        case "mid_p":
            shares = _mid_p_shares(events_1, events_1 + events_2, conf_level)
            low, high = (_odds(share) * between for share in shares)
            name = "mid-P conditional interval of a ratio of Poisson rates"
        case _:
            assert_never(method)
    return Interval(estimate=ratio, ci_low=low, ci_high=high, conf_level=conf_level, method=name)


def rate_test(
    events_1: int, time_1: float, events_2: int, time_2: float, *, method: TestMethod = "exact"
) -> HypothesisTest | NoEstimate:
    """Whether two rates differ, given how many events both groups had together.

    The exact P is the chance of every split of the events that is no likelier than the one seen;
    the mid-P is twice the smaller tail, with half of the chance of what was seen.

    Args:
        events_1: The first group's events.
        time_1: For how long they were observed.
        events_2: The second group's events.
        time_2: For how long they were observed, in the same unit.
        method: `exact` or `mid_p`.

    Raises:
        ValueError: A count or time is negative or no number, or the method is unknown.

    Source: Przyborowski & Wilenski 1940, Biometrika 31:313; Lancaster 1961, J Am Stat Assoc 56:223;
        R's poisson.test, rateratio of epitools; tests/validation/rates.R.

    >>> round(rate_test(4, 100, 2, 400).p_value, 5)
    0.01696
    """
    check_option("method", method, get_args(TestMethod))
    reason = _no_comparison(events_1, time_1, events_2, time_2)
    if reason:
        return NoEstimate(reason)
    n, expected = events_1 + events_2, time_1 / (time_1 + time_2)
    match method:
        case "exact":
            p_value = float(scipy.stats.binomtest(events_1, n, expected).pvalue)
            name = "exact conditional test of two Poisson rates"
        case "mid_p":
            above = _mid_tail(events_1, n, expected)
            p_value = 2 * min(above, 1 - above)
            name = "mid-P conditional test of two Poisson rates"
        case _:
            assert_never(method)
    return HypothesisTest(statistic=None, p_value=p_value, df=None, method=name)


def _no_comparison(events_1: int, time_1: float, events_2: int, time_2: float) -> str:
    """Why two rates can't be compared, or nothing."""
    _check(events_1, time_1)
    _check(events_2, time_2)
    if not time_1 or not time_2:
        return _NO_TIME
    return "" if events_1 + events_2 else _NO_EVENT


def _exact_shares(events: int, n: int, conf_level: float) -> tuple[float, float]:
    """Clopper and Pearson's limits of the first group's share of the events."""
    share = proportion(events, n, conf_level=conf_level, method="clopper_pearson")
    assert isinstance(share, Interval)  # noqa: S101 — there is an event
    return share.ci_low, share.ci_high


def _mid_p_shares(events: int, n: int, conf_level: float) -> tuple[float, float]:
    """The shares at which the upper mid-P tail is the error of either side."""
    tail = (1 - conf_level) / 2
    low = 0.0 if not events else _root(lambda share: _mid_tail(events, n, share) - tail)
    high = 1.0 if events == n else _root(lambda share: _mid_tail(events, n, share) - (1 - tail))
    return low, high


def _mid_tail(events: int, n: int, share: float) -> float:
    """P(X > events) + ½ P(X = events) of a binomial, the mean of P(X > x) and P(X ≥ x)."""
    above = float(special.betainc(events + 1, n - events, share)) if events < n else 0.0
    from_it = float(special.betainc(events, n - events + 1, share)) if events else 1.0
    return (above + from_it) / 2


def _root(excess: Callable[[float], float]) -> float:
    return float(optimize.brentq(excess, 0.0, 1.0, xtol=1e-300, rtol=1e-14, maxiter=2000))


def _odds(share: float) -> float:
    return math.inf if share == 1 else share / (1 - share)


def _check(events: int, time: float) -> None:
    if events < 0 or events != int(events) or not 0 <= time < math.inf:
        msg = f"events must be a count and time finite and not negative, got {events} in {time}"
        raise ValueError(msg)
