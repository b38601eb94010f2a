"""Thyroid disease and anti-neutrophil antibodies: the study of Kyritsi 2015, for any cohort."""

from __future__ import annotations

from functools import cached_property

from incohort.analyses.study import Study
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
from incohort.dictionary import study
from incohort.results import Findings, Layout


class ThyroidAntibodies(Study[ThyroidParameters]):
    """The questions of the thyroid study, asked of one cohort.

    Source: Kyritsi et al., Medicine 2015;94(23):e886; tests/spec/test_kyritsi2015.py.
    """

    parameters = ThyroidParameters

    @cached_property
    def _question(self) -> Question:
        return Question(self._cohort, self.asked)

    def frequency(self) -> Findings:
        """How many patients have thyroid disease, and each other cause."""
        return frequency(self._question)

    def selection(self) -> Findings:
        """Who of those with thyroid disease was tested, and how the others differ."""
        return selection(self._question)

    def by_subtype(self) -> Findings:
        """The share of antibody-positive patients in each subtype of thyroid disease."""
        return by_subtype(self._question)

    def exact_tests(self) -> Findings:
        """Whether positivity differs between subtypes."""
        return exact_tests(self._question)

    def assays(self) -> Findings:
        """What each assay found in the same patients, and how far the assays overlap."""
        return assays(self._question)

    def autoantibodies(self) -> Findings:
        """Thyroid antibodies in patients with and without anti-PMN antibodies."""
        return autoantibodies(self._question)

    def correlations(self) -> Findings:
        """The printed correlations: as they stand, as they can only be meant, and ours."""
        return correlations(self._question)

    def infections(self) -> Findings:
        """Recurrent infections in thyroid disease and in all other causes."""
        return infections(self._question)

    def model(self) -> Findings:
        """A logistic model of recurrent infections or of anti-PMN antibodies."""
        return model(self._question)

    def limits(self) -> Findings:
        """What the study did not print, and what therefore can't be known from it."""
        published = study(STUDY)
        cautions = tuple(f"{item.what}: {item.consequence}" for item in published.not_published)
        return Findings(
            name=f"{PREFIX}/limits",
            title="What the study does not say",
            results=(),
            layout=Layout(cautions=cautions),
            is_public=True,
        )
