"""Days of patients under a checkpoint inhibitor: doses, chemotherapy, death, the last count."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.checkpoint import CLASS
from incohort.cohort.daily import daily, day_number
from incohort.cohort.exposure import class_courses, exposed, labs_of, taken
from incohort.cohort.joining import beside
from incohort.cohort.opened import Cohort
from incohort.cohort.rivals import cytotoxic_courses


def doses_table(cohort: Cohort) -> ir.Table:
    """The dated doses, one row each: `patient_id`, `dosed_on`."""
    given = taken(class_courses(cohort.tables["medications"], CLASS))
    given = given.filter(given.started.notnull())
    days = given.select("patient_id", dosed_on=given.started).distinct()
    return days.order_by("patient_id", "dosed_on")


def follow_up_table(cohort: Cohort) -> ir.Table:
    """One row per patient, as `checkpoint_follow_up` has it; days are numbers."""
    people = cohort.tables["patients"]
    table = people.select("patient_id", "same_as", followed_until=day_number(people.followed_until))
    counts = daily(labs_of(cohort))
    last = counts.group_by("patient_id").aggregate(last_count_on=counts.day.max())
    table = beside(table, last, "patient_id")
    table = _with_doses(table, cohort)
    return _with_death(table, cohort).order_by("patient_id")


def _with_doses(table: ir.Table, cohort: Cohort) -> ir.Table:
    no_day, no_word = ibis.null("int64"), ibis.null("string")
    if not cohort.has("medications"):
        return table.mutate(
            is_exposed=ibis.null("boolean"), has_chemotherapy=ibis.null("boolean"), regimen=no_word,
            first_dose_on=no_day, last_dose_on=no_day, chemotherapy_on=no_day,
        )  # fmt: skip
    medications = cohort.tables["medications"]
    courses = class_courses(medications, CLASS)
    given = taken(courses)
    each = given.group_by("patient_id").aggregate(
        first=given.started.min(),
        last=ibis.greatest(given.started.max(), ibis.coalesce(given.stopped, given.started).max()),
        n_undated=given.started.isnull().ifelse(1, 0).sum(),
    )
    dated = each.select(
        "patient_id",
        first_dose_on=(each.n_undated == 0).ifelse(each["first"], None),
        last_dose_on=(each.n_undated == 0).ifelse(each["last"], None),
    )
    asked = exposed(courses).mutate(is_asked=True)
    table = beside(beside(table, asked, "patient_id"), dated, "patient_id")
    table = table.mutate(
        is_exposed=ibis.cases((table.is_asked.isnull(), False), else_=table.is_exposed)
    )
    regimens = medications.group_by("patient_id").aggregate(regimen=medications.regimen.min())
    return _with_chemotherapy(beside(table, regimens, "patient_id"), cohort)


def _with_chemotherapy(table: ir.Table, cohort: Cohort) -> ir.Table:
    """The first day of cytotoxic drugs after the first dose; one without a day leaves it open."""
    cytotoxic = cytotoxic_courses(cohort)
    cytotoxic = cytotoxic.filter(cytotoxic.is_of_class)
    pairs = table.select("patient_id", "first_dose_on").inner_join(cytotoxic, "patient_id")
    later = pairs.started.isnull() | (pairs.started > pairs.first_dose_on)
    each = pairs.filter(later).group_by("patient_id").aggregate(chemotherapy_on=pairs.started.min())
    table = beside(table, each.mutate(has_chemotherapy=True), "patient_id")
    return table.mutate(has_chemotherapy=table.has_chemotherapy.notnull())


def _with_death(table: ir.Table, cohort: Cohort) -> ir.Table:
    if not cohort.has("events"):
        return table.mutate(
            has_died=ibis.null("boolean"), died_on=ibis.null("int64"), cause=ibis.null("string")
        )
    deaths = cohort.tables["events"]
    deaths = deaths.filter(deaths.event == "death")
    each = deaths.group_by("patient_id").aggregate(
        died_on=day_number(deaths.occurred_on).min(), cause=deaths.cause.min(), has_died=True
    )
    return beside(table, each, "patient_id")
