"""The cohort as a further row of the forest plot, and the answer in sentences."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from incohort.analyses.gcsf_evidence.own import CAUTIONS, MEAN, RMST
from incohort.analyses.gcsf_evidence.pooled import Pooling
from incohort.analyses.gcsf_evidence.printed import DAYS, tail_of
from incohort.analyses.gcsf_evidence.question import METHODS, Question
from incohort.dictionary import gcsf_pooled
from incohort.results import (
    Estimate,
    Figure,
    FigureKind,
    Findings,
    Layout,
    NotEstimable,
    Result,
    Sentence,
    Series,
    clauses,
)

_WANG = {"all": "Wang 2019", "recovery_from_1_0_or_1_5": "Wang 2019, recovery at 1.0 or 1.5"}


def beside(question: Question, results: Mapping[str, Result]) -> Findings:
    """Published comparisons, what they pool to, the benchmark and this cohort, on one axis.

    Args:
        question: What was asked.
        results: What the other parts found, under their keys.
    """
    tails = _rows(question)
    again = {
        name: _again(question, f"beside/{name}", results[question.scope.key(tail)], label)
        for group in tails.values()
        for name, (tail, label) in group.items()
    }
    series = tuple(
        Series(heading, tuple(again[name].key for name in group))
        for heading, group in tails.items()
        if group
    )
    own, wang = again["cohort"].key, again["wang2019"].key
    figure = Figure(
        key=question.scope.key("beside/figure"),
        kind=FigureKind.FOREST,
        caption="Days gained with G-CSF: published, pooled, and in this cohort",
        alt=(
            "Forest plot of differences in days. "
            + clauses(
                f"Wang 2019: {{{wang}:estimate_ci}}", f"this cohort, crude: {{{own}:estimate_ci}}"
            )
            + "."
        ),
        series=series,
        x_label=DAYS,
        reference=0,
    )
    layout = Layout(
        sentences=(
            Sentence(
                "Crude difference in days, with G-CSF less without: "
                + clauses(
                    f"in this cohort, to {question.recovery.threshold} from "
                    f"{question.recovery.zero_label}, {{{own}:estimate_ci}}",
                    f"in the published meta-analysis {{{wang}:estimate_ci}}",
                )
                + ". The cohort is in no pooled number."
            ),
        ),
        figures=(figure,),
        cautions=(
            (
                "The cohort is not pooled with the published series: its rows are of other "
                "patients, its threshold and time zero are known, and theirs mostly are not."
            ),
        ),
    )
    return Findings(
        name=question.scope.key("beside"),
        title="Published comparisons and this cohort side by side",
        results=tuple(again.values()),
        layout=layout,
        is_public=question.cohort.card.is_public,
    )


def _rows(question: Question) -> dict[str, dict[str, tuple[str, str]]]:
    """Which results stand in the figure: heading, name, the tail of their key, and their label."""
    pooling = Pooling(question)
    published = {
        name: (f"{pooling.prefix}/comparison/{name}", pooling.label(name))
        for name in pooling.effects
    }
    pooled = {
        f"pooled_{method}": (f"{pooling.prefix}/{method}", label)
        for method, label in METHODS.items()
        if method in {"fixed", question.design.pooling}
    }
    benchmark = {
        "wang2019" if row.group == "all" else "wang2019_recovered": (
            f"{tail_of(row)}/difference",
            f"{_WANG[row.group]} ({row.n} patients)" if row.n else _WANG[row.group],
        )
        for row in gcsf_pooled()
        if row.version == "paper" and row.group in _WANG
    }
    own = {
        "cohort": (MEAN, "Crude difference of means"),
        "cohort_restricted": (
            RMST,
            f"Restricted means over {question.design.horizon_days} days",
        ),
    }
    return {
        "Published comparisons": published,
        "Pooled here": pooled,
        "Published meta-analysis": benchmark,
        "This cohort, not pooled": own,
    }


def _again(question: Question, tail: str, result: Result, label: str) -> Result:
    """A result of another part, told once more under its own key.

    One of the cohort rests on the first, so that what is withheld there is withheld here. One of
    publications loses its number of patients, which the gate would take for the cohort's and
    round; its label tells it.
    """
    key = question.scope.key(tail)
    match result:
        case Estimate() if not result.sources:
            return replace(result, key=key, label=label, n=None)
        case Estimate():
            return replace(result, key=key, label=label, rests_on=(result.key,))
        case NotEstimable():
            return replace(result, key=key, label=label)
        case _:
            msg = f"{result.key!r} is no number"
            raise TypeError(msg)


def answer(question: Question, results: Mapping[str, Result]) -> Findings:
    """The answer in sentences, and what it can't say; arguments as `beside`."""
    pooling, method = Pooling(question), question.design.pooling
    told = {
        "pooled": f"{pooling.prefix}/{method}",
        "prediction": f"{pooling.prefix}/{method}/prediction",
        "benchmark": "benchmark/wang2019/difference",
        "cohort": MEAN,
        "restricted": RMST,
    }
    again = {}
    for name, tail in told.items():
        result = results[question.scope.key(tail)]
        again[name] = _again(question, f"answer/{name}", result, result.label)
    key = {name: result.key for name, result in again.items()}
    sentences = (
        (
            "Days to recovery with G-CSF less without: "
            + clauses(
                f"published comparisons, pooled here ({METHODS[method]}), "
                f"{{{key['pooled']}:estimate_ci}}",
                f"the published meta-analysis {{{key['benchmark']}:estimate_ci}}",
            )
            + "."
        ),
        (
            f"Predicted for a new, similar series: {{{key['prediction']}:estimate_ci}}. It holds "
            "if effects vary no more than these few comparisons suggest; so few can hardly tell."
        ),
        (
            "In this cohort, days with G-CSF less without: "
            + clauses(
                f"means of those who recovered {{{key['cohort']}:estimate_ci}}",
                f"restricted means {{{key['restricted']}:estimate_ci}}",
            )
            + ". None of this is the effect of the treatment."
        ),
        (
            "No randomised trial with means is among the published figures; the one randomised "
            "trial found no difference."
        ),
        (
            "By its abstract, Tajiri 2005 saw no benefit in patients with symptoms and a count "
            "below 0.1 × 10⁹/L."
        ),
    )
    return Findings(
        name=question.scope.key("answer"),
        title="For the clinician",
        results=tuple(again.values()),
        layout=Layout(sentences=tuple(map(Sentence, sentences)), cautions=CAUTIONS[:1]),
        is_public=question.cohort.card.is_public,
    )
