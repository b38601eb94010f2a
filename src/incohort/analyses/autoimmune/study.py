"""Neutropenia in autoimmune disease: how often, by what, and what follows, for any cohort."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.analyses.autoimmune.associations import associations
from incohort.analyses.autoimmune.definitions import causes, felty
from incohort.analyses.autoimmune.frequency import cautions, frequency
from incohort.analyses.autoimmune.infections import infections
from incohort.analyses.autoimmune.parameters import AutoimmuneParameters
from incohort.analyses.autoimmune.question import Question
from incohort.analyses.autoimmune.units import units
from incohort.analyses.reporting import reporting
from incohort.analyses.study import Study, part
from incohort.analyses.unrecorded import unrecorded
from incohort.results import Findings
from incohort.shapes.answering import key_results
from incohort.shapes.telling import telling


def answer(question: Question, parts: Sequence[Findings]) -> Findings:
    """How often the count is low in autoimmune disease, by what, and what follows."""
    return key_results(telling(question.scope), parts, cautions(question))


_TOLD_AGAIN = (frequency, units, causes, associations, infections, felty)


class AutoimmuneDisease(Study[AutoimmuneParameters]):
    """In autoimmune disease, how often is the count low, is it a drug, a clone or the disease?

    And do infections follow, and how much do the limit and the unit change the answer?

    Source: tests/spec/test_autoimmune_study.py.
    """

    parameters = AutoimmuneParameters
    question = Question

    frequency = part(frequency)
    units = part(units)
    causes = part(causes)
    associations = part(associations)
    infections = part(infections)
    felty = part(felty)
    unrecorded = part(unrecorded)
    reporting = part(reporting)
    answer = part(answer, after=_TOLD_AGAIN)
