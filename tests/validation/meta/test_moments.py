"""Tests of two means from printed moments: R's t.test on patients who have just these."""

from __future__ import annotations

import pytest

from incohort.stats import NoEstimate
from incohort.stats.meta import Arm, t_test

ARM = Arm(n=10, mean=6.8, sd=4)


def test_both_tests_agree_with_r(recorded):
    """Statistic, degrees of freedom and P are those of t.test, with equal variances and without."""
    cases = recorded("meta/meta")["t_tests"]
    assert {case["equal_variances"] for case in cases} == {True, False}
    for case in cases:
        arms = [
            Arm(n=n, mean=mean, sd=sd)
            for n, mean, sd in zip(case["n"], case["mean"], case["sd"], strict=True)
        ]
        found = t_test(*arms, equal_variances=case["equal_variances"])
        expected = [case["statistic"], case["df"], case["p_value"]]
        assert [found.statistic, found.df, found.p_value] == pytest.approx(expected, rel=1e-9)
        assert found.method.startswith("Student" if case["equal_variances"] else "Welch")


def test_arms_without_spread_tell_nothing():
    """One patient has no variance, and two arms without any leave the difference unjudged."""
    one = t_test(Arm(n=1, mean=5, sd=2), ARM, equal_variances=True)
    assert isinstance(one, NoEstimate)
    assert "fewer than two" in one.reason
    same = t_test(Arm(n=3, mean=5, sd=0), Arm(n=3, mean=6, sd=0), equal_variances=False)
    assert isinstance(same, NoEstimate)
    assert "SD of 0" in same.reason
    assert not isinstance(t_test(Arm(n=2, mean=5, sd=0), ARM, equal_variances=True), NoEstimate)
