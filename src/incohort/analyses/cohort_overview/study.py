"""Who is in a cohort: attrition, Table 1, severity, course, other cytopenias, causes, counts."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.analyses.cohort_overview.graded import aetiology, course, cytopenia, severity
from incohort.analyses.cohort_overview.parameters import OverviewParameters
from incohort.analyses.cohort_overview.question import Question
from incohort.analyses.reporting import reporting
from incohort.analyses.study import Study, part
from incohort.analyses.unrecorded import unrecorded
from incohort.params.shared import GroupBy
from incohort.results import Findings, Layout, Sentence
from incohort.shapes import vocabulary
from incohort.shapes.answering import key_results
from incohort.shapes.characteristics_table import characteristics
from incohort.shapes.flow import flow
from incohort.shapes.groups import labels_of, side_by_side
from incohort.shapes.histogram import histogram
from incohort.shapes.telling import telling


def attrition(question: Question) -> Findings:
    """The steps from everybody in the cohort to those described, with who was left out."""
    draft, population = telling(question.scope, "patients.patient_id"), question.population
    return flow(
        draft,
        population.steps,
        caption="From everybody in the cohort to those with a low count",
        alt="From {} patients in the cohort, {} have a count below the limit.",
        key_sentence=(
            "Of {} patients in the cohort, {} of those selected have a count below the limit; "
            f"this report describes {population.label}."
        ),
        note=f"The other parts of this report describe {population.label}.",
        grading_sources=population.grading_sources,
    )


def counts(question: Question) -> Findings:
    """How the neutrophil counts are distributed."""
    draft, members = telling(question.scope, "labs.ANC"), question.everybody
    unit = vocabulary.analyte_unit("ANC")
    keys = draft.quartiles_in("anc", "Neutrophil count", "anc", members, unit=unit)
    sentence = Sentence(
        "The median neutrophil count (interquartile range) was "
        f"{{{'|'.join(keys)}:median_iqr}} × 10⁹/L.",
        is_key=True,
    )
    figures = histogram(draft, members.known("severity"), quartiles=keys)
    layout = Layout(sentences=(sentence,), figures=figures)
    return draft.findings("anc", "Neutrophil counts", layout)


def answer(question: Question, parts: Sequence[Findings]) -> Findings:
    """Who is here, how deep and how long the neutropenia is, and whether it comes alone."""
    return key_results(telling(question.scope), parts)


_TOLD_AGAIN = (attrition, severity, course, cytopenia, aetiology, counts)


class CohortOverview(Study[OverviewParameters]):
    """The questions that come before all others, asked of one cohort."""

    parameters = OverviewParameters
    question = Question

    attrition = part(attrition)
    severity = part(severity)
    course = part(course)
    cytopenia = part(cytopenia)
    aetiology = part(aetiology)
    counts = part(counts)
    unrecorded = part(unrecorded)
    reporting = part(reporting)
    answer = part(answer, after=_TOLD_AGAIN)

    def characteristics(
        self, group_by: GroupBy | None = None, *, show_p_values: bool | None = None
    ) -> Findings:
        """Table 1: characteristics of the patients described, overall and by group.

        Args:
            group_by: The property that makes the groups, or `none`; as the parameter says where
                not given.
            show_p_values: Whether to test each characteristic; likewise.
        """
        asked = self.asked.but(group_by=group_by, show_p_values=show_p_values)
        question, by = self._question, asked.group_by
        labels, lists_all = labels_of(by, question.grades), question.scope.lists_all
        groups = side_by_side(question.everybody, by, labels, lists_all=lists_all)
        draft = telling(question.scope)
        return characteristics(draft, "table_one", groups, by, has_tests=asked.show_p_values)
