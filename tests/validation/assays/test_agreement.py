"""Agreement beyond chance, against published kappas, vcd, epiR and statsmodels."""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.stats.inter_rater import cohens_kappa

from incohort.stats.assays.agreement import (
    KAPPA_OF_A_CONSTANT,
    cohen_kappa,
    gwet_ac1,
    kappa_paradox,
    pabak,
)
from incohort.stats.outcome import NoEstimate

ABSTRACTORS = [[13, 0, 0], [0, 20, 7], [0, 4, 56]]  # Gwet's worked table in irrCAC


@pytest.mark.parametrize(
    ("table", "kappa", "within"),
    [
        ([[71, 6], [37, 219]], 0.682, 5e-4),  # Vox Sang 2015: as printed
        ([[70, 6], [7, 31]], 0.742, 5e-4),  # the same: MAIGA against beads, as printed
        ([[3, 8], [0, 7]], 0.226, 5e-4),  # Jinca 2021
        ([[4, 12], [0, 27]], 0.295, 5e-4),  # thyroid study
    ],
)
def test_published_kappas(table, kappa, within):
    """Kappa is what the assay comparisons printed or imply."""
    assert cohen_kappa(table).estimate == pytest.approx(kappa, abs=within)


def test_gwets_table():
    """AC1 of Gwet's abstractors is 0.8493305, SE 0.04321747, interval 0.764 to 0.935 (irrCAC)."""
    found = gwet_ac1(ABSTRACTORS)
    assert found.estimate == pytest.approx(0.8493305, abs=5e-8)
    assert (found.ci_low, found.ci_high) == pytest.approx((0.764, 0.935), abs=5e-4)
    t_99 = 1.9842169515864078
    assert (found.ci_high - found.estimate) / t_99 == pytest.approx(0.04321747, abs=5e-9)


def test_kappas_agree_with_r(recorded):
    """Plain and weighted kappa agree with vcd, AC1 with Gwet's expanded variance."""
    for case in recorded("assays/agreement")["cases"]:
        table, level = case["table"], case["conf_level"]
        found = {
            weights: cohen_kappa(table, conf_level=level, weights=weights)
            for weights in ("none", "linear", "quadratic")
        }
        found["ac1"] = gwet_ac1(table, conf_level=level)
        for name, interval in found.items():
            numbers = (interval.estimate, interval.ci_low, interval.ci_high)
            assert numbers == pytest.approx(tuple(case[name]), rel=1e-9, abs=1e-12), (case, name)


def test_adjusted_kappas_agree_with_r(recorded):
    """PABAK and the indices of prevalence and bias equal epiR's; PABAK's limits are Wilson's."""
    for case in recorded("assays/agreement")["adjusted"]:
        adjusted, indices = pabak(case["table"]), kappa_paradox(case["table"])
        assert adjusted.estimate == pytest.approx(case["pabak"], abs=1e-12)
        limits = (adjusted.ci_low, adjusted.ci_high)
        assert limits == pytest.approx(tuple(case["pabak_limits"]), rel=1e-9)
        assert indices.prevalence_index == pytest.approx(case["prevalence_index"], abs=1e-12)
        assert indices.bias_index == pytest.approx(case["bias_index"], abs=1e-12)


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_kappa_is_statsmodels_too(weights):
    """A second implementation gives the same kappa and the same limits."""
    table = np.array([[12, 3, 1, 0], [4, 9, 5, 1], [0, 2, 11, 4], [0, 0, 3, 8]])
    other = cohens_kappa(table, wt=None if weights == "none" else weights)
    found = cohen_kappa(table, weights=weights)
    assert found.estimate == pytest.approx(other.kappa, rel=1e-9)
    assert (found.ci_low, found.ci_high) == pytest.approx(
        (other.kappa_low, other.kappa_upp), rel=1e-9
    )


def test_kappa_falls_where_positives_are_rare_and_ac1_does_not():
    """With 96 % agreement on mostly negatives, kappa is below ½ and AC1 above 0.9: the paradox."""
    rare = [[4, 4], [4, 188]]
    assert cohen_kappa(rare).estimate < 0.5
    assert gwet_ac1(rare).estimate > 0.9
    assert kappa_paradox(rare).prevalence_index == pytest.approx(-0.92)


def test_perfect_agreement_is_one_but_not_certain():
    """All 14 agree: kappa and AC1 are 1, and the lower limit is Wilson's, rescaled."""
    table = [[5, 0], [0, 9]]
    wilson = 14 / (14 + 1.959963984540054**2)
    chance = (5 / 14) ** 2 + (9 / 14) ** 2
    found = cohen_kappa(table)
    assert (found.estimate, found.ci_high) == (1.0, 1.0)
    assert found.ci_low == pytest.approx((wilson - chance) / (1 - chance))
    assert gwet_ac1(table).estimate == 1.0
    assert gwet_ac1(table).ci_low < 1.0


def test_assays_that_never_agree_have_no_interval_of_width_zero():
    """5 and 5 against each other: kappa −1; its upper limit is Wilson's for 0 of 10, put on scale.

    By hand: 0 of 10 has the upper limit z² / (10 + z²) = 0.2775; chance is ½, so −1 + 2 × 0.2775.
    """
    for estimator in (cohen_kappa, gwet_ac1):
        found = estimator([[0, 5], [5, 0]])
        assert (found.estimate, found.ci_low) == (-1.0, -1.0)
        assert round(found.ci_high, 3) == -0.445
        assert "as none agree" in found.method
    one_way = gwet_ac1([[0, 9], [0, 0]])
    assert one_way.ci_low < one_way.ci_high


def test_all_negative_leaves_kappa_without_meaning():
    """Where both assays were always negative, kappa is 0/0 and says so; AC1 and PABAK are 1."""
    silent = [[0, 0], [0, 9]]
    found = cohen_kappa(silent)
    assert isinstance(found, NoEstimate)
    assert "same one result" in found.reason
    assert gwet_ac1(silent).estimate == pabak(silent).estimate == 1.0


@pytest.mark.parametrize("weights", ["none", "linear", "quadratic"])
def test_an_assay_that_never_varied_has_no_kappa(weights):
    """A row or column that holds everybody makes kappa 0 without any spread: a reason, no number.

    By hand, the second assay always "low": agreement and agreement by chance are both 5 of 12.
    """
    for table in ([[5, 0], [7, 0]], [[5, 7], [0, 0]], [[5, 0, 0], [4, 0, 0], [3, 0, 0]]):
        found = cohen_kappa(table, weights=weights)
        assert isinstance(found, NoEstimate)
        assert found.reason == KAPPA_OF_A_CONSTANT
    opposite = cohen_kappa([[0, 9], [0, 0]], weights=weights)
    assert isinstance(opposite, NoEstimate)
    assert "each assay gave one result" in opposite.reason
    assert cohen_kappa([[5, 1], [7, 0]], weights=weights).ci_low < 0  # one patient is enough


def test_nobody_and_what_is_no_table():
    """Empty tables have a reason; tables that are not square counts are refused."""
    empty = [[0, 0], [0, 0]]
    for estimator in (cohen_kappa, gwet_ac1, pabak, kappa_paradox):
        assert isinstance(estimator(empty), NoEstimate)
    for wrong in ([[1, 2, 3], [4, 5, 6]], [[1, -1], [0, 1]], [[0.5, 1], [1, 1]], [[3]]):
        with pytest.raises(ValueError, match="square table"):
            cohen_kappa(wrong)
