"""Felty's syndrome by four definitions, and rheumatoid arthritis with T-LGL leukaemia.

Each answer is three-valued: one criterion that is known not to hold settles it, whatever is
missing. Else the first missing item is the first, in the order of `ITEMS`, that could change it.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort import neutropenia_cause as causes
from incohort.cohort.autoimmune_choices import FELTY, AutoimmuneChoices
from incohort.cohort.counted_days import counted_days, day_asked, low_days
from incohort.cohort.high_risk import any_flag
from incohort.cohort.joining import beside
from incohort.cohort.lgl import lgl
from incohort.cohort.opened import Cohort

ITEMS = (
    "rheumatoid_arthritis", "anc", "spleen", "clone", "wbc", "size", "phenotype", "duration",
    "clonality", "drug", "haematological",
)  # fmt: skip
DEFINITIONS = (*(f"felty_{name}" for name in FELTY), "ra_t_lgl")
FLAGS = (
    "is_neutropenic", "has_ra", "has_splenomegaly", "is_clonal", *DEFINITIONS, "is_on_drug",
    "is_haematological", "has_other_cytopenia", "has_known_cause",
)  # fmt: skip
COLUMNS = (
    "patient_id", "anc", *FLAGS, *(f"missing_{name}" for name in DEFINITIONS),
    *(f"because_{name}" for name in DEFINITIONS), "cause", "cause_missing", "cause_because",
)  # fmt: skip
_RA = ("rheumatoid_arthritis", "felty")
Item = tuple[str | ir.StringValue, ir.BooleanValue]


def autoimmune(
    cohort: Cohort, choices: AutoimmuneChoices, *, has_all_diagnoses: bool, has_all_drugs: bool
) -> ir.Table:
    """One row per patient; the columns are those of `autoimmune_frame`.

    Args:
        cohort: Any.
        choices: Limits and definitions.
        has_all_diagnoses: Whether a diagnosis without a row is known not to be there.
        has_all_drugs: Whether a drug without a row is known not to have been taken.
    """
    table = _counted(cohort, choices, has_all_drugs=has_all_drugs)
    table = _diagnosed(table, cohort, is_complete=has_all_diagnoses)
    table = _examined(table, cohort)
    table = _with_clones(table, cohort, choices)
    known = any_flag(table.is_on_drug, table.is_haematological)
    table = table.mutate(has_known_cause=known, cause=causes.cause(table))
    table = table.mutate(cause_missing=causes.cause_missing(table))
    for name, items in _definitions(table, choices).items():
        answer = ibis.and_(*(flag for _, flag in items))
        missing = ((flag.isnull(), item) for item, flag in items)
        table = table.mutate(
            **{name: answer, f"missing_{name}": ibis.cases((answer.notnull(), None), *missing)}
        )
        is_counted = table.is_counted_then if name == "felty_barnes1971" else table.is_counted
        because = _because(table, table[f"missing_{name}"], is_counted)
        table = table.mutate(**{f"because_{name}": because})
    table = table.mutate(cause_because=_because(table, table.cause_missing, table.is_counted))
    return table.select(*COLUMNS)


def _because(table: ir.Table, item: ir.StringValue, is_counted: ir.BooleanValue) -> ir.StringValue:
    """Why an item is missing; NULL where none is. A count that is no answer is one-sided."""
    uncounted = ibis.cases((is_counted, "one_sided"), else_="not_counted")
    uncollected = ("rheumatoid_arthritis", "haematological")
    return ibis.cases(
        (item.isin(uncollected), causes.NOT_COLLECTED),
        (item == "anc", uncounted),
        (item == "spleen", "not_examined"),
        (item == "clone", ibis.coalesce(table.clone_because, "not_tested")),
        (item.isin(("wbc", "other_cytopenia")), "not_counted"),
        (item == "drug", ibis.coalesce(table.drug_because, causes.NOT_COLLECTED)),
        (item.notnull(), ibis.coalesce(table.lgl_because, "not_counted")),
    )


def _definitions(table: ir.Table, choices: AutoimmuneChoices) -> dict[str, tuple[Item, ...]]:
    """The criteria of each definition, in the order in which a missing one is told."""
    ra: Item = ("rheumatoid_arthritis", table.has_ra)
    low: Item = ("anc", table.is_below)
    counts = ibis.cases((~table.wants_anc, "wbc"), else_="anc")
    of_lgl: Item = ("clone", table.is_clonal)
    if choices.lgl_needs == "rule":
        of_lgl = (ibis.coalesce(table.lgl_missing, "size"), table.is_t_lgl)
    criteria: dict[str, tuple[Item, ...]] = {
        "felty_clinic": (ra, low),
        "felty_triad": (ra, low, ("spleen", table.has_splenomegaly)),
        "felty_clone_free": (ra, low, ("clone", _denied(table.is_clonal))),
        "felty_barnes1971": (ra, (counts, table.meets_barnes)),
    }
    if choices.known_cause == "exclude":
        without: tuple[Item, ...] = (
            ("drug", _denied(table.is_on_drug)),
            ("haematological", _denied(table.is_haematological)),
        )
        criteria = {name: (*items, *without) for name, items in criteria.items()}
    return criteria | {"ra_t_lgl": (ra, of_lgl)}


def _denied(flag: ir.BooleanValue) -> ir.BooleanValue:
    """Not so; written out, for Ibis 12 reads `(~flag).isnull()` as `NOT (flag IS NULL)`."""
    return ibis.cases((flag, False), (~flag, True))


def _counted(cohort: Cohort, choices: AutoimmuneChoices, *, has_all_drugs: bool) -> ir.Table:
    people = cohort.tables["patients"]
    table = people.select("patient_id")
    if not cohort.has("labs"):
        flags = ("is_neutropenic", "is_below", "meets_barnes", "wants_anc", "is_counted",
                 "is_counted_then", "is_on_drug", "has_other_cytopenia")  # fmt: skip
        nothing = {name: ibis.null("boolean") for name in flags}
        words = {"drug_because": ibis.null("string")}
        return table.mutate(anc=ibis.null("float64"), **nothing, **words)
    days = counted_days(cohort.tables["labs"], people, choices)
    asked = day_asked(days, choices)
    for part in (
        low_days(days, choices),
        causes.on_drug(cohort, asked, choices, is_complete=has_all_drugs),
        causes.other_cytopenia(cohort, asked, choices),
    ):
        table = beside(table, part)
    return table


def _diagnosed(table: ir.Table, cohort: Cohort, *, is_complete: bool) -> ir.Table:
    """Diagnoses at any time; who has Felty's syndrome recorded has rheumatoid arthritis."""
    kinds = {"has_ra": _RA, "is_haematological": causes.HAEMATOLOGICAL}
    if not cohort.has("diagnoses"):
        return table.mutate(**{name: ibis.null("boolean") for name in kinds})
    rows = cohort.tables["diagnoses"]
    for name, conditions in kinds.items():
        recorded = rows.filter(rows.condition.isin(conditions)).select("patient_id").distinct()
        table = beside(table, recorded.mutate(is_recorded=True))
        flag = ibis.cases((table.is_recorded, True), (ibis.literal(is_complete), False))
        table = table.mutate(**{name: flag}).drop("is_recorded")
    return table


def _examined(table: ir.Table, cohort: Cohort) -> ir.Table:
    """A spleen that was ever enlarged is; without an examination nothing is known of it."""
    if not cohort.has("findings"):
        return table.mutate(has_splenomegaly=ibis.null("boolean"))
    rows = cohort.tables["findings"]
    spleens = rows.filter(rows.finding == "splenomegaly")
    is_present, is_absent = spleens.result == "present", spleens.result == "absent"
    each = spleens.group_by("patient_id").aggregate(
        has_splenomegaly=ibis.cases((is_present.any(), True), (is_absent.any(), False))
    )
    return beside(table, each)


def _with_clones(table: ir.Table, cohort: Cohort, choices: AutoimmuneChoices) -> ir.Table:
    if not cohort.has("clonality"):
        return table.mutate(
            is_clonal=ibis.null("boolean"),
            is_t_lgl=ibis.null("boolean"),
            lgl_missing=ibis.null("string"),
            lgl_because=ibis.null("string"),
            clone_because=ibis.null("string"),
        )
    clones = lgl(cohort, choices.lgl)
    columns = ("patient_id", "is_clonal", "is_t_lgl", "clone_because")
    renamed = {"lgl_missing": "first_missing", "lgl_because": "missing_because"}
    return beside(table, clones.select(*columns, **renamed))
