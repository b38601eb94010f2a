"""Late onset, and what explains a neutropenia under a checkpoint inhibitor, on three engines."""

from __future__ import annotations

import pandas as pd
import pytest

from incohort.cohort import checkpoint
from incohort.cohort.checkpoint_choices import CheckpointChoices
from incohort.cohort.checkpoint_frame import checkpoint_frame
from incohort.cohort.late_onset import MISSING, REASONS
from incohort.cohort.late_onset_choices import LateOnsetChoices
from incohort.cohort.late_onset_days import late_onset_days
from incohort.cohort.late_onset_frame import late_onset_frame
from incohort.cohort.on_treatment_frame import on_treatment_frame

pytestmark = [
    pytest.mark.engines,
    pytest.mark.slow,
    pytest.mark.xdist_group("engines"),
    # Spark's gateway leaves its sockets to the garbage collector
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]

CHOICES = {
    "as they come": LateOnsetChoices(),
    "strict": LateOnsetChoices(
        baseline_low="exclude", rival_causes="exclude", depleted_by="days_after_dose",
        own_count=0.5, own_delay_days=8, own_horizon_days=180,
    ),
}  # fmt: skip


@pytest.mark.parametrize("engine", ["on_postgres", "on_spark"])
@pytest.mark.parametrize("choices", CHOICES.values(), ids=CHOICES)
def test_every_engine_gives_the_same_answers(choices, engine, on_duckdb, request):
    """By every definition each patient has the same answer for the same reason."""
    pd.testing.assert_frame_equal(
        late_onset_frame(request.getfixturevalue(engine), choices),
        late_onset_frame(on_duckdb, choices),
        check_exact=True,
    )


def test_the_crowd_has_every_answer_in_it(on_duckdb):
    """Engines that agree on what never occurs would agree on nothing: each answer occurs."""
    frames = [late_onset_frame(on_duckdb, choices) for choices in CHOICES.values()]
    found = pd.concat(frames, ignore_index=True)

    assert set(found["is_late_onset"]) == {True, False, None}
    assert set(found["first_missing"].dropna()) == set(MISSING)
    assert set(found["reason"].dropna()) == set(REASONS)
    for flag in ("is_early", "baseline_low"):
        assert set(found[flag]) == {True, False, None}, flag


@pytest.mark.parametrize("engine", ["on_postgres", "on_spark"])
def test_every_engine_has_the_same_days_and_the_same_low_counts_on_a_drug(
    engine, on_duckdb, request
):
    """Counts, doses, deaths and other drugs by day, and who was low on a drug without doses."""
    other = request.getfixturevalue(engine)
    theirs, ours = (late_onset_days(c, LateOnsetChoices(), 1.5) for c in (other, on_duckdb))
    for part in ("counts", "doses", "others", "deaths"):
        pd.testing.assert_frame_equal(getattr(theirs, part), getattr(ours, part), check_exact=True)
    theirs, ours = (on_treatment_frame(cohort, 2.0) for cohort in (other, on_duckdb))
    pd.testing.assert_frame_equal(theirs, ours, check_exact=True)


CHECKPOINT_CHOICES = {
    "as they come": CheckpointChoices(),
    "grade 2": CheckpointChoices(grade=2, after_dose_days=30, rival_days=8, infection_days=30),
}


@pytest.mark.parametrize("engine", ["on_postgres", "on_spark"])
@pytest.mark.parametrize("choices", CHECKPOINT_CHOICES.values(), ids=CHECKPOINT_CHOICES)
def test_every_engine_attributes_alike(choices, engine, on_duckdb, request):
    """Each episode has the same class, and the same rival cause, everywhere."""
    pd.testing.assert_frame_equal(
        checkpoint_frame(request.getfixturevalue(engine), choices),
        checkpoint_frame(on_duckdb, choices),
        check_exact=True,
    )


def test_the_crowd_has_every_class_in_it(on_duckdb):
    """Engines that agree on what never occurs would agree on nothing: each class occurs."""
    frames = [checkpoint_frame(on_duckdb, choices) for choices in CHECKPOINT_CHOICES.values()]
    found = pd.concat(frames, ignore_index=True)

    assert set(found["attribution"]) == set(checkpoint.CLASSES)
    assert set(found["first_missing"].dropna()) == set(checkpoint.MISSING)
    assert set(found["rival_kind"].dropna()) == {"chemotherapy", "drug", "disease"}
    assert set(found["certainty"].dropna()) == {"supported", "probable"}
