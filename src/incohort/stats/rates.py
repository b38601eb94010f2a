"""Events in a time that was observed: one rate, and two compared, both exactly."""

from __future__ import annotations

import math

import scipy
from scipy import special

from incohort.stats.outcome import HypothesisTest, Interval, NoEstimate, check_conf_level
from incohort.stats.proportions import proportion

_NO_TIME = "nobody was observed for any time"
_NO_EVENT = "there is no event in either group"


def poisson_rate(events: int, time: float, *, conf_level: float = 0.95) -> Interval | NoEstimate:
    """Events per unit of time, with Garwood's exact interval.

    Args:
        events: How many there were, 0 or more; each by itself, so that a patient has at most a few.
        time: For how long all together were observed, in any unit.
        conf_level: In (0, 1); the interval is two-sided, with the limit 0 where there is no event.

    Returns:
        The rate and its limits per the unit of `time`.

    Raises:
        ValueError: `events` or `time` is negative or no number.

    Source: Garwood 1936, Biometrika 28:437; R's poisson.test; tests/validation/rates.R.

    >>> rate = poisson_rate(3, 200)
    >>> round(rate.estimate, 3), round(rate.ci_low, 6), round(rate.ci_high, 6)
    (0.015, 0.003093, 0.043836)
    """
    check_conf_level(conf_level)
    _check(events, time)
    if not time:
        return NoEstimate(_NO_TIME)
    tail = (1 - conf_level) / 2
    low = float(special.gammaincinv(events, tail)) if events else 0.0
    high = float(special.gammainccinv(events + 1, tail))
    return Interval(
        estimate=events / time,
        ci_low=low / time,
        ci_high=high / time,
        conf_level=conf_level,
        method="Garwood's exact Poisson interval",
    )


def rate_ratio(
    events_1: int, time_1: float, events_2: int, time_2: float, *, conf_level: float = 0.95
) -> Interval | NoEstimate:
    """The rate of a first group over that of a second, given how many events both had together.

    Args:
        events_1: The first group's events.
        time_1: For how long they were observed.
        events_2: The second group's events.
        time_2: For how long they were observed, in the same unit.
        conf_level: In (0, 1).

    Returns:
        The ratio and exact limits; the limit 0 where the first group has no event. No estimate
        where the second has none: the ratio would be infinite.

    Raises:
        ValueError: A count or time is negative or no number.

    Source: Przyborowski & Wilenski 1940, Biometrika 31:313; R's poisson.test; rates.R.

    >>> ratio = rate_ratio(4, 100, 2, 400)
    >>> round(ratio.estimate, 4), round(ratio.ci_low, 4), round(ratio.ci_high, 4)
    (8.0, 1.1465, 88.4388)
    """
    check_conf_level(conf_level)
    _check(events_1, time_1)
    _check(events_2, time_2)
    if not time_1 or not time_2:
        return NoEstimate(_NO_TIME)
    if not events_2:
        return NoEstimate("the group that it is compared with has no event")
    share = proportion(
        events_1, events_1 + events_2, conf_level=conf_level, method="clopper_pearson"
    )
    if isinstance(share, NoEstimate):
        return share
    low, high = (_odds(limit) * time_2 / time_1 for limit in (share.ci_low, share.ci_high))
    return Interval(
        estimate=(events_1 / time_1) / (events_2 / time_2),
        ci_low=low,
        ci_high=high,
        conf_level=conf_level,
        method="exact conditional interval of a ratio of Poisson rates",
    )


def rate_test(
    events_1: int, time_1: float, events_2: int, time_2: float
) -> HypothesisTest | NoEstimate:
    """Whether two rates differ: exact, given how many events both groups had together.

    P is the chance of every split of the events that is no likelier than the one seen.

    Args:
        events_1: The first group's events.
        time_1: For how long they were observed.
        events_2: The second group's events.
        time_2: For how long they were observed, in the same unit.

    Raises:
        ValueError: A count or time is negative or no number.

    Source: Przyborowski & Wilenski 1940, Biometrika 31:313; R's poisson.test; rates.R.

    >>> round(rate_test(4, 100, 2, 400).p_value, 5)
    0.01696
    """
    _check(events_1, time_1)
    _check(events_2, time_2)
    if not time_1 or not time_2:
        return NoEstimate(_NO_TIME)
    if not events_1 + events_2:
        return NoEstimate(_NO_EVENT)
    expected = time_1 / (time_1 + time_2)
    answer = scipy.stats.binomtest(events_1, events_1 + events_2, expected)
    return HypothesisTest(
        statistic=None,
        p_value=float(answer.pvalue),
        df=None,
        method="exact conditional test of two Poisson rates",
    )


def _odds(share: float) -> float:
    return math.inf if share == 1 else share / (1 - share)


def _check(events: int, time: float) -> None:
    if events < 0 or events != int(events) or not 0 <= time < math.inf:
        msg = f"events must be a count and time finite and not negative, got {events} in {time}"
        raise ValueError(msg)
