"""Normality and equal variances against R, nortest and car."""

from __future__ import annotations

import pytest

from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.normality import anderson_darling, bartlett, brown_forsythe, shapiro_wilk

ITERATIVE = 1e-6


def test_the_insect_sprays(recorded):
    """R's ?bartlett.test, Beall's counts under six sprays: K² 25.96 with 5 degrees of freedom."""
    sprays = recorded("normality")["variances"][0]
    found = bartlett(sprays["groups"])
    assert isinstance(found, HypothesisTest)
    assert (round(found.statistic, 2), found.df) == (25.96, 5)


@pytest.mark.parametrize(
    ("function", "section"),
    [(shapiro_wilk, "shapiro_wilk"), (anderson_darling, "anderson_darling")],
)
def test_normality_agrees_with_r(recorded, agree, function, section):
    """W and A and their P are R's, from three values to 2000, with ties and outliers."""
    for case in recorded("normality")[section]:
        agree(case, function(case["values"]), case["expected"], ITERATIVE)


def test_variances_agree_with_r(recorded, agree):
    """Bartlett's K² and Brown and Forsythe's F are R's and car's, from two values a group on."""
    for case in recorded("normality")["variances"]:
        agree(case, bartlett(case["groups"]), case["bartlett"])
        agree(case, brown_forsythe(case["groups"]), case["brown_forsythe"])


def test_equal_variances_are_no_evidence():
    """Groups of the very same values give K² 0 and P 1, whatever rounding does to logarithms."""
    found = bartlett([[0.25, 0.25, 0.25, -0.25]] * 3)
    assert isinstance(found, HypothesisTest)
    assert found.statistic == pytest.approx(0, abs=1e-12)
    assert found.p_value == pytest.approx(1)


@pytest.mark.parametrize(
    "answer",
    [
        shapiro_wilk([1, 2]),
        shapiro_wilk([4, 4, 4]),
        shapiro_wilk(range(5001)),
        anderson_darling([1, 2, 3, 4, 5, 6, 7]),
        anderson_darling([4] * 8),
        brown_forsythe([[1, 2, 3]]),
        brown_forsythe([[1, 2], [3]]),
        brown_forsythe([[1, 1], [2, 2]]),
        brown_forsythe([[1, 2], [4, 9]]),
        bartlett([[1, 2, 3], [4, 4, 4]]),
        bartlett([[1, 2, 3]]),
    ],
)
def test_samples_that_tell_nothing(answer):
    """Too few values, too many for the algorithm, or no spread to compare is a reason."""
    assert isinstance(answer, NoEstimate)
