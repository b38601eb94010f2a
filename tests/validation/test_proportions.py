"""Proportions against R and against the tables their papers printed."""

from __future__ import annotations

import pytest

from incohort.stats import Interval, NoEstimate
from incohort.stats.proportions import (
    n_for_bound,
    proportion,
    proportion_difference,
    proportion_upper_bound,
    risk_ratio,
)

ITERATIVE = 1e-6
HALF_A_DIGIT = 0.5e-4

# Newcombe 1998, Stat Med 17:857, table I: events, n, then the limits of methods 3 and 5.
NEWCOMBE_ONE = [
    (81, 263, (0.2553, 0.3662), (0.2527, 0.3676)),
    (15, 148, (0.0624, 0.1605), (0.0578, 0.1617)),
    (0, 20, (0.0000, 0.1611), (0.0000, 0.1684)),
    (1, 29, (0.0061, 0.1718), (0.0009, 0.1776)),
]

# Newcombe 1998, Stat Med 17:873, table II: two groups, then the limits of methods 10 and 5.
NEWCOMBE_TWO = [
    ((56, 70, 48, 80), (0.0524, 0.3339), (0.0528, 0.3382)),
    ((9, 10, 3, 10), (0.1705, 0.8090), (0.1700, 0.8406)),
    ((6, 7, 2, 7), (0.0582, 0.8062), (0.0342, 0.8534)),
    ((5, 56, 0, 29), (-0.0381, 0.1926), (-0.0326, 0.1933)),
    ((0, 10, 0, 20), (-0.1611, 0.2775), (-0.1658, 0.2844)),
    ((0, 10, 0, 10), (-0.2775, 0.2775), (-0.2879, 0.2879)),
    ((10, 10, 0, 20), (0.6791, 1.0000), (0.7156, 1.0000)),
    ((10, 10, 0, 10), (0.6075, 1.0000), (0.6636, 1.0000)),
]


def limits(interval):
    assert isinstance(interval, Interval)
    return interval.ci_low, interval.ci_high


@pytest.mark.parametrize(("events", "n", "wilson", "exact"), NEWCOMBE_ONE)
def test_newcombes_table_of_single_proportions(events, n, wilson, exact):
    """Wilson's and Clopper and Pearson's limits are those Newcombe printed, to his four digits."""
    assert limits(proportion(events, n)) == pytest.approx(wilson, abs=HALF_A_DIGIT)
    found = limits(proportion(events, n, method="clopper_pearson"))
    assert found == pytest.approx(exact, abs=HALF_A_DIGIT)


@pytest.mark.parametrize(("groups", "hybrid", "score"), NEWCOMBE_TWO)
def test_newcombes_table_of_differences(groups, hybrid, score):
    """The hybrid and Miettinen–Nurminen limits are those Newcombe printed, to his four digits."""
    assert limits(proportion_difference(*groups)) == pytest.approx(hybrid, abs=HALF_A_DIGIT)
    found = limits(proportion_difference(*groups, method="score"))
    assert found == pytest.approx(score, abs=HALF_A_DIGIT)


def test_koopmans_example():
    """36 of 40 against 16 of 80: Koopman's limits 2.940 and 7.152, as Nam 1995 prints them."""
    assert limits(risk_ratio(36, 40, 16, 80)) == pytest.approx((2.940, 7.152), abs=0.5e-3)


def test_the_epinephrine_trial_of_fagerland_2015():
    """7 of 34 against 1 of 34: the hybrid and log intervals that Fagerland printed in 2015."""
    hybrid = limits(proportion_difference(7, 34, 1, 34))
    assert (round(hybrid[0], 3), round(hybrid[1], 2)) == (0.019, 0.34)
    log = limits(risk_ratio(7, 34, 1, 34, method="log"))
    assert (round(log[0], 2), round(log[1])) == (0.91, 54)


@pytest.mark.parametrize(
    ("events", "n", "wilson"),
    [
        (95, 218, (37.2, 50.2)),
        (16, 43, (24.4, 52.1)),
        (13, 26, (32.1, 67.9)),
        (1, 5, (3.6, 62.4)),
        (0, 6, (0.0, 39.0)),
        (2, 2, (34.2, 100.0)),
        (0, 4, (0.0, 49.0)),
    ],
)
def test_the_counts_of_kyritsi_2015(events, n, wilson):
    """The Wilson limits in percent that were derived from the study's counts, to one decimal."""
    low, high = limits(proportion(events, n))
    assert (round(100 * low, 1), round(100 * high, 1)) == wilson


def test_single_proportions_agree_with_r(recorded, agree):
    """Wilson, Clopper–Pearson and Jeffreys equal R at five levels, from one patient to 100 000."""
    for case in recorded("proportions")["proportion"]:
        found = proportion(
            case["events"], case["n"], conf_level=case["conf_level"], method=case["method"]
        )
        agree(case, found, case["expected"])


@pytest.mark.parametrize(
    ("function", "section"),
    [(proportion_difference, "proportion_difference"), (risk_ratio, "risk_ratio")],
)
def test_two_proportions_agree_with_r(recorded, agree, function, section):
    """Closed forms agree to 1e-9 and the score intervals, solved by iteration, to 1e-6."""
    for case in recorded("proportions")[section]:
        groups = (case["events_1"], case["n_1"], case["events_2"], case["n_2"])
        found = function(*groups, conf_level=case["conf_level"], method=case["method"])
        tolerance = ITERATIVE if case["method"] == "score" else 1e-9
        agree(case, found, case["expected"], tolerance)


def test_an_upper_bound_of_a_proportion_agrees_with_r(recorded, agree):
    """All of the error on one side, from one patient to 100 000."""
    for case in recorded("proportions")["proportion_upper_bound"]:
        found = proportion_upper_bound(case["events"], case["n"], conf_level=case["conf_level"])
        agree(case, found, case["expected"])


def test_how_many_patients_a_bound_takes_agrees_with_r(recorded):
    """The first size at which the bound holds, as R finds it by trying each."""
    for case in recorded("proportions")["n_for_bound"]:
        found = n_for_bound(case["bound"], events=case["events"], conf_level=case["conf_level"])
        assert found == case["n"]


def test_printed_upper_bounds():
    """None of 960: 0.38 % two-sided; none of 344: 1.07 %, one-sided 0.87 %; 2 of 1,689: 0.37 %."""
    assert round(100 * proportion(0, 960, method="clopper_pearson").ci_high, 2) == 0.38
    assert round(100 * proportion(0, 344, method="clopper_pearson").ci_high, 2) == 1.07
    assert round(100 * proportion_upper_bound(0, 344).ci_high, 2) == 0.87
    assert round(100 * proportion_upper_bound(2, 1689).ci_high, 2) == 0.37
    assert proportion_upper_bound(0, 40).ci_high == pytest.approx(1 - 0.05 ** (1 / 40), rel=1e-12)


def test_what_no_proportion_can_be_told_of():
    """Nobody in a group, or no event where a ratio needs one, is a reason and not a number."""
    assert isinstance(proportion(0, 0), NoEstimate)
    assert isinstance(proportion_upper_bound(0, 0), NoEstimate)
    assert isinstance(proportion_difference(0, 0, 1, 2), NoEstimate)
    assert isinstance(risk_ratio(1, 2, 0, 0), NoEstimate)
    assert isinstance(risk_ratio(0, 5, 0, 5), NoEstimate)
    assert isinstance(risk_ratio(1, 5, 0, 5), NoEstimate)
    assert isinstance(risk_ratio(0, 5, 1, 5, method="log"), NoEstimate)


@pytest.mark.parametrize(("events", "n"), [(3, 2), (-1, 2), (0, -1)])
def test_impossible_counts_are_refused(events, n):
    """More events than patients, or fewer than none, is the caller's mistake."""
    for interval in (proportion, proportion_upper_bound):
        with pytest.raises(ValueError, match="impossible"):
            interval(events, n)


@pytest.mark.parametrize("conf_level", [0.0, 1.0, 95.0])
def test_a_level_that_is_no_probability_is_refused(conf_level):
    """95 for 0.95 is the caller's mistake."""
    with pytest.raises(ValueError, match="conf_level"):
        proportion(1, 2, conf_level=conf_level)
    with pytest.raises(ValueError, match="bound"):
        n_for_bound(conf_level)
