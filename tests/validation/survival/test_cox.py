"""Cox models: R's coxph, its residuals and predictions, and a plain double loop."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose

from incohort.stats import NoEstimate
from incohort.stats.survival import (
    adjusted_survival,
    baseline_hazard,
    cox,
    deviance_residuals,
    dfbeta,
    event_times,
    martingale_residuals,
    predicted_survival,
    scaled_schoenfeld_residuals,
    schoenfeld_residuals,
    score_residuals,
)

CASES = [
    "lung",
    "lung_by_sex",
    "lung_cluster_inst",
    "gehan",
    "veteran",
    "ovarian",
    "mgus2_pcm",
    "mgus2_death",
    "heart",
    "heart_by_surgery_cluster_id",
    "float_ties",
]
WITH_ROWS = [
    "lung_by_sex",
    "gehan",
    "ovarian",
    "heart",
    "heart_by_surgery_cluster_id",
    "float_ties",
]
TIES = ("efron", "breslow")
ITERATIVE = 1e-6


def close(found, expected, tolerance=ITERATIVE):
    """Relative agreement; about zero, relative to the largest of the values."""
    expected = np.asarray(expected, dtype=float)
    largest = float(np.abs(expected).max())
    assert_allclose(
        np.reshape(found, expected.shape), expected, rtol=tolerance, atol=tolerance * largest / 100
    )


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("ties", TIES)
def test_the_fit_agrees_with_coxph(case, ties, model_of, r_values):
    """Coefficients, errors, robust errors, likelihoods and the three tests are coxph's."""
    found, r = cox(**model_of(case), ties=ties), r_values("cox")[f"{case}_{ties}"]
    assert (found.n, found.n_events, found.is_firth) == (r["n"], r["n_events"], False)
    close(found.coef, r["coef"])
    close(found.se, r["se"])
    close(found.covariance, r["covariance"])
    close(found.log_likelihood, r["log_likelihood"], 1e-9)
    close(found.null_log_likelihood, r["null_log_likelihood"], 1e-9)
    close(found.likelihood_ratio.statistic, r["likelihood_ratio"])
    close(found.wald.statistic, r["wald"])
    close(found.score.statistic, r["score"])
    if r["robust_se"] is None:
        assert found.robust_se is None
    else:
        close(found.robust_se, r["robust_se"])


@pytest.mark.parametrize("case", WITH_ROWS)
@pytest.mark.parametrize("ties", TIES)
def test_residuals_agree_with_r(case, ties, model_of, r_values):
    """Martingale, deviance, Schoenfeld, score and dfbeta residuals are residuals.coxph's."""
    fit, r = cox(**model_of(case), ties=ties), r_values("cox")[f"{case}_{ties}"]
    close(martingale_residuals(fit), r["martingale_residuals"])
    close(deviance_residuals(fit), r["deviance_residuals"])
    close(score_residuals(fit), r["score_residuals"])
    close(schoenfeld_residuals(fit), r["schoenfeld_residuals"])
    if fit.robust_se is None:  # with clusters R scales by the robust variance
        close(dfbeta(fit), r["dfbeta_residuals"])
        close(scaled_schoenfeld_residuals(fit), r["scaledsch_residuals"])


@pytest.mark.parametrize("case", WITH_ROWS)
@pytest.mark.parametrize("ties", TIES)
def test_the_baseline_hazard_agrees_with_r(case, ties, model_of, r_values):
    """Each stratum's cumulative hazard at covariates 0 is basehaz(centered = FALSE)'s."""
    arguments = model_of(case)
    fit = cox(**arguments, ties=ties)
    r = r_values("cox")[f"{case}_{ties}"]["baseline"]
    time, hazard = np.array(r["time"]), np.array(r["cumulative_hazard"])
    stratum = np.array(r["stratum"] or ["all"] * len(time))
    curves = baseline_hazard(fit)
    assert len(curves) == len(set(stratum))
    for curve, label in zip(curves, sorted(set(stratum)), strict=True):
        in_r = dict(zip(np.round(time[stratum == label], 6), hazard[stratum == label], strict=True))
        close(curve.cumulative_hazard, [in_r[t] for t in np.round(curve.time, 6)])
        if curve.stratum is not None:
            assert label.endswith(f"={curve.stratum:g}")


@pytest.mark.parametrize("case", ["lung", "ovarian", "lung_cluster_inst"])
@pytest.mark.parametrize("ties", TIES)
def test_predicted_and_adjusted_curves_agree_with_r(case, ties, model_of, r_values):
    """One person's curve with its limits is survfit.coxph's; the mean over all is R's mean."""
    arguments = model_of(case)
    fit, r = cox(**arguments, ties=ties), r_values("cox")[f"{case}_{ties}"]
    people = arguments["covariates"][[0, 19] if case == "ovarian" else [0, 1]]
    time = np.round(r["predicted"]["time"], 6).tolist()
    for k, person in enumerate(people):
        for conf_type in ("log", "log-log", "plain"):
            curve = predicted_survival(fit, person, conf_type=conf_type)
            at = [time.index(t) for t in np.round(curve.time, 6)]
            close(curve.survival, np.array(r["predicted"]["survival"])[at, k])
            close(curve.se_log, np.array(r["predicted"]["se_cumulative_hazard"])[at, k])
            close(curve.ci_low, np.array(r["predicted"][conf_type]["ci_low"])[at, k])
            close(curve.ci_high, np.array(r["predicted"][conf_type]["ci_high"])[at, k])
    adjusted = adjusted_survival(fit, arguments["covariates"])
    close(adjusted.survival, np.array(r["adjusted"]["survival"])[at])


def slow_log_likelihood(arguments, ties, beta):
    """The partial likelihood as it is written in the papers, one event after the other."""
    time, event, x = arguments["time"], arguments["event"], arguments["covariates"]
    enter = arguments["time_enter"] if arguments["time_enter"] is not None else time * 0 - 1
    stratum = arguments["stratum"] if arguments["stratum"] is not None else time * 0
    risk = np.exp(x @ beta)
    total = 0.0
    for s in set(stratum):
        for t in set(time[(stratum == s) & (event == 1)]):
            at_risk = (stratum == s) & (enter < t) & (time >= t)
            dying = at_risk & (time == t) & (event == 1)
            d = int(dying.sum())
            total += float((x[dying] @ beta).sum())
            for order in range(d):
                share = order / d if ties == "efron" else 0.0
                total -= math.log(risk[at_risk].sum() - share * risk[dying].sum())
    return total


@pytest.mark.parametrize("case", ["gehan", "heart", "heart_by_surgery_cluster_id", "lung_by_sex"])
@pytest.mark.parametrize("ties", TIES)
def test_the_maximum_is_that_of_the_written_likelihood(case, ties, model_of):
    """The double loop gives the same value, is flat there, and bends as the covariance says."""
    arguments = model_of(case)
    found = cox(**arguments, ties=ties)

    def at(offset):
        return slow_log_likelihood(arguments, ties, found.coef + offset)

    assert at(0) == pytest.approx(found.log_likelihood, rel=1e-12)
    information = np.linalg.inv(found.covariance)
    for k, se in enumerate(found.se):
        step = np.zeros(len(found.se))
        step[k] = 1e-2 * se
        assert (at(step) - at(-step)) / 2e-2 == pytest.approx(0, abs=1e-4)
        bend = -(at(step) - 2 * at(0) + at(-step)) / step[k] ** 2
        assert bend == pytest.approx(information[k, k], rel=1e-4)


def test_the_variance_of_an_adjusted_curve_is_the_double_sum_it_stands_for(model_of):
    """Var of the mean S is the mean over all pairs of S·S·cov(H, H), pair after pair."""
    arguments = model_of("ovarian")
    fit = cox(**arguments)
    x = arguments["covariates"][:6]
    curve = adjusted_survival(fit, x)
    rows = [predicted_survival(fit, row) for row in x]
    time, _ = event_times(fit)
    assert (np.diff(time) > 0).all()  # no ties here, so the increments are read off the risk sets
    risk = np.exp(arguments["covariates"] @ fit.coef)
    increments, means = [], []
    for t in time:
        at_risk = arguments["time"] >= t
        increments.append(1 / risk[at_risk].sum())
        means.append(risk[at_risk] @ arguments["covariates"][at_risk] / risk[at_risk].sum())
    h, m = np.array(increments), np.array(means)
    own = np.exp(x @ fit.coef)
    for j in range(len(time)):
        total = 0.0
        q = [own[i] * (h[: j + 1, None] * (m[: j + 1] - x[i])).sum(axis=0) for i in range(6)]
        for i in range(6):
            for k in range(6):
                cov = own[i] * own[k] * (h[: j + 1] ** 2).sum() + q[i] @ fit.covariance @ q[k]
                total += rows[i].survival[j] * rows[k].survival[j] * cov / 36
        assert curve.se_log[j] * curve.survival[j] == pytest.approx(math.sqrt(total), rel=1e-9)


def test_hazard_ratios_are_wald_intervals(model_of, r_values):
    """exp(coef ± 1.96 se), from the robust variance where there are clusters."""
    for case, field in (("gehan", "se"), ("lung_cluster_inst", "robust_se")):
        r = r_values("cox")[f"{case}_efron"]
        for ratio, b, se in zip(
            cox(**model_of(case)).hazard_ratios(), r["coef"], r[field], strict=True
        ):
            assert ratio.hazard_ratio == pytest.approx(math.exp(b), rel=1e-6)
            assert ratio.ci_low == pytest.approx(math.exp(b - 1.959963984540054 * se), rel=1e-6)
            assert ratio.ci_high == pytest.approx(math.exp(b + 1.959963984540054 * se), rel=1e-6)
            assert ratio.p_value == pytest.approx(math.erfc(abs(b / se) / math.sqrt(2)), rel=1e-5)


def test_a_small_risk_set_keeps_its_digits_among_many():
    """Five patients are fitted to their digits before 100,000 of far greater risk enter.

    The late ones see one event, of somebody exactly like them, which says nothing.
    """
    n = 100_000
    time, event = np.array([1.0, 2.0, 3.0, 4.0, 5.0]), np.array([1, 1, 1, 1, 0])
    x = np.array([0.9, 0.1, 0.5, -0.4, 0.3])
    alone = cox(time, event, x)
    among = cox(
        np.concatenate([time, np.full(n, 9.0)]),
        np.concatenate([event, [1], np.zeros(n - 1)]),
        np.concatenate([x, np.full(n, 20.0)]),
        time_enter=np.concatenate([np.zeros(5), np.full(n, 6.0)]),
    )
    assert np.exp(20 * alone.coef[0]) > 1e6
    assert_allclose(among.coef, alone.coef, rtol=1e-9)
    assert_allclose(among.se, alone.se, rtol=1e-9)


def test_predictions_far_from_the_data_stay_numbers(model_of):
    """At a hazard ratio beyond all floats survival is 0, at one below it is 1, without NaN."""
    fit = cox(**model_of("ovarian"))
    for far, survival in ((1e5, 0.0), (-1e5, 1.0)):
        curve = predicted_survival(fit, [far, 1, 1])
        assert_allclose(curve.survival, survival)
        assert np.isfinite(curve.ci_low).all()
        assert np.isfinite(curve.ci_high).all()
    shifted = model_of("ovarian")
    shifted["covariates"] = shifted["covariates"] + np.array([1e5, 0, 0])
    again = cox(**shifted)
    assert_allclose(again.coef, fit.coef, rtol=1e-6)
    assert not np.isnan(baseline_hazard(again)[0].cumulative_hazard).any()


def test_who_is_never_at_risk_takes_no_part():
    """Those who leave before the first event change nothing, whatever their covariates."""
    time, event, x = [1.0, 2.0, 3.0, 4.0, 5.0], [1, 1, 1, 1, 0], [0.9, 0.1, 0.5, -0.4, 0.3]
    alone = cox(time, event, x)
    among = cox([*time, 0.5, 0.6], [*event, 0, 0], [*x, 1e6, -1e6])
    assert_allclose(among.coef, alone.coef, rtol=1e-12)
    assert_allclose(among.se, alone.se, rtol=1e-12)


def test_strata_keep_each_others_digits(model_of):
    """A stratum whose hazard is 10¹² times larger changes nothing in the other."""
    arguments = model_of("ovarian")
    x = arguments["covariates"][:, :2] - arguments["covariates"][:, :2].mean(axis=0)
    alone = cox(arguments["time"], arguments["event"], x)
    doubled = cox(
        np.concatenate([arguments["time"], arguments["time"]]),
        np.concatenate([arguments["event"], arguments["event"]]),
        np.concatenate([x, x + np.array([250, 0])]),
        stratum=np.repeat(["near", "far"], len(x)),
    )
    assert np.exp(250 * abs(alone.coef[0])) > 1e12
    assert_allclose(doubled.coef, alone.coef, rtol=1e-8)
    assert_allclose(martingale_residuals(doubled)[: len(x)], martingale_residuals(alone), atol=1e-9)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (([], [], np.zeros((0, 1))), "nobody to follow"),
        (([1, 2], [0, 0], [0, 1]), "nobody had the event"),
        (([1, 2, 3], [1, 1, 1], [4, 4, 4]), "covariate 1 is the same in everybody"),
        (([1, 2, 3, 4], [1, 1, 1, 1], [[1, 2], [3, 6], [2, 4], [5, 10]]), "follows from"),
        (([1, 2, 3, 4], [0, 0, 1, 1], [1, 2, 5, 5]), "does not vary"),
        (([5], [1], [3]), "the same in everybody"),
    ],
)
def test_what_cannot_be_fitted_has_a_reason(arguments, words):
    """No patients, no events, a covariate without variation where it matters: a reason."""
    found = cox(*arguments)
    assert isinstance(found, NoEstimate)
    assert words in found.reason


def test_wrong_calls_are_programming_errors(model_of):
    """Unknown ties, missing covariates, an unknown or forgotten stratum are refused."""
    with pytest.raises(ValueError, match="ties"):
        cox([1, 2], [1, 0], [0, 1], ties="exact")
    with pytest.raises(ValueError, match="complete row"):
        cox([1, 2], [1, 0], [0, np.nan])
    with pytest.raises(ValueError, match="enters at its exit"):
        cox([1, 2], [1, 0], [0, 1], time_enter=[1, 0])
    fit = cox(**model_of("lung_by_sex"))
    with pytest.raises(ValueError, match="none of the model's"):
        predicted_survival(fit, [60, 1])
    with pytest.raises(ValueError, match="2 columns"):
        adjusted_survival(fit, np.zeros((3, 3)), stratum=1.0)
    with pytest.raises(ValueError, match="no strata"):
        predicted_survival(cox(**model_of("gehan")), [1], stratum="a")


def test_clusters_that_balance_each_other_leave_no_robust_variance():
    """Where each cluster holds one patient of each group with the same times, its parts cancel."""
    time, event = np.repeat([1.0, 2, 3, 4, 5, 6], 2), np.repeat([1, 1, 0, 1, 1, 0], 2)
    group, pair = np.tile([0, 1], 6), np.repeat(np.arange(6), 2)
    found = cox(time, event, group, ties="breslow", cluster=pair)
    assert isinstance(found, NoEstimate)
    assert "balance each other" in found.reason
    assert cox(time, event, group, ties="breslow").hazard_ratios()[0].hazard_ratio == 1
