"""A reader's own patients: kept step by step, and asked what the notebooks ask."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import pandas as pd

from incohort.analyses import vocabulary
from incohort.analyses.characteristics import described_variables
from incohort.analyses.cohort_overview.parameters import OverviewParameters
from incohort.analyses.making import Scope
from incohort.analyses.population import Population, Selection, Step, select
from incohort.analyses.sets import Members
from incohort.analyses.shapes.flow import flow
from incohort.analyses.shapes.groups import groups_by, labels_of, overall, sources_of
from incohort.analyses.shapes.shares import Asked, shares
from incohort.analyses.shapes.table_one import TableOne
from incohort.analyses.telling import telling
from incohort.cohort import Choices, Cohort, severity_system
from incohort.dictionary import unknown_name
from incohort.errors import UsageError
from incohort.results import Findings, Layout
from incohort.results.groups import NOT_ASKED, NOT_RECORDED

_PREFIX = "patients"
_MOST_CATEGORIES = 40


@dataclass(frozen=True, eq=False)
class Patients:
    """Patients with their columns and the steps that led to them.

    `frame` is a copy: changing it changes no result. What a method answers displays itself, through
    the disclosure gate, and has its numbers under keys that say by which steps and columns.

    Args:
        cohort: From `open_cohort`.
        choices: By which the columns were derived.
        population: The rows, as sets.
        is_open: Whether patients may be kept by any mask: the cohort is public, or the session is
            the study team's own.
    """

    cohort: Cohort
    choices: Choices
    population: Population
    is_open: bool = False

    @property
    def frame(self) -> pd.DataFrame:
        """One row a patient."""
        return self.population.members.frame.copy()

    def __len__(self) -> int:
        """How many patients there are."""
        return len(self.population.members)

    def __repr__(self) -> str:
        """What they are, without a number: that is for the gate."""
        steps = [step.label for step in self.population.steps]
        return f"Patients: {', then '.join(steps)}. Ask .flow() how many they are."

    def keep(self, mask: pd.Series, *, because: str) -> Patients:
        """Fewer patients, and a step of the flow.

        Args:
            mask: True for who stays, a row each of `frame`.
            because: Who stays, in the reader's words; it names the step.

        Raises:
            UsageError: The mask is of other rows, says nothing of somebody, or, in a restricted
                cohort, cuts across the categories of every column.
        """
        flags = self._checked(mask, because)
        before = self.population.members
        kept = self._by_categories(before, flags) if not self.is_open else self._by(flags, because)
        step = Step(
            name=f"kept_{_slug(because)}", label=because, members=kept, before=before,
            reason=f"not: {because}",
        )  # fmt: skip
        population = replace(
            self.population, members=kept, steps=(*self.population.steps, step), label=because
        )
        return replace(self, population=population)

    def flow(self) -> Findings:
        """The steps, with who is left and who was left out."""
        told = telling(self._scope, "patients.patient_id")
        table, figure = flow(told, self.population)
        layout = Layout(tables=(table,), figures=(figure,))
        return told.findings("attrition", "Who is here", layout)

    def table_one(self, by: str = "none", *, p_values: bool = False) -> Findings:
        """Their characteristics, overall and by the categories of a column.

        Raises:
            UsageError: There is no such column of categories.
        """
        told, members = telling(self._scope), self.population.members
        groups = [overall(members)]
        if by != "none":
            lists_all = self._scope.lists_all
            groups += groups_by(members, self._axis(by), self._labels(by), lists_all=lists_all)
        table = TableOne(
            told=told, name=f"table_one/by_{_slug(by)}", title="Characteristics", groups=groups,
            group_sources=sources_of(by), has_tests=p_values,
        )  # fmt: skip
        variables = described_variables(members.frame, lists_all=self._scope.lists_all)
        layout = Layout(tables=(table.of([v for v in variables if v.column != by]),))
        return told.findings(f"table_one/by_{_slug(by)}", "Characteristics", layout)

    def shares(self, of: str, by: str = "none") -> Findings:
        """How they fall into the categories of a column, overall or in each category of another.

        Raises:
            UsageError: There is no such column of categories.
        """
        told, members = telling(self._scope, *sources_of(of)), self.population.members
        axis, labels = self._axis(of), self._labels(of)
        groups = [overall(members)]
        if by != "none":
            lists_all = self._scope.lists_all
            groups += groups_by(members, self._axis(by), self._labels(by), lists_all=lists_all)
        title = _words(of)
        found = [
            shares(
                told,
                Asked(
                    name=f"shares/{_slug(of)}/by_{_slug(by)}/{group.name}",
                    title=title if by == "none" else f"{title}: {group.label}",
                    axis=axis,
                    labels=labels,
                    nobody="it is recorded of nobody here",
                ),
                group.members,
            )
            for group in groups
        ]
        tables, figures = tuple(f.table for f in found), tuple(f.figure for f in found)
        name = f"shares/{_slug(of)}/by_{_slug(by)}"
        return told.findings(name, title, Layout(tables=tables, figures=figures))

    @property
    def _scope(self) -> Scope:
        words = [step.name for step in self.population.steps if step.name.startswith("kept_")]
        return Scope(
            cohort=self.cohort,
            prefix="/".join((_PREFIX, *words)),
            restricted_by=self.population.restricted_by,
        )

    def _axis(self, name: str) -> str:
        """A column of categories; a column of the frame that has few becomes one.

        Raises:
            UsageError: There is none of that name.
        """
        base = self.population.members.base
        if name in base.census.axes:
            return name
        if name not in base.frame:
            raise unknown_name("column of categories", name, self._columns)
        values = base.frame[name]
        is_flag = set(values.dropna().unique()) <= {True, False}
        if is_flag:
            return base.flag(name, values)
        words = values.dropna().astype(str)
        if pd.api.types.is_numeric_dtype(values) or words.nunique() > _MOST_CATEGORIES:
            msg = f"The column {name!r} has values, not categories. Categories: {self._listed}."
            raise UsageError(msg)
        return base.cut(name, values, self._categories(name, words))

    @staticmethod
    def _categories(name: str, words: pd.Series) -> Iterable[str]:
        known = vocabulary.labels("antibody_tests", "result") if name.startswith("assay_") else {}
        return dict.fromkeys(chain(known, sorted(words.unique())))

    def _labels(self, name: str) -> dict[str, str]:
        """The printed categories of a column."""
        if name == "severity":
            limit = severity_system(self.choices).upper_limit
            system = self.choices.severity_system
            return vocabulary.severity_labels(system, limit, self.population.infant_limit)
        known = labels_of(name, {})
        if known:
            return dict(known)
        axis = self.population.members.base.axis(self._axis(name))
        words = (word for word in axis.categories if word not in {NOT_RECORDED, NOT_ASKED})
        return {word: word.replace("_", " ").capitalize() for word in words}

    @property
    def _columns(self) -> list[str]:
        base = self.population.members.base
        return sorted({name for name in base.census.axes if name in base.frame} | {"age"})

    @property
    def _listed(self) -> str:
        return ", ".join(self._columns)

    def _checked(self, mask: pd.Series, because: str) -> pd.Series:
        frame = self.population.members.frame
        if not isinstance(mask, pd.Series) or not mask.index.equals(frame.index):
            msg = "keep takes a column of True and False with a row for each patient of .frame."
            raise UsageError(msg)
        if mask.isna().any():
            msg = (
                "The mask says of some patients neither True nor False. Say whether they stay: "
                ".fillna(False) leaves them out."
            )
            raise UsageError(msg)
        if not set(mask.unique()) <= {True, False}:
            raise UsageError("keep takes True and False; compare the column with something.")
        if not because.strip():
            raise UsageError("Say in because=… who stays; it names the step of the flow.")
        return mask.astype(bool)

    def _by(self, flags: pd.Series, because: str) -> Members:
        """The patients of a mask, as a column of its own."""
        members = self.population.members
        every = flags.reindex(members.base.frame.index, fill_value=False)
        return members.where(members.base.flag(f"kept: {because}", every, members), "yes")

    def _by_categories(self, members: Members, flags: pd.Series) -> Members:
        """The patients of a mask that keeps whole categories of a column, under its name."""
        inside = flags.to_numpy()
        for name, axis in members.base.census.axes.items():
            codes = axis.codes[members.mask.to_numpy()]
            kept, left = set(np.unique(codes[inside])), set(np.unique(codes[~inside]))
            if not kept & left:
                words = [axis.categories[code] for code in sorted(kept)]
                return members.where(name, *words)
        msg = (
            "Of a restricted cohort patients are kept by whole categories of a column, and by age "
            "in the dictionary's bands (limits: 1, 18, 40, 65, 80 years): any other mask could "
            f"part a few from the others. Columns: {self._listed}."
        )
        raise UsageError(msg)


def patients(cohort: Cohort, *, is_open: bool = False, **choices: object) -> Patients:
    """All patients of a cohort.

    Args:
        cohort: From `open_cohort`.
        is_open: As in `Patients`.
        choices: Parameters of the overview, by name: whom to describe, whose limits grade them.

    Raises:
        UsageError: A name is not known, or its value is refused.
    """
    asked = OverviewParameters.of({**choices, "cohort": cohort.card.name})
    chosen = asked.part(Choices)
    population = select(cohort, chosen, asked.part(Selection))
    steps = tuple(step for step in population.steps if _is_applied(step, population))
    own = replace(population, steps=steps, label=steps[-1].label)
    return Patients(cohort, chosen, own, is_open or cohort.card.is_public)


def _is_applied(step: Step, population: Population) -> bool:
    """Whether a step led to the patients described, or is only counted."""
    applied = {"everybody": (), "counted": ("counted",), "neutropenic": ("counted", "neutropenic")}
    return step.name not in {"counted", "neutropenic"} or (
        step.name in applied[population.describe]
    )


def _slug(words: str) -> str:
    """Words as a part of a key."""
    return re.sub(r"\W+", "_", words.casefold()).strip("_") or "unnamed"


def _words(name: str) -> str:
    return name.removeprefix("assay_").replace("_", " ").capitalize()
