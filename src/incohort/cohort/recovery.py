"""From an episode to a time with an interval and a cause: recovered, died, or censored and why."""

from __future__ import annotations

import ibis
import ibis.expr.types as ir

from incohort.cohort.daily import day_number, number_of
from incohort.cohort.recovery_choices import RecoveryChoices
from incohort.cohort.suspects import EPISODE

CENSORED, RECOVERED, DIED = 0, 1, 2


def deaths(events: ir.Table, choices: RecoveryChoices) -> ir.Table:
    """One row per patient who died up to the end of the study: `died`, NULL without a date."""
    rows = events.filter(events.event == "death")
    day = day_number(rows.occurred_on)
    if choices.study_end is not None:
        rows = rows.filter(day.isnull() | (day <= number_of(choices.study_end)))
    each = rows.mutate(day=day_number(rows.occurred_on))
    return each.group_by("patient_id").aggregate(died=each.day.min()).mutate(has_died=True)


def admissions(events: ir.Table, episodes: ir.Table) -> ir.Table:
    """One row per episode with an admission: `admitted`.

    The first admission from the onset to the last low count; where there is none, the last one
    before the onset, whose patient may have been in hospital already.
    """
    stays = events.filter(events.event == "hospitalisation", events.occurred_on.notnull())
    days = stays.select("patient_id", day=day_number(stays.occurred_on))
    pairs = episodes.select(*EPISODE, "onset", "last_low").inner_join(days, "patient_id")
    each = pairs.group_by(*EPISODE).aggregate(
        within=pairs.day.min(where=(pairs.day >= pairs.onset) & (pairs.day <= pairs.last_low)),
        before=pairs.day.max(where=pairs.day < pairs.onset),
    )
    return each.select(*EPISODE, admitted=ibis.coalesce(each.within, each.before))


def timed(episodes: ir.Table, choices: RecoveryChoices) -> ir.Table:
    """The episodes with time, interval and cause.

    Recovery happened after the last count below the threshold, `left`, and no later than the first
    at or above it, `right`; both are days from time zero, never before it. A death before recovery
    is a cause of its own. Else the episode is censored at the patient's last count, or at
    a rise that nothing confirms; `censored_because` says why.

    An episode that can't be timed stays, with `not_timed_because` and no time: the date of time
    zero is missing, the patient had recovered before it, or no count follows it.

    Args:
        episodes: From `episodes`, with `withdrawn`, `n_suspects`, `admitted`, `died`, `has_died`.
        choices: Time zero, horizon, loss to follow-up and the end of the study.
    """
    table = episodes.mutate(time_zero=_time_zero(episodes, choices), dies=_dies(episodes, choices))
    has_recovered = table.recovered.notnull()
    table = table.mutate(
        end=ibis.cases(
            (has_recovered, table.recovered),
            (table.dies, table.died),
            else_=ibis.coalesce(table.unconfirmed, table.last_count),
        ),
        cause=ibis.cases((has_recovered, RECOVERED), (table.dies, DIED), else_=CENSORED),
    )
    time = table.end - table.time_zero
    table = table.mutate(not_timed_because=_not_timed(table, choices), time=time)
    left = ibis.greatest(table.last_low - table.time_zero, 0)
    because = _censored_because(table, choices)
    cause = table.cause
    if choices.observed_days is not None:
        is_beyond = table.time > choices.observed_days
        time = is_beyond.ifelse(choices.observed_days, table.time)
        left = ibis.least(left, choices.observed_days)
        because = is_beyond.ifelse("horizon", because)
        cause = is_beyond.ifelse(CENSORED, cause)
    else:
        time = table.time
    is_timed = table.not_timed_because.isnull()
    table = table.mutate(cause=cause, _time=time, _left=left, _because=because, is_timed=is_timed)
    table = table.mutate(
        time=table.is_timed.ifelse(table["_time"], None),
        left=table.is_timed.ifelse(table["_left"], None),
        right=(table.is_timed & (table.cause == RECOVERED)).ifelse(table["_time"], None),
        censored_because=(table.is_timed & (table.cause == CENSORED)).ifelse(
            table["_because"], None
        ),
        cause=table.is_timed.ifelse(table.cause, None),
    )
    return table.drop("_time", "_left", "_because")


def with_relapse(table: ir.Table) -> ir.Table:
    """The episodes with `relapse`: counts fell below the limits again; NULL: no later count."""
    return table.mutate(
        relapse=ibis.cases(
            (table.recovered.isnull(), None),
            (table.next_onset.notnull(), True),
            (table.last_count > table.recovered, False),
        )
    )


def _time_zero(table: ir.Table, choices: RecoveryChoices) -> ir.IntegerValue:
    return {
        "withdrawal": table.withdrawn,
        "nadir": table.nadir_day,
        "first_low": table.onset,
        "admission": table.admitted,
    }[choices.time_zero]


def _dies(table: ir.Table, choices: RecoveryChoices) -> ir.BooleanValue:
    """Whether a death ends the episode: dated, and not so late that the time between is dark."""
    dies = table.recovered.isnull() & table.died.notnull()
    if choices.lost_after_days is not None:
        dies = dies & (table.died - table.last_count <= choices.lost_after_days)
    return dies.fill_null(False)  # noqa: FBT003 — Ibis takes it by position only


def _not_timed(table: ir.Table, choices: RecoveryChoices) -> ir.StringValue:
    absent = {
        "withdrawal": ibis.cases(
            (ibis.coalesce(table.n_suspects, 0) == 0, "no_suspect"), else_="no_withdrawal_date"
        ),
        "admission": "no_admission_date",
    }.get(choices.time_zero, "no_date")
    return ibis.cases(
        (table.time_zero.isnull(), absent),
        (table.recovered < table.time_zero, "recovered_before_time_zero"),
        (table.end < table.time_zero, "no_count_after_time_zero"),
        else_=ibis.null("string"),
    )


def _censored_because(table: ir.Table, choices: RecoveryChoices) -> ir.StringValue:
    is_lost = table.died.notnull()  # dated, and yet no end: it came too late to tell
    has_died = table.has_died.fill_null(False)  # noqa: FBT003 — Ibis takes it by position only
    otherwise = "follow_up_ended"
    if choices.study_end is not None:
        still_seen = number_of(choices.study_end) - (choices.lost_after_days or 0)
        otherwise = (table.last_count >= still_seen).ifelse("end_of_study", "lost_to_follow_up")
    return ibis.cases(
        (table.unconfirmed.notnull(), "not_confirmed"),
        (is_lost, "lost_to_follow_up"),
        (has_died, "death_without_date"),
        else_=otherwise,
    )
