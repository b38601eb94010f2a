"""Thyroid disease and anti-neutrophil antibodies: the study of Kyritsi 2015, for any cohort."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.analyses.reporting import reporting
from incohort.analyses.study import Study, part
from incohort.analyses.thyroid_antibodies.antibodies import by_subtype, exact_tests
from incohort.analyses.thyroid_antibodies.assays import assays
from incohort.analyses.thyroid_antibodies.correlations import correlations
from incohort.analyses.thyroid_antibodies.frequency import frequency, selection
from incohort.analyses.thyroid_antibodies.infections import infections
from incohort.analyses.thyroid_antibodies.model import model
from incohort.analyses.thyroid_antibodies.parameters import ThyroidParameters
from incohort.analyses.thyroid_antibodies.printed import PREFIX, STUDY
from incohort.analyses.thyroid_antibodies.question import Question
from incohort.analyses.thyroid_antibodies.titres import autoantibodies
from incohort.analyses.unrecorded import unrecorded
from incohort.dictionary import study
from incohort.results import Findings, Layout
from incohort.shapes.answering import key_results
from incohort.shapes.telling import telling


def answer(question: Question, parts: Sequence[Findings]) -> Findings:
    """How often thyroid disease and antibodies are found, and infections with them."""
    frequency, selection, by_subtype, *others = parts
    return key_results(telling(question.scope), (by_subtype, *others, frequency, selection))


_TOLD_AGAIN = (frequency, selection, by_subtype, autoantibodies, infections)


class ThyroidAntibodies(Study[ThyroidParameters]):
    """The questions of the thyroid study, asked of one cohort.

    Source: Kyritsi et al., Medicine 2015;94(23):e886; tests/spec/test_kyritsi2015.py.
    """

    parameters = ThyroidParameters
    question = Question

    frequency = part(frequency)
    selection = part(selection)
    by_subtype = part(by_subtype)
    exact_tests = part(exact_tests)
    assays = part(assays)
    autoantibodies = part(autoantibodies)
    correlations = part(correlations)
    infections = part(infections)
    model = part(model)
    unrecorded = part(unrecorded)
    reporting = part(reporting)
    answer = part(answer, after=_TOLD_AGAIN)

    def limits(self) -> Findings:
        """What the study did not print, and what therefore can't be known from it."""
        published = study(STUDY)
        cautions = tuple(f"{item.what}: {item.consequence}" for item in published.not_published)
        return Findings(
            name=f"{PREFIX}/limits",
            title="What the study does not say",
            results=(),
            layout=Layout(cautions=cautions),
            is_public=self._cohort.card.is_public,
        )
