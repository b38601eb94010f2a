"""How often a checkpoint inhibitor causes neutropenia that nothing else explains, and what then."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.analyses.checkpoint.bounds import bounds
from incohort.analyses.checkpoint.incidence import incidence
from incohort.analyses.checkpoint.outcome import recovery
from incohort.analyses.checkpoint.parameters import CheckpointParameters
from incohort.analyses.checkpoint.question import Question
from incohort.analyses.checkpoint.who import attribution, who
from incohort.analyses.reporting import reporting
from incohort.analyses.study import Study, part
from incohort.analyses.unrecorded import unrecorded
from incohort.results import Findings
from incohort.shapes.answering import key_results
from incohort.shapes.telling import telling

_TOLD_AGAIN = (attribution, incidence, recovery, bounds)


def answer(question: Question, parts: Sequence[Findings]) -> Findings:
    """How often it is immune-related, who recovers, and what the published numbers leave open."""
    return key_results(telling(question.scope), parts)


class Checkpoint(Study[CheckpointParameters]):
    """What explains neutropenia under a checkpoint inhibitor, and who recovers before dying?

    Source: tests/spec/test_checkpoint_study.py.
    """

    parameters = CheckpointParameters
    question = Question

    who = part(who)
    attribution = part(attribution)
    incidence = part(incidence)
    recovery = part(recovery)
    bounds = part(bounds)
    unrecorded = part(unrecorded)
    reporting = part(reporting)
    answer = part(answer, after=_TOLD_AGAIN)
