"""What befell the patients under a checkpoint inhibitor, by days: doses, chemotherapy, death."""

from __future__ import annotations

import pandas as pd

from incohort.cohort.checkpoint_days import doses_table, follow_up_table
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of
from incohort.cohort.tidying import tidy

_DAYS = ("first_dose_on", "last_dose_on", "chemotherapy_on", "died_on", "last_count_on",
         "followed_until")  # fmt: skip
_FLAGS = ("is_exposed", "has_died", "has_chemotherapy")
_COLUMNS = ("patient_id", *_DAYS, *_FLAGS, "cause", "regimen", "same_as")


def checkpoint_follow_up(cohort: Cohort) -> pd.DataFrame:
    """One row per patient, in their order.

    Columns: `patient_id`; dates or None: `first_dose_on` and `last_dose_on` of a checkpoint
    inhibitor (where one dose has no day, none of them has), `chemotherapy_on` (the first after the
    first dose), `died_on`, `last_count_on`, `followed_until`; `is_exposed` (True, False, or None
    where a name is not known), `has_died` (True or None), `has_chemotherapy`; `cause` of the death;
    `regimen` (the first by its word where several stand); `same_as`: the other row of one patient.
    """
    return tidy(frame_of(cohort, follow_up_table), _COLUMNS, _FLAGS, whole=(), days=_DAYS)


def checkpoint_doses(cohort: Cohort) -> pd.DataFrame:
    """The dated doses of checkpoint inhibitors: `patient_id`, `dosed_on`, in that order."""
    columns = ("patient_id", "dosed_on")
    if not cohort.has("medications"):
        return pd.DataFrame(columns=list(columns), dtype=object)
    return tidy(frame_of(cohort, doses_table), columns, (), whole=(), days=("dosed_on",))
