"""One proportion and the comparison of two: intervals that keep to [0, 1] in small samples."""

from __future__ import annotations

import math
from typing import Literal, assert_never, get_args

from scipy import special

from incohort.stats._checked import check_option
from incohort.stats._quantiles import z_of
from incohort.stats._score_limits import koopman, miettinen_nurminen
from incohort.stats.outcome import Interval, NoEstimate, check_conf_level, check_probability

ProportionMethod = Literal["wilson", "clopper_pearson", "jeffreys"]
DifferenceMethod = Literal["newcombe", "score"]
RatioMethod = Literal["score", "log"]

_NOBODY = "there is nobody in the denominator"


def proportion(
    events: int, n: int, *, conf_level: float = 0.95, method: ProportionMethod = "wilson"
) -> Interval | NoEstimate:
    """The proportion `events / n` with its confidence interval.

    Wilson is the default: its coverage is near the nominal one even for n below 10.

    Args:
        events: How many had the event, 0 to n.
        n: How many could have had it.
        conf_level: In (0, 1).
        method: `wilson` (score, no continuity correction), `clopper_pearson` (exact, conservative)
            or `jeffreys` (Beta(½, ½), with the limits 0 and 1 where there are no or only events).

    Returns:
        Estimate and limits in [0, 1].

    Raises:
        ValueError: `events` is not between 0 and `n`.

    Source: Wilson 1927; Clopper & Pearson 1934; Brown, Cai & DasGupta 2001, sections 3 and 4.1.2;
        R's prop.test, binom.test, qbeta; tests/validation/proportions.R.

    >>> interval = proportion(81, 263)  # Newcombe 1998, table I
    >>> round(interval.ci_low, 4), round(interval.ci_high, 4)
    (0.2553, 0.3662)
    """
    check_option("method", method, get_args(ProportionMethod))
    check_conf_level(conf_level)
    _check_counts(events, n)
    if n == 0:
        return NoEstimate(_NOBODY)
    match method:
        case "wilson":
            low, high = wilson_limits(events / n, n, conf_level)
            name = "Wilson score interval"
        case "clopper_pearson":
            low, high = beta_limits(events, n, conf_level)
            name = "Clopper–Pearson exact interval"
        case "jeffreys":
            low, high = beta_limits(events, n, conf_level, add_low=0.5, add_high=0.5)
            name = "Jeffreys interval"
        case _:
            assert_never(method)
    return Interval(
        estimate=events / n, ci_low=low, ci_high=high, conf_level=conf_level, method=name
    )


def proportion_upper_bound(
    events: int, n: int, *, conf_level: float = 0.95
) -> Interval | NoEstimate:
    """The share that is hardly exceeded: the exact binomial upper bound, one-sided.

    All of the error lies on one side, so that the bound is below Clopper and Pearson's two-sided
    upper limit. Where nobody had the event it is 1 − (1 − conf_level)^(1/n).

    Args:
        events: How many had the event, 0 to n.
        n: How many could have had it.
        conf_level: In (0, 1); with which probability the bound holds.

    Returns:
        The share with the bound as `ci_high`; `ci_low` is 0, below which no share can be.

    Raises:
        ValueError: `events` is not between 0 and `n`.

    Source: Clopper & Pearson 1934; Hanley & Lippman-Hand 1983, JAMA 249:1743; R's binom.test;
        tests/validation/proportions.R.

    >>> round(proportion_upper_bound(0, 20).ci_high, 4)
    0.1391
    """
    check_conf_level(conf_level)
    _check_counts(events, n)
    if n == 0:
        return NoEstimate(_NOBODY)
    return Interval(
        estimate=events / n,
        ci_low=0.0,
        ci_high=_exact_bound(events, n, conf_level),
        conf_level=conf_level,
        method="exact binomial upper bound, one-sided",
    )


def n_for_bound(bound: float, *, events: int = 0, conf_level: float = 0.95) -> int:
    """How many patients it takes to keep a share below a bound if `events` of them have the event.

    Args:
        bound: In (0, 1); the share that the one-sided exact upper bound must not exceed.
        events: How many may have the event.
        conf_level: In (0, 1).

    Raises:
        ValueError: The bound or the level is not between 0 and 1, or `events` is negative.

    Source: Clopper & Pearson 1934; Hanley & Lippman-Hand 1983, JAMA 249:1743; R's qbeta;
        tests/validation/proportions.R.

    >>> n_for_bound(0.05), n_for_bound(0.01)
    (59, 299)
    """
    check_conf_level(conf_level)
    check_probability("bound", bound)
    _check_counts(events, events)
    low, high = events, max(2 * events, 1)  # too few, and perhaps enough
    while _exact_bound(events, high, conf_level) > bound:
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        if _exact_bound(events, middle, conf_level) > bound:
            low = middle
        else:
            high = middle
    return high


def proportion_difference(
    events_1: int,
    n_1: int,
    events_2: int,
    n_2: int,
    *,
    conf_level: float = 0.95,
    method: DifferenceMethod = "newcombe",
) -> Interval | NoEstimate:
    """The difference of two independent proportions, first minus second.

    Args:
        events_1: Events in the first group.
        n_1: Size of the first group.
        events_2: Events in the second group.
        n_2: Size of the second group.
        conf_level: In (0, 1).
        method: `newcombe` (hybrid of two Wilson intervals) or `score` (Miettinen–Nurminen).

    Returns:
        Estimate and limits in [−1, 1].

    Raises:
        ValueError: Events exceed their group.

    Source: Newcombe 1998, Stat Med 17:873, method 10; Miettinen & Nurminen 1985, equations 8 and 9;
        R's prop.test, uniroot on the score; tests/validation/proportions.R.

    >>> difference = proportion_difference(56, 70, 48, 80)  # Newcombe 1998, table II (a)
    >>> round(difference.ci_low, 4), round(difference.ci_high, 4)
    (0.0524, 0.3339)
    """
    check_option("method", method, get_args(DifferenceMethod))
    check_conf_level(conf_level)
    empty = _empty((events_1, n_1), (events_2, n_2))
    if empty is not None:
        return empty
    p_1, p_2 = events_1 / n_1, events_2 / n_2
    match method:
        case "newcombe":
            low_1, high_1 = wilson_limits(p_1, n_1, conf_level)
            low_2, high_2 = wilson_limits(p_2, n_2, conf_level)
            low = p_1 - p_2 - math.hypot(p_1 - low_1, high_2 - p_2)
            high = p_1 - p_2 + math.hypot(high_1 - p_1, p_2 - low_2)
            name = "Newcombe hybrid score interval"
        case "score":
            low, high = miettinen_nurminen(events_1, n_1, events_2, n_2, conf_level)
            name = "Miettinen–Nurminen score interval"
        case _:
            assert_never(method)
    return Interval(
        estimate=p_1 - p_2, ci_low=low, ci_high=high, conf_level=conf_level, method=name
    )


def risk_ratio(
    events_1: int,
    n_1: int,
    events_2: int,
    n_2: int,
    *,
    conf_level: float = 0.95,
    method: RatioMethod = "score",
) -> Interval | NoEstimate:
    """The ratio of two independent risks, first over second.

    Args:
        events_1: Events in the first group.
        n_1: Size of the first group.
        events_2: Events in the second group.
        n_2: Size of the second group.
        conf_level: In (0, 1).
        method: `score` (Koopman) or `log` (Katz).

    Returns:
        Estimate and limits above 0; the upper limit may be infinite.

    Raises:
        ValueError: Events exceed their group.

    Source: Koopman 1984, Biometrics 40:513; Katz et al. 1978, Biometrics 34:469; R's uniroot on the
        score; tests/validation/proportions.R.
    """
    check_option("method", method, get_args(RatioMethod))
    check_conf_level(conf_level)
    empty = _empty((events_1, n_1), (events_2, n_2))
    if empty is not None:
        return empty
    if events_1 == events_2 == 0:
        return NoEstimate("nobody in either group had the event")
    if events_2 == 0:
        return NoEstimate("nobody in the second group had the event, so the ratio has no bound")
    ratio = (events_1 / n_1) / (events_2 / n_2)
    match method:
        case "log":
            if events_1 == 0:
                return NoEstimate(
                    "nobody in the first group had the event; the log ratio needs one"
                )
            se = math.sqrt(1 / events_1 - 1 / n_1 + 1 / events_2 - 1 / n_2)
            low = ratio * math.exp(-z_of(conf_level) * se)
            high = ratio * math.exp(z_of(conf_level) * se)
            name = "Katz log interval"
        case "score":
            low, high = koopman(events_1, n_1, events_2, n_2, conf_level)
            name = "Koopman score interval"
        case _:
            assert_never(method)
    return Interval(estimate=ratio, ci_low=low, ci_high=high, conf_level=conf_level, method=name)


def _empty(first: tuple[int, int], second: tuple[int, int]) -> NoEstimate | None:
    """Why two groups, each with its events and its size, can't be compared."""
    _check_counts(*first)
    _check_counts(*second)
    if first[1] and second[1]:
        return None
    return NoEstimate(_NOBODY if first[1] == second[1] else "one of the two groups is empty")


def _exact_bound(events: int, n: int, conf_level: float) -> float:
    """The share at which no more than so many events have the chance 1 − conf_level."""
    return 1.0 if events == n else float(special.betaincinv(events + 1, n - events, conf_level))


def _check_counts(events: int, n: int) -> None:
    if not 0 <= events <= n:
        msg = f"{events} events of {n} is impossible"
        raise ValueError(msg)


def wilson_limits(share: float, n: float, conf_level: float) -> tuple[float, float]:
    """Limits of Wilson 1927: the shares for which the score statistic is ±z.

    `n` need not be whole: it may be the size at which a plain share would vary as this one does.
    """
    z = z_of(conf_level)
    centre = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    return 0.0 if share == 0 else centre - half, 1.0 if share == 1 else centre + half


def beta_limits(
    events: float, n: float, conf_level: float, *, add_low: float = 0.0, add_high: float = 1.0
) -> tuple[float, float]:
    """Beta quantiles: a, b of (x, n−x+1) and (x+1, n−x) when exact, (x+½, n−x+½) for Jeffreys.

    Neither number need be whole: `n` may be the size at which a plain share would vary as this.
    """
    tail = (1 - conf_level) / 2
    misses = n - events
    low_a, low_b = events + add_low, misses + add_high
    high_a, high_b = events + add_high, misses + add_low
    low = 0.0 if events == 0 else float(special.betaincinv(low_a, low_b, tail))
    high = 1.0 if misses == 0 else float(special.betaincinv(high_a, high_b, 1 - tail))
    return low, high
