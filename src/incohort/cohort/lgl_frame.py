"""Large granular lymphocytes of each patient, as a frame."""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd

from incohort.cohort.lgl import COLUMNS, FLAGS, lgl
from incohort.cohort.lgl_choices import LglChoices
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of
from incohort.cohort.tidying import tidy


def lgl_frame(cohort: Cohort, choices: LglChoices) -> pd.DataFrame:
    """One row per patient with a row of the table `clonality`, in the order of `patient_id`.

    Columns, flags as True, False or None: `lineage` (`t`, `nk` or None), `lgl_count` (the highest,
    10⁹/L), `n_lgl_counts`; the questions `is_large`, `is_lasting`, `is_clonal` (`clone_because`
    where it can't be told); `is_t_lgl`, which is False too where an unclassified patient can't have
    it; `lgl_class` (see `CLASSES`), and of the unclassified `first_missing` (see `ITEMS`) and
    `missing_because`. Empty without that table.

    A patient with CD3-negative cells above the limit and a recorded diagnosis of NK-LGL leukaemia
    is `aggressive_nk`: nothing else tells it, and it is asked of no length of time.
    """
    if not cohort.has("clonality"):
        return pd.DataFrame(columns=list(COLUMNS))
    return tidy(frame_of(cohort, _in_order, choices), COLUMNS, FLAGS, whole=("n_lgl_counts",))


def _in_order(cohort: Cohort, choices: LglChoices) -> ir.Table:
    return lgl(cohort, choices).order_by("patient_id")
