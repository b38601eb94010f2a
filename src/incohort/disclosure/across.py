"""What a new release would tell of a few patients, beside all that was released before.

Three rules, each of them the attacker's own. Two shown sets, of which one is a part of the other or
both have one name, may not differ by a withheld number of patients: last month's cohort and one
patient more, all and all women, a limit of 1.5 and one of 1.49. No sum of multiples of two
releases' statistics of one quantity may be of a few alone. And by the names of all sets, no number
that was withheld may be bounded by what the releases tell together. Sets are compared and not what
is printed of them, so rounding is no way round.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from incohort.disclosure.account import Account
from incohort.disclosure.apart import SummedUp, told_apart
from incohort.disclosure.joined import Joined, joined, key_of, row_names
from incohort.disclosure.lattice import TooLargeError
from incohort.disclosure.persons import EVENTS, N
from incohort.disclosure.profiles import Profile
from incohort.disclosure.secrets import Shown
from incohort.disclosure.sets import sums_of_sets
from incohort.disclosure.sums import Sums
from incohort.disclosure.worlds import Worlds
from incohort.results.groups import GroupName, Whose

Rows = NDArray[np.bool_]
_EACH = 1e-3  # what a number costs for each of its patients: of two equal ones the smaller goes
_MOST_GROUPS = 12  # statistics of one quantity whose sums are tried; of more only each two


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A number of a new release that can't be shown beside an earlier one.

    `other` is the number of the earlier release, counted from 0, and `other_key` its key, where
    there is one such; `limit` is the largest number of patients of whom nothing may be told.
    """

    key: str
    rule: str
    limit: int
    other: int | None = None
    other_key: str = ""


def conflicts(new: Account, before: Sequence[Account]) -> tuple[Conflict, ...]:
    """What of a new release can't be shown beside the earlier ones, one conflict a key.

    Args:
        new: Of the release that is to be.
        before: Of all releases on patients of the same key, in their order.
    """
    judged = _Releases(new, before)
    if judged.is_nothing_new:
        return ()
    by_key: dict[str, Conflict] = {}
    for conflict in (*judged.too_small(), *judged.nearly_the_same(), *judged.sums_of_values()):
        by_key.setdefault(conflict.key, conflict)
    for conflict in judged.bounded(frozenset(by_key)):
        by_key.setdefault(conflict.key, conflict)
    return tuple(by_key.values())


@dataclass(frozen=True)
class _Told:
    """A set of the joined rows that a shown number tells of."""

    key: str
    release: int
    unit: str
    rows: Rows = field(repr=False, compare=False)
    name: GroupName | None = None  # none of those who are left over

    @property
    def mark(self) -> tuple[str, bytes]:
        """The same for the same rows."""
        return self.unit, np.packbits(self.rows).tobytes()


class _Releases:
    """A new release, number 0 here, and those before it, from 1."""

    def __init__(self, new: Account, before: Sequence[Account]) -> None:
        self._accounts = (new, *before)
        self._all = joined(self._accounts)
        self._limit = max(account.profile.limit for account in self._accounts)

    @cached_property
    def _told(self) -> tuple[_Told, ...]:
        return tuple(
            statement
            for number, account in enumerate(self._accounts)
            for key, scope in account.whose.items()
            for statement in self._of(number, key, scope)
        )

    def _of(self, number: int, key: str, scope: Whose) -> Iterator[_Told]:
        """The sets of which a result tells as far as it is shown."""
        name = key_of(number, key)
        here, shown = self._all.whose[name], self._all.shown[name]
        census = self._all.censuses[here.unit]
        if shown is Shown.NOTHING:
            return
        groups = [(here.of, scope.of), *zip(here.rests_on, scope.rests_on, strict=True)]
        if here.events is not None and scope.events is not None:
            groups = [(here.events, scope.events), *groups]
        if shown is Shown.EVENTS:
            groups = groups[:1]
        for group, plain in groups:
            yield _Told(key, number, here.unit, census.rows(group), plain)
        if here.events is not None and shown is Shown.ALL:
            left = census.rows(here.of) & ~census.rows(here.events)
            yield _Told(key, number, here.unit, left)

    @cached_property
    def _fresh(self) -> dict[tuple[str, bytes], list[_Told]]:
        """The new release's sets that no earlier one tells of, with all that tell of each."""
        known = {statement.mark for statement in self._told if statement.release}
        fresh: dict[tuple[str, bytes], list[_Told]] = {}
        for statement in self._told:
            if not statement.release and statement.mark not in known:
                fresh.setdefault(statement.mark, []).append(statement)
        return fresh

    @property
    def is_nothing_new(self) -> bool:
        """Whether all sets were told of before by their names, and rounded no further than now.

        That the men are the same as all is new, though the rows are not, and so is that a set has
        stayed the same while others came.
        """
        if not all(any(self._has_the_rows(n, unit) for n in range(1, len(self._accounts)))
                   for unit in self._accounts[0].censuses):  # fmt: skip
            return False
        base = self._accounts[0].profile.base
        exact = {
            (statement.mark, statement.name)
            for statement in self._told
            if statement.release and self._accounts[statement.release].profile.base <= base
        }
        return all(
            (statement.mark, statement.name) in exact
            for statement in self._told
            if not statement.release
        )

    def _has_the_rows(self, number: int, unit: str) -> bool:
        """Whether an earlier release was on the same rows."""
        new, old = (self._accounts[n].censuses.get(unit) for n in (0, number))
        if new is None or old is None:
            return False
        return sorted(row_names(new)) == sorted(row_names(old))

    def too_small(self) -> Iterator[Conflict]:
        """Sets that an earlier release's stricter profile would have withheld."""
        if self._limit <= self._accounts[0].profile.limit:
            return
        for same in self._fresh.values():
            if self._persons(same[0].unit, same[0].rows) <= self._limit:
                yield from (
                    Conflict(key=statement.key, rule="stricter", limit=self._limit)
                    for statement in same
                )

    def nearly_the_same(self) -> Iterator[Conflict]:
        """Sets that differ from earlier ones by a few patients, in number up to the limit."""
        marks = {statement.mark for statement in self._told if not statement.release}
        for unit in self._all.censuses:
            # what stands beside it in the new release was judged there
            others = [t for t in self._told if t.release and t.unit == unit and t.mark not in marks]
            fresh = [same for same in self._fresh.values() if same[0].unit == unit]
            if not others or not fresh:
                continue
            matrix = np.array([statement.rows for statement in others])
            for same in fresh:
                different = matrix ^ same[0].rows
                few = [others[n] for n in np.flatnonzero(different.any(axis=1)).tolist()
                       if self._persons(unit, different[n]) <= self._limit]  # fmt: skip
                yield from self._near(same, few)

    def _near(self, same: Sequence[_Told], few: Sequence[_Told]) -> Iterator[Conflict]:
        """Those that tell of a set, where one of some earlier sets is related to it."""
        for statement in same:
            near = [other for other in few if any(_are_related(member, other) for member in same)]
            near.sort(key=lambda other: other.key != statement.key)
            if near:
                yield Conflict(
                    key=statement.key, rule="nearly", limit=self._limit, other=near[0].release - 1,
                    other_key=near[0].key,
                )  # fmt: skip

    def sums_of_values(self) -> Iterator[Conflict]:
        """Statistics of values of which some sum of multiples is of a few patients alone."""
        by_quantity: dict[str, dict[str, SummedUp]] = {}
        in_turn = sorted(self._all.whose.items(), key=lambda item: _is_new(item[0]))
        for key, whose in in_turn:  # what was released first comes first
            if whose.quantity and self._all.shown[key]:
                census = self._all.censuses[whose.unit]
                inside = census.rows(whose.of).nonzero()[0]
                names = (census.names[n] for n in census.persons[inside].tolist())
                rows = frozenset(zip(names, inside.tolist(), strict=True))
                group = by_quantity.setdefault(f"{whose.unit}/{whose.quantity}", {})
                group[key] = SummedUp(whose.quantity, rows)
        for group in by_quantity.values():
            before = {key for key in group if not _is_new(key)}
            known = {group[key].rows for key in before}
            fresh = {k for k in group if k not in before and group[k].rows not in known}
            if not fresh or not before or len({s.rows for s in group.values()}) > _MOST_GROUPS:
                continue
            within = told_apart({k: group[k] for k in fresh}, fresh, (), self._limit)
            for key in sorted(told_apart(group, set(group), before, self._limit) - within):
                yield Conflict(key=_plain(key), rule="values", limit=self._limit)

    def bounded(self, refused: frozenset[str]) -> Iterator[Conflict]:
        """Numbers by which, beside the earlier ones, a withheld count is known to be small.

        Args:
            refused: Keys of the new release that are in conflict already, and taken for withheld.
        """
        try:
            profiles = [account.profile for account in self._accounts]
            yield from _Bounds(self._all, profiles, self._limit, refused).conflicts()
        except TooLargeError:
            for key in self._accounts[0].whose:
                if self._accounts[0].shown[key]:
                    yield Conflict(key=key, rule="large", limit=self._limit)

    def _persons(self, unit: str, rows: Rows) -> int:
        return len(np.unique(self._all.censuses[unit].persons[rows]))


class _Bounds:
    """What can be worked out by the names of all sets, as the gate does it within one report."""

    def __init__(
        self, all_: Joined, profiles: Sequence[Profile], limit: int, refused: Iterable[str]
    ) -> None:
        self._sums: Sums = sums_of_sets(all_.censuses, all_.whose, all_.counted)
        self._profiles, self._limit = profiles, limit
        self._root = Worlds(self._sums, profiles[0]).root
        gone = {key_of(0, key) for key in refused}
        self._printed = {
            key: self._atoms(key, all_.shown[key]) for key in all_.counted if key not in gone
        }

    def _atoms(self, key: str, shown: Shown) -> frozenset[int]:
        """The numbers that a result prints."""
        atoms = self._sums.atoms_of.get(key, {})
        parts = {Shown.NOTHING: (), Shown.EVENTS: (EVENTS,), Shown.ALL: (EVENTS, N)}[shown]
        return frozenset(self._root(atoms[part]) for part in parts if part in atoms)

    def conflicts(self) -> Iterator[Conflict]:
        """The new keys without which nothing is worked out that the earlier releases don't tell."""
        new = {key for key in self._printed if _is_new(key)}
        old = self._printed.keys() - new
        past = set(self._found_out(self._worlds(old), self._known(old)))
        if self._profiles[0].limit >= self._limit:  # else an earlier profile is the stricter one
            past |= set(self._found_out(self._worlds(new), self._known(new)))
        worlds = self._worlds(self._printed)
        known, fresh = self._known(self._printed), self._fresh(new, old)
        while left := [atom for atom in self._found_out(worlds, known) if atom not in past]:
            costs = {atom: 1.0 + _EACH * self._sums.value[atom] for atom in fresh & known}
            gone = worlds.way_out(known, costs, left[0], self._limit) & fresh & known
            gone = gone or worlds.around(left[0]) & fresh & known
            if not gone:  # by what is past recall, whatever is released now
                past.add(left[0])
                continue
            known -= gone
            for key in sorted(key for key in new if self._printed[key] & gone):
                yield Conflict(key=_plain(key), rule="bounded", limit=self._limit)

    def _fresh(self, new: Iterable[str], old: Iterable[str]) -> set[int]:
        """The numbers that the new release prints, and no earlier one as exactly."""
        base = self._profiles[0].base
        known = self._known(key for key in old if self._profile_of(key).base <= base)
        return self._known(new) - known

    def _worlds(self, keys: Iterable[str]) -> Worlds:
        """What is possible for who reads these: each number as the most exact of them prints it."""
        printed_by: dict[int, Profile] = {}
        for key in keys:
            profile = self._profile_of(key)
            for atom in self._printed[key]:
                if profile.base <= printed_by.setdefault(atom, profile).base:
                    printed_by[atom] = profile
        return Worlds(self._sums, self._profiles[0], printed_by)

    def _profile_of(self, key: str) -> Profile:
        return self._profiles[int(key.partition(":")[0])]

    def _known(self, keys: Iterable[str]) -> set[int]:
        return set[int]().union(*(self._printed[key] for key in keys))

    def _found_out(self, worlds: Worlds, known: set[int]) -> list[int]:
        atoms = range(len(self._sums.persons))
        small = {self._root(atom) for atom in atoms if self._sums.is_small(atom, self._limit)}
        secrets = {atom for atom in small - known if not worlds.is_given(atom)}
        return worlds.found_out(known, secrets, self._limit)


def _are_related(statement: _Told, other: _Told) -> bool:
    """Whether somebody can know how two sets hang together: by a common name, or as a part."""
    if statement.name is not None and statement.name == other.name:
        return True
    return not (statement.rows & ~other.rows).any() or not (other.rows & ~statement.rows).any()


def _is_new(key: str) -> bool:
    return key.startswith("0:")


def _plain(key: str) -> str:
    return key.partition(":")[2]
