"""The best order of assays and the smallest panel, against all orders and all subsets."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from incohort.stats.assays.panels import best_order, smallest_panel
from incohort.stats.assays.yields import yields_in_order
from incohort.stats.outcome import NoEstimate


def test_the_best_order_is_the_best_of_all(recorded):
    """Its cumulative yields add to the largest sum that R finds over all permutations."""
    for case in recorded("assays/panels")["cases"]:
        positive = np.array(case["positive"], dtype=bool)
        steps = yields_in_order(positive, order=best_order(positive))
        total = sum(round(step.cumulative.estimate * step.n) for step in steps)
        assert total == case["best_sum"]


def test_the_smallest_panel_is_the_smallest_of_all(recorded):
    """Its size, its yield and the number of its rivals equal those of R's search of all subsets."""
    for case in recorded("assays/panels")["cases"]:
        positive = np.array(case["positive"], dtype=bool)
        for expected in case["panels"]:
            found = smallest_panel(positive, wanted=expected["wanted"], resamples=10)
            assert len(found.assays) == expected["size"]
            assert found.n_found == positive[:, found.assays].any(axis=1).sum()
            assert (found.n_found, found.n_panels) == (expected["n_found"], expected["n_panels"])


def test_the_choice_is_as_stable_as_the_binomial_says():
    """Of 40 found, 36 by the first assay: it keeps 90 % in as many resamples as theory predicts.

    Given how many of 100 are found, those by the first assay are binomial with share 36/40.
    """
    positive = np.repeat([[1, 0], [0, 1], [0, 0]], [36, 4, 60], axis=0).astype(bool)
    found = smallest_panel(positive, wanted=0.9, resamples=20_000)
    assert found.assays == (0,)
    totals = np.arange(1, 101)
    needed = np.ceil(0.9 * totals - 1e-9)
    chance = float(
        (stats.binom.pmf(totals, 100, 0.4) * stats.binom.sf(needed - 1, totals, 0.9)).sum()
    )
    assert found.kept_again == pytest.approx(chance, abs=4 * (0.25 / 20_000) ** 0.5)


def test_a_clear_choice_is_chosen_always():
    """An assay that finds all that any finds is the panel in each resample."""
    positive = np.repeat([[1, 1, 0], [1, 0, 0], [0, 0, 0]], [40, 50, 60], axis=0).astype(bool)
    found = smallest_panel(positive, wanted=1.0, resamples=200)
    assert found.assays == (0,)
    assert (found.chosen_again, found.kept_again, found.n_panels) == (1.0, 1.0, 1)
    assert best_order(positive)[0] == 0


def test_equal_panels_are_counted_and_the_first_taken():
    """Two assays with the same results are rivals: the earlier column stands, both are counted."""
    positive = np.repeat([[1, 1], [0, 0]], [5, 5], axis=0).astype(bool)
    found = smallest_panel(positive, resamples=50)
    assert (found.assays, found.n_panels) == ((0,), 2)
    assert best_order(positive) == (0, 1)


def test_reasons_and_refusals():
    """Nobody, nobody found, and an impossible share are told apart."""
    silent = np.zeros((9, 3), dtype=bool)
    assert smallest_panel(silent) == NoEstimate("no assay found anybody")
    assert best_order(silent) == (0, 1, 2)
    for found in (smallest_panel(silent[:0]), best_order(silent[:0])):
        assert "no patient" in found.reason
    with pytest.raises(ValueError, match="wanted"):
        smallest_panel(silent, wanted=0.0)
