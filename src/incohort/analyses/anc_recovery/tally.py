"""Numbers of episodes and of patients; the gate is told how many patients stand behind them."""

from __future__ import annotations

import pandas as pd

from incohort.analyses.anc_recovery.question import Question
from incohort.results import Curve, Estimate, Measure, NotEstimable, Result
from incohort.shapes.making import Made
from incohort.shapes.times import Times, persons_at
from incohort.stats import NoEstimate
from incohort.stats.survival import SurvivalCurve


class Tally(Made):
    """Results of one question in the making."""

    def of(self, tail: str, label: str, rows: pd.Series, frame: pd.DataFrame) -> str:
        """How many episodes are of a kind; `smallest` are the patients behind them or the rest."""
        ids = frame["patient_id"]
        hit, rest = int(ids[rows].nunique()), int(ids[~rows].nunique())
        if ids.nunique() == len(frame):
            return self.count(tail, label, int(rows.sum()), n=len(frame))
        behind = hit if rows.all() else min(hit, rest)
        return self.estimate(
            tail, label, Measure.COUNT, float(rows.sum()), n=len(frame), smallest=behind
        )

    def drawn(self, curve: Curve) -> str:
        """Keep a curve with its sources and origin."""
        self.results[curve.key] = curve
        return curve.key

    def has_curve(self, *keys: str) -> bool:
        """Whether there is a curve to draw under each of these keys.

        Of a restricted cohort also where nobody stands behind it: a figure that is left out only
        then would tell so.
        """
        return all(self._may_have_curve(self.results[key]) for key in keys)

    def _may_have_curve(self, result: Result) -> bool:
        is_of_few = isinstance(result, NotEstimable) and result.n is not None
        return isinstance(result, Curve) or (is_of_few and self.scope.lists_all)

    def has_estimate(self, key: str) -> bool:
        """Whether there is a number under this key."""
        return isinstance(self.results[key], Estimate)


def tally(question: Question, *more: str) -> Tally:
    """An empty list of results that rest on the times to recovery and these columns."""
    sources = tuple(dict.fromkeys((*question.sources, *more)))
    return Tally(scope=question.scope, sources=sources)


def survival_curve(
    question: Question,
    made: Tally,
    tail: str,
    label: str,
    answer: SurvivalCurve | NoEstimate,
    times: Times,
) -> str:
    """A Kaplan–Meier curve as a result, or the reason why there is none."""
    if isinstance(answer, NoEstimate) or not times.n:
        reason = question.reason(times) or getattr(answer, "reason", "")
        return made.none(tail, label, reason, n=None if question.absent else times.n)
    key = question.scope.key(tail)
    made.drawn(
        Curve(
            key=key,
            label=label,
            x=tuple(answer.time.tolist()),
            y=tuple(answer.survival.tolist()),
            ci_low=tuple(answer.ci_low.tolist()),
            ci_high=tuple(answer.ci_high.tolist()),
            conf_level=question.conf_level,
            x_label=question.days,
            y_label=f"Not yet recovered to {question.threshold}",
            measure="survival",
            n_at_risk=tuple(answer.n_at_risk.tolist()),
            n_events=tuple(answer.n_events.tolist()),
            n_censored=tuple(answer.n_censored.tolist()),
            n_persons=persons_at(times, answer.time),
            n=times.persons(),
            method=answer.method,
            sources=sources_of(made),
            origin=question.cohort.origin_of(key, sources_of(made)),
        )
    )
    return made.of_whom(key, f"{question.days}, curve", times.whose)


def sources_of(made: Made) -> tuple[str, ...]:
    """The columns behind what is added next, those of the selection among them."""
    return tuple(dict.fromkeys((*made.sources, *made.scope.restricted_by)))
