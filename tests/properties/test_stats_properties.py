"""Relations that hold for the estimators whatever the counts and values are."""

from __future__ import annotations

import math
from dataclasses import astuple
from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from incohort.stats import HypothesisTest, Interval, NoEstimate
from incohort.stats.balance import smd_binary, smd_categorical, smd_continuous
from incohort.stats.contingency import ChiSquare, chi_square, fisher_exact, odds_ratio, trend
from incohort.stats.correlation import (
    Correlation,
    implied_n,
    p_value_of,
    partial,
    pearson,
    spearman,
)
from incohort.stats.location import Comparison, kruskal_wallis, mann_whitney, summarise, welch_t
from incohort.stats.logistic import LogisticFit, logistic
from incohort.stats.multiplicity import benjamini_hochberg, holm
from incohort.stats.normality import anderson_darling, bartlett, brown_forsythe, shapiro_wilk
from incohort.stats.proportions import proportion, proportion_difference, risk_ratio

quick = settings(derandomize=True, deadline=None, max_examples=60)
few = settings(derandomize=True, deadline=None, max_examples=20)

levels = st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99, 0.999])
p_values = st.lists(st.floats(0, 1), max_size=12)
values = st.integers(-40, 40).map(lambda i: i / 4)  # ties are common, sums are exact
samples = st.lists(values, max_size=12)
ODDS = ["conditional_exact", "mid_p", "sample"]


@st.composite
def groups(draw) -> tuple[int, int]:
    n = draw(st.integers(0, 60))
    return draw(st.integers(0, n)), n


@st.composite
def tables(draw, largest: int = 4) -> list[list[int]]:
    columns = draw(st.integers(2, largest))
    row = st.lists(st.integers(0, 6), min_size=columns, max_size=columns)
    return draw(st.lists(row, min_size=2, max_size=3))


twos = st.lists(st.lists(st.integers(0, 25), min_size=2, max_size=2), min_size=2, max_size=2)


def numbers(result) -> list[float]:
    """All floats in a result, however deep."""
    if isinstance(result, (int, float)):
        return [float(result)]
    if isinstance(result, (tuple, list)):
        return [number for item in result for number in numbers(item)]
    if result is None or isinstance(result, (str, NoEstimate)):
        return []
    return numbers(astuple(result))


def is_sound(result) -> bool:
    """No NaN; P is a probability; the limits stand about the estimate; a reason is a sentence."""
    if isinstance(result, NoEstimate):
        return len(result.reason) > 10
    if any(math.isnan(number) for number in numbers(result)):
        return False
    p = getattr(result, "p_value", 0.0)
    ordered = True
    if isinstance(result, (Interval, Comparison, Correlation)):
        slack = 1e-9 * (1 + abs(result.estimate)) if math.isfinite(result.estimate) else 0.0
        ordered = result.ci_low - slack <= result.estimate <= result.ci_high + slack
    return 0 <= p <= 1 and ordered


# --- proportions ---------------------------------------------------------------------------------


@quick
@given(groups(), levels, st.sampled_from(["wilson", "clopper_pearson", "jeffreys"]))
def test_a_proportion_lies_in_its_interval_and_mirrors(group, level, method):
    """Counting the others instead turns the interval over, and it never leaves [0, 1]."""
    events, n = group
    found = proportion(events, n, conf_level=level, method=method)
    assert is_sound(found)
    assert isinstance(found, NoEstimate) == (n == 0)
    if isinstance(found, Interval):
        others = proportion(n - events, n, conf_level=level, method=method)
        assert 0 <= found.ci_low <= found.ci_high <= 1
        assert others.ci_low == pytest.approx(1 - found.ci_high, abs=1e-12)


@quick
@given(groups(), levels, st.integers(2, 9))
def test_wilson_narrows_with_more_patients(group, level, times):
    """The same proportion among more patients is known more closely."""
    events, n = group
    assume(n > 0)
    less = proportion(events, n, conf_level=level)
    more = proportion(times * events, times * n, conf_level=level)
    assert more.ci_high - more.ci_low < less.ci_high - less.ci_low


@quick
@given(groups(), groups(), levels, st.sampled_from(["newcombe", "score"]))
def test_swapping_groups_mirrors_the_difference(first, second, level, method):
    """First minus second is minus second minus first, limits and all, and stays in [−1, 1]."""
    found = proportion_difference(*first, *second, conf_level=level, method=method)
    swapped = proportion_difference(*second, *first, conf_level=level, method=method)
    assert is_sound(found)
    assert isinstance(found, NoEstimate) == isinstance(swapped, NoEstimate)
    if isinstance(found, Interval):
        assert -1 - 1e-12 <= found.ci_low <= found.ci_high <= 1 + 1e-12
        assert swapped.ci_low == pytest.approx(-found.ci_high, abs=1e-8)
        assert swapped.ci_high == pytest.approx(-found.ci_low, abs=1e-8)


@quick
@given(groups(), groups(), levels, st.sampled_from(["score", "log"]))
def test_swapping_groups_inverts_the_ratio(first, second, level, method):
    """First over second is the inverse of second over first, limits and all."""
    found = risk_ratio(*first, *second, conf_level=level, method=method)
    assert is_sound(found)
    assume(first[0] > 0 and second[0] > 0)
    swapped = risk_ratio(*second, *first, conf_level=level, method=method)
    assert swapped.ci_low == pytest.approx(1 / found.ci_high, rel=1e-7)
    assert swapped.ci_high == pytest.approx(1 / found.ci_low, rel=1e-7)


@quick
@given(groups(), groups())
def test_the_score_interval_excludes_no_difference_where_the_score_test_does(first, second):
    """0 is outside the Miettinen–Nurminen interval iff X²·(N − 1)/N exceeds the 95 % quantile."""
    (a, n), (c, m) = first, second
    test = chi_square([[a, n - a], [c, m - c]])
    found = proportion_difference(a, n, c, m, method="score")
    assume(isinstance(test, ChiSquare))
    corrected = test.statistic * (n + m - 1) / (n + m)
    assume(abs(corrected - 3.841458820694124) > 1e-6)
    assert (found.ci_low > 0 or found.ci_high < 0) == (corrected > 3.841458820694124)


ONE, TWO, RATIO = ("wilson", "clopper_pearson", "jeffreys"), ("newcombe", "score"), ("score", "log")


def interval(kind: str, method: str, counts, level):
    """The interval that a name stands for, of two groups' counts."""
    if kind == "odds":
        a, n, c, m = counts
        return odds_ratio([[a, n - a], [c, m - c]], conf_level=level, method=method)
    function = {"one": proportion, "difference": proportion_difference, "ratio": risk_ratio}[kind]
    given_counts = counts[:2] if kind == "one" else counts
    return function(*given_counts, conf_level=level, method=method)


INTERVALS = [
    *product(["one"], ONE),
    *product(["difference"], TWO),
    *product(["ratio"], RATIO),
    *product(["odds"], ODDS),
]


@quick
@given(groups(), groups(), st.sampled_from(INTERVALS))
def test_a_surer_interval_contains_the_less_sure(first, second, name):
    """At a higher level each interval contains the one at a lower level."""
    found = [interval(*name, (*first, *second), level) for level in (0.8, 0.95, 0.99)]
    assume(not any(isinstance(interval, NoEstimate) for interval in found))
    for inner, outer in pairwise(found):
        slack = 1e-9 * (1 + abs(inner.ci_low))
        assert outer.ci_low <= inner.ci_low + slack
        assert outer.ci_high >= inner.ci_high * (1 - 1e-9) - 1e-9


# --- tables --------------------------------------------------------------------------------------


@quick
@given(twos, levels, st.sampled_from(ODDS))
def test_the_odds_ratio_turns_with_its_table(table, level, method):
    """Swapping rows or columns inverts the odds ratio; exchanging rows and columns leaves it."""
    found = odds_ratio(table, conf_level=level, method=method)
    assert is_sound(found)
    swapped = odds_ratio(table[::-1], conf_level=level, method=method)
    turned = odds_ratio(np.transpose(table), conf_level=level, method=method)
    assert isinstance(found, NoEstimate) == isinstance(swapped, NoEstimate)
    if isinstance(found, Interval):
        assert turned.ci_low == pytest.approx(found.ci_low, rel=1e-7)
        inverse = [1 / x if x else math.inf for x in (found.estimate, found.ci_high, found.ci_low)]
        limits = [swapped.estimate, swapped.ci_low, swapped.ci_high]
        assert limits == pytest.approx(inverse, rel=1e-7)


@quick
@given(twos)
def test_mid_p_lies_within_exact(table):
    """Half the weight of the table itself makes the interval no wider."""
    exact, mid = odds_ratio(table), odds_ratio(table, method="mid_p")
    assume(isinstance(exact, Interval))
    assert exact.ci_low <= mid.ci_low * (1 + 1e-9)
    assert mid.ci_high <= exact.ci_high * (1 + 1e-9)


@quick
@given(twos)
def test_the_exact_interval_excludes_one_where_a_tail_is_below_a_fortieth(table):
    """1 is outside Cornfield's 95 % limits iff a one-sided exact P is below 0.025."""
    (a, b), (c, d) = table
    found = odds_ratio(table)
    assume(isinstance(found, Interval))
    first, margin = range(max(0, a - d), min(a + b, a + c) + 1), (a + b, c + d, a + c)
    weights = [math.comb(margin[0], x) * math.comb(margin[1], margin[2] - x) for x in first]
    total = sum(weights)
    below = sum(w for x, w in zip(first, weights, strict=True) if x <= a) / total
    above = sum(w for x, w in zip(first, weights, strict=True) if x >= a) / total
    assume(abs(below - 0.025) > 1e-9 and abs(above - 0.025) > 1e-9)
    assert (found.ci_low > 1 or found.ci_high < 1) == (min(below, above) < 0.025)


@quick
@given(tables(), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_columns_changes_nothing(table, random):
    """Exact and chi-square P are the same for a shuffled and for a transposed table."""
    rows, columns = list(range(len(table))), list(range(len(table[0])))
    random.shuffle(rows)
    random.shuffle(columns)
    shuffled = np.array(table)[rows][:, columns]
    for function in (fisher_exact, chi_square):
        found = function(table)
        assert is_sound(found)
        for other in (function(shuffled), function(shuffled.T)):
            assert isinstance(other, NoEstimate) == isinstance(found, NoEstimate)
            if not isinstance(found, NoEstimate):
                assert other.p_value == pytest.approx(found.p_value, rel=1e-9)


def listed(table) -> float:
    """P of Freeman and Halton by listing every table with these margins, in whole numbers."""
    rows, columns = np.sum(table, axis=1).tolist(), np.sum(table, axis=0).tolist()
    n, weights = sum(rows), {}
    free = [range(min(r, c) + 1) for r in rows[:-1] for c in columns[:-1]]
    for cells in product(*free):
        body = np.array(cells).reshape(len(rows) - 1, len(columns) - 1)
        body = np.column_stack([body, np.array(rows[:-1]) - body.sum(axis=1)])
        body = np.vstack([body, np.array(columns) - body.sum(axis=0)])
        if body.min() >= 0:
            parts = math.prod(math.factorial(x) for x in body.ravel().tolist())
            weights[tuple(body.ravel().tolist())] = math.factorial(n) ** 2 // parts
    seen = weights[tuple(np.ravel(table).tolist())]
    return sum(w for w in weights.values() if w <= seen) / sum(weights.values())


@few
@given(st.lists(st.lists(st.integers(0, 2), min_size=3, max_size=3), min_size=2, max_size=3))
def test_the_exact_test_is_a_sum_over_all_tables(table):
    """Listing every table in whole numbers gives the same P."""
    found = fisher_exact(table)
    assume(isinstance(found, HypothesisTest))
    assert found.p_value == pytest.approx(listed(table), rel=1e-9)


@quick
@given(st.lists(groups(), max_size=5))
def test_a_trend_reads_the_same_backwards(series):
    """Turning the order of the groups over, or counting non-events, leaves the statistic."""
    events, n = [g[0] for g in series], [g[1] for g in series]
    found = trend(events, n)
    assert is_sound(found)
    if isinstance(found, HypothesisTest):
        others = [size - event for event, size in zip(events, n, strict=True)]
        for other in (trend(events[::-1], n[::-1]), trend(others, n)):
            assert other.statistic == pytest.approx(found.statistic, rel=1e-9, abs=1e-12)


# --- location ------------------------------------------------------------------------------------


@quick
@given(samples, samples, levels, st.sampled_from([welch_t, mann_whitney]))
def test_two_samples_swap_shift_and_scale(x, y, level, function):
    """Swapping mirrors the difference; a new origin and unit change it as they change the data."""
    found = function(x, y, conf_level=level)
    assert is_sound(found)
    swapped = function(y, x, conf_level=level)
    moved = function([8 * v + 16 for v in x], [8 * v + 16 for v in y], conf_level=level)
    assert isinstance(found, NoEstimate) == isinstance(swapped, NoEstimate)
    if isinstance(found, Comparison):
        limits = [found.ci_low, found.estimate, found.ci_high]
        mirrored = [-swapped.ci_high, -swapped.estimate, -swapped.ci_low]
        scaled = [moved.ci_low / 8, moved.estimate / 8, moved.ci_high / 8]
        assert mirrored == pytest.approx(limits, rel=1e-9, abs=1e-9)
        assert scaled == pytest.approx(limits, rel=1e-9, abs=1e-9)
        assert [swapped.p_value, moved.p_value] == pytest.approx([found.p_value] * 2, rel=1e-9)


@quick
@given(st.lists(st.integers(-(10**6), 10**6), unique=True, min_size=4, max_size=20), st.data())
def test_an_exact_rank_interval_excludes_zero_where_p_does(drawn, data):
    """Without ties, 0 lies outside the 95 % interval iff the exact P is at most 0.05."""
    cut = data.draw(st.integers(2, len(drawn) - 2))
    found = mann_whitney(drawn[:cut], drawn[cut:])
    # the smallest samples can't reach 0.05; R then gives the full range of the differences
    assume(math.comb(len(drawn), cut) >= 40)
    is_outside = found.ci_low > 0 or found.ci_high < 0
    assert is_outside == (found.p_value <= 0.05)


@quick
@given(samples, samples, samples)
def test_ranks_see_only_the_order(x, y, z):
    """Any increasing map of the values leaves W, H and their P as they were."""
    up = [[math.exp(v / 4) + v for v in sample] for sample in (x, y, z)]
    for before, after in (
        (mann_whitney(x, y), mann_whitney(*up[:2])),
        (kruskal_wallis([x, y, z]), kruskal_wallis(up)),
    ):
        assert is_sound(before)
        assert isinstance(before, NoEstimate) == isinstance(after, NoEstimate)
        if not isinstance(before, NoEstimate):
            assert after.statistic == pytest.approx(before.statistic, rel=1e-12, abs=1e-12)
            assert after.p_value == pytest.approx(before.p_value, rel=1e-9)


@quick
@given(samples, samples, samples)
def test_groups_may_stand_in_any_order(x, y, z):
    """Kruskal–Wallis, Brown–Forsythe and Bartlett do not ask which group comes first."""
    for function in (kruskal_wallis, brown_forsythe, bartlett):
        found, other = function([x, y, z]), function([z, x, y])
        assert is_sound(found)
        assert isinstance(found, NoEstimate) == isinstance(other, NoEstimate)
        if isinstance(found, HypothesisTest):
            assert other.p_value == pytest.approx(found.p_value, rel=1e-8, abs=1e-12)


@quick
@given(samples)
def test_a_summary_is_in_order(x):
    """Minimum, quartiles and maximum stand in order; only an empty sample has no summary."""
    found = summarise(x)
    assert isinstance(found, NoEstimate) == (not x)
    if x:
        order = [found.minimum, found.q1, found.median, found.q3, found.maximum]
        assert order == sorted(order)
        assert (found.sd is None) == (len(x) == 1)


@quick
@given(st.lists(values, max_size=30))
def test_normality_has_no_unit(x):
    """W and A are the same in any unit, and are reasons where nothing varies."""
    for function in (shapiro_wilk, anderson_darling):
        found, moved = function(x), function([v * 4 - 32 for v in x])
        assert is_sound(found)
        assert isinstance(found, NoEstimate) == isinstance(moved, NoEstimate)
        if isinstance(found, HypothesisTest):
            assert moved.p_value == pytest.approx(found.p_value, rel=1e-6, abs=1e-12)


# --- correlation ---------------------------------------------------------------------------------


@quick
@given(st.lists(st.tuples(values, values, values), max_size=15), levels)
def test_correlations_have_no_unit_and_no_order(rows, level):
    """Exchange, rescale or turn over a variable: r keeps its size, P its value."""
    x, y, z = ([row[i] for row in rows] for i in range(3))

    def adjusted(a, b, conf_level):
        return partial(a, b, np.reshape(z, (-1, 1)), conf_level=conf_level)

    for function in (pearson, spearman, adjusted):
        found = function(x, y, conf_level=level)
        swapped = function(y, x, conf_level=level)
        turned = function([3 - 2 * v for v in x], y, conf_level=level)
        assert is_sound(found)
        assert isinstance(found, NoEstimate) == isinstance(turned, NoEstimate)
        if isinstance(found, Correlation):
            assert -1 <= found.ci_low <= found.ci_high <= 1
            assert swapped.estimate == pytest.approx(found.estimate, abs=1e-9)
            assert turned.estimate == pytest.approx(-found.estimate, abs=1e-9)
            assert turned.ci_low == pytest.approx(-found.ci_high, abs=1e-6)


@quick
@given(st.floats(-0.99, 0.99), st.integers(3, 2000), st.integers(1, 6))
def test_a_sample_size_is_among_those_its_own_figures_imply(r, n, digits):
    """The n that gave a printed P is found among the sizes that could have."""
    assume(abs(r) > 1e-3)
    found = implied_n(r, round(p_value_of(r, n), digits), p_digits=digits)
    assume(not isinstance(found, NoEstimate))
    half, p = 0.5 * 10.0**-digits, p_value_of(r, n)
    assume(abs(abs(p - round(p, digits)) - half) > 1e-12)
    assert found[0] <= n <= found[1]


# --- multiplicity, balance, models ---------------------------------------------------------------


@quick
@given(p_values, st.randoms(use_true_random=False))
def test_corrections_keep_their_order(p, random):
    """Raw ≤ Benjamini–Hochberg ≤ Holm ≤ 1, and each P keeps its correction wherever it stands."""
    by_holm, by_bh = holm(p), benjamini_hochberg(p)
    assert all(a <= b * (1 + 1e-12) for a, b in zip(p, by_bh, strict=True))
    assert all(a <= b * (1 + 1e-12) for a, b in zip(by_bh, by_holm, strict=True))
    assert all(b <= 1 for b in by_holm)
    order = list(range(len(p)))
    random.shuffle(order)
    for function, plain in ((holm, by_holm), (benjamini_hochberg, by_bh)):
        assert function([p[i] for i in order]) == pytest.approx([plain[i] for i in order])


@quick
@given(samples, samples, st.floats(0, 1), st.floats(0, 1))
def test_standardised_differences_mirror(x, y, p, q):
    """Swapped groups differ by as much the other way, in any unit."""
    means, shares = smd_continuous(x, y), smd_binary(p, q)
    assert is_sound(means)
    assert is_sound(shares)
    if not isinstance(means, NoEstimate):
        moved = smd_continuous([4 * v + 8 for v in y], [4 * v + 8 for v in x])
        assert moved == pytest.approx(-means, rel=1e-9, abs=1e-12)
    if not isinstance(shares, NoEstimate):
        assert smd_binary(q, p) == -shares


@quick
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=5), st.data())
def test_categories_have_no_order(counts, data):
    """The distance of two groups over categories does not ask in which order these stand."""
    other = data.draw(st.permutations(counts))
    found = smd_categorical([c[0] for c in counts], [c[1] for c in counts])
    moved = smd_categorical([c[1] for c in other], [c[0] for c in other])
    assert is_sound(found)
    assert isinstance(found, NoEstimate) == isinstance(moved, NoEstimate)
    if not isinstance(found, NoEstimate):
        assert moved == pytest.approx(found, rel=1e-7, abs=1e-7)


@few
@given(
    st.lists(st.tuples(st.booleans(), values, st.integers(0, 1)), min_size=6, max_size=25),
    st.sampled_from([0.8, 0.95]),
)
def test_a_logistic_model_has_no_unit_and_no_order(rows, level):
    """Other units divide the coefficients; rows and columns in another order change nothing."""
    outcome = np.array([row[0] for row in rows])
    x = np.array([row[1:] for row in rows], dtype=float)
    found = logistic(outcome, x, ["a", "b"], conf_level=level)
    assert is_sound(found)
    moved = logistic(outcome[::-1], x[::-1, ::-1] * 4, ["b", "a"], conf_level=level)
    assert isinstance(found, NoEstimate) == isinstance(moved, NoEstimate)
    if isinstance(found, LogisticFit):
        assert moved.is_firth == found.is_firth
        _, a, b = found.terms
        _, b_4, a_4 = moved.terms
        for term, other in ((a, a_4), (b, b_4)):
            assert is_sound(term)
            assert other.coefficient * 4 == pytest.approx(term.coefficient, rel=1e-5, abs=1e-6)
            assert other.p_value == pytest.approx(term.p_value, rel=1e-4, abs=1e-6)
            assert term.ci_low <= term.odds_ratio * (1 + 1e-9)
            assert term.odds_ratio <= term.ci_high * (1 + 1e-9)
