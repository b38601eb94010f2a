"""The share that would respond to a first drug if all had been given it, as far as that is told."""

from __future__ import annotations

from incohort.analyses.lgl.question import DRUGS, Question
from incohort.results import Measure, Table
from incohort.shapes import tabular
from incohort.shapes.people import grades
from incohort.shapes.recorded import no_table
from incohort.shapes.sets import YES
from incohort.shapes.tabular import cell, row
from incohort.shapes.telling import Draft
from incohort.stats import Interval, NoEstimate
from incohort.stats.standardised import standardised_share

_NOTE = (
    "The shares among those whose neutropenia is {limit} and among the others, weighed as all "
    "first courses are. That is what a drug would do in all of them only if nothing else led to "
    "its choice that bears on the response, which no record can show."
)


def if_all_were_given(question: Question, draft: Draft) -> Table:
    """Each drug's share of responses with the severity of all first courses."""
    rows = []
    for name in question.drugs:
        key = _share(question, draft, name)
        rows.append(row(DRUGS[name], cell("percent_ci", key)))
    deepest = question.severity_labels[_deepest(question)]
    return tabular.table(
        draft.scope, "response/standardised",
        "Responses to a first course, weighed by the severity of all", "Drug",
        (f"Response, % ({draft.scope.level} CI)",), rows,
        _NOTE.format(limit=deepest[:1].lower() + deepest[1:]),
    )  # fmt: skip


def _deepest(question: Question) -> str:
    """The deepest grade, in which a drug may be chosen that is not chosen in the others."""
    return grades(question.choices)[-1]


def _share(question: Question, draft: Draft, drug: str) -> str:
    axis, deepest = question.severity_of_courses, _deepest(question)
    first = question.courses.where("is_first", YES).known("has_response").known(axis)
    frame = first.frame
    is_severe = first.where(axis, deepest).mask[first.mask].to_numpy()
    is_event = first.where("has_response", YES).mask[first.mask].to_numpy()
    answer: Interval | NoEstimate = NoEstimate(
        no_table(question.cohort, "labs") or "of no first course response and severity are known"
    )
    if len(frame):
        answer = standardised_share(
            is_event, frame["drug"].eq(drug).to_numpy(), is_severe,
            conf_level=draft.scope.conf_level,
        )  # fmt: skip
        if isinstance(answer, NoEstimate):
            answer = NoEstimate("of one of the two severities nobody was given it first")
    of_drug = first.where("drug", drug)
    strata = [first.where(axis, deepest), first.outside(axis, deepest)]
    sets = [
        part
        for whole in (of_drug.where(axis, deepest), of_drug.outside(axis, deepest))
        for part in (whole, whole.where("has_response", YES))
    ]  # fmt: skip
    return draft.statistic_in(
        f"response/standardised/{drug}/proportion",
        f"{DRUGS[drug]} first: response, by the severity of all", Measure.PROPORTION, answer,
        [*sets, *strata], of=first,
    )  # fmt: skip
