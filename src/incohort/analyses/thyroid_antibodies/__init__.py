"""Thyroid disease and anti-neutrophil antibodies: the study of Kyritsi 2015, for any cohort."""

from __future__ import annotations

from incohort.analyses.population import Selection
from incohort.analyses.thyroid_antibodies.antibodies import by_subtype, exact_tests
from incohort.analyses.thyroid_antibodies.assays import assays
from incohort.analyses.thyroid_antibodies.correlations import correlations
from incohort.analyses.thyroid_antibodies.frequency import frequency, selection
from incohort.analyses.thyroid_antibodies.infections import infections
from incohort.analyses.thyroid_antibodies.model import Outcome, model
from incohort.analyses.thyroid_antibodies.printed import PREFIX, STUDY
from incohort.analyses.thyroid_antibodies.question import (
    Design,
    Question,
    ThyroidBy,
    names_in,
)
from incohort.analyses.thyroid_antibodies.titres import autoantibodies
from incohort.cohort import Choices, Cohort
from incohort.dictionary import study
from incohort.results import Findings, Layout
from incohort.stats.proportions import ProportionMethod

__all__ = ["Design", "ThyroidAntibodies", "ThyroidBy"]


class ThyroidAntibodies:
    """The questions of the thyroid study, asked of one cohort.

    Args:
        cohort: From `open_cohort`.
        choices: Clinical alternatives; the dictionary's defaults where not given.
        selection: Who is described; everybody where not given.
        design: What the study's own terms mean here.
        conf_level: Of every interval, in (0, 1).
        interval: Method of every proportion's interval.

    Raises:
        UsageError: An assay or a subtype is not in the dictionary.

    Source: Kyritsi et al., Medicine 2015;94(23):e886; tests/spec/test_kyritsi2015.py.
    """

    def __init__(
        self,
        cohort: Cohort,
        choices: Choices | None = None,
        selection: Selection | None = None,
        design: Design | None = None,
        *,
        conf_level: float = 0.95,
        interval: ProportionMethod = "wilson",
    ) -> None:
        """Keep the question; rows are read when the first answer is asked for."""
        self._question = Question(
            cohort,
            choices or Choices(),
            selection or Selection(),
            design or Design(),
            conf_level,
            interval,
        )

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

    def model(
        self,
        outcome: Outcome = "recurrent_infections",
        covariates: str = "thyroid_disease, age, female, anc",
    ) -> Findings:
        """A logistic model of recurrent infections or of anti-PMN antibodies."""
        return model(self._question, outcome, names_in(covariates))

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
