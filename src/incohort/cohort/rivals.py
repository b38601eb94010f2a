"""What else may have lowered a count: other drugs near a day, as far as dates tell."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.daily import day_number
from incohort.cohort.exposure import ON, class_courses
from incohort.cohort.opened import Cohort
from incohort.sources.drug_names import names_in

CHEMOTHERAPY = "chemotherapy"
_CYTOTOXIC = "cytotoxic"


def cytotoxic_courses(cohort: Cohort) -> ir.Table:
    """Courses of cytotoxic drugs, and chemotherapy that stands among the events by its day alone.

    Args:
        cohort: With medications.

    Returns:
        `patient_id`, `started`, `stopped`, `is_of_class`, and `rival`, what it is called.
    """
    medications = cohort.tables["medications"]
    given = named(class_courses(medications, _CYTOTOXIC), medications)
    if not cohort.has("events"):
        return given
    events = cohort.tables["events"]
    chemotherapies = events.filter(events.event == CHEMOTHERAPY)
    day = day_number(chemotherapies.occurred_on)
    rows = chemotherapies.select(
        "patient_id", started=day, stopped=day, is_of_class=True, rival=ibis.literal(CHEMOTHERAPY)
    )
    return given.union(rows)


def named(given: ir.Table, medications: ir.Table) -> ir.Table:
    """Courses with `rival`: one word for all codes and names of a drug."""
    rival = names_in(medications.drug).substance(given.atc, given.drug)
    return given.select("patient_id", "started", "stopped", "is_of_class", rival=rival)


def near(days: ir.Table, given: ir.Table, at_most: int, *, is_all: bool | None) -> ir.Table:
    """Whether one of these courses was running on each day, or had ended no longer ago than asked.

    Args:
        days: `patient_id`, `day`, each pair once.
        given: From `named`.
        at_most: Days from the last dose.
        is_all: Whether the cohort says that it collected such rows, so that a patient without one
            had none. Of a cohort that says nothing the same is taken; where it says no, who has no
            row is not known.

    Returns:
        `patient_id`, `day`; `is_near`, NULL where a date or a name that decides is missing;
        `rival`: the first by its word of those that were near.
    """
    pairs = days.select(*ON).left_join(given, "patient_id").drop("patient_id_right")
    earliest = pairs.day - at_most
    has_begun = ibis.cases(
        (pairs.started.notnull(), pairs.started <= pairs.day), (pairs.stopped <= pairs.day, True)
    )
    is_recent = ibis.cases(
        (pairs.stopped.notnull(), pairs.stopped >= earliest), (pairs.started >= earliest, True)
    )
    is_known = ibis.cases((pairs.is_of_class, True))
    pairs = pairs.mutate(
        fits=ibis.cases((pairs.is_of_class.isnull(), False), else_=has_begun & is_recent & is_known)
    )
    each = pairs.group_by(*ON).aggregate(
        n_near=pairs.fits.ifelse(1, 0).sum(),
        n_open=pairs.fits.isnull().ifelse(1, 0).sum(),
        rival=pairs.rival.min(where=pairs.fits),
    )
    return each.select(
        *ON,
        "rival",
        is_near=ibis.cases(
            (each.n_near > 0, True),
            (each.n_open > 0, None),
            else_=absent(is_all=is_all),
        ),
    )


def absent(*, is_all: bool | None) -> ir.BooleanValue:
    """What a patient without a row is: no, or not known where the cohort says so.

    Args:
        is_all: Whether the cohort says that it collected such rows; None: it says nothing.
    """
    return ibis.null("boolean") if is_all is False else ibis.literal(value=False)
