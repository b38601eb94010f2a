"""A few sentences for the clinician, made from the results, and what they can't say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from incohort.analyses.anc_recovery.covariates import COVARIATES, Known
from incohort.analyses.anc_recovery.duration import DURATION, of_the_lost
from incohort.analyses.anc_recovery.duration import sentences as of_duration
from incohort.analyses.anc_recovery.intervals import MEDIANS
from incohort.analyses.anc_recovery.intervals import sentences as of_intervals
from incohort.analyses.anc_recovery.question import Question
from incohort.results import Estimate, Findings, Layout, Result, Sentence, clauses
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


_SHORT = {name: f"duration/{name}" for name in DURATION}


def answer(question: Question, parts: Sequence[Findings]) -> Findings:
    """The answers in sentences.

    Args:
        question: What was asked.
        parts: What the other parts of the report found.
    """
    days, told = question.design.horizon_days, telling(question.scope)
    tails = (
        _TOLD
        | DURATION
        | MEDIANS
        | {
            "recovered": f"incidence/all/recovered/by_day_{days}/proportion",
            "died": f"incidence/all/died/by_day_{days}/proportion",
        }
        | {name: f"models/cox/{name}/hazard_ratio" for name in Known(question).names}
    )
    key = {
        name: told.again(f"answer/{_SHORT.get(name, name)}", question.scope.key(tail), parts)
        for name, tail in tails.items()
    }
    layout = Layout(sentences=_sentences(question, told.results, key), cautions=_CAUTIONS)
    return told.findings("answer", "For the clinician", layout)


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


def _sentences(
    question: Question, results: Mapping[str, Result], key: Mapping[str, str]
) -> tuple[Sentence, ...]:
    days, is_told, has_died = question.design.horizon_days, question.is_told, question.has_died
    estimated, how = of_the_lost(question, question.times)
    deaths = (key["deaths/n"],)  # whether anybody died must be there to be told
    names = Known(question).names
    ratios = clauses(*(f"{COVARIATES[name].label}: {{{key[name]}:estimate_ci}}" for name in names))
    return (
        *of_duration(question, key.__getitem__),
        Sentence(
            f"By day {days}, {estimated}{{{key['recovered']}:percent_ci}} of all had recovered and "
            f"{{{key['died']}:percent_ci}} had died before recovery{how}.",
            holds=is_told,
        ),
        Sentence(
            f"If nobody had died, half would have recovered after {{{key['median']}:estimate_ci}} "
            "days by the first counts that show it.",
            needs=deaths,
            holds=is_told and has_died,
        ),
        *of_intervals(question, key.__getitem__),
        Sentence(
            f"Hazard ratios of recovery, below 1 where it comes later: {ratios}. An interval "
            "that holds 1 is compatible with no difference.",
            holds=is_told,
        ),
        *(
            replace(one, holds=one.holds and is_told)
            for one in _of_gcsf(key, results[key["daily"]])
        ),
        *(
            Sentence(
                f"Over all choices of threshold, confirmation, time zero and method, {median} ran "
                f"from {{{key['median_lowest']}:estimate}} to {{{key['median_highest']}:estimate}} "
                "days.",
                needs=deaths,
                holds=is_told and holds,
            )
            for median, holds in (
                ("the median if nobody had died", has_died),
                ("the median time to recovery", not has_died),
            )
        ),
        Sentence(
            "Over the same choices the unadjusted hazard ratio with G-CSF ran from "
            f"{{{key['ratio_lowest']}:estimate}} to {{{key['ratio_highest']}:estimate}}.",
            holds=is_told,
        ),
        *(
            Sentence(
                "Had only those been taken who meet the criteria of drug-induced neutropenia, the "
                f"mean of the first {days} days without recovery{condition} would be "
                f"{{{key['met']}:estimate}} days instead of {{{key['everybody']}:estimate}}: the "
                "criteria ask for an onset near the drug and for recovery.",
                needs=deaths,
                holds=is_told and holds,
            )
            for condition, holds in ((", if nobody had died,", has_died), ("", not has_died))
        ),
    )


def _of_gcsf(key: Mapping[str, str], daily: Result) -> tuple[Sentence, ...]:
    """The effect by the methods that can be believed, the misleading one, and its strength."""
    holds_one = _holds_one(daily)
    return (
        Sentence(
            "The hazard of recovery with G-CSF was "
            + clauses(
                f"{{{key['daily']}:estimate_ci}} times that without, followed day by day and "
                "adjusted for what was known then",
                f"{{{key['weighted']}:estimate_ci}} times, weighted for what came after time zero",
            )
            + "."
        ),
        Sentence(
            "Counting whoever was ever given it as treated from the start would have said "
            f"{{{key['ever_never']}:estimate_ci}} times: the days until the first dose had to be "
            "survived without recovery."
        ),
        Sentence(
            f"A confounder would need a risk ratio of {{{key['e_value']}:estimate}} with both "
            "G-CSF and recovery to explain the adjusted estimate away.",
            needs=(key["daily"],),
            holds=holds_one is False,
        ),
        Sentence(
            "The interval of the adjusted estimate holds 1, so the data are compatible with G-CSF "
            "having no effect on recovery.",
            needs=(key["daily"],),
            holds=holds_one is True,
        ),
    )


def _holds_one(result: Result) -> bool | None:
    """Whether a ratio's interval holds no effect; None without one."""
    if not isinstance(result, Estimate) or result.ci_low is None or result.ci_high is None:
        return None
    return result.ci_low <= 1 <= result.ci_high
