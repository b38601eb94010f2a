"""Rates and their ratio against R's poisson.test and against published figures."""

from __future__ import annotations

import math

import pytest

from incohort.stats import NoEstimate
from incohort.stats.rates import poisson_rate, poisson_upper_bound, rate_ratio, rate_test


def test_a_rate_agrees_with_r(recorded, agree):
    """Garwood's limits and Wald's at three levels, from no event to 2,500."""
    for case in recorded("rates")["poisson_rate"]:
        answer = poisson_rate(
            case["events"], case["time"], conf_level=case["conf_level"], method=case["method"]
        )
        agree(case, answer, case["expected"], 1e-6 if case["method"] == "log" else 1e-9)


def test_an_upper_bound_of_a_rate_agrees_with_r(recorded, agree):
    """All of the error on one side, at three levels."""
    for case in recorded("rates")["poisson_upper_bound"]:
        answer = poisson_upper_bound(case["events"], case["time"], conf_level=case["conf_level"])
        agree(case, answer, case["expected"])


def groups_of(case):
    return case["events_1"], case["time_1"], case["events_2"], case["time_2"]


def test_a_ratio_of_rates_agrees_with_r(recorded, agree):
    """Exact limits are of the same beta quantiles; mid-P's solve the same equation; Wald's."""
    for case in recorded("rates")["rate_ratio"]:
        level, method = case["conf_level"], case["method"]
        answer = rate_ratio(*groups_of(case), conf_level=level, method=method)
        agree(case, answer, case["expected"], 1e-6 if method == "mid_p" else 1e-9)


def test_the_test_of_two_rates_agrees_with_r(recorded):
    """By the chance of each split of the events, and by the smaller tail with half of its end."""
    for case in recorded("rates")["rate_test"]:
        answer = rate_test(*groups_of(case), method=case["method"])
        assert answer.p_value == pytest.approx(case["p_value"], rel=1e-9)


@pytest.mark.parametrize(
    ("events", "time", "printed"),
    [
        (671, 14399, (4.66, 4.31, 5.03)),
        (43, 1734, (2.48, 1.79, 3.34)),
        (2, 72.2, (2.77, 0.34, 10.01)),
    ],
)
def test_moots_2017_rates_by_neutrophil_grade(events, time, printed):
    """Serious infections per 100 patient-years as the paper printed them, from derived counts."""
    rate = poisson_rate(events, time)
    told = [100 * number for number in (rate.estimate, rate.ci_low, rate.ci_high)]

    assert told == pytest.approx(printed, abs=0.0051)  # 3.3403 was printed, 1.795 cut to 1.79


def test_moots_2017_ratios_to_the_normal_counts():
    """Grade 1–2 has .532 (.381 to .725), P 1.6e-5; two events show nothing."""
    some, few = rate_ratio(43, 1734, 671, 14399), rate_ratio(2, 72.2, 671, 14399)

    assert [round(x, 3) for x in (some.estimate, some.ci_low, some.ci_high)] == [
        0.532, 0.381, 0.725,
    ]  # fmt: skip
    assert [round(x, 3) for x in (few.estimate, few.ci_low, few.ci_high)] == [0.594, 0.072, 2.156]
    assert rate_test(43, 1734, 671, 14399).p_value == pytest.approx(1.6e-5, abs=0.05e-5)
    assert round(rate_test(2, 72.2, 671, 14399).p_value, 2) == 0.78


def test_few_events_by_hand():
    """3 in 200, none in 50, 4 in 100 against 2 in 400, and 3 in 100 against none in 400."""
    rate, ratio = poisson_rate(3, 200), rate_ratio(4, 100, 2, 400)
    lone = rate_ratio(3, 100, 0, 400)

    assert (round(rate.ci_low, 6), round(rate.ci_high, 6)) == (0.003093, 0.043836)
    assert poisson_upper_bound(0, 50).ci_high == pytest.approx(math.log(20) / 50, rel=1e-12)
    assert round(poisson_upper_bound(0, 50).ci_high, 6) == 0.059915
    assert (ratio.estimate, round(ratio.ci_low, 4), round(ratio.ci_high, 4)) == (8, 1.1465, 88.4388)
    assert round(rate_test(4, 100, 2, 400).p_value, 5) == 0.01696
    assert (lone.estimate, round(lone.ci_low, 4), lone.ci_high) == (math.inf, 1.6529, math.inf)
    assert rate_test(3, 100, 0, 400).p_value == pytest.approx(0.2**3, rel=1e-12)  # all three here


def test_the_exact_limits_hold_the_mid_p_ones():
    """Half of what was seen counts less than all of it: mid-P limits lie inside, P is smaller."""
    for groups in ((4, 100, 2, 400), (1, 10, 6, 10), (30, 120, 10, 20)):
        exact, mid = rate_ratio(*groups), rate_ratio(*groups, method="mid_p")
        assert exact.ci_low < mid.ci_low < mid.estimate < mid.ci_high < exact.ci_high
        assert rate_test(*groups, method="mid_p").p_value < 2 * rate_test(*groups).p_value


def test_fragoulis_2018_infections():
    """6 in 1,352 patient-months against 55 in 14,182: 1.14 (0.40 to 2.65), P 0.65."""
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
    for method in ("exact", "mid_p", "log"):
        there = rate_ratio(4, 100, 2, 400, method=method)
        back = rate_ratio(2, 400, 4, 100, method=method)
        assert (1 / there.estimate, 1 / there.ci_high, 1 / there.ci_low) == pytest.approx(
            (back.estimate, back.ci_low, back.ci_high)
        )
    for method in ("exact", "mid_p"):
        there = rate_test(4, 100, 2, 400, method=method)
        back = rate_test(2, 400, 4, 100, method=method)
        assert there.p_value == pytest.approx(back.p_value)


def test_what_no_rate_can_be_told_of():
    """No time, or no event to compare, is a reason; a rate of 0 has a limit."""
    assert isinstance(poisson_rate(0, 0), NoEstimate)
    assert isinstance(poisson_upper_bound(0, 0), NoEstimate)
    assert isinstance(poisson_rate(0, 5, method="log"), NoEstimate)
    assert isinstance(rate_ratio(0, 5, 0, 5), NoEstimate)
    assert isinstance(rate_ratio(1, 5, 0, 5, method="log"), NoEstimate)
    assert isinstance(rate_ratio(0, 5, 1, 5, method="log"), NoEstimate)
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
