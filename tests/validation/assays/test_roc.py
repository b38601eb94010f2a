"""ROC curves, against pROC on its subarachnoid haemorrhage data and against plain resampling."""

from __future__ import annotations

import math

import numpy as np
import pytest

from incohort.stats.assays.roc import compare_areas, cut_off_at_specificity, roc_curve
from incohort.stats.outcome import NoEstimate


@pytest.fixture(scope="module")
def haemorrhage(recorded) -> dict[str, np.ndarray]:
    """113 patients with aneurysmal haemorrhage (Turck 2010): three markers and a poor outcome."""
    (data,) = recorded("assays/roc")["data"]
    return {name: np.array(values) for name, values in data.items()}


def numbers(interval) -> tuple[float, float, float]:
    return interval.estimate, interval.ci_low, interval.ci_high


def test_published_areas(haemorrhage):
    """The areas printed with pROC: S100β 0.731, NDKA 0.612, WFNS 0.824."""
    for marker, area in (("s100b", 0.731), ("ndka", 0.612), ("wfns", 0.824)):
        found = roc_curve(haemorrhage[marker], haemorrhage["diseased"]).area
        assert found.estimate == pytest.approx(area, abs=5e-4)


def test_areas_agree_with_r(recorded, haemorrhage):
    """Areas and DeLong limits equal pROC's."""
    for case in recorded("assays/roc")["areas"]:
        found = roc_curve(
            haemorrhage[case["marker"]], haemorrhage["diseased"], conf_level=case["conf_level"]
        )
        assert numbers(found.area) == pytest.approx(tuple(case["area"]), rel=1e-9)


def test_corners_agree_with_r(recorded, haemorrhage):
    """The curve has pROC's corners, from (0, 0) to (1, 1)."""
    for case in recorded("assays/roc")["corners"]:
        found = roc_curve(haemorrhage[case["marker"]], haemorrhage["diseased"])
        assert found.sensitivity == pytest.approx(tuple(case["sensitivity"]))
        assert found.specificity == pytest.approx(tuple(case["specificity"]))


def test_comparisons_agree_with_r(recorded, haemorrhage):
    """DeLong's test and the limits of the difference equal pROC's roc.test."""
    for case in recorded("assays/roc")["tests"]:
        found = compare_areas(
            haemorrhage[case["first"]], haemorrhage[case["second"]], haemorrhage["diseased"]
        )
        assert found.test.statistic == pytest.approx(case["statistic"], rel=1e-9)
        assert found.test.p_value == pytest.approx(case["p_value"], rel=1e-9)
        limits = (found.difference.ci_low, found.difference.ci_high)
        assert limits == pytest.approx(tuple(case["limits"]), rel=1e-9)


def test_cut_offs_agree_with_r(recorded, haemorrhage):
    """Cut-offs are R's type 1 quantiles; their limits those of the bootstrap's distribution."""
    for case in recorded("assays/roc")["cuts"]:
        found = cut_off_at_specificity(
            haemorrhage[case["marker"]],
            haemorrhage["diseased"],
            case["wanted"],
            conf_level=case["conf_level"],
        )
        assert numbers(found.cut_off) == pytest.approx(tuple(case["cut_off"]), rel=1e-12), case
        assert numbers(found.sensitivity) == pytest.approx(tuple(case["sensitivity"]), rel=1e-12)
        assert found.specificity == pytest.approx(case["specificity"], rel=1e-12)


def test_the_computed_bootstrap_is_the_drawn_one(haemorrhage):
    """20 000 resamples drawn patient by patient cover as much as the computed limits say."""
    diseased = haemorrhage["diseased"]
    cases, controls = haemorrhage["s100b"][diseased], haemorrhage["s100b"][~diseased]
    found = cut_off_at_specificity(haemorrhage["s100b"], diseased, 0.9, conf_level=0.9)
    rng = np.random.default_rng(90)
    drawn = np.sort(rng.choice(controls, (20_000, len(controls))), axis=1)
    cuts = drawn[:, math.ceil(0.9 * len(controls)) - 1]
    shares = (rng.choice(cases, (20_000, len(cases))) > cuts[:, None]).mean(axis=1)
    for values, interval in ((cuts, found.cut_off), (shares, found.sensitivity)):
        assert (values < interval.ci_low).mean() < 0.05 + 0.005
        assert (values <= interval.ci_low).mean() > 0.05 - 0.005
        assert (values < interval.ci_high).mean() < 0.95 + 0.005
        assert (values <= interval.ci_high).mean() > 0.95 - 0.005


def test_groups_apart_keep_an_interval(recorded):
    """Without overlap the area is 1 and its lower limit is Newcombe's, not 1."""
    for case in recorded("assays/roc")["apart"]:
        m, n = case["m"], case["n"]
        values = np.concatenate([np.arange(m) + 100.0, np.arange(n)])
        diseased = np.arange(m + n) < m
        found = roc_curve(values, diseased).area
        assert (found.estimate, found.ci_high) == (1.0, 1.0)
        assert found.ci_low == pytest.approx(case["low"], rel=1e-9)
        mirrored = roc_curve(-values, diseased).area
        assert (mirrored.estimate, mirrored.ci_low) == (0.0, 0.0)
        assert mirrored.ci_high == pytest.approx(1 - case["low"], rel=1e-9)


def test_the_area_counts_pairs():
    """By hand: of 3·2 pairs, 4 in order, one tied, one reversed: 4.5 / 6."""
    values = [5.0, 3.0, 1.0, 3.0, 0.5]
    found = roc_curve(values, np.array([True, True, True, False, False]))
    assert found.area.estimate == pytest.approx(4.5 / 6)
    assert found.thresholds == (math.inf, 5.0, 3.0, 1.0, 0.5)
    assert found.sensitivity == pytest.approx((0, 1 / 3, 2 / 3, 1, 1))
    assert found.specificity == pytest.approx((1, 1, 1 / 2, 1 / 2, 0))


def test_a_constant_assay_is_worth_half():
    """Where all values are the same the area is ½ with a wide interval, and pairs can't differ."""
    diseased = np.array([True] * 5 + [False] * 5)
    found = roc_curve(np.ones(10), diseased)
    assert found.area.estimate == 0.5
    assert found.area.ci_low < 0.3
    assert found.area.ci_high > 0.7
    assert "rank all patients alike" in compare_areas(np.ones(10), np.ones(10), diseased).reason


def test_reasons_and_refusals():
    """One group missing or single has a reason; so has a specificity beyond the sample's reach."""
    values = np.arange(6.0)
    nobody = np.zeros(6, dtype=bool)
    one = np.array([True] + [False] * 5)
    half = np.array([True, False] * 3)
    for found, words in (
        (roc_curve(values, nobody), "with the disease and without"),
        (roc_curve(values, one), "two patients"),
        (compare_areas(values, values, nobody), "with the disease and without"),
        (compare_areas(values, values[::-1], one), "two patients"),
        (cut_off_at_specificity(values, ~nobody, 0.9), "with the disease and without"),
        (cut_off_at_specificity(values, half, 0.9), "healthy patients are too few"),
        (cut_off_at_specificity([1.0, 2.0], [True, False], 0.9), "1 healthy patient is too few"),
    ):
        assert isinstance(found, NoEstimate)
        assert words in found.reason
    with pytest.raises(ValueError, match="finite"):
        roc_curve([1.0, math.nan], np.array([True, False]))
    with pytest.raises(ValueError, match="booleans"):
        roc_curve([1.0, 2.0], [1, 0])
    with pytest.raises(ValueError, match="specificity"):
        cut_off_at_specificity(values, half, 0.0)
