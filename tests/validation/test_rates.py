"""Rates and their ratio against R's poisson.test and against published figures."""

from __future__ import annotations

import math

import pytest

from incohort.stats import NoEstimate
from incohort.stats.rates import poisson_rate, rate_ratio, rate_test


def test_a_rate_agrees_with_r(recorded, agree):
    """Garwood's limits at three levels, from no event to 2,500."""
    for case in recorded("rates")["poisson_rate"]:
        answer = poisson_rate(case["events"], case["time"], conf_level=case["conf_level"])
        agree(case, answer, case["expected"])


def test_a_ratio_of_rates_agrees_with_r(recorded, agree):
    """Exact conditional limits; R's come from the same beta quantiles."""
    for case in recorded("rates")["rate_ratio"]:
        groups = (case["events_1"], case["time_1"], case["events_2"], case["time_2"])
        agree(case, rate_ratio(*groups, conf_level=case["conf_level"]), case["expected"])


def test_the_test_of_two_rates_agrees_with_r(recorded):
    """Both tails, by the chance of each split of the events."""
    for case in recorded("rates")["rate_test"]:
        answer = rate_test(case["events_1"], case["time_1"], case["events_2"], case["time_2"])
        assert answer.p_value == pytest.approx(case["p_value"], rel=1e-9)


def test_moots_2017_serious_infections():
    """6 in 1,352 patient-years against 55 in 14,182: 1.14 (0.40 to 2.65), P 0.65."""
    ratio = rate_ratio(6, 1352, 55, 14182)
    told = [round(number, 4) for number in (ratio.estimate, ratio.ci_low, ratio.ci_high)]

    assert told == [1.1443, 0.4026, 2.6536]
    assert round(rate_test(6, 1352, 55, 14182).p_value, 4) == 0.6519


def test_another_unit_of_time_changes_the_unit_alone():
    """A rate in days is that in years over 365.25; a ratio knows no unit."""
    days, years = poisson_rate(7, 730.5), poisson_rate(7, 2)

    assert days.ci_high * 365.25 == pytest.approx(years.ci_high, rel=1e-12)
    assert rate_ratio(3, 730.5, 4, 365.25).ci_low == pytest.approx(
        rate_ratio(3, 2, 4, 1).ci_low, rel=1e-12
    )


def test_the_groups_change_places():
    """The ratio the other way round is one over the ratio, limits and all; P is the same."""
    there, back = rate_ratio(4, 100, 2, 400), rate_ratio(2, 400, 4, 100)

    assert (1 / there.estimate, 1 / there.ci_high, 1 / there.ci_low) == pytest.approx(
        (back.estimate, back.ci_low, back.ci_high)
    )
    assert rate_test(4, 100, 2, 400).p_value == pytest.approx(rate_test(2, 400, 4, 100).p_value)


def test_what_no_rate_can_be_told_of():
    """No time, or a ratio over a group without an event, is a reason; a rate of 0 has a limit."""
    assert isinstance(poisson_rate(0, 0), NoEstimate)
    assert isinstance(rate_ratio(1, 5, 0, 5), NoEstimate)
    assert isinstance(rate_ratio(1, 5, 1, 0), NoEstimate)
    assert isinstance(rate_test(0, 5, 0, 5), NoEstimate)
    assert isinstance(rate_test(1, 0, 0, 5), NoEstimate)
    assert (poisson_rate(0, 50).ci_low, rate_ratio(0, 5, 2, 5).ci_low) == (0.0, 0.0)


@pytest.mark.parametrize(
    ("events", "time"), [(-1, 1), (1.5, 1), (1, -1), (1, math.inf), (1, math.nan)]
)
def test_impossible_counts_and_times_are_refused(events, time):
    """It is the caller's mistake, and no rate."""
    with pytest.raises(ValueError, match="events must be a count"):
        poisson_rate(events, time)
