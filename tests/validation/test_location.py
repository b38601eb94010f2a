"""Where samples lie: against R, and against Hollander and Wolfe's and Student's examples."""

from __future__ import annotations

import math

import pytest

from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.location import (
    Comparison,
    kruskal_wallis,
    mann_whitney,
    mean_interval,
    summarise,
    welch_t,
)

R_STOPS_AT = 1e-4  # the tolerance of wilcox.test's uniroot, in units of the data

AT_TERM = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
EARLIER = [1.15, 0.88, 0.90, 0.74, 1.21]


def test_students_sleep(recorded):
    """Student's soporifics: t −1.8608 with 17.776 degrees of freedom, P 0.0794, as ?t.test has."""
    sleep = recorded("location")["welch_t"][0]
    found = welch_t(sleep["x"], sleep["y"])
    assert isinstance(found, Comparison)
    assert (round(found.statistic, 4), round(found.df, 3)) == (-1.8608, 17.776)
    assert round(found.p_value, 4) == 0.0794


def test_the_comment_in_rs_manual():
    """R's ?t.test: P 0.00001855 for 1…10 against 7…20, and 0.1245 once 200 joins."""
    found = welch_t(range(1, 11), range(7, 21))
    spoiled = welch_t(range(1, 11), [*range(7, 21), 200])
    assert isinstance(found, Comparison)
    assert isinstance(spoiled, Comparison)
    assert found.p_value == pytest.approx(0.00001855, abs=0.5e-8)
    assert round(spoiled.p_value, 4) == 0.1245


def test_permeability_of_the_chorioamnion():
    """Hollander and Wolfe 1973, p. 69: 35 of 50 pairs are larger; exact, by counting, P 0.2544."""
    found = mann_whitney(AT_TERM, EARLIER)
    assert isinstance(found, Comparison)
    assert found.statistic == sum(x > y for x in AT_TERM for y in EARLIER) == 35
    assert round(found.p_value, 4) == 0.2544
    assert "exact" in found.method


def test_mucociliary_efficiency():
    """Hollander and Wolfe 1973, p. 116: H 0.771 with 2 degrees of freedom."""
    groups = [[2.9, 3.0, 2.5, 2.6, 3.2], [3.8, 2.7, 4.0, 2.4], [2.8, 3.4, 3.7, 2.2, 2.0]]
    found = kruskal_wallis(groups)
    assert isinstance(found, HypothesisTest)
    assert (round(found.statistic, 3), found.df) == (0.771, 2)


def test_two_values_against_two():
    """Four values can be split in six ways, so no P of two against two is below 1/3."""
    found = mann_whitney([1, 2], [3, 4])
    assert isinstance(found, Comparison)
    assert found.p_value == pytest.approx(1 / 3, abs=1e-12)
    assert (found.estimate, found.ci_low, found.ci_high) == (-2, -3, -1)


def test_summaries_agree_with_r(recorded, agree):
    """Mean, SD and type-7 quartiles are R's; a single value has no SD."""
    for case in recorded("location")["summarise"]:
        agree(case, summarise(case["values"]), case["expected"])


@pytest.mark.parametrize(
    ("function", "section"), [(welch_t, "welch_t"), (mann_whitney, "mann_whitney")]
)
def test_two_samples_agree_with_r(recorded, agree, function, section):
    """Estimates, limits, statistics and P are R's at three levels; rank limits are exact steps."""
    for case in recorded("location")[section]:
        found = function(case["x"], case["y"], conf_level=case["conf_level"])
        agree(case, found, case["expected"])


def test_rank_limits_agree_with_what_r_users_would_see(recorded):
    """wilcox.test's own limits are these, as far as it solves them."""
    for case in recorded("location")["mann_whitney_of_r"]:
        found = mann_whitney(case["x"], case["y"], conf_level=case["conf_level"])
        is_exact = "exact" in found.method
        for field in ("ci_low", "ci_high"):
            theirs, ours = case["expected"][field], getattr(found, field)
            assert math.isclose(ours, theirs, abs_tol=1e-9 if is_exact else R_STOPS_AT), case


def test_the_interval_of_a_printed_mean():
    """A mean of 146.4 with SD 18.5 in 100 is 142.7 to 150.1 (Statistics with Confidence, ch. 4)."""
    found = mean_interval(146.4, 18.5, 100)
    assert (round(found.ci_low, 1), round(found.ci_high, 1)) == (142.7, 150.1)
    assert isinstance(mean_interval(146.4, 18.5, 1), NoEstimate)


def test_kruskal_wallis_agrees_with_r(recorded, agree):
    """H, corrected for ties, its degrees of freedom and P are R's."""
    for case in recorded("location")["kruskal_wallis"]:
        agree(case, kruskal_wallis(case["groups"]), case["expected"])


@pytest.mark.parametrize(
    "answer",
    [
        summarise([]),
        welch_t([1], [2, 3]),
        welch_t([1, 1], [2, 2]),
        welch_t([0.1, 0.1, 0.1], [0.3, 0.3, 0.3]),
        mann_whitney([], [1]),
        mann_whitney([2, 2], [2]),
        kruskal_wallis([[1, 2]]),
        kruskal_wallis([[1, 2], []]),
        kruskal_wallis([[3, 3], [3]]),
    ],
)
def test_samples_that_tell_nothing(answer):
    """An empty group, one value for a variance, or no variation at all is a reason."""
    assert isinstance(answer, NoEstimate)


@pytest.mark.parametrize("values", [[1.0, math.nan], [math.inf], [[1.0, 2.0]]])
def test_missing_values_are_refused(values):
    """A missing or infinite value is not silently dropped."""
    with pytest.raises(ValueError, match="without missing"):
        summarise(values)
