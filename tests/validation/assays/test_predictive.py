"""Predictive values of two assays in the same patients."""

from __future__ import annotations

import pytest

from incohort.stats.assays.predictive import compare_predictive_values
from incohort.stats.outcome import NoEstimate

# The worked example of the R package DTComPair (Paired1): positives by both, one, the other, none
DISEASED, HEALTHY = [[319, 78], [22, 32]], [[31, 53], [22, 155]]


def test_the_worked_example_of_dtcompair():
    """Weighted score tests, relative predictive values and limits are those that DTComPair prints.

    It prints the second assay over the first.
    """
    found = compare_predictive_values(DISEASED, HEALTHY)
    assert found.ppv.first.estimate == pytest.approx(0.82536383, abs=5e-9)
    assert found.ppv.second.estimate == pytest.approx(0.86548223, abs=5e-9)
    assert found.ppv.test.statistic == pytest.approx(5.46588745, abs=5e-9)
    assert found.ppv.test.p_value == pytest.approx(0.01939120, abs=5e-9)
    assert found.npv.test.statistic == pytest.approx(16.53540, abs=5e-6)
    assert found.npv.test.p_value == pytest.approx(4.775012e-05, rel=1e-6)
    assert 1 / found.ppv.ratio.estimate == pytest.approx(1.04860694, abs=5e-9)
    assert 1 / found.ppv.ratio.ci_high == pytest.approx(1.00847050, abs=5e-9)
    assert 1 / found.ppv.ratio.ci_low == pytest.approx(1.09034078, abs=5e-9)
    assert 1 / found.npv.ratio.ci_high == pytest.approx(0.7926258, abs=5e-8)
    assert 1 / found.npv.ratio.ci_low == pytest.approx(0.9193516, abs=5e-8)


def test_agrees_with_r_patient_by_patient(recorded):
    """Both score tests and the ratios equal R's sums over patients in long form."""
    for case in recorded("assays/predictive")["cases"]:
        for method in ("score", "weighted_score"):
            found = compare_predictive_values(case["diseased"], case["healthy"], method=method)
            for name in ("ppv", "npv"):
                contrast, expected = getattr(found, name), case[name]
                assert contrast.test.statistic == pytest.approx(expected[method], rel=1e-9)
                assert contrast.test.p_value == pytest.approx(expected[f"{method}_p"], rel=1e-9)
                ratio = contrast.ratio
                assert (ratio.estimate, ratio.ci_low, ratio.ci_high) == pytest.approx(
                    tuple(expected["ratio"]), rel=1e-9
                )


def test_what_cant_be_compared_has_a_reason():
    """An assay that is never positive has no PPV; two that are the same assay leave no test."""
    silent = compare_predictive_values([[0, 8], [0, 4]], [[0, 1], [0, 9]]).ppv
    assert silent.first.estimate == pytest.approx(8 / 9)
    for value in (silent.second, silent.ratio, silent.test):
        assert "positive in nobody" in value.reason
    same = compare_predictive_values([[8, 0], [0, 4]], [[2, 0], [0, 9]]).ppv
    assert isinstance(same.test, NoEstimate)
    assert isinstance(same.ratio, NoEstimate)
    never_right = compare_predictive_values([[0, 0], [3, 4]], [[1, 2], [1, 9]]).ppv
    assert "is 0" in never_right.ratio.reason
