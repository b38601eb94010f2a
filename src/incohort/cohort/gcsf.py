"""G-CSF during an episode: when it began and ended, against time zero."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.suspects import EPISODE, courses
from incohort.dictionary import Drug, load
from incohort.sources.drug_names import names_in

_CLASS = "growth factor"


def growth_factors() -> tuple[Drug, ...]:
    """The growth factors of the dictionary."""
    return load().drugs_of(_CLASS)


def growth_factor_codes() -> tuple[str, ...]:
    """The codes of the growth factors, and that of their class, where no more is recorded."""
    codes = sorted({code for drug in growth_factors() for code in drug.all_atc})
    return (codes[0][:5], *codes)


def unread(medications: ir.Table) -> ir.Table:
    """The courses of treatments of which it can't be told whether they are a growth factor.

    They have no code and a name that the dictionary does not know, or the code of a wider group. A
    course without a role is asked, too.
    """
    names = names_in(medications.drug)
    may_be = names.may_be_one_of(medications.atc, medications.drug, growth_factor_codes())
    return medications.filter(_is_asked(medications) & may_be)


def n_treatments(medications: ir.Table) -> ir.Table:
    """One row, `n_treatments`: where there are any, who has no growth factor was given none.

    A cohort of suspects alone says nothing of G-CSF.
    """
    names = names_in(medications.drug)
    is_given = names.is_one_of(medications.atc, medications.drug, growth_factor_codes())
    asked = medications.filter(_is_asked(medications) | is_given)
    return asked.aggregate(n_treatments=asked.count())


def without(n_treatments: ir.IntegerValue) -> ir.BooleanValue:
    """Of who has no growth factor, whether one was given: false, or not known."""
    return ibis.cases((n_treatments > 0, False))


def _is_asked(medications: ir.Table) -> ir.BooleanValue:
    """Courses of a treatment, and those without a role."""
    return medications.role.isnull() | (medications.role == "treatment")


def growth_factor_courses(medications: ir.Table) -> ir.Table:
    """Courses of a growth factor, and those of which that can't be told; `is_gcsf` says which.

    Args:
        medications: The table `medications`; a drug is known by its code, else by one of its names.
    """
    codes = growth_factor_codes()
    named = medications.filter(
        names_in(medications.drug).is_one_of(medications.atc, medications.drug, codes)
    )
    return (
        courses(named)
        .mutate(is_gcsf=True)
        .union(courses(unread(medications)).mutate(is_gcsf=False))
    )


def gcsf(medications: ir.Table, episodes: ir.Table) -> ir.Table:
    """One row per episode with a growth factor in it, or one whose dates can't tell.

    A course belongs to an episode that it overlaps: begun before the episode ends (by recovery,
    death or the last count) and not ended before the onset. A course that began on the day of
    recovery didn't bring it about, and of one that began on the last day nothing was seen; who had
    no other was not given it. A course without a start can't be placed: `has_gcsf` is NULL then,
    and where only a course of a treatment overlaps whose name nobody knows.

    Args:
        medications: The table `medications`; a drug is known by its code, else by one of its names.
        episodes: With `onset` and `end`.

    Returns:
        `patient_id`, `episode`, `has_gcsf`, `gcsf_started` (first), `gcsf_stopped` (last; NULL
        where the end of one course isn't recorded), as day numbers.
    """
    both = growth_factor_courses(medications)
    pairs = episodes.select(*EPISODE, "onset", "end").inner_join(both, "patient_id")
    begins = pairs.started < pairs.end
    lasts = pairs.stopped.isnull() | (pairs.stopped >= pairs.onset)
    may_be_in = lasts & (begins | pairs.started.isnull())
    pairs = pairs.mutate(is_in=pairs.is_gcsf & begins & lasts, is_open=pairs.stopped.isnull())
    each = pairs.group_by(*EPISODE).aggregate(
        n_in=pairs.is_in.fill_null(False).ifelse(1, 0).sum(),  # noqa: FBT003 — Ibis takes it by position only
        n_unplaced=(may_be_in & (pairs.started.isnull() | ~pairs.is_gcsf)).ifelse(1, 0).sum(),
        gcsf_started=pairs.started.min(where=pairs.is_in),
        last_stop=pairs.stopped.max(where=pairs.is_in),
        n_open=pairs.is_open.ifelse(1, 0).sum(where=pairs.is_in),
    )
    return each.select(
        *EPISODE,
        "gcsf_started",
        has_gcsf=ibis.cases((each.n_in > 0, True), (each.n_unplaced > 0, None), else_=False),
        gcsf_stopped=(each.n_open == 0).ifelse(each.last_stop, None),
    )
