"""One row per neutropenic episode, with all that counts, drugs and events say of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import ibis
import ibis.expr.types as ir
import numpy as np
import pandas as pd

from incohort.cohort import drug_induced, high_risk
from incohort.cohort.daily import daily, day_of, sign_of, value_of
from incohort.cohort.episodes import episodes
from incohort.cohort.frame import age_at
from incohort.cohort.gcsf import gcsf, n_treatments, without
from incohort.cohort.opened import Cohort
from incohort.cohort.queries import frame_of, kept, table_of
from incohort.cohort.recovery import admissions, deaths, timed, with_relapse
from incohort.cohort.recovery_choices import RecoveryChoices
from incohort.cohort.severity import grade
from incohort.cohort.suspects import joined, last_suspect, suspect_courses
from incohort.dictionary import load

_EPISODES = "episodes"  # what is at hand of them, beside a cohort's tables
_DATES = (
    "onset_on", "nadir_on", "last_low_on", "recovered_on", "last_count_on", "suspect_started_on",
    "withdrawn_on", "admitted_on", "died_on", "time_zero", "gcsf_started_on", "gcsf_stopped_on",
)  # fmt: skip
_WHOLE = (
    "episode", "time", "cause", "n_counts", "n_suspects", "onset_days", "gcsf_start", "gcsf_days",
)  # fmt: skip
_FLAGS = (
    "is_timed", "relapse", "has_gcsf", "criterion_onset", "criterion_recovery",
    "criterion_rechallenge", "criterion_exclusions", "late_onset", "high_risk_age",
    "high_risk_count", "high_risk_infection", "high_risk_comorbidity", "high_risk",
)  # fmt: skip
_WORDS = (
    "patient_id", "sex", "severity", "nadir_sign", "suspect_atc", "suspect_drug",
    "not_timed_because", "censored_because",
)  # fmt: skip
COLUMNS = (
    "patient_id", "episode", "sex", "age_years", "onset_on", "nadir", "nadir_sign", "nadir_on",
    "severity", "last_low_on", "recovered_on", "last_count_on", "n_counts",
    "suspect_atc", "suspect_drug", "suspect_started_on", "withdrawn_on", "n_suspects", "onset_days",
    "admitted_on", "died_on", "time_zero", "is_timed", "not_timed_because",
    "time", "left", "right", "cause", "censored_because", "relapse",
    "has_gcsf", "gcsf_started_on", "gcsf_stopped_on", "gcsf_start", "gcsf_days",
    "criterion_onset", "criterion_recovery", "criterion_rechallenge", "criterion_exclusions",
    "late_onset", "high_risk_age", "high_risk_count", "high_risk_infection",
    "high_risk_comorbidity", "high_risk",
)  # fmt: skip


def episode_frame(
    cohort: Cohort, choices: RecoveryChoices, table: ir.Table | None = None
) -> pd.DataFrame:
    """One row per episode, in the order of patient and onset; patients without one have no row.

    Columns, dates as `datetime.date` or None, flags as True, False or None:

    - `patient_id`, `episode` (from 1), `sex`, `age_years` (at the index date)
    - `onset_on`, `nadir` (10⁹/L) with `nadir_sign` (`<` where printed so), `nadir_on`,
      `severity` of the nadir, `last_low_on`, `recovered_on` (confirmed as chosen),
      `last_count_on`, `n_counts`
    - `suspect_atc`, `suspect_drug`, `suspect_started_on`, `withdrawn_on`, `n_suspects`,
      `onset_days` (from the suspect's start), `admitted_on`, `died_on`
    - `time_zero`, `is_timed`, `not_timed_because`; days from it: `time`, and the interval `left` to
      `right` (infinite unless recovered); `cause` 0 censored, 1 recovered, 2 died;
      `censored_because`, `relapse`
    - `has_gcsf`, `gcsf_started_on`, `gcsf_stopped_on`, `gcsf_start` (days from time zero, negative
      before it), `gcsf_days` (first to last day, both counted)
    - `criterion_onset`, `criterion_recovery`, `criterion_rechallenge`, `criterion_exclusions`: of
      drug-induced neutropenia; `late_onset`; `high_risk_age`, `…_count`, `…_infection`,
      `…_comorbidity`, and `high_risk`: any of them

    Whoever fails a criterion stays in. What the cohort has no table for is None in every row;
    without a table of events nobody is known to have died.

    What is done with awkward rows, each worked through in docs/definitions.md: counts before the
    drug, one count only, a drug restarted, overlapping suspects, two counts on a day, counts never
    below or never again above the limits, a missing withdrawal. A count after death and a time
    with a zone don't come this far: the door refuses them and names the row.

    Args:
        cohort: From `open_cohort`.
        choices: Of an episode and its recovery.
        table: `timed_table` of the same two, where it is at hand.

    Raises:
        UsageError: A choice names no alternative of the dictionary.
    """
    if not cohort.has("labs"):
        return _tidy(pd.DataFrame(columns=list(COLUMNS)))
    return _tidy(frame_of(_beside(cohort, table), episode_table, choices))


def counts_frame(
    cohort: Cohort, choices: RecoveryChoices, table: ir.Table | None = None
) -> pd.DataFrame:
    """The counts of patients with an episode: one row per patient and day with a count.

    A count belongs to the episode that it lies in or follows; before the first it belongs to the
    first.

    Args:
        cohort: From `open_cohort`.
        choices: Of an episode and its recovery.
        table: `timed_table` of the same two, where it is at hand.

    Returns:
        `patient_id`, `episode`, `taken_on`, `day` (from the episode's time zero; missing without
        one), `anc` (10⁹/L, the lowest of the day), `sign` (`<` and so on), in that order.
    """
    columns = ["patient_id", "episode", "taken_on", "day", "anc", "sign"]
    if not cohort.has("labs"):
        return pd.DataFrame(columns=columns)
    frame = frame_of(_beside(cohort, table), _counts, choices)
    frame["taken_on"] = _as_dates(frame["taken_on"])
    frame["day"] = frame["day"].astype("Int64")
    frame["episode"] = frame["episode"].astype("int64")
    frame["sign"] = _as_words(frame["sign"])
    return frame[columns].reset_index(drop=True)


def _counts(cohort: Cohort, choices: RecoveryChoices) -> ir.Table:
    counts = daily(cohort.tables["labs"], choices.study_end)
    spells = _episodes(cohort, choices)
    spans = spells.select("patient_id", "episode", "time_zero", "onset", "next_onset")
    pairs = counts.inner_join(spans, "patient_id")
    pairs = pairs.filter(
        (pairs.episode == 1) | (pairs.day >= pairs.onset),
        pairs.next_onset.isnull() | (pairs.day < pairs.next_onset),  # noqa: PD003 — an Ibis column
    )
    each = pairs.select(
        "patient_id",
        "episode",
        taken_on="day",
        day=pairs.day - pairs.time_zero,
        anc=value_of(pairs.key),
        sign=sign_of(pairs.key),
    )
    return each.order_by("patient_id", "episode", "taken_on")


def timed_table(cohort: Cohort, choices: RecoveryChoices) -> ir.Table:
    """The episodes with suspects, time, interval and cause, kept where the rows are.

    One row per episode. Written out in full each time, one query would be a megabyte of SQL, and
    the episodes be derived anew for each thing that is asked of them.
    """
    return table_of(cohort, _timed, choices)


def _timed(cohort: Cohort, choices: RecoveryChoices) -> ir.Table:
    tables = cohort.tables
    spells = kept(episodes(tables["labs"], choices))
    table = _with_patients(spells, tables["patients"])
    table = _with_suspects(table, spells, cohort, choices)
    table = kept(_with_events(table, spells, cohort, choices))
    return with_relapse(timed(table, choices))


def _beside(cohort: Cohort, table: ir.Table | None) -> Cohort:
    """The cohort with `timed_table` among its tables, where it is at hand."""
    if table is None:
        return cohort
    return replace(cohort, tables={**cohort.tables, _EPISODES: table})


def _episodes(cohort: Cohort, choices: RecoveryChoices) -> ir.Table:
    at_hand = cohort.tables.get(_EPISODES)
    return kept(_timed(cohort, choices)) if at_hand is None else at_hand


def episode_table(cohort: Cohort, choices: RecoveryChoices) -> ir.Table:
    """The expression behind `episode_frame`, dates as day numbers and an open end as NULL."""
    tables = cohort.tables
    system = load().severity_system(choices.severity_system)
    spells = _episodes(cohort, choices)
    counts = daily(tables["labs"], choices.study_end)
    table = joined(spells, drug_induced.counts_beside(counts, spells, choices))
    table = kept(_with_drugs(table, spells, cohort, choices))
    table = _with_risk(table, cohort, choices)
    table = table.mutate(
        severity=grade(table.nadir, table.nadir_sign, system),
        onset_days=table.onset - table.suspect_started,
        gcsf_start=table.gcsf_started - table.time_zero,
        gcsf_days=table.gcsf_stopped - table.gcsf_started + 1,
        criterion_recovery=drug_induced.recovery_criterion(table),
        criterion_exclusions=drug_induced.exclusion_criterion(table.aetiology),
        late_onset=_late_onset(table, cohort, choices),
        onset_on=table.onset, nadir_on=table.nadir_day, last_low_on=table.last_low,
        recovered_on=table.recovered, last_count_on=table.last_count,
        suspect_started_on=table.suspect_started, withdrawn_on=table.withdrawn,
        admitted_on=table.admitted, died_on=table.died,
        gcsf_started_on=table.gcsf_started, gcsf_stopped_on=table.gcsf_stopped,
    )  # fmt: skip
    return table.select(*COLUMNS, "onset", "next_onset").order_by("patient_id", "episode")


def _with_patients(spells: ir.Table, patients: ir.Table) -> ir.Table:
    age = ibis.coalesce(patients.age_years, age_at(patients.birth_date, patients.index_date))
    people = patients.select("patient_id", "sex", "aetiology", age_years=age)
    return _of_patient(spells, people)


def _with_suspects(
    table: ir.Table, spells: ir.Table, cohort: Cohort, choices: RecoveryChoices
) -> ir.Table:
    if not cohort.has("medications"):
        return table.mutate(
            suspect_atc=ibis.null("string"), suspect_drug=ibis.null("string"),
            suspect_started=ibis.null("int64"), withdrawn=ibis.null("int64"),
            n_suspects=ibis.null("int64"), criterion_onset=ibis.null("boolean"),
        )  # fmt: skip
    suspects = suspect_courses(cohort.tables["medications"], spells)
    table = joined(table, last_suspect(suspects))
    table = joined(table, drug_induced.onset_criterion(suspects, choices))
    return table.mutate(n_suspects=ibis.coalesce(table.n_suspects, 0))


def _with_events(
    table: ir.Table, spells: ir.Table, cohort: Cohort, choices: RecoveryChoices
) -> ir.Table:
    if not cohort.has("events"):
        absent = {"died": ibis.null("int64"), "admitted": ibis.null("int64")}
        return table.mutate(**absent, has_died=ibis.null("boolean"))
    events = cohort.tables["events"]
    return _of_patient(joined(table, admissions(events, spells)), deaths(events, choices))


def _with_drugs(
    table: ir.Table, spells: ir.Table, cohort: Cohort, choices: RecoveryChoices
) -> ir.Table:
    if not cohort.has("medications"):
        days = ("gcsf_started", "gcsf_stopped", "biologic_on")
        flags = ("has_gcsf", "has_biologic", "may_have_biologic", "criterion_rechallenge")
        return table.mutate(
            **{name: ibis.null("int64") for name in days},
            **{name: ibis.null("boolean") for name in flags},
        )
    medications = cohort.tables["medications"]
    given = gcsf(medications, table)
    for part in (
        given.mutate(is_asked=True),
        drug_induced.rechallenge(medications, table, choices),
        drug_induced.last_biologic(medications, spells, choices.late_onset_drug_class),
    ):
        table = joined(table, part)
    table = table.cross_join(n_treatments(medications))
    none = table.is_asked.isnull()  # noqa: PD003 — an Ibis column
    has_gcsf = ibis.cases((none, without(table.n_treatments)), else_=table.has_gcsf)
    return table.mutate(has_gcsf=has_gcsf)


def _with_risk(table: ir.Table, cohort: Cohort, choices: RecoveryChoices) -> ir.Table:
    comorbidity = ibis.null("boolean")
    if not cohort.has("events"):
        table = table.mutate(high_risk_infection=ibis.null("boolean"))
    else:
        events = cohort.tables["events"]
        asked = events.filter(events.event == "infection")
        table = joined(table, high_risk.infections(events, table))
        table = table.cross_join(asked.aggregate(n_infections=asked.count()))
        none = table.has_infection.isnull()  # noqa: PD003 — an Ibis column
        # where nobody in the cohort has an infection they were not recorded
        infection = ibis.cases(
            (table.n_infections == 0, None), (none, False), else_=table.high_risk_infection
        )
        table = table.mutate(high_risk_infection=infection).drop("n_infections")
    if cohort.has("diagnoses"):
        part = high_risk.comorbidities(cohort.tables["diagnoses"], table, choices)
        table = joined(table, part)
        comorbidity = table.n_comorbidities.notnull()  # noqa: PD004 — an Ibis column
    table = table.mutate(
        high_risk_age=high_risk.age_flag(table.age_years),
        high_risk_count=high_risk.count_flag(table.nadir, table.nadir_sign),
        high_risk_comorbidity=comorbidity,
    )
    flags = (table[name] for name in _FLAGS if name.startswith("high_risk_"))
    return table.mutate(high_risk=high_risk.any_flag(*flags))


def _late_onset(table: ir.Table, cohort: Cohort, choices: RecoveryChoices) -> ir.BooleanValue:
    if not cohort.has("medications"):
        return ibis.null("boolean")
    return drug_induced.late_onset(table, choices)


def _of_patient(table: ir.Table, part: ir.Table) -> ir.Table:
    both = table.left_join(part, "patient_id")
    return both.drop("patient_id_right") if "patient_id_right" in both.columns else both


def _tidy(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with the same types whatever the engine, dates as dates."""
    columns: dict[str, object] = {}
    for name in COLUMNS:
        column = frame[name]
        if name in _DATES:
            columns[name] = _as_dates(column)
        elif name in _FLAGS:
            flags = [None if pd.isna(flag) else bool(flag) for flag in column]
            columns[name] = pd.Series(flags, dtype=object)
        elif name in _WORDS:
            columns[name] = _as_words(column)
        elif name in _WHOLE:
            columns[name] = column.astype("Int64").reset_index(drop=True)
        else:
            columns[name] = column.astype("float64").reset_index(drop=True)
    tidy = pd.DataFrame(columns)
    is_open = tidy["left"].notna() & tidy["right"].isna()
    tidy["right"] = tidy["right"].mask(is_open, np.inf)
    return tidy


def _as_dates(column: pd.Series) -> pd.Series:
    days: list[date | None] = [None if pd.isna(day) else day_of(int(day)) for day in column]
    return pd.Series(days, dtype=object)


def _as_words(column: pd.Series) -> pd.Series:
    return pd.Series([None if pd.isna(word) else word for word in column], dtype=object)
