"""What adds up, from the names of sets: every sum that follows from columns and categories.

A column parts whatever set is asked of it, so each set is the sum over the categories of each of
its columns, in the set that is left without that column. Categories that no shown set tells apart
are one cell, and what no result tells is a number all the same: whoever is left. A table of many
columns is parted only as finely as the sets that are cut by all of them, so that five results of
an assay by itself are three beside others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np

from incohort.results.groups import EVERYBODY, NOT_ASKED, NOT_RECORDED, Census, GroupName, Whose

Cell = tuple[tuple[str, frozenset[str]], ...]  # of each axis, in order, the categories of one cell
MOST_CELLS = 20_000  # more than any report has; of a block with more of them nothing is told


class TooLargeError(Exception):
    """There are more sets than can be judged together."""


def blocks(census: Census, whose: Iterable[Whose]) -> list[list[Whose]]:
    """The results whose sets share a column, or one that decides who is asked, with each other.

    Nothing adds up across two blocks but all rows of the unit.
    """
    groups: list[tuple[set[str], list[Whose]]] = []
    for scope in whose:
        columns, members = _columns_of(census, scope), [scope]
        apart = []
        for block in groups:
            if block[0] & columns:
                columns, members = columns | block[0], [*block[1], *members]
            else:
                apart.append(block)
        groups = [*apart, (columns, members)]
    return [members for _, members in groups]


def _columns_of(census: Census, whose: Whose) -> set[str]:
    """Every column that cuts a set of a result, or that decides who is asked of one that does."""
    groups, columns = list(whose.groups), set[str]()
    for group in groups:
        for name in {name for box in group.boxes for name in box.by_axis} - columns:
            columns.add(name)
            within = census.axes[name].within
            if within is not None:
                groups.append(within)
    return columns


@dataclass(frozen=True, slots=True)
class Counted:
    """How many rows a set has, and of how many patients they are."""

    rows: int
    persons: int


class Lattice:
    """All sets of one unit that the results tell of, what they fall into, and what they make up.

    Args:
        census: All rows, with the columns.
        whose: Of whom each result tells.

    Raises:
        TooLargeError: There are more cells than `MOST_CELLS`.
    """

    def __init__(self, census: Census, whose: Iterable[Whose]) -> None:
        """Part each column as finely as the sets do, and no finer."""
        self._census = census
        groups = (group for scope in whose for group in scope.groups)
        self.named = tuple(dict.fromkeys(box for group in groups for box in group.boxes))
        within = {name: axis.within for name, axis in census.axes.items() if axis.within}
        self._within = {name: group for name, group in within.items() if self._is_used(name)}
        extra = (group for name in self._within for group in self._asked_of(name))
        self._all = tuple(dict.fromkeys((*self.named, *extra)))
        self._cells: dict[tuple[str, ...], Mapping[str, tuple[frozenset[str], ...]]] = {}
        self._nobodys_of: dict[str, frozenset[str]] = {}
        self.counted: dict[Cell, Counted] = {}
        for axes in self._tables:
            self.counted |= self._count(axes)
            if len(self.counted) > MOST_CELLS:
                raise TooLargeError
        self._wider = self._wider_cells()
        self.counted |= {cell: self._counted(cell, fine) for cell, fine in self._wider.items()}

    def _is_used(self, name: str) -> bool:
        return any(name in group.by_axis for group in self.named)

    def _asked_of(self, name: str) -> tuple[GroupName, GroupName]:
        """Those of whom a column is asked, by its own name and by the set that it is asked of."""
        asked = set(self._census.axes[name].categories) - {NOT_ASKED}
        return EVERYBODY.where(name, asked), self._within[name]

    def cells_in(self, axes: tuple[str, ...]) -> Mapping[str, tuple[frozenset[str], ...]]:
        """Of each column of a table, the categories that no set cut by all of them tells apart."""
        if axes not in self._cells:
            cuts = [by for by in self._cuts if by.keys() >= set(axes)]
            self._cells[axes] = {
                name: self._parted(name, [by[name] for by in cuts]) for name in axes
            }
        return self._cells[axes]

    def _parted(self, name: str, sets: Sequence[frozenset[str]]) -> tuple[frozenset[str], ...]:
        parts: dict[tuple[bool, ...], list[str]] = {}
        for word in self._census.axes[name].categories:
            parts.setdefault(tuple(word in chosen for chosen in sets), []).append(word)
        return tuple(map(frozenset, parts.values()))

    @cached_property
    def _cuts(self) -> tuple[Mapping[str, frozenset[str]], ...]:
        return tuple(group.by_axis for group in self._all)

    def _wider_cells(self) -> dict[Cell, tuple[Cell, ...]]:
        """The totals of larger tables that are several cells of a smaller one, with those cells."""
        wider: dict[Cell, tuple[Cell, ...]] = {}
        for axes in self._tables:
            for total, _ in self._totals(axes):
                if total not in self.counted and total not in wider:
                    fine = self._inside(dict(total))
                    if fine:
                        wider[total] = fine
        return wider

    def _totals(self, axes: tuple[str, ...]) -> Iterator[tuple[Cell, tuple[Cell, ...]]]:
        """What the cells of a table make up in the largest tables that lie in it."""
        parted = self.cells_in(axes)
        for below in self._below(axes):
            more = [name for name in axes if name not in below]
            cells = list(product(*(parted[name] for name in more)))
            for parts in product(*(parted[name] for name in below)):
                total = tuple(zip(below, parts, strict=True))
                fine = (
                    tuple(sorted((*total, *zip(more, cell, strict=True)), key=lambda cut: cut[0]))
                    for cell in cells
                )
                yield total, tuple(cell for cell in fine if cell in self.counted)

    def _below(self, axes: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
        """The tables that lie in a table, without those that lie in another one of them."""
        inside = [other for other in self._tables if set(other) < set(axes)]
        return tuple(
            table for table in inside if not any(set(table) < set(other) for other in inside)
        )

    def _inside(self, by_axis: Mapping[str, frozenset[str]]) -> tuple[Cell, ...]:
        """The cells of a table that lie in a set, without those in which nobody can be."""
        cells = self.cells_in(tuple(by_axis))
        choices = [[part for part in cells[name] if part <= by_axis[name]] for name in by_axis]
        fine = (tuple(zip(by_axis, parts, strict=True)) for parts in product(*choices))
        return tuple(cell for cell in fine if cell in self.counted)

    def _counted(self, cell: Cell, fine: Sequence[Cell]) -> Counted:
        if self._census.is_one_each:
            rows = sum(self.counted[part].rows for part in fine)
            return Counted(rows, rows)
        group = GroupName(frozenset(cell))
        return Counted(self._census.n(group), self._census.n_persons(group))

    @cached_property
    def _tables(self) -> tuple[tuple[str, ...], ...]:
        """The columns by which sets are cut together, and those that two such tables share.

        What adds up within a table adds up in those that it shares with others; nobody is told of
        any other.
        """
        named = {frozenset(group.by_axis) for group in self._all}
        known, fresh = set(named), set(named)
        while fresh:
            fresh = {axes & other for axes in fresh for other in named} - known
            known |= fresh
        tables = (tuple(sorted(axes)) for axes in known)
        return tuple(sorted(tables, key=lambda axes: (len(axes), axes)))

    def cells_of(self, group: GroupName) -> tuple[Cell, ...]:
        """The cells that make up a set, without those in which nobody can be."""
        return self._inside(group.by_axis)

    def sums(self) -> Iterator[tuple[Cell, tuple[Cell, ...]]]:
        """Every cell, as the sum of what further columns part it into."""
        yield from self._wider.items()
        for axes in self._tables:
            yield from (
                (total, parts) for total, parts in self._totals(axes) if total in self.counted
            )

    def equals(self) -> Iterator[tuple[GroupName, GroupName]]:
        """Sets that are the same by what their columns mean."""
        for name in self._within:
            yield self._asked_of(name)

    def is_no_category(self, cell: Cell) -> bool:
        """Whether nobody in the whole cohort has a category of a cell, and no result is of it."""
        return not self.counted[cell].rows and any(
            self._is_no_category(name, words) for name, words in cell
        )

    def is_no_gap(self, cell: Cell) -> bool:
        """Whether nothing is missing of anybody whom a cell would be of.

        A category that nobody in the whole cohort has, and no result is of, is no answer either.
        """
        return not self.counted[cell].rows and any(
            words - self._nobodys(name) == {NOT_RECORDED} for name, words in cell
        )

    def _nobodys(self, name: str) -> frozenset[str]:
        """The categories of a column that nobody in the whole cohort has, and no result is of."""
        if name not in self._nobodys_of:
            axis = self._census.axes[name]
            numbers = np.bincount(axis.codes, minlength=len(axis.categories))
            empty = {word for word, n in zip(axis.categories, numbers, strict=True) if not n}
            empty -= {NOT_RECORDED, NOT_ASKED}
            asked = (
                words for column, words in self._asked_for if column == name and words <= empty
            )
            self._nobodys_of[name] = frozenset(empty).difference(*asked)
        return self._nobodys_of[name]

    def _is_no_category(self, name: str, words: frozenset[str]) -> bool:
        """Whether nobody in the whole cohort has a category, and no result is of it."""
        return all(
            NOT_ASKED not in part
            and not self._census.n(EVERYBODY.where(name, part))
            and (name, part) not in self._asked_for
            for part in self.cells_in((name,))[name]
            if part & words
        )

    @cached_property
    def _asked_for(self) -> frozenset[tuple[str, frozenset[str]]]:
        """The cells of single columns that are part of some result's set."""
        return frozenset(cut for group in self.named for cut in group.cuts)

    def _count(self, axes: Sequence[str]) -> dict[Cell, Counted]:
        """How many are in each cell of some columns together, but where nobody can be."""
        census = self._census
        place = np.zeros(len(census), dtype=np.int64)
        n_cells = 1
        parted = self.cells_in(tuple(axes))
        for name in axes:
            parts = parted[name]
            n_cells *= len(parts)
            if n_cells > MOST_CELLS:
                raise TooLargeError
            of_word = {word: position for position, words in enumerate(parts) for word in words}
            codes = np.array([of_word[word] for word in census.axes[name].categories])
            place = place * len(parts) + codes[census.axes[name].codes]
        rows = np.bincount(place, minlength=n_cells)
        pairs = np.unique(np.stack([place, census.persons]), axis=1)[0]
        persons = rows if census.is_one_each else np.bincount(pairs, minlength=n_cells)
        cells = product(*(parted[name] for name in axes))
        counts = {
            tuple(zip(axes, parts, strict=True)): Counted(int(rows[at]), int(persons[at]))
            for at, parts in enumerate(cells)
        }
        possible = {cell: counted for cell, counted in counts.items() if self._is_possible(cell)}
        if sum(counted.rows for counted in possible.values()) != len(census):
            msg = f"a row is in a category of {', '.join(axes)} that it is not asked of"
            raise ValueError(msg)
        return possible

    def _is_possible(self, cell: Cell) -> bool:
        """Whether the meaning of the columns lets anybody be in a cell."""
        by_axis = dict(cell)
        for name, group in self._within.items():
            needed = group.by_axis
            if name in by_axis and needed.keys() <= by_axis.keys():
                is_inside = all(by_axis[axis] <= chosen for axis, chosen in needed.items())
                is_outside = any(not by_axis[axis] & chosen for axis, chosen in needed.items())
                if is_inside and by_axis[name] == {NOT_ASKED}:
                    return False
                if is_outside and NOT_ASKED not in by_axis[name]:
                    return False
        return True


def is_too_large(census: Census, whose: Iterable[Whose]) -> bool:
    """Whether some results tell of more sets than can be judged together."""
    try:
        Lattice(census, whose)
    except TooLargeError:
        return True
    return False
