"""What delays an event: hazards, subdistribution hazards and time ratios, with their checks.

Three models of the times of a set of episodes, by what is known of them at time zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import NormalDist
from typing import TYPE_CHECKING, Unpack

import numpy as np
from numpy.typing import NDArray

from incohort.results import Estimate, Figure, Layout, Measure, Row, Table
from incohort.shapes.episodes import ended
from incohort.shapes.making import Details, part_of
from incohort.shapes.ratios import Ratio
from incohort.shapes.sets import Members
from incohort.shapes.tabular import BLANK, cell, cells, forest, phrases, row, table
from incohort.shapes.telling import Draft
from incohort.shapes.times import RECOVERED, Times, times_of
from incohort.stats import HypothesisTest, Interval, NoEstimate, then
from incohort.stats.competing import FineGrayFit, cause_specific, fine_gray
from incohort.stats.interval import AftFit, aft
from incohort.stats.location import summarise
from incohort.stats.survival import (
    CoxFit,
    concordance,
    deviance_residuals,
    dfbeta,
    proportional_hazards,
)

if TYPE_CHECKING:
    from incohort.shapes.making import Estimated

_LEAST_TIME = 0.5  # days: where a recovery on the day of time zero stands for a log time
# Of each model how its keys end, what its ratios are, and its name in the figure.
_KINDS = {
    "cox": ("hazard_ratio", Measure.HAZARD_RATIO, "cause-specific hazard ratio"),
    "fine_gray": ("subdistribution_hazard_ratio", Measure.HAZARD_RATIO,
                  "subdistribution hazard ratio"),
    "aft": ("time_ratio", Measure.TIME_RATIO, "time ratio"),
}  # fmt: skip
_ADJUSTED = (
    "Covariates are those known at time zero. Ratios are adjusted for each other and "
    "for nothing else, so that they are no causes by themselves."
)
_HELD = (
    "A small P says that the hazard ratio changes over time: it is then an average. Concordance: "
    "how often, of two, the one with the higher predicted hazard recovers first; 0.5 is chance."
)
_DFBETA = "A dfbeta beyond about 0.5 says that a single episode carries the coefficient."


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A covariate of the models.

    Args:
        name: In keys.
        label: As it is printed.
        values: Of each of the complete episodes, in their order.
        halves: Those with and without it, where it is yes or no.
        constant: Why it is in no model if it is the same in everybody.
    """

    name: str
    label: str
    values: NDArray[np.float64]
    halves: Sequence[Members]
    constant: str

    @property
    def varies(self) -> bool:
        """Whether it is not the same in all."""
        return len(self.values) > 0 and bool(np.ptp(self.values) > 0)


@dataclass(frozen=True, kw_only=True)
class TimeModels:
    """Three models of the time to recovery, of those episodes whose covariates are all known.

    Args:
        draft: Takes the results.
        members: Whom the models could be of.
        complete: Those of them whose covariates are all known.
        terms: The covariates.
        left_out: The labels of those that are in no model, and why, by name.
        reason: Why there is no model; empty where there may be one.
        is_absent: Whether that reason lies in a table or in the choices, not in patients.
        absent: Which tables are missing, so that there is not even a number of episodes.
        told_of: The sets that the reason tells of.
        is_clustered: Whether a patient may have several episodes.
        note: What more is said below the table.
        name: Begins the keys.
    """

    draft: Draft
    members: Members
    complete: Members
    terms: Sequence[Term]
    left_out: Mapping[str, tuple[str, str]]
    reason: str = ""
    is_absent: bool = False
    absent: str = ""
    told_of: Sequence[Members] = ()
    is_clustered: bool = False
    note: str = ""
    name: str = "models"

    def layout(self) -> Layout:
        """The ratios, whether the model holds, and its residuals."""
        return Layout(
            tables=(self._table(list(self._ratios())), self._checks(), self._residuals()),
            figures=self._figures(),
            cautions=(_ADJUSTED,),
        )

    @cached_property
    def _times(self) -> Times:
        return times_of(self.complete.frame)

    @property
    def _varying(self) -> list[Term]:
        return [term for term in self.terms if term.varies]

    @cached_property
    def _matrix(self) -> NDArray[np.float64]:
        return np.column_stack([term.values for term in self._varying])

    @property
    def _why_none(self) -> str:
        """Why there is no model, where it was not said before."""
        if self.reason:
            return self.reason
        if not self._times.event.any():
            return "nobody with complete covariates recovered"
        same = "no covariate differs between those with complete covariates"
        return "" if self._varying else same

    @property
    def _fewest(self) -> list[Members]:
        """The sets that every answer, or the reason for none, rests on."""
        return [ended(self.complete, "recovered"), *self.told_of]

    def _tell(
        self, tail: str, label: str, measure: Measure, answer: float | HypothesisTest | Estimated,
        *, of: Term | None = None, more: Sequence[Members] = (), **details: Unpack[Details],
    ) -> str:  # fmt: skip
        """A number of the models, or why there is none; `of` is the covariate that it is of."""
        tail = f"{self.name}/{tail}"
        self.draft.absent = self.reason if self.is_absent else ""
        halves = of.halves if of else ()
        sets = [*self._fewest, *halves, *more]
        if isinstance(answer, NoEstimate):  # what a model fails at tells of a cell without anybody
            behind = [*self._fewest, *(halves if of and of.varies else ())]
            details["n"] = min(members.n_persons for members in behind)
            sets.append(self.complete.nobody)
        if isinstance(answer, HypothesisTest):
            return self.draft.test_in(tail, label, answer, sets, of=self.complete, **details)
        return self.draft.statistic_in(
            tail, label, measure, answer, sets, of=self.complete, **details
        )

    @property
    def _n_fewest(self) -> int:
        return min(members.n_persons for members in self._fewest)

    # ------------------------------------------------------------------ ratios
    @cached_property
    def _cox(self) -> CoxFit | NoEstimate:
        """The cause-specific model, which the checks are of."""
        if self._why_none:
            return NoEstimate(self._why_none)
        times = self._times
        return cause_specific(
            times.time, times.cause, self._matrix, cause_of_interest=RECOVERED,
            cluster=times.cluster,
        )  # fmt: skip

    def _fine_gray(self) -> FineGrayFit | NoEstimate:
        times = self._times
        return fine_gray(times.time, times.cause, self._matrix, cluster=times.cluster)

    def _aft(self) -> AftFit | NoEstimate:
        """Log-normal times: many recover in the middle, and few at once, as counts regrow."""
        times = self._times
        right = np.maximum(times.right, _LEAST_TIME)
        is_between = times.event & (times.left < right)
        left = np.where(is_between, times.left, np.minimum(times.left, right))
        return aft(left, right, self._matrix, distribution="lognormal", cluster=times.cluster)

    def _ratios(self) -> Iterator[Row]:
        """A row for each covariate: three ratios, and the P value of the first."""
        none = NoEstimate(self._why_none)
        fits = {
            "cox": self._cox,
            "fine_gray": none if none.reason else self._fine_gray(),
            "aft": none if none.reason else self._aft(),
        }
        answers = {kind: self._answers(fit) for kind, fit in fits.items()}
        kinds = ("estimate_ci", "estimate_ci", "estimate_ci", "p_value")
        for term in self.terms:
            keys = [self._ratio(kind, term, ratios[term.name]) for kind, ratios in answers.items()]
            answer = answers["cox"][term.name]
            p = self._tell(
                f"cox/{term.name}/p_value", f"{term.label}: P", Measure.P_VALUE,
                part_of(answer, "test"), of=term,
                n=self._times.persons(),
            )  # fmt: skip
            yield row(term.label, *cells(kinds, (*keys, p)))
        for name, (label, why) in self.left_out.items():
            tails = {f"{kind}/{name}/{end}": word for kind, (end, _, word) in _KINDS.items()}
            keys = [
                self.draft.none_in(f"{self.name}/{tail}", f"{label}: {word}", why, self.members)
                for tail, word in (tails | {f"cox/{name}/p_value": "P"}).items()
            ]
            yield row(label, *cells(kinds, keys))

    def _answers(
        self, fit: CoxFit | FineGrayFit | AftFit | NoEstimate
    ) -> Mapping[str, Ratio | NoEstimate]:
        """What one model says of each covariate."""
        level = self.draft.scope.conf_level
        ratios = fit if isinstance(fit, NoEstimate) else _ratios(fit, level)
        if isinstance(ratios, NoEstimate):
            return {term.name: ratios for term in self.terms}
        same = {term.name: NoEstimate(term.constant) for term in self.terms}
        return same | dict(zip((term.name for term in self._varying), ratios, strict=True))

    def _ratio(self, kind: str, term: Term, answer: Ratio | NoEstimate) -> str:
        end, measure, word = _KINDS[kind]
        tail, label = f"{kind}/{term.name}/{end}", term.label
        if isinstance(answer, NoEstimate):
            return self._tell(tail, f"{label}: {word}", measure, answer, of=term)
        ratio = answer.interval
        if not all(map(math.isfinite, (ratio.estimate, ratio.ci_low, ratio.ci_high))):
            none = NoEstimate("the data set no limit to it")
            return self._tell(tail, f"{label}: {word}", measure, none, of=term)
        if not ratio.method.startswith(word):
            ratio = replace(ratio, method=f"{word}, {ratio.method}")
        return self._tell(tail, label, measure, ratio, of=term, n=self._times.persons())

    def _counts(self) -> Iterator[Row]:
        """How many episodes have complete covariates."""
        left, self.draft.absent = self.members.less(self.complete), self.absent
        for name, label, words, members in (
            ("n", "Episodes with complete covariates", "Episodes", self.complete),
            ("incomplete", "Episodes left out, a covariate not known at time zero",
             "Left out, a covariate not known at time zero", left),
        ):  # fmt: skip
            tail = f"{self.name}/{name}/count"
            key = self.draft.count_in(tail, label, members, self.members)
            yield row(words, cell("count", key), BLANK, BLANK, BLANK)

    def _table(self, rows: Sequence[Row]) -> Table:
        clustered = (
            " Several episodes of a patient are a cluster in all three models: robust variance."
            if self.is_clustered
            else ""
        )
        note = (
            f"{self.draft.scope.level} intervals. Hazard ratios below 1 and time ratios above 1 "
            "mean a later recovery. Cause-specific: Cox's model of recovery with Efron's ties, "
            "deaths censored. Subdistribution: Fine and Gray's. Time ratio: log-normal model of "
            f"interval-censored times.{clustered}"
        )
        heads = (
            "Cause-specific hazard ratio", "Subdistribution hazard ratio", "Time ratio",
            "P (cause-specific)",
        )  # fmt: skip
        return table(
            self.draft.scope, self.name, "What delays recovery", "Known at time zero", heads,
            (*rows, *self._counts()), note, self.note,
        )  # fmt: skip

    def _figures(self) -> tuple[Figure, ...]:
        """The ratios as forests, where there are any."""
        scope, results = self.draft.scope, self.draft.results
        keys = {
            kind: [
                scope.key(f"{self.name}/{kind}/{name}/{end}")
                for name in (*(term.name for term in self.terms), *self.left_out)
            ]
            for kind, (end, _, _) in _KINDS.items()
        }
        hazards = (*keys["cox"], *keys["fine_gray"])
        if not any(isinstance(results[key], Estimate) for key in hazards):
            return ()
        said = {
            kind: phrases({results[key].label: key for key in ends}, "estimate_ci")
            for kind, ends in keys.items()
        }
        return (
            forest(
                scope, self.name, f"Hazard ratios of recovery with {scope.level} intervals",
                f"Cause-specific hazard ratios: {said['cox']}. Below 1 means a later recovery.",
                {"Cause-specific": keys["cox"], "Subdistribution": keys["fine_gray"]},
                "Hazard ratio of recovery", is_ratio=True,
                low_means="later recovery", high_means="earlier recovery",
            ),
            forest(
                scope, f"{self.name}/time_ratios", f"Time ratios with {scope.level} intervals",
                f"Time ratios: {said['aft']}. Above 1 means a later recovery.",
                {"Log-normal, interval-censored": keys["aft"]}, "Time ratio", is_ratio=True,
                low_means="earlier recovery", high_means="later recovery",
            ),
        )  # fmt: skip

    # ------------------------------------------------------------------ checks
    def _checks(self) -> Table:
        """Proportional hazards term by term and together, and the concordance."""
        fit = self._cox
        held = then(fit, proportional_hazards)
        tests: dict[str, HypothesisTest | NoEstimate] = {
            t.name: NoEstimate(t.constant) for t in self.terms
        }
        if isinstance(held, NoEstimate):
            tests = dict.fromkeys((*tests, "overall"), held)
        else:
            tests |= {t.name: test for t, test in zip(self._varying, held.terms, strict=True)}
            tests["overall"] = held.overall
        labels = {t.name: t.label for t in self.terms} | {"overall": "All together"}
        rows = []
        for name, test in tests.items():
            key = self._tell(
                f"checks/{name}/zph_p_value",
                f"{labels[name]}: does its effect change over time, P",
                Measure.P_VALUE, test, n=self._n_fewest,
            )  # fmt: skip
            rows.append(row(labels[name], cell("p_value", key)))
        key = self._tell("checks/concordance", "Concordance", Measure.STATISTIC,
                         self._concordance(), n=self._n_fewest)  # fmt: skip
        rows.append(row("Concordance", cell("estimate_ci", key)))
        return table(
            self.draft.scope, f"{self.name}/checks", "Does the model hold?", "Term",
            ("P of proportional hazards; concordance",), rows, _HELD,
        )  # fmt: skip

    def _concordance(self) -> Interval | NoEstimate:
        c = then(self._cox, concordance)
        if isinstance(c, NoEstimate):
            return c
        level = self.draft.scope.conf_level
        half = NormalDist().inv_cdf(0.5 + level / 2) * c.se
        return Interval(
            estimate=c.estimate, ci_low=max(0.0, c.estimate - half),
            ci_high=min(1.0, c.estimate + half), conf_level=level,
            method="Harrell's C, infinitesimal jackknife",
        )  # fmt: skip

    def _residuals(self) -> Table:
        """Deviance residuals in quartiles, and how far a single row moves each coefficient."""
        fit = self._cox
        spread = then(fit, lambda cox: summarise(deviance_residuals(cox).tolist()))
        parts = {"median": Measure.MEDIAN, "q1": Measure.QUANTILE, "q3": Measure.QUANTILE}
        quartiles = [
            self._tell(
                f"residuals/deviance/{part}", f"Deviance residual, {part}", measure,
                part_of(spread, part), n=self._times.n, method="sample quantile, type 7",
            )
            for part, measure in parts.items()
        ]  # fmt: skip
        rows = [row("Deviance residuals, median (quartiles)", cell("median_iqr", *quartiles))]
        moved = {} if isinstance(fit, NoEstimate) else _largest_dfbeta(fit, self._varying)
        for term in self.terms:
            none = fit if isinstance(fit, NoEstimate) else NoEstimate(term.constant)
            key = self._tell(
                f"residuals/{term.name}/largest_dfbeta",
                f"{term.label}: largest change of its coefficient by one row, in standard errors",
                Measure.STATISTIC, moved.get(term.name, none), n=self._n_fewest,
                method="dfbeta / SE", more=[self.complete.nobody],
            )  # fmt: skip
            rows.append(row(f"{term.label}: largest dfbeta, in SE", cell("estimate", key)))
        return table(
            self.draft.scope, f"{self.name}/residuals", "Residuals of the cause-specific model",
            "Residual", ("Value",), rows, _DFBETA,
        )  # fmt: skip


def _ratios(fit: CoxFit | FineGrayFit | AftFit, conf_level: float) -> Sequence[Ratio] | NoEstimate:
    """A fitted model's ratios, in the order of its covariates."""
    if isinstance(fit, AftFit):
        return [Ratio(interval=ratio) for ratio in fit.time_ratios(conf_level=conf_level)]
    ratios = fit.hazard_ratios(conf_level=conf_level)
    if isinstance(ratios, NoEstimate):
        return ratios
    return [
        Ratio(
            interval=Interval(
                estimate=r.hazard_ratio, ci_low=r.ci_low, ci_high=r.ci_high,
                conf_level=conf_level, method=r.method,
            ),
            p_value=r.p_value,
        )
        for r in ratios
    ]  # fmt: skip


def _largest_dfbeta(fit: CoxFit, terms: Sequence[Term]) -> dict[str, float]:
    """How far the row that moves a coefficient most does, in standard errors."""
    largest = np.abs(dfbeta(fit)).max(axis=0) / fit.se
    return dict(zip((term.name for term in terms), largest.tolist(), strict=True))
