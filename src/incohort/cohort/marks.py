"""Everything that changes what is known of a patient over time, as marks on days.

A mark is a count, the day on which it no longer holds, the first and last day under a growth
factor, of rest after an infection, of follow-up.
"""

from __future__ import annotations

from datetime import date

import ibis
import ibis.expr.types as ir

from incohort.cohort.daily import daily, day_number, number_of
from incohort.cohort.gcsf import growth_factor_courses
from incohort.cohort.infection_episodes import onsets
from incohort.cohort.opened import Cohort
from incohort.cohort.person_time_choices import PersonTimeChoices

NEVER = number_of(date.max) + 1
_BEGINNING = 0  # 1 January of the year 1
# what a mark may say, and how marks of one day are put together
ENDS = ("died", "transplanted", "followed_until")
_LOWEST = ("key", *ENDS)
_SUMMED = ("n_onsets", "n_gcsf", "n_unclear", "n_rests", "n_undated_ends")


def marks(cohort: Cohort, choices: PersonTimeChoices, rounds: int) -> ir.Table:
    """One row per patient and day with a mark; every patient has one at least.

    Args:
        cohort: Whose tables are asked.
        choices: How long a count and a growth factor hold, and which infections count.
        rounds: From `rounds_of`.

    Returns:
        `patient_id`, `day`, `key` (the day's count), `died`, `transplanted`, `followed_until` (the
        day itself, where that is the day's), and how many of each begin, fewer those that end:
        `n_onsets`, `n_gcsf`, `n_unclear`, `n_rests`, `n_undated_ends`.
    """
    patients = cohort.tables["patients"]
    known = patients.filter(patients.followed_until.notnull())
    last = day_number(known.followed_until)
    parts = [_mark(patients, ibis.literal(_BEGINNING)), _mark(known, last, followed_until=last)]
    if cohort.has("labs"):
        counts = daily(cohort.tables["labs"])
        parts += [
            _mark(counts, counts.day, key=counts.key),
            _mark(counts, counts.day + choices.carry_days),
        ]
    if cohort.has("medications"):
        parts += _treatments(cohort.tables["medications"], choices.gcsf_washout_days)
    if cohort.has("events"):
        parts += _happenings(cohort.tables["events"], choices, rounds)
    return _one_a_day(ibis.union(*parts))


def _mark(table: ir.Table, day: ir.IntegerValue, **says: ir.IntegerValue | int) -> ir.Table:
    """One mark per row, on that day; what it doesn't say is NULL, or 0 where marks are counted."""
    nothing = {name: ibis.null("int64") for name in _LOWEST}
    none = dict.fromkeys(_SUMMED, ibis.literal(0, "int64"))
    values = {
        name: ibis.literal(value, "int64") if isinstance(value, int) else value.cast("int64")
        for name, value in says.items()
    }
    return table.select("patient_id", day=day.cast("int64"), **(nothing | none | values))


def _treatments(medications: ir.Table, washout: int) -> list[ir.Table]:
    """Marks of days under a growth factor, and of those of which it can't be told.

    Of a course with one date only, that day and the washout are certain, and what lies beyond it on
    its open side is not; without a date the whole time isn't, nor is it in a course of which nobody
    knows whether it was a growth factor.
    """
    courses = growth_factor_courses(medications)
    started, stopped = courses.started, courses.stopped
    begun, over = ibis.coalesce(started, stopped), ibis.coalesce(stopped, started)
    certain = courses.filter(courses.is_gcsf, begun.notnull()).select(
        "patient_id", begun=begun, over=over + washout + 1
    )
    unclear = courses.filter(~courses.is_gcsf | started.isnull() | stopped.isnull()).select(
        "patient_id",
        begun=ibis.coalesce(started, _BEGINNING),
        over=ibis.coalesce(stopped + washout + 1, NEVER),
    )
    return [
        *_between(certain, "n_gcsf"),
        *_between(unclear, "n_unclear"),
    ]


def _happenings(events: ir.Table, choices: PersonTimeChoices, rounds: int) -> list[ir.Table]:
    """Marks of the ends of follow-up, of counted infections and of the rest after each."""
    days = onsets(events, choices, rounds)
    counted = days.filter(days.is_counted)
    rests = counted.select(
        "patient_id", begun=counted.day + 1, over=counted.day + 1 + choices.infection_washout_days
    )
    parts = [
        *_ends(events, "death", "died"),
        _mark(counted, counted.day, n_onsets=1),
        *_between(rests, "n_rests"),
    ]
    if choices.transplant_ends:
        parts += _ends(events, "transplant", "transplanted")
    return parts


def _ends(events: ir.Table, event: str, name: str) -> list[ir.Table]:
    """Marks of an event that ends the time; without a date it only says that there is one."""
    rows = events.filter(events.event == event)
    dated, undated = rows.filter(rows.occurred_on.notnull()), rows.filter(rows.occurred_on.isnull())
    day = day_number(dated.occurred_on)
    return [
        _mark(dated, day, **{name: day}),
        _mark(undated, ibis.literal(_BEGINNING), n_undated_ends=1),
    ]


def _between(spans: ir.Table, name: str) -> list[ir.Table]:
    """What holds from `begun` on and from `over` no longer: one more of it, and one less."""
    return [_mark(spans, spans.begun, **{name: 1}), _mark(spans, spans.over, **{name: -1})]


def _one_a_day(every: ir.Table) -> ir.Table:
    return every.group_by("patient_id", "day").aggregate(
        **{name: every[name].min() for name in _LOWEST},
        **{name: every[name].sum().cast("int64") for name in _SUMMED},
    )
