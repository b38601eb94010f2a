"""Person-time by neutrophil count, and the count that each infection is set against."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from incohort.cohort.daily import day_of
from incohort.cohort.infection_episodes import are_told, rounds_of
from incohort.cohort.opened import Cohort
from incohort.cohort.person_time_choices import PersonTimeChoices
from incohort.cohort.queries import frame_of, table_of
from incohort.cohort.stretches import (
    STRETCHES,
    follow_up_table,
    infections_table,
    stretches,
    time_table,
)
from incohort.cohort.tidying import tidy

_FLAGS = ("has_undated_end",)
_DAYS = ("first_on", "end_on", "occurred_on")
_WHOLE = ("person_days", "events", *_DAYS)


@dataclass(frozen=True, kw_only=True)
class PersonTime:
    """What a cohort's patients were observed for, by count, and the infections in it.

    - `time`: one row per patient and stratum with days or infections in it: `patient_id`,
      `stratum` (a band such as `0_1_to_0_5`, `unknown`, `gcsf`, `not_at_risk`, `outside`),
      `person_days`, `events`. In `outside` there are infections and no days. Where nobody's
      infections were recorded, or no day or grade of any, `events` is missing, never 0.
    - `follow_up`: one row per patient of the cohort: `patient_id`, `first_on` (the first count's
      day), `end_on` (the first day that is no longer counted), `end_because` (`death`,
      `transplant`, `follow_up_ended`, `last_count`, `carried`), `has_undated_end` (a death or
      transplantation without a date, so that time may run past it), `person_days`, and
      `no_time_because` (`no_count`, `one_count_and_no_follow_up`, `ended_before_first_count`).
    - `infections`: one row per day with an infection that is asked for, and one per infection that
      can't be placed or graded: `patient_id`, `occurred_on`, `status` (`counted`, `merged`,
      `undated`, `unknown_severity`), and of counted ones the `stratum`. `because` says of `unknown`
      `no_count_yet`, `no_count_in_force`, `band_unclear` or `treatment_unclear`, of `outside`
      `no_count`, `before_first_count` or `after_end`, of `not_at_risk` `infection_before`.
    """

    time: pd.DataFrame
    follow_up: pd.DataFrame
    infections: pd.DataFrame


def person_time(cohort: Cohort, choices: PersonTimeChoices) -> PersonTime:
    """The person-time of a cohort by neutrophil count, with its infections.

    Without a table of medications nobody is known to have had a growth factor, and no time is set
    apart for it.

    Args:
        cohort: From `open_cohort`.
        choices: How long a count holds, where time ends, which infections count.
    """
    rounds = rounds_of(cohort, choices)
    table = table_of(cohort, stretches, choices, rounds)
    beside = replace(cohort, tables={**cohort.tables, STRETCHES: table})
    time = _typed(frame_of(beside, time_table))
    if not are_told(cohort, choices):
        time["events"] = pd.array([pd.NA] * len(time), dtype="Int64")
    return PersonTime(
        time=time,
        follow_up=_typed(frame_of(beside, follow_up_table)),
        infections=_infections(beside, choices, rounds),
    )


def _infections(cohort: Cohort, choices: PersonTimeChoices, rounds: int) -> pd.DataFrame:
    columns = ["patient_id", "occurred_on", "status", "stratum", "because"]
    if not cohort.has("events"):
        return pd.DataFrame(columns=columns, dtype=object)
    return _typed(frame_of(cohort, infections_table, choices, rounds))


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the same types whatever the engine, days as dates."""
    tidied = tidy(frame, tuple(frame.columns), _FLAGS, _WHOLE)
    for name in set(_DAYS) & set(frame.columns):
        days = [None if pd.isna(day) else day_of(int(day)) for day in tidied[name]]
        tidied[name] = pd.Series(days, dtype=object)
    return tidied
