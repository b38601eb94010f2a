"""Accuracy where only some patients had the reference."""

from __future__ import annotations

import pytest

from incohort.stats.assays.accuracy import diagnostic_accuracy
from incohort.stats.assays.verification import begg_greenes


def test_the_liver_scans():
    """Begg and Greenes' example: 0.90 and 0.63 as verified become 0.84 and 0.74."""
    verified = [[231, 32], [27, 54]]
    naive = diagnostic_accuracy(verified)
    assert naive.sensitivity.estimate == pytest.approx(0.90, abs=0.005)
    assert naive.specificity.estimate == pytest.approx(0.63, abs=0.005)
    found = begg_greenes(verified, (166, 140))
    assert found.sensitivity.estimate == pytest.approx(0.84, abs=0.005)
    assert found.specificity.estimate == pytest.approx(0.74, abs=0.005)
    assert (found.n_verified, found.n_unverified) == (344, 306)


def test_agrees_with_r(recorded):
    """Estimates and limits equal R's delta method over all six kinds of patient."""
    for case in recorded("assays/verification")["cases"]:
        found = begg_greenes(
            case["verified"], tuple(case["unverified"]), conf_level=case["conf_level"]
        )
        for name in ("sensitivity", "specificity"):
            interval = getattr(found, name)
            assert (interval.estimate, interval.ci_low, interval.ci_high) == pytest.approx(
                tuple(case[name]), rel=1e-9
            )


def test_with_everybody_verified_nothing_changes():
    """Without unverified patients the estimates are the plain ones and the bounds close on them."""
    table = [[12, 3], [5, 30]]
    found, plain = begg_greenes(table, (0, 0)), diagnostic_accuracy(table)
    assert found.sensitivity.estimate == pytest.approx(plain.sensitivity.estimate)
    assert found.specificity.estimate == pytest.approx(plain.specificity.estimate)
    assert found.sensitivity_bounds == pytest.approx((12 / 17, 12 / 17))
    assert found.specificity_bounds == pytest.approx((30 / 33, 30 / 33))


def test_bounds_by_hand():
    """Ten positives and twenty negatives unverified: the worst and best they could turn out."""
    found = begg_greenes([[8, 2], [2, 8]], (10, 20))
    assert found.sensitivity_bounds == pytest.approx((8 / 30, 18 / 20))
    assert found.specificity_bounds == pytest.approx((8 / 20, 28 / 30))


def test_reasons():
    """No verified negative, no diseased patient, or all in one result: a reason each."""
    assert "was verified" in begg_greenes([[8, 2], [0, 0]], (0, 20)).sensitivity.reason
    assert "status" in begg_greenes([[0, 2], [0, 8]], (1, 1)).sensitivity.reason
    assert "one result" in begg_greenes([[8, 2], [0, 8]], (1, 1)).sensitivity.reason
    assert "nobody was tested" in begg_greenes([[0, 0], [0, 0]], (0, 0)).specificity.reason
    with pytest.raises(ValueError, match="negative"):
        begg_greenes([[8, 2], [2, 8]], (-1, 0))
