"""The weights of treatment: the balance they reach, how they spread, and the curves they make."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from operator import itemgetter
from typing import Unpack

import numpy as np

from incohort.analyses.anc_recovery.covariates import COVARIATES
from incohort.analyses.anc_recovery.gcsf import Effects
from incohort.analyses.anc_recovery.question import GCSF
from incohort.results import Figure, Measure, NotEstimable, Table
from incohort.shapes.clock import Steps
from incohort.shapes.making import Details, part_of
from incohort.shapes.tabular import cells, figure, row, table
from incohort.shapes.telling import Draft, telling
from incohort.shapes.times import Times, persons_at
from incohort.stats import Interval, NoEstimate, then
from incohort.stats.causal import Weights

_BALANCED = (
    "Below 0.1 without sign is usually taken as balanced. Low counts and infections "
    "as they were known at the beginning of each day."
)
_WEIGHED = (
    "The start of G-CSF is modelled on each day of whoever is not yet treated, from the day and "
    "its square, without and with the covariates of that day; a weight is the product of the "
    "ratios so far. A mean far from 1 says that the model of treatment is wrong. Where some "
    "weights are very large, the interval of the untruncated is too short, resampled or not, and "
    "truncation draws the effect towards the unadjusted one; weights for what came later only, "
    "with time zero adjusted for, suffer less. Effective sample size: the square of the weights' "
    "sum by the sum of their squares (Kish)."
)


class DraftedEffects(Effects):
    """The effects with what takes their numbers, each with the sets that its method rests on."""

    @cached_property
    def draft(self) -> Draft:
        """Results in the making."""
        sources = (*self.question.sources, *GCSF, *self.known.sources)
        return telling(self.question.scope, *sources)

    def tell(
        self, tail: str, label: str, measure: Measure, answer: float | Interval | NoEstimate,
        by: str = "weighted", *, is_of_one: bool = False, **details: Unpack[Details],
    ) -> str:  # fmt: skip
        """A number by a method, or why there is none; `is_of_one` where it is one patient's."""
        members, sets = self.members(by), self.sets(by)
        match answer:
            case NoEstimate() if self.absent or self.known.absent:
                return self.draft.none_in(tail, label, answer.reason, members)
            case NoEstimate():
                key = self.draft.none(tail, label, answer.reason, n=min(s.n_persons for s in sets))
            case Interval():
                key = self.draft.interval(tail, label, measure, answer, **details)
            case _:
                key = self.draft.estimate(tail, label, measure, answer, **details)
        if is_of_one or isinstance(answer, NoEstimate):  # a reason tells of a cell without anybody
            sets = [*sets, members.nobody]
        return self.draft.worked_out(key, sets, of=members)


def balance_table(effects: DraftedEffects) -> Table:
    """How far those who start differ from those who don't, before and after weighting."""
    weights, n = effects.weights(effects.question.design.percentiles), None
    none = NoEstimate("it is the same on all days on which treatment might start")
    if isinstance(weights, NoEstimate):
        none, balance = weights, {}
    else:
        balance, n = {term.name: term for term in weights.balance}, effects.days.first.size
    rows = []
    for name in effects.known.names:
        label = COVARIATES[name].label
        keys = [
            effects.tell(
                f"gcsf/balance/{name}/{when}/smd",
                f"{label}: standardised difference {when} weighting", Measure.SMD,
                float(getattr(balance[name], when)) if name in balance else none, n=n,
                method="averaged over the days of starts",
            )
            for when in ("before", "after")
        ]  # fmt: skip
        rows.append(row(label.removesuffix(" by time zero"), *cells(("estimate",) * 2, keys)))
    return table(
        effects.draft.scope, "gcsf/balance",
        "Balance between those who start G-CSF on a day and those who don't", "Covariate",
        ("SMD before weighting", "SMD after weighting"), rows, _BALANCED,
    )  # fmt: skip


def weights_table(effects: DraftedEffects) -> Table:
    """The weights: their mean, which should be 1, their largest, how many days they are worth."""
    low, high = percentiles = effects.question.design.percentiles
    kinds = {
        "weights": effects.weights(percentiles),
        "weights_given": effects.weights(percentiles, is_given=True),
    }
    spreads, rows = {kind: then(weights, _spread) for kind, weights in kinds.items()}, []
    for name, label in {
        "mean": "Mean weight before truncation",
        "maximum": "Largest weight before truncation",
        "share_truncated": f"Share of days truncated, below {low:g} % or above {high:g} %",
        "share_effective": "Effective sample size, % of patient-days",
    }.items():
        measure = Measure.PROPORTION if name.startswith("share") else Measure.STATISTIC
        keys = [
            effects.tell(
                f"gcsf/{kind}/{name}", label, measure, then(spread, itemgetter(name)),
                is_of_one=name == "maximum", method=getattr(kinds[kind], "method", ""),
            )
            for kind, spread in spreads.items()
        ]  # fmt: skip
        rows.append(row(label, *cells(("estimate", "estimate"), keys)))
    return table(
        effects.draft.scope, "gcsf/weights", "The weights", "Stabilised weights of complete cases",
        ("For all that was known", "For what came after time zero"), rows, _WEIGHED,
    )  # fmt: skip


def _spread(weights: Weights) -> dict[str, float]:
    w = weights.weight
    return {
        "mean": weights.mean,
        "maximum": weights.maximum,
        "share_truncated": weights.n_truncated / len(w),
        "share_effective": float(w.sum() ** 2 / (w**2).sum() / len(w)),
    }


def curves_figure(effects: DraftedEffects) -> tuple[Figure, ...]:
    """The weighted curves with and without G-CSF, patients changing over when it begins."""
    draft, clock = effects.draft, effects.question.clock
    labels = {
        "treated": "With G-CSF, from its first day on",
        "untreated": "Without it, until its first day",
    }
    series = [(label, [_curve(effects, name, label)]) for name, label in labels.items()]
    results = [draft.results[key] for _, keys in series for key in keys]
    absent = [result for result in results if isinstance(result, NotEstimable)]
    if any(reason.n is None or not draft.scope.lists_all for reason in absent):
        return ()  # of a restricted cohort it stands also where nobody is behind it
    return (
        figure(
            draft.scope, "gcsf/curves", "curves",
            f"{clock.below} with and without G-CSF, adjusted by weights",
            "Weighted so that the sicker count alike, the hazard of recovery on days with G-CSF is "
            f"{{{draft.scope.key('gcsf/weighted/hazard_ratio')}:estimate_ci}} times that on days "
            "without. Patients change over on the day of their first dose.",
            series, x_label=clock.days, y_label=clock.below,
        ),
    )  # fmt: skip


def _curve(effects: DraftedEffects, name: str, label: str) -> str:
    """The weighted curve of the days with or without treatment, or why there is none."""
    tail, clock, answer = (
        f"gcsf/curves/{name}",
        effects.question.clock,
        part_of(effects.curves, name),
    )
    if isinstance(answer, NoEstimate):
        return effects.tell(tail, label, Measure.STATISTIC, answer)
    times, members = _times_of(effects, is_treated=name == "treated"), effects.members("weighted")
    steps = Steps.of(answer, persons_at(times, answer.time))
    curve = steps.drawn(effects.draft, clock, tail, label, times.persons())
    return effects.draft.drawn_in(curve, members, f"{clock.days}, weighted, {name}")


def _times_of(effects: Effects, *, is_treated: bool) -> Times:
    """The complete cases with such days, each with the last of them as the end."""
    days = effects.days
    rows = days.treated if is_treated else ~days.treated
    last = np.full(effects.complete.n, -np.inf)
    np.maximum.at(last, days.patient[rows], days.time[rows])
    seen = np.isfinite(last)
    return replace(effects.complete.where(seen), time=last[seen])
