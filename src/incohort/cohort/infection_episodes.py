"""Infections as episodes: which onsets are counted, and which infections can't be told of.

An infection fewer than some days after the last counted onset is the same episode. Which onsets
are counted depends on those before, so no window says it. But the next onset that would be counted
after any day is a minimum over a window, and following such steps two, four, eight at a time
reaches all of them in as many rounds as the longest chain of infections has doublings.
"""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.daily import day_number
from incohort.cohort.opened import Cohort
from incohort.cohort.person_time_choices import PersonTimeChoices
from incohort.cohort.queries import frame_of, kept


def infections(events: ir.Table, choices: PersonTimeChoices) -> ir.Table:
    """The infections that are asked for, and those of which it can't be told whether they are.

    Grade 1 is the lowest there is, so an infection without a grade has it at least.

    Args:
        events: The table `events`; a history of recurrent infections is no infection.
        choices: The grade from which infections count, and whether serious ones alone do.

    Returns:
        `patient_id`, `day` (NULL without a date), `is_asked` (true, or NULL: not known).
    """
    rows = events.filter(events.event == "infection")
    is_asked = ibis.literal(True)  # noqa: FBT003 — a value
    if choices.grade_at_least > 1:
        is_asked = rows.grade >= choices.grade_at_least
    if choices.only_serious:
        is_asked = is_asked & rows.serious
    if choices.counts_unknown:
        is_asked = is_asked.fill_null(True)  # noqa: FBT003 — a value
    each = rows.select("patient_id", day=day_number(rows.occurred_on), is_asked=is_asked)
    return each.filter(each.is_asked.isnull() | each.is_asked)


def are_told(cohort: Cohort, choices: PersonTimeChoices) -> bool:
    """Whether who has no counted infection can be said to have had none.

    Where nobody has an infection, the cohort has to say that it collected them. Where of none it
    can be told whether it is asked for and when it was, days or grades were not recorded.
    """
    if not cohort.has("events"):
        return False
    numbers = frame_of(cohort, _numbers, choices).iloc[0]
    if not numbers["n_rows"]:
        return cohort.collects("infections") is True
    return bool(numbers["n_untold"] < numbers["n_rows"])


def _numbers(cohort: Cohort, choices: PersonTimeChoices) -> ir.Table:
    """One row: how many infections there are, and how many that can't be placed or graded."""
    events = cohort.tables["events"]
    every = events.filter(events.event == "infection").aggregate(n_rows=ibis._.count())
    rows = infections(events, choices)
    untold = rows.filter(rows.is_asked.isnull() | rows.day.isnull())
    return every.cross_join(untold.aggregate(n_untold=ibis._.count()))


def rounds_of(cohort: Cohort, choices: PersonTimeChoices) -> int:
    """How many rounds `onsets` needs in this cohort; none where no infection follows closely."""
    if not cohort.has("events"):
        return 0
    longest = frame_of(cohort, _longest_chain, choices).iloc[0]
    n_apart = int(longest["span"]) // max(choices.merge_days, 1)
    return min(int(longest["n_later"]), n_apart).bit_length()


def _longest_chain(cohort: Cohort, choices: PersonTimeChoices) -> ir.Table:
    """The most days with an infection that follow one another closely, and the longest time."""
    days = _chained(cohort.tables["events"], choices)
    so_far = ibis.cumulative_window(group_by="patient_id", order_by="day")
    numbered = days.mutate(chain=days.is_counted.ifelse(1, 0).sum().over(so_far))
    chains = numbered.group_by("patient_id", "chain").aggregate(
        n_later=numbered.count() - 1, span=numbered.day.max() - numbered.day.min()
    )
    return chains.aggregate(
        n_later=ibis.coalesce(chains.n_later.max(), 0), span=ibis.coalesce(chains.span.max(), 0)
    )


def onsets(events: ir.Table, choices: PersonTimeChoices, rounds: int) -> ir.Table:
    """One row per patient and day with an infection that is asked for: is its onset counted?

    Args:
        events: The table `events`.
        choices: Which infections, and how close together they are one.
        rounds: From `rounds_of`, for these events and choices.

    Returns:
        `patient_id`, `day`, `is_counted`.
    """
    days = kept(_chained(events, choices))
    for _ in range(rounds):
        days = kept(_stepped(days))
    return days.select("patient_id", "day", "is_counted")


def _chained(events: ir.Table, choices: PersonTimeChoices) -> ir.Table:
    """Days with an infection; `is_counted` where none came closely before, so that it surely is.

    `onward` is the next onset to be counted if this one is.
    """
    rows = infections(events, choices)
    days = rows.filter(rows.is_asked, rows.day.notnull()).select("patient_id", "day").distinct()
    window = ibis.window(group_by="patient_id", order_by="day")
    later = ibis.range_window(
        group_by="patient_id", order_by="day", following=(choices.merge_days, None)
    )
    gap = days.day - days.day.lag().over(window)
    return days.mutate(
        is_counted=gap.isnull() | (gap >= choices.merge_days),
        onward=days.day.min().over(later),
    )


def _stepped(days: ir.Table) -> ir.Table:
    """The onsets that counted ones lead to are counted, too; and steps become twice as long."""
    steps = days.filter(days.is_counted, days.onward.notnull())
    ends = steps.select("patient_id", day="onward", is_end=True).distinct()
    longer = days.select("patient_id", onward="day", further="onward")
    both = days.left_join(ends, ["patient_id", "day"]).drop("patient_id_right", "day_right")
    both = both.left_join(longer, ["patient_id", "onward"])
    return both.select(
        "patient_id",
        "day",
        is_counted=both.is_counted | both.is_end.notnull(),
        onward=both.further,
    )
