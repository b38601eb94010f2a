"""Fine–Gray models against cmprsk's crr, a double loop, and what they predict."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from incohort.stats import NoEstimate
from incohort.stats.competing import cause_specific, fine_gray, predicted_incidence
from incohort.stats.competing.fine_gray_likelihood import design, likelihood, score_residuals
from incohort.stats.competing.inputs import caused_follow_up
from incohort.stats.survival.clusters import variance_by_cluster

FIELDS = ("coef", "se", "robust_se", "covariance")


def columns_of(columns, names):
    return np.column_stack([columns[name] for name in names])


def test_models_agree_with_crr(recorded, data_set):
    """Coefficients, both errors, likelihoods and the baseline are crr's at its maximum."""
    for case in recorded("competing/competing")["fine_gray"]:
        columns = data_set(case["set"])
        fit = fine_gray(
            columns["time"],
            columns["cause"],
            columns_of(columns, case["covariates"]),
            cause_of_interest=case["cause"],
        )
        for field in FIELDS:
            assert_allclose(getattr(fit, field), case[field], rtol=1e-6, atol=1e-12)
        for field in ("log_likelihood", "null_log_likelihood"):
            assert_allclose(getattr(fit, field), case[field], rtol=1e-9)
        assert_allclose(fit.time, case["time"])
        assert_allclose(fit.hazard, case["hazard"], rtol=1e-6)
        predicted = predicted_incidence(fit, case["at"])
        assert_allclose(predicted.cumulative_incidence[0], case["predicted"], rtol=1e-6)


def test_without_ties_finegray_agrees(recorded, data_set):
    """Where no time is shared, R's finegray() with coxph has the same maximum as crr."""
    columns = data_set("mgus")
    x = columns_of(columns, ("age", "male", "mspike"))
    for case in recorded("competing/competing")["finegray_untied"]:
        fit = fine_gray(columns["untied"], columns["cause"], x, cause_of_interest=case["cause"])
        for field in ("coef", "se"):
            assert_allclose(getattr(fit, field), case[field], rtol=1e-6)
        assert_allclose(fit.log_likelihood, case["log_likelihood"], rtol=1e-9)


def test_clusters_agree_with_coxph_on_finegray_data(recorded, data_set):
    """Added by cluster, the parts that take the weights as known give coxph's robust variance.

    Where nobody is censored no weight is estimated, and they are all there is.
    """
    columns = data_set("mgus")
    family = (np.arange(len(columns["time"])) + 1) // 3
    x = columns_of(columns, ("age", "male", "mspike"))
    for case in recorded("competing/competing")["finegray_clustered"]:
        part = columns["cause"] > 0 if case["part"] == "whole" else np.ones(len(x), dtype=bool)
        time, cause, k = columns["untied"][part], columns["cause"][part], case["cause"]
        fit = fine_gray(time, cause, x[part], cause_of_interest=k, cluster=family[part])
        assert_allclose(fit.coef, case["coef"], rtol=1e-6)
        if case["part"] == "whole":
            assert_allclose(fit.covariance, case["covariance"], rtol=1e-6)
        data = design(caused_follow_up(time, cause), x[part], k)
        at = likelihood(data, fit.coef * data.scale)
        inverse = np.linalg.inv(at.information)
        found = variance_by_cluster(
            score_residuals(data, at) @ inverse, family[part][data.row], inverse
        )
        assert_allclose(found / np.outer(data.scale, data.scale), case["covariance"], rtol=1e-6)


def test_clusters_of_one_and_of_copies(data_set):
    """Clusters of one change nothing; everybody twice, but in one cluster, is everybody once."""
    columns = data_set("bile")
    time, cause = columns["time"], columns["cause"]
    x = columns_of(columns, ("age", "logbili"))
    alone = fine_gray(time, cause, x, cause_of_interest=2)
    label = np.array([f"patient {i}" for i in range(len(time))])
    single = fine_gray(time, cause, x, cause_of_interest=2, cluster=label)
    assert_allclose(single.covariance, alone.covariance, rtol=1e-9)
    twice = fine_gray(
        np.tile(time, 2),
        np.tile(cause, 2),
        np.tile(x, (2, 1)),
        cause_of_interest=2,
        cluster=np.tile(label, 2),
    )
    assert_allclose(twice.coef, alone.coef, rtol=1e-9)
    assert_allclose(twice.covariance, alone.covariance, rtol=1e-6)
    assert "by cluster" in twice.hazard_ratios()[0].method


def test_two_clusters_are_too_few(data_set):
    """Two covariates need more than two clusters for a robust variance."""
    columns = data_set("tied")
    x = columns_of(columns, ("x", "z"))
    found = fine_gray(columns["time"], columns["cause"], x, cluster=columns["z"])
    assert found == NoEstimate("there are too few clusters for a robust variance of the covariates")


def test_cause_specific_models_agree_with_coxph(recorded, data_set):
    """A cause-specific model is Cox's with the other causes censored."""
    columns = data_set("mgus")
    x = columns_of(columns, ("age", "male", "mspike"))
    for case in recorded("competing/competing")["cause_specific"]:
        fit = cause_specific(columns["time"], columns["cause"], x, cause_of_interest=case["cause"])
        assert_allclose(fit.coef, case["coef"], rtol=1e-6)
        assert_allclose(fit.se, case["se"], rtol=1e-6)


def plain_likelihood(time, cause, x, coef):
    """The weighted partial likelihood of cause 1 by two plain loops over patients."""

    def uncensored_before(when):
        product = 1.0
        for c in sorted(set(time[cause == 0])):
            if c < when:
                product *= 1 - np.sum((time == c) & (cause == 0)) / np.sum(time >= c)
        return product

    total = 0.0
    for i in np.flatnonzero(cause == 1):
        at_risk = 0.0
        for j in range(len(time)):
            if time[j] >= time[i]:
                at_risk += np.exp(x[j] @ coef)
            elif cause[j] > 1:
                weight = uncensored_before(time[i]) / uncensored_before(time[j])
                at_risk += weight * np.exp(x[j] @ coef)
        total += x[i] @ coef - np.log(at_risk)
    return total


def test_likelihood_equals_two_plain_loops(data_set):
    """The running sums weigh each competing event as the definition does, ties included."""
    columns = data_set("tied")
    x = columns_of(columns, ("x", "z"))
    fit = fine_gray(columns["time"], columns["cause"], x)
    plain = plain_likelihood(columns["time"], columns["cause"], x, fit.coef)
    assert_allclose(fit.log_likelihood, plain, rtol=1e-12)
    for k in range(2):
        step = np.eye(2)[k] * 1e-3
        assert plain_likelihood(columns["time"], columns["cause"], x, fit.coef + step) < plain
        assert plain_likelihood(columns["time"], columns["cause"], x, fit.coef - step) < plain


def test_intervals_use_the_robust_error(data_set):
    """exp(coef ± 1.96 robust SE), and P from the same ratio."""
    columns = data_set("mgus")
    fit = fine_gray(columns["time"], columns["cause"], columns["mspike"])
    (ratio,) = fit.hazard_ratios()
    assert_allclose(np.log(ratio.hazard_ratio), fit.coef[0])
    half = 1.959963984540054 * fit.robust_se[0]
    assert_allclose(np.log([ratio.ci_low, ratio.ci_high]), fit.coef[0] + np.array([-half, half]))
    assert_allclose(ratio.p_value, fit.wald.p_value, rtol=1e-9)


def test_predictions_beyond_one_are_flagged(recorded, data_set):
    """For an old man's high M-spike the two models add to more than 1, and it is said where."""
    columns = data_set("mgus")
    x = columns_of(columns, ("age", "male", "mspike"))
    fits = [fine_gray(columns["time"], columns["cause"], x, cause_of_interest=k) for k in (1, 2)]
    beyond = predicted_incidence(fits, [90, 1, 3])
    assert beyond.passes_one.any()
    assert not beyond.passes_one[0]
    assert "more than 1" in beyond.warning
    fine = predicted_incidence(fits[:1], [60, 0, 1])
    assert not fine.passes_one.any()
    assert not fine.warning
    with pytest.raises(ValueError, match="different causes"):
        predicted_incidence([fits[0], fits[0]], [60, 0, 1])
    with pytest.raises(ValueError, match="3 numbers"):
        predicted_incidence(fits, [60, 0])


def test_an_infinite_ratio_is_a_reason():
    """Where all with the event are exposed and nobody else at risk is, there is no maximum."""
    found = fine_gray([1, 2, 3, 4, 5, 6], [1, 1, 1, 2, 0, 2], [1, 1, 1, 0, 0, 0])
    assert isinstance(found, NoEstimate)
    assert "infinite" in found.reason


def test_a_competing_event_before_keeps_the_ratio_finite():
    """One exposed who died first stays at risk, so that exposure no longer orders all events."""
    fit = fine_gray([0.5, 1, 2, 3, 4, 5], [2, 1, 1, 1, 0, 0], [2, 1, 1, 1, 0, 0])
    assert not isinstance(fit, NoEstimate)
    assert np.isfinite(fit.coef).all()


@pytest.mark.parametrize(
    ("cause", "x", "reason"),
    [
        ([0, 2, 0, 2], [1, 2, 3, 4], "nobody had an event of cause 1"),
        ([1, 2, 0, 1], [1, 1, 1, 1], "the same in everybody"),
        ([1, 2, 0, 1], [[1, 2], [2, 4], [3, 6], [1, 2]], "follows"),
    ],
)
def test_no_model_is_no_estimate(cause, x, reason):
    """No event, a constant and a copied covariate have their reasons."""
    found = fine_gray([1, 2, 3, 4], cause, x)
    assert isinstance(found, NoEstimate)
    assert reason in found.reason


def test_missing_covariates_are_refused():
    """A missing covariate is an error, not a dropped row."""
    with pytest.raises(ValueError, match="complete"):
        fine_gray([1, 2], [1, 0], [1, float("nan")])
