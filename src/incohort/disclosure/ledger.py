"""What one run has shown of sets of patients, so that linked tables are judged together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count

from incohort.disclosure.apart import Rows, SummedUp, told_apart
from incohort.disclosure.lattice import TooLargeError, blocks, is_too_large
from incohort.disclosure.persons import EVENTS, N, parts
from incohort.disclosure.profiles import Profile
from incohort.disclosure.rounding import Addition
from incohort.disclosure.secrets import Secrets, Shown
from incohort.disclosure.sets import sums_of_sets
from incohort.disclosure.sums import Sums
from incohort.results import Curve, Estimate, Findings, Measure, Result
from incohort.results.groups import Axis, Census, GroupName, Whose


@dataclass(kw_only=True)
class Ledger:
    """What one run has shown and withheld so far, in the order in which it was asked for.

    It holds exact counts and rows, and stays where they are: in the notebook's kernel. What was
    shown can't be taken back, so a later table withholds what would undo an earlier one. `barred`
    are keys of which nothing is shown: beside earlier releases they would tell of a few.
    """

    barred: frozenset[str] = frozenset()
    results: dict[str, Result] = field(default_factory=dict)
    whose: dict[str, Whose] = field(default_factory=dict)
    censuses: dict[str, Census] = field(default_factory=dict)
    shown: dict[str, Shown] = field(default_factory=dict)
    apart: set[str] = field(default_factory=set)
    _sums: Sums = field(default_factory=Sums)
    _rows: dict[tuple[str, GroupName], Rows] = field(default_factory=dict)

    def shown_of(self, findings: Findings, profile: Profile) -> Mapping[str, Shown]:
        """How much of each result is shown, judged together with all that was shown before.

        Of a result that does not say whose it is, or that is no number of its set, nothing is said.
        What the findings tell again is judged before them, wherever it will stand.

        Raises:
            ValueError: A result is said to be somebody's and nobody's: a programming error.
        """
        for earlier in findings.after:
            self.shown_of(earlier, profile)
        if both := {whose.key for whose in findings.whose} & findings.given:
            msg = f"a set is named for what is no person's: {', '.join(sorted(both))}"
            raise ValueError(msg)
        censuses = {census.unit: census for census in findings.censuses}
        results = {
            whose.key: findings.by_key[whose.key]
            for whose in findings.whose
            if whose.key in findings.by_key and whose.unit in censuses
            and _is_of_its_set(findings.by_key[whose.key], whose, censuses[whose.unit])
        }  # fmt: skip
        if results:
            self._judge(results, findings, profile)
        return {key: self.shown[key] for key in results} | dict.fromkeys(findings.given, Shown.ALL)

    def _judge(
        self, cell_results: Mapping[str, Result], findings: Findings, profile: Profile
    ) -> None:
        self._put_aside(cell_results)
        before = dict(self.shown)
        self.results |= cell_results
        self._learn(findings)
        counts = {key for key, result in self.results.items() if parts(result)}
        try:
            large, self._sums = self._within_reach(before, counts)
        except TooLargeError:
            self.shown = dict.fromkeys(cell_results, Shown.NOTHING) | before
            return
        self.apart |= self.barred & cell_results.keys()
        nothing = dict.fromkeys((large | self.barred) & cell_results.keys(), Shown.NOTHING) | before
        results = {key: result for key, result in self.results.items() if key not in large}
        secrets = Secrets(results=results, sums=self._sums, profile=profile, before=nothing)
        has_new = self._names_a_new_set(cell_results.keys() - nothing.keys(), before, counts)
        self.shown = secrets.shown() if has_new else secrets.shown_again()
        self._keep_apart(profile, before)
        self.shown = secrets.without_what_rests_on(self.shown)

    def _within_reach(
        self, before: Mapping[str, Shown], counts: Collection[str]
    ) -> tuple[set[str], Sums]:
        """The keys of blocks too large to be judged, mostly none, and the equations of all others.

        Raises:
            TooLargeError: The others are too many as well, or a block that is too large was shown
                in part before, and what that told can't be judged any more.
        """
        try:
            return set(), sums_of_sets(self.censuses, self.whose, counts)
        except TooLargeError:
            large = {
                whose.key
                for unit, census in self.censuses.items()
                for block in blocks(census, (o for o in self.whose.values() if o.unit == unit))
                if is_too_large(census, block)
                for whose in block
            }
            if any(before.get(key) for key in large):
                raise
            left = {key: whose for key, whose in self.whose.items() if key not in large}
            return large, sums_of_sets(self.censuses, left, counts)

    def _names_a_new_set(
        self, keys: Iterable[str], before: Iterable[str], counts: Collection[str]
    ) -> bool:
        """Whether a result tells of other sets than those before, or of other parts of them."""
        known = [self.whose[key] for key in before]
        counted = {(scope.unit, scope.of, scope.events) for scope in known if scope.key in counts}
        named = {(scope.unit, group) for scope in known for group in scope.groups}
        for scope in (self.whose[key] for key in keys):
            if scope.key in counts and (scope.unit, scope.of, scope.events) not in counted:
                return True
            if any((scope.unit, group) not in named for group in scope.groups):
                return True
        return False

    def _put_aside(self, results: Mapping[str, Result]) -> None:
        """Keep what was shown under a key that another number now has: it can't be taken back."""
        for key, result in results.items():
            if key in self.results and self.results[key] != result:
                name = next(n for i in count(1) if (n := f"{key} (before {i})") not in self.results)
                self.results[name] = replace(self.results.pop(key), key=name)
                self.whose[name] = replace(self.whose.pop(key), key=name)
                self.shown[name] = self.shown.pop(key)
                if key in self.apart:
                    self.apart.remove(key)
                    self.apart.add(name)

    def additions_in(self, findings: Findings) -> tuple[Addition, ...]:
        """Which counts of some findings are the sum of others there: as a reader adds them up."""
        tellers: dict[int, list[str]] = {}
        for key in findings.by_key:
            if key in self._sums.atoms_of:
                tellers.setdefault(self._sums.atoms_of[key][EVENTS], []).append(key)
        additions: dict[Addition, None] = {}
        for equation in self._sums.equations:
            shares = [part for part in equation.parts if self._sums.value[part]]
            if equation.total in tellers and shares and all(part in tellers for part in shares):
                keys = tuple(tellers[part][0] for part in shares)
                totals = tellers[equation.total]
                additions |= dict.fromkeys(Addition(total, keys) for total in totals)
        return tuple(additions)

    def _learn(self, findings: Findings) -> None:
        """Take in whose the results are.

        A column that is another one gets another name, and so do rows that are other ones: the
        episodes of another question.
        """
        for census in findings.censuses:
            unit = self._unit_for(census)
            names: dict[str, str] = {}
            known = self.censuses.get(unit, replace(census, unit=unit, axes={}))
            for axis in census.axes.values():
                within = None if axis.within is None else _named(axis.within, names)
                renamed_axis = replace(axis, within=within)
                names[axis.name] = free = _name_for(renamed_axis, known)
                known = known.cut_by(replace(renamed_axis, name=free))
            self.censuses[unit] = known
            self.whose |= {
                whose.key: _renamed(whose, unit, names)
                for whose in findings.whose
                if whose.unit == census.unit and whose.key in self.results
            }

    def _unit_for(self, census: Census) -> str:
        """What rows are called that are the same ones, or the first name that is free."""
        names = (census.unit if i == 1 else f"{census.unit} ({i})" for i in count(1))
        return next(
            name for name in names
            if name not in self.censuses or self.censuses[name].has_the_rows_of(census)
        )  # fmt: skip

    def _keep_apart(self, profile: Profile, before: Mapping[str, Shown]) -> None:
        """Withhold what would tell of the few by whom two groups differ.

        A curve is drawn from what may be told of it, so it counts as shown.
        """
        statistics = dict(self._statistics())
        curves = {key for key in statistics if isinstance(self.results.get(key), Curve)}
        shown = {key for key in statistics if self.shown[key] or key in curves} - self.apart
        gone = told_apart(statistics, shown, before.keys() & shown, profile.limit)
        self.apart |= gone
        self.shown |= dict.fromkeys(gone, Shown.NOTHING)

    def _statistics(self) -> Iterator[tuple[str, SummedUp]]:
        """What sums up values of a set, by key."""
        for key, whose in self.whose.items():
            if whose.quantity:
                yield key, SummedUp(whose.quantity, self._rows_of(whose))

    def _rows_of(self, scope: Whose) -> Rows:
        """The rows of the set that a result is of, each with its patient."""
        place = scope.unit, scope.of
        if place not in self._rows:
            census = self.censuses[scope.unit]
            inside = census.rows(scope.of).nonzero()[0]
            persons = map(str, census.persons[inside].tolist())
            self._rows[place] = frozenset(zip(persons, inside.tolist(), strict=True))
        return self._rows[place]


def _is_of_its_set(result: Result, whose: Whose, census: Census) -> bool:
    """Whether a count, or a share of counted ones, is how many are in the set that it names."""
    if not isinstance(result, Estimate):
        return True
    counts = parts(result)
    if not counts or (result.measure is not Measure.COUNT and result.events is None):
        return True  # of values, or a share by a curve
    n = census.n(whose.of)
    events = n if whose.events is None else census.n(whose.events)
    return counts[EVENTS] == events and counts.get(N, n) == n


def _name_for(axis: Axis, known: Census) -> str:
    """The name of a column that is the same one, or the first that is free."""
    names = (axis.name if i == 1 else f"{axis.name} ({i})" for i in count(1))
    return next(n for n in names if n not in known.axes or known.axes[n].says_the_same(axis))


def _named(group: GroupName, names: Mapping[str, str]) -> GroupName:
    """A set by the names that its columns have in the ledger."""
    cuts = ((names.get(name, name), words) for name, words in group.cuts)
    return GroupName(frozenset(cuts), frozenset(_named(other, names) for other in group.others))


def _renamed(scope: Whose, unit: str, names: Mapping[str, str]) -> Whose:
    """The same sets by the names that rows and columns have in the ledger."""
    return replace(
        scope,
        unit=unit,
        of=_named(scope.of, names),
        events=None if scope.events is None else _named(scope.events, names),
        rests_on=tuple(_named(group, names) for group in scope.rests_on),
    )
