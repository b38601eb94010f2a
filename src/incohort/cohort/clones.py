"""Whether a patient has a clone of T cells: by which methods, and whose word counts."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.lgl_choices import LglChoices

# Two PCRs are one method. Flow cytometry that wasn't named is usage of V-beta families as a rule.
METHODS = {
    "pcr": "pcr", "trg_pcr": "pcr", "trb_pcr": "pcr", "flow": "v_beta", "v_beta": "v_beta",
    "trbc1": "trbc1", "ngs": "ngs",
}  # fmt: skip
_OF_RULE = {"pcr": ("pcr", "trg_pcr", "trb_pcr"), "v_beta": ("v_beta",), "trbc1": ("trbc1",)}


def clones(clonality: ir.Table, choices: LglChoices) -> ir.Table:
    """Whether T cells are clonal, one row per patient with a result that the rule asks for.

    One clonal result makes a patient clonal, else one that is not makes them not clonal; an
    indeterminate one says neither. By `two_methods` a clone is there where two different methods
    say so, and isn't where one says no. The KIR repertoire is of NK cells and is never asked;
    results without a method count by the rule `any` alone.

    Args:
        clonality: The table of that name.
        choices: The rule, and what an oligoclonal result says.

    Returns:
        `patient_id`, `is_clonal`, and `clone_because`: why it can't be told, `one_method` or
        `undecided`.
    """
    is_test = clonality.tcr_result.notnull() & (clonality.tcr_result != "not_done")
    tests = clonality.filter(is_test & _is_asked(clonality, choices))
    yes = ["clonal", *(("oligoclonal",) if choices.oligoclonal == "clonal" else ())]
    no = ["polyclonal", *(("oligoclonal",) if choices.oligoclonal == "not_clonal" else ())]
    rows = tests.select(
        "patient_id",
        method=tests.tcr_method.substitute(METHODS),
        is_yes=tests.tcr_result.isin(yes),
        is_no=tests.tcr_result.isin(no),
    )
    each = rows.group_by("patient_id").aggregate(
        n_yes=rows.count(where=rows.is_yes),
        n_no=rows.count(where=rows.is_no),
        n_clonal=rows.method.nunique(where=rows.is_yes),
    )
    is_clonal = ibis.cases((each.n_yes > 0, True), (each.n_no > 0, False))
    is_alone: ir.BooleanValue = ibis.literal(False)  # noqa: FBT003 — a value
    if choices.clonality_rule == "two_methods":
        is_clonal = ibis.cases((each.n_clonal > 1, True), (each.n_no > 0, False))
        is_alone = each.n_clonal == 1
    open_because = ibis.cases((is_alone, "one_method"), else_="undecided")
    return each.select(
        "patient_id",
        is_clonal=is_clonal,
        clone_because=ibis.cases((is_clonal.isnull(), open_because)),
    )


def _is_asked(clonality: ir.Table, choices: LglChoices) -> ir.BooleanValue:
    method = clonality.tcr_method
    match choices.clonality_rule:
        case "any":
            return method.isnull() | (method != "kir")
        case "two_methods":
            return method.isin(list(METHODS))
        case rule:
            return method.isin(_OF_RULE[rule])
