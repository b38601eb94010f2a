"""Tests of two means from printed moments: R's t.test on patients who have just these."""

from __future__ import annotations

import math

import pytest

from incohort.stats import NoEstimate
from incohort.stats.meta import Arm, t_test
from incohort.stats.meta.arms import arm_from_quantiles, mean_difference

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


def test_two_patients_an_arm_by_hand():
    """1 and 3 against 4 and 6: t = −3 / √2; of two degrees of freedom P = 1 − |t| / √(t² + 2)."""
    first, second = (Arm(n=2, mean=mean, sd=math.sqrt(2)) for mean in (2.0, 5.0))
    for equal_variances, name in ((True, "Student's"), (False, "Welch's")):
        found = t_test(first, second, equal_variances=equal_variances)

        assert found.statistic == pytest.approx(-3 / math.sqrt(2), abs=1e-12)
        assert found.df == pytest.approx(2, abs=1e-12)
        assert found.p_value == pytest.approx(1 - math.sqrt(4.5 / 6.5), abs=1e-12)
        assert found.method == f"{name} t test, from printed moments"


def test_the_words_beside_a_difference_say_how_it_was_made():
    """Approximate where one of the arms is, Welch's where it was asked for, and plain else."""
    exact, other = Arm(n=9, mean=5.0, sd=2.0), Arm(n=9, mean=6.0, sd=2.0)
    rough = arm_from_quantiles(9, 5, limits=(1, 10))
    plain = "mean difference, variances of the arms not pooled"
    median = ", approximate: means from medians"

    assert mean_difference(exact, other).method == plain
    assert mean_difference(exact, other, is_welch=True).method == f"{plain}, Welch’s t interval"
    for pair in ((rough, exact), (exact, rough)):
        assert mean_difference(*pair).method == plain + median
        assert mean_difference(*pair).is_approximate
    assert mean_difference(rough, exact, is_welch=True).method == (
        f"{plain}, Welch’s t interval{median}"
    )
    assert rough.method == "from median and range (Luo 2018, Wan 2014)"
    for more, words in (
        ({"quartiles": (4, 6)}, "quartiles"),
        ({"quartiles": (4, 6), "limits": (1, 10)}, "range and quartiles"),
    ):
        arm = arm_from_quantiles(9, 5, **more)
        assert arm.method == f"from median and {words} (Luo 2018, Wan 2014)"
    assert exact.method == "as printed"
