"""Infections by date, as a time-varying covariate needs them."""

from __future__ import annotations

import pandas as pd

from incohort.cohort.opened import Cohort
from incohort.dictionary import load

_COLUMNS = ["patient_id", "occurred_on"]


def severe_infections(cohort: Cohort) -> pd.DataFrame:
    """Every severe infection with a date: `patient_id`, `occurred_on`, in that order.

    Severe is as the dictionary grades it; one without a grade is not known to be severe, and one
    without a date can't be placed. Empty where the cohort has no table of events.
    """
    if not cohort.has("events"):
        return pd.DataFrame(columns=_COLUMNS)
    least = load().threshold("severe_infection", "grade_3").value
    events = cohort.tables["events"]
    has_date = events.occurred_on.notnull()  # noqa: PD004 — an Ibis column
    own = events.filter(events.event == "infection", events.grade >= least, has_date)
    frame: pd.DataFrame = own.select(*_COLUMNS).order_by(*_COLUMNS).execute()
    return frame.reset_index(drop=True)
