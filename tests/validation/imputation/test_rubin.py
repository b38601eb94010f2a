"""Rubin's rules against mice, and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from incohort.stats import NoEstimate
from incohort.stats.imputation import pool


def test_pooling_agrees_with_mice(recorded, agree):
    """Estimate, variances, Barnard–Rubin df, missing information and limits are pool.scalar's."""
    for case in recorded("imputation/imputation")["pooled"]:
        found = pool(case["estimates"], case["variances"], n=case["n"], k=case["k"])
        agree(case, found, case["expected"])


def test_amos_worked_example():
    """Ten imputations of 1.172, within 0.0233, between 0.0085: SE 0.1807, t 6.49, df 109.

    IBM SPSS Amos 21 user's guide, example 31; only these summaries are printed, so the ten are set
    to have them.
    """
    apart = math.sqrt(0.0085 * 9 / 10)
    found = pool([1.172 - apart, 1.172 + apart] * 5, [0.0233] * 10)
    assert found.between == pytest.approx(0.0085)
    assert round(found.se, 4) == 0.1807
    assert round(found.estimate / found.se, 2) == 6.49
    assert int(found.df) == 109


def test_three_imputations_by_hand():
    """Estimates 1, 2, 3 of variance 1: T = 1 + 4/3, λ = 4/7, df = 2·(7/4)² = 6.125."""
    found = pool([1, 2, 3], [1, 1, 1])
    assert found.estimate == pytest.approx(2)
    assert found.se == pytest.approx(math.sqrt(7 / 3))
    assert found.df == pytest.approx(6.125)


def test_estimates_that_all_agree_lose_nothing():
    """Without any difference between imputations the limits are those of complete data."""
    large = pool([1.5, 1.5, 1.5], [0.04, 0.04, 0.04])
    assert math.isinf(large.df)
    assert large.ci_high == pytest.approx(1.5 + 1.959963984540054 * 0.2)
    assert large.fraction_missing == 0
    small = pool([1.5, 1.5, 1.5], [0.04, 0.04, 0.04], n=23, k=3)
    assert small.df == pytest.approx(20 * 21 / 23)


def test_what_cannot_be_pooled():
    """One imputation gives a reason; missing figures and too few patients are refused."""
    assert isinstance(pool([1.0], [1.0]), NoEstimate)
    for estimates, variances, n in (
        ([1, np.nan], [1, 1], 10),
        ([1, 2], [1, 0], 10),
        ([1, 2], [1], 10),
        ([1, 2], [1, 1], 1),
    ):
        with pytest.raises(ValueError, match=r"variance|few"):
            pool(estimates, variances, n=n)
