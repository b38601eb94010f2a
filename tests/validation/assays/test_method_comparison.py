"""Limits of agreement and Passing–Bablok lines, against Bland and Altman's paper and R."""

from __future__ import annotations

import math

import numpy as np
import pytest

from incohort.stats.assays.method_comparison import bland_altman, passing_bablok
from incohort.stats.outcome import NoEstimate

# Bland & Altman 1986, table 1: peak flow by the large and the mini Wright meter, l/min
LARGE = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


def numbers(interval) -> tuple[float, float, float]:
    return interval.estimate, interval.ci_low, interval.ci_high


def test_the_peak_flow_meters():
    """Bias −2.1 (−22.0 to 17.8), SD 38.8, and limits of 2 SD at −79.7 and 75.5, as printed."""
    two_sd = 2 * 0.9772498680518208 - 1  # the share within two standard deviations
    found = bland_altman(LARGE, MINI, coverage=two_sd)
    assert numbers(found.bias) == pytest.approx((-2.1, -22.0, 17.8), abs=0.06)
    assert found.sd == pytest.approx(38.8, abs=0.05)
    assert found.lower.estimate == pytest.approx(-79.7, abs=0.06)
    assert found.upper.estimate == pytest.approx(75.5, abs=0.1)  # printed from rounded parts


def test_limits_of_agreement_agree_with_r(recorded):
    """Bias, SD, limits with intervals, and the slope on the means equal R's."""
    for case in recorded("assays/method_comparison")["bland"]:
        found = bland_altman(
            case["first"],
            case["second"],
            conf_level=case["conf_level"],
            coverage=case["coverage"],
        )
        assert found.sd == pytest.approx(case["sd"], rel=1e-9)
        for name in ("bias", "lower", "upper", "slope"):
            expected = tuple(case[name])
            assert numbers(getattr(found, name)) == pytest.approx(expected, rel=1e-9, abs=1e-9)


def test_lines_agree_with_r(recorded):
    """Slope, intercept, limits and the cusum test equal R's pair by pair from the paper."""
    for case in recorded("assays/method_comparison")["lines"]:
        found = passing_bablok(case["x"], case["y"], conf_level=case["conf_level"])
        assert numbers(found.slope) == pytest.approx(tuple(case["slope"]), rel=1e-9)
        assert numbers(found.intercept) == pytest.approx(tuple(case["intercept"]), rel=1e-9)
        assert found.linearity.statistic == pytest.approx(case["cusum"], rel=1e-9)
        assert found.linearity.p_value == pytest.approx(case["p_value"], rel=1e-9)


def test_a_bent_relation_is_no_line():
    """A parabola exceeds the cusum test's 1 % limit of 1.63; a noisy line through 200 does not."""
    x = np.linspace(1, 10, 60)
    assert passing_bablok(x, x**2).linearity.statistic > 1.63
    rng = np.random.default_rng(5)
    straight = np.linspace(1, 10, 200)
    found = passing_bablok(straight, 2 * straight + rng.normal(0, 0.5, 200))
    assert found.linearity.statistic < 1.63


def test_the_line_does_not_depend_on_the_order_of_samples(recorded):
    """With tied values too, shuffling the samples leaves slope and intercept as they were."""
    case = recorded("assays/method_comparison")["bland"][6]  # dilution steps, full of ties
    x, y = np.array(case["first"]), np.array(case["second"])
    found = passing_bablok(x, y)
    for seed in range(5):
        order = np.random.default_rng(seed).permutation(len(x))
        again = passing_bablok(x[order], y[order])
        assert (again.slope, again.intercept) == (found.slope, found.intercept)


def test_exchanging_the_methods_inverts_the_slope():
    """Regressing x on y has the inverse limits of y on x, as the authors built it."""
    found, mirrored = passing_bablok(LARGE, MINI), passing_bablok(MINI, LARGE)
    assert mirrored.slope.ci_low == pytest.approx(1 / found.slope.ci_high)
    assert mirrored.slope.ci_high == pytest.approx(1 / found.slope.ci_low)


def test_an_outlier_does_not_move_the_line():
    """Points on y = 2x + 1 with one wild value: slope 2, intercept 1."""
    x = np.arange(1.0, 30.0)
    y = 2 * x + 1
    y[10] = 500.0
    found = passing_bablok(x, y)
    assert (found.slope.estimate, found.intercept.estimate) == pytest.approx((2, 1))
    assert isinstance(found.linearity, NoEstimate)


def test_bounds_are_no_values():
    """A titre below its first dilution is refused with its count and what to do instead."""
    flags = np.zeros(17, dtype=bool)
    flags[[2, 5]] = True
    for estimator in (bland_altman, passing_bablok):
        found = estimator(LARGE, MINI, censored=flags)
        assert isinstance(found, NoEstimate)
        assert "2 of 17" in found.reason
        assert "weighted kappa" in found.reason
        assert estimator(LARGE, MINI, censored=~flags & flags) == estimator(LARGE, MINI)


@pytest.mark.parametrize("n", [4, 17, 8000])
def test_points_on_a_line_have_a_line_without_interval(n):
    """Y = 0.3 + 1.1 x for every sample: the line is exact, and an interval of width 0 would lie."""
    x = np.arange(1.0, n + 1) / 7
    found = passing_bablok(x, 0.3 + 1.1 * x)
    assert found.slope.estimate == pytest.approx(1.1, rel=1e-9)
    assert found.intercept.estimate == pytest.approx(0.3, rel=1e-9)
    for part in (found.slope, found.intercept):
        assert "no interval" in part.no_interval
        assert (part.ci_low, part.ci_high) == (-math.inf, math.inf)
    slope = bland_altman(x, 0.3 + 1.1 * x).slope
    assert "no interval" in slope.no_interval


def test_one_point_off_the_line_gives_it_an_interval():
    """With a single sample off by 0.01 the slopes differ, and their order tells the limits."""
    x = np.arange(1.0, 18.0) / 7
    y = 0.3 + 1.1 * x
    y[0] += 0.01
    slope = passing_bablok(x, y).slope
    assert not slope.no_interval
    assert math.isfinite(slope.ci_low)


def test_reasons_and_refusals():
    """Too few samples, no spread, falling relations and missing values are told apart."""
    steps = np.arange(20.0)
    for found, words in (
        (bland_altman([1.0, 2.0], [1.0, 3.0]), "fewer than 3"),
        (bland_altman(steps, steps + 1), "no spread"),
        (passing_bablok(steps[:3], steps[:3]), "fewer than 4"),
        (passing_bablok(steps, steps * 0), "same value"),
        (passing_bablok(steps, -2 * steps), "rise together"),
        (passing_bablok(steps, -0.5 * steps), "rise together"),
        (passing_bablok(np.arange(8000.0), np.arange(8000.0) ** 2), "too many"),
        (bland_altman([1.0, 0.0, 2.0], [1.0, 2.0, 0.0]).slope, "all the same"),
    ):
        assert isinstance(found, NoEstimate), words
        assert words in found.reason
    with pytest.raises(ValueError, match="finite"):
        bland_altman([1.0, math.nan, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="censored"):
        passing_bablok(steps, steps, censored=[1] * 20)
