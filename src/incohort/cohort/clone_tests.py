"""What several methods said of a clone of T cells in the same sample, as a frame."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from incohort.cohort import pairing
from incohort.cohort.clones import METHODS
from incohort.cohort.lgl_choices import LglChoices
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of

CLONE_METHODS = ("trbc1", "v_beta", "pcr", "ngs")
_UNDECIDED = pairing.RESULTS[pairing.INDETERMINATE]


def clone_tests(cohort: Cohort, choices: LglChoices) -> pd.DataFrame:
    """One row per sample with a result, in the order of patient and sample.

    A sample has the laboratory's number, else its day; what has neither is a patient's one undated
    sample. Two PCRs are one method, and a clone by either of them is one.

    Args:
        cohort: With the table `clonality`.
        choices: Say what an oligoclonal result is.

    Returns:
        `patient_id`, `sample`, a column `assay_<method>` for each of `CLONE_METHODS` with the words
        `positive` (clonal), `negative` and `indeterminate`, and the counts of `pairing.paired`.
    """
    frame = frame_of(cohort, _paired, choices.oligoclonal)
    return pairing.in_words(frame, CLONE_METHODS)


def _paired(cohort: Cohort, oligoclonal: str) -> ir.Table:
    rows = cohort.tables["clonality"]
    is_done = rows.tcr_result != "not_done"
    rows = rows.filter(is_done & rows.tcr_method.isin(list(METHODS)))
    of_oligoclonal = {"clonal": "positive", "not_clonal": "negative"}.get(oligoclonal, _UNDECIDED)
    words = {"clonal": "positive", "polyclonal": "negative", "oligoclonal": of_oligoclonal}
    tests = rows.select(
        "patient_id",
        "sample_id",
        "taken_on",
        assay=rows.tcr_method.substitute(METHODS),
        result=rows.tcr_result.substitute(words, else_=_UNDECIDED),
    )
    best = _best_of_sample(tests)
    samples = pairing.on_samples(best, CLONE_METHODS)
    table = pairing.paired(samples, CLONE_METHODS, unit="sample", index=CLONE_METHODS[0])
    return pairing.numbered(table, CLONE_METHODS)


def _best_of_sample(tests: ir.Table) -> ir.Table:
    """One row per sample and method: clonal where any of its rows is, else not where one is not."""
    each = tests.group_by("patient_id", "sample_id", "taken_on", "assay").aggregate(
        has_clone=(tests.result == "positive").any(), has_none=(tests.result == "negative").any()
    )
    result = ibis.cases((each.has_clone, "positive"), (each.has_none, "negative"), else_=_UNDECIDED)
    return each.select("patient_id", "sample_id", "taken_on", "assay", result=result)
