"""Late-onset neutropenia after a biologic: how many, when, for how long, and again."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.analyses.late_onset.definitions import definitions
from incohort.analyses.late_onset.incidence import incidence
from incohort.analyses.late_onset.infections import infections
from incohort.analyses.late_onset.on_treatment import on_treatment
from incohort.analyses.late_onset.parameters import LateOnsetParameters
from incohort.analyses.late_onset.question import Question
from incohort.analyses.late_onset.spans import episodes, recurrence
from incohort.analyses.late_onset.who import who
from incohort.analyses.reporting import reporting
from incohort.analyses.study import Study, part
from incohort.analyses.unrecorded import unrecorded
from incohort.results import Findings
from incohort.shapes.answering import key_results
from incohort.shapes.telling import telling


def answer(question: Question, parts: Sequence[Findings]) -> Findings:
    """How many had late-onset neutropenia, and how much of that is the definition."""
    return key_results(telling(question.scope), parts)


_TOLD_AGAIN = (definitions, incidence, who, episodes, recurrence, on_treatment)


class LateOnset(Study[LateOnsetParameters]):
    """How often does neutropenia come late after a biologic, and how much is the definition?

    After a drug that is given in doses months apart: who becomes neutropenic, how long after the
    last dose, and for how long.
    """

    parameters = LateOnsetParameters
    question = Question

    answer = part(answer, after=_TOLD_AGAIN)
    who = part(who)
    definitions = part(definitions)
    incidence = part(incidence)
    episodes = part(episodes)
    recurrence = part(recurrence)
    on_treatment = part(on_treatment)
    infections = part(infections)
    unrecorded = part(unrecorded)
    reporting = part(reporting)
