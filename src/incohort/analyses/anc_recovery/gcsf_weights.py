"""The weights of treatment: the balance they reach, how they spread, and the curves they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from incohort.analyses.anc_recovery.covariates import COVARIATES
from incohort.analyses.anc_recovery.gcsf import Effects
from incohort.results import Curve, Figure, FigureKind, Measure, NotEstimable, Row, Series, Table
from incohort.shapes.tabular import cells, row, table
from incohort.shapes.telling import Told
from incohort.shapes.times import persons_at
from incohort.stats import HypothesisTest, Interval, NoEstimate
from incohort.stats.causal import Weights

_BALANCED = (
    "Below 0.1 without sign is usually taken as balanced. Low counts and infections "
    "as they were known at the beginning of each day."
)
_WEIGHED = (
    "The start of G-CSF is modelled on each day of whoever is not yet treated, from "
    "the day and its square, without and with the covariates of that day; a weight is "
    "the product of the ratios so far. A mean far from 1 says that the model of "
    "treatment is wrong. Where some weights are very large, the interval of the "
    "untruncated is too short, resampled or not, and truncation draws the effect "
    "towards the unadjusted one; weights for what came later only, "
    "with time zero adjusted for, suffer less. Effective sample size: the square of "
    "the weights' sum by the sum of their squares (Kish)."
)


@dataclass(frozen=True, kw_only=True)
class Telling:
    """Takes numbers of the effects, each with the sets that its method rests on."""

    told: Told
    effects: Effects

    def tell(  # noqa: PLR0913 — the parts of an estimate, each by its name
        self, tail: str, label: str, measure: Measure,
        answer: float | Interval | HypothesisTest | NoEstimate, method: str, *,
        n: int | None = None, how: str = "", is_of_one: bool = False,
    ) -> str:  # fmt: skip
        """A number by a method, or why there is none; `is_of_one` where it is one patient's."""
        told, effects = self.told, self.effects
        members, sets = effects.members(method), effects.sets(method)
        match answer:
            case NoEstimate() if effects.absent or effects.known.absent:
                return told.none_in(tail, label, answer.reason, members)
            case NoEstimate():
                key = told.none(tail, label, answer.reason, n=min(one.n_persons for one in sets))
            case Interval():
                key = told.interval(tail, label, measure, answer, n=n)
            case HypothesisTest():
                key = told.p_value(tail, label, answer, n=n)
            case _:
                key = told.estimate(tail, label, measure, answer, n=n, method=how)
        if is_of_one or isinstance(answer, NoEstimate):  # a reason tells of a cell without anybody
            sets = [*sets, members.nobody]
        return told.worked_out(key, sets, of=members)


def balance_table(telling: Telling) -> Table:
    """How far those who start differ from those who don't, before and after weighting."""
    effects = telling.effects
    weights = effects.weights(effects.question.design.percentiles)
    none, balance, n = NoEstimate(effects.no_weights), {}, None
    if isinstance(weights, NoEstimate):
        none = weights
    else:
        none = NoEstimate("it is the same on all days on which treatment might start")
        balance = {one.name: one for one in weights.balance}
        n = effects.days.first.size
    rows = []
    for name in effects.known.names:
        label, own = COVARIATES[name].label, balance.get(name)
        keys = [
            telling.tell(
                f"gcsf/balance/{name}/{when}/smd",
                f"{label}: standardised difference {when} weighting", Measure.SMD,
                none if own is None else float(getattr(own, when)), "weighted", n=n,
                how="averaged over the days of starts",
            )
            for when in ("before", "after")
        ]  # fmt: skip
        rows.append(row(label.removesuffix(" by time zero"), *cells(("estimate",) * 2, keys)))
    return table(
        telling.told.scope, "gcsf/balance",
        "Balance between those who start G-CSF on a day and those who don't", "Covariate",
        ("SMD before weighting", "SMD after weighting"), rows, _BALANCED,
    )  # fmt: skip


def weights_table(telling: Telling) -> Table:
    """The weights: their mean, which should be 1, their largest, how many days they are worth."""
    return table(
        telling.told.scope, "gcsf/weights", "The weights", "Stabilised weights of complete cases",
        ("For all that was known", "For what came after time zero"), _weights(telling), _WEIGHED,
    )  # fmt: skip


def _weights(telling: Telling) -> Iterator[Row]:
    effects = telling.effects
    low, high = effects.question.design.percentiles
    kinds = {"weights": effects.weights((low, high)), "weights_given": effects.weights_given}
    labels = {
        "mean": "Mean weight before truncation",
        "maximum": "Largest weight before truncation",
        "share_truncated": f"Share of days truncated, below {low:g} % or above {high:g} %",
        "share_effective": "Effective sample size, % of patient-days",
    }
    for name, label in labels.items():
        measure = Measure.PROPORTION if name.startswith("share") else Measure.STATISTIC
        keys = [
            telling.tell(
                f"gcsf/{kind}/{name}", label, measure, _value(weights, name), "weighted",
                how="" if isinstance(weights, NoEstimate) else weights.method,
                is_of_one=name == "maximum",
            )
            for kind, weights in kinds.items()
        ]  # fmt: skip
        yield row(label, *cells(("estimate", "estimate"), keys))


def _value(weights: Weights | NoEstimate, name: str) -> float | NoEstimate:
    if isinstance(weights, NoEstimate):
        return weights
    w = weights.weight
    return {
        "mean": weights.mean,
        "maximum": weights.maximum,
        "share_truncated": weights.n_truncated / len(w),
        "share_effective": float(w.sum() ** 2 / (w**2).sum() / len(w)),
    }[name]


def curves_figure(telling: Telling) -> tuple[Figure, ...]:
    """The weighted curves with and without G-CSF, patients changing over when it begins."""
    told, question = telling.told, telling.effects.question
    labels = {
        "treated": "With G-CSF, from its first day on",
        "untreated": "Without it, until its first day",
    }
    keys = [_curve(telling, name, label) for name, label in labels.items()]
    absent = [r for key in keys if isinstance(r := told.results[key], NotEstimable)]
    if any(one.n is None or not told.scope.lists_all for one in absent):
        return ()  # of a restricted cohort it stands also where nobody is behind it
    return (
        Figure(
            key=told.scope.key("gcsf/curves/figure"),
            kind=FigureKind.CURVES,
            caption=f"Not yet recovered to {question.threshold} with and without G-CSF, adjusted "
            "by weights",
            alt="Two falling curves, of days with and of days without G-CSF, weighted so that the "
            "sicker count alike in both. Patients change over on the day of their first dose.",
            series=tuple(
                Series(label, (key,)) for key, label in zip(keys, labels.values(), strict=True)
            ),
            x_label=question.days,
            y_label=f"Not yet recovered to {question.threshold}",
        ),
    )


def _curve(telling: Telling, name: str, label: str) -> str:
    told, effects = telling.told, telling.effects
    question, curves, tail = effects.question, effects.curves, f"gcsf/curves/{name}"
    answer = curves if isinstance(curves, NoEstimate) else getattr(curves, name)
    if isinstance(answer, NoEstimate):
        return telling.tell(tail, label, Measure.STATISTIC, answer, "weighted")
    days = effects.days
    rows = days.treated if name == "treated" else ~days.treated
    last = np.full(effects.complete.n, -np.inf)
    np.maximum.at(last, days.patient[rows], days.time[rows])
    seen = np.isfinite(last)
    times = replace(effects.complete.where(seen), time=last[seen])
    key, sources = told.scope.key(tail), (*told.sources, *told.scope.restricted_by)
    curve = Curve(
        key=key, label=label, x=tuple(answer.time.tolist()), y=tuple(answer.survival.tolist()),
        ci_low=tuple(answer.ci_low.tolist()), ci_high=tuple(answer.ci_high.tolist()),
        conf_level=question.conf_level, x_label=question.days,
        y_label=f"Not yet recovered to {question.threshold}", measure="survival",
        n_at_risk=tuple(answer.n_at_risk.tolist()), n_events=tuple(answer.n_events.tolist()),
        n_persons=persons_at(times, answer.time), n=times.persons(), method=answer.method,
        sources=tuple(dict.fromkeys(sources)),
        origin=question.cohort.origin_of(key, sources),
    )  # fmt: skip
    return told.drawn_in(curve, effects.members("weighted"), f"{question.days}, weighted, {name}")
