"""The median of a duration among all, where some never came to its end: by order alone."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from incohort.stats.outcome import Interval, NoEstimate, check_conf_level


@dataclass(frozen=True, slots=True, kw_only=True)
class MedianBound:
    """Between what the median of all n lies; infinite where half of them or more never came there.

    `rank` is the place, in order of time, of the value that it is at least.
    """

    n: int
    n_ended: int
    rank: int
    at_least: float
    at_most: float


def median_of_all(time: ArrayLike, n: int, *, conf_level: float = 0.95) -> Interval | NoEstimate:
    """The median of n durations of which some never ended, with an interval by order.

    Those that never ended, for ever or because the patient died before, are longer than any other,
    so that the median of those that ended is too short. Limits are two of the values, chosen by the
    sign test whatever the distribution; at least `conf_level` of such intervals hold.

    Args:
        time: The durations that ended, from 0, without missing values, shape (r,).
        n: How many there are together with those that never ended, r or more.
        conf_level: In (0, 1).

    Returns:
        The median, the mean of the two middle ones where n is even, infinite where the durations of
        half of them or more never ended; limits likewise; the lower one is 0 where n is too small.

    Raises:
        ValueError: A duration is negative or missing, or `n` smaller than their number.

    Source: Thompson 1936, Ann Math Stat 7:122; Conover 1999, section 3.2; R's sort and qbinom;
        tests/validation/never.R.

    Of five patients three recovered, after 4, 7 and 9 days; two died before:

    >>> median_of_all([4, 9, 7], 5).estimate
    9.0
    """
    check_conf_level(conf_level)
    ended = np.sort(np.asarray(time, dtype=np.float64))
    _check(ended, n)
    if n == 0:
        return NoEstimate("there is nobody to follow")
    everybody = [*ended.tolist(), *[math.inf] * (n - len(ended))]
    middle = (everybody[(n - 1) // 2] + everybody[n // 2]) / 2
    outside = _outside(n, (1 - conf_level) / 2)
    return Interval(
        estimate=middle,
        ci_low=everybody[outside - 1] if outside else 0.0,
        ci_high=everybody[n - outside] if outside else math.inf,
        conf_level=conf_level,
        method="median of all, those without an end last; limits by the sign test",
    )


def median_bound(
    n: int, n_ended: int, median: float, *, longest: float = math.inf
) -> MedianBound | NoEstimate:
    """What the printed median of those whose duration ended tells of the median of all.

    Args:
        n: All of them.
        n_ended: Those whose duration ended, of whom the median was printed.
        median: Theirs.
        longest: The longest of theirs, where it was printed.

    Returns:
        The median of all is the value of rank n/2 (rounded up), or between that and the next; this
        is no smaller than the printed median and no larger than the longest.

    Raises:
        ValueError: More ended than there are, or the longest is below the median.

    Source: counting; tests/validation/test_never.py.

    Of 34 patients 26 recovered, in a median of 13 days (at most 37):

    >>> found = median_bound(34, 26, 13, longest=37)
    >>> found.rank, found.at_least, found.at_most
    (17, 13, 37)
    """
    if not 0 <= n_ended <= n or not 0 <= median <= longest:
        msg = f"{n_ended} of {n} with a median of {median} and at most {longest} is impossible"
        raise ValueError(msg)
    if not n_ended:
        return NoEstimate("nobody's duration ended")
    rank, next_one = (n + 1) // 2, n // 2 + 1
    return MedianBound(
        n=n,
        n_ended=n_ended,
        rank=rank,
        at_least=median if n_ended >= rank else math.inf,
        at_most=longest if n_ended >= next_one else math.inf,
    )


def _check(ended: np.ndarray, n: int) -> None:
    if ended.ndim != 1 or not np.isfinite(ended).all() or (ended < 0).any():
        raise ValueError("durations are one-dimensional, from 0 and without missing values")
    if len(ended) > n:
        msg = f"{len(ended)} durations of {n} is impossible"
        raise ValueError(msg)


def _outside(n: int, tail: float) -> int:
    """How many values lie outside at either end: the most with P(fewer below) within the tail.

    The number of values below the true median is binomial with n and one half; `k` values are
    outside where P(X ≤ k − 1) is no more than the tail.
    """
    below = special.bdtr(np.arange(n // 2 + 1), n, 0.5)
    return int((below <= tail).sum())
