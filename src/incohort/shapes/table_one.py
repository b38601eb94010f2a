"""Table 1: characteristics by group, with denominators, missing values and balance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import pandas as pd

from incohort.dictionary.wording import unit_words
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Findings,
    Layout,
    Margin,
    Measure,
    Row,
    Table,
)
from incohort.shapes.balance import association
from incohort.shapes.characteristics import (
    OVERALL,
    Group,
    Variable,
)
from incohort.shapes.making import Made, Scope
from incohort.shapes.recorded import LABEL
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.balance import smd_categorical, smd_continuous
from incohort.stats.contingency import ChiSquare
from incohort.stats.location import Comparison, kruskal_wallis, mann_whitney

# Of how many a group's value must be recorded to count among three or more groups: with fewer, the
# standard error of a difference is near half a standard deviation, and the largest is chance's.
_LEAST = 10


def compare(
    scope: Scope,
    name: str,
    title: str,
    groups: Sequence[Group],
    variables: Sequence[Variable],
    *,
    group_sources: tuple[str, ...],
    notes: tuple[str, ...] = (),
) -> Findings:
    """Two groups side by side with standardised differences and no tests.

    Args:
        scope: What all numbers of the report share.
        name: Begins the keys, after the prefix.
        title: The table's caption.
        groups: The groups, without an overall one.
        variables: What is compared.
        group_sources: The columns that make the groups.
        notes: Source notes of the table.
    """
    table = _Table(
        made=Made(scope=scope),
        groups=list(groups),
        compared=list(groups),
        group_sources=group_sources,
    )
    return _laid_out(table, name, title, variables, show_p_values=False, notes=notes)


@dataclass(kw_only=True)
class _Table:
    """A table in the making."""

    made: Made
    groups: list[Group]
    compared: list[Group]
    group_sources: tuple[str, ...]

    def columns(self, *, show_p_values: bool) -> tuple[Column, ...]:
        heads = [Column(group.label) for group in self.groups]
        if len(self.compared) > 1:
            heads.append(Column("SMD" if len(self.compared) == 2 else "Largest SMD"))
            heads += [Column("P")] if show_p_values else []
        return tuple(heads)


def _laid_out(
    table: _Table,
    name: str,
    title: str,
    variables: Sequence[Variable],
    *,
    show_p_values: bool,
    notes: tuple[str, ...] = (),
) -> Findings:
    made = table.made
    made.sources = table.group_sources or ("patients.patient_id",)
    totals = [
        made.count(f"{name}/{g.name}/n/count", f"{g.label}: patients", len(g.frame))
        for g in table.groups
    ]
    extra = _n_extra(table, show_p_values=show_p_values)
    rows = [Row("Patients", (*(Cell(CellKind.COUNT, (key,)) for key in totals), *extra))]
    margins = _across(totals, table)
    tests: list[str] = []
    for variable in variables:
        made.sources = (*variable.sources, *table.group_sources)
        if variable.categories is None:
            rows += _continuous(table, name, variable, tests, show_p_values=show_p_values)
        else:
            new, more = _categorical(
                table, name, variable, tests, totals, show_p_values=show_p_values
            )
            rows += new
            margins += more
        margins += _missing_margins(table, name, variable, totals)
    layout = Layout(
        tables=(
            Table(
                key=made.scope.key(f"{name}/table"),
                caption=title,
                stub_head="Characteristic",
                columns=table.columns(show_p_values=show_p_values),
                rows=tuple(rows),
                notes=(*notes, *_notes(table, tests)),
            ),
        ),
        margins=tuple(margins),
    )
    return made.scope.findings(name, title, made, layout)


def _n_extra(table: _Table, *, show_p_values: bool) -> list[Cell]:
    if len(table.compared) < 2:
        return []
    return [Cell(CellKind.TEXT)] * (2 if show_p_values else 1)


def _notes(table: _Table, tests: list[str]) -> list[str]:
    notes = [
        (
            "Continuous values are medians (first to third quartile): of the neutrophil count that "
            "grades a patient, and of the value nearest the index date of all others. Percentages "
            "are of patients in whom it is recorded; unknown is a recorded answer."
        )
    ]
    if len(table.compared) > 1:
        notes.append(_smd_note(table))
    if tests:
        notes.append(f"P, not corrected for multiplicity: {'; '.join(dict.fromkeys(tests))}.")
    return notes


def _smd_note(table: _Table) -> str:
    """What the differences are of; of restricted cohorts no small group is named."""
    said = "SMD: standardised mean difference"
    if len(table.compared) <= 2:
        return f"{said}, without sign."
    small = [f"{g.label} ({len(g.frame)})" for g in table.compared if len(g.frame) < _LEAST]
    left_out = f" Too small for it: {', '.join(small)}." if small else ""
    return (
        f"{said}, the largest of any two groups that each have at least {_LEAST} patients in whom "
        "the characteristic is recorded, without sign."
        f"{'' if table.made.scope.lists_all else left_out}"
    )


def _large(table: _Table, variable: Variable) -> list[Group]:
    """The groups that the difference is of: of three or more, those that are no handful."""
    if len(table.compared) <= 2:
        return table.compared
    return [g for g in table.compared if g.frame[variable.column].notna().sum() >= _LEAST]


def _across(parts: list[str], table: _Table) -> list[Margin]:
    """The margin of an overall column and its groups, where there is one."""
    if len(parts) > 1 and table.groups[0].name == OVERALL:
        return [Margin(total=parts[0], parts=tuple(parts[1:]))]
    return []


def _continuous(
    table: _Table, name: str, variable: Variable, tests: list[str], *, show_p_values: bool
) -> list[Row]:
    made = table.made
    samples = {g.name: pd.to_numeric(g.frame[variable.column]).dropna() for g in table.groups}
    unit = f", {unit_words(variable.unit)}" if variable.unit else ""
    cells = [
        Cell(
            CellKind.MEDIAN_IQR,
            made.quartiles(
                f"{name}/{g.name}/{variable.name}",
                f"{variable.label}, {g.label}",
                samples[g.name],
                unit=variable.unit,
                quantity=variable.name,
                rows=_whose(g, samples[g.name]),
            ),
        )
        for g in table.groups
    ]
    compared = [samples[g.name].to_numpy() for g in table.compared]
    if len(table.compared) > 1:
        large = [samples[g.name].to_numpy() for g in _large(table, variable)]
        pairs = [smd_continuous(a, b) for a, b in combinations(large, 2)]
        cells.append(_smd_cell(table, name, variable, pairs))
        if show_p_values:
            test: HypothesisTest | Comparison | NoEstimate = (
                mann_whitney(*compared) if len(compared) == 2 else kruskal_wallis(compared)
            )
            cells.append(_p_cell(table, name, variable, test, tests))
    rows = [Row(f"{variable.label}{unit}", tuple(cells))]
    return [*rows, *_missing(table, name, variable)]


def _whose(group: Group, values: pd.Series) -> list[tuple[str, int]]:
    """The patients with a value, for the gate."""
    return [(str(patient), 0) for patient in group.frame.loc[values.index, "patient_id"]]


def _categorical(
    table: _Table,
    name: str,
    variable: Variable,
    tests: list[str],
    totals: list[str],
    *,
    show_p_values: bool,
) -> tuple[list[Row], list[Margin]]:
    made = table.made
    assert variable.categories is not None  # noqa: S101 — the caller has looked
    seen = {
        value: label
        for value, label in variable.categories.items()
        if made.scope.lists_all
        or any((g.frame[variable.column] == value).any() for g in table.groups)
    }
    counts = {
        g.name: [int((g.frame[variable.column] == value).sum()) for value in seen]
        for g in table.groups
    }
    extra: list[Cell] = []
    if len(table.compared) > 1:
        compared = [counts[g.name] for g in table.compared]
        large = [counts[g.name] for g in _large(table, variable)]
        pairs = [smd_categorical(a, b) for a, b in combinations(large, 2)]
        extra.append(_smd_cell(table, name, variable, pairs, [n for row in large for n in row]))
        if show_p_values:
            cells = [count for row in compared for count in row]
            extra.append(_p_cell(table, name, variable, association(compared), tests, cells))
    blank = tuple(Cell(CellKind.TEXT) for _ in table.groups)
    rows = [Row(variable.label, (*blank, *extra))]
    keys: dict[str, list[str]] = {g.name: [] for g in table.groups}
    for position, (value, label) in enumerate(seen.items()):
        for g in table.groups:
            known = sum(counts[g.name])
            keys[g.name].append(
                made.proportion(
                    f"{name}/{g.name}/{variable.name}/{value}/proportion",
                    f"{variable.label}: {label}, {g.label}",
                    counts[g.name][position],
                    known,
                    nobody="it is recorded of nobody here",
                )
            )
        shown = tuple(Cell(CellKind.N_PERCENT, (keys[g.name][position],)) for g in table.groups)
        rows.append(Row(label, (*shown, *(Cell(CellKind.TEXT) for _ in extra)), level=1))
    missing = _missing(table, name, variable)
    margins = [
        m for i in range(len(seen)) for m in _across([keys[g.name][i] for g in table.groups], table)
    ]
    for total, g in zip(totals, table.groups, strict=True):
        absent = made.scope.key(_missing_tail(name, variable, g))
        also = [absent] if absent in made.results else []
        margins.append(Margin(total=total, parts=(*keys[g.name], *also)))
    return [*rows, *missing], margins


def _smd_cell(
    table: _Table,
    name: str,
    variable: Variable,
    pairs: list[float | NoEstimate],
    cells: Sequence[int] = (),
) -> Cell:
    """The balance of one characteristic; `cells` are the counts that it was computed from."""
    tail, label = f"{name}/{variable.name}/smd", f"{variable.label}: standardised difference"
    known = [abs(pair) for pair in pairs if not isinstance(pair, NoEstimate)]
    if not known:
        reasons = [pair.reason for pair in pairs if isinstance(pair, NoEstimate)]
        reasons.append(f"fewer than two groups have {_LEAST} patients in whom it is recorded")
        n = min(int(g.frame[variable.column].notna().sum()) for g in table.compared)
        return Cell(CellKind.ESTIMATE, (table.made.none(tail, label, reasons[0], n=n),))
    known_in = [int(g.frame[variable.column].notna().sum()) for g in _large(table, variable)]
    key = table.made.estimate(
        tail,
        label,
        Measure.SMD,
        max(known),
        n=sum(known_in),
        method="standardised mean difference",
        smallest=min(*known_in, *cells),
    )
    return Cell(CellKind.ESTIMATE, (key,))


def _p_cell(
    table: _Table,
    name: str,
    variable: Variable,
    test: HypothesisTest | Comparison | ChiSquare | NoEstimate,
    tests: list[str],
    cells: Sequence[int] = (),
) -> Cell:
    known_in = [int(g.frame[variable.column].notna().sum()) for g in table.compared]
    tail, label = f"{name}/{variable.name}/p_value", f"{variable.label}: P"
    if not isinstance(test, NoEstimate):
        tests.append(f"{variable.label}: {test.method}")
    smallest = min(*known_in, *cells)
    key = table.made.p_value(tail, label, test, n=sum(known_in), smallest=smallest)
    return Cell(CellKind.P_VALUE, (key,))


def _missing(table: _Table, name: str, variable: Variable) -> list[Row]:
    """A row of those in whom nothing is recorded, where there are any."""
    absent = {g.name: int(g.frame[variable.column].isna().sum()) for g in table.groups}
    if not any(absent.values()):
        return []
    cells = [_missing_cell(table, name, variable, g, absent[g.name]) for g in table.groups]
    return [Row(LABEL, (*cells, *_n_extra(table, show_p_values=False)), level=1)]


def _missing_margins(
    table: _Table, name: str, variable: Variable, totals: list[str]
) -> list[Margin]:
    """Those in whom a value is missing are of their group, and the groups' make those of all."""
    keys = [table.made.scope.key(_missing_tail(name, variable, g)) for g in table.groups]
    of_group = [
        Margin(total=total, parts=(f"{key}#n",)) for total, key in zip(totals, keys, strict=True)
    ]
    return [*of_group, *_across(keys, table)]


def _missing_tail(name: str, variable: Variable, group: Group) -> str:
    return f"{name}/{group.name}/{variable.name}/missing/count"


def _missing_cell(table: _Table, name: str, variable: Variable, group: Group, absent: int) -> Cell:
    """How many values are missing in one group.

    That none is missing says nothing about anybody, so of a restricted cohort it is written in
    words: a count of 0 would be withheld, and would take the shares beside it along.
    """
    if table.made.scope.lists_all and not absent:
        return Cell(CellKind.TEXT, text="0")
    tail = _missing_tail(name, variable, group)
    label = f"{variable.label} not recorded, {group.label}"
    return Cell(CellKind.COUNT, (table.made.count(tail, label, absent, n=len(group.frame)),))
