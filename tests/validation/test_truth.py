"""Synthetic cohorts with a known truth: who finds it. The benchmark holds coverage over 500."""

from __future__ import annotations

import csv
import importlib
from pathlib import Path

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
COHORTS, PATIENTS = 40, 400
TARGET_PATIENTS = 60_000


@pytest.fixture(scope="module")
def found():
    """Each method's estimates, one a cohort, its target and its promise."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(BENCHMARKS))
        bench = importlib.import_module("bench_truth")
        methods = importlib.import_module("truth_methods")
    aims = methods.targets(7, TARGET_PATIENTS)
    all_intervals = np.array([bench.intervals(k, PATIENTS) for k in range(COHORTS)])
    return {
        method.name: (all_intervals[:, k, 0], aims[method.target], method.promise.value)
        for k, method in enumerate(methods.METHODS)
    }


def biases(found, promise):
    """Each such method's mean error in Monte Carlo standard errors."""
    return {
        name: (estimate.mean() - aim.value) / np.hypot(estimate.std(ddof=1) / COHORTS**0.5, aim.se)
        for name, (estimate, aim, promised) in found.items()
        if promised == promise
    }


@pytest.mark.slow
def test_analyses_that_know_the_confounders_find_the_truth(found):
    """Time-varying, weighted and landmark analyses are right on average, within three errors."""
    off = biases(found, "nominal")
    assert len(off) == 4
    assert max(map(abs, off.values())) < 3, off


@pytest.mark.slow
def test_naive_analyses_miss_the_truth_in_their_known_directions(found):
    """Ever/never from the withdrawal is far too low, adjusted from the first dose too high."""
    low, high = biases(found, "too low"), biases(found, "too high")
    assert {"ever/never", "ever/never, adjusted", "time-varying"} < set(low)
    assert "from the first dose, adjusted" in high
    assert max(low.values()) < -5, low
    assert min(high.values()) > 5, high


@pytest.mark.slow
def test_immortal_time_turns_the_effect_round(found):
    """G-CSF that helps looks harmful ever/never: its hazard ratio is below 1 nearly always."""
    assert (found["ever/never"][0] < 0).mean() > 0.9
    assert (found["time-varying, adjusted daily"][0] > 0).mean() > 0.9


def test_the_recorded_table_is_of_the_methods_that_are_run():
    """Each method that is promised nominal coverage has it in the table, each naive one has not."""
    with (BENCHMARKS / "truth.csv").open(encoding="utf-8", newline="") as file:
        table = {row["method"]: row for row in csv.DictReader(file)}
    promised = {name: row["promise"] for name, row in table.items()}
    assert list(promised.values()).count("nominal") == 4
    for row in table.values():
        if row["promise"] == "nominal":
            assert 0.93 <= float(row["coverage"]) <= 0.97
        elif row["promise"] != "shown":
            assert float(row["coverage_high"]) < 0.93
            assert (float(row["bias"]) < 0) == (row["promise"] == "too low")
    assert float(table["time-varying, adjusted daily"]["truth"]) == pytest.approx(np.log(1.5))
