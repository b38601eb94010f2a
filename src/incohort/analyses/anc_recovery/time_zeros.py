"""Where days may be counted from: what each clock needs, and why it may start for nobody."""

from __future__ import annotations

from dataclasses import dataclass

from incohort.cohort.recovery_choices import TimeZero


@dataclass(frozen=True, slots=True, kw_only=True)
class Zero:
    """A time zero in words, in one word, and the column of the times that has its day.

    `sources` are the columns and `tables` the tables that it is told by, `why_none` the reasons why
    an episode may have none. `may_precede` says that it can come before the neutropenia begins.
    """

    label: str
    word: str
    column: str
    sources: tuple[str, ...] = ()
    tables: tuple[str, ...] = ("labs",)
    why_none: tuple[str, ...] = ()
    may_precede: bool = False


ZEROS: dict[TimeZero, Zero] = {
    "withdrawal": Zero(
        label="withdrawal of the last suspect drug", word="withdrawal", column="withdrawn",
        sources=("medications.role", "medications.stopped_on"), tables=("labs", "medications"),
        why_none=("no_suspect", "no_withdrawal_date"), may_precede=True,
    ),
    "nadir": Zero(label="the nadir", word="nadir", column="nadir_day"),
    "first_low": Zero(label="the first low count", word="first low count", column="onset"),
    "admission": Zero(
        label="admission to hospital", word="admission", column="admitted",
        sources=("events.event", "events.occurred_on"), tables=("labs", "events"),
        why_none=("no_admission_date",), may_precede=True,
    ),
}  # fmt: skip
