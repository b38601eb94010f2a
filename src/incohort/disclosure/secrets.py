"""What must not be shown of results that say whose they are, and how much of them may be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

from incohort.disclosure.persons import EVENTS, N, has_few_degrees, is_near_an_end, parts
from incohort.disclosure.profiles import Profile
from incohort.disclosure.sums import Sums
from incohort.disclosure.twins import twins_of, with_twins
from incohort.disclosure.worlds import Worlds
from incohort.results import Estimate, Measure, NotEstimable, Result

# What a reader loses with a number: a count, its percentage, a statistic of the same patients. Of
# two that are equal otherwise the smaller goes.
_COUNT, _PERCENTAGE, _STATISTIC, _ANY, _EACH_PATIENT = 1.0, 0.4, 0.4, 0.05, 1e-3


class Shown(IntEnum):
    """How much of a result is shown: nothing, of a share how many have the event, or all."""

    NOTHING = 0
    EVENTS = 1
    ALL = 2


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """The results of known sets, and which of them give a small set away.

    Args:
        results: All that was and will be shown, by key.
        sums: The equations between their sets.
        profile: The rules.
        before: How much was shown of those that are past recall.
    """

    results: Mapping[str, Result]
    sums: Sums
    profile: Profile
    before: Mapping[str, Shown] = field(default_factory=dict)

    def shown(self) -> dict[str, Shown]:
        """How much may be shown of each result.

        The limit is raised one by one up to the profile's, and what a lower one withheld stays so:
        a stricter profile of the same kind can then never show more.
        """
        choice = _Choice(secrets=self)
        for limit in range(self.profile.limit + 1):
            choice.raise_to(limit)
        return choice.shown

    def shown_again(self) -> dict[str, Shown]:
        """The same where no result tells of a new set: as those before were decided."""
        choice = _Choice(secrets=self)
        choice.follow(self.profile.limit)
        return choice.shown

    def without_what_rests_on(self, shown: Mapping[str, Shown]) -> dict[str, Shown]:
        """What is shown, without the statistics of sets whose size is not, and their like."""
        choice = _Choice(secrets=self, most=dict(shown))
        choice.withhold_resting()
        return choice.shown

    @cached_property
    def worlds(self) -> Worlds:
        """What somebody who reads the report can hold to be possible."""
        return Worlds(self.sums, self.profile)

    @cached_property
    def twins(self) -> list[frozenset[str]]:
        """The keys of each number that stands more than once."""
        return twins_of(self.results)

    @cached_property
    def resting(self) -> tuple[str, ...]:
        """The keys that tell no number of patients themselves, and are of some."""
        return tuple(
            key
            for key in self.sums.told_of
            if key not in self.sums.atoms_of and not _lies_elsewhere(self.results[key])
        )

    def most(self, key: str, limit: int) -> Shown:
        """How much of a result may be shown on its own account."""
        result, sums, profile = self.results[key], self.sums, self.profile
        if _lies_elsewhere(result):
            return Shown.ALL
        atoms = sums.atoms_of.get(key, {})
        numbers = {*atoms.values(), *sums.told_of[key]}
        small = {atom for atom in numbers if sums.persons[atom] <= limit}
        match result:
            case Estimate():
                if is_near_an_end(result, profile) or has_few_degrees(result, profile):
                    return Shown.NOTHING
                if not small and not _looks_small(result, limit, profile):
                    return Shown.ALL
                is_count = N in atoms and not small & set(sums.told_of[key])
                return Shown.EVENTS if is_count and not profile.is_rounding else Shown.NOTHING
            case _:
                # Withheld before; drawn, of which `as_drawn` says what may be; or no number for a
                # reason that lies in patients: that there is no spread, or no bound, tells that a
                # cell is empty, be it named or not.
                return Shown.NOTHING


@dataclass(kw_only=True)
class _Choice:
    """What is withheld so far, as the limit is raised.

    `gone` are the numbers that no result may tell, `most` is how much each result may show by
    itself. Numbers are told by what stands for them in `worlds`.
    """

    secrets: Secrets
    gone: set[int] = field(default_factory=set)
    most: dict[str, Shown] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """At first everything may be shown."""
        all_ = dict.fromkeys(self.secrets.results, Shown.ALL)
        self.most = all_ | self.most | dict(self.secrets.before)

    @property
    def _worlds(self) -> Worlds:
        return self.secrets.worlds

    @property
    def _sums(self) -> Sums:
        return self.secrets.sums

    @cached_property
    def _told(self) -> dict[str, dict[str, int]]:
        """The numbers that each count or share tells."""
        root = self._worlds.root
        return {
            key: {part: root(atom) for part, atom in atoms.items()}
            for key, atoms in self._sums.atoms_of.items()
        }

    @cached_property
    def _behind(self) -> dict[str, frozenset[int]]:
        """The numbers that each statistic rests on, as far as any count prints them.

        A median or quartile says nothing of how many of its group have a value: where that number
        goes for the sake of those who have none, it stays.
        """
        printed = {atom for key in self._told for atom in self._tells(key, Shown.ALL)}
        behind = {}
        for key in self.secrets.resting:
            atoms = {*self._sums.told_of[key]}
            if _is_quartile(self.secrets.results[key]):
                atoms.discard(self._sums.valued_of.get(key, -1))
            behind[key] = frozenset(map(self._worlds.root, atoms)) & printed
        return behind

    @cached_property
    def _past_recall(self) -> set[int]:
        return {atom for key in self.secrets.before for atom in self._tells(key, self.most[key])}

    def _tells(self, key: str, how_much: Shown) -> list[int]:
        """The numbers that a result prints; the complement is only implied."""
        atoms = self._told.get(key, {})
        printed = {Shown.NOTHING: (), Shown.EVENTS: (EVENTS,), Shown.ALL: (EVENTS, N)}[how_much]
        return [atoms[part] for part in printed if part in atoms]

    @property
    def _known(self) -> set[int]:
        return self._possible - self.gone | self._past_recall

    @cached_property
    def _possible(self) -> set[int]:
        """The numbers that some result may tell by itself."""
        return {atom for key, most in self.most.items() for atom in self._tells(key, most)}

    def _lower(self, most: Mapping[str, Shown]) -> None:
        self.most |= most
        self.__dict__.pop("_possible", None)
        self.__dict__.pop("_losses", None)

    @property
    def shown(self) -> dict[str, Shown]:
        """How much is shown of each result."""
        return {key: self._shown(key) for key in self.most}

    def _shown(self, key: str) -> Shown:
        atoms, most = self._told.get(key, {}), self.most[key]
        if key in self.secrets.before:
            return most
        if atoms and atoms[EVENTS] in self.gone:
            return Shown.NOTHING
        return min(most, Shown.EVENTS) if N in atoms and atoms[N] in self.gone else most

    def raise_to(self, limit: int) -> None:
        """Withhold what a limit asks for, beside all that a lower one did."""
        before = set(self.gone)
        self._hold_to(limit)
        self.withhold_resting()
        root, persons = self._worlds.root, self._sums.persons
        small = {root(a) for a in range(len(persons)) if self._sums.is_small(a, limit)}
        small = {atom for atom in small if not self._worlds.is_given(atom)}
        self.gone |= small - self._past_recall
        self._close(small, limit)
        self._show_again(self.gone - before - small, small, limit)
        self.withhold_resting()

    def follow(self, limit: int) -> None:
        """Withhold every number that was, and show every one that was shown."""
        self._hold_to(limit)
        printed = (self._tells(key, Shown.ALL) for key in self.secrets.before)
        self.gone = {atom for atoms in printed for atom in atoms} - self._past_recall
        self.withhold_resting()

    def _hold_to(self, limit: int) -> None:
        ceilings = {key: most for key, most in self.most.items() if key not in self.secrets.before}
        self._lower(
            {key: min(most, self.secrets.most(key, limit)) for key, most in ceilings.items()}
        )

    def _close(self, small: set[int], limit: int) -> None:
        """Withhold as little more as keeps every secret."""
        previous: list[int] = []
        while left := self._found_out(small, limit):
            if left == previous:  # no program tells: all that hangs together with them goes
                near = frozenset[int]().union(*map(self._worlds.around, left))
                self.gone |= near & self._known - self._past_recall
                return
            previous = left
            for secret in left:
                known = self._known
                if not self._worlds.is_kept(known, secret, limit):
                    self.gone |= self._worlds.way_out(known, self._costs(known), secret, limit)

    def _found_out(self, small: set[int], limit: int) -> list[int]:
        known = self._known
        secrets = {atom for atom in small - known if not self._worlds.is_given(atom)}
        return self._worlds.found_out(known, secrets, limit)

    def _show_again(self, hidden: set[int], small: set[int], limit: int) -> None:
        """Show what was withheld for others' sake and is safe after all, the dearest first."""
        costs = self._losses
        for atom in sorted(hidden, key=lambda atom: (-costs.get(atom, 0.0), atom)):
            self.gone.remove(atom)
            if self._found_out(small, limit):
                self.gone.add(atom)

    def _costs(self, known: set[int]) -> dict[int, float]:
        """What it costs to withhold each number that still can be."""
        losses = self._losses
        return {
            atom: losses.get(atom, 0.0) + _ANY + _EACH_PATIENT * self._sums.value[atom]
            for atom in known - self._past_recall
        }

    @cached_property
    def _losses(self) -> dict[int, float]:
        """What a reader loses with each number."""
        losses: dict[int, float] = {}
        for key, atoms in self._told.items():
            is_open = key not in self.secrets.before
            if is_open and self.most[key]:
                losses[atoms[EVENTS]] = losses.get(atoms[EVENTS], 0.0) + _COUNT
            if is_open and self.most[key] is Shown.ALL and N in atoms:
                losses[atoms[N]] = losses.get(atoms[N], 0.0) + _PERCENTAGE
        for key, behind in self._behind.items():
            if self.most[key] and key not in self.secrets.before:
                for atom in behind:
                    losses[atom] = losses.get(atom, 0.0) + _STATISTIC
        return losses

    def withhold_resting(self) -> None:
        """Withhold the statistics of sets whose size is, and whatever is the same number."""
        is_settled = False
        while not is_settled:
            known = self._known
            hidden = {key for key in self.most if self._shown(key) is not Shown.ALL}
            hidden |= {key for key, atoms in self._behind.items() if atoms - known}
            hidden = with_twins(hidden, self.secrets.twins, frozenset(self.secrets.before))
            gone = [
                key
                for key in hidden
                if key not in self.secrets.before and self._shown(key) is Shown.ALL
            ]
            is_settled = not gone
            self._lower(dict.fromkeys(gone, Shown.NOTHING))


def _lies_elsewhere(result: Result) -> bool:
    """Whether a number is not there for a reason that lies in no patient: a table is missing."""
    return isinstance(result, NotEstimable) and result.n is None


def _is_quartile(result: Result) -> bool:
    """Whether a number is one of the values, or between two, and says nothing of how many."""
    if not isinstance(result, Estimate):
        return False
    return result.measure in {Measure.MEDIAN, Measure.QUANTILE} and result.ci_low is None


def _looks_small(result: Result, limit: int, profile: Profile) -> bool:
    """Whether those without the event seem few where all counts are rounded, though they are not.

    Of 37 patients 29 are shown as 30 of 35: whoever subtracts reads 5, which a reader of the
    profile's rule takes for a leak.
    """
    counts = parts(result)
    if not profile.is_rounding or N not in counts:
        return False
    base = profile.base
    n, events = ((counts[part] + base // 2) // base * base for part in (N, EVENTS))
    return n - events <= limit
