"""The rows of several releases as one: who was in which, and which columns say the same in all.

A patient is the same by name, which is a keyed digest here. A column that several releases have is
one column where it has the same categories and says the same of all rows that they share;
otherwise each is a column of its own. Every set is then a set of the joined rows: those who were in
its release, cut as it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import count

import numpy as np
from numpy.typing import NDArray

from incohort.disclosure.account import Account
from incohort.disclosure.secrets import Shown
from incohort.results.groups import EVERYBODY, NOT_ASKED, Axis, Census, GroupName, Whose

_PRESENCE = "release"  # the column that says in which releases a row was
RowName = tuple[str, int]  # a patient, and which of their rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """Several accounts as one; `key_of` gives a result's key the number of its release."""

    censuses: Mapping[str, Census]
    whose: Mapping[str, Whose]
    shown: Mapping[str, Shown]
    counted: frozenset[str]


def key_of(number: int, key: str) -> str:
    """What a result is called among those of several releases."""
    return f"{number}:{key}"


def joined(accounts: Sequence[Account]) -> Joined:
    """The accounts of several releases as one of all their rows."""
    censuses: dict[str, Census] = {}
    whose: dict[str, Whose] = {}
    for unit in dict.fromkeys(unit for account in accounts for unit in account.censuses):
        there = {n: a.censuses[unit] for n, a in enumerate(accounts) if unit in a.censuses}
        rows = _Rows(unit, there)
        names = {number: rows.take_in(number) for number in there}
        censuses[unit] = rows.census()
        for number in there:
            for key, scope in accounts[number].whose.items():
                if scope.unit == unit:
                    name = key_of(number, key)
                    whose[name] = rows.renamed(replace(scope, key=name), number, names[number])
    numbered = list(enumerate(accounts))
    return Joined(
        censuses=censuses,
        whose=whose,
        shown={key_of(n, key): shown for n, a in numbered for key, shown in a.shown.items()},
        counted=frozenset(key_of(n, key) for n, a in numbered for key in a.counted),
    )


def row_names(census: Census) -> list[RowName]:
    """Each row by its patient and which of their rows it is."""
    seen: dict[str, int] = {}
    rows = []
    for number in census.persons.tolist():
        name = census.names[number]
        seen[name] = seen.get(name, 0) + 1
        rows.append((name, seen[name]))
    return rows


@dataclass
class _Column:
    """A column in the making: -1 where no release that has it has the row."""

    axis: Axis
    codes: NDArray[np.int64]
    releases: set[int] = field(default_factory=set)


class _Rows:
    """The joined rows of one unit."""

    def __init__(self, unit: str, there: Mapping[int, Census]) -> None:
        """Number the rows, and say who was in which release."""
        self._unit, self._there = unit, there
        rows = {number: row_names(census) for number, census in there.items()}
        self._all = sorted({row for names in rows.values() for row in names})
        place = {row: at for at, row in enumerate(self._all)}
        self._places = {
            n: np.array([place[r] for r in names], dtype=int) for n, names in rows.items()
        }
        inside = {n: np.zeros(len(self._all), dtype=bool) for n in there}
        for number, at in self._places.items():
            inside[number][at] = True
        patterns = [
            " ".join(str(n) for n in there if inside[n][at]) for at in range(len(self._all))
        ]
        self._patterns = tuple(sorted(set(patterns)))
        self._presence = Axis.of(_PRESENCE, patterns, self._patterns)
        self._columns: dict[str, _Column] = {}

    def take_in(self, number: int) -> dict[str, str]:
        """Take in the columns of a release; the name that each has here."""
        names: dict[str, str] = {}
        waiting = dict(self._there[number].axes)
        while waiting:
            name = next(n for n in waiting if not (_needs(waiting[n]) & waiting.keys() - {n}))
            names[name] = self._take_in(waiting.pop(name), number, names)
        return names

    def _take_in(self, axis: Axis, number: int, names: Mapping[str, str]) -> str:
        within = None if axis.within is None else _named(axis.within, names)
        renamed_axis = replace(axis, within=within)
        codes = np.full(len(self._all), -1, dtype=np.int64)
        codes[self._places[number]] = axis.codes
        for name in (axis.name if i == 1 else f"{axis.name} [{i}]" for i in count(1)):
            known = self._columns.setdefault(name, _Column(renamed_axis, codes.copy()))
            if known.axis.categories == renamed_axis.categories and known.axis.within == within:
                both = (known.codes >= 0) & (codes >= 0)
                if np.array_equal(known.codes[both], codes[both]):
                    known.codes = np.where(codes >= 0, codes, known.codes)
                    known.releases.add(number)
                    return name
        raise AssertionError  # the names never end

    def census(self) -> Census:
        """The joined rows with all columns."""
        patients = {name: at for at, name in enumerate(dict.fromkeys(n for n, _ in self._all))}
        persons = np.array([patients[name] for name, _ in self._all], dtype=np.int64)
        axes = {name: self._finished(name, column) for name, column in self._columns.items()}
        return Census(self._unit, persons, {_PRESENCE: self._presence, **axes}, tuple(patients))

    def _finished(self, name: str, column: _Column) -> Axis:
        """A column as it stands here: asked of nobody who was in none of its releases."""
        axis, patterns = column.axis, self._holding(column.releases)
        if len(patterns) == len(self._patterns):
            return Axis(name, axis.categories, column.codes.astype(np.int16), axis.within)
        categories = axis.categories
        if NOT_ASKED not in categories:
            categories = (*categories, NOT_ASKED)
        codes = np.where(column.codes < 0, categories.index(NOT_ASKED), column.codes)
        within = (axis.within or EVERYBODY).where(_PRESENCE, patterns)
        return Axis(name, categories, codes.astype(np.int16), within)

    def _holding(self, releases: set[int]) -> list[str]:
        """The patterns of presence in which one of some releases is."""
        return [p for p in self._patterns if releases & set(map(int, p.split()))]

    def renamed(self, scope: Whose, number: int, names: Mapping[str, str]) -> Whose:
        """Of whom a result of a release tells, as a set of the joined rows."""
        patterns = self._holding({number})

        def cut(group: GroupName) -> GroupName:
            named = _named(group, names)
            is_all = len(patterns) == len(self._patterns)
            return named if is_all else named.where(_PRESENCE, patterns)

        return replace(
            scope,
            of=cut(scope.of),
            events=None if scope.events is None else cut(scope.events),
            rests_on=tuple(map(cut, scope.rests_on)),
        )


def _needs(axis: Axis) -> set[str]:
    boxes = () if axis.within is None else axis.within.boxes
    return {name for box in boxes for name in box.by_axis}


def _named(group: GroupName, names: Mapping[str, str]) -> GroupName:
    """A set by the names that its columns have here."""
    cuts = ((names[name], words) for name, words in group.cuts)
    return GroupName(frozenset(cuts), frozenset(_named(other, names) for other in group.others))
