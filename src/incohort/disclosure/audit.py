"""The gate's own attacker: what the numbers shown tell of those withheld.

It knows every sum and, where counts are rounded, from which counts each can have come. Linear
programs look at all sums at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache

from incohort.disclosure.profiles import Profile
from incohort.disclosure.sums import Equation, Sums, components
from incohort.stats.bounds import Possible

Range = tuple[float, float]
_NOISE = 1e-6
# More sums than any report has: a program of so many takes too long, so that all is withheld.
_MOST_EQUATIONS = 2000


def range_of(shown: int, profile: Profile) -> Range:
    """The counts that are shown as this one is: itself, or all that round to the same."""
    if not profile.is_rounding:
        return (float(shown), float(shown))
    low = (shown + profile.base // 2) // profile.base * profile.base - profile.base // 2
    return (float(max(low, 0)), float(low + profile.base - 1))


class Attacker:
    """Who knows the sums and reads what is shown.

    It remembers the worlds that it found: as more is withheld, they only become more.

    Args:
        sums: All counts and the equations between them.
        profile: Tells whether counts are rounded, and the highest limit that is asked for.
        is_strict: Whether a secret must be able to exceed the limit where counts are rounded, too.
    """

    def __init__(self, sums: Sums, profile: Profile, *, is_strict: bool = False) -> None:
        """Nothing is known but the true numbers."""
        self._sums, self._profile = sums, profile
        self._is_exact = is_strict or not profile.is_rounding
        self._components = components(sums.equations)
        self._most = [float(value) for value in sums.value]
        self._least = list(self._most)
        self._given = set(self.without_anybody)  # what nothing that is withheld can keep

    @cached_property
    def without_anybody(self) -> frozenset[int]:
        """The atoms that are 0 by the sums alone: what is left where two names count the same."""
        found = set[int]()
        for component in self._components:
            inside = {atom for equation in component for atom in equation.atoms}
            zeros = {atom: 1.0 for atom in sorted(inside) if not self._sums.value[atom]}
            if zeros and len(component) <= _MOST_EQUATIONS:
                # twice a world, or two worlds added, are a world: one has all that can be there
                world = _possible(component).lifted({}, zeros) or {}
                found |= {atom for atom in zeros if world.get(atom, 0.0) < 1.0 - _NOISE}
        return frozenset(found)

    @cached_property
    def _around(self) -> Mapping[int, tuple[Equation, ...]]:
        """All that hangs together with each atom."""
        return {
            atom: component
            for component in self._components
            for equation in component
            for atom in equation.atoms
        }

    def finds(self, known: Mapping[int, Range], secrets: Iterable[int], limit: int) -> list[int]:
        """The secrets that may be given away: no world was found that would hide them.

        Where counts are exact, a secret is safe as long as it could be larger than the limit:
        nobody can tell that it is small. Where they are rounded, as long as it could be another
        number.

        Args:
            known: The limits of what is shown.
            secrets: The atoms to be kept.
            limit: The largest count that is withheld.
        """
        left = {atom for atom in secrets if not self.is_safe(atom, limit)} - self._given
        for component in self._components if left else ():
            for piece in _pieces(component, known):
                inside = {atom for equation in piece for atom in equation.atoms}
                if left & inside and len(piece) <= _MOST_EQUATIONS:
                    self._lift(piece, known, left & inside, limit)
        return sorted(atom for atom in left if not self.is_safe(atom, limit))

    def is_safe(self, atom: int, limit: int) -> bool:
        """Whether a world was found in which nobody can tell the atom, nor that it is small."""
        if self._is_exact:
            return self._most[atom] >= limit + 1
        value = self._sums.value[atom]
        return self._most[atom] > value or self._least[atom] < value

    def way_out(
        self, known: Mapping[int, Range], costs: Mapping[int, float], atom: int, limit: int
    ) -> frozenset[int]:
        """The atoms to withhold at least cost so that a secret is safe; none where it already is.

        Where no program can tell, that is all that hangs together with it.

        Args:
            known: The limits of what is shown.
            costs: Of each atom that can still be withheld.
            atom: The secret.
            limit: The largest count that is withheld.
        """
        component = self._around.get(atom, ())
        if not component:  # it stands in no sum
            return frozenset()
        if len(component) > _MOST_EQUATIONS:
            pieces = (
                {other for equation in piece for other in equation.atoms}
                for piece in _pieces(component, known)
            )
            near = set[int]().union(*(inside for inside in pieces if atom in inside))
            gone = frozenset(near & costs.keys() & known.keys())
            if not gone:  # all that hangs together with it is withheld
                self._given.add(atom)
            return gone
        worlds = _possible(component)
        value = self._sums.value[atom]
        anything = float("inf")
        wanted = [(limit + 1.0 if self._is_exact else value + 1.0, anything)]
        if not self._is_exact and value:
            wanted.append((0.0, value - 1.0))
        ways = [worlds.way(known, costs, atom, range_) for range_ in wanted]
        found = [way for way in ways if way is not None]
        if not found:  # what is past recall gives it away, or the sums themselves do
            self._given.add(atom)
            return frozenset()
        best = min(found, key=lambda way: way.cost)
        self._see(best.world)
        return best.gone

    def _lift(
        self, component: tuple[Equation, ...], known: Mapping[int, Range], secrets: set[int],
        limit: int,
    ) -> None:  # fmt: skip
        """Look for worlds in which as many of the secrets as possible are large."""
        worlds = _possible(component)
        top = max(limit, self._profile.limit)
        left, before = set(secrets), -1
        while left and len(left) != before:
            before = len(left)
            goals = {
                atom: top + 1.0 if self._is_exact else self._sums.value[atom] + 1.0
                for atom in sorted(left)
            }
            world = worlds.lifted(known, goals)
            if world is None:
                return
            self._see(world)
            left = {atom for atom in left if not self.is_safe(atom, limit)}

    def _see(self, world: Mapping[int, float]) -> None:
        for atom, value in world.items():
            self._most[atom] = max(self._most[atom], float(round(value)))
            self._least[atom] = min(self._least[atom], float(round(value)))


@lru_cache(maxsize=64)
def _possible(component: tuple[Equation, ...]) -> Possible:
    """The worlds of a component; it is asked again at each limit, mostly with nothing changed."""
    return Possible([(e.total, e.parts) for e in component])


def _pieces(
    component: tuple[Equation, ...], known: Mapping[int, Range]
) -> tuple[tuple[Equation, ...], ...]:
    """The component, or where it is too large what it falls into without what is known."""
    if len(component) <= _MOST_EQUATIONS:
        return (component,)
    return components(component, {atom for atom, (low, high) in known.items() if low == high})
