"""Counts of large granular lymphocytes of who has them on several days, as a frame."""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd

from incohort.cohort.daily import day_number
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of


def lgl_counts(cohort: Cohort) -> pd.DataFrame:
    """One row per patient and day with a count, of patients with two such days at least.

    Args:
        cohort: With the table `clonality`.

    Returns:
        `patient_id`, `day` (from the first of them, 0), `lgl_count` (the highest of the day), in
        the order of patient and day.
    """
    frame = frame_of(cohort, _daily)
    days = frame.groupby("patient_id")["day"]
    series = frame[days.transform("size") > 1]
    first = series.groupby("patient_id")["day"].transform("min")
    return series.assign(day=series["day"] - first).reset_index(drop=True)


def _daily(cohort: Cohort) -> ir.Table:
    rows = cohort.tables["clonality"]
    has_both = rows.lgl_count.notnull() & rows.taken_on.notnull()  # noqa: PD004 — Ibis columns
    rows = rows.filter(has_both)
    dated = rows.select("patient_id", "lgl_count", day=day_number(rows.taken_on))
    daily = dated.group_by("patient_id", "day").aggregate(lgl_count=dated.lgl_count.max())
    return daily.order_by("patient_id", "day")
