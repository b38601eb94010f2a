"""Arms and effects: what the G-CSF series printed, escalc, and Luo's and Wan's formulas."""

from __future__ import annotations

import numpy as np
import pytest

from incohort.stats import NoEstimate
from incohort.stats.location import welch_t
from incohort.stats.meta import Arm, arm_from_quantiles, mean_difference, pool

TAJIRI_SYMPTOMATIC = (Arm(n=19, mean=5.5, sd=3.5), Arm(n=37, mean=9.2, sd=4.4))
TAJIRI_ASYMPTOMATIC = (Arm(n=15, mean=2.3, sd=1.9), Arm(n=34, mean=5.4, sd=4.3))
ANDRES = (Arm(n=10, mean=6.8, sd=4), Arm(n=10, mean=11.6, sd=5))


@pytest.mark.parametrize(
    ("arms", "printed"),
    [
        (TAJIRI_SYMPTOMATIC, (-3.70, -5.82, -1.58)),
        (TAJIRI_ASYMPTOMATIC, (-3.10, -4.84, -1.36)),
        (ANDRES, (-4.80, -8.77, -0.83)),
    ],
)
def test_days_gained_by_g_csf(arms, printed):
    """Tajiri 2005 and Andrès 2001: the differences of their printed means, with normal limits."""
    found = mean_difference(*arms)
    assert (round(found.estimate, 2), round(found.ci_low, 2), round(found.ci_high, 2)) == printed


def test_the_three_series_together():
    """The fixed effect of the three is −3.49 days with a standard error of 0.65."""
    effects = [mean_difference(*arms) for arms in (TAJIRI_SYMPTOMATIC, TAJIRI_ASYMPTOMATIC, ANDRES)]
    found = pool([e.estimate for e in effects], [e.se for e in effects], method="fixed")
    assert (round(found.estimate, 2), round(found.se, 2)) == (-3.49, 0.65)


def test_effects_agree_with_escalc(recorded, agree):
    """The difference and its standard error are metafor's."""
    for case in recorded("meta/meta")["arms"]:
        arms = [
            Arm(n=n, mean=mean, sd=sd)
            for n, mean, sd in zip(case["n"], case["mean"], case["sd"], strict=True)
        ]
        agree(case, mean_difference(*arms), {key: case[key] for key in ("estimate", "se")})


def test_quantiles_as_mean_and_sd_agree_with_r(recorded):
    """Range, quartiles or both give the mean of Luo 2018 and the SD of Wan 2014."""
    for case in recorded("meta/meta")["quantiles"]:
        low, q1, median, q3, high = case["values"]
        n = case["n"]
        found = {
            "range": arm_from_quantiles(n, median, limits=(low, high)),
            "quartiles": arm_from_quantiles(n, median, quartiles=(q1, q3)),
            "both": arm_from_quantiles(n, median, limits=(low, high), quartiles=(q1, q3)),
        }
        for key, arm in found.items():
            assert [arm.mean, arm.sd] == pytest.approx(case[key], rel=1e-9), (case, key)
            assert arm.is_approximate


def test_normal_samples_come_back():
    """Of many normal samples, the means and SDs worked out from quantiles average to the truth."""
    generator = np.random.default_rng(2014)
    samples = np.sort(generator.normal(10, 3, size=(4000, 41)), axis=1)
    arms = [
        arm_from_quantiles(41, s[20], limits=(s[0], s[-1]), quartiles=(s[10], s[30]))
        for s in samples.tolist()
    ]
    mean, sd = np.mean([(arm.mean, arm.sd) for arm in arms], axis=0)
    assert mean == pytest.approx(10, abs=0.03)  # four standard errors
    assert sd == pytest.approx(3, abs=0.03)


def test_an_approximate_arm_marks_its_effect():
    """One arm from a median is enough for the effect to say that it is approximate."""
    guessed = arm_from_quantiles(20, 6, quartiles=(4, 9))
    found = mean_difference(guessed, Arm(n=20, mean=9, sd=4))
    assert found.is_approximate
    assert "approximate" in found.method
    assert not mean_difference(*ANDRES).is_approximate


def test_an_interval_beside_welchs_test_never_contradicts_it():
    """Welch's interval is that of R's t.test on samples with these means and deviations."""
    x, y = np.array([3.0, 5, 8, 9, 20, 4]), np.array([2.0, 2, 3, 7])
    arms = [Arm(n=len(v), mean=float(v.mean()), sd=float(v.std(ddof=1))) for v in (x, y)]
    found, test = mean_difference(*arms, is_welch=True), welch_t(x, y)
    assert (found.ci_low, found.ci_high) == pytest.approx((test.ci_low, test.ci_high), rel=1e-12)
    edge = mean_difference(*arms, is_welch=True, conf_level=1 - test.p_value)
    assert min(abs(edge.ci_low), abs(edge.ci_high)) == pytest.approx(0, abs=1e-9)


def test_arms_that_tell_too_little():
    """One patient, no spread and a bare median give a reason; figures out of order are refused."""
    assert isinstance(mean_difference(Arm(n=1, mean=5, sd=2), ANDRES[1]), NoEstimate)
    same = Arm(n=3, mean=5, sd=0)
    assert isinstance(mean_difference(same, same), NoEstimate)
    assert isinstance(arm_from_quantiles(20, 6), NoEstimate)
    assert isinstance(arm_from_quantiles(1, 6, limits=(6, 6)), NoEstimate)
    with pytest.raises(ValueError, match="order"):
        arm_from_quantiles(20, 6, quartiles=(7, 9))
    with pytest.raises(ValueError, match="mean"):
        mean_difference(Arm(n=5, mean=float("nan"), sd=1), ANDRES[1])
