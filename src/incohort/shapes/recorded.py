"""What was recorded and what was not, said once.

Four kinds of nothing are told apart: *not recorded* (an empty cell, or no such column or table),
*unknown* (asked for and not found: a category like any other), *no* (asked for and absent) and *not
done*. A share is of those in whom something is recorded. Those in whom nothing is stand beside it
with their number, and where that is everybody there is a reason instead of a share.

A long table such as `diagnoses` has no rows of what a patient did not have. Where somebody has such
a row, those without have *none recorded*; where nobody has, nothing was recorded.
"""

from __future__ import annotations

import pandas as pd

from incohort.cohort import Choices, Cohort
from incohort.cohort.course import has_second_counts
from incohort.results import Sentence

NOT_RECORDED = "not_recorded"
LABEL = "Not recorded"
SHARES_NOTE = "Shares are of those in whom it is recorded."

# A column of `patients`, and what its emptiness means in words.
_COLUMNS = {
    "sex": "nobody's sex is recorded in this cohort",
    "age_years": "nobody's age is recorded in this cohort",
    "ancestry": "ancestry is not recorded in this cohort",
    "duffy_null": "Duffy status is not recorded in this cohort",
    "aetiology": "the cause of neutropenia is not recorded in this cohort",
}
# What is derived from rows of a long table: the table, and what it means that nobody has such rows.
_ROWS = {
    "has_thyroid_diagnosis": ("diagnoses", "this cohort records no diagnosis of thyroid disease"),
    "has_recurrent_infections": ("events", "this cohort records no recurrent infections"),
}


def unrecorded(cohort: Cohort, frame: pd.DataFrame, choices: Choices) -> dict[str, str]:
    """Why a property is known of nobody in a whole cohort, by column; without those it is known of.

    That a restricted cohort has no such table, or an empty column, tells of nobody. That nobody has
    a row of some kind may, so of that it is not told: it is as if too few had one.

    Args:
        cohort: The cohort.
        frame: All its patients, from `patient_frame`.
        choices: Those that the frame was made by.
    """
    reasons = {name: words for name, words in _COLUMNS.items() if frame[name].isna().all()}
    for name, (table, words) in _ROWS.items():
        if not cohort.has(table):
            reasons[name] = f"the cohort has no table {table}"
        elif frame[name].isna().all() and cohort.card.is_public:
            reasons[name] = words
    is_counted = choices.recurrent_from is not None
    if "has_recurrent_infections" in reasons and cohort.has("events") and not is_counted:
        reasons["has_recurrent_infections"] += (
            "; from how many single infections on they are recurrent is a parameter "
            "(recurrent_from)"
        )
    return reasons


def no_other_lines(cohort: Cohort) -> str:
    """Why of nobody in a cohort the other blood lines are known; empty where they may be."""
    lines = {"HB": "haemoglobin", "PLT": "platelets"}
    absent = [words for name, words in lines.items() if not cohort.records("labs", "analyte", name)]
    return f"this cohort records no {' and no '.join(absent)}" if absent else ""


def one_count_each(cohort: Cohort) -> str:
    """Why of nobody in a cohort the course is known: counts on one day each; empty otherwise."""
    if not cohort.has("labs") or has_second_counts(cohort):
        return ""
    return "this cohort records no second neutrophil count on another day, so no course can be told"


def no_table(cohort: Cohort, *tables: str) -> str:
    """Which of the tables a cohort lacks, as a reason; empty where all are there."""
    absent = [table for table in tables if not cohort.has(table)]
    if not absent:
        return ""
    return f"the cohort has no {'table' if len(absent) == 1 else 'tables'} {' or '.join(absent)}"


def first_reason(*reasons: str) -> str:
    """The first reason that there is; empty where there is none."""
    return next(filter(None, reasons), "")


def as_sentence(reason: str) -> str:
    """A reason as a sentence of its own."""
    return f"{reason[:1].upper()}{reason[1:]}."


def instead(reason: str) -> tuple[Sentence, ...]:
    """The line that stands for a table that there is not, for this reason; none without one."""
    return (Sentence(as_sentence(reason)),) if reason else ()
