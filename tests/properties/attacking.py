"""Somebody who reads a restricted report, knows the software, and has an integer program.

They know the name of the set behind each number: which columns part it and by which categories. So
they write down every cell of those tables, what is shown, and what nobody in the cohort has, and
ask how large a withheld number can be. They look into no row, and nothing here looks into the gate.
It serves every study: give it what the study's parts found, and what the gate made of them.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from itertools import combinations, pairwise, product
from pathlib import Path

import numpy as np
from scipy import optimize, sparse

from incohort.cohort import Cohort, open_cohort
from incohort.disclosure import PROFILES, Ledger, gate
from incohort.disclosure.profiles import Profile
from incohort.results import Estimate, Findings, Measure, Suppressed
from incohort.results.groups import NOT_ASKED, NOT_RECORDED, Census, GroupName, Whose

CLOSED = [profile for profile in PROFILES.values() if not profile.is_open]
EVENTS, ALL, OTHERS = "events", "n", "others"
Cell = tuple[frozenset[str], ...]
Row = dict[int, float]


SEXES = {"female": 0.6, "male": 0.35, "": 0.05}
CAUSES = {"thyroid_disease": 0.45, "drug_induced": 0.35, "other": 0.15, "": 0.05}
SUBTYPES = {"hashimoto": 0.5, "graves": 0.2, "ttm": 0.1, "unknown": 0.1, "": 0.1}
RESULTS = {"positive": 0.35, "negative": 0.6, "indeterminate": 0.05}
VALUES = (
    ("ANC", 0.9, "10*9/L", 0.02), ("HB", 9.0, "g/dL", 0.05), ("FT3", 4.8, "pmol/L", 0.3),
    ("ANTI_TPO", 90.0, "[IU]/mL", 0.1), ("C4", 25.0, "mg/dL", 0.4),
)  # fmt: skip


def a_clinic(folder: Path, seed: int) -> Path:
    """A restricted cohort of 30 to 300 patients, with gaps in sex, cause, subtype, tests, values.

    Some have thyroid disease, some of them were tested for antibodies by up to three assays, and
    some had recurrent infections.
    """
    random = np.random.default_rng(seed)
    tables: dict[str, list[tuple[object, ...]]] = {
        "patients": [("patient_id", "sex", "age_years", "index_date", "aetiology")],
        "labs": [("patient_id", "analyte", "taken_at", "value", "unit")],
        "diagnoses": [("patient_id", "condition", "subtype")],
        "antibody_tests": [("patient_id", "sample_id", "assay", "result")],
        "events": [("patient_id", "event", "occurred_on")],
    }
    return _written(folder, tables, random, "C", _of_a_patient)


def _written(
    folder: Path,
    tables: dict[str, list[tuple[object, ...]]],
    random: np.random.Generator,
    letter: str,
    rows_of: Callable[[str, np.random.Generator], Iterator[tuple[str, tuple[object, ...]]]],
) -> Path:
    """A folder of 30 to 300 patients, whose names begin with a letter."""
    for number in range(int(random.integers(30, 301))):
        for table, row in rows_of(f"{letter}{number:03}", random):
            tables[table].append(row)
    for table, rows in tables.items():
        with (folder / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows)
    return folder


def _of_a_patient(
    name: str, random: np.random.Generator
) -> Iterator[tuple[str, tuple[object, ...]]]:
    """The rows of one patient, each with its table."""
    sex, cause, subtype = (
        str(random.choice(list(words), p=list(words.values())))
        for words in (SEXES, CAUSES, SUBTYPES)
    )
    day, age = "2024-03-01", "" if random.random() < 0.03 else int(random.integers(12, 90))
    yield "patients", (name, sex, age, day, cause)
    for analyte, middle, unit, gap in VALUES:
        if random.random() >= gap:
            value = middle * float(random.lognormal(0, 0.3))
            yield "labs", (name, analyte, day, f"{value:.2f}", unit)
    if cause == "thyroid_disease" or random.random() < 0.05:
        yield "diagnoses", (name, "thyroid_disease", subtype)
    assays = ("gift", "gat", "lift") if random.random() < 0.6 else ()
    for assay in assays:
        result = random.choice(list(RESULTS), p=list(RESULTS.values()))
        if random.random() < 0.95:
            yield "antibody_tests", (name, f"{name}-1", assay, result)
    if random.random() < 0.2:
        yield "events", (name, "recurrent_infections", day)


def a_ward(folder: Path, seed: int) -> Path:
    """A restricted cohort of 30 to 300 patients with low counts after a drug, and gaps everywhere.

    Some have no counts or never low ones, some two episodes; a drug's dates, sex and cause may be
    missing; some are given G-CSF, some infected, some die.
    """
    random = np.random.default_rng(seed)
    tables: dict[str, list[tuple[object, ...]]] = {
        "patients": [("patient_id", "sex", "age_years", "index_date", "aetiology")],
        "labs": [("patient_id", "analyte", "taken_at", "value", "unit")],
        "medications": [("patient_id", "atc", "drug", "role", "started_on", "stopped_on")],
        "events": [("patient_id", "event", "occurred_on", "grade")],
    }
    return _written(folder, tables, random, "W", _of_an_inpatient)


def _of_an_inpatient(
    name: str, random: np.random.Generator
) -> Iterator[tuple[str, tuple[object, ...]]]:
    """The rows of one patient, each with its table."""
    start = date(2024, 3, 1)

    def on(day: int) -> str:
        return (start + timedelta(days=int(day))).isoformat()

    sex = str(random.choice(["female", "male", ""], p=[0.55, 0.4, 0.05]))
    cause = str(random.choice(["drug_induced", "thyroid_disease", ""], p=[0.8, 0.1, 0.1]))
    yield "patients", (name, sex, int(random.integers(12, 90)), on(0), cause)
    if random.random() < 0.05:
        return
    dies = int(random.integers(3, 15)) if random.random() < 0.08 else None
    for first in (0, 120) if dies is None and random.random() < 0.1 else (0,):
        back, seen = int(random.integers(4, 45)), int(random.integers(8, 90))
        days = range(
            int(random.integers(-2, 3)), min(seen, dies or seen), int(random.integers(1, 6))
        )
        depth = float(random.choice([0.05, 0.3, 2.0], p=[0.4, 0.5, 0.1]))
        for day in days:
            value = 2.4 if day >= back or (day > 0 and random.random() < 0.03) else depth
            yield "labs", (name, "ANC", on(first + day), value, "10*9/L")
        if random.random() < 0.95:
            started = "" if not first and random.random() < 0.1 else on(first - 30)
            stopped = "" if random.random() < 0.1 else on(first)
            yield "medications", (name, "H03BB02", "thiamazole", "suspect", started, stopped)
        if random.random() < 0.4:
            begun = "" if not first and random.random() < 0.1 else on(first + random.integers(0, 3))
            yield "medications", (name, "L03AA02", "filgrastim", "treatment", begun, "")
    if random.random() < 0.2:
        yield "events", (name, "infection", on(int(random.integers(0, 3))), 3)
    if dies is not None:
        yield "events", (name, "death", on(dies), "")


def restricted(name: str) -> Cohort:
    """A cohort as if its card said that it is restricted."""
    cohort = open_cohort(name)
    return replace(cohort, card=replace(cohort.card, is_public=False))


def gated(before: Sequence[Findings], profile: Profile) -> list[Findings]:
    """What one report shows under a profile, part by part."""
    ledger = Ledger()
    return [gate(findings, profile, ledger) for findings in before]


def only_small_withheld(before: Sequence[Findings], profile: Profile) -> list[Findings]:
    """What a report would show if nothing were withheld but what is small by itself."""
    after = []
    for findings in before:
        small = {key for key, parts in _parts_of(findings) if _is_small(parts, findings, profile)}
        after.append(
            replace(
                findings,
                results=tuple(
                    Suppressed(key=r.key, label=r.label, reason="") if r.key in small else r
                    for r in findings.results
                ),
            )
        )
    return after


def n_counts(found: Iterable[Findings]) -> int:
    """How many counts and shares are shown, or of a share how many have the event."""
    return sum(bool(_parts_shown(r)) for findings in found for r in findings.results)


def found_out(
    before: Sequence[Findings],
    after: Sequence[Findings],
    profile: Profile,
    printed_by: Callable[[str], Profile] | None = None,
) -> dict[str, int]:
    """The small numbers that are not told and that the attacker knows to be small; what they are.

    Of a share that is shown, those without the event are not told. `printed_by` says under which
    profile a key is printed, where that is not the same for all.
    """
    shown = {r.key: _parts_shown(r) for findings in after for r in findings.results}
    ranges: dict[str, dict[tuple[str, str], tuple[float, float]]] = {}
    secrets: dict[str, dict[tuple[str, str], int]] = {}
    units = {one.unit for findings in before for one in findings.whose}
    for findings in before:
        whose = {one.key: one for one in findings.whose}
        for key, parts in _parts_of(findings):
            unit = whose[key].unit
            for part, value in parts.items():
                if part in shown[key]:
                    own = profile if printed_by is None else printed_by(key)
                    ranges.setdefault(unit, {})[key, part] = _range(value, own)
                elif value <= profile.limit:
                    secrets.setdefault(unit, {})[key, part] = value
    found: dict[str, int] = {}
    for unit in units:
        attacker = Attacker.of(before, unit)
        wanted = secrets.get(unit, {})
        largest = attacker.largest(wanted, ranges.get(unit, {}), profile.limit + 1)
        small = {one for one, most in largest.items() if most <= profile.limit}
        # those that nobody could miss, whatever is withheld: nobody stands for nobody
        alone = attacker.largest(small, {}, profile.limit + 1)
        found |= {"#".join(one): wanted[one] for one in sorted(small) if alone[one] > profile.limit}
    return found


def told_of_few(
    before: Sequence[Findings], after: Sequence[Findings], profile: Profile
) -> list[str]:
    """The statistics shown that rest on a set of too few patients."""
    shown = {r.key for findings in after for r in findings.results if isinstance(r, Estimate)}
    return [
        one.key
        for findings in before
        for census in findings.censuses
        for one in findings.whose
        if one.key in shown
        and one.unit == census.unit
        and min(map(census.n_persons, one.groups)) <= profile.limit
    ]


@dataclass
class Attacker:
    """Who knows the sets behind the numbers of one unit: the cells that they are made of.

    Args:
        census: Gives the columns' categories, and which of them nobody has.
        whose: Of whom each result tells, by key.
    """

    census: Census
    whose: Mapping[str, Whose]
    columns: dict[tuple[tuple[str, ...], Cell], int] = field(default_factory=dict)

    @classmethod
    def of(cls, before: Sequence[Findings], unit: str) -> Attacker:
        """By all that the parts of one report say of a unit."""
        axes = {}
        for census in (c for findings in before for c in findings.censuses if c.unit == unit):
            axes |= census.axes
            persons = census.persons
        whose = {o.key: o for findings in before for o in findings.whose if o.unit == unit}
        return cls(Census(unit, persons, axes), whose)

    def __post_init__(self) -> None:
        """Number the cells of every table."""
        for table in self.tables:
            for cell in product(*(self.cells[name] for name in table)):
                self.columns[table, cell] = len(self.columns)

    @cached_property
    def groups(self) -> list[GroupName]:
        """All sets that are named, and those by which it is decided who is asked."""
        named = dict.fromkeys(
            box for one in self.whose.values() for group in one.groups for box in group.boxes
        )
        used = {name for group in named for name in group.by_axis}
        more = list(used)
        for name in more:
            within = self.census.axes[name].within
            if within is not None:
                asked = set(self.census.axes[name].categories) - {NOT_ASKED}
                named |= dict.fromkeys(within.where(name, asked).boxes)
                new = {axis for box in within.boxes for axis in box.by_axis} - used
                used |= new
                more += new
        return list(named)

    @cached_property
    def cells(self) -> dict[str, list[frozenset[str]]]:
        """The categories of each column that no set tells apart, together."""
        found = {}
        for name in sorted({name for group in self.groups for name in group.by_axis}):
            sets = [group.by_axis[name] for group in self.groups if name in group.by_axis]
            marks: dict[tuple[bool, ...], set[str]] = {}
            for word in self.census.axes[name].categories:
                marks.setdefault(tuple(word in own for own in sets), set()).add(word)
            found[name] = [frozenset(words) for words in marks.values()]
        return found

    @cached_property
    def tables(self) -> list[tuple[str, ...]]:
        """The columns that are crossed with each other, the widest tables only."""
        all_ = {tuple(group.by_axis) for group in self.groups}
        all_ |= {_columns_of(*one.groups[:2]) for one in self.whose.values() if one.events}
        widest = [t for t in all_ if not any(set(t) < set(other) for other in all_)]
        return sorted(widest)

    def inside(self, group: GroupName, table: tuple[str, ...] | None = None) -> Row:
        """The cells that make up a set."""
        found: Row = {}
        for box in group.boxes:
            own = box.by_axis
            place = table or next(t for t in self.tables if own.keys() <= set(t))
            found |= {
                self.columns[place, cell]: 1.0
                for cell in product(*(self.cells[name] for name in place))
                if all(
                    words <= own.get(name, words) for name, words in zip(place, cell, strict=True)
                )
            }
        return found

    @cached_property
    def agreements(self) -> list[Row]:
        """What two tables have in common is the same number in both: each row is 0."""
        found = []
        shared = {tuple(sorted({*a} & {*b})) for a, b in combinations(self.tables, 2)}
        for axes in shared:
            holding = [table for table in self.tables if set(axes) <= set(table)]
            for cell in product(*(self.cells[name] for name in axes)):
                group = GroupName(frozenset(zip(axes, cell, strict=True)))
                for one, other in pairwise(self.inside(group, table) for table in holding):
                    found.append(one | dict.fromkeys(other, -1.0))
        return found

    @cached_property
    def nobodies(self) -> set[int]:
        """The cells of which it is no secret that nobody is in them."""
        named = (box for one in self.whose.values() for g in one.groups for box in g.boxes)
        asked_for = {cut for box in named for cut in box.cuts}
        empty = {
            (name, words)
            for name, own in self.cells.items()
            for words in own
            if not self.census.n(GroupName(frozenset({(name, words)})))
            and (words == {NOT_RECORDED} or (name, words) not in asked_for)
        }
        return {
            place
            for (table, cell), place in self.columns.items()
            if empty & set(zip(table, cell, strict=True)) or not self._is_possible(table, cell)
        }

    def _is_possible(self, table: tuple[str, ...], cell: Cell) -> bool:
        """Whether the meaning of the columns lets anybody be there."""
        own = dict(zip(table, cell, strict=True))
        for name, words in own.items():
            within = self.census.axes[name].within
            if within is None or not set(_columns_of(within)) <= own.keys():
                continue
            is_inside = any(
                all(own[axis] <= chosen for axis, chosen in box.cuts) for box in within.boxes
            )
            if is_inside == (words == {NOT_ASKED}):
                return False
        return True

    def row(self, key: str, part: str) -> Row:
        """A number of a result, as the cells that it counts."""
        one = self.whose[key]
        if one.events is None:
            return self.inside(one.of)
        whole = self.inside(one.of, self._table_of(one))
        events = self.inside(one.events, self._table_of(one))
        if part == EVENTS:
            return events
        return whole if part == ALL else dict.fromkeys(whole.keys() - events.keys(), 1.0)

    def _table_of(self, one: Whose) -> tuple[str, ...]:
        """The table that holds both sets of a share."""
        needed = set(_columns_of(*one.groups[:2]))
        return next(table for table in self.tables if needed <= set(table))

    def largest(
        self,
        wanted: Iterable[tuple[str, str]],
        shown: Mapping[tuple[str, str], tuple[float, float]],
        enough: int,
    ) -> dict[tuple[str, str], float]:
        """How large each wanted number can be by what is shown; at most `enough`."""
        rows = [(row, 0.0, 0.0) for row in self.agreements]
        rows += [(self.row(*one), low, high) for one, (low, high) in shown.items()]
        targets = {one: self.row(*one) for one in wanted}
        known = self._matrix([row for row, _, _ in rows])
        low, high = (np.array([row[side] for row in rows]) for side in (1, 2))
        reached = dict.fromkeys(targets, 0.0)
        for one, target in targets.items():
            if reached[one] >= enough:
                continue
            limits = optimize.LinearConstraint(
                sparse.vstack([known, self._matrix([target])]).tocsr(),
                np.append(low, 0.0), np.append(high, float(enough)),
            )  # fmt: skip
            x = self._solved(limits, target)
            for other, own in targets.items():
                reached[other] = max(reached[other], sum(x[place] for place in own))
        return reached

    def _matrix(self, rows: Sequence[Row]) -> sparse.csr_matrix:
        """The rows as a matrix, a column for each cell."""
        places = [(number, place) for number, row in enumerate(rows) for place in row]
        factors = [factor for row in rows for factor in row.values()]
        down, across = zip(*places, strict=True) if places else ((), ())
        return sparse.csr_matrix((factors, (down, across)), (len(rows), len(self.columns)))

    def _solved(self, limits: optimize.LinearConstraint, target: Row) -> Sequence[float]:
        """The numbers in the cells of the world in which the target is largest."""
        n = len(self.columns)
        cost = np.zeros(n)
        cost[list(target)] = -1.0
        top = np.full(n, 10_000.0)
        top[list(self.nobodies)] = 0.0
        answer = optimize.milp(
            cost, constraints=limits, bounds=optimize.Bounds(np.zeros(n), top),
            integrality=np.ones(n),
        )  # fmt: skip
        assert answer.success, answer.message
        return [float(round(value)) for value in answer.x]


def _columns_of(*groups: GroupName) -> tuple[str, ...]:
    """All the columns by which sets are cut."""
    return tuple(sorted({name for group in groups for box in group.boxes for name in box.by_axis}))


def _is_count(result: object) -> bool:
    kinds = (Measure.COUNT, Measure.PROPORTION)
    return isinstance(result, Estimate) and result.measure in kinds and (result.n is not None)


def _parts_shown(result: object) -> tuple[str, ...]:
    """What a reader is told of a count or share: of one withheld, sometimes how many have it."""
    if _is_count(result):
        return EVENTS, ALL
    return (EVENTS,) if isinstance(result, Suppressed) and result.events is not None else ()


def _parts_of(findings: Findings) -> Iterator[tuple[str, dict[str, int]]]:
    """The numbers that each count or share tells, by what its sets hold."""
    censuses = {census.unit: census for census in findings.censuses}
    for one in findings.whose:
        if _is_count(findings.by_key[one.key]):
            count = censuses[one.unit].n
            if one.events is None:
                yield one.key, {EVENTS: count(one.of)}
            else:
                events, n = count(one.events), count(one.of)
                yield one.key, {EVENTS: events, ALL: n, OTHERS: n - events}


def _is_small(parts: Mapping[str, int], findings: Findings, profile: Profile) -> bool:
    return bool(findings.censuses) and min(parts.values()) <= profile.limit


def _range(value: int, profile: Profile) -> tuple[float, float]:
    """The counts that are shown as this one is."""
    if not profile.is_rounding:
        return float(value), float(value)
    low = (value + profile.base // 2) // profile.base * profile.base - profile.base // 2
    return float(max(low, 0)), float(low + profile.base - 1)
