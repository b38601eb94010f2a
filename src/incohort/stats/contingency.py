"""Tables of counts: odds ratios, exact tests, chi-square with its expected counts, trend."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from incohort.stats._checked import check_option, whole
from incohort.stats._freeman_halton import freeman_halton, simulated
from incohort.stats._quantiles import z_of
from incohort.stats.outcome import HypothesisTest, Interval, NoEstimate, check_conf_level

OddsRatioMethod = Literal["conditional_exact", "mid_p", "sample"]
Counts = NDArray[np.int64]

_TIE = 1 + 1e-7  # R's fisher.test counts tables up to this factor more probable
_N_SIMULATED = 100_000  # tables: a P of 0.05 is then told to ±0.0014
_EMPTY = "the table has an empty row or column, so there is nothing to compare"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChiSquare:
    """Pearson's test with what it needs to be believed: the counts expected under independence.

    `expected` has the table's shape; `n_expected_below_5` counts its cells below 5.
    """

    statistic: float
    p_value: float
    df: int
    expected: tuple[tuple[float, ...], ...]
    n_expected_below_5: int
    method: str


def odds_ratio(
    table: ArrayLike, *, conf_level: float = 0.95, method: OddsRatioMethod = "conditional_exact"
) -> Interval | NoEstimate:
    """The odds ratio of a 2×2 table with its confidence interval.

    Args:
        table: Counts [[a, b], [c, d]], shape (2, 2); the ratio is (a/b) / (c/d).
        conf_level: In (0, 1).
        method: `conditional_exact` (conditional maximum likelihood, limits of Cornfield from the
            noncentral hypergeometric distribution, as R's fisher.test), `mid_p` (the same with half
            the probability of the table itself, less conservative) or `sample` (a·d / (b·c) with
            Woolf's log interval).

    Returns:
        Estimate and limits in [0, ∞].

    Source: Fisher 1935; Cornfield 1956; Agresti 2002, section 3.5; R's fisher.test;
        tests/validation/contingency.R.
    """
    check_option("method", method, get_args(OddsRatioMethod))
    check_conf_level(conf_level)
    (a, b), (c, d) = _counts(table, (2, 2)).tolist()
    if min(a + b, c + d, a + c, b + d) == 0:
        return NoEstimate(_EMPTY)
    match method:
        case "sample":
            return _woolf(a, b, c, d, conf_level)
        case "conditional_exact" | "mid_p":
            share = 1.0 if method == "conditional_exact" else 0.5
            return _conditional((a, b, c, d), conf_level, share)
        case _:
            assert_never(method)


def fisher_exact(table: ArrayLike, *, seed: int = 1) -> HypothesisTest | NoEstimate:
    """Fisher's exact test, two-sided by point probability; r×c by Freeman and Halton.

    P is the probability of all tables with these margins that are no more probable than the one
    seen. Where these are too many to count in a few seconds, P comes from 100,000 tables drawn with
    these margins; the method then names their number and the standard error of P.

    Args:
        table: Counts, shape (r, c).
        seed: Of the draws, where tables are drawn.

    Returns:
        The test, without a statistic.

    Source: Fisher 1935; Freeman & Halton 1951, Biometrika 38:141; R's fisher.test;
        tests/validation/contingency.R.

    >>> round(fisher_exact([[3, 1], [1, 3]]).p_value, 4)  # the lady tasting tea
    0.4857
    """
    counts = _counts(table, None)
    counts = counts[counts.sum(axis=1) > 0][:, counts.sum(axis=0) > 0]
    if min(counts.shape) < 2:
        return NoEstimate(_EMPTY)
    if counts.shape == (2, 2):
        (a, b), (c, d) = counts.tolist()
        low, log_weights = _hypergeometric(a + b, c + d, a + c)
        weights = _normalised(log_weights)
        seen = weights[a - low]
        p_value = min(1.0, math.fsum(weights[weights <= seen * _TIE]))
        return HypothesisTest(
            statistic=None, p_value=p_value, df=None, method="Fisher's exact test"
        )
    p_value_of_table = freeman_halton(counts)
    if p_value_of_table is not None:
        name = "Freeman–Halton exact test"
        return HypothesisTest(statistic=None, p_value=p_value_of_table, df=None, method=name)
    p_value, error = simulated(counts, n_tables=_N_SIMULATED, seed=seed)
    name = f"Freeman–Halton test, {_N_SIMULATED:,} tables drawn, standard error {error:.1g}"
    return HypothesisTest(statistic=None, p_value=p_value, df=None, method=name)


def chi_square(table: ArrayLike, *, continuity: bool = False) -> ChiSquare | NoEstimate:
    """Pearson's chi-square test of independence.

    Args:
        table: Counts, shape (r, c).
        continuity: Yates' correction; for 2×2 tables only.

    Returns:
        The test with its expected counts.

    Raises:
        ValueError: Continuity correction asked for a larger table.

    Source: Pearson 1900; Yates 1934; R's chisq.test; tests/validation/contingency.R.
    """
    counts = _counts(table, None)
    rows, columns = counts.sum(axis=1), counts.sum(axis=0)
    if min(counts.shape) < 2 or (rows == 0).any() or (columns == 0).any():
        return NoEstimate(_EMPTY)
    if continuity and counts.shape != (2, 2):
        msg = "a continuity correction exists for 2×2 tables only"
        raise ValueError(msg)
    expected = np.outer(rows, columns) / counts.sum()
    gaps = np.abs(counts - expected)
    if continuity:
        gaps = gaps - min(0.5, float(gaps.min()))
    statistic = float((gaps**2 / expected).sum())
    df = (counts.shape[0] - 1) * (counts.shape[1] - 1)
    name = "Pearson's chi-square test" + (", continuity-corrected" if continuity else "")
    return ChiSquare(
        statistic=statistic,
        p_value=float(special.chdtrc(df, statistic)),
        df=df,
        expected=tuple(tuple(row) for row in expected.tolist()),
        n_expected_below_5=int((expected < 5).sum()),
        method=name,
    )


def trend(
    events: Sequence[int], n: Sequence[int], scores: Sequence[float] | None = None
) -> HypothesisTest | NoEstimate:
    """Cochran–Armitage test for a trend of proportions over ordered groups.

    Args:
        events: Events per group, shape (k,).
        n: Group sizes, shape (k,).
        scores: The groups' positions, shape (k,); 1, 2, …, k where not given.

    Returns:
        The chi-square statistic with one degree of freedom, as R's prop.trend.test.

    Raises:
        ValueError: The sequences differ in length, events or sizes are no whole numbers, events
            exceed their group, or a score is missing or infinite.

    Source: Armitage 1955, Biometrics 11:375; R's prop.trend.test; tests/validation/contingency.R.
    """
    x, m = whole(events, "events").astype(float), whole(n, "n").astype(float)
    score = np.arange(1.0, len(x) + 1) if scores is None else np.asarray(scores, dtype=float)
    if not x.shape == m.shape == score.shape or x.ndim != 1 or (x > m).any():
        msg = "events, n and scores must fit each other"
        raise ValueError(msg)
    if not np.isfinite(score).all():
        msg = "scores must be finite numbers"
        raise ValueError(msg)
    total = m.sum()
    if total == 0:
        return NoEstimate("there is nobody in the groups")
    p = x.sum() / total
    centred = score - (m * score).sum() / total
    spread = (m * centred**2).sum()
    if p in (0.0, 1.0) or np.ptp(score[m > 0]) == 0:
        return NoEstimate("everybody had the same outcome, or all are in one group")
    statistic = float((x * centred).sum() ** 2 / (p * (1 - p) * spread))
    return HypothesisTest(
        statistic=statistic,
        p_value=float(special.chdtrc(1, statistic)),
        df=1,
        method="Cochran–Armitage trend test",
    )


def _counts(table: ArrayLike, shape: tuple[int, int] | None) -> Counts:
    counts = whole(table, "counts")
    if counts.ndim != 2 or (shape and counts.shape != shape):
        msg = f"not a table of counts: {table!r}"
        raise ValueError(msg)
    return counts


def _woolf(a: int, b: int, c: int, d: int, conf_level: float) -> Interval | NoEstimate:
    if b * c == 0 and a * d == 0:
        return NoEstimate("two cells are empty, so the odds ratio is 0/0")
    estimate = a * d / (b * c) if b * c else math.inf
    name = "sample odds ratio, Woolf log interval"
    if min(a, b, c, d) == 0:  # the log interval has no width to give: say nothing about the limits
        low, high = 0.0, math.inf
    else:
        z = z_of(conf_level)
        half = z * math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
        low, high = estimate * math.exp(-half), estimate * math.exp(half)
    return Interval(estimate=estimate, ci_low=low, ci_high=high, conf_level=conf_level, method=name)


def _hypergeometric(row_1: int, row_2: int, column_1: int) -> tuple[int, NDArray[np.float64]]:
    """Smallest possible first cell, and log weights of all its values, given the margins."""
    low, high = max(0, column_1 - row_2), min(row_1, column_1)
    x = np.arange(low, high + 1)
    log_weights = -(
        special.gammaln(x + 1)
        + special.gammaln(row_1 - x + 1)
        + special.gammaln(column_1 - x + 1)
        + special.gammaln(row_2 - column_1 + x + 1)
    )
    return low, log_weights


def _normalised(log_weights: NDArray[np.float64]) -> NDArray[np.float64]:
    weights = np.exp(log_weights - log_weights.max())
    normalised: NDArray[np.float64] = weights / math.fsum(weights)
    return normalised


def _conditional(
    cells: tuple[int, int, int, int], conf_level: float, share: float
) -> Interval | NoEstimate:
    """Conditional estimate and limits; `share` of the seen table counts into each tail."""
    a, b, c, d = cells
    low, log_weights = _hypergeometric(a + b, c + d, a + c)
    x = np.arange(low, low + len(log_weights))
    if len(x) == 1:
        return NoEstimate(_EMPTY)

    def given(log_psi: float) -> NDArray[np.float64]:
        return _normalised(log_weights + x * log_psi)

    def mean_gap(log_psi: float) -> float:
        return float(given(log_psi) @ x) - a

    def tail_gap(log_psi: float, *, is_upper: bool) -> float:
        p = given(log_psi)
        beyond = p[x > a].sum() if is_upper else p[x < a].sum()
        return float(beyond + share * p[a - low]) - (1 - conf_level) / 2

    estimate = _crossing(mean_gap, at_low=a == x[0], at_high=a == x[-1])
    ci_low = 0.0
    if a > x[0]:
        ci_low = _crossing(lambda t: tail_gap(t, is_upper=True))
    ci_high = math.inf
    if a < x[-1]:
        ci_high = _crossing(lambda t: -tail_gap(t, is_upper=False))
    name = "conditional odds ratio, " + ("exact interval" if share == 1.0 else "mid-P interval")
    return Interval(
        estimate=estimate, ci_low=ci_low, ci_high=ci_high, conf_level=conf_level, method=name
    )


def _crossing(
    gap: Callable[[float], float], *, at_low: bool = False, at_high: bool = False
) -> float:
    """The odds ratio at which an increasing function of its logarithm crosses zero."""
    if at_low or at_high:
        return 0.0 if at_low else math.inf
    reach = 1.0
    while gap(-reach) > 0 or gap(reach) < 0:
        reach *= 2
    return math.exp(float(optimize.brentq(gap, -reach, reach, xtol=1e-14, rtol=1e-14)))
