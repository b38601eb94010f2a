"""Table 1: characteristics by group, with denominators, missing values and balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations

from incohort.dictionary.wording import unit_words
from incohort.results import Cell, Findings, Layout, Measure, Row, Table
from incohort.shapes.balance import LEAST, association, difference_of, ranks_test
from incohort.shapes.characteristics import Variable, described_variables
from incohort.shapes.groups import OVERALL, Group, sources_of
from incohort.shapes.recorded import LABEL
from incohort.shapes.sets import Members
from incohort.shapes.tabular import BLANK, cell, row, table, text
from incohort.shapes.telling import Draft
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.balance import smd_categorical, smd_continuous
from incohort.stats.contingency import ChiSquare
from incohort.stats.location import Comparison

_Test = HypothesisTest | Comparison | ChiSquare | NoEstimate


@dataclass(frozen=True, kw_only=True)
class TableOne:
    """Characteristics of groups side by side; an overall one comes first, and is not compared.

    Args:
        draft: Takes the results.
        name: Begins the keys.
        title: The caption.
        groups: The columns.
        group_sources: The columns of the data that make the groups.
        has_tests: Whether each characteristic is tested.
        notes: Source notes.
    """

    draft: Draft
    name: str
    title: str
    groups: Sequence[Group]
    group_sources: tuple[str, ...] = ()
    has_tests: bool = False
    notes: tuple[str, ...] = ()

    def of(self, variables: Sequence[Variable]) -> Table:
        """The table of these characteristics."""
        self.draft.sources = self.group_sources or ("patients.patient_id",)
        rows = [row("Patients", *map(self._size, self.groups), *self._blank)]
        tests: list[str] = []
        for variable in variables:
            self.draft.sources = (*variable.sources, *self.group_sources)
            if variable.categories is None:
                rows += self._continuous(variable, tests)
            else:
                rows += self._categorical(variable, tests)
        notes = (*self.notes, *self._notes(tests))
        return table(
            self.draft.scope, self.name, self.title, "Characteristic", self._columns, rows, *notes
        )

    @cached_property
    def _compared(self) -> list[Group]:
        return [group for group in self.groups if group.name != OVERALL]

    @property
    def _has_difference(self) -> bool:
        return len(self._compared) > 1

    @property
    def _columns(self) -> list[str]:
        heads = [group.label for group in self.groups]
        if self._has_difference:
            heads.append("SMD" if len(self._compared) == 2 else "Largest SMD")
            heads += ["P"] if self.has_tests else []
        return heads

    @property
    def _blank(self) -> tuple[Cell, ...]:
        """The last cells of a row that compares nothing."""
        return (BLANK,) * (len(self._columns) - len(self.groups))

    def _size(self, group: Group) -> Cell:
        label = f"{group.label}: patients"
        key = self.draft.count_in(f"{self.name}/{group.name}/n/count", label, group.members)
        return cell("count", key)

    def _continuous(self, variable: Variable, tests: list[str]) -> list[Row]:
        unit = f", {unit_words(variable.unit)}" if variable.unit else ""
        cells = [self._quartiles(variable, group) for group in self.groups]
        axis = self.groups[0].members.base.recorded(variable.column)
        if self._has_difference:
            known = [(group, group.members.known(axis)) for group in self._compared]
            values = {g.name: m.frame[variable.column].to_numpy(dtype=float) for g, m in known}
            large = self._large(known)
            pairs = [smd_continuous(values[a.name], values[b.name]) for a, b in _pairs(large)]
            if self._is_unbounded(axis, variable.column):
                pairs = [NoEstimate("some values are known only from below, so they have no mean")]
            cells.append(self._difference(variable, pairs, known, [m for _, m in large]))
            if self.has_tests:
                answer = ranks_test([values[g.name] for g, _ in known])
                cells.append(self._p_value(variable, answer, tests, known, [m for _, m in known]))
        return [row(f"{variable.label}{unit}", *cells), *self._missing(variable, axis)]

    def _quartiles(self, variable: Variable, group: Group) -> Cell:
        keys = self.draft.quartiles_in(
            f"{self.name}/{group.name}/{variable.name}", f"{variable.label}, {group.label}",
            variable.column, group.members, unit=variable.unit, quantity=variable.name,
        )  # fmt: skip
        return cell("median_iqr", *keys)

    def _is_unbounded(self, axis: str, column: str) -> bool:
        """Whether some values may be any number above what was printed."""
        signs = (members.known(axis).signs(column) or () for members in self._shown)
        return any(sign in {">", ">="} for printed in signs for sign in printed)

    def _categorical(self, variable: Variable, tests: list[str]) -> list[Row]:
        assert variable.categories is not None  # noqa: S101 — the caller has looked
        axis = variable.column
        seen = {
            word: label
            for word, label in variable.categories.items()
            if any(len(m.where(axis, word)) for m in self._shown)
        }
        extra: list[Cell] = []
        if self._has_difference:
            known = [(group, group.members.known(axis)) for group in self._compared]
            sets_of = {g.name: [m.where(axis, word) for word in seen] for g, m in known}
            counts = {name: list(map(len, sets)) for name, sets in sets_of.items()}
            large = self._large(known)
            pairs = [smd_categorical(counts[a.name], counts[b.name]) for a, b in _pairs(large)]
            of_large = [members for group, _ in large for members in sets_of[group.name]]
            extra.append(self._difference(variable, pairs, known, of_large))
            if self.has_tests:
                answer = association(list(counts.values()))
                every = [members for sets in sets_of.values() for members in sets]
                behind = every or [members for _, members in known]
                extra.append(self._p_value(variable, answer, tests, known, behind))
        rows = [row(variable.label, *[BLANK] * len(self.groups), *extra)]
        for word, label in seen.items():
            cells = (self._share(variable, word, label, group) for group in self.groups)
            rows.append(row(label, *cells, *self._blank, level=1))
        return [*rows, *self._missing(variable, axis)]

    def _share(self, variable: Variable, word: str, label: str, group: Group) -> Cell:
        known = group.members.known(variable.column)
        key = self.draft.share_in(
            f"{self.name}/{group.name}/{variable.name}/{word}/proportion",
            f"{variable.label}: {label}, {group.label}",
            known.where(variable.column, word),
            known,
            nobody="it is recorded of nobody here",
        )
        return cell("n_percent", key)

    def _missing(self, variable: Variable, axis: str) -> list[Row]:
        """A row of those in whom nothing is recorded, where there are any."""
        if not any(len(members.unknown(axis)) for members in self._shown):
            return []
        cells = [self._missing_cell(variable, axis, group) for group in self.groups]
        return [row(LABEL, *cells, *self._blank, level=1)]

    def _missing_cell(self, variable: Variable, axis: str, group: Group) -> Cell:
        absent = group.members.unknown(axis)
        if self.draft.scope.lists_all and not len(absent):
            return text("0")  # a count of 0 would be withheld
        tail = f"{self.name}/{group.name}/{variable.name}/missing/count"
        label = f"{variable.label} not recorded, {group.label}"
        key = self.draft.count_in(tail, label, absent, of=group.members)
        return cell("count", key)

    @property
    def _shown(self) -> tuple[Members, ...]:
        """Of whom a row is there if somebody is in it: those in a column, or the whole cohort.

        Of a restricted cohort a row that is there only where somebody in a group has it would tell
        that somebody, or nobody, has.
        """
        if self.draft.scope.lists_all:
            return (self.groups[0].members.base.everybody,)
        return tuple(group.members for group in self.groups)

    def _large(self, known: Sequence[tuple[Group, Members]]) -> list[tuple[Group, Members]]:
        """The groups that the difference is of: of three or more, those that are no handful."""
        if len(known) <= 2:
            return list(known)
        return [(group, members) for group, members in known if len(members) >= LEAST]

    def _difference(
        self,
        variable: Variable,
        pairs: Sequence[float | NoEstimate],
        known: Sequence[tuple[Group, Members]],
        behind: Sequence[Members],
    ) -> Cell:
        """The balance of one characteristic; `behind` are the sets that it was computed from."""
        value = difference_of(pairs)
        is_none = isinstance(value, NoEstimate)
        large = [len(members) for _, members in self._large(known)]
        key = self.draft.statistic_in(
            f"{self.name}/{variable.name}/smd",
            f"{variable.label}: standardised difference",
            Measure.SMD,
            value,
            [members for _, members in known] if is_none else behind,
            n=min(len(members) for _, members in known) if is_none else sum(large),
            method="standardised mean difference",
        )
        return cell("estimate", key)

    def _p_value(
        self,
        variable: Variable,
        answer: _Test,
        tests: list[str],
        known: Sequence[tuple[Group, Members]],
        behind: Sequence[Members],
    ) -> Cell:
        if not isinstance(answer, NoEstimate):
            tests.append(f"{variable.label}: {answer.method}")
        n = sum(len(members) for _, members in known)
        if isinstance(answer, NoEstimate):
            n = min((len(members) for members in behind), default=0)
        tail, label = f"{self.name}/{variable.name}/p_value", f"{variable.label}: P"
        return cell("p_value", self.draft.test_in(tail, label, answer, behind, n=n))

    def _notes(self, tests: Sequence[str]) -> list[str]:
        notes = [
            (
                "Continuous values are medians (first to third quartile): of the neutrophil count "
                "that grades a patient, and of the value nearest the index date of all others. "
                "Percentages are of patients in whom it is recorded; unknown is a recorded answer."
            )
        ]
        if self._has_difference:
            notes.append(self._on_differences)
        if tests:
            notes.append(f"P, not corrected for multiplicity: {'; '.join(dict.fromkeys(tests))}.")
        return notes

    @property
    def _on_differences(self) -> str:
        """What the differences are of; of restricted cohorts no small group is named."""
        said = "SMD: standardised mean difference"
        if len(self._compared) <= 2:
            return f"{said}, without sign."
        sizes = {group.label: len(group.members) for group in self._compared}
        small = [f"{label} ({n})" for label, n in sizes.items() if n < LEAST]
        left_out = f" Too small for it: {', '.join(small)}." if small else ""
        return (
            f"{said}, the largest of any two groups that each have at least {LEAST} patients in "
            "whom the characteristic is recorded, without sign."
            f"{'' if self.draft.scope.lists_all else left_out}"
        )


def characteristics(
    draft: Draft, name: str, groups: Sequence[Group], by: str, *, has_tests: bool
) -> Findings:
    """What is described of the groups that a column makes, without that column."""
    table_one = TableOne(
        draft=draft, name=name, title="Characteristics", groups=groups,
        group_sources=sources_of(by), has_tests=has_tests,
    )  # fmt: skip
    frame, lists_all = groups[0].members.frame, draft.scope.lists_all
    variables = [
        variable
        for variable in described_variables(frame, lists_all=lists_all)
        if variable.column not in {by, f"lab_{by}"}
    ]
    return draft.findings(name, table_one.title, Layout(tables=(table_one.of(variables),)))


def _pairs(known: Sequence[tuple[Group, Members]]) -> list[tuple[Group, Group]]:
    return [(a, b) for (a, _), (b, _) in combinations(known, 2)]
