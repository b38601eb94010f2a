"""The bootstrap of a quantile: the same draws, one resample after the other."""

from __future__ import annotations

import math

import numpy as np
import pytest

from incohort.stats import NoEstimate
from incohort.stats.survival import bootstrap_quantile, kaplan_meier
from incohort.stats.survival.bootstrap import _quantiles
from incohort.stats.survival.inputs import follow_up


@pytest.mark.parametrize(("case", "p"), [("gehan_6mp", 0.25), ("even", 0.5), ("ovarian", 0.25)])
def test_the_limits_are_those_of_curves_drawn_one_by_one(case, p, rows_of):
    """Kaplan–Meier on each resample in turn gives the same order statistics."""
    time, event, _ = rows_of(case)
    found = bootstrap_quantile(time, event, p, seed=7, n_resamples=399)
    drawn = np.random.default_rng(7).integers(0, len(time), size=(399, len(time)))
    quantiles = []
    for rows in drawn:
        one = kaplan_meier(time[rows], event[rows]).quantile(p)
        quantiles.append(math.inf if isinstance(one, NoEstimate) else one.estimate)
    quantiles.sort()
    assert (found.ci_low, found.ci_high) == (quantiles[9], quantiles[389])
    assert found.estimate == kaplan_meier(time, event).quantile(p).estimate


def test_a_resample_that_ends_on_the_line_takes_the_middle():
    """Two of four have the event and two are lost: the median is between the second and the end."""
    time, event = np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 1, 0, 0])
    rows = follow_up(time, event)
    cells = 2 * rows.exit_code + rows.event
    found = _quantiles(rows, np.stack([cells, cells[[0, 0, 2, 2]], cells[[2, 2, 3, 3]]]), 0.5)
    assert found.tolist() == [3.0, 2.0, math.inf]


def test_the_same_seed_gives_the_same_limits(rows_of):
    """A report can be made again; another seed may differ."""
    time, event, _ = rows_of("veteran")
    first, again = (bootstrap_quantile(time, event, seed=1) for _ in range(2))
    assert first == again


def test_the_limits_cover_as_they_say():
    """Of 300 cohorts with a true median of 10·ln 2, about 95% have it within their limits."""
    generator = np.random.default_rng(4)
    truth, covered = 10 * math.log(2), 0
    for trial in range(300):
        event_time = generator.exponential(10, size=80)
        censoring = generator.uniform(5, 40, size=80)
        found = bootstrap_quantile(
            np.minimum(event_time, censoring), event_time <= censoring, seed=trial, n_resamples=400
        )
        covered += found.ci_low <= truth <= found.ci_high
    assert 0.91 <= covered / 300 <= 0.98


def test_what_cannot_be_bootstrapped_has_a_reason():
    """No patients, no median: a reason; too few resamples: a programming error."""
    assert isinstance(bootstrap_quantile([], [], seed=1), NoEstimate)
    assert isinstance(bootstrap_quantile([1, 2], [0, 0], seed=1), NoEstimate)
    with pytest.raises(ValueError, match="100"):
        bootstrap_quantile([1, 2], [1, 1], seed=1, n_resamples=50)
