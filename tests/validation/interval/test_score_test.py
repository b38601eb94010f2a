"""Score tests of interval-censored times against interval::ictest and the log-rank test."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

from incohort.stats import NoEstimate
from incohort.stats.interval import interval_score_test
from incohort.stats.survival import logrank

INF = float("inf")


def test_scores_agree_with_ictest(recorded, data_set):
    """The cosmesis study: Z², P and scores are ictest's, to the digits its EM reaches."""
    columns = data_set("cosmesis")
    for case in recorded("interval/elsewhere")["ictest"]:
        found = interval_score_test(
            columns["left"], columns["right"], columns["chemo"], scores=case["scores"]
        )
        assert found.statistic == pytest.approx(case["z"] ** 2, rel=1e-6)
        assert found.p_value == pytest.approx(case["p_value"], rel=1e-6)
        assert_allclose(found.score, [case["score_of_radio"], -case["score_of_radio"]], rtol=1e-6)
        assert found.df == 1


def test_the_published_result(data_set):
    """Finkelstein (1986) reports that chemotherapy hastens retraction, P 0.007."""
    columns = data_set("cosmesis")
    found = interval_score_test(
        columns["left"], columns["right"], columns["chemo"], scores="finkelstein"
    )
    assert round(found.p_value, 3) == 0.007
    assert found.score[1] > 0


def test_suns_scores_are_the_log_ranks(data_set):
    """For exact and right-censored times their sums are events seen less expected."""
    columns = data_set("gehan")
    found = interval_score_test(columns["left"], columns["right"], columns["mp"])
    other = logrank(columns["left"], np.isfinite(columns["right"]), columns["mp"])
    assert_allclose(found.score, other.observed - other.expected, atol=1e-9)


def test_the_variance_is_that_of_all_permutations():
    """Over all 20 ways to choose 3 of 6, Z² has the mean 1 that its variance promises."""
    left, right = np.array([0, 1, 2, 2, 4, 5.0]), np.array([2, 3, 3, 5, INF, 6])
    values = []
    for chosen in itertools.combinations(range(6), 3):
        group = np.isin(np.arange(6), chosen)
        values.append(interval_score_test(left, right, group).statistic)
    assert np.mean(values) == pytest.approx(1, rel=1e-12)


def test_no_comparison_is_no_estimate():
    """One group, nobody with the event, and intervals that all overlap have their reasons."""
    for left, right, group in (
        ([1, 2], [2, 3], [1, 1]),
        ([1, 2], [INF, INF], [1, 2]),
        ([0, 1], [5, 6], [1, 2]),
    ):
        assert isinstance(interval_score_test(left, right, group), NoEstimate)
    with pytest.raises(ValueError, match="scores"):
        interval_score_test([1], [2], [1], scores="logrank")
