"""Weighted Cox models and curves against R's survival."""

from __future__ import annotations

import numpy as np
import pytest

from incohort.stats import NoEstimate
from incohort.stats.causal import weighted_cox, weighted_kaplan_meier
from incohort.stats.survival import cox, kaplan_meier

ITERATIVE = 1e-6


def test_weighted_models_agree_with_coxph(recorded):
    """Ties, late entry, strata and clusters: coefficients and both errors are coxph's."""
    for case in recorded("causal/causal")["cox"]:
        found = weighted_cox(
            case["time"],
            case["event"],
            np.column_stack([case["a"], case["b"]]),
            case["weight"],
            time_enter=case["time_enter"],
            stratum=case["stratum"],
            cluster=case["cluster"],
        )
        for field in ("coef", "robust_se", "naive_se", "log_likelihood"):
            assert getattr(found, field) == pytest.approx(case[field], rel=ITERATIVE), case["set"]
        assert found.robust_covariance == pytest.approx(
            np.array(case["robust_covariance"]), rel=ITERATIVE, abs=1e-9
        )


def test_weighted_curves_agree_with_survfit(recorded):
    """The weighted curve, its robust error and log-log limits are survfit's."""
    for case in recorded("causal/causal")["curves"]:
        found = weighted_kaplan_meier(
            case["time"],
            case["event"],
            case["weight"],
            time_enter=case["time_enter"],
            cluster=case["cluster"],
        )
        kept = found.survival > 0
        assert found.time[kept] == pytest.approx(case["at"], rel=1e-9)
        for field in ("survival", "se_log", "ci_low", "ci_high"):
            assert getattr(found, field)[kept] == pytest.approx(case[field], rel=1e-9), case["set"]


def test_whole_weights_are_copies(recorded):
    """A weight of 3 gives the coefficients of three copies, with events at different times."""
    case = recorded("causal/causal")["cox"][0]
    x = np.column_stack([case["a"], case["b"]])
    copies = np.arange(len(x)) % 3 + 1
    weighted = weighted_cox(case["time"], case["event"], x, copies)
    repeated = np.repeat(np.arange(len(x)), copies)
    copied = cox(
        np.array(case["time"])[repeated],
        np.array(case["event"])[repeated],
        x[repeated],
        ties="breslow",
        cluster=repeated,
    )
    assert weighted.coef == pytest.approx(copied.coef, rel=ITERATIVE)
    assert weighted.robust_se == pytest.approx(copied.robust_se, rel=ITERATIVE)


def test_weights_of_one_and_of_nothing(recorded):
    """Equal weights change neither model nor curve; rows of weight 0 are as good as absent."""
    case = recorded("causal/causal")["cox"][4]
    time, event = np.array(case["time"]), np.array(case["event"])
    x = np.column_stack([case["a"], case["b"]])
    plain = cox(time, event, x, cluster=case["cluster"])
    same = weighted_cox(time, event, x, np.full(len(time), 7.0), cluster=case["cluster"])
    assert same.coef == pytest.approx(plain.coef, rel=ITERATIVE)
    assert same.robust_se == pytest.approx(plain.robust_se, rel=ITERATIVE)
    curve = weighted_kaplan_meier(time, event, np.full(len(time), 7.0))
    expected = kaplan_meier(time, event)
    assert curve.survival[curve.survival > 0] == pytest.approx(
        expected.survival[(expected.n_events > 0) & (expected.survival > 0)], rel=1e-9
    )
    half = np.arange(len(time)) % 2
    kept = half > 0
    without = weighted_cox(time[kept], event[kept], x[kept], half[kept])
    assert weighted_cox(time, event, x, half).coef == pytest.approx(without.coef, rel=1e-12)


def test_a_curve_that_reaches_nothing():
    """Where all at risk have the event, survival is 0 from there on, without limits or NaN."""
    found = weighted_kaplan_meier([1, 2, 3], [1, 1, 1], [1.0, 2.0, 1.0])
    assert found.survival == pytest.approx([0.75, 0.25, 0])
    assert found.n_at_risk.tolist() == [3, 2, 1]
    assert found.has_limits.tolist() == [True, True, False]
    assert np.isfinite(found.ci_low).all()


def test_what_weighted_models_cannot_tell():
    """No event, an order of all events, too few clusters: a reason. Broken weights: refused."""
    assert isinstance(weighted_kaplan_meier([1, 2], [0, 0], [1, 1]), NoEstimate)
    assert isinstance(weighted_cox([1, 2], [0, 0], [0, 1], [1, 1]), NoEstimate)
    ordered = weighted_cox([1, 2, 3, 4], [1, 1, 1, 1], [1, 1, 0, 0], [1, 2, 1, 2])
    assert "monotone" in ordered.reason
    few = weighted_cox([1, 2, 3, 4], [1, 1, 1, 1], [1, 0, 1, 0], [1, 1, 1, 1], cluster=[1] * 4)
    assert "clusters" in few.reason
    for weight in ([1, -1], [1, np.nan], [1]):
        with pytest.raises(ValueError, match="weight"):
            weighted_cox([1, 2], [1, 0], [0, 1], weight)
        with pytest.raises(ValueError, match="weight"):
            weighted_kaplan_meier([1, 2], [1, 0], weight)


def test_clusters_without_spread_have_no_variance():
    """Two clusters that mirror each other leave no spread: a reason, not an error of 0."""
    time, x = [1, 2, 3, 1, 2, 3], [0, 1, 0, 0, 1, 0]
    found = weighted_cox(time, [1] * 6, x, [1] * 6, cluster=["a"] * 3 + ["b"] * 3)
    assert "no spread" in found.reason
