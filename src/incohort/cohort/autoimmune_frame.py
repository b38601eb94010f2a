"""Felty's syndrome and the cause of a low count of each patient, as a frame."""

from __future__ import annotations

import ibis.expr.types as ir
import pandas as pd

from incohort.cohort.autoimmune_choices import AutoimmuneChoices
from incohort.cohort.felty import COLUMNS, FLAGS, autoimmune
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of
from incohort.cohort.tidying import tidy


def autoimmune_frame(cohort: Cohort, choices: AutoimmuneChoices) -> pd.DataFrame:
    """One row per patient, in the order of `patient_id`.

    Columns, flags as True, False or None:

    - `anc` (the lowest, or the one nearest the index date, 10⁹/L), `is_neutropenic` (below
      `anc_limit`), `has_ra`, `has_splenomegaly`, `is_clonal`
    - `felty_clinic`, `felty_triad`, `felty_clone_free`, `felty_barnes1971`, `ra_t_lgl`, and of each
      the first missing item (`missing_felty_clinic` …) where the data can't tell, and why it is
      missing (`because_felty_clinic` …)
    - `is_on_drug`, `is_haematological`, `has_other_cytopenia`; `has_known_cause`: either of the
      first two; `cause` of the neutropenic, `cause_missing` and `cause_because`

    A row that is absent is no answer, unless the cohort says that it collected `all_diagnoses`, or
    `concurrent_medications`.
    """
    collected = (cohort.collects("all_diagnoses"), cohort.collects("concurrent_medications"))
    frame = frame_of(cohort, _in_order, choices, *(bool(word) for word in collected))
    return tidy(frame, COLUMNS, FLAGS, whole=())


def _in_order(
    cohort: Cohort,
    choices: AutoimmuneChoices,
    has_all_diagnoses: bool,
    has_all_drugs: bool,
) -> ir.Table:
    return autoimmune(
        cohort, choices, has_all_diagnoses=has_all_diagnoses, has_all_drugs=has_all_drugs
    ).order_by("patient_id")
