"""Rows that an analysis has to tell of because it could not read what they say."""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd

from incohort.cohort.gcsf import unread
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of


def unread_treatments(cohort: Cohort) -> pd.DataFrame:
    """`patient_id` of each treatment of which it can't be told whether it is G-CSF, a row each."""
    return frame_of(cohort, _unread)


def _unread(cohort: Cohort) -> ir.Table:
    return unread(cohort.tables["medications"]).select("patient_id")
