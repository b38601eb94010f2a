"""Relations that hold for time to an event whatever the patients are."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from incohort.stats import NoEstimate
from incohort.stats.survival import (
    CoxFit,
    Rmst,
    RmstComparison,
    SurvivalCurve,
    adjusted_survival,
    baseline_hazard,
    bootstrap_quantile,
    concordance,
    cox,
    kaplan_meier,
    landmark,
    logrank,
    logrank_trend,
    martingale_residuals,
    median_follow_up,
    nelson_aalen,
    proportional_hazards,
    rmst,
    rmst_comparison,
    schoenfeld_residuals,
    score_residuals,
)
from incohort.stats.survival.inputs import TIE_TOLERANCE, in_order

unhurried = settings(deadline=None)  # fits on a busy machine


@st.composite
def cohorts(draw, min_size=1, max_size=25):
    """Times with ties, events, entries, two groups and two covariates, one of them coarse."""
    n = draw(st.integers(min_size, max_size))

    def column(values):
        return np.array(draw(st.lists(values, min_size=n, max_size=n)))

    time = column(st.integers(1, 12)).astype(float)
    return {
        "time": time,
        "event": column(st.booleans()),
        "enter": np.floor(time * column(st.floats(0, 0.99))),
        "group": column(st.sampled_from(["a", "b"])),
        "x": np.column_stack([column(st.integers(0, 2)), column(st.floats(-3, 3, width=16))]),
    }


def reordered(cohort, order):
    return {key: values[order] for key, values in cohort.items()}


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


def curve(cohort, **options):
    return kaplan_meier(cohort["time"], cohort["event"], **options)


def model(cohort, **options):
    return cox(cohort["time"], cohort["event"], cohort["x"], **options)


def is_well_fitted(fit):
    """A maximum, not so flat that rounding moves it."""
    return isinstance(fit, CoxFit) and not fit.is_firth and (fit.se * fit.data.scale < 20).all()


@unhurried
@given(cohorts(), st.randoms())
def test_row_order_changes_nothing(cohort, random):
    """Curves, tests, means and models do not depend on who comes first."""
    order = list(range(len(cohort["time"])))
    random.shuffle(order)
    other = reordered(cohort, order)
    one, two = (curve(c, time_enter=c["enter"]) for c in (cohort, other))
    assert_array_equal(one.survival, two.survival)
    assert_array_equal(one.ci_high, two.ci_high)
    first, second = (logrank(c["time"], c["event"], c["group"], rho=1) for c in (cohort, other))
    assert type(first) is type(second)
    if not isinstance(first, NoEstimate):
        assert_allclose(first.statistic, second.statistic, rtol=1e-9, atol=1e-12)
    fits = [model(c, time_enter=c["enter"]) for c in (cohort, other)]
    if all(map(is_well_fitted, fits)):
        assert_allclose(fits[0].coef, fits[1].coef, rtol=1e-6, atol=1e-8)
        assert_allclose(
            martingale_residuals(fits[0])[order], martingale_residuals(fits[1]), atol=1e-7
        )
        pairs = [concordance(fit) for fit in fits]
        assert type(pairs[0]) is type(pairs[1])
        if not isinstance(pairs[0], NoEstimate):
            assert pairs[0].n_concordant == pairs[1].n_concordant
            assert_allclose(pairs[0].se, pairs[1].se, rtol=1e-9, atol=1e-12)


@unhurried
@given(cohorts())
def test_relabelling_groups_permutes_them(cohort):
    """New names for the groups move their counts and leave the statistic."""
    names = {"a": "z", "b": "c"}
    renamed = np.array([names[g] for g in cohort["group"]])
    one = logrank(cohort["time"], cohort["event"], cohort["group"])
    two = logrank(cohort["time"], cohort["event"], renamed)
    assert type(one) is type(two)
    if not isinstance(one, NoEstimate):
        assert_allclose(one.statistic, two.statistic, rtol=1e-9, atol=1e-12)
        assert_allclose(one.expected, two.expected[::-1], rtol=1e-12)
        assert_array_equal(one.n, two.n[::-1])
    means = [rmst_comparison(cohort["time"], cohort["event"], g, 6) for g in (cohort["group"],)]
    swapped = rmst_comparison(cohort["time"], cohort["event"], renamed, 6)
    if isinstance(means[0], RmstComparison):
        assert_allclose(means[0].difference.estimate, -swapped.difference.estimate, atol=1e-12)
        assert_allclose(means[0].ratio.estimate, 1 / swapped.ratio.estimate, rtol=1e-12)


@unhurried
@given(cohorts())
def test_all_censored_gives_survival_1(cohort):
    """Where nobody has the event the curve stays at 1 and no quantile, test or model exists."""
    nobody = np.zeros(len(cohort["time"]), dtype=bool)
    found = kaplan_meier(cohort["time"], nobody, time_enter=cohort["enter"])
    assert (found.survival == 1).all()
    assert (found.cumulative_hazard == 0).all()
    for answer in (
        found.quantile(0.5),
        logrank(cohort["time"], nobody, cohort["group"]),
        cox(cohort["time"], nobody, cohort["x"]),
        rmst(cohort["time"], nobody, 1),
    ):
        assert isinstance(answer, NoEstimate)


@unhurried
@given(cohorts())
def test_entry_at_0_equals_no_entry(cohort):
    """To be under observation from 0 on is not delayed entry."""
    zeros = np.zeros(len(cohort["time"]))
    one, two = curve(cohort), curve(cohort, time_enter=zeros)
    assert_array_equal(one.survival, two.survival)
    assert_array_equal(one.at([0, 3, 6]).n_at_risk, two.at([0, 3, 6]).n_at_risk)
    fits = model(cohort), model(cohort, time_enter=zeros)
    assert type(fits[0]) is type(fits[1])
    if isinstance(fits[0], CoxFit):
        assert_array_equal(fits[0].coef, fits[1].coef)


@unhurried
@given(cohorts(), st.integers(1, 11))
def test_cutting_follow_up_in_two_changes_nothing(cohort, cut):
    """A patient as (0, cut] and (cut, time] is the same patient: curve, test and model."""
    time, event = cohort["time"], cohort["event"]
    later = time > cut
    split = {
        "time": np.concatenate([np.minimum(time, cut), time[later]]),
        "event": np.concatenate([event & ~later, event[later]]),
        "enter": np.concatenate([np.zeros(len(time)), np.full(later.sum(), float(cut))]),
        "group": np.concatenate([cohort["group"], cohort["group"][later]]),
        "x": np.concatenate([cohort["x"], cohort["x"][later]]),
    }
    whole, parts = curve(cohort), curve(split, time_enter=split["enter"])
    at = np.isin(parts.time, whole.time[whole.n_events > 0])
    assert_allclose(parts.survival[at], whole.survival[whole.n_events > 0], rtol=1e-12)
    assert_array_equal(parts.n_at_risk[at], whole.n_at_risk[whole.n_events > 0])
    one = logrank(time, event, cohort["group"])
    two = logrank(split["time"], split["event"], split["group"], time_enter=split["enter"])
    if not isinstance(one, NoEstimate):
        assert_allclose(one.statistic, two.statistic, rtol=1e-9, atol=1e-12)
    fits = model(cohort), model(split, time_enter=split["enter"])
    if all(map(is_well_fitted, fits)):
        assert_allclose(fits[0].coef, fits[1].coef, rtol=1e-6, atol=1e-8)
        assert_allclose(fits[0].log_likelihood, fits[1].log_likelihood, rtol=1e-9, atol=1e-9)


@unhurried
@given(cohorts(), st.floats(0.01, 300))
def test_the_unit_of_time_does_not_matter(cohort, factor):
    """Days or months: quantiles scale, and tests and models stay."""
    scaled = {**cohort, "time": cohort["time"] * factor}
    one, two = curve(cohort), curve(scaled)
    assert_allclose(one.survival, two.survival)
    medians = one.quantile(0.5), two.quantile(0.5)
    assert type(medians[0]) is type(medians[1])
    if not isinstance(medians[0], NoEstimate):
        assert_allclose(medians[0].estimate * factor, medians[1].estimate, rtol=1e-9)
    area = rmst(cohort["time"], cohort["event"], 6)
    if isinstance(area, Rmst):
        again = rmst(scaled["time"], scaled["event"], 6 * factor)
        assert_allclose([area.estimate * factor, area.se * factor], [again.estimate, again.se])
    fits = model(cohort), model(scaled)
    if all(map(is_well_fitted, fits)):
        assert_allclose(fits[0].coef, fits[1].coef, rtol=1e-6, atol=1e-8)


@unhurried
@given(cohorts(), st.floats(0.1, 10), st.floats(-100, 100))
def test_the_unit_of_a_covariate_only_scales_its_coefficient(cohort, factor, shift):
    """Coefficient and error scale, the likelihood and the baseline's meaning stay."""
    fits = model(cohort), model({**cohort, "x": cohort["x"] * factor + shift})
    assume(all(map(is_well_fitted, fits)))
    assert_allclose(fits[0].coef, fits[1].coef * factor, rtol=1e-6, atol=1e-7)
    assert_allclose(fits[0].se, fits[1].se * factor, rtol=1e-5)
    assert_allclose(fits[0].log_likelihood, fits[1].log_likelihood, rtol=1e-9, atol=1e-9)


@unhurried
@given(cohorts())
def test_everybody_twice_is_weight_two(cohort):
    """The curve stays; Breslow's coefficients stay and their variance halves."""
    twice = {key: np.concatenate([values, values]) for key, values in cohort.items()}
    assert_allclose(curve(cohort).survival, curve(twice).survival, rtol=1e-12, atol=1e-12)
    fits = model(cohort, ties="breslow"), model(twice, ties="breslow")
    if all(map(is_well_fitted, fits)):
        assert_allclose(fits[0].coef, fits[1].coef, rtol=1e-6, atol=1e-7)
        assert_allclose(fits[0].covariance / 2, fits[1].covariance, rtol=1e-4, atol=1e-9)


@unhurried
@given(cohorts())
def test_one_stratum_is_none_and_strata_add(cohort):
    """A constant stratum changes nothing; null likelihoods of separate strata add."""
    constant = np.full(len(cohort["time"]), "here")
    one, two = model(cohort), model(cohort, stratum=constant)
    assert type(one) is type(two)
    if isinstance(one, CoxFit):
        assert_array_equal(one.coef, two.coef)
    both = model(cohort, stratum=cohort["group"])
    parts = [model(reordered(cohort, cohort["group"] == g)) for g in ("a", "b")]
    if all(isinstance(fit, CoxFit) and not fit.is_firth for fit in (both, *parts)):
        total = sum(part.null_log_likelihood for part in parts)
        assert_allclose(both.null_log_likelihood, total, rtol=1e-9, atol=1e-9)


@unhurried
@given(cohorts())
def test_without_ties_the_score_test_is_the_log_rank(cohort):
    """Two groups, all times different: Cox's score test, log-rank and trend are one."""
    time = cohort["time"] + np.arange(len(cohort["time"])) / 1000
    is_b = (cohort["group"] == "b").astype(float)
    fit, test = cox(time, cohort["event"], is_b), logrank(time, cohort["event"], is_b)
    if isinstance(fit, CoxFit) and not fit.is_firth:
        assert_allclose(fit.score.statistic, test.statistic, rtol=1e-9, atol=1e-12)
    if not isinstance(test, NoEstimate):
        trend = logrank_trend(time, cohort["event"], is_b)
        assert_allclose(trend.statistic, test.statistic, rtol=1e-9, atol=1e-12)


@unhurried
@given(cohorts())
def test_residuals_add_to_nothing(cohort):
    """At the maximum martingale, score and Schoenfeld residuals each sum to 0."""
    for ties in ("efron", "breslow"):
        fit = model(cohort, ties=ties, time_enter=cohort["enter"], stratum=cohort["group"])
        assume(is_well_fitted(fit))
        assert_allclose(martingale_residuals(fit).sum(), 0, atol=1e-8)
        assert_allclose(score_residuals(fit).sum(axis=0), 0, atol=1e-6)
        assert_allclose(schoenfeld_residuals(fit).sum(axis=0), 0, atol=1e-6)


@unhurried
@given(cohorts(), st.integers(0, 12))
def test_a_landmark_loses_nobody(cohort, at):
    """Included and excluded add to all, and the curve beyond is the conditional one."""
    found = landmark(cohort["time"], cohort["event"], at)
    kept = len(found.time)
    assert kept + found.n_events_before + found.n_censored_before == len(cohort["time"])
    assert (found.time > 0).all()
    if kept:
        whole = curve(cohort)
        at_start = np.concatenate([[1.0], whole.survival])[(whole.time <= at).sum()]
        after = kaplan_meier(found.time, found.event)
        assert_allclose(
            after.survival * at_start, whole.survival[whole.time > at], rtol=1e-9, atol=1e-12
        )


@unhurried
@given(cohorts(min_size=0), st.sampled_from(["log", "log-log", "plain"]), st.floats(0.01, 0.99))
def test_curves_stay_in_their_bounds(cohort, conf_type, p):
    """No NaN; survival falls within [0, 1] and within its limits; everyone is accounted for."""
    found = curve(cohort, conf_type=conf_type)
    if isinstance(found, NoEstimate):
        assert len(cohort["time"]) == 0
        return
    assert isinstance(found, SurvivalCurve)
    assert has_no_nan(found)
    assert has_no_nan(nelson_aalen(cohort["time"], cohort["event"], time_enter=cohort["enter"]))
    assert (np.diff(found.survival) <= 0).all()
    assert (found.survival <= 1).all()
    assert (found.ci_low <= found.survival + 1e-12).all()
    assert (found.survival <= found.ci_high + 1e-12).all()
    table = found.at(np.arange(0, 14, 2))
    assert has_no_nan(table)
    assert_array_equal(table.n_at_risk + table.n_events_before + table.n_censored_before, found.n)
    quantile = found.quantile(p)
    if not isinstance(quantile, NoEstimate):
        assert quantile.ci_low <= quantile.estimate <= quantile.ci_high
    assert has_no_nan(median_follow_up(cohort["time"], cohort["event"]))


@settings(unhurried, max_examples=200)
@given(cohorts(min_size=0), st.booleans(), st.booleans(), st.sampled_from(["efron", "breslow"]))
def test_a_model_is_finite_or_has_a_reason(cohort, is_late, is_stratified, ties):
    """However few, tied or separated the patients: finite numbers, or a sentence why not."""
    fit = model(
        cohort,
        ties=ties,
        time_enter=cohort["enter"] if is_late else None,
        stratum=cohort["group"] if is_stratified else None,
    )
    if isinstance(fit, NoEstimate):
        assert fit.reason
        return
    assert np.isfinite(fit.coef).all()
    assert (fit.se > 0).all()
    assert np.isfinite(fit.se).all()
    assert has_no_nan(fit)
    ratios = fit.hazard_ratios()
    for ratio in () if isinstance(ratios, NoEstimate) else ratios:
        assert 0 <= ratio.ci_low <= ratio.hazard_ratio <= ratio.ci_high
        assert 0 <= ratio.p_value <= 1
    checks = proportional_hazards(fit)
    assert has_no_nan(checks)
    for test in () if isinstance(checks, NoEstimate) else checks.terms:
        assert isinstance(test, NoEstimate) or test.statistic >= 0
    pairs = concordance(fit)
    assert isinstance(pairs, NoEstimate) or 0 <= pairs.estimate <= 1
    for stratum in baseline_hazard(fit):
        assert (np.diff(stratum.cumulative_hazard) >= 0).all()
        predicted = adjusted_survival(fit, cohort["x"], stratum=stratum.stratum)
        assert has_no_nan(predicted)
        assert (predicted.ci_low <= predicted.survival + 1e-9).all()
        assert (predicted.survival <= predicted.ci_high + 1e-9).all()


def test_a_profile_with_two_maxima_has_limits_around_the_estimate():
    """One event of seven and two nearly parallel covariates: found by chance, once a traceback."""
    x = np.zeros((7, 2))
    x[[0, 5]] = [[1, 3], [1, 2.78125]]
    fit = cox(np.array([2.0, 1, 1, 1, 1, 2, 2]), np.arange(7) == 0, x)
    for ratio in fit.hazard_ratios():
        assert ratio.ci_low < ratio.hazard_ratio < ratio.ci_high


@unhurried
@given(cohorts(), st.integers(0, 1000))
def test_bootstrap_limits_are_times_that_were_seen(cohort, seed):
    """Limits enclose nothing but times between the first and the last, or are infinite."""
    found = bootstrap_quantile(cohort["time"], cohort["event"], seed=seed, n_resamples=100)
    assume(not isinstance(found, NoEstimate))
    assert found.ci_low <= found.ci_high
    for limit in (found.ci_low, found.ci_high):
        assert math.isinf(limit) or cohort["time"].min() <= limit <= cohort["time"].max()


@given(
    st.sampled_from([1e-300, 1e-240, 1e-3, 1.0, 1e12]),
    st.integers(0, 2**32 - 1),
    st.integers(1, 2500),
)
@settings(max_examples=25, deadline=None)
def test_times_stand_in_order_at_any_scale_and_number(scale, seed, n):
    """Times fall into the same ties as in a plain loop, be they many, huge, all but equal or 0."""
    generator = np.random.default_rng(seed)
    time = generator.integers(0, max(2, n // 2), size=n) * scale
    time *= 1 + 1e-14 * generator.integers(0, 3, size=n)  # the same day, differently rounded
    found = in_order(time)
    different = sorted(set(time.tolist()))
    near = TIE_TOLERANCE * max(1.0, sum(different) / len(different))
    starts = [b for a, b in zip([-math.inf, *different], different, strict=False) if b - a > near]
    assert found.distinct.tolist() == starts
    assert_array_equal(found.codes(), np.searchsorted(starts, time, side="right") - 1)
    assert sorted(found.order.tolist()) == list(range(n))
    assert (np.diff(time[found.order]) >= 0).all()


@given(cohorts(min_size=2), st.sampled_from([0, 1]))
def test_one_stratum_and_entry_at_0_are_no_other_log_rank_test(cohort, rho):
    """The test in one pass is the test by risk sets, and groups told apart by number as by name."""
    time, event, group = cohort["time"], cohort["event"], cohort["group"]
    one = logrank(time, event, group, rho=rho)
    same = logrank(time, event, group == "b", rho=rho, stratum=np.array(["only"] * len(time)))
    late = np.append(time, 99.0)  # one more enters after all others have left
    entered = logrank(
        late,
        np.append(event, False),
        np.append(group, group[0]),
        rho=rho,
        time_enter=np.append(np.zeros(len(time)), 98.0),
    )
    if isinstance(one, NoEstimate):
        assert same == one == entered
        return
    for other in (same, entered):
        assert_allclose(other.observed, one.observed, rtol=1e-12)
        assert_allclose(other.expected, one.expected, rtol=1e-12)
        assert_allclose(other.variance, one.variance, rtol=1e-9, atol=1e-12)
