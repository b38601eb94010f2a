"""Infections by date, as a time-varying covariate needs them."""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd

from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of
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
    return frame_of(cohort, _infections, least).reset_index(drop=True)


def events_had(cohort: Cohort) -> pd.DataFrame:
    """Which events each patient had: `patient_id`, `event`, each pair once.

    Empty where the cohort has no table of events.
    """
    if not cohort.has("events"):
        return pd.DataFrame(columns=["patient_id", "event"])
    return frame_of(cohort, _had)


def _had(cohort: Cohort) -> ir.Table:
    return cohort.tables["events"].select("patient_id", "event").distinct()


def _infections(cohort: Cohort, least: float) -> ir.Table:
    events = cohort.tables["events"]
    has_date = events.occurred_on.notnull()  # noqa: PD004 — an Ibis column
    severe = events.filter(events.event == "infection", events.grade >= least, has_date)
    return severe.select(*_COLUMNS).order_by(*_COLUMNS)
