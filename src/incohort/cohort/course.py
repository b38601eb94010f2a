"""How long a neutropenia lasts, as far as dated counts can tell: acute, chronic or unknown."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of
from incohort.cohort.values import is_below


def course(counts: ir.Table, chronic_days: float) -> ir.Table:
    """The course of each patient's first spell of low counts.

    The spell begins with the first count below the limit and ends before the first count at or
    above it. It is `chronic` when low counts in it lie at least `chronic_days` apart, `acute` when
    the count that ends it comes sooner than that after its beginning, and `unknown` otherwise: the
    counts are too few or too far apart to tell.

    Args:
        counts: Neutrophil counts with `patient_id`, `value` (10⁹/L), `comparator`, `taken_on` and
            `low_below`, the limit of each; one whose side of it can't be told says nothing here.
        chronic_days: From this length on a spell is chronic.

    Returns:
        `patient_id`, `course`; patients without any low dated count are absent.
    """
    seen = counts.filter(counts.taken_on.notnull()).mutate(
        is_low=is_below(counts.value, counts.comparator, counts.low_below)
    )
    low = seen.filter(seen.is_low)
    begin = low.group_by("patient_id").aggregate(first_low=low.taken_on.min())
    after = seen.inner_join(begin, "patient_id")
    ended = after.filter(~after.is_low, after.taken_on > after.first_low)
    end = ended.group_by("patient_id").aggregate(ended_on=ended.taken_on.min())
    spell = low.inner_join(begin, "patient_id").left_join(end, "patient_id")
    spell = spell.drop("patient_id_right") if "patient_id_right" in spell.columns else spell
    within = spell.filter(spell.ended_on.isnull() | (spell.taken_on < spell.ended_on))
    each = within.group_by("patient_id").aggregate(
        first_low=within.first_low.min(),
        last_low=within.taken_on.max(),
        ended_on=within.ended_on.min(),
    )
    lasted = each.last_low.delta(each.first_low, unit="day")
    until = each.ended_on.delta(each.first_low, unit="day")
    return each.select(
        "patient_id",
        course=ibis.cases(
            (lasted >= chronic_days, "chronic"), (until < chronic_days, "acute"), else_="unknown"
        ),
    )


def has_second_counts(cohort: Cohort) -> bool:
    """Whether anybody in a cohort with laboratory values has counts of neutrophils on two days."""
    return bool(frame_of(cohort, _second_counts)["n"].item())


def _second_counts(cohort: Cohort) -> ir.Table:
    labs = cohort.tables["labs"]
    counts = labs.filter(labs.analyte == "ANC", labs.taken_at.notnull())
    days = counts.group_by("patient_id").aggregate(n_days=counts.taken_at.date().nunique())
    return days.aggregate(n=days.count(where=days.n_days > 1))
