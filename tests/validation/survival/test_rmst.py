"""Restricted mean survival: R's survfit and survRM2, and the area done by hand."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from incohort.stats import NoEstimate
from incohort.stats.survival import rmst, rmst_comparison

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
]


def test_the_area_can_be_done_by_hand():
    """Events at 2 and 4 of four: 2·1 + 2·¾ + 2·½ = 4.5 up to 6, variance from the two steps."""
    found = rmst([2, 4, 6, 7], [1, 1, 0, 0], 6)
    assert found.estimate == pytest.approx(4.5, rel=1e-14)
    # Beyond 2 the area is 2.5, beyond 4 it is 1: 2.5²/(4·3) + 1²/(3·2).
    assert found.se**2 == pytest.approx(2.5**2 / 12 + 1 / 6, rel=1e-14)


@pytest.mark.parametrize("case", CASES)
def test_it_agrees_with_survfit(case, rows_of, r_values):
    """Estimate and standard error are those of print(survfit, rmean = tau)."""
    time, event, enter = rows_of(case)
    for r in r_values("kaplan_meier")[case]["rmst"]:
        found = rmst(time, event, r["tau"], time_enter=enter)
        assert_allclose([found.estimate, found.se], [r["estimate"], r["se"]], rtol=1e-9)


@pytest.mark.parametrize(
    ("case", "name", "group"),
    [
        ("veteran_trt2_vs_1", "veteran", "trt"),
        ("ovarian_rx2_vs_1", "ovarian", "rx"),
        ("lung_female_vs_male", "lung", "sex"),
    ],
)
def test_two_groups_agree_with_survrm2(case, name, group, data_set, r_values):
    """Both means, their difference and ratio, intervals and P are survRM2's."""
    columns, r = data_set(name), r_values("rmst_survRM2")[case]
    found = rmst_comparison(columns["time"], columns["event"], columns[group], r["tau"])
    for part in ("first", "second", "difference", "ratio"):
        for field, value in r[part].items():
            assert getattr(getattr(found, part), field) == pytest.approx(value, rel=1e-9), field


def test_the_difference_is_as_uncertain_as_repeated_trials_show():
    """The variance is that of the estimate itself: 2,000 drawn cohorts spread as it says."""
    generator = np.random.default_rng(11)
    estimates, variances = [], []
    for _ in range(2000):
        event_time = generator.exponential(10, size=60)
        censoring = generator.uniform(5, 30, size=60)
        time, event = np.minimum(event_time, censoring), event_time <= censoring
        found = rmst(time, event, 12)
        estimates.append(found.estimate)
        variances.append(found.se**2)
    assert np.var(estimates) == pytest.approx(np.mean(variances), rel=0.1)


def test_beyond_follow_up_there_is_no_mean():
    """A curve that stops above 0 before tau has no area up to tau; one that is at 0 has."""
    assert "followed up to 20" in rmst([5, 9], [1, 0], 20).reason
    assert rmst([5, 9], [1, 1], 20).estimate == pytest.approx(7)
    assert "no spread" in rmst([30, 40], [1, 1], 20).reason
    assert isinstance(rmst([], [], 20), NoEstimate)
    one_sided = rmst_comparison([5, 9, 30], [1, 1, 1], ["a", "a", "b"], 20)
    assert one_sided.reason.startswith("in group b, ")
    with pytest.raises(ValueError, match="tau"):
        rmst([5], [1], 0)
    with pytest.raises(ValueError, match="two groups"):
        rmst_comparison([1, 2, 3], [1, 1, 1], ["a", "b", "c"], 2)
