"""What must not be shown of results that say whose they are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from incohort.disclosure.audit import Attacker
from incohort.disclosure.linked import Universe, secure
from incohort.disclosure.persons import EVENTS, N, has_few_degrees, is_near_an_end, parts
from incohort.disclosure.profiles import Profile
from incohort.disclosure.sets import SetSums
from incohort.disclosure.twins import twins_of, with_twins
from incohort.results import Estimate, NotEstimable, Result


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """The results of known sets, and which of them give a small set away.

    Args:
        results: All that was and will be shown, by key.
        sums: The equations between their sets.
        shown: The keys past recall.
        hidden: The keys that were withheld before.
    """

    results: Mapping[str, Result]
    sums: SetSums
    shown: frozenset[str]
    hidden: frozenset[str]

    @cached_property
    def _universe(self) -> Universe:
        return Universe(results=self.results, sums=self.sums, shown=self.shown, hidden=self.hidden)

    def withheld(self, profile: Profile) -> set[str]:
        """The keys that must not be shown.

        The limit is raised one by one up to the profile's, and what a lower one withheld stays so:
        a stricter profile of the same kind can then never show more.
        """
        hidden = set(self.hidden)
        attacker = Attacker(self.sums, profile, is_strict=True)
        for limit in range(profile.limit + 1):
            hidden |= {key for key in self.results if self._is_few(key, limit, profile)}
            hidden -= self.shown
            hidden = self.with_what_rests_on(hidden)
            before = -1
            while len(hidden) != before:
                before = len(hidden)
                secure(self._universe, hidden, limit, profile, attacker)
            hidden = self.with_what_rests_on(hidden)
        return hidden

    def with_what_rests_on(self, hidden: Iterable[str]) -> set[str]:
        """What is withheld, the statistics of sets whose size is, and their like."""
        twins = twins_of(self.results)
        all_, before = set(hidden), -1
        while len(all_) != before:
            before = len(all_)
            all_ |= {key for key in self._resting if self._rests_on_hidden(key, all_)} - self.shown
            all_ = with_twins(all_, twins, self.shown)
        return all_

    @cached_property
    def _resting(self) -> tuple[str, ...]:
        """The keys that tell no number of patients themselves, and are of some."""
        return tuple(
            key
            for key in self.sums.told_of
            if key not in self.sums.atoms_of and not _lies_elsewhere(self.results[key])
        )

    def _rests_on_hidden(self, key: str, hidden: set[str]) -> bool:
        told_by = (self._universe.tellers.get(atom, set()) for atom in self.sums.told_of[key])
        return any(keys and keys <= hidden for keys in told_by)

    def _is_few(self, key: str, limit: int, profile: Profile) -> bool:
        """Whether a result may not be shown on its own account."""
        result, sums = self.results[key], self.sums
        if _lies_elsewhere(result):
            return False
        told = {*sums.atoms_of.get(key, {}).values(), *sums.told_of[key]}
        is_small = any(sums.persons[atom] <= limit for atom in told)
        is_small |= _looks_small(result, limit, profile)
        match result:
            case NotEstimable():
                return is_small
            case Estimate():
                return (
                    is_small or is_near_an_end(result, profile) or has_few_degrees(result, profile)
                )
            case _:  # withheld before, or drawn: `as_drawn` says what of it may be
                return True


def _lies_elsewhere(result: Result) -> bool:
    """Whether a number is not there for a reason that lies in no patient: a table is missing."""
    return isinstance(result, NotEstimable) and result.n is None


def _looks_small(result: Result, limit: int, profile: Profile) -> bool:
    """Whether those without the event seem few where all counts are rounded, though they are not.

    Of 37 patients 29 are shown as 30 of 35: whoever subtracts reads 5, which a reader of the
    profile's rule takes for a leak.
    """
    own = parts(result)
    if not profile.is_rounding or N not in own:
        return False
    base = profile.base
    n, events = ((own[part] + base // 2) // base * base for part in (N, EVENTS))
    return n - events <= limit
