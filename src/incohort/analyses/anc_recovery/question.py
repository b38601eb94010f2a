"""What is asked of a recovery: every choice, and the episodes that each answer is counted from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from incohort.analyses.anc_recovery.parameters import RecoveryParameters
from incohort.cohort import Choices, Cohort, RecoveryChoices
from incohort.cohort.derived import counts_of, episodes_of, once
from incohort.cohort.recovery_choices import TimeZero
from incohort.shapes.characteristics import Variable
from incohort.shapes.clock import NOTHING_TIMED, Clock, TimesDraft
from incohort.shapes.episodes import EpisodeSets, episode_sets
from incohort.shapes.making import Scope
from incohort.shapes.population import Population, Selection, select
from incohort.shapes.recorded import no_table
from incohort.shapes.sets import Members
from incohort.shapes.times import DIED, Flags, Times, Vector, days_between, times_of

PREFIX = "anc_recovery"
COUNTS = ("labs.ANC", "labs.taken_at")
DEATHS = ("events.event", "events.occurred_on")
GCSF = ("medications.atc", "medications.started_on")
LEAST_TOLD = 5  # patients: of fewer, each one moves a share by a quarter or more, and any half
NO_SUSPECT = (
    "no drug is marked as suspect in this cohort: fill medications.role, or choose time_zero = "
    "first_low"
)
WEEKS = (7, 14, 28)
BY_CRITERIA = (*COUNTS, "medications.started_on", "medications.stopped_on", "patients.aetiology")


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


class Question:
    """One cohort, one design: the episodes that every answer is counted from.

    Args:
        cohort: From `open_cohort`.
        design: What is asked of it.
        unit: What its episodes are called; where another recovery makes other episodes in one
            report, these need another name.
    """

    def __init__(self, cohort: Cohort, design: RecoveryParameters, unit: str = "episodes") -> None:
        """Keep the question; rows are read when the first answer is asked for."""
        self.unit = unit
        self.cohort = cohort
        self.design = design
        self.choices = design.part(RecoveryChoices)
        self.conf_level = design.conf_level

    @property
    def uses(self) -> tuple[Variable, ...]:
        """Nothing of patients besides characteristics and laboratory values."""
        return ()

    @cached_property
    def population(self) -> Population:
        """Who is described."""
        choices = Choices(severity_system=self.choices.severity_system)
        return once(self.cohort, select, choices, self.design.part(Selection))

    @cached_property
    def sets(self) -> EpisodeSets:
        """The sets that answers are counted from: patients, episodes, those analysed."""
        return episode_sets(
            episodes_of(self.cohort, self.choices),
            self.population.members,
            asks_for_criteria=self.design.criteria == "drug_induced",
            takes_first=self.design.episodes == "first",
            unit=self.unit,
        )

    @cached_property
    def of_the_cohort(self) -> Question:
        """The same of the whole cohort, so that a column is there for whoever is described."""
        everybody = {"sex": "all", "age_from": None, "age_below": None, "describe": "everybody"}
        return Question(self.cohort, self.design.model_copy(update=everybody))

    def flag(self, name: str, values: Callable[[Question], Flags | Vector]) -> str:
        """Make a column of yes and no known that is asked of analysed episodes; its name again.

        Args:
            name: What it is called.
            values: Of a question, one entry for each of its analysed episodes: true or false, or a
                number that is missing where nothing is known. It is asked of the whole cohort.
        """
        return self.sets.flag(name, pd.Series(np.asarray(values(self.of_the_cohort))))

    def inside(self, members: Members) -> Flags:
        """Which of the analysed episodes are in a set of them."""
        return members.mask[self.sets.analysed.mask].to_numpy(dtype=bool)

    @cached_property
    def scope(self) -> Scope:
        """What all numbers share."""
        return Scope(
            cohort=self.cohort,
            prefix=PREFIX,
            conf_level=self.conf_level,
            restricted_by=(
                *self.population.restricted_by,
                *(BY_CRITERIA if self.design.criteria == "drug_induced" else ()),
            ),
            asked=self.design.asked,
        )

    @cached_property
    def zero(self) -> Zero:
        """Where days are counted from."""
        return ZEROS[self.choices.time_zero]

    @cached_property
    def clock(self) -> Clock:
        """What recovery is and where the days are counted from."""
        zero = self.zero.label
        return Clock(
            threshold=f"{self.choices.recovered_from:g} × 10⁹/L", zero=zero,
            days=f"Days from {zero}", has_died=self.has_died,
        )  # fmt: skip

    def telling(self, *more: str) -> TimesDraft:
        """Results in the making, that rest on the times to recovery and these columns."""
        return TimesDraft(
            scope=self.scope,
            sources=tuple(dict.fromkeys((*self.sources, *more))),
            noun=self.noun,
            absent=self.absent,
            clock=self.clock,
            analysed=self.sets.analysed,
            days=tuple(sorted({*WEEKS, self.design.horizon_days})),
        )

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns behind a time to recovery."""
        return tuple(dict.fromkeys((*COUNTS, *self.zero.sources, *DEATHS)))

    @property
    def absent(self) -> str:
        """Why there is no time to recovery at all; empty where there may be one.

        Of a restricted cohort only that it has no such table: whom a drug is marked of may tell.
        """
        reason = no_table(self.cohort, *self.zero.tables)
        if reason or self.scope.lists_all or "no_suspect" not in self.zero.why_none:
            return reason
        has_suspects = self.cohort.records("medications", "role", "suspect")
        return "" if has_suspects else NO_SUSPECT

    def absent_with(self, table: str) -> str:
        """The same of what needs one more table."""
        return self.absent or no_table(self.cohort, table)

    def reason(self) -> str:
        """Why nothing can be estimated; empty where something may."""
        return self.absent or ("" if self.times.n else NOTHING_TIMED)

    @cached_property
    def timed(self) -> pd.DataFrame:
        """The episodes that are analysed: timed, and only each patient's first where so chosen."""
        return self.sets.analysed.frame.reset_index(drop=True)

    @cached_property
    def times(self) -> Times:
        """The analysed episodes as arrays."""
        return times_of(self.timed)

    @cached_property
    def onset_days(self) -> Vector:
        """Days from time zero to the first low count of each analysed episode."""
        days = days_between(self.timed["time_zero"], self.timed["onset_on"])
        return np.asarray(days.to_numpy(), dtype=np.float64)

    @cached_property
    def has_begun(self) -> Flags:
        """Whose neutropenia had begun by time zero: before its onset nobody can recover."""
        return np.asarray(self.onset_days <= 0, dtype=np.bool_)

    @property
    def begun(self) -> str:
        """The column of yes and no that says so."""
        return self.flag("neutropenic at time zero", lambda asked: asked.has_begun)

    @property
    def is_mostly_begun(self) -> bool:
        """Whether most were neutropenic at time zero, so that a time from it is told of all."""
        return bool(2 * self.has_begun.sum() >= self.times.n)

    @property
    def is_told(self) -> bool:
        """Whether days and shares from time zero are told of all: most had begun, enough are in."""
        return self.is_mostly_begun and self.times.persons() >= LEAST_TOLD

    @property
    def may_repeat(self) -> bool:
        """Whether a patient has two analysed episodes; of a restricted cohort whether one may."""
        if self.scope.lists_all:
            return self.design.episodes == "all"
        return self.times.cluster is not None

    @property
    def if_nobody_died(self) -> str:
        """What is added to a time in which death ends observation: true if anybody died or not.

        Of a restricted cohort whether anybody did may be withheld.
        """
        if self.scope.lists_all:
            return ", a death taken as the end of observation,"
        return ", if nobody had died," if self.has_died else ""

    @property
    def has_died(self) -> bool:
        """Whether anybody died before recovery: else nothing is said of nobody having died."""
        return bool((self.times.cause == DIED).any())

    @property
    def noun(self) -> str:
        """What is analysed."""
        return "patients" if self.design.episodes == "first" else "episodes"

    @cached_property
    def counts(self) -> pd.DataFrame:
        """The dated counts of the patients described."""
        frame = counts_of(self.cohort, self.choices)
        known = frame["patient_id"].isin(self.population.frame["patient_id"])
        return frame[known].reset_index(drop=True)
