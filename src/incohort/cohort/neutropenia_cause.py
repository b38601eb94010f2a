"""What stands behind a low count in autoimmune disease: a ladder of causes, asked in order."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.autoimmune_choices import AutoimmuneChoices
from incohort.cohort.cytopenia import anaemia
from incohort.cohort.daily import day_number
from incohort.cohort.drug_induced import onset_criterion
from incohort.cohort.high_risk import any_flag
from incohort.cohort.joining import beside
from incohort.cohort.opened import Cohort
from incohort.cohort.recovery_choices import RecoveryChoices
from incohort.cohort.suspects import courses
from incohort.cohort.values import dated, is_below, one_each, wide
from incohort.dictionary import load
from incohort.sources.drug_names import names_in

# Which diagnoses are a disease of the blood is a choice without a source.
HAEMATOLOGICAL = (
    "lymphoma", "hodgkin", "cll", "waldenstrom", "mds_aml", "aplastic_anaemia", "t_lgl_leukaemia",
    "nk_lgl_leukaemia",
)  # fmt: skip
UNCLASSIFIED = "unclassified"
CAUSES = ("drug", "clone", "haematological", "other_cytopenia", "none_found", UNCLASSIFIED)
NOT_COLLECTED = "not_collected"
CAUSE_ITEMS = ("anc", "drug", "clone", "haematological", "other_cytopenia")
_DOUBT = "in_doubt"  # drugs whose name nobody knows, or known by a wider group


def on_drug(
    cohort: Cohort, asked: ir.Table, choices: AutoimmuneChoices, *, is_complete: bool
) -> ir.Table:
    """`is_on_drug` per patient with a day asked: a drug that can cause it then, or just before.

    Beside it `drug_because`: why it couldn't be told (`undated`, `unknown_name`, `not_collected`).

    A drug can cause it that the dictionary lists as a suspect, and any that the clinic suspects;
    what was given to treat the neutropenia or its cause can't. NULL where a date that decides is
    missing, or a drug's name is not known. Without such a course it is False only in a cohort that
    collected everything that was taken.

    Args:
        cohort: Whose medications are asked.
        asked: From `day_asked`.
        choices: How soon after its end.
        is_complete: Whether the cohort says that it collected all drugs.
    """
    if not cohort.has("medications"):
        return asked.select(
            "patient_id", is_on_drug=ibis.null("boolean"), drug_because=ibis.literal(NOT_COLLECTED)
        )
    rows = cohort.tables["medications"]
    codes = {c for drug in load().drugs if drug.role != "treatment" for c in drug.all_atc}
    names = names_in(rows.drug)
    is_suspect = (rows.role == "suspect").fill_null(False)  # noqa: FBT003 — a value
    is_own = names.is_one_of(rows.atc, rows.drug, sorted(codes)) | is_suspect
    may_be = names.may_be_one_of(rows.atc, rows.drug, sorted(codes)) & ~is_own
    is_treatment = (rows.role == "treatment").fill_null(False)  # noqa: FBT003 — a value
    table = asked.select("patient_id", onset=day_number(asked.asked_on))
    given = rows.filter(~is_treatment)
    for name, which in (("own", is_own), (_DOUBT, may_be)):
        table = beside(table, _criterion(given.filter(which), table, choices, name))
    has_own, has_doubt = table.n_own.notnull(), table[f"n_{_DOUBT}"].notnull()
    is_open = table.onset.isnull() & (has_own | has_doubt)
    may_own = has_own & table.may_own
    may_doubt = has_doubt & (table[f"is_{_DOUBT}"] | table[f"may_{_DOUBT}"])
    return table.select(
        "patient_id",
        is_on_drug=ibis.cases(
            (table.is_own, True),
            (is_open | may_own | may_doubt, None),
            (ibis.literal(is_complete), False),
        ),
        drug_because=ibis.cases(
            (is_open | may_own, "undated"), (may_doubt, "unknown_name"), else_=NOT_COLLECTED
        ),
    )


def _criterion(rows: ir.Table, asked: ir.Table, choices: AutoimmuneChoices, name: str) -> ir.Table:
    """Of patients with a course: how many, whether one was given then, or may have been."""
    pairs = courses(rows).inner_join(asked.select("patient_id", "onset"), "patient_id")
    by_then = pairs.filter(pairs.started.isnull() | (pairs.started <= pairs.onset))
    criteria = onset_criterion(by_then.mutate(episode=1), RecoveryChoices(onset=choices.onset))
    criteria = criteria.select("patient_id", "criterion_onset", has_criterion=True)
    each = beside(pairs.group_by("patient_id").aggregate(n=pairs.count()), criteria)
    is_open = each.has_criterion.notnull() & each.criterion_onset.isnull()
    return each.select(
        "patient_id",
        **{
            f"n_{name}": each.n,
            f"is_{name}": ibis.coalesce(each.criterion_onset, False),
            f"may_{name}": is_open,
        },
    )


def other_cytopenia(cohort: Cohort, asked: ir.Table, choices: AutoimmuneChoices) -> ir.Table:
    """`has_other_cytopenia` per patient with a day asked: anaemia or few platelets near it."""
    patients = cohort.tables["patients"]
    rows = dated(cohort.tables["labs"], patients)
    rows = rows.filter(rows.analyte.isin(("HB", "PLT"))).inner_join(asked, "patient_id")
    near = rows.mutate(days=rows.days - rows.asked_days).drop("asked_days", "asked_on")
    values = wide(one_each(near, "index", choices.window_days), ("HB", "PLT"), ("HB", "PLT"))
    table = beside(beside(asked.select("patient_id"), patients.select("patient_id", "sex")), values)
    limits = (load().threshold("anaemia", name).value for name in ("who_men", "who_women"))
    is_anaemic = anaemia(table.lab_HB, table.sign_HB, table.sex, *limits)
    few = load().threshold("thrombocytopenia", choices.platelets).value
    is_low = is_below(table.lab_PLT, table.sign_PLT, few)
    return table.select("patient_id", has_other_cytopenia=any_flag(is_anaemic, is_low))


def cause(table: ir.Table) -> ir.StringValue:
    """The first rung that holds, where every rung before it is known not to.

    NULL of whoever is not neutropenic, or not known to be.
    """
    return ibis.cases(
        (~table.is_neutropenic | table.is_neutropenic.isnull(), ibis.null("string")),
        *(
            step
            for name, flag in _rungs(table)
            for step in ((flag, name), (flag.isnull(), UNCLASSIFIED))
        ),
        else_="none_found",
    )


def cause_missing(table: ir.Table) -> ir.StringValue:
    """The first rung that can't be answered, of the unclassified; `anc` where no count tells."""
    return ibis.cases(
        (table.is_neutropenic.isnull(), "anc"),
        (table.cause != UNCLASSIFIED, None),
        *(((table.cause == UNCLASSIFIED) & flag.isnull(), name) for name, flag in _rungs(table)),
    )


def _rungs(table: ir.Table) -> tuple[tuple[str, ir.BooleanValue], ...]:
    return (
        ("drug", table.is_on_drug),
        ("clone", table.is_clonal),
        ("haematological", table.is_haematological),
        ("other_cytopenia", table.has_other_cytopenia),
    )
