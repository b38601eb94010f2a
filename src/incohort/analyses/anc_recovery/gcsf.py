"""What G-CSF does to the time to recovery, by each method, from the misleading to the weighted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from incohort.analyses.anc_recovery.covariates import Known
from incohort.analyses.anc_recovery.question import GCSF, Question
from incohort.shapes.times import Flags, Times
from incohort.stats import NoEstimate
from incohort.stats.causal import (
    PersonDays,
    TreatmentEffect,
    WeightedCurves,
    Weights,
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
from incohort.stats.imputation import Kind, impute, pool, survival_predictors
from incohort.stats.survival import CoxFit, cox

__all__ = ["GCSF", "METHODS", "Effects", "Pooled"]

_MOST_DAYS = 365.0  # beyond a year nobody's start of G-CSF is modelled day by day
_MOST_RESAMPLES = 500  # a standard error within 3 %
_WHOLE = (0.0, 100.0)  # percentiles that truncate no weight
_BINARY = {"low_count", "infection", "female", "comorbidity"}

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """A hazard ratio pooled over imputed data sets."""

    hazard_ratio: float
    ci_low: float
    ci_high: float
    p_value: float
    n: int
    n_treated: int
    n_events: int
    method: str


class Effects:
    """The effect of G-CSF in one question, by method; each is worked out when it is asked for."""

    def __init__(self, question: Question) -> None:
        """Keep the question."""
        self.question = question
        self.known = Known(question)
        self._weights: dict[tuple[float, float], Weights | NoEstimate] = {}

    @cached_property
    def has_begun(self) -> Flags:
        """Whose neutropenia had begun by time zero.

        Before its onset nobody can recover, and such time would count against whoever has it.
        """
        return self.question.has_begun

    @cached_property
    def is_placed(self) -> Flags:
        """Of those, of whom it is known whether and when G-CSF was given."""
        is_known = ~np.isnan(self.question.times.treated_at)
        return np.asarray(self.has_begun & is_known, dtype=np.bool_)

    @cached_property
    def is_complete(self) -> Flags:
        """Of those the ones with every covariate."""
        return np.asarray(self.is_placed & ~np.isnan(self.known.baseline).any(axis=1))

    @cached_property
    def absent(self) -> str:
        """Which table is missing, as a reason; empty where none."""
        return self.question.absent or self.question.no_table("medications")

    @property
    def reason(self) -> str:
        """Why no effect can be told at all; empty where one may."""
        if self.absent:
            return self.absent
        if not self.question.times.n:
            return self.question.reason()
        if not self.has_begun.any():
            return "nobody was neutropenic at time zero yet"
        return "" if self.is_placed.any() else "of nobody is it known whether G-CSF was given"

    @property
    def times(self) -> Times:
        """Those whose treatment can be placed in time."""
        return self.question.times.where(self.is_placed)

    def smallest(self, method: str) -> int:
        """The fewest patients behind an effect: treated, untreated, recovered."""
        times = self.question.times.where(self._rows(method))
        is_treated = np.isfinite(times.treated_at) & (times.treated_at < times.time)
        return times.smallest(is_treated, ~is_treated, times.event)

    def _rows(self, method: str) -> Flags:
        return self.is_placed if method in _OF_ALL else self.is_complete

    def effect(self, method: str) -> TreatmentEffect | Pooled | NoEstimate:
        """The hazard ratio of recovery with G-CSF against without, by a method of `METHODS`."""
        if self.reason:
            return NoEstimate(self.reason)
        if method not in _UNADJUSTED:
            if self.known.absent:
                return NoEstimate(self.known.absent)
            if method != "imputed" and not self.is_complete.any():
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
        t = self.times
        return ever_never(t.time, t.event, t.treated_at, conf_level=self.question.conf_level)

    def time_varying(self) -> TreatmentEffect | NoEstimate:
        """Treated from the start of treatment on; nothing is adjusted for."""
        t = self.times
        return time_varying(t.time, t.event, t.treated_at, conf_level=self.question.conf_level)

    def baseline(self) -> TreatmentEffect | NoEstimate:
        """The same, adjusted for what was known at time zero, in complete cases."""
        t, x = self._complete
        return time_varying(
            t.time, t.event, t.treated_at, covariates=x, conf_level=self.question.conf_level
        )

    def landmark(self) -> TreatmentEffect | NoEstimate:
        """Who had been treated by the landmark, among those still at risk then."""
        t, _ = self._complete
        at = float(self.question.design.landmark_day)
        rows = np.flatnonzero(self.is_complete)
        x = self.known.on_days(rows, np.full(len(rows), at))
        return landmark_effect(
            t.time, t.event, t.treated_at, at=at, covariates=_varying(x, t.time > at),
            conf_level=self.question.conf_level,
        )  # fmt: skip

    def daily(self) -> TreatmentEffect | NoEstimate:
        """Adjusted for what was known on each day: counts and infections as they came."""
        found = self._fitted(self.days, self.day_covariates)
        if isinstance(found, NoEstimate):
            return found
        ratios = found.hazard_ratios(conf_level=self.question.conf_level)
        if isinstance(ratios, NoEstimate):
            return ratios
        first = ratios[0]
        return TreatmentEffect(
            hazard_ratio=first.hazard_ratio, ci_low=first.ci_low, ci_high=first.ci_high,
            p_value=first.p_value, conf_level=first.conf_level, n=len(self.days.first),
            n_treated=int(self.days.starts.sum()), n_events=int(self.days.event.sum()),
            is_biased=False, method="Cox model with treatment and covariates by day",
        )  # fmt: skip

    def imputed(self) -> Pooled | NoEstimate:
        """The same with missing covariates filled in many times, pooled by Rubin's rules."""
        t, design = self.times, self.question.design
        x = self.known.baseline[self.is_placed]
        if not np.isnan(x).any():
            return NoEstimate("no covariate is missing, so nothing has to be filled in")
        outcome = survival_predictors(t.time, t.event)
        if isinstance(outcome, NoEstimate):
            return outcome
        treated = (np.isfinite(t.treated_at) & (t.treated_at < t.time)).astype(np.float64)
        kinds: list[Kind] = [_kind(name) for name in self.known.names]
        filled = impute(
            np.column_stack([x, treated, outcome]), [*kinds, "binary", "binary", "normal"],
            seed=design.seed, n_imputations=design.n_imputations,
        )  # fmt: skip
        if isinstance(filled, NoEstimate):
            return filled
        return self._pooled(filled.completed[:, :, : x.shape[1]])

    def _pooled(self, completed: NDArray[np.float64]) -> Pooled | NoEstimate:
        rows = _days_of(self.times)
        place = np.flatnonzero(self.is_placed)[rows.patient]
        daily = self.known.on_days(place, rows.day.astype(np.float64))
        logs, variances = [], []
        for one in completed:
            x = np.where(np.isnan(daily), one[rows.patient], daily)
            fit = self._fitted(rows, x)
            if isinstance(fit, NoEstimate):
                return fit
            logs.append(float(fit.coef[0]))
            variances.append(float(fit.se[0]) ** 2)
        n = int(rows.event.sum())
        k = 1 + completed.shape[2]
        if n <= k:
            return NoEstimate("there are fewer recoveries than the model has coefficients")
        found = pool(logs, variances, n, k, conf_level=self.question.conf_level)
        if isinstance(found, NoEstimate):
            return found
        return Pooled(
            hazard_ratio=_exp(found.estimate), ci_low=_exp(found.ci_low),
            ci_high=_exp(found.ci_high), p_value=found.p_value, n=len(rows.first),
            n_treated=int(rows.starts.sum()), n_events=n,
            method=f"Cox model by day, {found.m} imputations pooled by Rubin's rules",
        )  # fmt: skip

    def weighted(self) -> TreatmentEffect | NoEstimate:
        """Weighted by the stabilised inverse probability of treatment, truncated."""
        return self._weighted(self.question.design.percentiles, 1)

    def weighted_all(self) -> TreatmentEffect | NoEstimate:
        """The same with weights as they are."""
        return self._weighted(_WHOLE, 0)

    def weighted_given(self) -> TreatmentEffect | NoEstimate:
        """What was known at time zero adjusted for, and weights for what came later only."""
        weights = self.weights_given
        if isinstance(weights, NoEstimate):
            return weights
        found = weighted_effect(
            self.days, weights.weight, baseline=self._day_baseline,
            conf_level=self.question.conf_level,
        )  # fmt: skip
        if isinstance(found, NoEstimate):
            return found
        drawn = self._drawn((self.question.design.percentiles,), self._day_baseline)
        return self._resampled(found, drawn, 0)

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
        place = np.flatnonzero(self.is_complete)[self.days.patient]
        return _varying(self.known.baseline[place])

    @cached_property
    def curves(self) -> WeightedCurves | NoEstimate:
        """The curves of days with and without treatment, weighted for all that was known."""
        weights = self.weights(self.question.design.percentiles)
        if isinstance(weights, NoEstimate):
            return weights
        return weighted_curves(self.days, weights.weight, conf_level=self.question.conf_level)

    def _weighted(
        self, percentiles: tuple[float, float], column: int
    ) -> TreatmentEffect | NoEstimate:
        weights = self.weights(percentiles)
        if isinstance(weights, NoEstimate):
            return weights
        found = weighted_effect(self.days, weights.weight, conf_level=self.question.conf_level)
        if isinstance(found, NoEstimate):
            return found
        return self._resampled(found, self._drawn_marginal, column)

    @cached_property
    def _drawn_marginal(self) -> NDArray[np.float64] | NoEstimate:
        return self._drawn((_WHOLE, self.question.design.percentiles))

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

    def _resampled(
        self, found: TreatmentEffect, drawn: NDArray[np.float64] | NoEstimate, column: int
    ) -> TreatmentEffect:
        logs = drawn if isinstance(drawn, NoEstimate) else drawn[:, column]
        return with_bootstrap(found, logs, conf_level=self.question.conf_level)

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
        if not self.is_complete.any() or not self.days.n:
            return "nobody has all covariates and time at risk"
        return "" if self.days.starts.any() else "nobody was treated while at risk"

    @cached_property
    def _complete(self) -> tuple[Times, NDArray[np.float64]]:
        x = self.known.baseline[self.is_complete]
        return self.question.times.where(self.is_complete), _varying(x)

    @cached_property
    def days(self) -> PersonDays:
        """A row for each day at risk of the complete cases."""
        return _days_of(self.question.times.where(self.is_complete))

    @cached_property
    def day_covariates(self) -> NDArray[np.float64]:
        """What was known at the beginning of each of these days."""
        place = np.flatnonzero(self.is_complete)[self.days.patient]
        return self.known.on_days(place, self.days.day.astype(np.float64))

    @staticmethod
    def _fitted(rows: PersonDays, x: NDArray[np.float64]) -> CoxFit | NoEstimate:
        """Cox's model of days, treatment first."""
        if not rows.n or not rows.event.any():
            return NoEstimate("nobody with time at risk recovered")
        treated = rows.treated.astype(np.float64)
        if np.ptp(treated) == 0:
            return NoEstimate("nobody was treated while at risk, or everybody always")
        columns = np.column_stack([treated, _varying(x)])
        return cox(rows.time, rows.event, columns, time_enter=rows.time_enter)


_UNADJUSTED = {"ever_never", "time_varying"}
_OF_ALL = _UNADJUSTED | {"imputed"}
_HOW: dict[str, Callable[[Effects], TreatmentEffect | Pooled | NoEstimate]] = {
    "ever_never": Effects.ever_never,
    "time_varying": Effects.time_varying,
    "landmark": Effects.landmark,
    "baseline": Effects.baseline,
    "daily": Effects.daily,
    "imputed": Effects.imputed,
    "weighted_all": Effects.weighted_all,
    "weighted": Effects.weighted,
    "weighted_given": Effects.weighted_given,
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


def _kind(name: str) -> Kind:
    return "binary" if name in _BINARY else "matched"


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf
