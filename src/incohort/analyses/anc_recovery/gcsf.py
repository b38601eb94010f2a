"""What G-CSF does to the time to recovery, by each method, from the misleading to the weighted."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from incohort.analyses.anc_recovery.covariates import COVARIATES, Known
from incohort.analyses.anc_recovery.question import Question
from incohort.shapes.episodes import ended
from incohort.shapes.recorded import no_table
from incohort.shapes.sets import Members
from incohort.shapes.times import Flags, Times
from incohort.stats import NoEstimate
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


# What became of an analysed episode by G-CSF: a column of categories.
PARTS = {
    "treated": "given before the end", "untreated": "not given before the end",
    "not_begun": "neutropenic only after time zero", "unplaced": "not known when",
}  # fmt: skip


class Effects:
    """The effect of G-CSF in one question, by method; each is worked out when it is asked for."""

    def __init__(self, question: Question) -> None:
        """Keep the question."""
        self.question = question
        self.known = Known(question)
        self._weights: dict[tuple[float, float], Weights | NoEstimate] = {}

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
        words = pd.Series(np.where(has_begun, names, "not_begun"), dtype="object").map(PARTS)
        return self.question.sets.cut("G-CSF", words, PARTS.values())

    def part(self, *names: str) -> Members:
        """The analysed episodes in some of `PARTS`."""
        return self.question.sets.analysed.where(self._axis, *(PARTS[name] for name in names))

    def members(self, method: str) -> Members:
        """Whom a method is of: who can be placed in time, with every covariate where adjusted."""
        placed = self.part("treated", "untreated")
        return placed if method in _OF_ALL else placed.where(*self.known.is_complete)

    def sets(self, method: str) -> list[Members]:
        """What an effect rests on: treated, untreated, recovered."""
        members = self.members(method)
        arms = [members.where(self._axis, PARTS[name]) for name in ("treated", "untreated")]
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
        return self.question.absent or no_table(self.question.cohort, "medications")

    @property
    def reason(self) -> str:
        """Why no effect can be told at all; empty where one may."""
        if self.absent or not self.question.times.n:
            return self.absent or self.question.reason()
        if not self.question.has_begun.any():
            return "nobody was neutropenic at time zero yet"
        return "" if self._is_placed.any() else "of nobody is it known whether G-CSF was given"

    @cached_property
    def _placed(self) -> Times:
        return self.question.times.where(self._is_placed)

    @cached_property
    def complete(self) -> Times:
        """Those with every covariate."""
        return self.question.times.where(self._is_complete)

    @property
    def _level(self) -> float:
        return self.question.conf_level

    def effect(self, method: str) -> TreatmentEffect | NoEstimate:
        """The hazard ratio of recovery with G-CSF against without, by a method of `METHODS`."""
        if self.reason:
            return NoEstimate(self.reason)
        if method not in _UNADJUSTED:
            if self.known.absent:
                return NoEstimate(self.known.absent)
            if method != "imputed" and not self._is_complete.any():
                return NoEstimate("nobody has all covariates that are adjusted for")
        found = _HOW[method](self)
        if isinstance(found, NoEstimate):
            return _in_words(found, method)
        limits = (found.hazard_ratio, found.ci_low, found.ci_high)
        if not all(map(math.isfinite, limits)) or min(limits) <= 0:
            return NoEstimate("the data set no limit to the effect")
        return found

    def ever_never(self) -> TreatmentEffect | NoEstimate:
        """Whoever was ever treated counts as treated from the start: immortal time."""
        t = self._placed
        return ever_never(t.time, t.event, t.treated_at, conf_level=self._level)

    def time_varying(self) -> TreatmentEffect | NoEstimate:
        """Treated from the start of treatment on; nothing is adjusted for."""
        t = self._placed
        return time_varying(t.time, t.event, t.treated_at, conf_level=self._level)

    def baseline(self) -> TreatmentEffect | NoEstimate:
        """The same, adjusted for what was known at time zero, in complete cases."""
        t, x = self.complete, _varying(self.known.baseline[self._is_complete])
        return time_varying(t.time, t.event, t.treated_at, covariates=x, conf_level=self._level)

    def landmark(self) -> TreatmentEffect | NoEstimate:
        """Who had been treated by the landmark, among those still at risk then."""
        t = self.complete
        at = float(self.question.design.landmark_day)
        rows = np.flatnonzero(self._is_complete)
        x = self.known.on_days(rows, np.full(len(rows), at))
        return landmark_effect(
            t.time, t.event, t.treated_at, at=at, covariates=_varying(x, t.time > at),
            conf_level=self._level,
        )  # fmt: skip

    def daily(self) -> TreatmentEffect | NoEstimate:
        """Adjusted for what was known on each day: counts and infections as they came."""
        return effect_by_day(self.days, self.day_covariates, conf_level=self._level)

    def imputed(self) -> TreatmentEffect | NoEstimate:
        """The same with missing covariates filled in many times, pooled by Rubin's rules."""
        t, design = self._placed, self.question.design
        x = self.known.baseline[self._is_placed]
        if not np.isnan(x).any():
            return NoEstimate("no covariate is missing, so nothing has to be filled in")
        outcome = survival_predictors(t.time, t.event)
        if isinstance(outcome, NoEstimate):
            return outcome
        treated = (np.isfinite(t.treated_at) & (t.treated_at < t.time)).astype(np.float64)
        kinds: list[Kind] = [
            "binary" if COVARIATES[name].is_flag else "matched" for name in self.known.names
        ]
        filled = impute(
            np.column_stack([x, treated, outcome]), [*kinds, "binary", "binary", "normal"],
            seed=design.seed, n_imputations=design.n_imputations,
        )  # fmt: skip
        if isinstance(filled, NoEstimate):
            return filled
        rows = _days_of(t)
        place = np.flatnonzero(self._is_placed)[rows.patient]
        daily = self.known.on_days(place, rows.day.astype(np.float64))
        completed = filled.completed[:, :, : x.shape[1]]
        by_day = [np.where(np.isnan(daily), own[rows.patient], daily) for own in completed]
        return effect_by_day_imputed(rows, by_day, conf_level=self._level)

    def weighted(self) -> TreatmentEffect | NoEstimate:
        """Weighted by the stabilised inverse probability of treatment, truncated."""
        return self._weighted(self.weights(self.question.design.percentiles), 1)

    def weighted_all(self) -> TreatmentEffect | NoEstimate:
        """The same with weights as they are."""
        return self._weighted(self.weights(_WHOLE), 0)

    def weighted_given(self) -> TreatmentEffect | NoEstimate:
        """What was known at time zero adjusted for, and weights for what came later only."""
        return self._weighted(self.weights_given, None)

    def _weighted(
        self, weights: Weights | NoEstimate, column: int | None
    ) -> TreatmentEffect | NoEstimate:
        """Its limits from resampled patients; `column` says how those are truncated."""
        if isinstance(weights, NoEstimate):
            return weights
        effect = weighted_effect(
            self.days, weights.weight, baseline=self._day_baseline if column is None else None,
            conf_level=self._level,
        )  # fmt: skip
        if isinstance(effect, NoEstimate):
            return effect
        drawn = self._drawn_given if column is None else self._drawn_marginal
        logs = drawn if isinstance(drawn, NoEstimate) else drawn[:, column or 0]
        return with_bootstrap(effect, logs, conf_level=self._level)

    @cached_property
    def weights_given(self) -> Weights | NoEstimate:
        """The weights for what came after time zero, of complete cases' days."""
        if self.no_weights:
            return NoEstimate(self.no_weights)
        return treatment_weights(
            self.days, self.day_covariates, self.known.names, baseline=self._day_baseline,
            percentiles=self.question.design.percentiles,
        )  # fmt: skip

    @cached_property
    def _day_baseline(self) -> NDArray[np.float64]:
        """What was known at time zero, on each of the complete cases' days."""
        place = np.flatnonzero(self._is_complete)[self.days.patient]
        return _varying(self.known.baseline[place])

    @cached_property
    def curves(self) -> WeightedCurves | NoEstimate:
        """The curves of days with and without treatment, weighted for all that was known."""
        weights = self.weights(self.question.design.percentiles)
        if isinstance(weights, NoEstimate):
            return weights
        return weighted_curves(self.days, weights.weight, conf_level=self._level)

    @cached_property
    def _drawn_marginal(self) -> NDArray[np.float64] | NoEstimate:
        return self._drawn((_WHOLE, self.question.design.percentiles))

    @cached_property
    def _drawn_given(self) -> NDArray[np.float64] | NoEstimate:
        return self._drawn((self.question.design.percentiles,), self._day_baseline)

    def _drawn(
        self,
        percentiles: tuple[tuple[float, float], ...],
        baseline: NDArray[np.float64] | None = None,
    ) -> NDArray[np.float64] | NoEstimate:
        """The weighted effect in resampled patients, truncated in each of these ways."""
        design = self.question.design
        return log_hazard_ratios(
            self.days, self.day_covariates, percentiles, baseline=baseline,
            n_resamples=min(design.resamples, _MOST_RESAMPLES), seed=design.seed,
        )  # fmt: skip

    def weights(self, percentiles: tuple[float, float]) -> Weights | NoEstimate:
        """The weights of complete cases' days, and the balance that they reach."""
        if self.no_weights:
            return NoEstimate(self.no_weights)
        if percentiles not in self._weights:
            self._weights[percentiles] = treatment_weights(
                self.days, self.day_covariates, self.known.names, percentiles=percentiles
            )
        return self._weights[percentiles]

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
    def day_covariates(self) -> NDArray[np.float64]:
        """What was known at the beginning of each of these days."""
        place = np.flatnonzero(self._is_complete)[self.days.patient]
        return self.known.on_days(place, self.days.day.astype(np.float64))


_UNADJUSTED = {"ever_never", "time_varying"}
_OF_ALL = _UNADJUSTED | {"imputed"}
_HOW: dict[str, Callable[[Effects], TreatmentEffect | NoEstimate]] = {
    name: getattr(Effects, name) for name in METHODS
}


def _in_words(found: NoEstimate, method: str) -> NoEstimate:
    """The reason as a clinician would say it, where the model's own words speak of columns."""
    if "does not vary" not in found.reason:
        return found
    alone = "of those still neutropenic when somebody recovered all had had G-CSF, or none had"
    beside = ", or what is adjusted for tells who had"
    return NoEstimate(alone + ("" if method in _UNADJUSTED else beside))


def _days_of(times: Times) -> PersonDays:
    """Days at risk, of the first year only."""
    is_over = times.time > _MOST_DAYS
    return person_days(np.minimum(times.time, _MOST_DAYS), times.event & ~is_over, times.treated_at)


def _varying(x: NDArray[np.float64], rows: Flags | None = None) -> NDArray[np.float64]:
    """The columns that are not the same everywhere."""
    seen = x if rows is None else x[rows]
    return x[:, np.ptp(seen, axis=0) > 0] if len(seen) else x[:, :0]
