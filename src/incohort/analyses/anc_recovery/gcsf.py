"""What G-CSF does to the time to recovery, by each method, from the misleading to the weighted."""

from __future__ import annotations

import math
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from incohort.analyses.anc_recovery.covariates import COVARIATES, Known
from incohort.analyses.anc_recovery.question import Question
from incohort.shapes.episodes import ended
from incohort.shapes.sets import Members
from incohort.shapes.times import Flags, Times
from incohort.stats import Interval, NoEstimate, then
from incohort.stats.causal import (
    PersonDays,
    TreatmentEffect,
    WeightedCurves,
    Weights,
    effect_by_day,
    effect_by_day_imputed,
    ever_never,
    landmark_effect,
    log_hazard_ratios,
    person_days,
    time_varying,
    treatment_weights,
    weighted_curves,
    weighted_effect,
    with_bootstrap,
)
from incohort.stats.imputation import Kind, impute, survival_predictors

_MOST_DAYS = 365.0  # beyond a year nobody's start of G-CSF is modelled day by day
_MOST_RESAMPLES = 500  # a standard error within 3 %
_WHOLE = (0.0, 100.0)  # percentiles that truncate no weight

Effect = TreatmentEffect | NoEstimate
Matrix = NDArray[np.float64]
METHODS = {
    "ever_never": "Ever against never given (misleading)",
    "time_varying": "Time-varying, unadjusted",
    "landmark": "Landmark, adjusted",
    "baseline": "Time-varying, adjusted for time zero",
    "daily": "Time-varying, adjusted for each day",
    "imputed": "The same, covariates imputed",
    "weighted_all": "Weighted, weights as they are",
    "weighted": "Weighted, weights truncated",
    "weighted_given": "Weighted, adjusted for time zero",
}


# What became of an analysed episode by G-CSF: the words of a column, and how they are printed.
PARTS = {
    "treated": ("given before the end", "Given G-CSF before the episode ended"),
    "untreated": ("not given before the end", "Not given it"),
    "not_begun": (
        "neutropenic only after time zero",
        "Left out: neutropenia began after time zero",
    ),
    "unplaced": ("not known when", "Left out: when it was given is not known"),
}
_WORDS = {name: word for name, (word, _) in PARTS.items()}


class Effects:
    """The effect of G-CSF in one question, by method; each is worked out when it is asked for."""

    def __init__(self, question: Question) -> None:
        """Keep the question."""
        self.question = question
        self.known = Known(question)
        self._weights: dict[object, Weights | NoEstimate] = {}
        self._resampled: dict[bool, Matrix | NoEstimate] = {}

    @cached_property
    def _axis(self) -> str:
        """By whether G-CSF was given before the episode ended.

        Those not yet neutropenic at time zero stand apart: before the onset nobody can recover, and
        such time would count against whoever has it.
        """
        asked = self.question.of_the_cohort
        at, has_begun = asked.times.treated_at, asked.has_begun
        names = np.where(np.isfinite(at) & (at < asked.times.time), "treated", "untreated")
        names = np.where(np.isnan(at), "unplaced", names)
        words = pd.Series(np.where(has_begun, names, "not_begun"), dtype="object").map(_WORDS)
        return self.question.sets.cut("G-CSF", words, _WORDS.values())

    def part(self, *names: str) -> Members:
        """The analysed episodes in some of `PARTS`."""
        return self.question.sets.analysed.where(self._axis, *(_WORDS[name] for name in names))

    def members(self, method: str) -> Members:
        """Whom a method is of: who can be placed in time, with every covariate where adjusted."""
        placed = self.part("treated", "untreated")
        return placed if method in _OF_ALL else placed.where(*self.known.is_complete)

    def sets(self, method: str) -> list[Members]:
        """What an effect rests on: treated, untreated, recovered."""
        members = self.members(method)
        arms = [members.where(self._axis, _WORDS[name]) for name in ("treated", "untreated")]
        return [*arms, ended(members, "recovered")]

    @cached_property
    def _is_placed(self) -> Flags:
        return self.question.inside(self.members("time_varying"))

    @cached_property
    def _is_complete(self) -> Flags:
        return self.question.inside(self.members("daily"))

    @cached_property
    def absent(self) -> str:
        """Which table is missing, as a reason; empty where none."""
        return self.question.absent_with("medications")

    @property
    def reason(self) -> str:
        """Why no effect can be told at all; empty where one may."""
        if self.absent or not self.question.times.n:
            return self.absent or self.question.reason()
        if not self.question.has_begun.any():
            return "nobody was neutropenic at time zero yet"
        return "" if self._is_placed.any() else "of nobody is it known whether G-CSF was given"

    @cached_property
    def complete(self) -> Times:
        """Those with every covariate."""
        return self.question.times.where(self._is_complete)

    def effect(self, method: str) -> Effect:
        """The hazard ratio of recovery with G-CSF against without, by a method of `METHODS`."""
        if self.reason:
            return NoEstimate(self.reason)
        if method not in _UNADJUSTED:
            if self.known.absent:
                return NoEstimate(self.known.absent)
            if method != "imputed" and not self._is_complete.any():
                return NoEstimate("nobody has all covariates that are adjusted for")
        answer = then(self._answer(method), limited)
        return _in_words(answer, method) if isinstance(answer, NoEstimate) else answer

    def _answer(self, method: str) -> Effect:
        """What a method answers, in its own words."""
        level, design = self.question.conf_level, self.question.design
        match method:
            case "imputed":
                return self._imputed()
            case "daily":  # counts and infections as they came
                return effect_by_day(self.days, self.day_covariates, conf_level=level)
            case "weighted_all":
                return self._weighted(_WHOLE)
            case "weighted":
                return self._weighted(design.percentiles)
            case "weighted_given":  # time zero adjusted for, and weights for what came later only
                return self._weighted(design.percentiles, is_given=True)
        covariates = None
        if method == "baseline":
            covariates = _varying(self.known.baseline[self._is_complete])
        elif method == "landmark":
            rows, at = np.flatnonzero(self._is_complete), float(design.landmark_day)
            covariates = self.known.on_days(rows, np.full(len(rows), at))
            covariates = _varying(covariates, self.complete.time > at)
        times = self.question.times.where(self._is_placed) if covariates is None else self.complete
        return unweighted(self.question, times, method, covariates)

    def _imputed(self) -> Effect:
        """Day by day with missing covariates filled in many times, pooled by Rubin's rules."""
        times, design = self.question.times.where(self._is_placed), self.question.design
        known = self.known.baseline[self._is_placed]
        if not np.isnan(known).any():
            return NoEstimate("no covariate is missing, so nothing has to be filled in")
        outcome = survival_predictors(times.time, times.event)
        if isinstance(outcome, NoEstimate):
            return outcome
        treated = np.isfinite(times.treated_at) & (times.treated_at < times.time)
        kinds: list[Kind] = [
            "binary" if COVARIATES[name].is_flag else "matched" for name in self.known.names
        ]
        filled = impute(
            np.column_stack([known, treated.astype(np.float64), outcome]),
            [*kinds, "binary", "binary", "normal"], seed=design.seed,
            n_imputations=design.n_imputations,
        )  # fmt: skip
        if isinstance(filled, NoEstimate):
            return filled
        days = _days_of(times)
        place = np.flatnonzero(self._is_placed)[days.patient]
        daily = self.known.on_days(place, days.day.astype(np.float64))
        completed = filled.completed[:, :, : known.shape[1]]
        by_day = [np.where(np.isnan(daily), drawn[days.patient], daily) for drawn in completed]
        return effect_by_day_imputed(days, by_day, conf_level=self.question.conf_level)

    def _weighted(self, percentiles: tuple[float, float], *, is_given: bool = False) -> Effect:
        """The effect by weights truncated there, its limits from resampled patients."""
        baseline, level = self._day_baseline if is_given else None, self.question.conf_level
        effect = then(
            self.weights(percentiles, is_given=is_given),
            lambda weights: weighted_effect(
                self.days, weights.weight, baseline=baseline, conf_level=level
            ),
        )
        if isinstance(effect, NoEstimate):
            return effect
        column = int(not is_given and percentiles != _WHOLE)
        logs = then(self._drawn(is_given=is_given), lambda columns: columns[:, column])
        return with_bootstrap(effect, logs, conf_level=level)

    def weights(
        self, percentiles: tuple[float, float], *, is_given: bool = False
    ) -> Weights | NoEstimate:
        """The weights of complete cases' days, and the balance that they reach.

        Args:
            percentiles: Where they are truncated.
            is_given: Whether they are those for what came after time zero only.
        """
        if self.no_weights:
            return NoEstimate(self.no_weights)
        asked = percentiles, is_given
        if asked not in self._weights:
            self._weights[asked] = treatment_weights(
                self.days, self.day_covariates, self.known.names, percentiles=percentiles,
                baseline=self._day_baseline if is_given else None,
            )  # fmt: skip
        return self._weights[asked]

    @cached_property
    def curves(self) -> WeightedCurves | NoEstimate:
        """The curves of days with and without treatment, weighted for all that was known."""
        level = self.question.conf_level
        return then(
            self.weights(self.question.design.percentiles),
            lambda weights: weighted_curves(self.days, weights.weight, conf_level=level),
        )

    def _drawn(self, *, is_given: bool) -> Matrix | NoEstimate:
        """The weighted effect in resampled patients, a column for each way to truncate."""
        if is_given not in self._resampled:
            design = self.question.design
            self._resampled[is_given] = log_hazard_ratios(
                self.days, self.day_covariates,
                (design.percentiles,) if is_given else (_WHOLE, design.percentiles),
                baseline=self._day_baseline if is_given else None, seed=design.seed,
                n_resamples=min(design.resamples, _MOST_RESAMPLES),
            )  # fmt: skip
        return self._resampled[is_given]

    @cached_property
    def _day_baseline(self) -> Matrix:
        """What was known at time zero, on each of the complete cases' days."""
        place = np.flatnonzero(self._is_complete)[self.days.patient]
        return _varying(self.known.baseline[place])

    @cached_property
    def no_weights(self) -> str:
        """Why there are no weights; empty where there may be."""
        if self.reason or self.known.absent:
            return self.reason or self.known.absent
        if not self.known.names:
            return "no covariate was chosen"
        if not self._is_complete.any() or not self.days.n:
            return "nobody has all covariates and time at risk"
        return "" if self.days.starts.any() else "nobody was treated while at risk"

    @cached_property
    def days(self) -> PersonDays:
        """A row for each day at risk of the complete cases."""
        return _days_of(self.complete)

    @cached_property
    def day_covariates(self) -> Matrix:
        """What was known at the beginning of each of these days."""
        place = np.flatnonzero(self._is_complete)[self.days.patient]
        return self.known.on_days(place, self.days.day.astype(np.float64))


_UNADJUSTED = {"ever_never", "time_varying"}
_OF_ALL = _UNADJUSTED | {"imputed"}


def unweighted(
    question: Question, times: Times, method: str, covariates: Matrix | None = None
) -> Effect:
    """The effect by a method that follows whole patients: ever or never, by time, or landmark."""
    level, at = question.conf_level, float(question.design.landmark_day)
    if method == "ever_never":  # treated from the start whoever ever was: immortal time
        return ever_never(*times.courses, conf_level=level)
    if method == "landmark":  # who had been treated by then, among those still at risk
        return landmark_effect(*times.courses, at=at, covariates=covariates, conf_level=level)
    return time_varying(*times.courses, covariates=covariates, conf_level=level)


def limited(effect: TreatmentEffect) -> Effect:
    """An effect whose interval has two ends."""
    limits = (effect.hazard_ratio, effect.ci_low, effect.ci_high)
    if not all(map(math.isfinite, limits)) or min(limits) <= 0:
        return NoEstimate("the data set no limit to the effect")
    return effect


def interval_of(effect: TreatmentEffect) -> Interval:
    """The hazard ratio with its limits."""
    return Interval(
        estimate=effect.hazard_ratio, ci_low=effect.ci_low, ci_high=effect.ci_high,
        conf_level=effect.conf_level, method=effect.method,
    )  # fmt: skip


def _in_words(answer: NoEstimate, method: str) -> NoEstimate:
    """The reason as a clinician would say it, where the model's own words speak of columns."""
    if "does not vary" not in answer.reason:
        return answer
    alone = "of those still neutropenic when somebody recovered all had had G-CSF, or none had"
    beside = ", or what is adjusted for tells who had"
    return NoEstimate(alone + ("" if method in _UNADJUSTED else beside))


def _days_of(times: Times) -> PersonDays:
    """Days at risk, of the first year only."""
    is_over = times.time > _MOST_DAYS
    return person_days(np.minimum(times.time, _MOST_DAYS), times.event & ~is_over, times.treated_at)


def _varying(x: Matrix, rows: Flags | None = None) -> Matrix:
    """The columns that are not the same everywhere."""
    seen = x if rows is None else x[rows]
    return x[:, np.ptp(seen, axis=0) > 0] if len(seen) else x[:, :0]
