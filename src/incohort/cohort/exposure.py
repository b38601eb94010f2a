"""Who was given drugs of a class, and when the last dose before a day was: as far as dates tell."""

from __future__ import annotations

from collections.abc import Collection

import ibis
import ibis.expr.types as ir

from incohort.cohort.opened import Cohort
from incohort.cohort.suspects import courses
from incohort.cohort.values import is_below
from incohort.dictionary import load
from incohort.sources.drug_names import names_in

ON = ("patient_id", "day")


def labs_of(cohort: Cohort) -> ir.Table:
    """The cohort's counts; none of anybody where it has no such table."""
    if cohort.has("labs"):
        return cohort.tables["labs"]
    nobody = cohort.tables["patients"].filter(ibis.literal(value=False))
    return nobody.select(
        "patient_id", analyte=ibis.null("string"), value=ibis.null("float64"),
        comparator=ibis.null("string"), taken_at=ibis.null("timestamp"),
    )  # fmt: skip


def class_courses(medications: ir.Table, *drug_classes: str) -> ir.Table:
    """Courses of drugs of some classes, and those that may be of one for all that is known.

    Returns:
        As `courses`, with `is_of_class`: false of a suspect, or of a course without a role, whose
        name nobody knows.

    Raises:
        UsageError: There is no such class.
    """
    return coded_courses(
        medications, {c for d in load().drugs_of(*drug_classes) for c in d.all_atc}
    )


def coded_courses(
    medications: ir.Table, codes: Collection[str], *, or_suspects_but: Collection[str] | None = None
) -> ir.Table:
    """Courses of drugs with these codes, and those that may have one for all that is known.

    Args:
        medications: The table `medications`.
        codes: ATC codes, present and former.
        or_suspects_but: Where given, whatever the clinic suspected counts too, but drugs with
            these codes; one that may have such a code may count.

    Returns:
        As `class_courses`.
    """
    names = names_in(medications.drug)
    is_suspect = (medications.role == "suspect").fill_null(False)  # noqa: FBT003 — a value
    is_own = names.is_one_of(medications.atc, medications.drug, codes)
    may_be = names.may_be_one_of(medications.atc, medications.drug, codes) & ~is_own
    if or_suspects_but is not None:
        is_other = names.is_one_of(medications.atc, medications.drug, or_suspects_but)
        may_be_other = names.may_be_one_of(medications.atc, medications.drug, or_suspects_but)
        is_own = is_own | (is_suspect & ~is_other & ~may_be_other)
        may_be = may_be & ~is_own & ~is_other
    asked = may_be & (medications.role.isnull() | is_suspect)
    certain = courses(medications.filter(is_own)).mutate(is_of_class=True)
    return certain.union(courses(medications.filter(asked)).mutate(is_of_class=False))


def exposed(given: ir.Table) -> ir.Table:
    """Who was given a drug of the class, or may have been: `patient_id`, `is_exposed` (or NULL).

    Whom it can't be told of is NULL, unless another course of theirs is known to be of the class.

    Args:
        given: From `class_courses`.
    """
    each = given.group_by("patient_id").aggregate(is_exposed=given.is_of_class.any())
    return each.mutate(is_exposed=ibis.cases((each.is_exposed, True)))


def taken(given: ir.Table) -> ir.Table:
    """The courses that count: where some are known to be of the class, these alone."""
    people = exposed(given)
    both = given.left_join(people, "patient_id").drop("patient_id_right")
    return both.filter(both.is_of_class | both.is_exposed.isnull()).drop("is_exposed")


def doses_before(days: ir.Table, drugs: ir.Table) -> ir.Table:
    """What is known of the last dose before each day.

    The blood of a day with a dose was drawn before it: a dose on the day itself is none before it.
    A course of several days has a dose on its first and its last day; when others were given
    isn't recorded. So the wait since the last dose lies between two bounds, which are one number
    where each dose has a row of its own.

    Args:
        days: `patient_id`, `day`, each pair once.
        drugs: From `taken`.

    Returns:
        `patient_id`, `day`; `is_dosed`: whether a dose came before, NULL where an undated one may
        have; `is_on`: whether a course was known to be running; `waited_least`, `waited_most`: days
        since the last dose, NULL where no dose before the day is dated.
    """
    pairs = days.select(*ON).left_join(drugs, "patient_id").drop("patient_id_right")
    ended = (pairs.stopped < pairs.day).fill_null(False)  # noqa: FBT003 — a value
    begun = (pairs.started < pairs.day).fill_null(False)  # noqa: FBT003 — a value
    may_have_begun = pairs.is_of_class.notnull() & (pairs.started.isnull() | begun)
    pairs = pairs.mutate(
        dose=ibis.cases((ended, pairs.stopped), (begun, pairs.started)),
        open=(may_have_begun & ~ended).ifelse(1, 0),
        on=(begun & ~ended & pairs.stopped.notnull()).ifelse(1, 0),
    )
    each = pairs.group_by(*ON).aggregate(
        dose=pairs.dose.max(), n_open=pairs.open.sum(), n_on=pairs.on.sum()
    )
    is_dated = each.dose.notnull()
    return each.select(
        *ON,
        is_dosed=ibis.cases((is_dated, True), (each.n_open > 0, None), else_=False),
        is_on=each.n_on > 0,
        waited_least=ibis.cases((is_dated & (each.n_open > 0), 1), else_=each.day - each.dose),
        waited_most=each.day - each.dose,
    )


def baseline(counts: ir.Table, limit: float) -> ir.Table:
    """Whether the last count before the first dose was already below a limit, per patient.

    NULL where there is none, where it may lie on either side of the limit, and where a later count
    may have come before an undated dose, too.

    Args:
        counts: `patient_id`, `day`, `value`, `sign`, and `is_dosed` of `doses_before`.
        limit: 10⁹/L.

    Returns:
        `patient_id`, `baseline_low`, `baseline_anc`.
    """
    is_before = ~counts.is_dosed.fill_null(True)  # noqa: FBT003 — a value
    last = counts.group_by("patient_id").aggregate(
        last_day=counts.day.max(where=is_before),
        n_unplaced=counts.is_dosed.isnull().ifelse(1, 0).sum(),
    )
    both = counts.inner_join(last, "patient_id")
    both = both.filter(both.day == both.last_day)
    low = is_below(both.value, both.sign, limit)
    return both.select(
        "patient_id",
        baseline_low=ibis.cases((both.n_unplaced == 0, low)),
        baseline_anc=both.value,
    )
