"""What else has to go, so that nothing shown gives a withheld count back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from incohort.disclosure.audit import Attacker, Range, range_of
from incohort.disclosure.persons import EVENTS, OTHERS, N, is_few
from incohort.disclosure.profiles import Profile
from incohort.disclosure.resting import counts_behind
from incohort.disclosure.sums import Equation, Sums
from incohort.disclosure.twins import twins_of, with_twins
from incohort.results import Behind, Result

_TOTAL = 4.0  # how much dearer a total is than another count: readers need it most


@dataclass(frozen=True, kw_only=True)
class Universe:
    """All that has been and will be shown: results by key, their sums, and what is past recall.

    `shown` are keys that were shown before and stay shown; `hidden` were withheld before; `behind`
    says of statistics whose they are.
    """

    results: Mapping[str, Result]
    sums: Sums
    shown: frozenset[str]
    hidden: frozenset[str]
    behind: Mapping[str, Behind] = field(default_factory=dict)

    @cached_property
    def tellers(self) -> dict[int, set[str]]:
        """The keys that tell each atom."""
        found: dict[int, set[str]] = {}
        for key, own in self.sums.atoms_of.items():
            for atom in own.values():
                found.setdefault(atom, set()).add(key)
        return found

    @cached_property
    def totals(self) -> set[int]:
        """The atoms that number all patients of a group of whom others number some."""
        alone = {own[EVENTS] for own in self.sums.atoms_of.values() if N not in own}
        return alone & {equation.total for equation in self.sums.equations}

    def can_go(self, atom: int) -> bool:
        """Whether an atom can still be withheld: none of its keys is past recall."""
        tellers = self.tellers.get(atom, set())
        return bool(tellers) and not tellers & self.shown


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
    attackers = [(universe, Attacker(universe.sums, profile)) for universe in (guessed, told)]
    for limit in range(profile.limit + 1):
        few = {key for key, result in told.results.items() if is_few(result, limit, profile)}
        hidden |= few - told.shown
        before = -1
        while len(hidden) != before:
            before = len(hidden)
            if profile.is_rounding:
                _close(told, hidden, limit)
                _close(guessed, hidden, limit)
            for universe, attacker in attackers:
                secure(universe, hidden, limit, profile, attacker)
        hidden = with_what_rests_on(told, hidden)
    return hidden


def with_what_rests_on(universe: Universe, hidden: Iterable[str]) -> set[str]:
    """What is withheld, the statistics from which it could be worked out, and their like."""
    counts = counts_behind(universe.results, universe.behind)
    twins = twins_of(universe.results)
    all_, before = set(hidden), -1
    while len(all_) != before:
        before = len(all_)
        all_ |= {key for key, own in counts.items() if all_ & own} - universe.shown
        all_ = with_twins(all_, twins, universe.shown)
    return all_


def _close(universe: Universe, hidden: set[str], limit: int) -> None:
    """Withhold more until each table by itself is safe, by the plain rule.

    Where counts are rounded the attacker is content with little; a table keeps its second count.
    """
    sums = universe.sums
    plain = [e for e in sums.equations if e.is_table]
    is_settled = False
    while not is_settled:
        lost, is_settled = _lost(sums, hidden), True
        for equation in plain:
            victim = _second(universe, equation, lost, limit)
            if victim is not None:
                hidden |= universe.tellers[victim]
                lost.add(victim)
                is_settled = False


def secure(
    universe: Universe, hidden: set[str], limit: int, profile: Profile, attacker: Attacker
) -> None:
    """Withhold as little more as keeps every secret from the attacker."""
    sums = universe.sums
    known = _known(sums, hidden, profile)
    secrets = _secrets(sums, hidden, limit) - known.keys()
    for atom in attacker.finds(known, secrets, limit):
        if attacker.is_safe(atom, limit):  # by what another one needed
            continue
        gone = attacker.way_out(known, _costs(universe, hidden, known), atom, limit)
        if gone:
            for other in gone:
                hidden |= universe.tellers[other]
            known = _known(sums, hidden, profile)


def _costs(universe: Universe, hidden: set[str], known: Mapping[int, Range]) -> dict[int, float]:
    """What it costs to withhold each count that still can be: the smaller the less.

    The total of others goes last. Of two equal ones that goes which takes fewer results along.
    """
    sums, many = universe.sums, len(universe.results)
    return {
        atom: (1.0 + sums.value[atom]) * (_TOTAL if atom in universe.totals else 1.0)
        + len(universe.tellers[atom] - hidden) / many
        for atom in known
        if universe.can_go(atom)
    }


def _secrets(sums: Sums, hidden: set[str], limit: int) -> set[int]:
    """The counts up to the limit behind what is withheld, and whoever so few are left."""
    behind = {a for key in hidden & sums.atoms_of.keys() for a in sums.atoms_of[key].values()}
    return {atom for atom in behind | sums.rests if sums.is_small(atom, limit)}


def _lost(sums: Sums, hidden: set[str]) -> set[int]:
    """The atoms that no shown key tells."""
    told = {a for key, own in sums.atoms_of.items() if key not in hidden for a in own.values()}
    return set(range(len(sums.value))) - told


def _known(sums: Sums, hidden: set[str], profile: Profile) -> dict[int, Range]:
    """The limits of the counts that are shown; the complement is not printed, only implied.

    That nobody is where that is no secret is known without being printed.
    """
    nobody: dict[int, Range] = dict.fromkeys(sums.open, (0.0, 0.0))
    return nobody | {
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
