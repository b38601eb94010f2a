"""What patients and episodes have in common: a frame, steps, and sets to ask."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import ClassVar, Self

import pandas as pd

from incohort.cohort import Cohort
from incohort.dictionary import unknown_name
from incohort.dictionary.frames import frame
from incohort.errors import UsageError
from incohort.results import Findings
from incohort.shapes.flow import flow
from incohort.shapes.frames import results, typed
from incohort.shapes.groups import OVERALL, Group, labels_of, overall, side_by_side, sources_of
from incohort.shapes.making import Scope
from incohort.shapes.masks import by_categories, by_mask, checked, columns
from incohort.shapes.population import Step
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.shares import Asked, shares, shares_by
from incohort.shapes.telling import Draft, telling

_MOST_CATEGORIES = 40


@dataclass(frozen=True, eq=False, kw_only=True)
class Kept:
    """Rows with their columns and the steps that led to them.

    `frame` is a copy: changing it changes no result. What a method answers displays itself, through
    the disclosure gate, and has its numbers under keys that say by which steps and columns.

    Args:
        cohort: From `open_cohort`.
        members: The rows, as a set.
        steps: From all rows on.
        severity: The labels of the grades in use.
        restricted_by: The columns of the data by which rows were left out.
        conf_level: Of every interval.
        is_open: Whether rows may be kept by any mask: the cohort is public, or the session is the
            study team's own.
        prefix: Begins the keys; what the rows are, unless a study says otherwise.
        asked: The parameters that stand at another value than their default.
    """

    noun: ClassVar[str]

    cohort: Cohort
    members: Members
    steps: tuple[Step, ...]
    severity: Mapping[str, str]
    restricted_by: tuple[str, ...] = ()
    conf_level: float = 0.95
    is_open: bool = False
    prefix: str = ""
    asked: tuple[str, ...] = ()

    @property
    def frame(self) -> pd.DataFrame:
        """Its rows, in the columns that `ic.columns` and docs/frames.md tell of."""
        return typed(self.members.frame, self.members.base)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.members)

    def __repr__(self) -> str:
        """What they are, without a number: that is for the gate."""
        steps = ", then ".join(step.label for step in self.steps)
        return f"{self.noun.capitalize()}: {steps}. Ask .flow() how many they are."

    def keep(self, mask: pd.Series, *, because: str) -> Self:
        """Fewer rows, and a step of the flow.

        Args:
            mask: True for who stays, a row each of `frame`.
            because: Who stays, in the reader's words; it names the step.

        Raises:
            UsageError: The mask is of other rows, says nothing of some, or, of a restricted cohort,
                cuts across the categories of every column.
        """
        flags = checked(mask, self.members, because)
        before = self.members
        kept = by_mask(before, flags, because) if self.is_open else by_categories(before, flags)
        step = Step(
            name=f"kept_{slug(because)}", label=because, members=kept, before=before,
            reason=f"not: {because}",
        )  # fmt: skip
        return replace(self, members=kept, steps=(*self.steps, step))

    def flow(self) -> Findings:
        """The steps, with who is left and who was left out."""
        return flow(
            self.telling("patients.patient_id"), self.steps,
            caption=f"From all {self.noun} in the cohort to those asked",
            alt=f"From {{}} {self.noun} in the cohort, {{}} are asked.",
        )  # fmt: skip

    def shares(self, of: str, by: str = "none") -> Findings:
        """How they fall into the categories of a column, overall or in each category of another.

        Raises:
            UsageError: There is no such column of categories.
        """
        draft = self.telling(*sources_of(of, self.noun))
        asked = Asked(
            name=f"shares/{slug(of)}/by_{slug(by)}",
            title=words(of, self.noun),
            axis=self._axis(of),
            labels=self._labels(of),
            nobody="it is recorded of nobody here",
            head=self.noun.capitalize(),
        )
        if by == "none":
            whole = replace(asked, name=f"{asked.name}/{OVERALL}")
            layout = shares(draft, whole, self.members).layout
        else:
            draft.sources += sources_of(by, self.noun)
            layout = shares_by(draft, asked, self._groups(by))
        return draft.findings(asked.name, asked.title, layout)

    def telling(self, *sources: str) -> Draft:
        """What takes numbers of one's own, each told with its set (`shapes/telling.py`).

        Args:
            sources: The columns of the data behind them, as `table.column` or `labs.ANALYTE`.
        """
        return telling(self._scope, *sources, noun=self.noun)

    def _groups(self, by: str) -> list[Group]:
        """Everybody, and those in each category of a column."""
        if by == "none":
            return [overall(self.members)]
        axis, labels = self._axis(by), self._labels(by)
        if set(labels) == {YES, NO}:  # "yes" alone says nothing of what
            column = words(by, self.noun)
            labels = {word: f"{column}: {label.lower()}" for word, label in labels.items()}
        return side_by_side(self.members, axis, labels, lists_all=self._scope.lists_all)

    @property
    def _scope(self) -> Scope:
        kept = [step.name for step in self.steps if step.name.startswith("kept_")]
        return Scope(
            cohort=self.cohort,
            prefix="/".join((self.prefix or self.noun, *kept)),
            conf_level=self.conf_level,
            restricted_by=self.restricted_by,
            asked=self.asked,
        )

    def _axis(self, name: str) -> str:
        """A column of categories; a column of the frame that has few becomes one.

        Raises:
            UsageError: There is none of that name.
        """
        base = self.members.base
        if name in base.census.axes:
            return name
        if name not in base.frame:
            raise unknown_name("column of categories", name, columns(base))
        values = base.frame[name]
        is_flag = set(values.dropna().unique()) <= {True, False}
        if is_flag:
            return base.flag(name, values)
        words = values.dropna().astype(str)
        if pd.api.types.is_numeric_dtype(values) or words.nunique() > _MOST_CATEGORIES:
            known = ", ".join(columns(base))
            raise UsageError(
                f"The column {name!r} has values, not categories. Categories: {known}."
            )
        return base.cut(name, values, dict.fromkeys(chain(results(name), sorted(words.unique()))))

    def _labels(self, name: str) -> Mapping[str, str]:
        """The printed categories of a column."""
        known = labels_of(name, self.severity)
        if known:
            return known
        recorded = self.members.base.recorded_words(self._axis(name))
        return {word: words(word, self.noun) for word in recorded}


def slug(text: str) -> str:
    """Words as a part of a key."""
    return re.sub(r"\W+", "_", text.casefold()).strip("_") or "unnamed"


def words(name: str, unit: str) -> str:
    """A column's label, or another name as it is printed."""
    known = frame(unit).by_name.get(name)
    if known is not None:
        return known.label
    return name.removeprefix("assay_").replace("_", " ").capitalize()
