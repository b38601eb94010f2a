"""Everything that adds up: the equations by which somebody could work a withheld count out."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from incohort.disclosure.guesses import guessed
from incohort.disclosure.persons import EVENTS, OTHERS, Atom, N, Raw, Stated, parts
from incohort.disclosure.rests import rests, split
from incohort.results import Margin, Result


@dataclass(frozen=True, slots=True)
class Equation:
    """One sum: a total and its parts, as numbers of atoms that count the same patients."""

    total: int
    parts: tuple[int, ...]
    is_table: bool = False  # of the counts in a table, not of denominators and complements

    @property
    def atoms(self) -> frozenset[int]:
        """All that stand in it."""
        return frozenset((self.total, *self.parts))


@dataclass(kw_only=True)
class Sums:
    """The counts of some results and every equation between them.

    `value` has the count of each atom, `atoms_of` the atoms of each key, in which `events` comes
    first. Atoms that a margin or a key holds equal are one. `rests` are the atoms that no key
    tells: whoever is left of a total. `persons` has of how many patients each count is, where that
    is another number, and `open` are the counts of nobody that are no secret.
    """

    value: list[int] = field(default_factory=list)
    atoms_of: dict[str, dict[str, int]] = field(default_factory=dict)
    equations: tuple[Equation, ...] = ()
    rests: frozenset[int] = frozenset()
    persons: list[int] = field(default_factory=list)
    open: frozenset[int] = frozenset()

    def is_small(self, atom: int, limit: int) -> bool:
        """Whether an atom is of so few patients that it is a secret."""
        n = self.persons[atom] if self.persons else self.value[atom]
        return n <= limit and atom not in self.open


def sums_of(
    results: Mapping[str, Result], margins: Iterable[Margin], *, has_guesses: bool = False
) -> Sums:
    """The equations that the results' keys and the margins state.

    A margin counts only where its numbers do add up; parts without a number (nobody is there)
    are left out. With guesses, what a reader takes for the same patients without being told
    counts as well.
    """
    raw = {key: found for key, result in results.items() if (found := parts(result))}
    stated = [*_within(raw), *(e for margin in margins for e in _of_margin(margin, raw))]
    same = _Same()
    same.join_all(stated)
    if has_guesses:
        guesses = [*guessed(raw, same.root)]
        same.join_all(guesses)
        stated += guesses
    numbers: dict[Atom, int] = {}
    sums = Sums()
    for key, found in raw.items():
        own = {}
        for part, value in found.items():
            root = same.root((key, part))
            if root not in numbers:
                numbers[root] = len(sums.value)
                sums.value.append(value)
            own[part] = numbers[root]
        sums.atoms_of[key] = own
    equations = (
        Equation(
            numbers[same.root(total)], tuple(numbers[same.root(term)] for term in terms), is_table
        )
        for total, terms, is_table in stated
        if len(terms) > 1
    )
    sums.equations = tuple(dict.fromkeys(equations))
    _add_rests(sums, raw, margins, lambda atom: numbers[same.root(atom)])
    return sums


def _add_rests(
    sums: Sums, raw: Raw, margins: Iterable[Margin], number: Callable[[Atom], int]
) -> None:
    """What is left of each total that holds others, but where a sum already says who that is."""
    pairs = {(e.total, part) for e in sums.equations for part in e.parts if len(e.parts) == 2}
    found: dict[tuple[int, frozenset[int]], Equation] = {}
    for total, terms in rests(raw, margins):
        if not all(part in raw[key] for key, part in (total, *terms)):
            continue
        whole, parts_ = number(total), tuple(map(number, terms))
        left = sums.value[whole] - sum(sums.value[part] for part in parts_)
        if left <= 0 or (len(parts_) == 1 and (whole, parts_[0]) in pairs):
            continue
        if (whole, frozenset(parts_)) not in found:
            found[whole, frozenset(parts_)] = Equation(whole, (*parts_, len(sums.value)))
            sums.value.append(left)
    sums.rests = frozenset(equation.parts[-1] for equation in found.values())
    sums.equations = (*sums.equations, *found.values())


def components(
    equations: Iterable[Equation], fixed: Container[int] = ()
) -> tuple[tuple[Equation, ...], ...]:
    """The equations in groups that share no atom, but for those whose value is fixed."""
    equations = tuple(equations)
    first: dict[int, int] = {}
    parent = list(range(len(equations)))

    def root(position: int) -> int:
        while parent[position] != position:
            position = parent[position]
        return position

    for position, equation in enumerate(equations):
        for atom in sorted(equation.atoms):
            if atom not in fixed:
                parent[root(position)] = root(first.setdefault(atom, position))
    groups: dict[int, list[Equation]] = {}
    for position, equation in enumerate(equations):
        groups.setdefault(root(position), []).append(equation)
    return tuple(tuple(group) for group in groups.values())


def _within(raw: Raw) -> Iterator[Stated]:
    """Of one result: all are those with the event and those without."""
    for key, found in raw.items():
        if N in found:
            yield (key, N), ((key, EVENTS), (key, OTHERS)), False


def _of_margin(margin: Margin, raw: Raw) -> Iterator[Stated]:
    total_key, total_part = split(margin.total, raw)
    named = [split(name, raw) for name in margin.parts]
    if total_key not in raw or not any(key in raw for key, _ in named):
        return
    present = [(key, part) for key, part in named if key in raw]
    for part in (EVENTS, N, OTHERS):
        total = (total_key, total_part or part)
        terms = tuple((key, own or part) for key, own in present)
        if _adds_up(total, terms, raw):
            yield total, terms, part == EVENTS and not total_part
    yield from _denominators((total_key, total_part or EVENTS), present, raw)


def _denominators(total: Atom, present: list[tuple[str, str]], raw: Raw) -> Iterator[Stated]:
    """Shares of one distribution have one denominator: their sum, and the total where all are in.

    Otherwise it is told by each share that is shown, and gives back who is missing.
    """
    by_n: dict[int, list[str]] = {}
    for key, part in present:
        if not part and N in raw[key]:
            by_n.setdefault(raw[key][N], []).append(key)
    for n, keys in by_n.items():
        # groups of nobody, each in its column, are no distribution
        if not n or sum(raw[key][EVENTS] for key in keys) != n or len(keys) < 2:
            continue
        first = (keys[0], N)
        yield first, tuple((key, EVENTS) for key in keys), False
        yield from ((first, ((key, N),), False) for key in keys[1:])
        if raw[total[0]].get(total[1]) == n:
            yield total, (first,), False


def _adds_up(total: Atom, terms: Iterable[Atom], raw: Raw) -> bool:
    values = [raw[key].get(part) for key, part in (total, *terms)]
    known = [value for value in values if value is not None]
    return len(known) == len(values) and known[0] == sum(known[1:])


class _Same:
    """Which atoms count the same patients."""

    def __init__(self) -> None:
        self._parent: dict[Atom, Atom] = {}

    def root(self, atom: Atom) -> Atom:
        while atom in self._parent:
            atom = self._parent[atom]
        return atom

    def join_all(self, stated: Iterable[Stated]) -> None:
        for total, terms, _ in stated:
            if len(terms) == 1:
                self._join(total, terms[0])

    def _join(self, one: Atom, other: Atom) -> None:
        first, second = self.root(one), self.root(other)
        if first != second:
            self._parent[second] = first
