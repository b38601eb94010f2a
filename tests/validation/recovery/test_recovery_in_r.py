"""The report on recovery against R, which began from the CSV files and derived everything anew."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from incohort.analyses.anc_recovery.gcsf import Effects
from incohort.analyses.anc_recovery.parameters import RecoveryParameters
from incohort.analyses.anc_recovery.study import AncRecovery
from incohort.cohort import open_cohort
from incohort.results import Curve, Estimate
from incohort.stats.causal import weighted_effect

CLOSED_FORM, ITERATIVE = 1e-9, 1e-6
SHORT = ("recovery", "intervals", "incidence", "models", "gcsf")
# what R did, and the choices that it made; what is drawn at random isn't held against it
RUNS = {
    "default": ({}, "low_count", (*SHORT, "criteria", "multiverse")),
    "other": (
        {"recovery_threshold": 0.5, "confirmation": "next_count"},
        "low_count",
        SHORT,
    ),
    "by_gcsf": ({}, "gcsf", ("incidence",)),
}
cohort = cache(open_cohort)


@cache
def report(name: str) -> dict:
    """Every result of a run under its key, without the prefix."""
    choices, group_by, parts = RUNS[name]
    asked = AncRecovery(cohort("din_synthetic"), **choices, group_by=group_by, resamples=100)
    return {
        key.removeprefix("anc_recovery/"): result
        for part in parts
        for key, result in getattr(asked, part)().by_key.items()
    }


def differences(cases: list[dict], tolerance: float) -> list[str]:
    """Where the report has another value or another limit than R."""
    found = []
    for case in cases:
        ours = report(case["choices"])[case["key"]]
        assert isinstance(ours, Estimate), f"{case['choices']} {case['key']}: {ours}"
        for field in ("value", "ci_low", "ci_high"):
            if field not in case:
                continue
            has, r_has = getattr(ours, field), case[field]
            if r_has is None or has is None:
                same = r_has is has
            else:
                same = math.isclose(has, r_has, rel_tol=tolerance, abs_tol=tolerance / 1000)
            if not same:
                found.append(f"{case['choices']} {case['key']} {field}: {has!r}, R {r_has!r}")
    return found


def test_what_r_computes_exactly_is_in_the_report(recorded):
    """Counts, medians, means, incidences and tests are R's, under both sets of choices."""
    cases = recorded("recovery/recovery")["exact"]
    assert len(cases) > 130
    assert differences(cases, CLOSED_FORM) == []


def is_resampled(case: dict) -> bool:
    """Whether limits or P are of resampled patients in the report, and of a robust error in R."""
    return case["key"].startswith("gcsf/weighted") and "e_value" not in case["key"]


def test_what_r_fits_is_in_the_report(recorded):
    """Models, weights, balance and 72 hazard ratios of the multiverse are R's."""
    cases = recorded("recovery/recovery")["fitted"]
    assert len(cases) > 150
    estimates = [
        {name: case[name] for name in ("choices", "key", "value")} if is_resampled(case) else case
        for case in cases
        if not (is_resampled(case) and case["key"].endswith("p_value"))
    ]
    assert differences(estimates, ITERATIVE) == []


def test_robust_limits_of_the_weighted_effects_are_those_of_r(recorded):
    """Before patients are resampled: coxph's robust limits and P on the report's own weights."""
    cases = [case for case in recorded("recovery/recovery")["fitted"] if is_resampled(case)]
    assert len(cases) == 12
    for choices in ("default", "other"):
        effects = Effects(AncRecovery(cohort("din_synthetic"), **RUNS[choices][0])._question)
        given = {
            "weighted_all": (effects.weights((0.0, 100.0)), None),
            "weighted": (effects.weights((1.0, 99.0)), None),
            "weighted_given": (effects.weights((1.0, 99.0), is_given=True), effects._day_baseline),
        }
        for name, (weights, baseline) in given.items():
            found = weighted_effect(effects.days, weights.weight, baseline=baseline)
            ours = {
                "hazard_ratio": {"ci_low": found.ci_low, "ci_high": found.ci_high},
                "p_value": {"value": found.p_value},
            }
            for field, numbers in ours.items():
                key = f"gcsf/{name}/{field}"
                (r,) = (c for c in cases if (c["choices"], c["key"]) == (choices, key))
                for part, value in numbers.items():
                    assert value == pytest.approx(r[part], rel=ITERATIVE), (choices, key, part)


def test_weighted_limits_in_the_report_are_of_resampled_patients():
    """They hold R's estimate, and the method names the bootstrap instead of a robust variance."""
    for name in ("weighted_all", "weighted", "weighted_given"):
        ours = report("default")[f"gcsf/{name}/hazard_ratio"]
        assert "bootstrap of patients" in ours.method
        assert "robust" not in ours.method
        assert ours.ci_low < ours.value < ours.ci_high


def test_curves_are_those_of_r(recorded):
    """At each of R's steps the curve, its limits, those at risk and the events are R's."""
    for case in recorded("recovery/recovery")["curves"]:
        curve = report(case["choices"])[case["key"]]
        assert isinstance(curve, Curve)
        where = [np.flatnonzero(np.isclose(curve.x, x, atol=1e-9, rtol=0)) for x in case["x"]]
        assert all(len(at) == 1 for at in where), case["key"]
        at = np.concatenate(where)
        tolerance = ITERATIVE if "npmle" in case["key"] else CLOSED_FORM
        for field in ("y", "ci_low", "ci_high", "n_at_risk", "n_events"):
            if field in case:
                ours = np.asarray(getattr(curve, field))[at]
                assert ours == pytest.approx(case[field], rel=tolerance), (case["key"], field)
        others = np.setdiff1d(np.arange(len(curve.x)), at)
        heights = {0.0, 1.0, *case["y"]}
        assert all(min(abs(curve.y[k] - h) for h in heights) < ITERATIVE for k in others), (
            f"{case['key']}: a step that R doesn't have"
        )


def test_imputation_agrees_with_mice(recorded):
    """Ages filled in by R's mice give the same ratio, as near as so few draws can tell."""
    [case] = recorded("recovery/recovery")["imputed"]
    ours = report(case["choices"])[case["key"]]
    draws = RecoveryParameters().n_imputations
    error = math.sqrt(case["between"] * (1 / draws + 1 / case["m"]))
    assert abs(math.log(ours.value) - case["log_ratio"]) < 4 * error
    # Rubin's total variance; the reference distribution hardly differs from the normal here
    width = math.log(ours.ci_high / ours.ci_low)
    total = case["within"] + (1 + 1 / draws) * case["between"]
    assert width == pytest.approx(2 * 1.96 * math.sqrt(total), rel=0.02)


def five(time_zero: str, episodes: str = "first") -> dict:
    """What the report has of the five patients of Abdulkader 2014."""
    asked = AncRecovery(
        cohort("abdulkader2014"),
        time_zero=time_zero,
        episodes=episodes,
        resamples=100,
    )
    found = [asked.recovery(), asked.intervals(), asked.incidence()]
    return {
        key.removeprefix("anc_recovery/"): result
        for one in found
        for key, result in one.by_key.items()
    }


def test_five_patients_by_hand_from_the_first_low_count():
    """9, 14, 7, 15 and 14 days: a mean of 59/5, and squares about it of 50.8 make its error."""
    found = five("first_low")
    mean = found["km/all/rmst"]
    half = 1.959963984540054 * math.sqrt(50.8) / 5
    limits = (mean.ci_low, mean.ci_high)
    assert (mean.value, *limits) == pytest.approx((11.8, 11.8 - half, 11.8 + half), rel=CLOSED_FORM)
    # each was low on day 0 and up by days 9, 14, 7, 15, 14: all of them can have been up by 7
    bounds = [found[f"intervals/npmle/median_{side}"].value for side in ("low", "high")]
    assert bounds == [0, 7]
    assert found["km/all/by_day_14/proportion"].value == pytest.approx(0.8, rel=CLOSED_FORM)


def test_five_patients_by_hand_from_the_day_of_rituximab():
    """Day 1 January; counts up again on days 177, 85, 158, 199 and 149: half by the third."""
    found = five("withdrawal")
    assert found["km/all/curve"].x == (85, 149, 158, 177, 199)
    median = found["km/all/median"]
    assert (median.value, median.ci_low, median.ci_high) == (158, 85, math.inf)
    assert found["intervals/npmle/median_low"].value == 151  # low on 1 June, up on 8 June
    assert found["intervals/npmle/median_high"].value == 158


def test_six_episodes_by_hand():
    """4, 7, 9, 14, 14 and 15 days: the curve lies on a half from 9 to 14, so the median is 11.5."""
    found = five("first_low", episodes="all")
    assert found["km/all/rmst"].value == pytest.approx(63 / 6, rel=CLOSED_FORM)
    assert found["km/all/median"].value == 11.5


def test_a_curve_that_has_ended_has_no_limits():
    """By day 28 all five are up: R's survfit has no limits at survival 0, nor has the report."""
    found = five("first_low")
    for key in ("km/all/by_day_28/proportion", "incidence/all/recovered/by_day_28/proportion"):
        assert found[key].value == 1
        assert found[key].ci_low is None
        assert found[key].ci_high is None
