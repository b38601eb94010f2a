"""Aalen–Johansen curves: a table done by hand, R's survfit and cuminc, and a plain loop."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from lifelines import AalenJohansenFitter
from numpy.testing import assert_allclose, assert_array_equal

from incohort.stats import NoEstimate
from incohort.stats.competing import aalen_johansen
from incohort.stats.survival import kaplan_meier

CONF_TYPES = ("log", "log-log", "plain")


def curves_of(columns, **options):
    return aalen_johansen(
        columns["time"], columns["cause"], time_enter=columns.get("enter"), **options
    )


def by_hand(time, cause):
    """Cumulative incidence in exact fractions, one patient after the other."""
    alive, incidence = Fraction(1), {}
    for now in sorted(set(time)):
        n = sum(t >= now for t in time)
        happened = [c for t, c in zip(time, cause, strict=True) if t == now and c]
        for c in set(cause) - {0}:
            incidence.setdefault(c, []).append(
                (incidence[c][-1] if incidence.get(c) else 0) + alive * happened.count(c) / n
            )
        alive *= Fraction(n - len(happened), n)
    return incidence


def test_tied_events_can_be_done_by_hand(data_set):
    """With three causes and most times shared, each curve equals exact fractions: no jitter."""
    columns = data_set("tied")
    time, cause = columns["time"].astype(int).tolist(), columns["cause"].astype(int).tolist()
    found, expected = curves_of(columns), by_hand(time, cause)
    for curve in found.causes:
        values = [float(value) for value in expected[curve.cause]]
        assert_allclose(curve.cumulative_incidence, values, rtol=1e-14)
    # One of 20 on day 1 (Fraction 1/20), then two of the 17 left: 1/20 + 18/20 · 2/17.
    assert expected[1][1] == Fraction(1, 20) + Fraction(18, 20) * Fraction(2, 17)


def test_curves_agree_with_survfit(recorded, data_set):
    """Counts, incidence and the infinitesimal jackknife's error are survfit's at every time."""
    for case in recorded("competing/competing")["aalen_johansen"]:
        curve = curves_of(data_set(case["set"])).of(case["cause"])
        name = f"{case['set']}, cause {case['cause']}"
        for field in ("time", "n_at_risk", "n_events"):
            assert_array_equal(getattr(curve, field), case[field], err_msg=name)
        for field in ("cumulative_incidence", "se"):
            assert_allclose(getattr(curve, field), case[field], rtol=1e-9, atol=1e-12, err_msg=name)


def test_delayed_entry_agrees_with_etm(recorded, data_set):
    """With delayed entry incidence and Greenwood's error are etm's.

    They are not survfit's there: its jackknife follows persons, some of whom come late.
    """
    for case in recorded("competing/competing")["delayed_entry"]:
        curve = curves_of(data_set(case["set"])).of(case["cause"])
        found = curve.at(case["time"])
        for field in ("cumulative_incidence", "se"):
            assert_allclose(getattr(found, field), case[field], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("conf_type", CONF_TYPES)
def test_limits_agree_with_survfit(recorded, data_set, conf_type):
    """Limits are survfit's wherever the incidence lies between 0 and 1 and varies."""
    for case in recorded("competing/competing")["aalen_johansen"]:
        curve = curves_of(data_set(case["set"]), conf_type=conf_type).of(case["cause"])
        has = (curve.cumulative_incidence > 0) & curve.has_limits
        assert has.any()
        for field in ("ci_low", "ci_high"):
            r = np.array(case[conf_type][field], dtype=float)[has]
            assert_allclose(getattr(curve, field)[has], r, rtol=1e-9, atol=1e-12)


def test_grays_variance_agrees_with_cuminc(recorded, data_set):
    """With variance = "gray" the variance is cuminc's at each event of the cause."""
    for case in recorded("competing/competing")["cuminc"]:
        curve = curves_of(data_set(case["set"]), variance="gray").of(case["cause"])
        found = curve.at(case["time"])
        assert_allclose(found.cumulative_incidence, case["cumulative_incidence"], rtol=1e-9)
        assert_allclose(found.se**2, case["variance"], rtol=1e-9, atol=1e-14)


def test_lifelines_moves_ties_and_we_do_not(data_set):
    """Lifelines jitters tied times: its curve of the tied set is off, and changes with a seed."""
    columns = data_set("tied")
    exact = curves_of(columns).of(1)
    off = []
    for seed in (1, 2):
        with pytest.warns(Warning, match="Tied event times"):
            fitter = AalenJohansenFitter(seed=seed, calculate_variance=False).fit(
                columns["time"], columns["cause"], event_of_interest=1
            )
        last = float(fitter.cumulative_density_.iloc[-1, 0])
        off.append(abs(last - exact.cumulative_incidence[-1]))
    assert max(off) > 0.001
    assert off[0] != off[1]


def test_survival_is_that_of_any_event(data_set):
    """The proportion without any event is Kaplan–Meier's for the events together."""
    for name in ("mgus", "late", "tied"):
        columns = data_set(name)
        curve = kaplan_meier(columns["time"], columns["cause"] > 0, time_enter=columns.get("enter"))
        assert_array_equal(curves_of(columns).survival, curve.survival)


def test_a_curve_at_chosen_times(data_set):
    """Before the first event there is nothing; between steps the step before holds."""
    curve = curves_of(data_set("tied")).of(3)
    table = curve.at([0, 1, 1.5, 2, 100])
    assert_array_equal(table.n_events, [0, 0, 0, 1, 2])
    steps = curve.cumulative_incidence
    assert_array_equal(table.cumulative_incidence, [0, 0, 0, steps[1], steps[-1]])
    assert_array_equal(table.ci_high[:3], 0)
    with pytest.raises(ValueError, match="increase"):
        curve.at([2, 1])


def test_everybody_had_it():
    """Where all had the one cause, its incidence is 1, without limits: 0 and 1 and a flag."""
    curve = aalen_johansen([1, 2, 3], [1, 1, 1]).of(1)
    assert curve.cumulative_incidence[-1] == pytest.approx(1, abs=1e-15)
    assert (curve.ci_low[-1], curve.ci_high[-1], curve.has_limits[-1]) == (0, 1, False)


def test_nothing_to_estimate():
    """Nobody is no estimate; all censored is survival 1 and no cause; an absent cause says so."""
    assert isinstance(aalen_johansen([], []), NoEstimate)
    found = aalen_johansen([1, 2], [0, 0])
    assert found.causes == ()
    assert_array_equal(found.survival, [1, 1])
    assert isinstance(found.of(1), NoEstimate)


@pytest.mark.parametrize(
    ("cause", "options", "message"),
    [
        ([1, -1], {}, "negative"),
        ([1, 0.5], {}, "whole"),
        ([1, float("nan")], {}, "whole"),
        ([1, 2, 3], {}, "length"),
        ([[1, 2]], {}, "one-dimensional"),
        ([1, 2], {"conf_type": "logit"}, "conf_type"),
        ([1, 2], {"variance": "aalen"}, "variance"),
        ([1, 2], {"conf_level": 95}, "conf_level"),
    ],
)
def test_wrong_input_is_refused(cause, options, message):
    """A cause that is none, an unknown option and columns of different length are errors."""
    with pytest.raises(ValueError, match=message):
        aalen_johansen([1, 2], cause, **options)


def test_digits_last_for_large_cohorts():
    """For a rare cause after 100,000 others, the running sums keep nine digits.

    A slow twin adds the variance's terms with u = F(t) − F(s) formed directly.
    """
    generator = np.random.default_rng(4)
    time = generator.exponential(size=200_000)
    cause = np.where(generator.random(200_000) < 1e-3, 1, generator.integers(0, 2, 200_000) * 2)
    found = aalen_johansen(time, cause)
    curve = found.of(1)
    n, h_own = curve.n_at_risk.astype(float), curve.n_events / curve.n_at_risk
    h = sum(other.n_events for other in found.causes) / n
    before = np.concatenate([[1], np.cumprod(1 - h)[:-1]])
    for t in (1_000, 50_000, 199_000):
        u = (curve.cumulative_incidence[t] - curve.cumulative_incidence)[: t + 1]
        b, k, a, m = before[: t + 1], h_own[: t + 1], h[: t + 1], n[: t + 1]
        terms = b**2 * k * (1 - k) - 2 * b * k * u + u**2 * a / (1 - a)
        assert_allclose(curve.se[t] ** 2, np.sum(terms / m), rtol=1e-9)
