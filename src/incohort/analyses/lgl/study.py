"""Who has LGL leukaemia by which rule, whether tests for a clone agree, and who responds."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.analyses.lgl.agreement import agreement
from incohort.analyses.lgl.classes import classes
from incohort.analyses.lgl.counts import counts
from incohort.analyses.lgl.ever import ever_responded
from incohort.analyses.lgl.mutations import mutations
from incohort.analyses.lgl.parameters import LglParameters
from incohort.analyses.lgl.question import Question
from incohort.analyses.lgl.responses import responses
from incohort.analyses.lgl.rules import rules
from incohort.analyses.reporting import reporting
from incohort.analyses.study import Study, part
from incohort.analyses.unrecorded import unrecorded
from incohort.results import Findings
from incohort.shapes.answering import key_results
from incohort.shapes.telling import telling

_TOLD_AGAIN = (classes, rules, agreement, responses, ever_responded, mutations)


def answer(question: Question, parts: Sequence[Findings]) -> Findings:
    """Who has LGL leukaemia by the rule, which courses had a response, and whether tests agree."""
    return key_results(telling(question.scope), parts)


class Lgl(Study[LglParameters]):
    """Who with large granular lymphocytes has a leukaemia, and do the tests for a clone agree?

    Source: tests/spec/test_lgl.py.
    """

    parameters = LglParameters
    question = Question

    classes = part(classes)
    rules = part(rules)
    counts = part(counts)
    agreement = part(agreement)
    mutations = part(mutations)
    responses = part(responses)
    ever_responded = part(ever_responded)
    unrecorded = part(unrecorded)
    reporting = part(reporting)
    answer = part(answer, after=_TOLD_AGAIN)
