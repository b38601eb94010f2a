"""One row per patient: a drug that is given continuously, and a low count on it."""

from __future__ import annotations

import pandas as pd

from incohort.cohort.on_treatment import on_treatment_table
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of
from incohort.cohort.tidying import tidy

_FLAGS = ("is_given", "is_low", "was_below_4", "methotrexate", "prednisolone", "earlier")
_COLUMNS = ("patient_id", *_FLAGS, "drug", "ana")


def on_treatment_frame(cohort: Cohort, limit: float) -> pd.DataFrame:
    """One row per patient, in their order: a drug of the classes, and a low count on it.

    Columns, flags as True, False or None: `is_given`; `drug`, its substance, where one alone is
    known; `is_low`: some count on the drug below the limit; `was_below_4`: the last count before
    the first dose below 4.0; `methotrexate`, `prednisolone`: ever recorded; `earlier`: neutropenia
    under another drug among the diagnoses; `ana`: positive or negative. Where the cohort has no row
    of such a kind of anybody, it is None and not False.

    Args:
        cohort: With medications.
        limit: Below which a count is low, 10⁹/L.
    """
    return tidy(frame_of(cohort, on_treatment_table, limit), _COLUMNS, _FLAGS, ())
