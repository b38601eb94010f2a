"""What each assay adds, and what each further positive costs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from incohort.stats.assays.yields import assay_matrix, incremental_costs, yields_in_order
from incohort.stats.outcome import NoEstimate

# thyroid study: GIFT, GAT and LIFT in 43 patients
THYROID = np.repeat([[1, 1, 0], [1, 0, 0], [0, 0, 0]], [4, 12, 27], axis=0).astype(bool)


def limits(interval) -> tuple[float, float]:
    return interval.ci_low, interval.ci_high


def test_the_thyroid_assays():
    """GIFT finds 16 of 43 (37.2 %, 24.4 to 52.1); GAT's 4 (9.3 %) add nobody, LIFT finds nobody."""
    gift, gat, lift = yields_in_order(THYROID)
    assert gift.alone.estimate == pytest.approx(0.372, abs=5e-4)
    assert limits(gift.alone) == pytest.approx((0.244, 0.521), abs=5e-4)
    assert (gat.n_positive, gat.n_gained, gat.n_only) == (4, 0, 0)
    assert limits(gat.alone) == pytest.approx((0.037, 0.216), abs=5e-4)
    assert lift.alone.estimate == 0.0
    assert lift.alone.ci_high == pytest.approx(0.082, abs=5e-4)
    assert (gift.n_only, lift.cumulative) == (12, gift.cumulative)


def test_yields_agree_with_r(recorded):
    """Counts and limits equal R's unions of patients, in another order than the columns'."""
    for case in recorded("assays/yields")["steps"]:
        positive = np.array(case["positive"], dtype=bool)
        for step, expected in zip(
            yields_in_order(positive, order=case["order"]), case["steps"], strict=True
        ):
            for count in ("assay", "n_positive", "n_gained", "n_only"):
                assert getattr(step, count) == expected[count]
            for share in ("alone", "gain", "cumulative"):
                assert limits(getattr(step, share)) == pytest.approx(
                    tuple(expected[share]), rel=1e-9, abs=1e-12
                )


def test_costs_agree_with_r(recorded):
    """Costs per extra positive among the still negative equal price over R's Wilson limits."""
    for case in recorded("assays/yields")["steps"]:
        positive = np.array(case["positive"], dtype=bool)
        prices = [10.0 * (j + 1) for j in range(positive.shape[1])]
        found = incremental_costs(positive, prices, order=case["order"])
        for step, expected in zip(found, case["costs"], strict=True):
            assert (step.n_tested, step.cost) == (expected["n_tested"], expected["cost"])
            assert limits(step.per_extra_positive) == pytest.approx(
                tuple(expected["limits"]), rel=1e-9
            )


def test_an_assay_that_adds_nobody_costs_without_bound():
    """After GIFT, GAT adds nobody: its cost per extra positive is infinite, from a finite bound."""
    gift, gat, _ = incremental_costs(THYROID, [50, 30, 40], strategy="everybody")
    assert gift.per_extra_positive.estimate == pytest.approx(50 * 43 / 16)
    assert (gat.n_tested, gat.cost) == (43, 30 * 43)
    assert math.isinf(gat.per_extra_positive.estimate)
    assert math.isinf(gat.per_extra_positive.ci_high)
    wilson_high = 1.959963984540054**2 / (43 + 1.959963984540054**2)
    assert gat.per_extra_positive.ci_low == pytest.approx(30 / wilson_high)


def test_nobody_is_left_to_test():
    """Where the first assay finds everybody, the still-negative strategy ends there."""
    everybody = np.ones((5, 2), dtype=bool)
    assert len(incremental_costs(everybody, [1, 1])) == 1
    assert len(incremental_costs(everybody, [1, 1], strategy="everybody")) == 2


def test_only_patients_with_all_assays_are_compared():
    """A patient without one of the results leaves the comparison."""
    positive = np.array([[True, False], [False, True], [True, True]])
    tested = np.array([[True, True], [False, True], [True, True]])
    first, second = yields_in_order(positive, tested)
    assert (first.n, first.n_positive, second.n_gained) == (2, 2, 0)
    assert isinstance(yields_in_order(positive, ~tested), NoEstimate)
    assert isinstance(incremental_costs(positive, [1, 1], ~tested), NoEstimate)


def test_the_matrix_of_a_list_of_tests():
    """Ever positive is positive, and an assay never done is not tested."""
    patient, assay = [0, 0, 2, 2, 2], [0, 1, 1, 1, 0]
    positive, tested = assay_matrix(patient, assay, [True, False, False, True, False], 3, 2)
    assert positive.tolist() == [[True, False], [False, False], [False, True]]
    assert tested.tolist() == [[True, True], [False, False], [True, True]]


def test_refusals():
    """Numbers out of range, ragged lists, wrong orders and prices are programming errors."""
    with pytest.raises(ValueError, match="numbered from 0"):
        assay_matrix([3], [0], [True], 3, 2)
    with pytest.raises(ValueError, match="numbered from 0"):
        assay_matrix([0], [-1], [True], 3, 2)
    with pytest.raises(ValueError, match="numbered from 0"):
        assay_matrix([0.5], [0], [True], 3, 2)
    with pytest.raises(ValueError, match="one length"):
        assay_matrix([0, 1], [0], [True], 3, 2)
    with pytest.raises(ValueError, match="order"):
        yields_in_order(THYROID, order=[0, 0, 1])
    with pytest.raises(ValueError, match="costs"):
        incremental_costs(THYROID, [1, 2])
    with pytest.raises(ValueError, match="costs"):
        incremental_costs(THYROID, [1, 2, -3])
    with pytest.raises(ValueError, match="boolean"):
        yields_in_order([[1, 0]])
    with pytest.raises(ValueError, match="1 to 12"):
        yields_in_order(np.zeros((2, 13), dtype=bool))
