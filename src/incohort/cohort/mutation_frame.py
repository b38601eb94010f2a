"""In whom a gene was found mutated, and who has which diagnosis of those, as a frame."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir
import pandas as pd

from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of

LGL_GENES = ("STAT3", "STAT5B")
DIAGNOSES = {"felty": "has_felty", "t_lgl_leukaemia": "has_t_lgl"}
_MUTATED, _WILD = ("mutated", "pathogenic", "likely_pathogenic"), ("wild_type", "negative")


def mutation_frame(cohort: Cohort) -> pd.DataFrame:
    """One row per patient, in the order of `patient_id`.

    A gene is mutated where any test of other than the germline says so, else it is not where one
    says so; a variant of uncertain significance says neither. In a cohort in which nobody has such
    a diagnosis none was recorded.

    Returns:
        `patient_id`, each of `LGL_GENES` as True, False or None; `diagnosis`: `felty`,
        `t_lgl_leukaemia`, `both`, `neither`, or None.
    """
    frame = frame_of(cohort, _asked)
    for name in LGL_GENES:
        flags = [None if pd.isna(flag) else bool(flag) for flag in frame[name]]
        frame[name] = pd.Series(flags, dtype="object")
    felty, t_lgl = (frame[name].eq(other=True) for name in DIAGNOSES.values())
    words = pd.Series("neither", index=frame.index, dtype="object")
    words[felty], words[t_lgl], words[felty & t_lgl] = "felty", "t_lgl_leukaemia", "both"
    frame["diagnosis"] = words if (felty | t_lgl).any() else None
    return frame[["patient_id", *LGL_GENES, "diagnosis"]]


def _asked(cohort: Cohort) -> ir.Table:
    table = cohort.tables["patients"].select("patient_id")
    if cohort.has("gene_tests"):
        tests = cohort.tables["gene_tests"]
        tests = tests.filter(ibis.coalesce(tests.origin, "somatic") == "somatic")
        mutations = {name: _is_mutated(tests, name) for name in LGL_GENES}
        each = tests.group_by("patient_id").aggregate(**mutations)
        table = table.left_join(each, "patient_id").drop("patient_id_right")
    else:
        table = table.mutate(**{name: ibis.null("boolean") for name in LGL_GENES})
    if not cohort.has("diagnoses"):
        nothing = {name: ibis.null("boolean") for name in DIAGNOSES.values()}
        return table.mutate(**nothing).order_by("patient_id")
    rows = cohort.tables["diagnoses"]
    each = rows.group_by("patient_id").aggregate(
        **{flag: (rows.condition == word).any() for word, flag in DIAGNOSES.items()}
    )
    table = table.left_join(each, "patient_id").drop("patient_id_right")
    return table.order_by("patient_id")


def _is_mutated(tests: ir.Table, gene: str) -> ir.BooleanValue:
    is_gene = tests.gene == gene
    has_mutation = (is_gene & tests.result.isin(_MUTATED)).any()
    has_none = (is_gene & tests.result.isin(_WILD)).any()
    return ibis.cases((has_mutation, True), (has_none, False))
