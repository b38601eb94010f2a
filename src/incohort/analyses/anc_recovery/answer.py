"""A few sentences for the clinician, made from the results, and what they can't say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from incohort.analyses.anc_recovery.covariates import COVARIATES, Known
from incohort.analyses.anc_recovery.question import Question
from incohort.results import Estimate, Findings, Layout, NotEstimable, Result, Sentence, clauses

_TOLD = {
    "median": "km/all/median",
    "soonest": "intervals/npmle/median_low",
    "latest": "intervals/npmle/median_high",
    "ever_never": "gcsf/ever_never/hazard_ratio",
    "daily": "gcsf/daily/hazard_ratio",
    "weighted": "gcsf/weighted_given/hazard_ratio",
    "e_value": "gcsf/daily/e_value/estimate",
    "median_lowest": "multiverse/median/all/lowest",
    "median_highest": "multiverse/median/all/highest",
    "ratio_lowest": "multiverse/hazard_ratio/all/lowest",
    "ratio_highest": "multiverse/hazard_ratio/all/highest",
    "met": "criteria_effect/met/rmst",
    "everybody": "criteria_effect/everybody/rmst",
}


def answer(question: Question, results: Mapping[str, Result]) -> Findings:
    """The answers in sentences.

    Args:
        question: What was asked.
        results: What the other parts of the report found, under their keys.
    """
    days = question.design.horizon_days
    told = _TOLD | {
        "recovered": f"incidence/all/recovered/by_day_{days}/proportion",
        "died": f"incidence/all/died/by_day_{days}/proportion",
    }
    names = Known(question).names
    told |= {name: f"models/cox/{name}/hazard_ratio" for name in names}
    again = {
        name: _again(question, f"answer/{name}", results[question.scope.key(tail)])
        for name, tail in told.items()
    }
    key = {name: result.key for name, result in again.items()}
    layout = Layout(
        sentences=tuple(map(Sentence, _sentences(question, key, names))),
        cautions=_CAUTIONS,
    )
    return Findings(
        name=question.scope.key("answer"),
        title="For the clinician",
        results=tuple(again.values()),
        layout=layout,
        is_public=question.cohort.card.is_public,
    )


_CAUTIONS = (
    (
        "This is a cohort, not a trial: who was given G-CSF was decided at the bedside, for "
        "reasons that the data hold only in part."
    ),
    (
        "A recovery is seen at the next count. Who is counted weekly recovers late on paper; "
        "compare groups only where counts are as frequent, or by the interval-censored methods."
    ),
    (
        "Nothing that was learnt later (the nadir of the whole episode, ever having had G-CSF, "
        "recovery within a month) may decide who is compared with whom at the start."
    ),
)


def _again(question: Question, tail: str, result: Result) -> Result:
    """A result of another part, told once more; what is withheld there is withheld here."""
    key = question.scope.key(tail)
    if isinstance(result, Estimate):
        return replace(result, key=key, rests_on=(result.key,))
    if isinstance(result, NotEstimable):
        return replace(result, key=key)
    msg = f"{result.key!r} is no number"
    raise TypeError(msg)


def _sentences(question: Question, key: Mapping[str, str], names: tuple[str, ...]) -> list[str]:
    days = question.design.horizon_days
    found = [
        (
            f"From {question.zero_label}, half had recovered to {question.threshold} after "
            f"{{{key['median']}:estimate_ci}} days, as far as the counts tell between day "
            f"{{{key['soonest']}:estimate}} and day {{{key['latest']}:estimate}}."
        ),
        (
            f"By day {days}, {{{key['recovered']}:percent_ci}} had recovered and "
            f"{{{key['died']}:percent_ci}} had died before."
        ),
    ]
    if names:
        ratios = clauses(
            *(f"{COVARIATES[name].label}: {{{key[name]}:estimate_ci}}" for name in names)
        )
        found.append(
            f"Hazard ratios of recovery, below 1 where it comes later: {ratios}. An interval "
            "that holds 1 is compatible with no difference."
        )
    return [
        *found,
        (
            "With G-CSF, followed day by day and adjusted for what was known then, the hazard of "
            f"recovery was {{{key['daily']}:estimate_ci}} times that without; weighted, "
            f"{{{key['weighted']}:estimate_ci}}. Counting whoever was ever given it as treated "
            f"from the start would have said {{{key['ever_never']}:estimate_ci}}. A confounder "
            f"would need a risk ratio of {{{key['e_value']}:estimate}} with both to explain the "
            "adjusted estimate away."
        ),
        (
            "Over all choices of threshold, confirmation, time zero and method the median ran "
            f"from {{{key['median_lowest']}:estimate}} to {{{key['median_highest']}:estimate}} "
            f"days, and the unadjusted effect of G-CSF from {{{key['ratio_lowest']}:estimate}} "
            f"to {{{key['ratio_highest']}:estimate}}."
        ),
        (
            "Had only those been taken who meet the criteria of drug-induced neutropenia, the "
            f"restricted mean would be {{{key['met']}:estimate}} days instead of "
            f"{{{key['everybody']}:estimate}}: the criteria ask for recovery."
        ),
    ]
