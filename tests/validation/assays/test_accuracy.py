"""Accuracy against a reference: published tables, epiR, and independent R lines."""

from __future__ import annotations

import math

import pytest

from incohort.stats.assays.accuracy import (
    compare_accuracy,
    diagnostic_accuracy,
    predictive_values_at,
)
from incohort.stats.assays.paired import mcnemar
from incohort.stats.contingency import fisher_exact
from incohort.stats.outcome import NoEstimate

LANE = [[24, 0], [21, 28]]  # Lane 2009: marrow immunofluorescence, 45 with AIN and 28 without
MEASURES = ("sensitivity", "specificity", "ppv", "npv")


def numbers(interval) -> tuple[float, float, float]:
    return interval.estimate, interval.ci_low, interval.ci_high


def test_lane_2009():
    """Marrow immunofluorescence: sensitivity 53 %, specificity 100 %, PPV 100 %, NPV 57 %."""
    found = diagnostic_accuracy(LANE)
    printed = [round(100 * getattr(found, measure).estimate) for measure in MEASURES]
    assert printed == [53, 100, 100, 57]
    assert (found.n_diseased, found.n_healthy) == (45, 28)


def test_a_specificity_of_one_leaves_lr_positive_open_above_only():
    """No healthy patient was positive: LR+ is infinite, and its lower limit is Koopman's."""
    found = diagnostic_accuracy(LANE).lr_positive
    assert math.isinf(found.estimate)
    assert math.isinf(found.ci_high)
    assert 1 < found.ci_low < 24 / 45 / (1 / 28)
    log = diagnostic_accuracy(LANE, ratio_method="log").lr_positive
    assert "needs one" in log.reason


def test_the_infections_of_the_hong_kong_children():
    """6 of 25 against 4 of 56 with invasive infection is P = 0.062, not the 0.041 printed."""
    assert fisher_exact([[6, 19], [4, 52]]).p_value == pytest.approx(0.062, abs=5e-4)


def test_proportions_agree_with_r(recorded):
    """All four proportions have Wilson's limits, also at 0 and 1."""
    for case in recorded("assays/accuracy")["wilson"]:
        found = diagnostic_accuracy(case["table"])
        for measure in MEASURES:
            interval = getattr(found, measure)
            limits = (interval.ci_low, interval.ci_high)
            assert limits == pytest.approx(tuple(case[measure]), rel=1e-9, abs=1e-12), measure


def test_exact_proportions_and_log_ratios_agree_with_epir(recorded):
    """Clopper–Pearson proportions and Simel's likelihood ratios equal epi.tests'."""
    for case in recorded("assays/accuracy")["simel"]:
        found = diagnostic_accuracy(case["table"], method="clopper_pearson", ratio_method="log")
        for measure in (*MEASURES, "lr_positive", "lr_negative"):
            interval = getattr(found, measure)
            assert numbers(interval) == pytest.approx(tuple(case[measure]), rel=1e-9), measure


def test_predictive_values_at_a_prevalence_agree_with_r(recorded):
    """Bayes' theorem and Koopman's limits give R's predictive values at each prevalence."""
    for case in recorded("assays/accuracy")["bayes"]:
        accuracy = diagnostic_accuracy(case["table"])
        for measure in ("lr_positive", "lr_negative"):
            interval = getattr(accuracy, measure)
            limits = (interval.ci_low, interval.ci_high)
            assert limits == pytest.approx(tuple(case[measure]), rel=1e-9), measure
        found = predictive_values_at(case["table"], case["prevalence"])
        assert numbers(found.ppv) == pytest.approx(tuple(case["ppv"]), rel=1e-9)
        assert numbers(found.npv) == pytest.approx(tuple(case["npv"]), rel=1e-9)


def test_the_study_prevalence_gives_the_studys_predictive_values():
    """At the mixture of the table itself, Bayes' theorem returns the table's own PPV and NPV."""
    table = [[12, 3], [5, 30]]
    found = predictive_values_at(table, 17 / 50)
    assert found.ppv.estimate == pytest.approx(12 / 15)
    assert found.npv.estimate == pytest.approx(30 / 35)


def test_specificities_are_compared_among_negatives():
    """The second assay is negative in 53 healthy patients whom the first calls positive."""
    found = compare_accuracy([[319, 78], [22, 32]], [[31, 53], [22, 155]])
    assert found.sensitivity.first.estimate == pytest.approx(0.8802661, abs=5e-8)
    assert found.sensitivity.second.estimate == pytest.approx(0.7560976, abs=5e-8)
    assert found.specificity.first.estimate == pytest.approx(0.6781609, abs=5e-8)
    assert found.specificity.second.estimate == pytest.approx(0.7969349, abs=5e-8)
    assert found.specificity.difference.estimate == pytest.approx((22 - 53) / 261)
    assert found.sensitivity.test == mcnemar([[319, 78], [22, 32]])
    assert found.specificity.test == mcnemar([[155, 22], [53, 31]])


def test_what_has_no_patients_has_a_reason():
    """Without diseased or healthy patients, or positives, the measures that need them say so."""
    no_healthy = diagnostic_accuracy([[5, 0], [2, 0]])
    assert no_healthy.sensitivity.estimate == pytest.approx(5 / 7)
    for value in (no_healthy.specificity, no_healthy.lr_positive, no_healthy.youden):
        assert "free of the disease" in value.reason
    silent = diagnostic_accuracy([[0, 0], [4, 9]])
    assert silent.ppv == NoEstimate("nobody tested positive")
    assert "0/0" in silent.lr_positive.reason
    assert isinstance(predictive_values_at([[0, 0], [4, 9]], 0.1).ppv, NoEstimate)
    nobody = compare_accuracy([[0, 0], [0, 0]], [[1, 2], [3, 4]])
    assert "has the disease" in nobody.sensitivity.difference.reason
    with pytest.raises(ValueError, match="prevalence"):
        predictive_values_at(LANE, 1.0)
