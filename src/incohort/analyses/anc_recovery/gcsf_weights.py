"""The weights of treatment: the balance they reach, how they spread, and the curves they make."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from incohort.analyses.anc_recovery.covariates import COVARIATES
from incohort.analyses.anc_recovery.gcsf import Effects
from incohort.analyses.anc_recovery.question import Question
from incohort.analyses.anc_recovery.tally import Tally, sources_of
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Curve,
    Figure,
    FigureKind,
    Measure,
    Row,
    Series,
    Table,
)
from incohort.shapes.times import Flags, persons_at
from incohort.stats import NoEstimate
from incohort.stats.causal import Weights
from incohort.stats.causal.weighted_curve import WeightedCurve


def none_of(made: Tally, effects: Effects, tail: str, label: str, reason: str, method: str) -> str:
    """The key of a reason why there is no number by a method."""
    is_absent = bool(effects.absent or effects.known.absent)
    return made.none(tail, label, reason, n=None if is_absent else effects.smallest(method))


def balance_table(question: Question, made: Tally, effects: Effects) -> Table:
    """How far those who start differ from those who don't, before and after weighting."""
    weights = effects.weights(question.design.percentiles)
    rows = []
    for name in effects.known.names:
        cells = []
        for when in ("before", "after"):
            tail = f"gcsf/balance/{name}/{when}/smd"
            label = f"{COVARIATES[name].label}: standardised difference {when} weighting"
            found = None
            if not isinstance(weights, NoEstimate):
                found = next((one for one in weights.balance if one.name == name), None)
            if found is None:
                reason = (
                    weights.reason if isinstance(weights, NoEstimate)
                    else "it is the same on all days on which treatment might start"
                )  # fmt: skip
                key = none_of(made, effects, tail, label, reason, "weighted")
            else:
                key = made.estimate(
                    tail, label, Measure.SMD, float(getattr(found, when)),
                    n=effects.days.first.size, smallest=effects.smallest("weighted"),
                    method="averaged over the days of starts",
                )  # fmt: skip
            cells.append(Cell(CellKind.ESTIMATE, (key,)))
        rows.append(Row(COVARIATES[name].label.removesuffix(" by time zero"), tuple(cells)))
    return Table(
        key=question.scope.key("gcsf/balance/table"),
        caption="Balance between those who start G-CSF on a day and those who don't",
        stub_head="Covariate",
        columns=(Column("SMD before weighting"), Column("SMD after weighting")),
        rows=tuple(rows),
        notes=(
            (
                "Below 0.1 without sign is usually taken as balanced. Low counts and infections "
                "as they were known at the beginning of each day."
            ),
        ),
    )


def weights_table(question: Question, made: Tally, effects: Effects) -> Table:
    """The weights: their mean, which should be 1, their largest, how many days they are worth."""
    low, high = question.design.percentiles
    kinds = {
        "weights": effects.weights(question.design.percentiles),
        "weights_given": effects.weights_given,
    }
    parts = (
        ("mean", "Mean weight before truncation"),
        ("maximum", "Largest weight before truncation"),
        ("share_truncated", f"Share of days truncated, below {low:g} % or above {high:g} %"),
        ("share_effective", "Effective sample size, % of patient-days"),
    )
    rows = []
    for name, label in parts:
        keys = [
            _weights_value(made, effects, f"gcsf/{kind}/{name}", label, weights)
            for kind, weights in kinds.items()
        ]
        rows.append(Row(label, tuple(Cell(CellKind.ESTIMATE, (key,)) for key in keys)))
    return Table(
        key=question.scope.key("gcsf/weights/table"),
        caption="The weights",
        stub_head="Stabilised weights of complete cases",
        columns=(Column("For all that was known"), Column("For what came after time zero")),
        rows=tuple(rows),
        notes=(
            (
                "The start of G-CSF is modelled on each day of whoever is not yet treated, from "
                "the day and its square, without and with the covariates of that day; a weight is "
                "the product of the ratios so far. A mean far from 1 says that the model of "
                "treatment is wrong. Where some weights are very large, the interval of the "
                "untruncated is too short, resampled or not, and truncation draws the effect "
                "towards the unadjusted one; weights for what came later only, "
                "with time zero adjusted for, suffer less. Effective sample size: the square of "
                "the weights' sum by the sum of their squares (Kish)."
            ),
        ),
    )


def _weights_value(
    made: Tally, effects: Effects, tail: str, label: str, weights: Weights | NoEstimate
) -> str:
    if isinstance(weights, NoEstimate):
        return none_of(made, effects, tail, label, weights.reason, "weighted")
    w = weights.weight
    name = tail.rpartition("/")[2]
    value = {
        "mean": weights.mean,
        "maximum": weights.maximum,
        "share_truncated": weights.n_truncated / len(w),
        "share_effective": float(w.sum() ** 2 / (w**2).sum() / len(w)),
    }[name]
    is_share = name.startswith("share")
    return made.estimate(
        tail, label, Measure.PROPORTION if is_share else Measure.STATISTIC, value,
        method=weights.method, smallest=1 if name == "maximum" else effects.smallest("weighted"),
    )  # fmt: skip


def curves_figure(question: Question, made: Tally, effects: Effects) -> tuple[Figure, ...]:
    """The weighted curves with and without G-CSF, patients changing over when it begins."""
    found = effects.curves
    days = None if isinstance(found, NoEstimate) else effects.days
    parts = {
        "treated": ("With G-CSF, from its first day on", None if days is None else days.treated),
        "untreated": ("Without it, until its first day", None if days is None else ~days.treated),
    }
    keys = []
    for name, (label, rows) in parts.items():
        curve = found if isinstance(found, NoEstimate) else getattr(found, name)
        keys.append(_weighted_curve(question, made, effects, (name, label), curve, rows))
    if not all(made.has_curve(key) for key in keys):
        return ()
    return (
        Figure(
            key=question.scope.key("gcsf/curves/figure"),
            kind=FigureKind.CURVES,
            caption=f"Not yet recovered to {question.threshold} with and without G-CSF, adjusted "
            "by weights",
            alt="Two falling curves, of days with and of days without G-CSF, weighted so that the "
            "sicker count alike in both. Patients change over on the day of their first dose.",
            series=tuple(
                Series(label, (key,)) for key, (label, _) in zip(keys, parts.values(), strict=True)
            ),
            x_label=question.days,
            y_label=f"Not yet recovered to {question.threshold}",
        ),
    )


def _weighted_curve(
    question: Question,
    made: Tally,
    effects: Effects,
    named: tuple[str, str],
    answer: WeightedCurve | NoEstimate,
    rows: Flags | None,
) -> str:
    tail, label = f"gcsf/curves/{named[0]}", named[1]
    if isinstance(answer, NoEstimate) or rows is None:
        reason = answer.reason if isinstance(answer, NoEstimate) else effects.no_weights
        return none_of(made, effects, tail, label, reason, "weighted")
    key = question.scope.key(tail)
    own = question.times.where(effects.is_complete)
    last = np.full(own.n, -np.inf)
    np.maximum.at(last, effects.days.patient[rows], effects.days.time[rows])
    seen = np.isfinite(last)
    times = replace(own.where(seen), time=last[seen])
    return made.drawn(
        Curve(
            key=key, label=label, x=tuple(answer.time.tolist()), y=tuple(answer.survival.tolist()),
            ci_low=tuple(answer.ci_low.tolist()), ci_high=tuple(answer.ci_high.tolist()),
            conf_level=question.conf_level, x_label=question.days,
            y_label=f"Not yet recovered to {question.threshold}", measure="survival",
            n_at_risk=tuple(answer.n_at_risk.tolist()), n_events=tuple(answer.n_events.tolist()),
            n_persons=persons_at(times, answer.time), n=times.persons(), method=answer.method,
            sources=sources_of(made), origin=question.cohort.origin_of(key, sources_of(made)),
        )
    )  # fmt: skip
