"""Relations that hold for competing risks and interval-censored times whatever the patients are."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from incohort.stats import NoEstimate
from incohort.stats.competing import (
    FineGrayFit,
    GrayTest,
    aalen_johansen,
    cause_specific,
    fine_gray,
    gray_test,
    predicted_incidence,
)
from incohort.stats.interval import (
    AftFit,
    IntervalScoreTest,
    Npmle,
    aft,
    imputed_times,
    interval_score_test,
    npmle,
    npmle_limits,
)
from incohort.stats.survival import CoxFit, cox, kaplan_meier

unhurried = settings(deadline=None)  # fits on a busy machine
INF = float("inf")


@st.composite
def cohorts(draw, min_size=1, max_size=25):
    """Times with ties, three causes and censoring, entries, groups and two covariates."""
    n = draw(st.integers(min_size, max_size))

    def column(values):
        return np.array(draw(st.lists(values, min_size=n, max_size=n)))

    time = column(st.integers(1, 12)).astype(float)
    return {
        "time": time,
        "cause": column(st.integers(0, 3)),
        "enter": np.floor(time * column(st.floats(0, 0.99))),
        "group": column(st.sampled_from(["a", "b", "c"])),
        "x": np.column_stack([column(st.integers(0, 2)), column(st.floats(-3, 3, width=16))]),
    }


@st.composite
def visits(draw, min_size=1, max_size=25):
    """Intervals between visits, exact times, left- and right-censored ones, with ties."""
    rows = draw(
        st.lists(
            st.one_of(
                st.tuples(st.integers(0, 9), st.integers(1, 5)).map(lambda r: (r[0], r[0] + r[1])),
                st.integers(1, 12).map(lambda t: (t, t)),
                st.integers(0, 12).map(lambda t: (t, INF)),
                st.integers(1, 12).map(lambda t: (-INF, t)),
            ),
            min_size=min_size,
            max_size=max_size,
        )
    )
    left, right = np.array(rows, dtype=float).T
    return left, right


def numbers_in(result):
    """All numbers anywhere in a result, to any depth."""
    if isinstance(result, float | int | np.ndarray) and not isinstance(result, bool):
        yield np.asarray(result, dtype=float)
    elif isinstance(result, tuple):
        for item in result:
            yield from numbers_in(item)
    elif hasattr(result, "__dataclass_fields__"):
        for name in result.__dataclass_fields__:
            yield from numbers_in(getattr(result, name))


def has_no_nan(result):
    return not any(np.isnan(number).any() for number in numbers_in(result))


def reordered(cohort, order):
    return {key: values[order] for key, values in cohort.items()}


def is_well_fitted(fit, size):
    """A maximum, not so flat that rounding moves it."""
    return isinstance(fit, FineGrayFit) and (fit.se * size < 20).all()


@given(cohorts(), st.sampled_from(["greenwood", "gray"]))
def test_everybody_is_somewhere(cohort, variance):
    """At every time survival and the incidences of all causes add to 1, each growing."""
    found = aalen_johansen(
        cohort["time"], cohort["cause"], time_enter=cohort["enter"], variance=variance
    )
    total = found.survival + sum(curve.cumulative_incidence for curve in found.causes)
    assert_allclose(total, 1, atol=1e-12)
    for curve in found.causes:
        assert (np.diff(curve.cumulative_incidence, prepend=0) >= 0).all()
        assert (curve.ci_low <= curve.cumulative_incidence + 1e-12).all()
        assert (curve.cumulative_incidence <= curve.ci_high + 1e-12).all()
    assert has_no_nan(found)
    counts = found.n_censored + sum(curve.n_events for curve in found.causes)
    assert counts.sum() == found.n if len(found.causes) else found.n_censored.sum() == found.n


@given(cohorts())
def test_without_competing_events_it_is_kaplan_meier(cohort):
    """With one cause the incidence is 1 − KM, and its error Greenwood's."""
    event = cohort["cause"] > 0
    assume(event.any())
    found = aalen_johansen(cohort["time"], event.astype(int), time_enter=cohort["enter"]).of(1)
    other = kaplan_meier(cohort["time"], event, time_enter=cohort["enter"])
    assert_allclose(found.cumulative_incidence, 1 - other.survival, atol=1e-12)
    alive = other.survival > 0
    expected = other.survival[alive] * other.se_log[alive]
    assert_allclose(found.se[alive], expected, atol=1e-9)
    plain = aalen_johansen(
        cohort["time"], event.astype(int), time_enter=cohort["enter"], conf_type="plain"
    ).of(1)
    km = kaplan_meier(cohort["time"], event, time_enter=cohort["enter"], conf_type="plain")
    some = km.has_limits & plain.has_limits & (found.cumulative_incidence > 0)
    assert_allclose(plain.ci_low[some], 1 - km.ci_high[some], atol=1e-9)


@given(cohorts(), st.permutations([1, 2, 3]))
def test_relabelling_causes_permutes_the_curves(cohort, names):
    """What a cause is called decides nothing but where its curve stands."""
    renamed = np.array([0, *names])[cohort["cause"]]
    one = aalen_johansen(cohort["time"], cohort["cause"])
    two = aalen_johansen(cohort["time"], renamed)
    assert_array_equal(one.survival, two.survival)
    for curve in one.causes:
        other = two.of(names[curve.cause - 1])
        assert_array_equal(curve.cumulative_incidence, other.cumulative_incidence)
        assert_array_equal(curve.se, other.se)


@unhurried
@given(cohorts(min_size=4), st.randoms())
def test_row_order_changes_nothing(cohort, random):
    """Curves, tests and models do not depend on who comes first."""
    order = list(range(len(cohort["time"])))
    random.shuffle(order)
    other = reordered(cohort, order)
    pair = (cohort, other)
    one, two = (aalen_johansen(c["time"], c["cause"]) for c in pair)
    assert_array_equal(one.survival, two.survival)
    for curve in one.causes:
        assert_array_equal(curve.se, two.of(curve.cause).se)
    one, two = (gray_test(c["time"], c["cause"], c["group"], rho=1) for c in pair)
    assert type(one) is type(two)
    if isinstance(one, GrayTest):
        assert_allclose(one.statistic, two.statistic, rtol=1e-6, atol=1e-9)
    one, two = (fine_gray(c["time"], c["cause"], c["x"]) for c in pair)
    size = np.abs(cohort["x"] - cohort["x"].mean(axis=0)).mean(axis=0)
    if is_well_fitted(one, size) and is_well_fitted(two, size):
        assert_allclose(one.coef, two.coef, rtol=1e-5, atol=1e-7)
        assert_allclose(one.robust_se, two.robust_se, rtol=1e-5, atol=1e-7)


@given(cohorts(min_size=2))
def test_relabelling_groups_permutes_grays_scores(cohort):
    """Renaming the groups leaves the test, and moves each group's score with its name."""
    names = {"a": "z", "b": "y", "c": "x"}
    renamed = np.array([names[g] for g in cohort["group"]])
    one = gray_test(cohort["time"], cohort["cause"], cohort["group"])
    two = gray_test(cohort["time"], cohort["cause"], renamed)
    assert type(one) is type(two)
    if isinstance(one, GrayTest):
        assert_allclose(one.statistic, two.statistic, rtol=1e-6, atol=1e-9)
        scores = dict(zip(two.groups, two.score, strict=True))
        for group, score in zip(one.groups, one.score, strict=True):
            assert_allclose(score, scores[names[group]], atol=1e-9)
        assert has_no_nan(one)
        assert 0 <= one.p_value <= 1


@unhurried
@given(cohorts(min_size=3))
def test_without_competing_events_fine_gray_is_cox(cohort):
    """With one cause the coefficients, errors and likelihood are Cox's with Breslow's ties."""
    event = cohort["cause"] > 0
    fit = fine_gray(cohort["time"], event.astype(int), cohort["x"])
    other = cox(cohort["time"], event, cohort["x"], ties="breslow")
    size = np.abs(cohort["x"] - cohort["x"].mean(axis=0)).mean(axis=0)
    if is_well_fitted(fit, size) and isinstance(other, CoxFit) and not other.is_firth:
        assert_allclose(fit.coef, other.coef, rtol=1e-5, atol=1e-6)
        assert_allclose(fit.se, other.se, rtol=1e-5, atol=1e-6)
        assert_allclose(fit.log_likelihood, other.log_likelihood, rtol=1e-9, atol=1e-9)


@unhurried
@given(cohorts(min_size=3))
def test_models_give_numbers_or_reasons(cohort):
    """Fine–Gray and its predictions, cause-specific Cox: never a NaN, and risks in [0, 1]."""
    fits = [
        fine_gray(cohort["time"], cohort["cause"], cohort["x"], cause_of_interest=k)
        for k in (1, 2, 3)
    ]
    assert all(isinstance(fit, FineGrayFit | NoEstimate) for fit in fits)
    models = [fit for fit in fits if isinstance(fit, FineGrayFit)]
    assert all(has_no_nan(fit) and has_no_nan(fit.hazard_ratios()) for fit in models)
    if models:
        found = predicted_incidence(models, cohort["x"][0])
        assert has_no_nan(found)
        assert ((found.cumulative_incidence >= 0) & (found.cumulative_incidence <= 1)).all()
        assert (found.passes_one == (found.total > 1 + 1e-12)).all()
        assert bool(found.warning) == found.passes_one.any()
    other = cause_specific(cohort["time"], cohort["cause"], cohort["x"])
    assert isinstance(other, CoxFit | NoEstimate)


@unhurried
@given(visits())
def test_masses_are_a_distribution_at_the_maximum(rows):
    """Masses are positive and add to 1; the gap is 0 but for rounding; low never above high."""
    found = npmle(*rows)
    if isinstance(found, NoEstimate):
        assert np.isinf(rows[1]).all()
        return
    assert (found.mass > 0).all()
    assert_allclose(found.mass.sum(), 1, atol=1e-12)
    assert 0 <= found.gap < 1e-7
    assert (found.survival_low <= found.survival_high + 1e-12).all()
    assert (np.diff(found.survival_high, prepend=1) <= 1e-12).all()
    for p in (0.2, 0.5, 0.8):
        answer = found.quantile(p)
        assert isinstance(answer, NoEstimate) or 0 <= answer.low <= answer.high < INF
    low, high = found.survival_bounds(np.arange(15))
    assert (low <= high + 1e-12).all()


@unhurried
@given(visits(), st.randoms())
def test_row_order_and_doubling_change_no_curve(rows, random):
    """The likelihood of the rows in another order is the same, of all twice it is double."""
    left, right = rows
    found = npmle(left, right)
    assume(isinstance(found, Npmle))
    order = list(range(len(left)))
    random.shuffle(order)
    other = npmle(left[order], right[order])
    assert_allclose(found.log_likelihood, other.log_likelihood, rtol=1e-9, atol=1e-9)
    twice = npmle(np.tile(left, 2), np.tile(right, 2))
    assert_allclose(2 * found.log_likelihood, twice.log_likelihood, rtol=1e-8, atol=1e-8)


@unhurried
@given(visits())
def test_no_other_masses_are_more_likely(rows):
    """A slow EM over the same intervals never ends above the maximum."""
    found = npmle(*rows)
    assume(isinstance(found, Npmle))
    left, right = rows
    points = np.unique(np.concatenate([left, right]))
    places = [(t, t) for t in points if np.isfinite(t)]
    places += list(itertools.pairwise(points))
    low, high = np.array(places).T
    inside = (left[:, None] <= low) & (high <= right[:, None])
    inside &= (left[:, None] < high) | (left == right)[:, None]
    mass = np.full(len(places), 1 / len(places))
    for _ in range(200):
        shares = inside * mass
        mass = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)
    assert np.log(inside @ mass).sum() <= found.log_likelihood + 1e-9


@given(cohorts())
def test_exact_times_give_kaplan_meier(cohort):
    """For exact and right-censored times both bounds are Kaplan–Meier's curve."""
    event = cohort["cause"] > 0
    assume(event.any())
    found = npmle(cohort["time"], np.where(event, cohort["time"], INF))
    other = kaplan_meier(cohort["time"], event)
    for bound in found.survival_bounds(other.time):
        assert_allclose(bound, other.survival, atol=1e-8)
    answer, quantile = found.quantile(0.5), other.quantile(0.5)
    assert isinstance(answer, NoEstimate) == isinstance(quantile, NoEstimate)
    if not isinstance(answer, NoEstimate):
        assert_allclose((answer.low + answer.high) / 2, quantile.estimate)


@unhurried
@given(visits(min_size=2), st.sampled_from(["sun", "finkelstein", "wilcoxon"]))
def test_scores_add_to_nothing(rows, scores):
    """Over all groups the scores add to 0, and P lies in [0, 1]."""
    found = interval_score_test(*rows, np.arange(len(rows[0])) % 2, scores=scores)
    if isinstance(found, IntervalScoreTest):
        assert has_no_nan(found)
        assert_allclose(found.score.sum(), 0, atol=1e-9)
        assert 0 <= found.p_value <= 1


@unhurried
@given(visits(min_size=2), st.sampled_from(["weibull", "lognormal", "loglogistic"]))
def test_failure_time_models_give_numbers_or_reasons(rows, distribution):
    """A model has finite coefficients and a positive scale, or there is a reason."""
    found = aft(*rows, np.arange(len(rows[0])) % 2, distribution=distribution)
    if isinstance(found, AftFit):
        assert has_no_nan(found)
        assert np.isfinite(found.coef).all()
        assert found.scale > 0
        median = found.quantile(0.5, [0])
        assert 0 < median.ci_low <= median.estimate <= median.ci_high
    else:
        assert found.reason


@given(visits())
def test_imputed_times_lie_in_their_intervals(rows):
    """Every imputed event lies within its bounds, every censoring at its left."""
    left, right = rows
    for placement in ("midpoint", "right"):
        time, event = imputed_times(left, right, placement=placement)
        assert (time >= np.maximum(left, 0)).all()
        assert (time <= right).all()
        assert_array_equal(event, np.isfinite(right))


@settings(deadline=None, max_examples=10)
@given(visits(min_size=4, max_size=12))
def test_bootstrap_limits_are_in_order(rows):
    """Limits lie in [0, 1], low below high, and hold no NaN."""
    found = npmle_limits(*rows, [1, 4, 8], seed=1, n_resamples=100)
    if not isinstance(found, NoEstimate):
        assert has_no_nan(found)
        assert (found.ci_low <= found.ci_high + 1e-12).all()
        assert (found.ci_low > -1e-9).all()
        assert (found.ci_high < 1 + 1e-9).all()
