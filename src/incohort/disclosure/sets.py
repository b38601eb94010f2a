"""The equations between the sets that results tell of, for the attacker to solve."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from incohort.disclosure.lattice import Cell, Lattice
from incohort.disclosure.persons import EVENTS, OTHERS, N
from incohort.disclosure.sums import Equation, Sums
from incohort.results.groups import NOT_ASKED, NOT_RECORDED, Census, GroupName, Whose


def sums_of_sets(
    censuses: Mapping[str, Census], whose: Mapping[str, Whose], counts: Iterable[str]
) -> Sums:
    """The equations that follow from the names of sets.

    Args:
        censuses: All rows of each unit.
        whose: Of whom each result tells, by key.
        counts: The keys of counts and shares, which tell how many are in their sets.

    Raises:
        TooLargeError: There are more sets than can be judged together.
    """
    making = _Making()
    count_keys = set(counts)
    for unit, census in censuses.items():
        scopes = {key: scope for key, scope in whose.items() if scope.unit == unit}
        if scopes:
            making.add(Lattice(census, scopes.values()), census, scopes, count_keys)
    return making.sums()


class _Making:
    """Sums in the making, one unit after the other."""

    def __init__(self) -> None:
        self._sums = Sums()
        self._equations: dict[Equation, None] = {}
        self._open: set[int] = set()
        self._no_gaps: set[int] = set()
        self._pairs: dict[tuple[int, int], int] = {}

    def add(
        self, lattice: Lattice, census: Census, whose: Mapping[str, Whose], count_keys: set[str]
    ) -> None:
        """The sets of one unit."""
        numbers: dict[Cell, int] = {}
        asked = [box for key in whose.keys() & count_keys for box in _of_a_gap(whose[key], census)]
        for cell, counted in lattice.counted.items():
            numbers[cell] = self._atom(counted.rows, counted.persons)
            is_no_gap = lattice.is_no_gap(cell) and not any(_lies_in(cell, box) for box in asked)
            if is_no_gap or lattice.is_no_category(cell):
                self._open.add(numbers[cell])
            if is_no_gap:
                self._no_gaps.add(numbers[cell])
        for total, parts in lattice.sums():
            self._add_up(numbers[total], [numbers[part] for part in parts])
        atoms: dict[GroupName, int] = {}

        def atom(group: GroupName) -> int:
            if group not in atoms:
                atoms[group] = (
                    self._of_several(group, census, atom)
                    if group.others
                    else self._of_group(group, lattice, census, numbers)
                )
            return atoms[group]

        for group, other in lattice.equals():
            self._add_up(atom(group), [atom(other)])
        for key, scope in whose.items():
            self._sums.told_of[key] = tuple(dict.fromkeys(map(atom, scope.groups)))
            if key in count_keys:
                self._sums.atoms_of[key] = self._told(scope, census, atom)
        self._sums.valued_of |= {
            key: atom(scope.of)
            for key, scope in whose.items()
            if scope.quantity and scope.rests_on and scope.of not in scope.rests_on
        }

    def _told(
        self, scope: Whose, census: Census, atom: Callable[[GroupName], int]
    ) -> dict[str, int]:
        """The atoms that a count or a share tells."""
        all_ = atom(scope.of)
        if scope.events is None:
            return {EVENTS: all_}
        events, left = atom(scope.events), census.without(scope.of, scope.events)
        others = self._others(scope, all_, events, census) if left is None else atom(left)
        return {EVENTS: events, N: all_, OTHERS: others}

    def _others(self, scope: Whose, all_: int, events: int, census: Census) -> int:
        """Those of a set without the event, where no name says who they are."""
        if (all_, events) not in self._pairs:
            assert scope.events is not None  # noqa: S101 — the caller has looked
            left = census.rows(scope.of) & ~census.rows(scope.events)
            number = self._atom(int(left.sum()), len(set(census.persons[left].tolist())))
            self._pairs[all_, events] = number
            self._add_up(all_, [events, number])
        return self._pairs[all_, events]

    def _of_several(
        self, group: GroupName, census: Census, atom: Callable[[GroupName], int]
    ) -> int:
        """Sets that are taken together: their sum."""
        number = self._atom(census.n(group), census.n_persons(group))
        self._add_up(number, [atom(box) for box in group.boxes])
        return number

    def _of_group(
        self, group: GroupName, lattice: Lattice, census: Census, numbers: Mapping[Cell, int]
    ) -> int:
        parts = [numbers[cell] for cell in lattice.cells_of(group)]
        if len(parts) == 1:
            return parts[0]
        number = self._atom(census.n(group), census.n_persons(group))
        self._add_up(number, parts)
        if parts and all(part in self._open for part in parts):
            self._open.add(number)
        return number

    def _atom(self, rows: int, persons: int) -> int:
        self._sums.value.append(rows)
        self._sums.persons.append(persons)
        return len(self._sums.value) - 1

    def _add_up(self, total: int, parts: list[int]) -> None:
        self._equations[Equation(total, tuple(parts))] = None

    def sums(self) -> Sums:
        """All that was added, without the equations that say nothing."""
        sums = self._sums
        printed = {atom for atoms in sums.atoms_of.values() for atom in atoms.values()}
        sums.equations = _that_matter(self._equations, printed)
        sums.open = frozenset(self._open - printed | self._no_gaps)
        return sums


def _of_a_gap(scope: Whose, census: Census) -> tuple[GroupName, ...]:
    """Those in whom something is not recorded, where a share of them is told, and there are any.

    That none of these has the event says something of them, and is no gap.
    """
    if scope.events is None:
        return ()
    gaps = [(name, words) for name, words in scope.of.cuts if words - {NOT_ASKED} == {NOT_RECORDED}]
    there = (GroupName(frozenset({gap})) for gap in gaps)
    return scope.of.boxes if gaps and all(map(census.n, there)) else ()


def _lies_in(cell: Cell, box: GroupName) -> bool:
    """Whether whoever is in a cell is in a set by its name."""
    by_axis = dict(cell)
    return all(name in by_axis and by_axis[name] <= words for name, words in box.cuts)


def _that_matter(equations: Iterable[Equation], printed: set[int]) -> tuple[Equation, ...]:
    """The equations without those whose total nobody is told, and that no other one knows."""
    left = list(equations)
    while True:
        times: dict[int, int] = {}
        for equation in left:
            for atom in equation.atoms:
                times[atom] = times.get(atom, 0) + 1
        kept = [e for e in left if e.total in printed or times[e.total] > 1]
        if len(kept) == len(left):
            return tuple(kept)
        left = kept
