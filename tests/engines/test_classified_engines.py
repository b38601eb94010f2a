"""Patients are classified alike on DuckDB, PostgreSQL and Apache Spark."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from incohort.cohort import AutoimmuneChoices, LglChoices, autoimmune_frame, lgl_frame
from incohort.cohort.felty import DEFINITIONS
from incohort.cohort.felty import FLAGS as AUTOIMMUNE_FLAGS
from incohort.cohort.lgl import CLASSES, FLAGS, ITEMS
from incohort.cohort.neutropenia_cause import CAUSE_ITEMS, CAUSES

pytestmark = [
    pytest.mark.engines,
    pytest.mark.slow,
    pytest.mark.xdist_group("engines"),
    # Spark's gateway leaves its sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

CHOICES = {
    "as they come": LglChoices(),
    "two methods": LglChoices(
        lgl_rule="own", clonality_rule="two_methods", oligoclonal="clonal", gap="ignored"
    ),
    "e5998": LglChoices(lgl_rule="e5998", clonality_rule="pcr", oligoclonal="unknown"),
}
BECAUSE = {
    "not_counted", "contradictory", "not_determined", "undated", "one_count", "too_short",
    "fell_and_rose", "end_between_counts", "not_tested", "undecided", "one_method",
}  # fmt: skip


@pytest.mark.parametrize("engine", ["on_postgres", "on_spark"])
@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
def test_every_engine_gives_the_same_classes(choices, engine, on_duckdb, request):
    """Hundreds of patients with counts at every limit have the same class for the same reason."""
    pd.testing.assert_frame_equal(
        lgl_frame(request.getfixturevalue(engine), choices),
        lgl_frame(on_duckdb, choices),
        check_exact=True,
    )


def test_the_crowd_has_every_class_in_it(on_duckdb):
    """Engines that agree on what never occurs would agree on nothing: each answer occurs."""
    frames = [lgl_frame(on_duckdb, choices) for choices in CHOICES.values()]
    found = pd.concat(frames, ignore_index=True)

    assert set(found["lgl_class"]) == set(CLASSES)
    assert set(found["first_missing"].dropna()) == set(ITEMS)
    assert set(found["missing_because"].dropna()) == BECAUSE
    for flag in FLAGS:
        assert set(found[flag]) == {True, False, None}, flag
    is_open = found["lgl_class"] == "unclassified"
    assert found.loc[is_open, ["first_missing", "missing_because"]].notna().all(axis=None)
    assert found.loc[~is_open, ["first_missing", "missing_because"]].isna().all(axis=None)


EVERYTHING = frozenset({"all_diagnoses", "concurrent_medications"})
OF_AUTOIMMUNE = {
    "all collected": (
        AutoimmuneChoices(
            known_cause="exclude", lgl_needs="clone", felty_limit=2.0, lgl=CHOICES["e5998"]
        ),
        EVERYTHING,
    ),
    "at the index date": (
        AutoimmuneChoices(when="index", window_days=30, anc_limit=0.5, platelets="below_100"),
        frozenset({"concurrent_medications"}),
    ),
}


@pytest.mark.parametrize("engine", ["on_postgres", "on_spark"])
@pytest.mark.parametrize(("choices", "collected"), OF_AUTOIMMUNE.values(), ids=OF_AUTOIMMUNE)
def test_every_engine_gives_the_same_causes(choices, collected, engine, on_duckdb, request):
    """Definitions, causes and first missing items are the same of each patient."""
    found, expected = (
        autoimmune_frame(replace(cohort, collected=collected), choices)
        for cohort in (request.getfixturevalue(engine), on_duckdb)
    )

    pd.testing.assert_frame_equal(found, expected, check_exact=True)


def test_the_crowd_has_every_cause_in_it(on_duckdb):
    """Each definition is met, not met and open; each cause, and each missing rung, occurs."""
    frames = [
        autoimmune_frame(replace(on_duckdb, collected=collected), choices)
        for choices, collected in OF_AUTOIMMUNE.values()
    ]
    found = pd.concat(frames, ignore_index=True)

    assert set(found["cause"].dropna()) == set(CAUSES)
    assert set(found["cause_missing"].dropna()) == set(CAUSE_ITEMS)
    for flag in AUTOIMMUNE_FLAGS:
        assert set(found[flag]) == {True, False, None}, flag
    for name in DEFINITIONS:
        is_open = found[name].isna()
        for column in (f"missing_{name}", f"because_{name}"):
            assert (found[column].notna() == is_open).all(), column
    assert (found["cause_because"].notna() == found["cause_missing"].notna()).all()
    assert set(found["cause_because"].dropna()) == {
        "one_sided", "not_counted", "undated", "unknown_name", "not_collected", "not_tested",
        "undecided",
    }  # fmt: skip
