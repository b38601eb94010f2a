"""Mean cumulative functions against R, worked examples, and relations to what they generalise."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incohort.stats import NoEstimate
from incohort.stats.competing import aalen_johansen
from incohort.stats.recurrent import compare_mean_cumulative, mean_cumulative
from incohort.stats.survival import cox, nelson_aalen

ENDS = st.lists(st.integers(1, 12), min_size=2, max_size=9)


def curve(case, **more):
    return mean_cumulative(case["time"], case["patient"], case["end"], **more)


def test_a_mean_cumulative_function_agrees_with_r(recorded):
    """The mean of survfit and robust error at each time, ties of events with ends among them."""
    for case in recorded("recurrent")["mean_cumulative"]:
        found = curve(case)
        assert found.time.tolist() == case["at"]
        assert found.mean == pytest.approx(case["mean"], rel=1e-9)
        assert found.se == pytest.approx(case["se"], rel=1e-9)


def test_death_as_the_end_agrees_with_r(recorded):
    """Ghosh and Lin's mean is R's; the error is how the mean moves with each patient's weight."""
    for case in recorded("recurrent")["with_death"]:
        found = curve(case, died=case["died"])
        assert found.mean == pytest.approx(case["mean"], rel=1e-9)
        if case["mets_mean"]:  # where no times are tied
            assert found.mean == pytest.approx(case["mets_mean"], rel=1e-9)
        if case["se"]:
            assert found.se == pytest.approx(case["se"], rel=1e-6)  # a numerical derivative


def test_the_paper_s_error_is_the_same_in_many_patients(recorded):
    """Without the factor of the product, as mets has it: within 1 % where 300 are followed."""
    case = recorded("recurrent")["with_death"][-1]
    found = curve(case, died=case["died"])
    many = found.n_at_risk > 40  # where few are left, the factor of each death is large

    assert many.sum() > 100
    assert found.se[many] == pytest.approx(np.array(case["mets_se"])[many], rel=0.01)


def test_nelson_s_four_patients_by_hand():
    """.25, .50, .75 on days 10, 30, 40; of four, one with 1 and three without: √(3/64) = .2165."""
    found = mean_cumulative([10, 40, 30], [0, 0, 1], [100, 60, 80, 50])
    told = [found.at(day) for day in (10, 30, 40)]

    assert [answer.estimate for answer in told] == [0.25, 0.5, 0.75]
    assert found.se[:3] == pytest.approx([math.sqrt(3 / 64), 0.25, 0.414578], abs=5e-7)
    high = 0.5 * math.exp(1.959964 * 0.25 / 0.5)
    assert (told[1].ci_low, told[1].ci_high) == pytest.approx((0.25 / high, high), rel=1e-6)
    assert found.n_at_risk.tolist() == [4, 4, 4, 4, 3, 2, 1]
    assert found.n_events.tolist() == [1, 1, 1, 0, 0, 0, 0]
    assert found.n_ended.tolist() == [0, 0, 0, 1, 1, 1, 1]


def test_four_patients_with_a_death_by_hand():
    """The one who died on day 40 has no more: .25, .25 + ¾/3, .5 + ¾/2; censored, 1.0833."""
    events = ([10, 70, 50], [0, 0, 2], [100, 40, 100, 60])
    found = mean_cumulative(*events, died=[0, 1, 0, 0])
    censored = mean_cumulative(*events)

    assert [found.at(day).estimate for day in (10, 50, 70)] == [0.25, 0.5, 0.875]
    assert [censored.at(day).estimate for day in (10, 50, 70)] == pytest.approx(
        [1 / 4, 1 / 4 + 1 / 3, 1 / 4 + 1 / 3 + 1 / 2]
    )
    assert (found.n_deaths.sum(), found.n_ended.sum()) == (1, 3)


@given(ENDS, st.data())
@settings(max_examples=60, deadline=None)
def test_one_event_at_the_end_is_nelson_aalen(ends, data):
    """Where an event ends follow-up, the mean is the cumulative hazard."""
    event = data.draw(st.lists(st.booleans(), min_size=len(ends), max_size=len(ends)))
    who = np.flatnonzero(event)
    found = mean_cumulative(np.array(ends)[who], who, ends)
    hazard = nelson_aalen(ends, event)

    assert found.time.tolist() == hazard.time.tolist()
    assert found.mean == pytest.approx(hazard.cumulative_hazard, rel=1e-12)


@given(ENDS, st.data())
@settings(max_examples=60, deadline=None)
def test_one_event_that_ends_life_is_aalen_johansen(ends, data):
    """Where the event is one of two ways to die, the mean is its cumulative incidence."""
    cause = data.draw(st.lists(st.integers(0, 2), min_size=len(ends), max_size=len(ends)))
    who = np.flatnonzero(np.array(cause) == 1)
    found = mean_cumulative(np.array(ends)[who], who, ends, died=np.array(cause) > 0)
    incidence = aalen_johansen(ends, cause)

    if 1 in cause:
        assert found.time.tolist() == incidence.time.tolist()
        expected = incidence.of(1).cumulative_incidence
        assert found.mean == pytest.approx(expected, rel=1e-12, abs=1e-15)


@given(st.lists(st.lists(st.integers(1, 9), max_size=4), min_size=2, max_size=8), st.data())
@settings(max_examples=60, deadline=None)
def test_without_censoring_it_is_the_mean(events, data):
    """Each followed to death or day 10: events over patients, with the plain error of a mean."""
    died = data.draw(st.lists(st.booleans(), min_size=len(events), max_size=len(events)))
    ends = [max([1, *own]) if dead else 10 for own, dead in zip(events, died, strict=True)]
    time = [day for own in events for day in own]
    who = [i for i, own in enumerate(events) for _ in own]
    numbers = np.array([len(own) for own in events])
    found = mean_cumulative(time, np.array(who, dtype=int), ends, died=died)

    assert found.mean[-1] == pytest.approx(numbers.mean(), rel=1e-12)
    expected = math.sqrt(((numbers - numbers.mean()) ** 2).sum()) / len(events)
    assert found.se[-1] == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert math.isinf(found.ci_low[-1]) == (np.ptp(numbers) == 0)


def test_many_patients_are_taken_in_parts(monkeypatch, recorded):
    """How many patients are held at once changes no variance."""
    case = recorded("recurrent")["with_death"][2]
    together = curve(case, died=case["died"])
    monkeypatch.setattr("incohort.stats.recurrent._AT_ONCE", 500)
    apart = curve(case, died=case["died"])

    assert apart.se == pytest.approx(together.se, rel=1e-12)


def compared(case, **more):
    return compare_mean_cumulative(
        case["time"], case["patient"], case["end"], case["group"], **more
    )


def test_the_comparison_of_two_groups_agrees_with_r(recorded):
    """Ghosh and Lin's Q without death, its variance from each patient's influence in survfit."""
    for case in recorded("recurrent")["comparison"]:
        found = compared(case)
        assert found.statistic == pytest.approx(case["statistic"], rel=1e-9)
        assert found.p_value == pytest.approx(case["p_value"], rel=1e-9)


def test_the_comparison_with_death_keeps_what_it_should(recorded):
    """Nobody dead: as without death; groups exchanged, or named otherwise: the same."""
    case = recorded("recurrent")["comparison"][2]
    nobody = compared(case, died=[0] * len(case["end"]))
    there = compared(case, died=case["died"])
    back = compared(case | {"group": [["b", "a"][g] for g in case["group"]]}, died=case["died"])

    assert nobody.statistic == pytest.approx(compared(case).statistic, rel=1e-12)
    assert there.statistic == pytest.approx(back.statistic, rel=1e-12)
    assert there.statistic != pytest.approx(nobody.statistic, rel=1e-3)


def test_with_death_the_level_is_held():
    """Of 400 pairs of equal groups with death about one in twenty has P below .05."""
    rng = np.random.default_rng(11)
    small = 0
    for _ in range(400):
        ends = rng.integers(1, 60, size=60)
        numbers = rng.poisson(rng.gamma(2, 0.02, size=60) * ends)
        who = np.repeat(np.arange(60), numbers)
        time = rng.integers(1, ends[who] + 1)
        died = rng.random(60) < 0.5
        found = compare_mean_cumulative(time, who, ends, np.arange(60) % 2, died=died)
        small += found.p_value < 0.05

    assert 8 <= small <= 35  # 20 expected; the 99.8 % limits of a binomial are 8 and 35


def test_proportional_rates_are_cox_with_clusters(recorded):
    """Lin, Wei, Yang and Ying's ratio and robust error: `cox` with entry times and patients."""
    for case in recorded("recurrent")["proportional_rates"]:
        fit = cox(
            case["time"], case["event"], case["x"], time_enter=case["time_enter"],
            cluster=case["id"], ties=case["ties"],
        )  # fmt: skip
        assert fit.coef[0] == pytest.approx(case["coef"], rel=1e-6)
        assert fit.se[0] == pytest.approx(case["se"], rel=1e-6)
        assert fit.robust_se[0] == pytest.approx(case["robust_se"], rel=1e-6)


def test_six_patients_have_three_times_the_rate(recorded):
    """The worked rows: a ratio of 3 with a robust error of .942809 on the log scale."""
    case = recorded("recurrent")["proportional_rates"][0]
    fit = cox(
        case["time"], case["event"], case["x"], time_enter=case["time_enter"], cluster=case["id"]
    )

    assert math.exp(fit.coef[0]) == pytest.approx(3, rel=1e-6)
    assert fit.robust_se[0] == pytest.approx(0.942809, abs=5e-7)


def test_what_has_no_mean_or_no_interval():
    """Nobody, one group, nothing that varies, a time after the last: a reason."""
    nothing = np.array([], dtype=int)
    never = mean_cumulative(nothing, nothing, [5, 8])

    assert isinstance(mean_cumulative(nothing, nothing, nothing), NoEstimate)
    assert (never.at(3).estimate, never.at(3).no_interval) == (0, "nobody had an event by then")
    assert isinstance(never.at(9), NoEstimate)
    assert "as many" in mean_cumulative([2, 2], [0, 1], [5, 8]).at(4).no_interval
    assert isinstance(compare_mean_cumulative([2], [0], [5, 8], ["a", "a"]), NoEstimate)
    assert isinstance(compare_mean_cumulative(nothing, nothing, [5, 8], [0, 1]), NoEstimate)


@pytest.mark.parametrize(
    ("events", "ends", "message"),
    [
        (([3], [0, 1]), [5, 5], "one length"),
        (([3], [2]), [5, 5], "numbered from 0"),
        (([3], [0.0]), [5, 5], "numbered from 0"),
        (([6], [0]), [5, 7], "after its patient's end"),
        (([-1], [0]), [5, 5], "count from 0"),
        (([3], [0]), [5, math.nan], "count from 0"),
    ],
)
def test_impossible_courses_are_refused(events, ends, message):
    """Shapes, numbers of patients and times that can't be are the caller's mistake."""
    with pytest.raises(ValueError, match=message):
        mean_cumulative(*events, ends)
    with pytest.raises(ValueError, match=message):
        compare_mean_cumulative(*events, ends, [0, 1])


def test_three_groups_and_a_time_before_0_are_refused():
    """The test compares two; time counts from 0."""
    with pytest.raises(ValueError, match="3 groups"):
        compare_mean_cumulative([3], [0], [5, 5, 5], [0, 1, 2])
    with pytest.raises(ValueError, match="counts from 0"):
        mean_cumulative([3], [0], [5, 5]).at(-1)
