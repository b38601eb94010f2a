"""Relations that hold for late treatments, pooled studies, imputations and relabellings."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from incohort.stats import NoEstimate
from incohort.stats.causal import (
    Weights,
    e_value_of_hazard_ratio,
    known_by,
    person_days,
    split_at_treatment,
    time_varying,
    treatment_weights,
    weighted_cox,
    weighted_curves,
    weighted_effect,
)
from incohort.stats.imputation import impute
from incohort.stats.imputation import pool as rubin
from incohort.stats.meta import leave_one_out, mean_difference
from incohort.stats.meta import pool as meta
from incohort.stats.meta.arms import Arm
from incohort.stats.permutation import permutation_logrank, permutation_means
from incohort.stats.survival import SurvivalCurve, cox, kaplan_meier

unhurried = settings(deadline=None, max_examples=60)
METHODS = st.sampled_from(["fixed", "dersimonian_laird", "reml_hartung_knapp"])


@st.composite
def late_treatments(draw, min_size=1, max_size=20):
    """Times with ties and zeros, events, and starts of treatment before, within, after, never."""
    n = draw(st.integers(min_size, max_size))

    def column(values):
        return np.array(draw(st.lists(values, min_size=n, max_size=n)))

    time = column(st.one_of(st.integers(0, 8), st.floats(0.25, 8, width=16))).astype(float)
    starts = st.one_of(
        st.just(np.inf), st.integers(-1, 9), st.integers(-8, 72).map(lambda eighths: eighths / 8)
    )
    return time, column(st.booleans()), column(starts).astype(float)


@st.composite
def studies(draw, min_size=2):
    k = draw(st.integers(min_size, 8))
    effects = draw(st.lists(st.floats(-5, 5, width=16), min_size=k, max_size=k))
    errors = draw(st.lists(st.floats(0.125, 3, width=16), min_size=k, max_size=k))
    return np.array(effects), np.array(errors)


@unhurried
@given(late_treatments())
def test_cutting_time_loses_none_of_it(cohort):
    """Split at treatment or by days: the same time at risk, treated time and events."""
    time, event, starts = cohort
    at_risk = time > 0
    for rows in (split_at_treatment(*cohort), person_days(*cohort)):
        assert (rows.time - rows.time_enter).sum() == pytest.approx(time.sum())
        assert rows.event.sum() == (event & at_risk).sum()
        assert set(rows.patient.tolist()) == set(np.flatnonzero(at_risk).tolist())
    halves = split_at_treatment(*cohort)
    under = (halves.time - halves.time_enter)[halves.treated].sum()
    assert under == pytest.approx(np.maximum(time - np.maximum(starts, 0), 0)[at_risk].sum())
    days = person_days(*cohort)
    first = np.maximum(starts, 0)[days.patient]
    assert (first[days.treated] <= days.time_enter[days.treated] + 1e-6).all()


@unhurried
@given(late_treatments(min_size=6), st.integers(0, 2**32 - 1))
def test_the_order_of_patients_does_not_matter(cohort, seed):
    """Shuffled patients have the same effect of treatment."""
    order = np.random.default_rng(seed).permutation(len(cohort[0]))
    one, other = time_varying(*cohort), time_varying(*(column[order] for column in cohort))
    if isinstance(one, NoEstimate):
        assert isinstance(other, NoEstimate)
        return
    assume(0.05 < one.hazard_ratio < 20)
    assert np.log(other.hazard_ratio) == pytest.approx(np.log(one.hazard_ratio), abs=1e-5)


@unhurried
@given(late_treatments(min_size=6))
def test_equal_weights_weigh_nothing(cohort):
    """With equal weights the days' model is Cox's, and their curves are Kaplan and Meier's."""
    rows = person_days(*cohort)
    found = weighted_effect(rows, np.full(rows.n, 3.0))
    curves = weighted_curves(rows, np.full(rows.n, 3.0))
    for curve, chosen in ((curves.treated, rows.treated), (curves.untreated, ~rows.treated)):
        if isinstance(curve, NoEstimate):
            assert not rows.event[chosen].any()
            continue
        plain = kaplan_meier(
            rows.time[chosen], rows.event[chosen], time_enter=rows.time_enter[chosen]
        )
        assert isinstance(plain, SurvivalCurve)
        at = plain.n_events > 0
        assert curve.survival == pytest.approx(plain.survival[at], rel=1e-9, abs=1e-12)
        assert curve.n_at_risk.tolist() == plain.n_at_risk[at].tolist()
        assert ((curve.ci_low <= curve.survival) & (curve.survival <= curve.ci_high)).all()
    if isinstance(found, NoEstimate):
        return
    fit = cox(
        rows.time,
        rows.event,
        rows.treated.astype(float),
        time_enter=rows.time_enter,
        cluster=rows.patient,
    )
    assert np.log(found.hazard_ratio) == pytest.approx(fit.coef[0], abs=1e-6)
    assert found.ci_low <= found.hazard_ratio <= found.ci_high


@settings(deadline=None, max_examples=20)  # Firth's profiles, where starts separate, take long
@given(late_treatments(min_size=8), st.integers(0, 2**32 - 1))
def test_weights_are_positive_and_hang_on_the_past_alone(cohort, seed):
    """Weights stay above 0, are constant under treatment, and know nothing of later events."""
    time, event, starts = cohort
    rows = person_days(time, event, starts)
    x = np.random.default_rng(seed).normal(size=(rows.n, 2))
    found = treatment_weights(rows, x, ("a", "b"), percentiles=(0, 100))
    if not isinstance(found, Weights):
        assert found.reason
        return
    assert (found.weight > 0).all()
    assert np.isfinite(found.weight).all()
    later = rows.treated & ~rows.starts
    assert found.weight[later] == pytest.approx(found.weight[np.flatnonzero(later) - 1])
    other = treatment_weights(
        person_days(time, ~event, starts), x, ("a", "b"), percentiles=(0, 100)
    )
    assert (other.weight == found.weight).all()


@unhurried
@given(late_treatments(min_size=6), st.floats(0.01, 100))
def test_the_unit_of_weights_does_not_matter(cohort, factor):
    """Weights ten times as large give the same coefficients and robust errors."""
    time, event, _ = cohort
    rng = np.random.default_rng(len(time))
    x, w = rng.normal(size=len(time)), rng.uniform(0.2, 4, len(time))
    one = weighted_cox(time, event, x, w)
    if isinstance(one, NoEstimate):
        return
    assume(one.naive_se[0] < 5)
    other = weighted_cox(time, event, x, w * factor)
    assert other.coef == pytest.approx(one.coef, rel=1e-6, abs=1e-8)
    assert other.robust_se == pytest.approx(one.robust_se, rel=1e-6, abs=1e-8)


@unhurried
@given(
    late_treatments(),
    st.lists(st.tuples(st.integers(0, 20), st.integers(-2, 9), st.integers(0, 99)), max_size=40),
)
def test_only_earlier_values_are_known(cohort, values):
    """Each day knows the last value of its patient taken by then, found by a plain loop."""
    rows = person_days(*cohort)
    patient, at, value = np.array(values, dtype=float).reshape(-1, 3).T
    known = known_by(rows, patient.astype(int), at, value)
    for i in range(rows.n):
        earlier = [
            (when, place, what)
            for place, (who, when, what) in enumerate(values)
            if who == rows.patient[i] and when <= rows.time_enter[i]
        ]
        if earlier:
            assert known[i] == max(earlier)[2]
        else:
            assert np.isnan(known[i])


@given(st.floats(1.01, 50), st.floats(1, 4), st.floats(1, 4), st.booleans())
def test_e_values_mirror(ratio, below, above, rare):
    """A ratio and its inverse have one E-value, at least as large as the ratio, limit not above."""
    one = e_value_of_hazard_ratio(ratio, ratio / below, ratio * above, is_rare=rare)
    other = e_value_of_hazard_ratio(1 / ratio, 1 / (ratio * above), below / ratio, is_rare=rare)
    assert other.estimate == pytest.approx(one.estimate, rel=1e-6)
    assert other.limit == pytest.approx(one.limit, rel=1e-6, abs=1e-6)
    assert 1 <= one.limit <= one.estimate
    assert one.estimate >= one.risk_ratio


@unhurried
@given(studies(), METHODS, st.floats(-3, 3, width=16), st.sampled_from([0.5, -2.0]))
def test_pooling_moves_with_the_scale(given_studies, method, shift, factor):
    """Effects shifted or in another unit: the pooled effect and its limits go with them."""
    y, se = given_studies
    one = meta(y, se, method=method)
    other = meta(factor * y + shift, abs(factor) * se, method=method)
    if isinstance(one, NoEstimate):
        assert isinstance(other, NoEstimate)
        return
    limits = sorted(factor * np.array([one.ci_low, one.ci_high]) + shift)
    assert other.estimate == pytest.approx(factor * one.estimate + shift, rel=1e-6, abs=1e-6)
    assert [other.ci_low, other.ci_high] == pytest.approx(limits, rel=1e-5, abs=1e-5)
    assert y.min() - 1e-9 <= one.estimate <= y.max() + 1e-9
    spread = one.heterogeneity
    assert spread.tau_squared_low <= spread.tau_squared_high
    assert 0 <= spread.i_squared < 1


@unhurried
@given(studies(min_size=3), METHODS)
def test_leaving_one_out_is_pooling_the_others(given_studies, method):
    """Each answer without a study is the answer to the studies that are left."""
    y, se = given_studies
    for i, found in enumerate(leave_one_out(y, se, method=method)):
        kept = np.arange(len(y)) != i
        alone = meta(y[kept], se[kept], method=method)
        if isinstance(alone, NoEstimate):
            assert found == alone
        else:
            assert (found.estimate, found.se) == (alone.estimate, alone.se)


@given(st.integers(2, 90), st.integers(2, 90), st.floats(0.1, 9), st.floats(0.1, 9))
def test_arms_change_sides(n_1, n_2, sd_1, sd_2):
    """Exchanged arms give the opposite difference with the same error."""
    first, second = Arm(n=n_1, mean=6.0, sd=sd_1), Arm(n=n_2, mean=9.5, sd=sd_2)
    one, other = mean_difference(first, second), mean_difference(second, first)
    assert other.estimate == -one.estimate
    assert (other.ci_low, other.ci_high) == pytest.approx((-one.ci_high, -one.ci_low))


@given(
    st.lists(st.floats(-5, 5, width=16), min_size=2, max_size=12),
    st.floats(0.125, 4, width=16),
    st.integers(5, 500),
)
def test_missing_values_never_add_information(estimates, variance, n):
    """The pooled error is at least the complete data's, and df at most n − k."""
    found = rubin(estimates, [variance] * len(estimates), n=n, k=2)
    assert found.se >= np.sqrt(variance) * (1 - 1e-12)
    assert 0 < found.df <= n - 2
    assert 0 <= found.fraction_missing <= 1
    assert min(estimates) - 1e-9 <= found.estimate <= max(estimates) + 1e-9


@settings(deadline=None, max_examples=30)
@given(st.integers(8, 30), st.floats(0, 0.6), st.integers(0, 2**32 - 1))
def test_imputation_fills_gaps_and_nothing_else(n, share, seed):
    """Whatever is missing, the copies are complete and the observed values as they were."""
    rng = np.random.default_rng(seed)
    values = np.column_stack([rng.normal(size=n), rng.integers(0, 2, n), rng.exponential(size=n)])
    values[rng.random((n, 3)) < share] = np.nan
    kinds = ("normal", "binary", "matched")
    found = impute(values, kinds, seed=seed, n_imputations=2, n_cycles=2)
    if isinstance(found, NoEstimate):
        assert found.reason
        return
    known = ~np.isnan(values)
    assert np.isfinite(found.completed).all()
    assert all((copy[known] == values[known]).all() for copy in found.completed)


@unhurried
@given(
    st.lists(st.integers(0, 6), min_size=4, max_size=9),
    st.integers(0, 2**32 - 1),
    st.integers(1, 3),
)
def test_relabelling_tests_see_no_order_and_no_name(values, seed, n_second):
    """P is the same for shuffled rows, renamed groups and mirrored values, and at least 1/all."""
    x = np.array(values, dtype=float)
    assume(np.ptp(x) > 0)
    group = np.arange(len(x)) < n_second
    order = np.random.default_rng(seed).permutation(len(x))
    found = permutation_means(x, group, seed=1)
    assert found.is_exact
    assert found.p_value == permutation_means(x[order], group[order], seed=2).p_value
    assert found.p_value == permutation_means(-x, ~group, seed=3).p_value
    assert found.p_value >= 1 / found.n_permutations
    event = order % 3 > 0
    one = permutation_logrank(x, event, group, seed=1)
    if isinstance(one, NoEstimate):
        return
    assert one.p_value == permutation_logrank(2 * x, event, ~group, seed=1).p_value
