"""Each visit with the neutrophil counts taken at it: whether one lies below a limit."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.daily import day_number
from incohort.cohort.opened import Cohort
from incohort.cohort.values import is_below

COLUMNS = ("patient_id", "kind", "day", "is_low")


def visits(cohort: Cohort, limit: float) -> ir.Table:
    """One row per visit, admission and day with a count, as `visit_counts` has it."""
    people = cohort.tables["patients"]
    if not cohort.has("labs"):
        nothing = people.filter(ibis.literal(False)).select("patient_id")  # noqa: FBT003 — a value
        null = {"kind": ibis.null("string"), "day": ibis.null("int64")}
        return nothing.mutate(**null, is_low=ibis.null("boolean"))
    labs = cohort.tables["labs"]
    labs = labs.filter(labs.analyte == "ANC", labs.value.notnull(), labs.taken_at.notnull())
    counts = labs.select(
        "patient_id",
        counted=day_number(labs.taken_at.date()),
        flag=is_below(labs.value, labs.comparator, limit),
    )
    days = counts.group_by("patient_id", day=counts.counted).aggregate(is_low=_any(counts.flag))
    each = days.select("patient_id", "day", "is_low", kind=ibis.literal("count"))
    each = each.select(*COLUMNS)
    if not cohort.has("visits"):
        return each.order_by("patient_id", "kind", "day")
    rows = cohort.tables["visits"]
    rows = rows.filter(rows.from_on.notnull())
    start = day_number(rows.from_on)
    spans = rows.select(
        "patient_id", "kind", day=start, last=ibis.coalesce(day_number(rows.to_on), start)
    )
    both = spans.left_join(
        counts,
        [
            spans.patient_id == counts.patient_id,
            spans.day <= counts.counted,
            counts.counted <= spans.last,
        ],
    )
    seen = both.group_by("patient_id", "kind", "day").aggregate(is_low=_any(both.flag))
    return each.union(seen.select(*COLUMNS)).order_by("patient_id", "kind", "day")


def _any(flag: ir.BooleanValue) -> ir.BooleanValue:
    """True where one is; NULL where none is, and not all are known not to be."""
    return ibis.cases((flag.any(), True), (flag.count() == 0, None), (flag.notnull().all(), False))
