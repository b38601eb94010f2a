"""Sets of patients, episodes or samples, named by what defines them: columns and categories.

What adds up follows from the names. `severity = moderate` and `severity = severe` part the
patients; `severity = moderate, sex = female` is part of both. So an analysis names whom a number is
of, and nobody states a sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations, pairwise

import numpy as np
from numpy.typing import NDArray

NOT_RECORDED = "not_recorded"
NOT_ASKED = (
    "not_asked"  # of whom a column says nothing by its meaning: the course of no neutropenia
)

Codes = NDArray[np.int16]
Rows = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class GroupName:
    """A set by what defines it: of each column named, the categories that belong to it.

    Without a column it is everybody. With `others` it is several sets together, of which no two
    share a row: positive by one assay, or negative by that and positive by another. Names are equal
    if they say the same, in whatever order.
    """

    cuts: frozenset[tuple[str, frozenset[str]]] = frozenset()
    others: frozenset[GroupName] = frozenset()

    @classmethod
    def together(cls, groups: Iterable[GroupName]) -> GroupName:
        """Several sets as one.

        Raises:
            ValueError: Two of them could share a row.
        """
        boxes = sorted({box for group in groups for box in group.boxes}, key=_order)
        if any(not box.is_apart_from(other) for box, other in combinations(boxes, 2)):
            msg = "sets that are taken together could share a row"
            raise ValueError(msg)
        return cls(boxes[0].cuts, frozenset(boxes[1:]))

    @property
    def boxes(self) -> tuple[GroupName, ...]:
        """The sets that it is together, in a fixed order; itself where it is one."""
        return (GroupName(self.cuts), *sorted(self.others, key=_order)) if self.others else (self,)

    def is_apart_from(self, other: GroupName) -> bool:
        """Whether by their names no row can be in both of two sets, each of one piece."""
        mine, its = self.by_axis, other.by_axis
        return any(not mine[axis] & its[axis] for axis in mine.keys() & its.keys())

    @property
    def by_axis(self) -> dict[str, frozenset[str]]:
        """The categories of each column, in the columns' order."""
        return dict(sorted(self.cuts, key=lambda cut: cut[0]))

    def where(self, axis: str, categories: Iterable[str]) -> GroupName:
        """Those of the set who are in one of the categories of a column."""
        categories = tuple(categories)
        if self.others:
            return GroupName.together(box.where(axis, categories) for box in self.boxes)
        cuts = self.by_axis
        chosen = frozenset(categories)
        cuts[axis] = cuts[axis] & chosen if axis in cuts else chosen
        return GroupName(frozenset(cuts.items()))

    def without(self, axis: str) -> GroupName:
        """The set as it would be if it were not cut by a column."""
        return GroupName(frozenset(cut for cut in self.cuts if cut[0] != axis))


def _order(group: GroupName) -> list[tuple[str, list[str]]]:
    return [(name, sorted(words)) for name, words in group.by_axis.items()]


EVERYBODY = GroupName()


@dataclass(frozen=True, eq=False)
class Axis:
    """A column as categories: each row is in one, those of whom nothing is recorded too.

    `codes` has the position of each row's category. `within` is the set of whom it is asked, where
    it is not asked of everybody; all others are `NOT_ASKED`.
    """

    name: str
    categories: tuple[str, ...]
    codes: Codes = field(repr=False)
    within: GroupName | None = None

    @classmethod
    def of(
        cls, name: str, words: Iterable[object], categories: Iterable[str],
        within: GroupName | None = None,
    ) -> Axis:  # fmt: skip
        """A column from one word a row; None where nothing is recorded.

        Raises:
            ValueError: A word is none of the categories.
        """
        known = (*dict.fromkeys(categories), NOT_RECORDED)
        if within is not None:
            known = (*known, NOT_ASKED)
        place = {word: position for position, word in enumerate(known)}
        codes = [place.get(NOT_RECORDED if word is None else str(word), -1) for word in words]
        if min(codes, default=0) < 0:
            msg = f"column {name!r} has a word that is none of its categories"
            raise ValueError(msg)
        return cls(name, known, np.array(codes, dtype=np.int16), within)

    def says_the_same(self, other: Axis) -> bool:
        """Whether another column has the same categories, and each row the same."""
        return (
            self.categories == other.categories
            and self.within == other.within
            and np.array_equal(self.codes, other.codes)
        )


@dataclass(frozen=True, eq=False)
class Census:
    """All rows of one kind in a cohort, and the columns by which they are told apart.

    Args:
        unit: What a row is: `patients`, `episodes`, `samples`.
        persons: The number of each row's patient.
        axes: The columns, by name.
        names: The `patient_id` behind each number, for the custodian's side alone; none where
            nobody gave them.
    """

    unit: str
    persons: NDArray[np.int64] = field(repr=False)
    axes: Mapping[str, Axis] = field(default_factory=dict)
    names: tuple[str, ...] = field(default=(), repr=False)

    def __len__(self) -> int:
        """How many rows there are."""
        return len(self.persons)

    def cut_by(self, *axes: Axis) -> Census:
        """The same rows with further columns.

        Raises:
            ValueError: A column has another number of rows, or another one has its name.
        """
        known = dict(self.axes)
        for axis in axes:
            before = known.setdefault(axis.name, axis)
            if len(axis.codes) != len(self) or not before.says_the_same(axis):
                msg = f"column {axis.name!r} is not of these rows, or stands for another one"
                raise ValueError(msg)
        return replace(self, axes=known)

    def has_the_rows_of(self, other: Census) -> bool:
        """Whether another one has the same rows of the same patients."""
        return self.names == other.names and np.array_equal(self.persons, other.persons)

    def rows(self, group: GroupName) -> Rows:
        """Which rows are in a set."""
        if group.others:
            either: Rows = np.logical_or.reduce([self.rows(box) for box in group.boxes])
            return either
        inside = np.ones(len(self), dtype=np.bool_)
        for name, categories in group.cuts:
            axis = self.axes[name]
            inside &= np.array([word in categories for word in axis.categories])[axis.codes]
        return inside

    def n(self, group: GroupName) -> int:
        """How many rows are in a set."""
        return int(self.rows(group).sum())

    def n_persons(self, group: GroupName) -> int:
        """How many patients the rows of a set are of."""
        return len(np.unique(self.persons[self.rows(group)]))

    def without(self, whole: GroupName, part: GroupName) -> GroupName | None:
        """Those of a set who are not in a part of it; None where no single column parts them."""
        if whole.others or part.others:
            return None
        whole_cuts, chosen = whole.by_axis, part.by_axis
        apart = [name for name in chosen if chosen[name] != whole_cuts.get(name)]
        if len(apart) != 1 or not whole_cuts.keys() <= chosen.keys():
            return None
        every = whole_cuts.get(apart[0], frozenset(self.axes[apart[0]].categories))
        return whole.where(apart[0], every - chosen[apart[0]])

    @cached_property
    def is_one_each(self) -> bool:
        """Whether each patient has one row."""
        ordered = np.sort(self.persons)
        return all(person != following for person, following in pairwise(ordered.tolist()))


@dataclass(frozen=True, slots=True, kw_only=True)
class FromCounts:
    """How a number is worked out from how many are in some sets, and from nothing else.

    Where counts are rounded it is worked out of the rounded ones: of the exact ones several such
    numbers give them back. `answer` takes the counts, and answers as an estimator does.
    """

    counts: tuple[int, ...]
    answer: Callable[..., object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Whose:
    """Of whom a result tells; it never leaves the gate.

    `of` are all whom it is of: the denominator of a share, those whose values a statistic sums up.
    `events` are those of them with the event. `rests_on` are further sets from whose numbers it can
    be worked out, as an odds ratio from four cells. `quantity` is what a statistic of values
    measures and how it sums them up: two of one quantity differ by whose they are.
    """

    key: str
    unit: str
    of: GroupName
    events: GroupName | None = None
    rests_on: tuple[GroupName, ...] = ()
    quantity: str = ""

    @property
    def groups(self) -> tuple[GroupName, ...]:
        """Every set that it names."""
        return (self.of, *(() if self.events is None else (self.events,)), *self.rests_on)
