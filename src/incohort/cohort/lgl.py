"""Who has a leukaemia of large granular lymphocytes: size, phenotype, duration, clonality.

The questions are asked in this order. Where one can't be answered and its answer could change the
class, the patient is unclassified and that item is the first missing; what settles the class
without it is not held up by it.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.clones import clones
from incohort.cohort.expansions import COLUMNS as OF_EXPANSION
from incohort.cohort.expansions import expansion
from incohort.cohort.joining import beside
from incohort.cohort.lgl_choices import LglChoices
from incohort.cohort.opened import Cohort
from incohort.dictionary import load

UNCLASSIFIED = "unclassified"
CLASSES = (
    "t_lgl", "clpd_nk", "aggressive_nk", "polyclonal_expansion", "transient_expansion",
    "clone_uncertain_significance", "no_expansion", UNCLASSIFIED,
)  # fmt: skip
ITEMS = ("size", "phenotype", "duration", "clonality")
COLUMNS = (
    "patient_id", "lineage", "lgl_count", "n_lgl_counts", "is_large", "is_lasting", "is_clonal",
    "clone_because", "is_t_lgl", "lgl_class", "first_missing", "missing_because",
)  # fmt: skip
FLAGS = ("is_large", "is_lasting", "is_clonal", "is_t_lgl")
_AGGRESSIVE = "nk_lgl_leukaemia"


def lgl(cohort: Cohort, choices: LglChoices) -> ir.Table:
    """One row per patient with a row of clonality; the columns are those of `lgl_frame`.

    Args:
        cohort: With the table `clonality`.
        choices: The rule.
    """
    rows = cohort.tables["clonality"]
    table = _phenotypes(rows, choices)
    breaks = choices.gap == "breaks"
    for kind, limit in (("t", choices.t_limit), ("nk", choices.nk_limit)):
        spans = expansion(rows, limit, choices.lasts_days, gap_breaks=breaks)
        named = {f"{kind}_{name}": name for name in OF_EXPANSION}
        table = beside(table, spans.select("patient_id", **named))
    table = beside(table, clones(rows, choices))
    because = ibis.coalesce(table.clone_because, "not_tested")
    table = table.mutate(clone_because=ibis.cases((table.is_clonal.isnull(), because)))
    table = beside(table, _recorded(cohort))
    if choices.lgl_rule == "e5998":
        is_above = _above_e5998(table)
        table = table.mutate(t_is_above=is_above, t_is_lasting=ibis.literal(True))  # noqa: FBT003 — a value
    return _classified(table)


def _phenotypes(rows: ir.Table, choices: LglChoices) -> ir.Table:
    """Each patient's counts and the kind of their cells.

    CD3 that is dim is there. Positive in one sample and negative in another tells neither. By
    `e5998` CD3+CD57+ cells above its limit are T cells whatever stands under CD3.
    """
    each = rows.group_by("patient_id").aggregate(
        lgl_count=rows.lgl_count.max(),
        n_lgl_counts=rows.lgl_count.count(),
        cd3_cd57_count=rows.cd3_cd57_count.max(),
        cd8_count=rows.cd8_count.max(),
        n_positive=rows.count(where=rows.cd3.isin(("positive", "dim"))),
        n_negative=rows.count(where=rows.cd3 == "negative"),
    )
    lineage = ibis.cases(
        ((each.n_positive > 0) & (each.n_negative == 0), "t"),
        ((each.n_positive == 0) & (each.n_negative > 0), "nk"),
    )
    if choices.lgl_rule == "e5998":
        is_t = each.cd3_cd57_count > load().threshold("lgl_e5998", "cd3_cd57").value
        lineage = ibis.cases((is_t, "t"), else_=lineage)
    return each.mutate(lineage=lineage, is_contradictory=each.n_positive > 0).drop(
        "n_positive", "n_negative"
    )


def _above_e5998(table: ir.Table) -> ir.BooleanValue:
    limits = (load().threshold("lgl_e5998", name).value for name in ("cd3_cd57", "cd8"))
    cd3_cd57, cd8 = limits
    return (table.cd3_cd57_count > cd3_cd57) | (table.cd8_count > cd8)


def _recorded(cohort: Cohort) -> ir.Table:
    """`is_aggressive` of patients with a recorded NK-LGL leukaemia."""
    if not cohort.has("diagnoses"):
        rows = cohort.tables["clonality"]
        return rows.filter(ibis.literal(False)).select("patient_id", is_aggressive=True)  # noqa: FBT003 — a value
    rows = cohort.tables["diagnoses"]
    aggressive = rows.filter(rows.condition == _AGGRESSIVE).select("patient_id").distinct()
    return aggressive.mutate(is_aggressive=True)


def _classified(table: ir.Table) -> ir.Table:
    is_t, is_nk = table.lineage == "t", table.lineage == "nk"
    above_any = table.t_is_above & table.nk_is_above
    above_none = ~table.t_is_above & ~table.nk_is_above
    table = table.mutate(
        is_large=ibis.cases(
            (is_t, table.t_is_above), (is_nk, table.nk_is_above), (above_any, True),
            (above_none, False),
        ),
        is_counted=ibis.cases(
            (is_t, table.t_is_above.notnull()), (is_nk, table.nk_is_above.notnull()),
            else_=table.t_is_above.notnull() & table.nk_is_above.notnull(),
        ),
        is_lasting=ibis.cases((is_t, table.t_is_lasting), (is_nk, table.nk_is_lasting)),
        is_t_lgl=is_t & table.t_is_above & table.t_is_lasting & table.is_clonal,
    )  # fmt: skip
    table = table.mutate(lgl_class=_class(table))
    table = table.mutate(first_missing=_first_missing(table))
    return table.mutate(missing_because=_because(table)).select(*COLUMNS)


def _class(table: ir.Table) -> ir.StringValue:
    is_nk = table.lineage == "nk"
    return ibis.cases(
        (~table.is_large & table.is_clonal, "clone_uncertain_significance"),
        (~table.is_large, "no_expansion"),
        (table.is_large.isnull() | table.lineage.isnull(), UNCLASSIFIED),
        (is_nk & table.is_aggressive, "aggressive_nk"),
        (~table.is_lasting, "transient_expansion"),
        (table.is_lasting.isnull(), UNCLASSIFIED),
        (is_nk, "clpd_nk"),
        (table.is_clonal, "t_lgl"),
        (~table.is_clonal, "polyclonal_expansion"),
        else_=UNCLASSIFIED,
    )


def _first_missing(table: ir.Table) -> ir.StringValue:
    return ibis.cases(
        (table.lgl_class != UNCLASSIFIED, None),
        (~table.is_counted, "size"),
        (table.lineage.isnull(), "phenotype"),
        (table.is_lasting.isnull(), "duration"),
        else_="clonality",
    )


def _because(table: ir.Table) -> ir.StringValue:
    lasting = ibis.cases(
        (table.lineage == "nk", table.nk_lasting_because), else_=table.t_lasting_because
    )
    return ibis.cases(
        (table.first_missing == "size", "not_counted"),
        ((table.first_missing == "phenotype") & table.is_contradictory, "contradictory"),
        (table.first_missing == "phenotype", "not_determined"),
        (table.first_missing == "duration", lasting),
        (table.first_missing == "clonality", table.clone_because),
    )
