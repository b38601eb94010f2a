"""The door: every rule on every table of a cohort, all faults in one list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from incohort.dictionary import TableSpec, load, nearest
from incohort.errors import Fault
from incohort.results import Concern
from incohort.sources.affected import with_patients_of
from incohort.sources.cells import meaning
from incohort.sources.keys import Rule
from incohort.sources.looks import worth_a_look
from incohort.sources.measurements import UnitUse, judge_units
from incohort.sources.opening import open_raw
from incohort.sources.raw import ROW, Raw, kept
from incohort.sources.relations import date_order_rules, orphan_rules, with_patients
from incohort.sources.rules import column_rules, is_plain_patient
from incohort.sources.telling import MOST, capped, presentable
from incohort.sources.twins import twins

_BITS = 60  # rules that one number can mark


def check(path: Path) -> tuple[Fault, ...]:
    """All faults of a cohort against the data dictionary, in the order of its tables.

    A rule that many rows break tells the first of them; the last one told says in `count` how
    many rows it stands for, so the counts of all faults add up to the faulty rows.

    Args:
        path: A folder of CSV or Parquet files, or a DuckDB file.
    """
    return judge(open_raw(path))[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What is wrong with a cohort, and what is worth a look in it."""

    faults: tuple[Fault, ...]
    concerns: tuple[Concern, ...]


def examine(path: Path, *, today: date | None = None) -> Examination:
    """All faults of a cohort, as `check` lists them, and what is worth a look.

    Args:
        path: A folder of CSV or Parquet files, or a DuckDB file.
        today: Days after it are worth a look; without it the cohort's own days tell.
    """
    raw = open_raw(path)
    faults, uses = judge(raw)
    return Examination(faults=faults, concerns=worth_a_look(raw, uses, today))


def judge(raw: Raw) -> tuple[tuple[Fault, ...], tuple[UnitUse, ...]]:
    """All faults of an opened cohort, and the units its laboratory values are in."""
    faults = list(raw.faults)
    uses: tuple[UnitUse, ...] = ()
    people, deaths = _people(raw), _deaths(raw)
    for name, spec in load().tables.items():
        if name not in raw.tables:
            continue
        table = raw.tables[name]
        joined = with_patients(table.table, spec, people, deaths)
        faults += _broken(raw, joined, spec)
        faults += twins(raw, table, spec)
        if name == "labs":
            uses, unit_faults = judge_units(table)
            faults += unit_faults
        if name == "patients" and table.n_rows == 0:
            faults.append(_nobody())
    order = {name: position for position, name in enumerate(load().tables)}
    faults.sort(key=lambda f: (order.get(f.table, -1), f.row or 0, f.column, f.rule, f.value))
    return tuple(map(presentable, faults)), uses


def _people(raw: Raw) -> ir.Table | None:
    """Each patient once, with the date of birth, and whether the number is plain text.

    None where not all patients could be read.
    """
    patients = raw.tables.get("patients")
    if patients is None or not patients.is_whole or "patient_id" not in patients.columns:
        return None
    table = patients.table
    if "birth_date" not in patients.columns:
        known = table.select("patient_id").distinct()
        return known.mutate(_is_plain=is_plain_patient(known["patient_id"]))
    column = next(c for c in load().table("patients").columns if c.name == "birth_date")
    return (
        table.mutate(_day=meaning(table, column))
        .group_by("patient_id")
        .aggregate(_birth=lambda t: t["_day"].min())
        .mutate(_is_plain=lambda t: is_plain_patient(t["patient_id"]))
    )


def _deaths(raw: Raw) -> ir.Table | None:
    events = raw.tables.get("events")
    if events is None or not {"patient_id", "event", "occurred_on"} <= set(events.columns):
        return None
    column = next(c for c in load().table("events").columns if c.name == "occurred_on")
    table = events.table
    return (
        table.filter(table.event == "death")
        .mutate(_day=meaning(table, column))
        .group_by("patient_id")
        .aggregate(_death=lambda t: t["_day"].min())
    )


def _lowest(row: int, n: int) -> dt.Array[dt.int64]:
    """The n lowest row numbers: DuckDB's own function."""


_lowest_rows: Any = ibis.udf.agg.builtin(name="min")(_lowest)


def _rules(table: ir.Table, spec: TableSpec) -> tuple[Rule, ...]:
    """Every rule on single rows."""
    rules = (column_rules(table, spec), date_order_rules(table, spec), orphan_rules(table))
    return tuple(chain.from_iterable(rules))


def _broken(raw: Raw, every: ir.Table, spec: TableSpec) -> Iterator[Fault]:
    """The faults of all rules on single rows, told from the rows that break any.

    One scan finds those rows, looking at each cell once; of a clean table it leaves none. Each of
    them gets one bit for each rule that it breaks; rows with the same bits are counted together,
    with the lowest row numbers among them.
    """
    suspects = (
        rule.broken if rule.suspect is None else rule.suspect for rule in _rules(every, spec)
    )
    suspicious = every.filter(ibis.or_(*{each.op(): each for each in suspects}.values()))
    table, n_rows = kept(raw, f"suspects_{spec.name}", suspicious)
    if not n_rows:
        return
    rules, name = _rules(table, spec), spec.name
    counts = Counter[int]()
    rows: dict[int, list[int]] = {}
    for start in range(0, len(rules), _BITS):
        own = rules[start : start + _BITS]
        bits = sum(rule.broken.ifelse(1 << i, 0).cast("int64") for i, rule in enumerate(own))
        marked = table.select(ROW, bits=bits)
        found = (
            marked.group_by("bits")
            .aggregate(
                n=marked.count(), first=_lowest_rows(marked[ROW], MOST, where=marked.bits != 0)
            )
            .filter(lambda t: t.bits != 0)
            .execute()
        )
        for mask, n, first in found[["bits", "n", "first"]].itertuples(index=False, name=None):
            for i in (start + i for i in range(len(own)) if mask >> i & 1):
                counts[i] += int(n)
                rows[i] = sorted([*rows.get(i, []), *map(int, first)])[:MOST]
    shown = _shown(table, {i: rules[i] for i in rows}, rows)
    for i in sorted(rows):
        rule = rules[i]
        if rule.by_value is None:
            faults = [_fault(rule, name, row, shown[i][row]) for row in rows[i]]
        elif counts[i] <= MOST:
            faults = list(_by_value(rule, name, _grouped(shown[i])))
        else:
            broken = table.filter(rule.broken).select(ROW, shown=rule.shown)
            faults = list(_by_value(rule, name, _first_values(broken)))
        yield from with_patients_of(table.filter(rule.broken), capped(faults, counts[i]))


def _grouped(shown: Mapping[int, str]) -> Iterator[tuple[str, int, int]]:
    """Each value with how many rows have it and the first of them."""
    for value in dict.fromkeys(shown.values()):
        rows = [row for row, text in shown.items() if text == value]
        yield value, len(rows), rows[0]


def _shown(
    table: ir.Table, rules: Mapping[int, Rule], rows: Mapping[int, Sequence[int]]
) -> dict[int, dict[int, str]]:
    """What stands in the cells that are to be told, for each rule by row."""
    if not rules:
        return {}
    every = sorted({row for own in rows.values() for row in own})
    few = table.filter(table[ROW].isin(every))
    cells = few.select(ROW, **{f"s{i}": rule.shown for i, rule in rules.items()}).execute()
    records = cells.set_index(ROW).to_dict("index")
    return {
        i: {row: text if isinstance(text := records[row][f"s{i}"], str) else "" for row in rows[i]}
        for i in rules
    }


def _fault(rule: Rule, name: str, row: int, shown: str) -> Fault:
    return Fault(
        table=name, column=rule.column, row=row, value=shown, rule=rule.rule, remedy=rule.remedy
    )


def _by_value(rule: Rule, name: str, values: Iterable[tuple[str, int, int]]) -> Iterator[Fault]:
    """One fault for each wrong value, with the nearest right one."""
    for shown, n, first in values:
        match = nearest(shown, rule.by_value or ())
        hint = f"Did you mean {match!r}? " if match else ""
        fault = _fault(rule, name, first, shown)
        yield replace(fault, remedy=hint + rule.remedy, hint=hint, count=n)


def _first_values(rows: ir.Table) -> Iterator[tuple[str, int, int]]:
    """Each value of `shown` with how many rows have it and the first of them, as many as told."""
    found = (
        rows.group_by("shown")
        .aggregate(n=rows.count(), first=rows[ROW].min())
        .order_by("first")
        .limit(MOST)
        .execute()
    )
    for shown, n, first in found[["shown", "n", "first"]].itertuples(index=False, name=None):
        yield str(shown), int(n), int(first)


def _nobody() -> Fault:
    return Fault(
        table="patients",
        rule="the table patients has rows",
        remedy="It has a header and nobody in it. Export it again.",
    )
