"""Who is in a cohort: attrition, Table 1, severity, course, other cytopenias, causes, counts."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from incohort.analyses.cohort_overview.parameters import OverviewParameters
from incohort.analyses.grading import duffy_null_sentences, limits_table
from incohort.analyses.study import Study
from incohort.cohort import Choices, severity_system
from incohort.dictionary import SeveritySystem
from incohort.params.shared import GroupBy
from incohort.results import Findings, Layout, Sentence
from incohort.shapes import recorded, vocabulary
from incohort.shapes.characteristics import described_variables
from incohort.shapes.characteristics_table import TableOne
from incohort.shapes.flow import flow
from incohort.shapes.groups import groups_by, labels_of, overall, sources_of
from incohort.shapes.histogram import histogram
from incohort.shapes.making import Scope
from incohort.shapes.population import Population, Selection, select
from incohort.shapes.sets import Members
from incohort.shapes.shares import Asked, shares
from incohort.shapes.telling import telling

_PREFIX = "cohort_overview"


class CohortOverview(Study[OverviewParameters]):
    """The questions that come before all others, asked of one cohort."""

    parameters = OverviewParameters

    @cached_property
    def _choices(self) -> Choices:
        return self.asked.part(Choices)

    @property
    def _system(self) -> SeveritySystem:
        return severity_system(self._choices)

    @cached_property
    def _population(self) -> Population:
        return select(self._cohort, self._choices, self.asked.part(Selection))

    @property
    def _frame(self) -> pd.DataFrame:
        return self._population.frame

    @cached_property
    def _scope(self) -> Scope:
        return Scope(
            cohort=self._cohort,
            prefix=_PREFIX,
            conf_level=self.asked.conf_level,
            interval=self.asked.interval,
            restricted_by=self._population.restricted_by,
            asked=self.asked.asked,
        )

    def attrition(self) -> Findings:
        """The steps from everybody in the cohort to those described, with who was left out."""
        told = telling(self._scope, "patients.patient_id")
        table, figure = flow(
            told,
            self._population.steps,
            caption="From everybody in the cohort to those with a low count",
            alt="From {} patients in the cohort, {} have a count below the limit.",
            note=f"The other parts of this report describe {self._population.label}.",
            grading_sources=self._population.grading_sources,
        )
        layout = Layout(tables=(table,), figures=(figure,))
        return told.findings("attrition", "Who is here", layout)

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
        by = asked.group_by
        told, members = telling(self._scope), self._population.members
        groups = [overall(members)]
        if by != "none":
            labels = labels_of(by, self._labelled_grades)
            groups += groups_by(members, by, labels, lists_all=self._scope.lists_all)
        table = TableOne(
            told=told,
            name="table_one",
            title="Characteristics",
            groups=groups,
            group_sources=sources_of(by),
            has_tests=asked.show_p_values,
        )
        variables = described_variables(members.frame, lists_all=self._scope.lists_all)
        listed = [v for v in variables if v.column not in (by, f"lab_{by}")]
        layout = Layout(tables=(table.of(listed),))
        return told.findings("table_one", "Characteristics", layout)

    @property
    def _labelled_grades(self) -> dict[str, str]:
        return vocabulary.severity_labels(
            self._choices.severity_system, self._system.upper_limit, self._population.infant_limit
        )

    def severity(self) -> Findings:
        """How many patients fall in each grade, and by whose limit."""
        told = telling(self._scope, *self._population.grading_sources)
        which = {
            "index": "count nearest the index date",
            "nadir": "lowest count",
            "latest": "last count",
        }[self._choices.count_at]
        note = (
            f"By the {which}; shares are of the patients with a count. "
            f"{self._system.label}. {self._system.source}"
        )
        asked = Asked(
            name="severity",
            title="Severity",
            axis="severity",
            labels=self._labelled_grades,
            nobody="nobody described has a neutrophil count",
            reason=self._untold(
                self._frame["severity"].dropna(),
                "",
                "every count is given with < or > so that its grade is open",
            ),
            notes=(note,),
        )
        found = shares(told, asked, self._population.members)
        limits = limits_table(told, self._population, self._choices)
        sentences = duffy_null_sentences(told, self._population)
        layout = Layout(
            sentences=(*self._instead_of(asked), *sentences),
            tables=(*(() if asked.reason else (found.table,)), *limits),
            figures=() if asked.reason else (found.figure,),
        )
        return told.findings("severity", "Severity", layout)

    @property
    def _no_counts(self) -> str:
        """Why no grade can be told of anybody; empty where somebody has a count.

        That a cohort has no such table is no secret; that nobody in a table has a count may be.
        """
        if not self._cohort.has("labs"):
            return "the cohort has no table labs"
        if self._scope.lists_all or self._frame["anc"].notna().any():
            return ""
        return "no patient has a neutrophil count"

    def _untold(self, values: pd.Series, absent: str, otherwise: str) -> str:
        """Why something can be told of nobody described; empty where it can of somebody.

        Of a restricted cohort only what the whole cohort does not record is a reason (`absent`):
        that nobody described happens to be known may be a secret.
        """
        if self._no_counts or not len(values) or not (values == vocabulary.UNKNOWN).all():
            return self._no_counts
        return absent or ("" if self._scope.lists_all else otherwise)

    def course(self) -> Findings:
        """How many neutropenias are acute, chronic, or too briefly observed to tell."""
        chronic = vocabulary.chronic_words(self._choices.chronic)
        note = (
            "Of the first spell of counts below the limit. Chronic: low counts in it lie "
            f"{chronic} apart. Acute: it ended sooner. Otherwise it cannot be told. Patients "
            "without any dated low count are left out."
        )
        members = self._population.members.known("course")
        asked = Asked(
            name="course",
            title="Course",
            axis="course",
            labels=vocabulary.COURSES,
            nobody="nobody described has a dated count below the limit",
            reason=self._untold(
                members.frame["course"],
                recorded.one_count_each(self._cohort),
                "the counts are too few or too far apart to tell the course in anybody described",
            ),
            notes=(note,),
        )
        return self._shares(asked, members, "labs.taken_at")

    def cytopenia(self) -> Findings:
        """Whether the neutropenia comes alone or with anaemia or thrombocytopenia."""
        note = (
            "Of patients with a count below the limit, by haemoglobin and platelets nearest the "
            "index date. It cannot be told where either was not measured, or is known on one side "
            "of a limit only, or where haemoglobin lies between the limits of women and men and "
            "the sex is not recorded. Haemoglobin is held against the limits of adults at every "
            "age."
        )
        asked = Asked(
            name="cytopenia",
            title="Alone or combined",
            axis="cytopenia",
            labels=vocabulary.CYTOPENIAS,
            nobody="nobody described has a count below the limit",
            reason=self._untold(
                self._population.low.frame["cytopenia"],
                recorded.no_other_lines(self._cohort),
                "haemoglobin and platelets tell of nobody described whether the neutropenia comes "
                "alone",
            ),
            notes=(note,),
        )
        return self._shares(asked, self._population.low, "labs.HB", "labs.PLT", "patients.sex")

    def aetiology(self) -> Findings:
        """The causes that the cohort's investigators settled on."""
        known = vocabulary.labels("patients", "aetiology")
        members = self._population.members
        values = members.frame["aetiology"]
        seen = {
            name: label
            for name, label in known.items()
            if self._scope.lists_all or (values == name).any()
        }
        asked = Asked(
            name="aetiology",
            title="Causes",
            axis="aetiology",
            labels=seen or known,
            nobody="the cause is recorded of nobody described",
            reason=self._population.unrecorded.get("aetiology", ""),
            notes=(recorded.SHARES_NOTE,) if self._scope.lists_all or values.isna().any() else (),
        )
        return self._shares(asked, members, sources=("patients.aetiology",))

    def _shares(
        self, asked: Asked, members: Members, *more: str, sources: tuple[str, ...] = ()
    ) -> Findings:
        """Each category's share as a table and as bars, or why there is none."""
        told = telling(self._scope, *(sources or self._population.grading_sources), *more)
        found = shares(told, asked, members)
        said = self._instead_of(asked)
        layout = (
            Layout(sentences=said)
            if said
            else Layout(tables=(found.table,), figures=(found.figure,))
        )
        return told.findings(asked.name, asked.title, layout)

    @staticmethod
    def _instead_of(asked: Asked) -> tuple[Sentence, ...]:
        """The line that stands for a table that there is not."""
        return (Sentence(recorded.as_sentence(asked.reason)),) if asked.reason else ()

    def counts(self) -> Findings:
        """How the neutrophil counts are distributed."""
        told = telling(self._scope, "labs.ANC")
        members = self._population.members
        unit = vocabulary.analyte_unit("ANC")
        keys = told.quartiles_in("anc", "Neutrophil count", "anc", members, unit=unit)
        figures = histogram(told, members.known("severity"), median=keys[0])
        sentence = Sentence(
            "The median neutrophil count (interquartile range) was "
            f"{{{'|'.join(keys)}:median_iqr}} × 10⁹/L."
        )
        layout = Layout(sentences=(sentence,), figures=figures)
        return told.findings("anc", "Neutrophil counts", layout)
