"""Three assays and more, against Cochran's and Fleiss' papers and R."""

from __future__ import annotations

import math

import numpy as np
import pytest

from incohort.stats.assays.agreement import cohen_kappa
from incohort.stats.assays.paired import mcnemar
from incohort.stats.assays.several import cochran_q, compare_pairs, fleiss_kappa
from incohort.stats.outcome import NoEstimate

MEDIA = np.repeat(  # Cochran 1950: 69 specimens on four media for diphtheria bacilli
    [[1, 1, 1, 1], [1, 1, 0, 1], [0, 1, 1, 1], [0, 1, 0, 1], [0, 0, 0, 0]],
    [4, 2, 3, 1, 59],
    axis=0,
).astype(bool)
THYROID = np.repeat([[1, 1, 0], [1, 0, 0], [0, 0, 0]], [4, 12, 27], axis=0).astype(bool)


def test_cochrans_example():
    """Cochran's four media have Q = 8.05 on 3 degrees of freedom."""
    found = cochran_q(MEDIA)
    assert found.statistic == pytest.approx(8.05, abs=5e-3)
    assert found.df == 3
    assert 0.04 < found.p_value < 0.05


def test_fleiss_example():
    """Fourteen raters and ten subjects in five categories: the textbook kappa of 0.210."""
    counts = [
        [0, 0, 0, 0, 14],
        [0, 2, 6, 4, 2],
        [0, 0, 3, 5, 6],
        [0, 3, 9, 2, 0],
        [2, 2, 8, 1, 1],
        [7, 7, 0, 0, 0],
        [3, 2, 6, 3, 0],
        [2, 5, 3, 2, 2],
        [6, 5, 2, 1, 0],
        [0, 2, 2, 3, 7],
    ]
    assert fleiss_kappa(counts).estimate == pytest.approx(0.210, abs=5e-4)


def test_cochran_agrees_with_r(recorded):
    """Q and its P equal coin's mh_test, which mantelhaen.test confirms."""
    for case in recorded("assays/several")["asymptotic"]:
        found = cochran_q(np.array(case["positive"], dtype=bool))
        assert found.statistic == pytest.approx(case["statistic"], rel=1e-9)
        assert (found.df, found.p_value) == (case["df"], pytest.approx(case["p_value"], rel=1e-9))


def test_exact_cochran_agrees_with_a_list_of_all_placements(recorded):
    """The exact P equals the share of all placements that R lists one by one."""
    for case in recorded("assays/several")["exact"]:
        found = cochran_q(np.array(case["positive"], dtype=bool), method="exact")
        assert found.p_value == pytest.approx(case["p_value"], rel=1e-9)


def test_fleiss_agrees_with_r(recorded):
    """Kappa and its limits equal R's with a variance by complex-step derivatives."""
    for case in recorded("assays/several")["kappas"]:
        found = fleiss_kappa(case["counts"])
        assert found.estimate == pytest.approx(case["kappa"], rel=1e-9)
        assert (found.ci_low, found.ci_high) == pytest.approx(tuple(case["limits"]), rel=1e-9)


def test_pairs_agree_with_r(recorded):
    """Each pair's exact P and Holm's correction equal binom.test's and p.adjust's."""
    for case in recorded("assays/several")["pairs"]:
        pairs = compare_pairs(np.array(case["positive"], dtype=bool))
        for pair, p_value, p_holm in zip(pairs, case["p_value"], case["p_holm"], strict=True):
            assert pair.test.p_value == pytest.approx(p_value, rel=1e-9)
            assert pair.p_holm == pytest.approx(p_holm, rel=1e-9)


def test_two_assays_make_q_mcnemars():
    """With two assays Q is McNemar's chi-square, and its exact P is the binomial one."""
    two = THYROID[:, :2]
    table = [[4, 12], [0, 27]]
    assert cochran_q(two).statistic == pytest.approx(
        mcnemar(table, method="asymptotic").statistic, rel=1e-12
    )
    assert cochran_q(two, method="exact").p_value == pytest.approx(
        mcnemar(table).p_value, rel=1e-12
    )


def test_the_thyroid_assays_pair_by_pair():
    """GIFT and GAT are the published 4/12/0/27; LIFT finds nobody and has no κ."""
    gift_gat, gift_lift, gat_lift = compare_pairs(THYROID)
    assert gift_gat.table == ((4, 12), (0, 27))
    assert gift_gat.kappa == cohen_kappa([[4, 12], [0, 27]])
    assert gift_gat.p_holm == pytest.approx(2 * 2 / 2**12)
    assert gift_lift.table == ((0, 16), (0, 27))
    assert gift_lift.p_holm == pytest.approx(3 * 2 / 2**16)
    assert "0 by its formula" in gift_lift.kappa.reason
    assert gat_lift.p_holm == pytest.approx(2 / 2**4)


def test_pairs_use_who_had_both():
    """A patient without a result of one assay leaves its pairs and stays in the others."""
    positive = np.array([[True, False, True], [True, True, False]])
    tested = np.array([[True, False, True], [True, True, True]])
    assert [pair.n for pair in compare_pairs(positive, tested)] == [1, 2, 1]


def test_degenerate_matrices_have_reasons():
    """One assay, nobody, results that never differ, and too many patients: each has its reason."""
    silent = np.zeros((5, 3), dtype=bool)
    reasons = [
        (cochran_q(silent), "same result"),
        (cochran_q(~silent), "same result"),
        (cochran_q(silent[:, :1]), "one assay"),
        (cochran_q(silent[:0]), "no patient"),
        (compare_pairs(silent[:, :1]), "one assay"),
        (fleiss_kappa([[0, 3]] * 5), "same one result"),
        (fleiss_kappa([[1, 0]] * 5), "one assay"),
        (fleiss_kappa([[1, 2]]), "one patient"),
        (cochran_q(np.tile(np.eye(6, dtype=bool), (200, 1)), method="exact"), "too many"),
    ]
    for found, words in reasons:
        assert isinstance(found, NoEstimate)
        assert words in found.reason
    (pair,) = compare_pairs(silent[:, :2])
    assert pair.p_holm is None
    assert fleiss_kappa([[3, 0], [0, 3], [0, 3]]).estimate == 1.0


def test_the_same_disagreement_in_every_patient_has_no_interval():
    """GIFT +, GAT −, LIFT − in all 20: kappa −½ by hand, and nothing shows how it varies.

    Fleiss: pairs that agree 1/3, by chance (1/3)² + (2/3)² = 5/9; (1/3 − 5/9) / (4/9) = −½.
    """
    found = fleiss_kappa([[1, 2]] * 20)
    assert found.estimate == pytest.approx(-0.5)
    assert (found.ci_low, found.ci_high) == (-math.inf, math.inf)
    assert "no interval" in found.no_interval
    assert not fleiss_kappa([[1, 2]] * 19 + [[3, 0]]).no_interval


def test_what_is_no_matrix_is_refused():
    """Numbers for booleans, ragged shapes and incomplete rows are programming errors."""
    with pytest.raises(ValueError, match="boolean matrix"):
        cochran_q([[1, 0], [0, 1]])
    with pytest.raises(ValueError, match="one shape"):
        compare_pairs(THYROID, THYROID[:, :2])
    with pytest.raises(ValueError, match="each assay"):
        fleiss_kappa([[1, 2], [2, 2]])
    with pytest.raises(ValueError, match="whole numbers"):
        fleiss_kappa([[0.5, 2.5]])
