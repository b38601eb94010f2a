"""Neutropenia under a checkpoint inhibitor: one row an episode, or a patient without one."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from incohort.cohort.checkpoint import checkpoint_table
from incohort.cohort.checkpoint_choices import CheckpointChoices
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of
from incohort.cohort.tidying import tidy

COLUMNS = (
    "patient_id", "episode", "onset_on", "nadir", "attribution", "first_missing",
    "is_immune_related", "certainty", "rival_kind", "rival", "days_since_dose", "baseline_low",
    "baseline_anc",
)  # fmt: skip
FLAGS = ("is_immune_related", "baseline_low")


def checkpoint_frame(cohort: Cohort, choices: CheckpointChoices) -> pd.DataFrame:
    """One row per episode of the grade, in order; a patient without one has a row without onset.

    Columns: `patient_id`, `episode`, `onset_on`, `nadir` (10⁹/L); `attribution` (of `CLASSES`),
    `first_missing` (of `MISSING`) of the unclassified; `is_immune_related` (True, False or None; it
    may be False of the unclassified, too); `certainty`: `supported` by an antibody or large
    granular lymphocytes, else `probable`; `rival_kind` (chemotherapy, drug, disease) and `rival`
    (ATC code, name, condition, `marrow_infiltration` or `infection`) of a rival cause;
    `days_since_dose` (missing where other doses may have lain between); `baseline_low` and
    `baseline_anc`: the last count before the first dose.

    Args:
        cohort: Without medications nothing is known of anybody.
        choices: Grade, window, and how near a rival cause is.
    """
    if not cohort.has("medications"):
        frame = frame_of(cohort, _unasked)
    else:
        names = ("all_diagnoses", "infections")
        is_all = False if any(cohort.collects(name) is False for name in names) else None
        collected = (cohort.collects("concurrent_medications"), is_all)
        frame = frame_of(cohort, checkpoint_table, choices, collected)
    return tidy(frame, COLUMNS, FLAGS, whole=("episode", "days_since_dose"), days=("onset_on",))


def _unasked(cohort: Cohort) -> ir.Table:
    people = cohort.tables["patients"].select("patient_id")
    words = {name: ibis.null("string") for name in COLUMNS if name != "patient_id"}
    numbers = {name: ibis.null("float64") for name in ("nadir", "baseline_anc")}
    known = {"attribution": "unclassified", "first_missing": "drug"}
    whole = {name: ibis.null("int64") for name in ("episode", "days_since_dose")}
    values = words | numbers | whole | {name: ibis.literal(word) for name, word in known.items()}
    return people.mutate(**values).order_by("patient_id")
