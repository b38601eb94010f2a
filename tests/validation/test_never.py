"""Medians of all where some never came to the end, against R, by hand, and by trying all orders."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incohort.stats import NoEstimate
from incohort.stats.never import median_bound, median_of_all

days = st.lists(st.integers(0, 30), min_size=1, max_size=12)


def test_a_median_of_all_agrees_with_r(recorded, agree):
    """Median and limits by the sign test, with none to six in ten who never came there."""
    for case in recorded("never")["median_of_all"]:
        found = median_of_all(case["time"], case["n"], conf_level=case["conf_level"])
        agree(case, found, case["expected"])


def test_limits_by_the_sign_test_by_hand():
    """Of six the extremes hold the median unless all lie on one side: 1 − 2/64 = 96.9 %."""
    found = median_of_all([1, 2, 3, 4, 5], 6)

    assert (found.estimate, found.ci_low, found.ci_high) == (3.5, 1, math.inf)
    assert median_of_all([1, 2, 3, 4, 5], 5).ci_low == 0  # 2/32 is more than 5 %
    assert median_of_all([1, 2, 3, 4, 5, 6], 6, conf_level=0.97).ci_high == math.inf
    assert median_of_all([1, 2, 3, 4, 5, 6], 6, conf_level=0.96).ci_high == 6


def test_the_34_of_bmc_cancer_2020():
    """26 recovered in a median of 13 days: among all 34 it is the 17th value, 13 or more."""
    found = median_bound(34, 26, 13)

    assert (found.rank, found.at_least, found.at_most) == (17, 13, math.inf)


def test_half_who_never_came_there():
    """Of four two never came: the median starts at their second value and has no end."""
    assert median_bound(4, 2, 5, longest=9).at_least == 5
    assert median_bound(4, 2, 5, longest=9).at_most == math.inf
    assert median_bound(5, 2, 5, longest=9).at_least == math.inf
    assert median_of_all([3, 7], 4).estimate == math.inf


@given(days, st.integers(0, 12))
def test_the_printed_median_bounds_that_of_all(time, never):
    """The median of those who came there, and their longest, hold the median of everybody."""
    n = len(time) + never
    bound = median_bound(n, len(time), statistics.median(time), longest=max(time))
    everybody = median_of_all(time, n).estimate

    if never:
        assert bound.at_least <= sorted([*time, *[math.inf] * never])[bound.rank - 1]
    assert bound.at_least <= everybody <= bound.at_most
    assert statistics.median(time) <= everybody


def test_what_has_no_median():
    """Nobody at all, or nobody who came there, is a reason; impossible numbers are refused."""
    assert isinstance(median_of_all([], 0), NoEstimate)
    assert isinstance(median_bound(5, 0, 3), NoEstimate)
    assert median_of_all([], 3).estimate == math.inf
    for time, n in (([1, 2], 1), ([-1], 1), ([math.nan], 1), ([[1]], 1)):
        with pytest.raises(ValueError, match="durations"):
            median_of_all(time, n)
    for wrong in ((5, 6, 3, 9), (5, 4, 3, 2), (5, 4, -1, 2)):
        with pytest.raises(ValueError, match="impossible"):
            median_bound(*wrong[:3], longest=wrong[3])
