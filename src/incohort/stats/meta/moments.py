"""Tests of two means from what a study printed of its arms."""

from __future__ import annotations

import math

from scipy import special

from incohort.stats.meta.arms import Arm, welch_df
from incohort.stats.outcome import HypothesisTest, NoEstimate


def t_test(first: Arm, second: Arm, *, equal_variances: bool) -> HypothesisTest | NoEstimate:
    """Student's or Welch's test of two means, from numbers, means and standard deviations.

    With it one can tell which of the two gave a printed P value.

    Args:
        first: One arm.
        second: The other.
        equal_variances: Student's test with the variances pooled; else Welch's.

    Source: Student 1908; Welch 1947, with Satterthwaite's degrees of freedom; R's t.test;
        tests/validation/meta/test_moments.py.
    """
    if min(first.n, second.n) < 2:
        return NoEstimate("an arm of fewer than two patients has no variance")
    a, b = first.sd**2 / first.n, second.sd**2 / second.n
    if a + b == 0:
        return NoEstimate("both arms have an SD of 0, so nothing tells how sure the difference is")
    if equal_variances:
        df = float(first.n + second.n - 2)
        within = ((first.n - 1) * first.sd**2 + (second.n - 1) * second.sd**2) / df
        variance = within * (1 / first.n + 1 / second.n)
    else:
        df = welch_df(first, second)
        variance = a + b
    statistic = (first.mean - second.mean) / math.sqrt(variance)
    return HypothesisTest(
        statistic=statistic,
        p_value=2 * float(special.stdtr(df, -abs(statistic))),
        df=df,
        method=("Student's" if equal_variances else "Welch's") + " t test, from printed moments",
    )
