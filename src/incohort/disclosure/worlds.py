"""Somebody who knows the names of all sets and reads what is shown: which worlds are left to them.

A secret is kept as long as in some world that nobody can tell from the true one it is larger than
the limit. Worlds are looked for with linear programs, and remembered: one that agrees with what is
shown now needs no other program.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from incohort.disclosure.profiles import Profile
from incohort.disclosure.sums import Equation, Sums, components
from incohort.stats.bounds import Possible, Range

_MOST_EQUATIONS = 2000  # beyond them a program takes too long: all that hangs together is withheld
_MOST_WORLDS = 200
_FAR = 12.0  # worlds are looked for that keep a secret at higher limits, too
_NOISE = 1e-6

Numbers = NDArray[np.float64]


def range_of(shown: int, profile: Profile) -> Range:
    """The counts that are shown as this one is: itself, or all that round to the same."""
    if not profile.is_rounding:
        return (float(shown), float(shown))
    low = (shown + profile.base // 2) // profile.base * profile.base - profile.base // 2
    return (float(max(low, 0)), float(low + profile.base - 1))


class Same:
    """Which atoms are one number by the sums alone, and which are of nobody.

    An atom whose sum has but one part that somebody can be in is that part.
    """

    def __init__(self, sums: Sums) -> None:
        """Take away who is nobody, until nothing changes."""
        self._parent = list(range(len(sums.value)))
        self.nobody = set(sums.open)
        self.equations: tuple[Equation, ...] = tuple(sums.equations)
        before = -1
        while before != len(self.equations) + len(self.nobody):
            before = len(self.equations) + len(self.nobody)
            self.equations = tuple(dict.fromkeys(self._left(self.equations)))

    def root(self, atom: int) -> int:
        """The atom that stands for all that are the same number."""
        while self._parent[atom] != atom:
            self._parent[atom] = self._parent[self._parent[atom]]
            atom = self._parent[atom]
        return atom

    def _left(self, equations: Iterable[Equation]) -> Iterator[Equation]:
        for equation in equations:
            total = self.root(equation.total)
            parts = [self.root(part) for part in equation.parts]
            parts = [part for part in parts if part not in self.nobody]
            if total in self.nobody or total in parts:
                if total in parts:
                    parts.remove(total)
                self.nobody.update(parts)
            elif not parts:
                self.nobody.add(total)
            elif len(parts) == 1:
                self._parent[max(total, parts[0])] = min(total, parts[0])
            else:
                yield Equation(total, tuple(parts))


@dataclass(kw_only=True)
class _Piece:
    """Equations that hang together, and the worlds found of them so far."""

    possible: Possible
    n_equations: int
    worlds: list[Numbers] = field(default_factory=list)
    place: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Where each number stands in a world."""
        self.place = {name: place for place, name in enumerate(self.possible.names)}


class Worlds:
    """All that somebody who reads the report can hold to be possible.

    Atoms are told by the number that stands for them (`root`).

    Args:
        sums: All counts, and the equations between them.
        profile: Whether counts are rounded.
        printed_by: Of numbers that are printed under another profile, that one, by what stands for
            them.
    """

    def __init__(
        self, sums: Sums, profile: Profile, printed_by: Mapping[int, Profile] | None = None
    ) -> None:
        """Nothing is known yet."""
        self._sums, self._profile = sums, profile
        self._printed_by = printed_by or {}
        self._same = Same(sums)
        self._piece_of: dict[int, _Piece] = {}
        for component in components(self._same.equations):
            possible = Possible([(e.total, e.parts) for e in component])
            piece = _Piece(possible=possible, n_equations=len(component))
            self._piece_of |= dict.fromkeys(possible.names, piece)

    def root(self, atom: int) -> int:
        """The atom that stands for all that are the same number by the sums alone."""
        return self._same.root(atom)

    def is_given(self, root: int) -> bool:
        """Whether nothing that could be withheld keeps an atom secret."""
        return root in self._given or root in self._same.nobody

    def found_out(self, known: Iterable[int], secrets: Iterable[int], limit: int) -> list[int]:
        """The secrets of which no world was found in which they are larger than the limit.

        Args:
            known: What is shown.
            secrets: What is to be kept.
            limit: The largest count that is a secret.
        """
        limits = self._limits(known)
        by_piece: dict[int, set[int]] = {}
        for root in secrets:
            if root in self._piece_of and self._sums.value[root] <= limit:
                by_piece.setdefault(id(self._piece_of[root]), set()).add(root)
        leaks: list[int] = []
        for roots in by_piece.values():
            piece = self._piece_of[min(roots)]
            leaks += self._left(piece, limits, roots, limit)
        return sorted(leaks)

    def is_kept(self, known: Iterable[int], secret: int, limit: int) -> bool:
        """Whether a secret is larger than the limit in a world that agrees with what is shown."""
        return not self._left(self._piece_of[secret], self._limits(known), {secret}, limit)

    def way_out(
        self, known: Iterable[int], costs: Mapping[int, float], secret: int, limit: int
    ) -> frozenset[int]:
        """What to withhold at least cost so that a secret is safe; nothing where it already is.

        Args:
            known: What is shown.
            costs: Of each number that can still be withheld.
            secret: What is to be kept.
            limit: The largest count that is a secret.
        """
        piece = self._piece_of[secret]
        limits = self._limits(known)
        if piece.n_equations > _MOST_EQUATIONS:
            return frozenset(limits.keys() & costs.keys() & set(piece.possible.names))
        way = piece.possible.way(limits, costs, secret, (limit + 1.0, float("inf")))
        if way is None:  # what is past recall gives it away
            self._given.add(secret)
            return frozenset()
        self._remember(piece, way.world)
        return way.gone

    def around(self, secret: int) -> frozenset[int]:
        """All that hangs together with a number by the sums."""
        return frozenset(self._piece_of[secret].possible.names)

    @cached_property
    def _given(self) -> set[int]:
        """The atoms that are 0 by the sums alone, in all worlds."""
        atoms: set[int] = set()
        for piece in {id(piece): piece for piece in self._piece_of.values()}.values():
            zeros = {name: 1.0 for name in piece.possible.names if not self._sums.value[name]}
            if zeros and piece.n_equations <= _MOST_EQUATIONS:
                # twice a world, or two worlds added, are a world: one has all that can be there
                world = piece.possible.lifted({}, zeros) or {}
                atoms |= {name for name in zeros if world.get(name, 0.0) < 1.0 - _NOISE}
        return atoms

    def _limits(self, known: Iterable[int]) -> dict[int, Range]:
        return {
            root: range_of(self._sums.value[root], self._printed_by.get(root, self._profile))
            for root in known
        }

    def _left(
        self, piece: _Piece, limits: Mapping[int, Range], roots: set[int], limit: int
    ) -> set[int]:
        """The secrets of one piece that neither a world known nor a new one keeps."""
        left = set(roots)
        worlds = self._agreeing(piece, limits)
        if len(worlds):
            most = worlds.max(axis=0)
            left = {root for root in left if most[piece.place[root]] <= limit}
        if piece.n_equations > _MOST_EQUATIONS:
            return left
        goal, before = max(_FAR, limit + 1.0), -1
        while left and len(left) != before:
            before = len(left)
            world = piece.possible.lifted(limits, dict.fromkeys(sorted(left), goal))
            if world is None:
                return left
            left -= self._large_in(piece, self._remember(piece, world), left, limit)
        return left

    @staticmethod
    def _remember(piece: _Piece, world: Mapping[int, float]) -> Numbers:
        numbers = np.round(np.array([world[name] for name in piece.possible.names]))
        piece.worlds.insert(0, numbers)
        del piece.worlds[_MOST_WORLDS:]
        return numbers

    @staticmethod
    def _agreeing(piece: _Piece, limits: Mapping[int, Range]) -> Numbers:
        """The worlds known that agree with what is shown."""
        all_ = np.array(piece.worlds).reshape(len(piece.worlds), len(piece.place))
        for name, (low, high) in limits.items():
            if name in piece.place and len(all_):
                numbers = all_[:, piece.place[name]]
                all_ = all_[(numbers >= low) & (numbers <= high)]
        return all_

    @staticmethod
    def _large_in(piece: _Piece, world: Numbers, roots: set[int], limit: int) -> set[int]:
        return {root for root in roots if world[piece.place[root]] > limit}
