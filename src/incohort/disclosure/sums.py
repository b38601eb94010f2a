"""Numbers of patients and what adds up among them: by these somebody could work a secret out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Equation:
    """One sum: a total and its parts, as numbers of atoms that count the same patients."""

    total: int
    parts: tuple[int, ...]

    @property
    def atoms(self) -> frozenset[int]:
        """All that stand in it."""
        return frozenset((self.total, *self.parts))


@dataclass(kw_only=True)
class Sums:
    """The counts of all sets that some results tell of, and every equation between them.

    `value` has the count of each atom and `persons` of how many patients it is; `open` are the
    counts of nobody that are no secret. `atoms_of` has the atoms that each count or share tells, of
    which `events` comes first; `told_of` those of every set that a result names: a count tells
    them, any other result rests on them. `valued_of` has, of what sums up values, the atom of those
    in its group who have a value.
    """

    value: list[int] = field(default_factory=list)
    persons: list[int] = field(default_factory=list)
    atoms_of: dict[str, dict[str, int]] = field(default_factory=dict)
    told_of: dict[str, tuple[int, ...]] = field(default_factory=dict)
    valued_of: dict[str, int] = field(default_factory=dict)
    equations: tuple[Equation, ...] = ()
    open: frozenset[int] = frozenset()

    def is_small(self, atom: int, limit: int) -> bool:
        """Whether an atom is of so few patients that it is a secret."""
        return self.persons[atom] <= limit and atom not in self.open


def components(equations: Iterable[Equation]) -> tuple[tuple[Equation, ...], ...]:
    """The equations in groups that share no atom."""
    equations = tuple(equations)
    first: dict[int, int] = {}
    parent = list(range(len(equations)))

    def root(position: int) -> int:
        while parent[position] != position:
            position = parent[position]
        return position

    for position, equation in enumerate(equations):
        for atom in sorted(equation.atoms):
            parent[root(position)] = root(first.setdefault(atom, position))
    groups: dict[int, list[Equation]] = {}
    for position, equation in enumerate(equations):
        groups.setdefault(root(position), []).append(equation)
    return tuple(tuple(group) for group in groups.values())
