"""What is known of each patient from one day to another, a row per stretch of days.

Running sums over a patient's marks say what holds from each to the next, so that each such stretch
is one row, and the one before an infection is what held on the day before. Nothing is joined, and
every engine says the same.
"""

from __future__ import annotations

from itertools import pairwise

import ibis
import ibis.expr.types as ir

from incohort.cohort.daily import sign_of, value_of
from incohort.cohort.infection_episodes import infections, onsets
from incohort.cohort.marks import ENDS, NEVER, marks
from incohort.cohort.opened import Cohort
from incohort.cohort.person_time_choices import PersonTimeChoices
from incohort.cohort.queries import kept
from incohort.cohort.values import is_below

STRETCHES = "stretches"  # what is at hand of them, beside a cohort's tables
UNKNOWN = "unknown"  # no count is known to hold, or none whose band is
TREATED = "gcsf"
NOT_AT_RISK = "not_at_risk"
OUTSIDE = "outside"  # infections only: before the first count, or after the end


def stretches(cohort: Cohort, choices: PersonTimeChoices, rounds: int) -> ir.Table:
    """One row per patient and mark: what holds from that day `until` the next mark.

    Args:
        cohort: Whose tables are asked.
        choices: How long a count holds, where time ends, which infections count.
        rounds: From `rounds_of`.

    Returns:
        `patient_id`, `day`, `until`, `stratum`, `is_in_time`, `first`, `last`, `end`,
        `end_because`, `n_undated_ends`, `n_onsets` (1 where a counted infection begins that day)
        and of that infection `placed` and `because`.
    """
    table = _ended(_holding(kept(marks(cohort, choices, rounds))), choices)
    table = table.mutate(state=_state(table, choices), why=_why_unknown(table, choices))
    in_order = ibis.window(group_by="patient_id", order_by="day")
    if choices.lag == "same_day":
        state, why = table.state, table.why
    else:
        state, why = table.state.lag().over(in_order), table.why.lag().over(in_order)
    table = table.mutate(state_then=state, why_then=why, until=table.day.lead().over(in_order))
    is_resting = table.n_rests > 0
    outside = _outside(table)
    return table.select(
        "patient_id", "day", "until", "first", "last", "end", "end_because",
        "n_onsets", "n_undated_ends",
        stratum=is_resting.ifelse(NOT_AT_RISK, table.state),
        is_in_time=((table.day >= table.first) & (table.day < table.end)).fill_null(False),  # noqa: FBT003 — a value
        placed=ibis.cases(
            (outside.notnull(), OUTSIDE), (is_resting, NOT_AT_RISK), else_=table.state_then
        ),
        because=ibis.cases(
            (outside.notnull(), outside), (is_resting, "infection_before"), else_=table.why_then
        ),
    )  # fmt: skip


def _holding(days: ir.Table) -> ir.Table:
    """What holds from each mark on: the last count's day and key, and how many of each span."""
    so_far = ibis.cumulative_window(group_by="patient_id", order_by="day")
    of_patient = ibis.window(group_by="patient_id")
    counted = days.key.notnull().ifelse(days.day, ibis.null("int64"))
    table = days.mutate(
        count_on=counted.max().over(so_far),
        first=counted.min().over(of_patient),
        last=counted.max().over(of_patient),
        n_undated_ends=days.n_undated_ends.sum().over(of_patient).cast("int64"),
        **{
            name: days[name].sum().over(so_far).cast("int64")
            for name in ("n_gcsf", "n_unclear", "n_rests")
        },
        **{name: days[name].min().over(of_patient) for name in ENDS},
    )
    # since the last count there is one key alone: that count's
    since = ibis.window(group_by=["patient_id", "count_on"])
    return table.mutate(key=table.key.max().over(since))


def _ended(table: ir.Table, choices: PersonTimeChoices) -> ir.Table:
    """With `end`, the first day that is no longer counted, and `end_because`.

    The last count is not carried on where a patient died or had a transplantation on an unknown
    day: it may have been any day since.
    """
    ends = {name: table[name] for name in ENDS}
    known = ibis.least(*(ibis.coalesce(day, NEVER) for day in ends.values()))
    is_carried = table.n_undated_ends == 0
    if choices.after_last_count == "nothing":
        is_carried = ibis.literal(False)  # noqa: FBT003 — a value
    carried = is_carried.ifelse(table.last + choices.carry_days, table.last)
    return table.mutate(
        end=(known < NEVER).ifelse(known, carried),
        end_because=ibis.cases(
            (known == ends["died"], "death"),
            (known == ends["transplanted"], "transplant"),
            (known == ends["followed_until"], "follow_up_ended"),
            (table.last.isnull(), ibis.null("string")),
            (is_carried, "carried"),
            else_="last_count",
        ),
    )


def _state(table: ir.Table, choices: PersonTimeChoices) -> ir.StringValue:
    """Under a growth factor, in a band, or unknown; whether at risk or not."""
    return ibis.cases(
        (table.n_gcsf > 0, TREATED),
        (table.n_unclear > 0, UNKNOWN),
        (~_holds(table, choices), UNKNOWN),
        else_=ibis.coalesce(_band(table.key, choices), UNKNOWN),
    )


def _why_unknown(table: ir.Table, choices: PersonTimeChoices) -> ir.StringValue:
    return ibis.cases(
        (table.n_gcsf > 0, ibis.null("string")),
        (table.n_unclear > 0, "treatment_unclear"),
        (table.count_on.isnull(), "no_count_yet"),
        (~_holds(table, choices), "no_count_in_force"),
        (_band(table.key, choices).isnull(), "band_unclear"),
    )


def _holds(table: ir.Table, choices: PersonTimeChoices) -> ir.BooleanValue:
    """Whether a count is in force."""
    return (table.day < table.count_on + choices.carry_days).fill_null(False)  # noqa: FBT003 — a value


def _band(key: ir.IntegerValue, choices: PersonTimeChoices) -> ir.StringValue:
    """The band that a count lies in, NULL where all that it may be doesn't lie in one."""
    value, sign = value_of(key), sign_of(key)
    below = [is_below(value, sign, limit) for limit in choices.limits]
    lowest, *between, highest = choices.band_names
    inside = zip(pairwise(below), between, strict=True)
    return ibis.cases(
        (below[0], lowest),
        *((~under & over, name) for (under, over), name in inside),
        (~below[-1], highest),
    )


def _outside(table: ir.Table) -> ir.StringValue:
    """Why an infection on that day lies in nobody's time; NULL where it does.

    One on the last day lies in it: a fatal infection is an infection.
    """
    return ibis.cases(
        (table.first.isnull(), "no_count"),
        (table.day < table.first, "before_first_count"),
        (table.day > table.end, "after_end"),
    )


def time_table(cohort: Cohort) -> ir.Table:
    """One row per patient and stratum with days in it, or with infections set against it.

    Args:
        cohort: With `stretches` among its tables, as the next two.

    Returns:
        `patient_id`, `stratum`, `person_days`, `events`.
    """
    table = cohort.tables[STRETCHES]
    inside = table.filter(table.is_in_time)
    ill = table.filter(table.n_onsets > 0)
    both = inside.select(
        "patient_id",
        "stratum",
        person_days=inside.until - inside.day,
        events=ibis.literal(0, "int64"),
    ).union(
        ill.select(
            "patient_id", stratum="placed", person_days=ibis.literal(0, "int64"), events="n_onsets"
        )
    )
    each = both.group_by("patient_id", "stratum").aggregate(
        person_days=both.person_days.sum().cast("int64"), events=both.events.sum().cast("int64")
    )
    return each.order_by("patient_id", "stratum")


def follow_up_table(cohort: Cohort) -> ir.Table:
    """One row per patient: from when to when time was counted, and why none was.

    Returns:
        `patient_id`, `first_on`, `end_on`, `end_because`, `has_undated_end`, `person_days`,
        `no_time_because`.
    """
    table = cohort.tables[STRETCHES]
    days = table.is_in_time.ifelse(table.until - table.day, 0)
    each = table.group_by("patient_id").aggregate(
        first_on=table["first"].min(),
        end_on=table.end.min(),
        end_because=table.end_because.min(),
        has_undated_end=table.n_undated_ends.max() > 0,
        person_days=days.sum().cast("int64"),
    )
    because = ibis.cases(
        (each.first_on.isnull(), "no_count"),
        (each.end_on > each.first_on, ibis.null("string")),
        (each.end_because == "last_count", "one_count_and_no_follow_up"),
        else_="ended_before_first_count",
    )
    return each.mutate(no_time_because=because).order_by("patient_id")


def infections_table(cohort: Cohort, choices: PersonTimeChoices, rounds: int) -> ir.Table:
    """Each day with an infection that is asked for, and each infection that can't be told of.

    Returns:
        `patient_id`, `occurred_on`, `status`, `stratum`, `because`.
    """
    events, table = cohort.tables["events"], cohort.tables[STRETCHES]
    nothing = {"stratum": ibis.null("string"), "because": ibis.null("string")}
    ill = table.filter(table.n_onsets > 0)
    counted = ill.select(
        "patient_id", occurred_on="day", status=ibis.literal("counted"),
        stratum="placed", because="because",
    )  # fmt: skip
    days = onsets(events, choices, rounds)
    merged = days.filter(~days.is_counted).select(
        "patient_id", occurred_on="day", status=ibis.literal("merged"), **nothing
    )
    rows = infections(events, choices)
    status = rows.is_asked.isnull().ifelse("unknown_severity", "undated")
    others = rows.filter(rows.is_asked.isnull() | rows.day.isnull()).select(
        "patient_id", occurred_on="day", status=status, **nothing
    )
    listed = ibis.union(counted, merged, others)
    in_order = [listed[name] for name in ("patient_id", "status")]
    return listed.order_by(
        in_order[0], listed.occurred_on.isnull(), listed.occurred_on, in_order[1]
    )
