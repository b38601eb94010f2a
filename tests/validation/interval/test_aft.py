"""Accelerated failure time models against R's survreg, and against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from incohort.stats import NoEstimate
from incohort.stats.interval import AftFit, aft

INF = float("inf")
DISTRIBUTIONS = ("weibull", "lognormal", "loglogistic")


def test_models_agree_with_survreg(recorded, data_set):
    """Coefficients, scale, covariance, likelihood and quantiles with their errors are survreg's.

    Exact, left-, right- and interval-censored times, alone and mixed, by three distributions.
    """
    for case in recorded("interval/interval")["survreg"]:
        columns = data_set(case["set"])
        x = np.column_stack([columns[n] for n in case["covariates"]] or [np.zeros((0, 0))])
        fit = aft(
            columns["left"],
            columns["right"],
            x if case["covariates"] else None,
            distribution=case["distribution"],
        )
        name = f"{case['set']} {case['distribution']}"
        for field in ("coef", "scale", "log_likelihood"):
            assert_allclose(getattr(fit, field), case[field], rtol=1e-6, atol=1e-8, err_msg=name)
        assert_allclose(fit.covariance, case["covariance"], rtol=1e-6, atol=1e-8, err_msg=name)
        z = 1.959963984540054
        for p, log_q, se in zip(
            case["p"], case["log_quantile"], case["se_log_quantile"], strict=True
        ):
            found = fit.quantile(p, case["at"])
            assert_allclose(math.log(found.estimate), log_q, rtol=1e-6, atol=1e-8)
            assert_allclose(math.log(found.ci_high), log_q + z * se, rtol=1e-6, atol=1e-8)
            assert_allclose(math.log(found.ci_low), log_q - z * se, rtol=1e-6, atol=1e-8)


def test_clusters_agree_with_survreg(recorded, data_set):
    """With clusters the robust covariance is survreg's, beside that of the information.

    Of interval-censored rows it is the same sandwich with a sign of survreg's put right: its
    derivatives by log scale do not add to 0 at its own maximum (interval.R).
    """
    for case in recorded("interval/interval")["survreg_clustered"]:
        columns = data_set(case["set"])
        pair = (np.arange(len(columns["left"])) + 1) // 2
        fit = aft(
            columns["left"],
            columns["right"],
            columns[case["covariate"]],
            distribution=case["distribution"],
            cluster=pair,
        )
        for field in ("covariance", "robust_covariance"):
            assert_allclose(getattr(fit, field), case[field], rtol=1e-6, atol=1e-9)
        (ratio,) = fit.time_ratios()
        half = 1.959963984540054 * math.sqrt(case["robust_covariance"][1][1])
        assert_allclose(math.log(ratio.ci_high / ratio.estimate), half, rtol=1e-6)
        median = fit.quantile(0.5, [0])
        if case["distribution"] != "weibull":  # the median is exp(intercept)
            half = 1.959963984540054 * math.sqrt(case["robust_covariance"][0][0])
            assert_allclose(math.log(median.ci_high / median.estimate), half, rtol=1e-6)


def test_few_clusters_have_no_robust_variance(data_set):
    """Intercept, slope and scale need more than three clusters."""
    columns = data_set("mixed")
    label = np.arange(len(columns["left"])) % 3
    found = aft(columns["left"], columns["right"], columns["dose"], cluster=label)
    assert isinstance(found, NoEstimate)
    assert "too few clusters" in found.reason


def test_exact_lognormal_times_have_a_closed_form():
    """Mean and root mean square of log times, and σ/√n as the error of the first."""
    times = np.array([1.0, 2, 3, 5, 8, 13])
    fit = aft(times, times, distribution="lognormal")
    logs = np.log(times)
    assert_allclose(fit.coef, [logs.mean()], rtol=1e-9)
    assert_allclose(fit.scale, logs.std(), rtol=1e-9)
    assert_allclose(fit.se[0], logs.std() / math.sqrt(6), rtol=1e-9)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_quantile_and_survival_undo_each_other(distribution, data_set):
    """Survival at the p-quantile is 1 − p; at time 0 it is 1."""
    columns = data_set("cosmesis")
    fit = aft(columns["left"], columns["right"], columns["chemo"], distribution=distribution)
    times = [fit.quantile(p, [1]).estimate for p in (0.1, 0.5, 0.9)]
    assert_allclose(fit.survival([0, *times], [1]), [1, 0.9, 0.5, 0.1], rtol=1e-9)
    (ratio,) = fit.time_ratios()
    assert ratio.estimate == pytest.approx(
        fit.quantile(0.3, [1]).estimate / fit.quantile(0.3, [0]).estimate
    )


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
def test_a_change_of_unit_changes_only_the_intercept(distribution, data_set):
    """Hours for days: log 24 more in the intercept, the same ratios, a shifted likelihood."""
    columns = data_set("mixed")
    arguments = {"covariates": columns["dose"], "distribution": distribution}
    days = aft(columns["left"], columns["right"], **arguments)
    hours = aft(24 * columns["left"], 24 * columns["right"], **arguments)
    assert_allclose(hours.coef - days.coef, [math.log(24), 0], atol=1e-8)
    assert_allclose(hours.se, days.se, rtol=1e-6)
    shift = days.n_exact * math.log(24)
    assert_allclose(hours.log_likelihood, days.log_likelihood - shift, rtol=1e-9)


@pytest.mark.parametrize("distribution", DISTRIBUTIONS)
@pytest.mark.parametrize(
    ("left", "right", "x", "reason"),
    [
        ([1, 1, 1], [5, 5, 5], None, "no maximum"),
        ([0, 0, 0, 5, 5, 5], [1, 1, 1, INF, INF, INF], [0, 0, 0, 1, 1, 1], "no maximum"),
        ([3, 3, 3], [3, 3, 3], None, "no maximum"),
        # Whoever is in the second group contradicts the first: any spread, the larger the better.
        ([-INF, 2, 1, -INF], [2, INF, INF, 1], [0, 1, 0, 1], "no maximum"),
        ([0, 1], [0, 2], None, "logarithm"),
        ([5, 6], [INF, INF], None, "nobody had the event"),
        ([], [], None, "nobody to follow"),
        ([1, 2, 3], [2, 3, 4], [1, 1, 1], "same in everybody"),
        ([1, 2, 3], [2, 3, 4], [[1, 2], [2, 4], [3, 6]], "follows"),
    ],
)
def test_no_model_is_no_estimate(distribution, left, right, x, reason):
    """Where the likelihood has no maximum, or nothing to learn from, the reason is given."""
    found = aft(left, right, x, distribution=distribution)
    assert isinstance(found, NoEstimate)
    assert reason in found.reason


def test_far_tails_keep_their_digits():
    """Narrow intervals far out in the tail of the start still lead to the maximum."""
    left = np.array([1e-6, 1, 1.0001, 1000, 1e6])
    fit = aft(left, left * 1.000001, distribution="lognormal")
    exact = aft(left, left, distribution="lognormal")
    assert isinstance(fit, AftFit)
    assert_allclose(fit.scale, exact.scale, rtol=1e-5)


@pytest.mark.parametrize("distribution", ["lognormal", "loglogistic"])
def test_both_tails_have_the_same_digits(distribution):
    """Of 1/t the model has the coefficient negated and the same scale, however far an outlier."""
    left = np.concatenate([np.linspace(0.9, 1.1, 300), [1e-6]])
    right = np.concatenate([np.linspace(1.0, 1.2, 300), [2e-6]])
    early = aft(left, right, distribution=distribution)
    late = aft(1 / right, 1 / left, distribution=distribution)
    assert_allclose(early.coef, -late.coef, rtol=1e-6, atol=1e-9)
    assert_allclose(early.scale, late.scale, rtol=1e-6)


def test_wrong_arguments_are_refused(data_set):
    """An unknown distribution, a wrong p and a wrong number of covariates are errors."""
    with pytest.raises(ValueError, match="distribution"):
        aft([1], [2], distribution="gamma")
    fit = aft([1, 2, 3], [2, 4, INF], distribution="weibull")
    with pytest.raises(ValueError, match="p is"):
        fit.quantile(1)
    with pytest.raises(ValueError, match="0 numbers"):
        fit.quantile(0.5, [1])
    with pytest.raises(ValueError, match="complete"):
        aft([1, 2], [2, 3], [1, float("nan")])
