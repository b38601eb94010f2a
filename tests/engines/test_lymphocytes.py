"""Large granular lymphocytes are classified alike on DuckDB, PostgreSQL and Apache Spark."""

from __future__ import annotations

import pandas as pd
import pytest

from incohort.cohort import LglChoices, lgl_frame
from incohort.cohort.lgl import CLASSES, FLAGS, ITEMS

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
