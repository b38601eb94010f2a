"""What else has to go, so that nothing shown gives a withheld count back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from incohort.disclosure.audit import Range, found_out, range_of
from incohort.disclosure.persons import OTHERS, is_few
from incohort.disclosure.profiles import Profile
from incohort.disclosure.sums import Equation, Sums, components
from incohort.results import Estimate, Result


@dataclass(frozen=True, kw_only=True)
class Universe:
    """All that has been and will be shown: results by key, their sums, and what is past recall.

    `shown` are keys that were shown before and stay shown; `hidden` were withheld before.
    """

    results: Mapping[str, Result]
    sums: Sums
    shown: frozenset[str]
    hidden: frozenset[str]

    @cached_property
    def tellers(self) -> dict[int, set[str]]:
        """The keys that tell each atom."""
        found: dict[int, set[str]] = {}
        for key, own in self.sums.atoms_of.items():
            for atom in own.values():
                found.setdefault(atom, set()).add(key)
        return found

    def can_go(self, atom: int) -> bool:
        """Whether an atom can still be withheld: none of its keys is past recall."""
        return not self.tellers[atom] & self.shown


def withheld(told: Universe, guessed: Universe, profile: Profile) -> set[str]:
    """The keys that must not be shown.

    The limit is raised one by one up to the profile's, and what a lower one withheld stays so: a
    stricter profile of the same kind can then never show more.

    Args:
        told: With the sums that the analyses state.
        guessed: The same results with the sums that a reader may guess, too. A guess can be wrong,
            so it only ever adds to what the told sums withhold.
        profile: The rules.
    """
    hidden = set(told.hidden)
    for limit in range(profile.limit + 1):
        few = {key for key, result in told.results.items() if is_few(result, limit, profile)}
        hidden |= few - told.shown
        before = -1
        while len(hidden) != before:
            _close(told, hidden, limit, profile)
            before = len(hidden)
            _close(guessed, hidden, limit, profile)
        hidden |= _resting_on(told, hidden)
    return hidden


def _resting_on(universe: Universe, hidden: set[str]) -> set[str]:
    """Statistics from which a withheld count could be worked out."""
    return {
        key
        for key, result in universe.results.items()
        if isinstance(result, Estimate) and hidden & set(result.rests_on)
    } - universe.shown


def _close(universe: Universe, hidden: set[str], limit: int, profile: Profile) -> None:
    """Withhold more until no sum tells a secret: the plain rule first, then the attacker.

    Rounding protects denominators and complements, so there the plain rule is for tables only.
    """
    sums = universe.sums
    plain = [e for e in sums.equations if e.is_table or not profile.is_rounding]
    while True:
        is_settled = False
        while not is_settled:
            lost, is_settled = _lost(sums, hidden), True
            for equation in plain:
                victim = _second(universe, equation, lost, limit)
                if victim is not None:
                    hidden |= universe.tellers[victim]
                    lost.add(victim)
                    is_settled = False
        known = _known(sums, hidden, profile)
        secret = {a: sums.value[a] for a in _secrets(sums, hidden, limit) - known.keys()}
        found = found_out(sums.equations, known, secret, limit, profile)
        victims = _against(universe, found, _lost(sums, hidden))
        if not victims:
            return
        for victim in victims:
            hidden |= universe.tellers[victim]


def _secrets(sums: Sums, hidden: set[str], limit: int) -> set[int]:
    """The counts up to the limit behind what is withheld."""
    return {
        atom
        for key in hidden & sums.atoms_of.keys()
        for atom in sums.atoms_of[key].values()
        if sums.value[atom] <= limit
    }


def _lost(sums: Sums, hidden: set[str]) -> set[int]:
    """The atoms that no shown key tells."""
    told = {a for key, own in sums.atoms_of.items() if key not in hidden for a in own.values()}
    return set(range(len(sums.value))) - told


def _known(sums: Sums, hidden: set[str], profile: Profile) -> dict[int, Range]:
    """The limits of the counts that are shown; the complement is not printed, only implied."""
    return {
        atom: range_of(sums.value[atom], profile)
        for key, own in sums.atoms_of.items()
        if key not in hidden
        for part, atom in own.items()
        if part != OTHERS
    }


def _second(universe: Universe, equation: Equation, lost: set[int], limit: int) -> int | None:
    """The count to withhold next in one sum; None where it is safe.

    With the total shown, the hidden parts are known as a sum: there must be two, and together they
    must exceed the limit. With the total hidden, one part at least must be hidden, too. The
    smallest part goes first, the total last.
    """
    value = universe.sums.value
    gone = [part for part in equation.parts if part in lost]
    if equation.total in lost:
        if gone:
            return None
    elif not gone or (len(gone) > 1 and sum(value[part] for part in gone) > limit):
        return None
    shown = sorted(set(equation.parts) - lost, key=lambda atom: (value[atom], atom))
    last = () if equation.total in lost else (equation.total,)
    return next((atom for atom in (*shown, *last) if universe.can_go(atom)), None)


def _against(universe: Universe, found: set[int], lost: set[int]) -> set[int]:
    """For each count found out, the smallest shown one that bears on it."""
    if not found:
        return set()
    around = {
        atom: component
        for component in components(universe.sums.equations)
        for equation in component
        for atom in equation.atoms & found
    }
    victims = (_nearest(universe, atom, around[atom], lost) for atom in found)
    return {victim for victim in victims if victim is not None}


def _nearest(
    universe: Universe, atom: int, component: Sequence[Equation], lost: set[int]
) -> int | None:
    """The smallest shown count in a sum with the atom, else in all that hangs together with it."""
    value = universe.sums.value
    for near in ([e for e in component if atom in e.atoms], component):
        inside = {other for equation in near for other in equation.atoms} - lost
        possible = [other for other in inside if universe.can_go(other)]
        if possible:
            return min(possible, key=lambda other: (value[other], other))
    return None
