"""Relations that hold for the comparison of assays whatever the results are."""

from __future__ import annotations

import math
from dataclasses import fields, is_dataclass

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from incohort.stats.assays.accuracy import (
    compare_accuracy,
    diagnostic_accuracy,
    predictive_values_at,
)
from incohort.stats.assays.agreement import cohen_kappa, gwet_ac1, kappa_paradox, pabak
from incohort.stats.assays.hui_walter import hui_walter
from incohort.stats.assays.latent_class import latent_class
from incohort.stats.assays.method_comparison import bland_altman, passing_bablok
from incohort.stats.assays.paired import (
    agreement,
    mcnemar,
    paired_difference,
    paired_odds_ratio,
    paired_table,
)
from incohort.stats.assays.panels import best_order, smallest_panel
from incohort.stats.assays.predictive import compare_predictive_values
from incohort.stats.assays.repeats import yield_by_repeat
from incohort.stats.assays.roc import compare_areas, cut_off_at_specificity, roc_curve
from incohort.stats.assays.several import cochran_q, compare_pairs, fleiss_kappa
from incohort.stats.assays.titres import titre_order
from incohort.stats.assays.verification import begg_greenes
from incohort.stats.assays.yields import incremental_costs, yields_in_order
from incohort.stats.outcome import Interval, NoEstimate
from incohort.stats.proportions import proportion

counts = st.integers(0, 60)
tables = st.tuples(st.tuples(counts, counts), st.tuples(counts, counts))
matrices = arrays.arrays(np.bool_, st.tuples(st.integers(0, 12), st.integers(1, 4)))
wide = arrays.arrays(np.bool_, st.tuples(st.integers(1, 12), st.integers(2, 4)))
levels = st.sampled_from([0.8, 0.95, 0.99])
titre_steps = st.lists(
    st.tuples(st.integers(0, 8), st.integers(0, 8), st.booleans(), st.booleans()), max_size=20
)
MCNEMAR = ("exact", "mid_p", "asymptotic", "continuity")


def swapped(table):
    """The same patients with the assays exchanged."""
    (a, b), (c, d) = table
    return (a, c), (b, d)


def relabelled(table):
    """The same patients with positive called negative."""
    (a, b), (c, d) = table
    return (d, c), (b, a)


def numbers_in(value):
    """Every number in a result, however deep; each interval is held to its order on the way."""
    if isinstance(value, NoEstimate):
        assert len(value.reason) > 10
        assert "nan" not in value.reason.split()
    elif isinstance(value, Interval):
        slack = 1e-9 * max(1.0, abs(value.estimate)) if math.isfinite(value.estimate) else 0.0
        assert value.ci_low <= value.estimate + slack
        assert value.estimate <= value.ci_high + slack
        yield from (value.estimate, value.ci_low, value.ci_high)
    elif is_dataclass(value):
        for field in fields(value):
            yield from numbers_in(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for item in value:
            yield from numbers_in(item)
    elif isinstance(value, int | float):
        yield float(value)


def is_whole(*results) -> bool:
    return not any(math.isnan(number) for number in numbers_in(results))


def limits(interval) -> tuple[float, float, float]:
    return interval.ci_low, interval.estimate, interval.ci_high


def mirrored(interval) -> tuple[float, float, float]:
    return -interval.ci_high, -interval.estimate, -interval.ci_low


@settings(deadline=None)
@given(tables, tables, levels)
def test_no_table_of_counts_gives_nan(table, other, level):
    """Any two-by-two tables, empty ones too, give numbers within their limits, or a reason."""
    results = [mcnemar(table, method=method) for method in MCNEMAR]
    results += [paired_difference(table, conf_level=level, method=m) for m in ("tango", "newcombe")]
    results += [paired_odds_ratio(table, conf_level=level, method=m) for m in ("exact", "mid_p")]
    results += [cohen_kappa(table, conf_level=level), gwet_ac1(table, conf_level=level)]
    results += [pabak(table, conf_level=level), kappa_paradox(table), agreement(table)]
    results += [diagnostic_accuracy(table, conf_level=level), predictive_values_at(table, 0.1)]
    results += [diagnostic_accuracy(table, ratio_method="log")]
    results += [compare_accuracy(table, other, conf_level=level)]
    results += [
        compare_predictive_values(table, other, conf_level=level, method=method)
        for method in ("score", "weighted_score")
    ]
    results += [begg_greenes(table, other[0], conf_level=level)]
    assert is_whole(*results)


@settings(deadline=None)
@given(tables)
def test_exchanging_two_assays_mirrors_what_compares_them(table):
    """P stays, the difference changes sign, the odds ratio inverts, agreement stays."""
    other = swapped(table)
    for method in MCNEMAR:
        assert mcnemar(table, method=method) == mcnemar(other, method=method)
    for method in ("tango", "newcombe"):
        found = paired_difference(table, method=method)
        if isinstance(found, Interval):
            back = paired_difference(other, method=method)
            assert limits(back) == pytest.approx(mirrored(found), abs=1e-9)
    odds, back = paired_odds_ratio(table), paired_odds_ratio(other)
    if isinstance(odds, Interval):
        inverse = [1 / x if x else math.inf for x in reversed(limits(odds))]
        assert limits(back) == pytest.approx(inverse, rel=1e-9)
    assert agreement(table) == agreement(other)
    for coefficient in (cohen_kappa, gwet_ac1):
        found, back = coefficient(table), coefficient(other)
        if isinstance(found, Interval):
            assert limits(found) == pytest.approx(limits(back), abs=1e-12)


@given(tables)
def test_calling_positive_negative_changes_no_agreement(table):
    """Kappa, AC1 and PABAK stay; positive and negative agreement change places."""
    other = relabelled(table)
    for coefficient in (cohen_kappa, gwet_ac1, pabak):
        found, back = coefficient(table), coefficient(other)
        if isinstance(found, Interval):
            assert limits(found) == pytest.approx(limits(back), abs=1e-12)
    found, back = agreement(table), agreement(other)
    if not isinstance(found, NoEstimate):
        for value, partner in ((found.positive, back.negative), (found.negative, back.positive)):
            if isinstance(value, Interval):
                assert limits(value) == limits(partner)


@given(st.integers(1, 50), st.integers(1, 50))
def test_perfect_agreement_is_one(positives, negatives):
    """Where two assays always agree each coefficient is 1, with a lower limit below it."""
    table = ((positives, 0), (0, negatives))
    for coefficient in (cohen_kappa, pabak, gwet_ac1):
        if coefficient is gwet_ac1 and positives + negatives < 2:
            continue
        found = coefficient(table)
        assert found.estimate == 1.0
        assert found.ci_low < 1.0
    assert agreement(table).positive.estimate == agreement(table).negative.estimate == 1.0
    assert fleiss_kappa([[3, 0]] * positives + [[0, 3]] * negatives).estimate == 1.0


@given(tables, st.data())
def test_the_order_of_patients_is_none_of_the_tables_business(table, data):
    """Shuffled patients make the same table."""
    pairs = [(True, True), (True, False), (False, True), (False, False)]
    rows = [pair for pair, n in zip(pairs, np.ravel(table), strict=True) for _ in range(n % 7)]
    shuffled = data.draw(st.permutations(rows))
    first, second = (np.array([row[i] for row in shuffled], dtype=bool) for i in (0, 1))
    expected = tuple(tuple(int(n) % 7 for n in row) for row in table)
    assert paired_table(first, second) == expected


@settings(deadline=None)
@given(matrices)
def test_no_matrix_of_results_gives_nan(positive):
    """Any results of any number of assays, none and nobody too, give numbers or reasons."""
    n, k = positive.shape
    by_category = np.column_stack([positive.sum(axis=1), k - positive.sum(axis=1)])
    results = [cochran_q(positive), cochran_q(positive, method="exact"), fleiss_kappa(by_category)]
    results += [yields_in_order(positive), best_order(positive)]
    results += [smallest_panel(positive, resamples=5), incremental_costs(positive, [1.0] * k)]
    pairs = compare_pairs(positive)
    assert is_whole(*results, pairs)
    if n == 0:
        assert all(isinstance(found, NoEstimate) for found in results)
        for pair in () if isinstance(pairs, NoEstimate) else pairs:
            for value in (pair.difference, pair.test, pair.kappa, pair.ac1, pair.agreement):
                assert value == NoEstimate("no patient has a result of both assays")


@settings(deadline=None)
@given(wide, st.data())
def test_several_assays_in_any_order_of_rows_and_columns(positive, data):
    """Q, its exact P and Fleiss' kappa know neither the order of patients nor that of assays."""
    n, k = positive.shape
    rows = np.array(data.draw(st.permutations(range(n))))
    columns = np.array(data.draw(st.permutations(range(k))))
    moved = positive[rows][:, columns]
    for method in ("asymptotic", "exact"):
        found, again = cochran_q(positive, method=method), cochran_q(moved, method=method)
        if isinstance(found, NoEstimate):
            assert again == found
        else:
            assert again.statistic == pytest.approx(found.statistic, abs=1e-12)
            assert again.p_value == pytest.approx(found.p_value, rel=1e-9)
    relabelled_q = cochran_q(~positive)
    if not isinstance(relabelled_q, NoEstimate):
        assert relabelled_q.statistic == pytest.approx(cochran_q(positive).statistic, abs=1e-9)


@given(tables)
def test_accuracy_mirrors_when_both_labels_turn(table):
    """With disease called health and positive negative, sensitivity is specificity and PPV NPV."""
    found, back = diagnostic_accuracy(table), diagnostic_accuracy(relabelled(table))
    for one, other in (("sensitivity", "specificity"), ("ppv", "npv")):
        value, partner = getattr(found, one), getattr(back, other)
        if isinstance(value, Interval):
            assert limits(value) == limits(partner)


@given(tables, tables)
def test_exchanged_assays_have_the_inverse_ratio_of_predictive_values(diseased, healthy):
    """The tests stay as they were, the ratio and its limits invert."""
    for method in ("score", "weighted_score"):
        found = compare_predictive_values(diseased, healthy, method=method)
        back = compare_predictive_values(swapped(diseased), swapped(healthy), method=method)
        for name in ("ppv", "npv"):
            one, other = getattr(found, name), getattr(back, name)
            if not isinstance(one.test, NoEstimate):
                assert other.test.statistic == pytest.approx(one.test.statistic, rel=1e-6, abs=1e-9)
            if isinstance(one.ratio, Interval):
                inverse = [1 / x for x in reversed(limits(one.ratio))]
                assert limits(other.ratio) == pytest.approx(inverse, rel=1e-9)


@given(tables, st.tuples(counts, counts))
def test_no_correction_for_verification_leaves_its_bounds(verified, unverified):
    """The corrected sensitivity and specificity lie within what the unverified could make them."""
    found = begg_greenes(verified, unverified)
    for name in ("sensitivity", "specificity"):
        value, bounds = getattr(found, name), getattr(found, f"{name}_bounds")
        if isinstance(value, Interval):
            assert bounds[0] - 1e-9 <= value.estimate <= bounds[1] + 1e-9


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=25),
    st.sampled_from([0.5, 0.9, 1.0]),
)
def test_curves_do_not_depend_on_the_scale(rows, wanted):
    """A rising transform leaves areas, their comparison and sensitivities; a falling one turns."""
    first = np.array([row[0] for row in rows], dtype=float)
    second = np.array([row[1] for row in rows], dtype=float)
    diseased = np.array([row[2] for row in rows], dtype=bool)
    curve, risen = roc_curve(first, diseased), roc_curve(np.exp(first), diseased)
    comparison = compare_areas(first, second, diseased)
    cut = cut_off_at_specificity(first, diseased, wanted)
    assert is_whole(curve.area if not isinstance(curve, NoEstimate) else curve, comparison, cut)
    if not isinstance(curve, NoEstimate):
        assert risen.area == curve.area
        assert risen.sensitivity == curve.sensitivity
        turned = roc_curve(-first, diseased).area
        assert turned.estimate == pytest.approx(1 - curve.area.estimate)
        assert turned.ci_low == pytest.approx(1 - curve.area.ci_high, abs=1e-9)
        assert roc_curve(first, ~diseased).area.estimate == pytest.approx(turned.estimate)
    if not isinstance(comparison, NoEstimate):
        back = compare_areas(second, first, diseased)
        assert limits(back.difference) == pytest.approx(mirrored(comparison.difference))
        assert back.test.p_value == pytest.approx(comparison.test.p_value)
    if not isinstance(cut, NoEstimate):
        assert cut.specificity >= wanted - 1e-12
        stretched = cut_off_at_specificity(2 * first + 1, diseased, wanted)
        assert limits(stretched.sensitivity) == limits(cut.sensitivity)
        assert stretched.cut_off.estimate == 2 * cut.cut_off.estimate + 1


@given(titre_steps)
def test_method_comparisons_mirror_when_exchanged(rows):
    """Limits of agreement change sign; lines give numbers or reasons; titres exchange counts."""
    x = np.array([row[0] for row in rows], dtype=float)
    y = np.array([row[1] for row in rows], dtype=float)
    x_below, y_below = (np.array([row[i] for row in rows], dtype=bool) for i in (2, 3))
    found, back = bland_altman(x, y), bland_altman(y, x)
    assert is_whole(found, passing_bablok(x, y))
    assert isinstance(bland_altman(x, y, censored=x_below), NoEstimate) or not x_below.any()
    if not isinstance(found, NoEstimate):
        assert limits(back.bias) == pytest.approx(mirrored(found.bias), abs=1e-9)
        assert limits(back.lower) == pytest.approx(mirrored(found.upper), abs=1e-9)
    order = titre_order(x, x_below, y, y_below)
    if not isinstance(order, NoEstimate):
        other = titre_order(y, y_below, x, x_below)
        assert (order.n_first_higher, order.n_equal) == (other.n_second_higher, other.n_equal)
        total = order.n_first_higher + order.n_second_higher + order.n_equal + order.n_undecided
        assert total == len(rows)


@settings(deadline=None)
@given(wide, st.data())
def test_gains_add_to_what_all_assays_find(positive, data):
    """In any order the gains add to the patients found by any, and no order beats the best."""
    k = positive.shape[1]
    order = data.draw(st.permutations(range(k)))
    steps = yields_in_order(positive, order=order)
    found_by_any = int(positive.any(axis=1).sum())
    assert sum(step.n_gained for step in steps) == found_by_any
    assert [step.n_positive for step in steps] == positive.sum(axis=0)[list(order)].tolist()
    best = yields_in_order(positive, order=best_order(positive))

    def area(sequence) -> float:
        return sum(step.cumulative.estimate for step in sequence)

    assert area(best) >= area(steps) - 1e-12
    panel = smallest_panel(positive, wanted=1.0, resamples=5)
    if found_by_any:
        assert positive[:, panel.assays].any(axis=1).sum() == found_by_any
        assert panel.n_found == panel.n_found_by_all == found_by_any


@given(
    st.lists(st.tuples(st.integers(1, 5), st.booleans()), min_size=1, max_size=30),
    st.integers(1, 30),
)
def test_repeats_never_lose_a_patient(rows, n_found):
    """The cumulative yield never falls; with everybody followed to the end it is a plain share."""
    tests, found = [row[0] for row in rows], np.array([row[1] for row in rows], dtype=bool)
    steps = yield_by_repeat(tests, found)
    assert is_whole(steps)
    shares = [step.cumulative.estimate for step in steps]
    assert shares == sorted(shares)
    n = n_found + 7
    followed = [1 + i % 3 for i in range(n_found)] + [3] * 7
    *_, last = yield_by_repeat(followed, np.arange(n) < n_found)
    plain = proportion(n_found, n)
    assert limits(last.cumulative) == pytest.approx(limits(plain), abs=1e-9)


def cohort(seed: int, n: int = 300) -> np.ndarray:
    """Four assays that err independently."""
    rng = np.random.default_rng(seed)
    sick = rng.random(n) < 0.4
    share = np.where(sick[:, None], [0.85, 0.7, 0.8, 0.75], [0.05, 0.1, 0.15, 0.1])
    return rng.random((n, 4)) < share


@settings(deadline=None, max_examples=8)
@given(st.integers(0, 1000), st.permutations(range(4)))
def test_latent_classes_follow_the_columns_and_the_labels(seed, columns):
    """Permuted assays have permuted estimates; with turned labels the classes change places."""
    positive = cohort(seed)
    found = latent_class(positive, resamples=5)
    moved = latent_class(positive[:, list(columns)], resamples=5)
    turned = latent_class(~positive, resamples=5)
    sensitivity = [interval.estimate for interval in found.sensitivity]
    specificity = [interval.estimate for interval in found.specificity]
    assert moved.prevalence.estimate == pytest.approx(found.prevalence.estimate, abs=1e-6)
    assert [interval.estimate for interval in moved.sensitivity] == pytest.approx(
        [sensitivity[j] for j in columns], abs=1e-6
    )
    assert turned.prevalence.estimate == pytest.approx(1 - found.prevalence.estimate, abs=1e-6)
    assert [interval.estimate for interval in turned.sensitivity] == pytest.approx(
        specificity, abs=1e-6
    )
    assert sum(sensitivity) + sum(specificity) > 4  # Youden's indices add to more than 0
    assert is_whole(found, moved, turned)


@settings(deadline=None, max_examples=10)
@given(tables, tables)
def test_two_populations_in_either_order(first, second):
    """Any two tables give a fit or a reason; exchanged populations exchange their prevalences."""
    found, back = hui_walter(first, second, resamples=5), hui_walter(second, first, resamples=5)
    assert is_whole(found, back)
    if isinstance(found, NoEstimate) or not found.is_closed_form:
        return
    assume(not isinstance(back, NoEstimate))
    one, other = (interval.estimate for interval in found.prevalence)
    assert [interval.estimate for interval in back.prevalence] == pytest.approx([other, one])
    for name in ("sensitivity", "specificity"):
        assert [interval.estimate for interval in getattr(back, name)] == pytest.approx(
            [interval.estimate for interval in getattr(found, name)]
        )
