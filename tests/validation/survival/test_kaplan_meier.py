"""Kaplan–Meier and its relatives: a table done by hand, R's survfit, and a plain loop."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from incohort.stats import NoEstimate
from incohort.stats.survival import kaplan_meier, landmark, median_follow_up, nelson_aalen

CASES = [
    "lung",
    "lung_women",
    "gehan_6mp",
    "ovarian",
    "veteran",
    "mgus2_men",
    "heart_waiting",
    "heart_transplanted",
    "float_ties",
    "flat",
    "even",
    "late",
    "gap",
    "quiet",
    "rises",
    "gbsg_no_hormone",
]
CONF_TYPES = ("log", "log-log", "plain")
PROBABILITIES = (0.1, 0.25, 0.5, 0.75, 0.9)


def curve_of(rows, conf_type="log-log", conf_level=0.95):
    time, event, enter = rows
    return kaplan_meier(time, event, time_enter=enter, conf_type=conf_type, conf_level=conf_level)


def reached_or_none(value):
    return value if math.isfinite(value) else None


def test_the_curve_of_6_mercaptopurine_can_be_done_by_hand(rows_of):
    """Gehan's 21 patients on 6-MP: 3 relapses of 21 at week 6, then 1 of 17, 15, 12, 11, 7, 6."""
    curve = curve_of(rows_of("gehan_6mp"))
    steps = curve.n_events > 0
    assert_array_equal(curve.time[steps], [6, 7, 10, 13, 16, 22, 23])
    assert_array_equal(curve.n_at_risk[steps], [21, 17, 15, 12, 11, 7, 6])
    by_hand = np.cumprod([18 / 21, 16 / 17, 14 / 15, 11 / 12, 10 / 11, 6 / 7, 5 / 6])
    assert_allclose(curve.survival[steps], by_hand, rtol=1e-14)
    assert curve.quantile(0.5).estimate == 23


@pytest.mark.parametrize("case", CASES)
def test_curve_and_hazard_agree_with_r(case, rows_of, r_values):
    """Counts, survival, Greenwood's and Aalen's errors are survfit's at every time."""
    curve, r = curve_of(rows_of(case)), r_values("kaplan_meier")[case]
    for name in ("time", "n_at_risk", "n_events", "n_censored"):
        assert_allclose(getattr(curve, name), r[name], rtol=1e-12, err_msg=name)
    for name in ("survival", "se_log", "cumulative_hazard", "se_cumulative_hazard"):
        assert_allclose(getattr(curve, name), r[name], rtol=1e-9, atol=1e-12, err_msg=name)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("conf_type", CONF_TYPES)
def test_limits_agree_with_r(case, conf_type, rows_of, r_values):
    """Limits are survfit's where it has any; once the curve is 0 there is 0, 1 and a flag.

    Before the first event the limits are 1, as R's log and plain ones (its log-log has none).
    """
    curve, r = curve_of(rows_of(case), conf_type), r_values("kaplan_meier")[case][conf_type]
    assert_array_equal(curve.has_limits, curve.survival > 0)
    nothing_yet = curve.survival == 1
    for name, none in (("ci_low", 0), ("ci_high", 1)):
        found = getattr(curve, name)
        assert (found[nothing_yet] == 1).all()
        expected = np.array([none if value is None else value for value in r[name]])
        has_none = np.array([value is None for value in r[name]])
        assert (has_none == (curve.survival == 0))[~nothing_yet].all()
        assert_allclose(found[~nothing_yet], expected[~nothing_yet], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("case", CASES)
def test_limits_follow_their_level(case, rows_of, r_values):
    """At 90% the log-log limits are survfit's at 90%."""
    curve, r = curve_of(rows_of(case), conf_level=0.9), r_values("kaplan_meier")[case]["level_90"]
    has = curve.has_limits & (curve.survival < 1)
    assert_allclose(curve.ci_low[has], np.array(r["ci_low"], dtype=float)[has], rtol=1e-9)
    assert_allclose(curve.ci_high[has], np.array(r["ci_high"], dtype=float)[has], rtol=1e-9)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("conf_type", CONF_TYPES)
def test_quantiles_agree_with_r(case, conf_type, rows_of, r_values):
    """Quantiles and their limits are R's, the middle of a flat step included.

    One difference is meant: where R has no lower limit because the curve is 0, the lower limit is
    when it got there.
    """
    curve, r = curve_of(rows_of(case), conf_type), r_values("kaplan_meier")[case][conf_type]
    for i, p in enumerate(PROBABILITIES):
        found = curve.quantile(p)
        low, high = map(reached_or_none, curve.quantile_limits(p))
        if r["quantile"][i] is None:
            assert isinstance(found, NoEstimate)
        else:
            assert found.estimate == pytest.approx(r["quantile"][i], rel=1e-12)
            if r["quantile_low"][i] is None:
                assert curve.survival[curve.time == low] == 0
            else:
                assert low == pytest.approx(r["quantile_low"][i], rel=1e-12)
        assert high == (r["quantile_high"][i] and pytest.approx(r["quantile_high"][i], rel=1e-12))


def test_an_upper_limit_that_rises_again_still_came_down(rows_of):
    """GBSG without hormones: R's log limits of the median are 1296 and 1814, not infinity.

    After day 2456 three are left and the curve's upper limit is above one half once more.
    """
    curve = curve_of(rows_of("gbsg_no_hormone"), "log")
    assert curve.ci_high[curve.time == 2456] > 0.5
    found = curve.quantile(0.5)
    assert (found.estimate, found.ci_low, found.ci_high) == (1528, 1296, 1814)


@pytest.mark.parametrize("case", CASES)
def test_the_risk_table_agrees_with_r_and_with_a_count(case, rows_of, r_values):
    """Counts at chosen times are summary.survfit's; who is at risk is counted one by one.

    With delayed entry R reports the risk set of the next event instead, so only the count holds.
    """
    time, event, enter = rows_of(case)
    r = r_values("kaplan_meier")[case]["at"]
    table = curve_of((time, event, enter)).at(r["time"])
    for name in ("n_events", "n_censored"):
        assert_array_equal(getattr(table, name), r[name])
    assert_allclose(table.survival, r["survival"], rtol=1e-9)
    entered = np.zeros_like(time) if enter is None else enter
    counted = [
        sum(
            (start < t - 1e-9 or start == 0) and stop > t - 1e-9
            for start, stop in zip(entered, time, strict=True)
        )
        for t in r["time"]
    ]
    assert_array_equal(table.n_at_risk, counted)
    if enter is None:
        assert_array_equal(table.n_at_risk, r["n_at_risk"])
        everybody = table.n_at_risk + table.n_events_before + table.n_censored_before
        assert_array_equal(everybody, len(time))


@pytest.mark.parametrize("case", [c for c in CASES if c not in {"late", "gap"}])
def test_median_follow_up_agrees_with_r(case, rows_of, r_values):
    """Median follow-up is survfit's median with events and censorings exchanged."""
    r = r_values("kaplan_meier")[case].get("follow_up")
    time, event, enter = rows_of(case)
    if enter is not None:
        assert r is None
        return
    found = median_follow_up(time, event)
    if r["median"] is None:
        assert isinstance(found, NoEstimate)
        return
    assert found.estimate == pytest.approx(r["median"])
    assert reached_or_none(found.ci_low) == r["ci_low"]
    assert reached_or_none(found.ci_high) == r["ci_high"]


@pytest.mark.parametrize("case", ["gehan_6mp", "late", "gap", "float_ties"])
def test_the_curve_is_its_definition(case, rows_of):
    """A loop over times, with everyone looked at each time, gives the same curve."""
    time, event, enter = rows_of(case)
    time = np.round(time, 6)
    entered = np.full(len(time), -1.0) if enter is None else np.where(enter == 0, -1.0, enter)
    s, hazard, rows = 1.0, 0.0, []
    for t in sorted(set(time)):
        n = sum(start < t <= stop for start, stop in zip(entered, time, strict=True))
        d = sum(stop == t and happened for stop, happened in zip(time, event, strict=True))
        s, hazard = s * (1 - d / n), hazard + d / n
        rows.append((s, hazard))
    curve = kaplan_meier(time, event, time_enter=enter)
    assert_allclose(np.column_stack([curve.survival, curve.cumulative_hazard]), rows, rtol=1e-12)


def test_the_nelson_aalen_limits_are_symmetric_on_the_log_scale(rows_of):
    """At the first of Gehan's relapses H = 3/21, its error √3/21, the limits H·exp(±1.96 se/H)."""
    time, event, _ = rows_of("gehan_6mp")
    found = nelson_aalen(time, event)
    assert found.cumulative_hazard[0] == pytest.approx(3 / 21, rel=1e-14)
    assert found.se[0] == pytest.approx(math.sqrt(3) / 21, rel=1e-14)
    z = 1.959963984540054
    assert found.ci_high[0] == pytest.approx(3 / 21 * math.exp(z * math.sqrt(3) / 3), rel=1e-12)
    assert found.ci_low[0] == pytest.approx(3 / 21 * math.exp(-z * math.sqrt(3) / 3), rel=1e-12)


def test_a_landmark_starts_time_anew_for_those_still_without_the_event(rows_of):
    """At week 10, four of the 6-MP patients had relapsed before, one does then, and so on."""
    time, event, _ = rows_of("gehan_6mp")
    found = landmark(time, event, 10)
    assert found.n_events_before == 5
    assert found.n_censored_before == 3
    assert found.is_included.sum() == 13
    assert_array_equal(np.sort(found.time)[:3], [1, 3, 6])
    before = kaplan_meier(time, event)
    after = kaplan_meier(found.time, found.event)
    # Conditional survival: S(t) = S(10) · S(t | beyond 10).
    at_10 = before.survival[before.time == 10]
    assert_allclose(after.survival * at_10, before.survival[before.time > 10], rtol=1e-12)


@pytest.mark.parametrize(
    ("time", "event", "enter", "words"),
    [
        ([1, 2], [1, 2], None, "event must be 0 or 1"),
        ([1, np.nan], [1, 0], None, "without missing values"),
        ([1, -2], [1, 0], None, "negative"),
        (np.array([1, 2], dtype="timedelta64[D]"), [1, 0], None, "plain numbers"),
        (["1", "2"], [1, 0], None, "plain numbers"),
        ([1, 2], ["1", "0"], None, "0 or 1"),
        ([1, 2], [1, 0, 1], None, "differ in length"),
        ([1, 2], [1, 0], [0, 2], "enters at its exit or later"),
        ([1, 2], [1, 0], [0, 3], "enters at its exit or later"),
        ([1, 2], [1, 0], [0, 2 - 1e-12], "differ only by rounding"),
    ],
)
def test_impossible_follow_up_is_a_programming_error(time, event, enter, words):
    """What no follow-up can be is refused, never repaired."""
    with pytest.raises(ValueError, match=words):
        kaplan_meier(time, event, time_enter=enter)


def test_nobody_and_nothing_reached_are_reasons():
    """Without patients there is no curve; without events no median, yet a curve."""
    assert isinstance(kaplan_meier([], []), NoEstimate)
    alone = kaplan_meier([5], [0])
    assert alone.survival.tolist() == [1.0]
    assert "not reached" in alone.quantile(0.5).reason
    assert alone.quantile_limits(0.5) == (math.inf, math.inf)
    died = kaplan_meier([5], [1])
    assert died.quantile(0.5).estimate == 5
    assert not died.has_limits.any()
    for wrong in (0, 1, -0.1):
        with pytest.raises(ValueError, match="between 0 and 1"):
            died.quantile(wrong)
