"""The interval-censored curve: npsurv, icenReg, a slow EM, Kaplan–Meier, and what others miss."""

from __future__ import annotations

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from numpy.testing import assert_allclose, assert_array_equal

from incohort.stats import NoEstimate
from incohort.stats.interval import imputed_times, npmle, npmle_limits, npmle_quantile
from incohort.stats.survival import kaplan_meier

INF = float("inf")


def curve_of(columns):
    return npmle(columns["left"], columns["right"])


def plain_log_likelihood(left, right, intervals, mass):
    """Σ log of the mass that each row's interval holds, by a plain loop."""
    total = 0.0
    for a, b in zip(left, right, strict=True):
        inside = [
            m
            for (low, high), m in zip(intervals, mass, strict=True)
            if (a <= low and high <= b and (a < high or a == b == low))
        ]
        total += np.log(sum(inside))
    return total


def test_masses_agree_with_npsurv(recorded, data_set):
    """Intervals, masses and likelihood are npsurv's at its own tightest tolerance.

    Not the likelihood of right-censored data alone: npsurv counts all censored as beyond the end.
    """
    for case in recorded("interval/interval")["masses"]:
        curve = curve_of(data_set(case["set"]))
        assert_array_equal(curve.intervals[:, 0], case["left"], err_msg=case["set"])
        assert_array_equal(curve.intervals[:, 1], case["right"], err_msg=case["set"])
        assert_allclose(curve.mass, case["mass"], atol=1e-6, err_msg=case["set"])
        if case["set"] != "gehan":
            assert_allclose(curve.log_likelihood, case["log_likelihood"], rtol=1e-9)
        assert 0 <= curve.gap < 1e-9


def test_masses_agree_with_icenreg(recorded, data_set):
    """Masses are icenReg's in each interval, and none lie elsewhere."""
    for case in recorded("interval/elsewhere")["icenreg"]:
        curve = curve_of(data_set(case["set"]))
        theirs = dict(zip(case["right"], case["mass"], strict=True))
        for (_, high), mass in zip(curve.intervals, curve.mass, strict=True):
            assert theirs.pop(high) == pytest.approx(mass, abs=1e-6)
        assert sum(theirs.values()) < 1e-6


def test_rs_own_survfit_stops_earlier(recorded, data_set):
    """survfit(type = "interval2") is off by more than 1e-5 where npsurv and icenReg agree."""
    (case,) = [c for c in recorded("interval/interval")["survfit"] if c["set"] == "cosmesis"]
    curve = curve_of(data_set("cosmesis"))
    middles = curve.intervals.mean(axis=1)
    theirs = [
        sum(m for t, m in zip(case["time"], case["mass"], strict=True) if low < t <= high)
        for low, high in curve.intervals
    ]
    assert len(middles) < len(case["time"])
    assert np.abs(np.array(theirs) - curve.mass).max() > 1e-5


def test_lifelines_stops_early_and_we_do_not(data_set):
    """On 400 recoveries lifelines ends below the maximum; the gap says by how much at least."""
    columns = data_set("visits")
    curve = curve_of(columns)
    theirs = KaplanMeierFitter().fit_interval_censoring(columns["left"], columns["right"])
    at = curve.time[(curve.time > 0) & (curve.time < 16)]
    table = theirs.survival_function_
    found = np.array([table.iloc[:, 0][table.index <= t].iloc[-1] for t in at])
    low, high = curve.survival_bounds(at)
    outside = np.maximum(found - high, low - found).max()
    assert outside > 1e-3
    assert curve.gap < 1e-9


def test_likelihood_equals_a_plain_loop(data_set):
    """The likelihood counts each row's mass as the definition does, exact times included."""
    for name in ("cosmesis", "mixed", "gehan"):
        columns = data_set(name)
        curve = curve_of(columns)
        plain = plain_log_likelihood(
            columns["left"], columns["right"], curve.intervals.tolist(), curve.mass
        )
        assert_allclose(curve.log_likelihood, plain, rtol=1e-12)


def test_it_is_a_fixed_point_of_turnbulls_em(data_set):
    """One step of the self-consistency equations leaves the masses where they are."""
    columns = data_set("chemo")
    curve = curve_of(columns)
    low, high = curve.intervals.T
    inside = (columns["left"][:, None] <= low) & (columns["right"][:, None] >= high)
    shares = inside * curve.mass
    step = (shares / shares.sum(axis=1, keepdims=True)).mean(axis=0)
    assert_allclose(step, curve.mass, atol=1e-9)


def test_exact_and_right_censored_times_are_kaplan_meier(data_set):
    """Gehan's trial: both bounds are Kaplan–Meier's curve, the median its median."""
    columns = data_set("gehan")
    curve = curve_of(columns)
    event = np.isfinite(columns["right"])
    other = kaplan_meier(columns["left"], event)
    for bound in curve.survival_bounds(other.time):
        assert_allclose(bound, other.survival, atol=1e-12)
    for p in (0.25, 0.5):
        found = curve.quantile(p)
        assert (found.low + found.high) / 2 == other.quantile(p).estimate


def test_what_the_data_leave_open():
    """Mass in (1, 2]: before, at 1 nobody and after 2 everybody; within, anything."""
    curve = npmle([0, 1, 4], [2, 3, 5])
    low, high = curve.survival_bounds([0.5, 1, 1.5, 2, 4, 4.5, 5])
    assert_allclose(high, [1, 1, 1, 1 / 3, 1 / 3, 1 / 3, 0], atol=1e-12)
    assert_allclose(low, [1, 1, 1 / 3, 1 / 3, 1 / 3, 0, 0], atol=1e-12)
    assert_array_equal(curve.time, [1, 2, 4, 5])
    assert_allclose(curve.survival_low, [1 / 3, 1 / 3, 0, 0], atol=1e-12)
    assert_allclose(curve.survival_high, [1, 1 / 3, 1 / 3, 0], atol=1e-12)
    median = curve.quantile(0.5)
    assert (median.low, median.high) == (1, 2)


def test_left_censored_from_zero_or_from_ever():
    """(0, 3] and (−∞, 3] say the same; a quantile never lies before 0."""
    one, two = npmle([0, 2, 4], [3, 5, INF]), npmle([-INF, 2, 4], [3, 5, INF])
    assert_allclose(one.mass, two.mass)
    assert one.log_likelihood == pytest.approx(two.log_likelihood)
    assert npmle([-INF], [3]).quantile(0.5).low == 0


def test_rounding_makes_no_new_times():
    """0.1 + 0.2 is 0.3: a row (0.2, 0.3] and one (0.1 + 0.2, 1] do not overlap."""
    curve = npmle([0.2, 0.1 + 0.2], [0.3, 1])
    assert_allclose(curve.mass, [0.5, 0.5])


def test_an_open_end_holds_half_the_weight():
    """An exact time and a censoring at the same time: the censored one is after it."""
    curve = npmle([2, 2], [2, INF])
    assert_array_equal(curve.intervals, [[2, 2], [2, INF]])
    assert_allclose(curve.mass, [0.5, 0.5])
    assert isinstance(curve.quantile(0.6), NoEstimate)
    assert (curve.quantile(0.5).low, curve.quantile(0.5).high) == (2, 2)


def test_large_and_mixed_data_reach_the_maximum():
    """3,000 rows, a third exact, as a sparse system: the gap closes below 1e-6."""
    generator = np.random.default_rng(5)
    left = generator.exponential(10, 3000)
    right = left + generator.exponential(3, 3000)
    right[::7] = INF
    right[1::3] = left[1::3]
    curve = npmle(left, right)
    assert curve.gap < 1e-6
    assert curve.mass.sum() == pytest.approx(1, abs=1e-12)


def test_bootstrap_is_seeded_and_encloses(data_set):
    """The same seed gives the same limits; they enclose both bounds at every time."""
    columns = data_set("radio")
    options = {"seed": 3, "n_resamples": 200}
    times = [5, 10, 20, 30, 40, 50]
    one = npmle_limits(columns["left"], columns["right"], times, **options)
    two = npmle_limits(columns["left"], columns["right"], times, **options)
    assert_array_equal(one.ci_low, two.ci_low)
    assert (one.ci_low <= one.survival_low).all()
    assert (one.survival_high <= one.ci_high).all()
    found = npmle_quantile(columns["left"], columns["right"], 0.25, **options)
    assert found.ci_low <= found.low <= found.high <= found.ci_high
    other = npmle_quantile(columns["left"], columns["right"], 0.25, seed=4, n_resamples=200)
    assert (found.low, found.high) == (other.low, other.high)


def test_bootstrap_limits_of_exact_times_are_near_greenwoods(data_set):
    """For Gehan's exact times the limits lie within 0.06 of Kaplan–Meier's own."""
    columns = data_set("gehan")
    found = npmle_limits(columns["left"], columns["right"], [5, 10, 15], seed=1, n_resamples=1000)
    km = kaplan_meier(columns["left"], np.isfinite(columns["right"]), conf_type="plain")
    table = km.at([5, 10, 15])
    assert_allclose(found.ci_low, table.ci_low, atol=0.06)
    assert_allclose(found.ci_high, table.ci_high, atol=0.06)


def test_imputed_times():
    """The middle, or the end that was noticed; censored at the last time without the event."""
    time, event = imputed_times([-INF, 2, 3, 4], [3, 5, INF, 4])
    assert_array_equal(time, [1.5, 3.5, 3, 4])
    assert_array_equal(event, [True, True, False, True])
    early, _ = imputed_times([-INF, 2, 3, 4], [3, 5, INF, 4], placement="left")
    assert early.tolist() == [0, 2, 3, 4]
    time, _ = imputed_times([-INF, 2, 3, 4], [3, 5, INF, 4], placement="right")
    assert_array_equal(time, [3, 5, 3, 4])
    with pytest.raises(ValueError, match="placement"):
        imputed_times([1], [2], placement="middle")


@pytest.mark.parametrize(
    ("left", "right", "message"),
    [
        ([1, float("nan")], [2, 3], "missing"),
        ([3], [2], "after"),
        ([-1], [2], "negative"),
        ([INF], [INF], "∞"),
        ([1, 2], [3], "length"),
    ],
)
def test_wrong_bounds_are_refused(left, right, message):
    """Missing, crossed, negative and infinite bounds are errors that say which."""
    with pytest.raises(ValueError, match=message):
        npmle(left, right)


def test_nothing_to_estimate():
    """Nobody, and nobody with the event, have their reasons; too few resamples are refused."""
    assert isinstance(npmle([], []), NoEstimate)
    assert isinstance(npmle([1, 2], [INF, INF]), NoEstimate)
    assert isinstance(npmle_quantile([1, 2], [INF, INF], seed=1), NoEstimate)
    with pytest.raises(ValueError, match="n_resamples"):
        npmle_quantile([1], [2], seed=1, n_resamples=10)
