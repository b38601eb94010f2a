"""One row per patient and definition of late onset: what it answers, and why."""

from __future__ import annotations

import pandas as pd

from incohort.cohort.late_onset import late_onset_table, unasked_table
from incohort.cohort.late_onset_choices import LateOnsetChoices
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of
from incohort.cohort.tidying import tidy

COLUMNS = (
    "patient_id", "definition", "is_late_onset", "first_missing", "reason", "is_early", "onset_on",
    "anc", "days_since_dose", "baseline_low", "rival",
)  # fmt: skip
FLAGS = ("is_late_onset", "is_early", "baseline_low")


def late_onset_frame(cohort: Cohort, choices: LateOnsetChoices) -> pd.DataFrame:
    """One row per patient and definition, in the order of patients and of `DEFINITIONS`.

    Columns: `patient_id`, `definition`; `is_late_onset` (True, False, None), `first_missing` (of
    `MISSING`) where it is None, `reason` (of `REASONS`) else; `is_early`: low before the delay and
    never late (None where the definition states no delay, or it isn't known); of the first count
    that met it `onset_on`, `anc` (10⁹/L), `days_since_dose` (missing where other doses may have
    lain between); `baseline_low`: the last count before the first dose was low; `rival`: the ATC
    code or name of a cytotoxic drug near the onset, or near the first low count where none met it.

    Args:
        cohort: Of whom all patients are answered; without medications nothing is known of them.
        choices: The class of drugs, and what the definitions leave open.
    """
    if not cohort.has("medications"):
        return _tidy(frame_of(cohort, unasked_table))
    is_all = cohort.collects("concurrent_medications")
    return _tidy(frame_of(cohort, late_onset_table, choices, is_all))


def _tidy(frame: pd.DataFrame) -> pd.DataFrame:
    return tidy(frame, COLUMNS, FLAGS, whole=("days_since_dose",), days=("onset_on",))
