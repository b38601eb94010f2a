"""The door: every rule on every table of a cohort, all faults in one list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache, partial
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
from incohort.sources.queries import written
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
    for name, spec in load().tables.items():
        if name not in raw.tables:
            continue
        table = raw.tables[name]
        faults += _broken(raw, spec)
        faults += twins(raw, table, spec)
        if name == "labs":
            uses, unit_faults = judge_units(raw, table)
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
    table = raw.unbound("patients")
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
    table = raw.unbound("events")
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


def _suspicious(raw: Raw, spec: TableSpec) -> ir.Table:
    """The rows of a table that may break a rule, with what is known of their patients."""
    every = with_patients(raw.unbound(spec.name), spec, _people(raw), _deaths(raw))
    suspects = (
        rule.broken if rule.suspect is None else rule.suspect for rule in _rules(every, spec)
    )
    return every.filter(ibis.or_(*{each.op(): each for each in suspects}.values()))


def _broken(raw: Raw, spec: TableSpec) -> Iterator[Fault]:
    """The faults of all rules on single rows, told from the rows that break any.

    One scan finds those rows, looking at each cell once; of a clean table it leaves none. Each of
    them gets one bit for each rule that it breaks; rows with the same bits are counted together,
    with the lowest row numbers among them.
    """
    name = spec.name
    kept_table, n_rows = kept(raw, f"suspects_{name}", raw.shape, partial(_suspicious, raw, spec))
    if not n_rows:
        return
    key = (name, kept_table.schema())
    table, rules = _rules_of(*key)
    counts = Counter[int]()
    rows: dict[int, list[int]] = {}
    for start in range(0, len(rules), _BITS):
        marks = partial(_marks, table, rules[start : start + _BITS])
        query = written(raw.connection, ("marks", start, key), marks)
        for mask, n, first in _all(raw, query):
            for i in (start + i for i in range(len(rules) - start) if mask >> i & 1):
                counts[i] += int(n)
                rows[i] = sorted([*rows.get(i, []), *map(int, first)])[:MOST]
    cells = written(raw.connection, ("cells", key), partial(_cells, table, rules))
    shown = _shown(raw, cells, rows)
    for i in sorted(rows):
        rule = rules[i]
        if rule.by_value is None:
            faults = [_fault(rule, name, row, shown[i][row]) for row in rows[i]]
        elif counts[i] <= MOST:
            faults = list(_by_value(rule, name, _grouped(shown[i])))
        else:
            values = partial(_first_values, table, rule)
            query = written(raw.connection, ("values", i, key), values)
            faults = list(_by_value(rule, name, _all(raw, query)))
        broken = table.filter(rule.broken)
        yield from with_patients_of(raw, broken, capped(faults, counts[i]), (i, key))


@lru_cache(maxsize=200)
def _rules_of(name: str, schema: ibis.Schema) -> tuple[ir.Table, tuple[Rule, ...]]:
    """The suspicious rows of a table of these columns, without a connection, and all rules."""
    table = ibis.table(schema, name=f"suspects_{name}")
    return table, _rules(table, load().table(name))


def _marks(table: ir.Table, rules: Sequence[Rule]) -> ir.Table:
    """Which rules the same rows break, a bit for each; how many rows, and the lowest of them."""
    bits = sum(rule.broken.ifelse(1 << i, 0).cast("int64") for i, rule in enumerate(rules))
    marked = table.select(ROW, bits=bits)
    return (
        marked.group_by("bits")
        .aggregate(n=marked.count(), first=_lowest_rows(marked[ROW], MOST, where=marked.bits != 0))
        .filter(lambda t: t.bits != 0)
        .select("bits", "n", "first")
    )


def _cells(table: ir.Table, rules: Sequence[Rule]) -> ir.Table:
    """The cell that each rule tells, of every row."""
    return table.select(ROW, **{f"s{i}": rule.shown for i, rule in enumerate(rules)})


def _grouped(shown: Mapping[int, str]) -> Iterator[tuple[str, int, int]]:
    """Each value with how many rows have it and the first of them."""
    for value in dict.fromkeys(shown.values()):
        rows = [row for row, text in shown.items() if text == value]
        yield value, len(rows), rows[0]


def _shown(raw: Raw, cells: str, rows: Mapping[int, Sequence[int]]) -> dict[int, dict[int, str]]:
    """What stands in the cells that are to be told, for each rule by row."""
    if not rows:
        return {}
    every = sorted({row for lowest in rows.values() for row in lowest})
    columns = ", ".join([ROW, *(f"s{i}" for i in rows)])
    few = f"{ROW} IN ({', '.join(map(str, every))})"
    query = f"SELECT {columns} FROM ({cells}) WHERE {few}"  # noqa: S608 — numbers, and our own SQL
    records = {row: dict(zip(rows, texts, strict=True)) for row, *texts in _all(raw, query)}
    return {i: {row: records[row][i] or "" for row in rows[i]} for i in rows}


def _all(raw: Raw, query: str) -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = raw.connection.raw_sql(query).fetchall()
    return rows


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


def _first_values(table: ir.Table, rule: Rule) -> ir.Table:
    """Each value that breaks a rule, how many rows have it, the first of them: as many as told."""
    rows = table.filter(rule.broken).select(ROW, shown=rule.shown)
    each = rows.group_by("shown").aggregate(n=rows.count(), first=rows[ROW].min())
    return each.select("shown", "n", "first").order_by("first").limit(MOST)


def _nobody() -> Fault:
    return Fault(
        table="patients",
        rule="the table patients has rows",
        remedy="It has a header and nobody in it. Export it again.",
    )
