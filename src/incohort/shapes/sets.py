"""Sets of a cohort's rows, by columns and categories: what every number of a report is of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from incohort.cohort.values import sign_column
from incohort.results.groups import (
    EVERYBODY,
    NOT_ASKED,
    NOT_RECORDED,
    Axis,
    Census,
    GroupName,
)

YES, NO = "yes", "no"
_NOTHING = {NOT_RECORDED, NOT_ASKED}
RECORDED = " recorded"  # ends the name of a column that says of whom another has a value
Words = Callable[[frozenset[str]], list[str]]


@dataclass(frozen=True, eq=False)
class Base:
    """All rows of one kind in a cohort, whoever is asked about.

    Args:
        unit: What a row is: `patients`, `episodes`.
        frame: One row each, with `patient_id`; numbered from 0.
    """

    unit: str
    frame: pd.DataFrame = field(repr=False)
    _axes: dict[str, Axis] = field(default_factory=dict, repr=False)
    _words: dict[str, Words] = field(default_factory=dict, repr=False)
    _recorded_as: dict[str, str] = field(default_factory=dict, repr=False)

    @property
    def everybody(self) -> Members:
        """The set of all rows."""
        return Members(self, EVERYBODY)

    @property
    def census(self) -> Census:
        """The rows as the gate sees them."""
        persons, names = self._patients
        return Census(self.unit, persons, dict(self._axes), names)

    @cached_property
    def _patients(self) -> tuple[NDArray[np.int64], tuple[str, ...]]:
        """The number of each row's patient, and who that is."""
        numbers, names = pd.factorize(self.frame["patient_id"])
        return numbers.astype(np.int64), tuple(map(str, names))

    def cut(
        self,
        name: str,
        values: pd.Series,
        categories: Iterable[str],
        within: Members | None = None,
        words: Words | None = None,
    ) -> str:
        """Make a column of categories known; its name again.

        Args:
            name: What it is called; a second column of that name must be the same.
            values: A category each row; missing where nothing is recorded.
            categories: All that there may be.
            within: Of whom it is asked, where not of everybody; the values of others don't count.
            words: Says whom some of its categories are, where their own words don't.
        """
        given = [None if pd.isna(value) else value for value in values]
        if within is not None:
            given = [
                word if is_asked else NOT_ASKED
                for word, is_asked in zip(given, within.mask, strict=True)
            ]
        axis = Axis.of(name, given, categories, None if within is None else within.name)
        known = self._axes.setdefault(name, axis)
        if not known.says_the_same(axis):
            msg = f"the column {name!r} stands for two different ones"
            raise ValueError(msg)
        if words is not None:
            self._words[name] = words
        return name

    def words(self, name: str) -> Words | None:
        """What says whom some categories of a column are; None where their own words do."""
        return self._words.get(name)

    def flag(self, name: str, values: pd.Series, within: Members | None = None) -> str:
        """Make a column of yes and no known; missing where nothing is recorded."""
        words = [None if pd.isna(value) else (YES if value else NO) for value in values]
        return self.cut(name, pd.Series(words, dtype="object"), (YES, NO), within)

    def recorded_as(self, column: str, axis: str) -> None:
        """Say that a measured column has a value in those of whom another column is recorded.

        Nothing happens where it is not so; where it is, that set has one name.
        """
        is_known = self.everybody.known(axis).mask.to_numpy()
        if (self.frame[column].notna().to_numpy() == is_known).all():
            self._recorded_as[column] = axis

    def recorded(self, column: str) -> str:
        """Make known of whom a measured column has a value; the name of the column that says so."""
        if column in self._recorded_as:
            return self._recorded_as[column]
        words = self.frame[column].notna().map({True: YES, False: None})
        return self.cut(f"{column}{RECORDED}", words, (YES,))

    def borrow(self, name: str, lender: Base) -> str:
        """Make a column of the patients known of rows of which each patient may have several."""
        if name in self._axes:
            return name
        axis = lender.axis(name)
        words = np.array(axis.categories, dtype="object")[axis.codes]
        by_patient = pd.Series(words, index=lender.frame["patient_id"])
        of_rows = by_patient.reindex(self.frame["patient_id"]).reset_index(drop=True)
        categories = [word for word in axis.categories if word != NOT_RECORDED]
        return self.cut(name, of_rows.where(of_rows != NOT_RECORDED), categories)

    def recorded_words(self, name: str) -> list[str]:
        """The categories of a column, without those for nothing."""
        return [word for word in self._axes[name].categories if word not in _NOTHING]

    def axis(self, name: str) -> Axis:
        """A column that was made known."""
        return self._axes[name]


@dataclass(frozen=True, eq=False)
class Members:
    """A set of rows, under the name that says what defines it."""

    base: Base
    name: GroupName

    def where(self, axis: str, *categories: str) -> Members:
        """Those who are in one of the categories of a column."""
        return replace(self, name=self.name.where(axis, categories))

    def but(self, axis: str, *categories: str) -> Members:
        """Those of whom a column is recorded, and who are in none of the categories."""
        return self.where(axis, *set(self.base.recorded_words(axis)).difference(categories))

    def signs(self, column: str) -> list[str | None] | None:
        """The printed sign of each row's number, None for an exact one; None if no row has any."""
        name = sign_column(column)
        if name not in self.frame:
            return None
        return [None if pd.isna(sign) else str(sign) for sign in self.frame[name]]

    def known(self, axis: str) -> Members:
        """Those of whom a column is recorded."""
        return self.but(axis)

    def unknown(self, axis: str) -> Members:
        """Those of whom a column is not recorded, though they were asked."""
        return self.where(axis, NOT_RECORDED)

    def less(self, part: Members) -> Members:
        """Those who are not in a part of the set.

        Raises:
            ValueError: The part is cut out by more than one column.
        """
        left = self.base.census.without(self.name, part.name)
        if left is None:
            msg = f"{part.name} is no part of {self.name} by one column"
            raise ValueError(msg)
        return replace(self, name=left)

    def complete(self, *columns: Members) -> tuple[Members, Members]:
        """Those of the set who are in each of several sets, and those who are not in one.

        Each of those is cut out of everybody by one column: in whom an age is recorded, a sex.
        """
        whole, others = self, list[Members]()
        for column in columns:
            ((axis, categories),) = column.name.cuts
            part = whole.where(axis, *categories)
            if part.name != whole.name:
                others.append(whole.less(part))
            whole = part
        return whole, reduce(Members.__or__, others) if others else self.nobody

    def __or__(self, other: Members) -> Members:
        """The rows of two sets that share none."""
        return replace(self, name=GroupName.together((self.name, other.name)))

    def outside(self, axis: str, *categories: str) -> Members:
        """Those who are in none of the categories, whether a column is recorded of them or not."""
        return self.where(axis, *set(self.base.axis(axis).categories) - set(categories))

    @property
    def nobody(self) -> Members:
        """None of them: what rests on it is a single patient's, or would be, and is never shown."""
        return self.where(next(iter(self.name.by_axis), next(iter(self.base.census.axes))))

    @property
    def mask(self) -> pd.Series:
        """Which rows of the base are in it."""
        return pd.Series(self.base.census.rows(self.name), index=self.base.frame.index)

    @property
    def frame(self) -> pd.DataFrame:
        """Its rows."""
        return self.base.frame[self.mask]

    @property
    def n_persons(self) -> int:
        """How many patients its rows are of."""
        return self.base.census.n_persons(self.name)

    def __len__(self) -> int:
        """How many rows it has."""
        return int(self.mask.sum())


def grid(cells: Sequence[Members]) -> list[list[int]]:
    """How many are in each of four cells, two to a row."""
    a, b, c, d = map(len, cells)
    return [[a, b], [c, d]]
