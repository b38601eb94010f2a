"""Standardised differences against their formulas in R."""

from __future__ import annotations

import pytest

from incohort.stats import NoEstimate
from incohort.stats.balance import smd_binary, smd_categorical, smd_continuous


@pytest.mark.parametrize(
    ("function", "section", "arguments"),
    [
        (smd_continuous, "smd_continuous", ("x", "y")),
        (smd_binary, "smd_binary", ("p_1", "p_2")),
        (smd_categorical, "smd_categorical", ("counts_1", "counts_2")),
    ],
)
def test_differences_agree_with_r(recorded, function, section, arguments):
    """Means, proportions and categories: the distance is R's, whichever category is left out."""
    for case in recorded("balance")[section]:
        found = function(*(case[name] for name in arguments))
        assert found == pytest.approx(case["expected"], rel=1e-9, abs=1e-12), case


def test_a_tenth_of_a_standard_deviation():
    """Means 1 SD apart differ by 1; 50 % against 40 % by 0.1 / √((0.25 + 0.24)/2) = 0.202."""
    assert smd_continuous([1, 2, 3], [2, 3, 4]) == pytest.approx(-1.0)
    assert round(smd_binary(0.5, 0.4), 3) == 0.202


def test_two_categories_are_a_proportion():
    """The distance of two categories is the size of the binary difference."""
    binary = smd_binary(13 / 26, 3 / 17)
    assert smd_categorical([13, 13], [3, 14]) == pytest.approx(abs(binary), rel=1e-12)


@pytest.mark.parametrize(
    "answer",
    [
        smd_continuous([1], [2, 3]),
        smd_continuous([1, 1], [2, 2]),
        smd_continuous([0.1, 0.1, 0.1], [0.3, 0.3, 0.3]),
        smd_binary(0, 0),
        smd_binary(0, 1),
        smd_categorical([0, 0], [1, 2]),
        smd_categorical([3, 0], [2, 0]),
        smd_categorical([3, 0], [0, 2]),
    ],
)
def test_groups_without_spread(answer):
    """Nobody, one value, or all alike within the groups is a reason, not an infinite distance."""
    assert isinstance(answer, NoEstimate)
