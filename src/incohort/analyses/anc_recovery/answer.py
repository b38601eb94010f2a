"""A few sentences for the clinician, made from the results, and what they can't say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from incohort.analyses.anc_recovery.covariates import COVARIATES, Known
from incohort.analyses.anc_recovery.duration import DURATION, of_the_lost
from incohort.analyses.anc_recovery.duration import sentences as of_duration
from incohort.analyses.anc_recovery.intervals import MEDIANS
from incohort.analyses.anc_recovery.intervals import sentences as of_intervals
from incohort.analyses.anc_recovery.question import Question
from incohort.results import Estimate, Findings, Layout, Result, Sentence, clauses
from incohort.shapes.sentences import sentence
from incohort.shapes.telling import telling

_TOLD = {
    "median": "km/all/median",
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
_CAUTIONS = (
    (
        "This is a cohort, not a trial: who was given G-CSF was decided at the bedside, for "
        "reasons that the data hold only in part."
    ),
    (
        "A recovery is seen at the next count. Who is counted weekly recovers late on paper, so "
        "that groups whose counts are not as frequent seem to differ where they do not."
    ),
)
_ENDS = ("recovered", "died")
_DEATHS = ("deaths/n",)  # whether anybody died must be there to be told
_Keys = Mapping[str, str]  # of the numbers, by name


def answer(question: Question, parts: Sequence[Findings]) -> Findings:
    """The answers in sentences.

    Args:
        question: What was asked.
        parts: What the other parts of the report found.
    """
    days, told = question.design.horizon_days, telling(question.scope)
    by_day = {name: f"incidence/all/{name}/by_day_{days}/proportion" for name in _ENDS}
    ratios = {name: f"models/cox/{name}/hazard_ratio" for name in Known(question).names}
    keys = {
        name: told.again(
            f"answer/{'duration/' if name in DURATION else ''}{name}",
            question.scope.key(tail), parts,
        )
        for name, tail in (_TOLD | DURATION | MEDIANS | by_day | ratios).items()
    }  # fmt: skip
    sentences = (
        *of_duration(question, keys),
        *_of_shares(question, keys),
        *of_intervals(question, keys),
        _of_models(question, keys),
        *_of_gcsf(question, keys, told.results[keys["daily"]]),
        *_of_choices(question, keys),
    )
    layout = Layout(sentences=sentences, cautions=_CAUTIONS)
    return told.findings("answer", "For the clinician", layout)


def _of_shares(question: Question, keys: _Keys) -> tuple[Sentence, ...]:
    """How many recover, and when half would have if nobody had died."""
    say = partial(sentence, keys=keys)
    estimated, how = of_the_lost(question, question.times)
    return (
        say(
            f"By day {question.design.horizon_days}, {estimated}{{recovered:percent_ci}} of all "
            f"had recovered and {{died:percent_ci}} had died before recovery{how}.",
            holds=question.is_told,
        ),
        say(
            "If nobody had died, half would have recovered after {median:estimate_ci} days by the "
            "first counts that show it.",
            needs=_DEATHS,
            holds=question.is_told and question.has_died,
        ),
    )


def _of_models(question: Question, keys: _Keys) -> Sentence:
    """What delays recovery."""
    names = Known(question).names
    ratios = clauses(*(f"{COVARIATES[name].label}: {{{name}:estimate_ci}}" for name in names))
    return sentence(
        f"Hazard ratios of recovery, below 1 where it comes later: {ratios}. An interval that "
        "holds 1 is compatible with no difference.",
        keys,
        holds=question.is_told,
    )


def _of_gcsf(question: Question, keys: _Keys, daily: Result) -> tuple[Sentence, ...]:
    """The effect by the methods that can be believed, the misleading one, and its strength."""
    say = partial(sentence, keys=keys, holds=question.is_told)
    ratios = clauses(
        "{daily:estimate_ci} times that without, followed day by day and adjusted for what was "
        "known then",
        "{weighted:estimate_ci} times, weighted for what came after time zero",
    )
    holds_one = _holds_one(daily)
    return (
        say(f"The hazard of recovery with G-CSF was {ratios}."),
        say(
            "Counting whoever was ever given it as treated from the start would have said "
            "{ever_never:estimate_ci} times: the days until the first dose had to be survived "
            "without recovery."
        ),
        say(
            "A confounder would need a risk ratio of {e_value:estimate} with both G-CSF and "
            "recovery to explain the adjusted estimate away.",
            needs=("daily",),
            holds=question.is_told and holds_one is False,
        ),
        say(
            "The interval of the adjusted estimate holds 1, so the data are compatible with G-CSF "
            "having no effect on recovery.",
            needs=("daily",),
            holds=question.is_told and holds_one is True,
        ),
    )


def _holds_one(result: Result) -> bool | None:
    """Whether a ratio's interval holds no effect; None without one."""
    if not isinstance(result, Estimate) or result.ci_low is None or result.ci_high is None:
        return None
    return result.ci_low <= 1 <= result.ci_high


def _of_choices(question: Question, keys: _Keys) -> tuple[Sentence, ...]:
    """How far the choices move the answers, and what asking for the criteria does."""
    say = partial(sentence, keys=keys, holds=question.is_told)
    days, has_died = question.design.horizon_days, question.has_died
    median = "the median if nobody had died" if has_died else "the median time to recovery"
    condition = ", if nobody had died," if has_died else ""
    return (
        say(
            f"Over all choices of threshold, confirmation, time zero and method, {median} ran from "
            "{median_lowest:estimate} to {median_highest:estimate} days.",
            needs=_DEATHS,
        ),
        say(
            "Over the same choices the unadjusted hazard ratio with G-CSF ran from "
            "{ratio_lowest:estimate} to {ratio_highest:estimate}."
        ),
        say(
            "Had only those been taken who meet the criteria of drug-induced neutropenia, the "
            f"mean of the first {days} days without recovery{condition} would be {{met:estimate}} "
            "days instead of {everybody:estimate}: the criteria ask for an onset near the drug and "
            "for recovery.",
            needs=_DEATHS,
        ),
    )
