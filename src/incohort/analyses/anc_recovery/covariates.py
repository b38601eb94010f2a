"""What is known of a patient at time zero, and on each day after it; nothing that came later."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from incohort.analyses.anc_recovery.question import Question
from incohort.cohort.dated_events import severe_infections
from incohort.cohort.derived import once
from incohort.dictionary import load
from incohort.params.names import names_in
from incohort.shapes.recorded import no_table
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.times import Vector, days_between

_DECADE = 10.0
NO_INFECTIONS = "this cohort records no infections"


@dataclass(frozen=True, slots=True, kw_only=True)
class Covariate:
    """A covariate's name in print, its columns, the table that it needs, and if it is yes or no."""

    label: str
    sources: tuple[str, ...]
    table: str = "patients"
    is_flag: bool = False


COVARIATES = {
    "low_count": Covariate(
        label="A count below 0.1 × 10⁹/L by time zero", sources=("labs.ANC",), table="labs",
        is_flag=True,
    ),
    "infection": Covariate(
        label="Severe infection by time zero", table="events", is_flag=True,
        sources=("events.event", "events.occurred_on", "events.grade"),
    ),
    "age": Covariate(label="Age, per 10 years", sources=("patients.age_years",)),
    "female": Covariate(label="Female sex", sources=("patients.sex",), is_flag=True),
    "comorbidity": Covariate(
        label="Severe comorbidity", sources=("diagnoses.condition",), table="diagnoses",
        is_flag=True,
    ),
    "crp": Covariate(label="CRP, per doubling", sources=("labs.CRP",), table="labs"),
}  # fmt: skip


class Known:
    """What is known of each analysed episode, in the order of `question.timed`."""

    def __init__(self, question: Question, chosen: Sequence[str] | None = None) -> None:
        """Keep the question; rows are read when they are asked for.

        Args:
            question: What is asked of whom.
            chosen: Which covariates; those of the question where not given.
        """
        self._question = question
        self.chosen = names_in(question.design.covariates) if chosen is None else tuple(chosen)

    @cached_property
    def left_out(self) -> dict[str, str]:
        """The covariates that were chosen and are known of nobody, and why."""
        return {name: why for name in self.chosen if (why := self._unrecorded(name))}

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The other chosen covariates: what is adjusted for."""
        return tuple(name for name in self.chosen if name not in self.left_out)

    @property
    def sources(self) -> tuple[str, ...]:
        """The columns behind the covariates."""
        return tuple(column for name in self.names for column in COVARIATES[name].sources)

    @property
    def absent(self) -> str:
        """Why there is nothing to adjust for, though it was chosen; empty where there is."""
        if self.names or not self.chosen:
            return ""
        why = next(iter(self.left_out.values()))
        return f"nothing that was to be adjusted for is recorded: {why}"

    @property
    def left_out_words(self) -> str:
        """What is not adjusted for although it was chosen, as a sentence; empty where all is."""
        if not self.left_out:
            return ""
        labels = "; ".join(COVARIATES[name].label for name in self.left_out)
        return f"Not adjusted for, as it is not recorded: {labels}."

    def _unrecorded(self, name: str) -> str:
        """Why a covariate is known of nobody; empty where it may be known of somebody.

        Of a restricted cohort only that it has no such table or column: more may tell of patients.
        """
        question, covariate = self._question, COVARIATES[name]
        reason = no_table(question.cohort, covariate.table)
        column = {"age": "age_years", "female": "sex"}.get(name, "")
        reason = reason or question.population.unrecorded.get(column, "")
        if reason or question.absent or question.scope.lists_all:
            return reason
        if name == "infection" and not self.records_infections:
            return NO_INFECTIONS
        if len(question.timed) and np.isnan(self._at_zero(name)).all():
            return "it is recorded of nobody analysed"
        return ""

    @cached_property
    def records_infections(self) -> bool:
        """Whether anybody in the cohort has one: else they were not recorded."""
        return self._question.cohort.records("events", "event", "infection")

    @cached_property
    def is_complete(self) -> tuple[str, str]:
        """The column, and its category, of whom every covariate is known at time zero."""
        name = f"known at time zero: {', '.join(self.names)}"
        return self._question.flag(
            name, lambda asked: np.asarray(~np.isnan(Known(asked).at_zero(self.names)).any(axis=1))
        ), YES

    def axis(self, name: str) -> str:
        """The column of a covariate at time zero that is yes or no."""
        label = COVARIATES[name].label.lower()
        return self._question.flag(label, lambda asked: Known(asked).at_zero([name])[:, 0])

    def halves(self, name: str, members: Members) -> list[Members]:
        """Those with and those without what a covariate says; none where it is a number."""
        if not COVARIATES[name].is_flag:
            return []
        return [members.where(self.axis(name), word) for word in (YES, NO)]

    def constant(self, name: str) -> str:
        """Why a covariate that is the same in all rows is in no model."""
        if name == "infection" and not self.records_infections:
            return NO_INFECTIONS
        return "it is the same in everybody"

    @cached_property
    def baseline(self) -> NDArray[np.float64]:
        """The covariates at time zero, shape (episodes, covariates); missing is NaN."""
        return self.at_zero(self.names)

    def at_zero(self, names: Sequence[str]) -> NDArray[np.float64]:
        """Covariates at time zero."""
        if not names:
            return np.empty((len(self._question.timed), 0))
        return np.column_stack([self._at_zero(name) for name in names])

    def _at_zero(self, name: str) -> Vector:
        """A covariate at time zero; a low count is missing where none was taken since the onset."""
        frame = self._question.timed
        match name:
            case "low_count":
                first_count = self._earliest(self._counts)
                return np.where(first_count <= 0, self._first_low <= 0, np.nan)
            case "infection" if not self._question.cohort.has("events"):
                return np.full(len(frame), np.nan)
            case "infection":
                return (self.infected_on <= 0).astype(np.float64)
            case "age":
                return _numbers(frame["age_years"]) / _DECADE
            case "female":
                return _numbers(frame["sex"].map({"female": 1.0, "male": 0.0}))
            case "comorbidity":
                return _numbers(frame["high_risk_comorbidity"].map({True: 1.0, False: 0.0}))
            case _:
                measured = self._question.population.frame.set_index("patient_id")["lab_CRP"]
                value = _numbers(frame["patient_id"].map(measured))
                return np.log2(np.where(value > 0, value, np.nan))

    def on_days(self, episode: NDArray[np.int64], day: Vector) -> NDArray[np.float64]:
        """The covariates as they were known at the beginning of days, one row each.

        The count and the infection change over time; what else there is stays as at time zero.
        """
        values = self.baseline[episode]
        for place, name in enumerate(self.names):
            if name in {"low_count", "infection"}:
                first = self._first_low if name == "low_count" else self.infected_on
                has_it = first[episode] <= day
                values[:, place] = np.where(np.isnan(values[:, place]), np.nan, has_it)
        return values

    @cached_property
    def _places(self) -> pd.DataFrame:
        """Where each analysed episode stands, and its days."""
        frame = self._question.timed[["patient_id", "episode", "time_zero", "onset_on"]]
        return frame.assign(place=np.arange(len(frame)))

    @cached_property
    def _counts(self) -> pd.DataFrame:
        """The counts from each analysed episode's onset on, with the episode's place."""
        onsets = self._places.drop(columns="time_zero")
        joined = self._question.counts.merge(onsets, on=["patient_id", "episode"])
        return joined[joined["taken_on"] >= joined["onset_on"]]

    @cached_property
    def _first_low(self) -> Vector:
        limit = load().threshold("growth_factor", "count").value
        counts = self._counts
        is_low = (counts["anc"] < limit) | ((counts["anc"] <= limit) & (counts["sign"] == "<"))
        return self._earliest(counts[is_low & ~counts["sign"].isin([">", ">="])])

    @cached_property
    def infected_on(self) -> Vector:
        """The day of each episode's first severe infection from its onset on; infinite: none."""
        infections = once(self._question.cohort, severe_infections)
        joined = infections.merge(self._places, on="patient_id")
        joined["day"] = days_between(joined["time_zero"], joined["occurred_on"])
        from_onset = days_between(joined["onset_on"], joined["occurred_on"])
        return self._earliest(joined[from_onset >= 0])

    def _earliest(self, rows: pd.DataFrame) -> Vector:
        """The first day of each episode's rows; infinite where it has none."""
        first = np.full(len(self._question.timed), np.inf)
        days = pd.to_numeric(rows["day"]).astype("float64").to_numpy()
        np.minimum.at(first, rows["place"].to_numpy(dtype=np.int64), days)
        return first


def _numbers(values: pd.Series) -> Vector:
    return pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
