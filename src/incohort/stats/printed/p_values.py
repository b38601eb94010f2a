"""Printed P values: what a table of counts or a printed statistic gives by each usual test."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from incohort.stats._checked import check_option, whole
from incohort.stats.contingency import chi_square, fisher_exact
from incohort.stats.outcome import NoEstimate
from incohort.stats.printed.digits import read_printed
from incohort.stats.rates import rate_test

Statistic = Literal["chi2", "t", "z", "F", "r"]
_TIE = 1 + 1e-7  # as `fisher_exact` counts tables as equally probable


@dataclass(frozen=True, slots=True)
class PByTest:
    """The P value that one test gives; `statistic` where it has one."""

    test: str
    p_value: float
    statistic: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PRange:
    """The P value of a printed statistic, and what it can be by the statistic's digits."""

    p_value: float
    low: float
    high: float


def p_of_table(table: ArrayLike) -> tuple[PByTest, ...] | NoEstimate:
    """The P values of a table of counts by each test that may have given a printed one.

    Fisher's exact test, Pearson's chi-square, the likelihood-ratio chi-square; of a 2×2 table also
    Yates' correction and the mid-P version of Fisher's test, which takes half the probability of
    the tables that are as probable as the one seen. All are two-sided.

    Args:
        table: Counts, shape (r, c).

    Raises:
        ValueError: Not a table of counts.

    Source: Fisher 1935; Pearson 1900; Yates 1934; Lancaster 1961, J Am Stat Assoc 56:223 (mid-P);
        Wilks 1935 (likelihood ratio); R's fisher.test, chisq.test; tests/spec/test_printed.py.

    >>> [round(one.p_value, 3) for one in p_of_table([[6, 19], [4, 52]])]
    [0.062, 0.033, 0.041, 0.078, 0.044]
    """
    exact, pearson = fisher_exact(table), chi_square(table)
    if isinstance(exact, NoEstimate):
        return exact
    if isinstance(pearson, NoEstimate):
        return pearson
    counts = whole(table, "counts").astype(float)
    expected = np.asarray(pearson.expected)
    seen = counts > 0
    ratio = float(2 * (counts[seen] * np.log(counts[seen] / expected[seen])).sum())
    tests = [
        PByTest("Fisher's exact test", exact.p_value),
        PByTest("Pearson's chi-square test", pearson.p_value, pearson.statistic),
        PByTest("likelihood-ratio chi-square", float(special.chdtrc(pearson.df, ratio)), ratio),
    ]
    if counts.shape == (2, 2):
        corrected = chi_square(table, continuity=True)
        if not isinstance(corrected, NoEstimate):
            name = "chi-square test with Yates' correction"
            tests.append(PByTest(name, corrected.p_value, corrected.statistic))
        tests.append(PByTest("mid-P version of Fisher's test", _mid_p(counts)))
    return tuple(tests)


def p_of_rates(
    events_1: int, time_1: float, events_2: int, time_2: float
) -> tuple[PByTest, ...] | NoEstimate:
    """The P values of two rates by each test that may have given a printed one, two-sided.

    The exact conditional test, its mid-P version, and Wald's on the logarithm of their ratio.

    Args:
        events_1: The first group's events.
        time_1: For how long they were observed.
        events_2: The second group's events.
        time_2: For how long they were observed, in the same unit.

    Raises:
        ValueError: A count or time is negative or no number.

    Source: Przyborowski & Wilenski 1940, Biometrika 31:313; R's poisson.test;
        tests/spec/test_printed.py.

    >>> [round(one.p_value, 3) for one in p_of_rates(6, 1352, 55, 14182)]
    [0.652, 0.72, 0.754]
    """
    exact = rate_test(events_1, time_1, events_2, time_2)
    mid = rate_test(events_1, time_1, events_2, time_2, method="mid_p")
    if isinstance(exact, NoEstimate):
        return exact
    tests = [PByTest("exact conditional test", exact.p_value)]
    if not isinstance(mid, NoEstimate):
        tests.append(PByTest("its mid-P version", mid.p_value))
    if min(events_1, events_2) > 0:
        log_ratio = math.log(events_1 / time_1 / (events_2 / time_2))
        z = log_ratio / math.sqrt(1 / events_1 + 1 / events_2)
        tests.append(PByTest("Wald's test of the logarithm", float(2 * special.ndtr(-abs(z))), z))
    return tuple(tests)


def which_print(text: str, tests: Sequence[PByTest]) -> tuple[PByTest, ...]:
    """Those of several tests whose P value prints as the text does, rounded.

    Args:
        text: The P value as printed; after `<` any smaller one does.
        tests: What `p_of_table` gave.

    Raises:
        ValueError: No number stands in the text.

    Source: tests/spec/test_printed.py.
    """
    printed = read_printed(text)
    return tuple(test for test in tests if printed.holds(test.p_value))


def p_of_statistic(
    name: Statistic, value: str, df: Sequence[float] = (), *, sided: int = 2
) -> PRange:
    """The P value of a printed test statistic, and its range by the digits printed.

    Args:
        name: `chi2`, `t`, `z`, `F`, or `r` for Pearson's correlation.
        value: The statistic as printed.
        df: Its degrees of freedom: one for chi2, t and r, two for F, none for z.
        sided: 1 or 2; of chi2 and F the upper tail is taken whichever.

    Raises:
        ValueError: The statistic, its degrees of freedom or the sides are none.

    Source: Nuijten et al. 2016, Behav Res Methods 48:1205 (statcheck); tests/spec/test_printed.py.

    >>> round(p_of_statistic("t", "2.73", [131]).p_value, 4)
    0.0072
    """
    check_option("name", name, get_args(Statistic))
    check_option("sided", sided, (1, 2))
    wanted = {"F": 2, "z": 0}.get(name, 1)
    if len(df) != wanted or any(number <= 0 for number in df):
        msg = f"{name} has {wanted} degrees of freedom above 0, not {list(df)}"
        raise ValueError(msg)
    tail = _tail(name, df, sided)
    printed = read_printed(value)
    ends = [float(end) for end in printed.range_of("rounded")]
    sizes = sorted(abs(end) for end in ends)
    if ends[0] <= 0 <= ends[1]:
        sizes[0] = 0.0
    return PRange(p_value=tail(abs(float(printed.value))), low=tail(sizes[1]), high=tail(sizes[0]))


def _tail(name: Statistic, df: Sequence[float], sided: int) -> Callable[[float], float]:
    """The P value as a function of the statistic's size."""
    match name:
        case "chi2":
            return lambda x: float(special.chdtrc(df[0], x))
        case "F":
            return lambda x: float(special.fdtrc(df[0], df[1], x))
        case "z":
            return lambda x: float(sided * special.ndtr(-x))
        case "t":
            return lambda x: float(sided * special.stdtr(df[0], -x))
        case "r":
            return lambda x: float(sided * special.stdtr(df[0], -_t_of(x, df[0])))
        case _:
            assert_never(name)


def _t_of(r: float, df: float) -> float:
    return math.inf if r >= 1 else r * math.sqrt(df / (1 - r * r))


def _mid_p(counts: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    (a, b), (c, d) = counts
    x = np.arange(max(0.0, a - d), min(a + b, a + c) + 1)
    log_weights = -sum(special.gammaln(cell + 1) for cell in (x, a + b - x, a + c - x, d - a + x))
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    seen = weights[x == a][0]
    is_tie = (weights <= seen * _TIE) & (weights >= seen / _TIE)
    below = (weights < seen) & ~is_tie
    return float(weights[below].sum() + weights[is_tie].sum() / 2)
