"""A few sentences for the clinician, made from the results, and what they can't say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incohort.analyses.anc_recovery.covariates import COVARIATES, Known
from incohort.analyses.anc_recovery.duration import DURATION, LATE, of_the_lost
from incohort.analyses.anc_recovery.duration import sentences as of_duration
from incohort.analyses.anc_recovery.intervals import MEDIANS
from incohort.analyses.anc_recovery.intervals import sentences as of_intervals
from incohort.analyses.anc_recovery.question import Question
from incohort.results import Estimate, Findings, Layout, Result, Sentence, clauses
from incohort.shapes.answering import TITLE
from incohort.shapes.sentences import sentence
from incohort.shapes.telling import telling

_TOLD = {
    "daily": "gcsf/daily/hazard_ratio",
    "weighted": "gcsf/weighted_given/hazard_ratio",
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
_Keys = Mapping[str, str]  # of the numbers, by name


def answer(question: Question, parts: Sequence[Findings]) -> Findings:
    """The answers in sentences.

    Args:
        question: What was asked.
        parts: What the other parts of the report found.
    """
    days, draft = question.design.horizon_days, telling(question.scope)
    by_day = {name: f"incidence/all/{name}/by_day_{days}/proportion" for name in _ENDS}
    ratios = {name: f"models/cox/{name}/hazard_ratio" for name in Known(question).names}
    keys = {
        name: draft.again(
            f"answer/{'duration/' if name in DURATION else ''}{name}",
            question.scope.key(tail), parts,
        )
        for name, tail in (_TOLD | DURATION | MEDIANS | by_day | ratios).items()
    }  # fmt: skip
    ranges, *_ = of_intervals(question, keys)
    durations = (
        sentence for place, sentence in enumerate(of_duration(question, keys)) if place != LATE
    )
    sentences = (
        *durations,
        _of_shares(question, keys),
        ranges,
        _of_models(question, keys),
        _of_gcsf(question, keys, draft.results[keys["daily"]]),
    )
    return draft.findings("answer", TITLE, Layout(sentences=sentences, cautions=_CAUTIONS))


def _of_shares(question: Question, keys: _Keys) -> Sentence:
    """How many recover, and how many die first."""
    estimated, how = of_the_lost(question, question.times)
    return sentence(
        f"By day {question.design.horizon_days}, {estimated}{{recovered:percent_ci}} of all "
        f"had recovered and {{died:percent_ci}} had died before recovery{how}.",
        keys,
        holds=question.is_told,
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


def _of_gcsf(question: Question, keys: _Keys, daily: Result) -> Sentence:
    """The effect by the methods that can be believed, and what its interval says."""
    ratios = clauses(
        "{daily:estimate_ci} times that without, followed day by day and adjusted for what was "
        "known then",
        "{weighted:estimate_ci} times, weighted for what came after time zero",
    )
    no_effect = (
        " The interval of the adjusted estimate holds 1, so the data are compatible with G-CSF "
        "having no effect on recovery."
    )
    return sentence(
        f"The hazard of recovery with G-CSF was {ratios}.{no_effect if _holds_one(daily) else ''}",
        keys,
        holds=question.is_told,
    )


def _holds_one(result: Result) -> bool | None:
    """Whether a ratio's interval holds no effect; None without one."""
    if not isinstance(result, Estimate) or result.ci_low is None or result.ci_high is None:
        return None
    return result.ci_low <= 1 <= result.ci_high
