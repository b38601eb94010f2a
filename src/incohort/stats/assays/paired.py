"""Two assays on the same patients: McNemar's tests, differences, odds ratio, agreement by result.

A paired table is [[both, first_only], [second_only, neither]]: rows are the first assay's
positive and negative results, columns the second's.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from incohort.stats._checked import check_option
from incohort.stats.assays._paired_limits import mid_p_limits, newcombe, tango
from incohort.stats.outcome import HypothesisTest, Interval, NoEstimate, check_conf_level
from incohort.stats.proportions import proportion

McNemarMethod = Literal["exact", "mid_p", "asymptotic", "continuity"]
PairedDifferenceMethod = Literal["tango", "newcombe"]
PairedOddsRatioMethod = Literal["exact", "mid_p"]

NOBODY = "no patient has a result of both assays"
_NEVER_APART = "the two assays never disagreed, so there is nothing to choose between them"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """How often two assays give the same result: in all, among positives, among negatives.

    `positive` is 2·both / (2·both + discordant): the probability that one assay is positive where
    the other, picked at random, is. `negative` is its mirror. All in [0, 1].
    """

    overall: Interval
    positive: Interval | NoEstimate
    negative: Interval | NoEstimate


def paired_table(first: ArrayLike, second: ArrayLike) -> tuple[tuple[int, int], tuple[int, int]]:
    """The paired table of two assays' results.

    Args:
        first: True for positive, shape (n,); patients without a result of both are left out before.
        second: The same patients' results of the other assay, shape (n,).

    Returns:
        ((both, first_only), (second_only, neither)).

    Raises:
        ValueError: The two differ in length, or hold something else than booleans.
    """
    x, y = np.asarray(first), np.asarray(second)
    if x.ndim != 1 or x.shape != y.shape or x.dtype != np.bool_ or y.dtype != np.bool_:
        msg = "paired results are two boolean sequences of one length"
        raise ValueError(msg)
    both, first_only, second_only = int((x & y).sum()), int((x & ~y).sum()), int((~x & y).sum())
    return (both, first_only), (second_only, len(x) - both - first_only - second_only)


def mcnemar(table: ArrayLike, *, method: McNemarMethod = "exact") -> HypothesisTest | NoEstimate:
    """McNemar's test: is one assay positive more often than the other in the same patients?

    Given the discordant patients, the number that only the first assay finds is binomial with
    probability ½ under the null hypothesis.

    Args:
        table: Counts [[both, first_only], [second_only, neither]], shape (2, 2).
        method: `exact` (binomial, conservative), `mid_p` (half the probability of the table seen
            is taken off; near the nominal level in small samples), `asymptotic` (chi-square) or
            `continuity` (Edwards' correction, R's default).

    Returns:
        The test; the statistic is chi-square where asymptotic, None where exact.

    Source: McNemar 1947, Psychometrika 12:153; Edwards 1948; Fagerland, Lydersen & Laake 2013, BMC
        Med Res Methodol 13:91; R's mcnemar.test, binom.test; tests/validation/assays/paired.R.

    >>> round(mcnemar([[3, 8], [0, 7]]).p_value, 4)  # Jinca 2021: GIFT and GAT in 18 children
    0.0078
    """
    check_option("method", method, get_args(McNemarMethod))
    a, b, c, d = cells(table)
    if b + c == 0:
        return NoEstimate(_NEVER_APART if a + d else NOBODY)
    match method:
        case "exact" | "mid_p":
            one_tail = float(special.bdtr(min(b, c), b + c, 0.5))
            p_value = min(1.0, 2 * one_tail)
            if method == "mid_p":
                p_value -= _fair_binomial(min(b, c), b + c) * (0.5 if b == c else 1.0)
            name = "McNemar's exact test" if method == "exact" else "McNemar's mid-P test"
            return HypothesisTest(statistic=None, p_value=p_value, df=None, method=name)
        case "asymptotic" | "continuity":
            gap = abs(b - c)
            if method == "continuity":
                gap = max(gap - 1, 0)
            statistic = gap * gap / (b + c)
            name = "McNemar's chi-square test"
            if method == "continuity":
                name += ", continuity-corrected"
            p_value = float(special.chdtrc(1, statistic))
            return HypothesisTest(statistic=statistic, p_value=p_value, df=1, method=name)
        case _:
            assert_never(method)


def paired_difference(
    table: ArrayLike, *, conf_level: float = 0.95, method: PairedDifferenceMethod = "tango"
) -> Interval | NoEstimate:
    """The difference of two assays' shares of positives in the same patients, first minus second.

    Args:
        table: Counts [[both, first_only], [second_only, neither]], shape (2, 2).
        conf_level: In (0, 1).
        method: `tango` (score) or `newcombe` (two Wilson intervals joined through phi).

    Returns:
        Estimate and limits in [−1, 1].

    Source: Tango 1998, Stat Med 17:891; Newcombe 1998, Stat Med 17:2635, method 10; R's uniroot on
        the score, prop.test; tests/validation/assays/paired.R.

    >>> difference = paired_difference([[59, 6], [16, 80]])  # Cavo 2012, in Fagerland et al. 2017
    >>> round(difference.ci_low, 4), round(difference.ci_high, 4)
    (-0.124, -0.0054)
    """
    check_option("method", method, get_args(PairedDifferenceMethod))
    check_conf_level(conf_level)
    a, b, c, d = cells(table)
    n = a + b + c + d
    if n == 0:
        return NoEstimate(NOBODY)
    match method:
        case "tango":
            low, high = tango(b, c, n, conf_level)
            name = "Tango score interval"
        case "newcombe":
            low, high = newcombe(a, b, c, d, conf_level)
            name = "Newcombe paired interval (method 10)"
        case _:
            assert_never(method)
    return Interval(
        estimate=(b - c) / n, ci_low=low, ci_high=high, conf_level=conf_level, method=name
    )


def paired_odds_ratio(
    table: ArrayLike, *, conf_level: float = 0.95, method: PairedOddsRatioMethod = "exact"
) -> Interval | NoEstimate:
    """The conditional odds ratio: patients only the first assay finds per one only the second does.

    The share p of discordant patients that the first assay finds is binomial; its limits give
    those of the odds p / (1 − p).

    Args:
        table: Counts [[both, first_only], [second_only, neither]], shape (2, 2).
        conf_level: In (0, 1).
        method: `exact` (Clopper–Pearson) or `mid_p`.

    Returns:
        Estimate and limits in [0, ∞].

    Source: Breslow & Day 1980, section 5.2; Fagerland, Lydersen & Laake 2017, chapter 8; R's
        binom.test; tests/validation/assays/paired.R.
    """
    check_option("method", method, get_args(PairedOddsRatioMethod))
    check_conf_level(conf_level)
    a, b, c, d = cells(table)
    if b + c == 0:
        return NoEstimate(_NEVER_APART if a + d else NOBODY)
    match method:
        case "exact":
            share = proportion(b, b + c, conf_level=conf_level, method="clopper_pearson")
            assert not isinstance(share, NoEstimate)  # noqa: S101 — b + c is above 0
            low, high = share.ci_low, share.ci_high
            name = "conditional odds ratio of pairs, exact interval"
        case "mid_p":
            low, high = mid_p_limits(b, b + c, (1 - conf_level) / 2)
            name = "conditional odds ratio of pairs, mid-P interval"
        case _:
            assert_never(method)
    return Interval(
        estimate=b / c if c else math.inf,
        ci_low=low / (1 - low),
        ci_high=high / (1 - high) if high < 1 else math.inf,
        conf_level=conf_level,
        method=name,
    )


def agreement(table: ArrayLike, *, conf_level: float = 0.95) -> Agreement | NoEstimate:
    """Overall, positive and negative agreement of two assays with their intervals.

    Positive agreement is 2p / (1 + p), with p the share of those found by both among those found
    by any; p is binomial given who was found by any, so its Wilson limits carry over. Likewise
    negative agreement. With kappa they tell a rare finding from a poor assay.

    Args:
        table: Counts [[both, first_only], [second_only, neither]], shape (2, 2).
        conf_level: In (0, 1).

    Source: Dice 1945; Cicchetti & Feinstein 1990, J Clin Epidemiol 43:551; R's prop.test;
        tests/validation/assays/paired.R.
    """
    check_conf_level(conf_level)
    a, b, c, d = cells(table)
    overall = proportion(a + d, a + b + c + d, conf_level=conf_level)
    if isinstance(overall, NoEstimate):
        return NoEstimate(NOBODY)
    return Agreement(
        overall=overall,
        positive=_specific(a, b + c, conf_level, "positive"),
        negative=_specific(d, b + c, conf_level, "negative"),
    )


def cells(table: ArrayLike) -> tuple[int, int, int, int]:
    """The four counts of a 2×2 table, checked: both, first_only, second_only, neither.

    Raises:
        ValueError: Not four counts in two rows.
    """
    values = np.asarray(table)
    if values.shape != (2, 2) or (values < 0).any() or (values != np.floor(values)).any():
        msg = f"not a 2×2 table of counts: {values!r}"
        raise ValueError(msg)
    (a, b), (c, d) = values.astype(np.int64).tolist()
    return a, b, c, d


def _fair_binomial(x: int, n: int) -> float:
    """The probability of x in n throws of a fair coin."""
    log_ways = special.gammaln(n + 1) - special.gammaln(x + 1) - special.gammaln(n - x + 1)
    return math.exp(float(log_ways) - n * math.log(2))


def _specific(agreed: int, discordant: int, conf_level: float, sign: str) -> Interval | NoEstimate:
    share = proportion(agreed, agreed + discordant, conf_level=conf_level)
    if isinstance(share, NoEstimate):
        return NoEstimate(f"no patient is {sign} by either assay")
    return Interval(
        estimate=_dice(share.estimate),
        ci_low=_dice(share.ci_low),
        ci_high=_dice(share.ci_high),
        conf_level=conf_level,
        method=f"{sign} agreement, Wilson interval given the patients {sign} by any assay",
    )


def _dice(share: float) -> float:
    return 2 * share / (1 + share)
