"""The door: every rule on every table of a cohort, all faults in one list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ibis
import ibis.expr.types as ir

from incohort.dictionary import ColumnSpec, ColumnType, TableSpec, load, nearest
from incohort.errors import Fault
from incohort.sources.measurements import UnitUse, judge_units
from incohort.sources.raw import ROW, Raw, RawTable, open_raw
from incohort.sources.rules import (
    Rule,
    boolean,
    cell,
    column_rules,
    date_order_rules,
    day,
    moment,
)
from incohort.sources.telling import MOST, capped, presentable


def check(path: Path) -> tuple[Fault, ...]:
    """All faults of a cohort against the data dictionary, in the order of its tables.

    A rule that many rows break tells the first of them; the last one told says in `count` how
    many rows it stands for, so the counts of all faults add up to the faulty rows.

    Args:
        path: A folder of CSV or Parquet files, or a DuckDB file.
    """
    return judge(open_raw(path))[0]


def judge(raw: Raw) -> tuple[tuple[Fault, ...], tuple[UnitUse, ...]]:
    """All faults of an opened cohort, and the units its laboratory values are in."""
    faults = list(raw.faults)
    uses: tuple[UnitUse, ...] = ()
    births, deaths = _births(raw), _deaths(raw)
    for name, spec in load().tables.items():
        if name not in raw.tables:
            continue
        table = raw.tables[name]
        rules = [(table.table, rule) for rule in column_rules(table.table, spec)]
        rules += date_order_rules(table.table, spec, births, deaths)
        faults += _broken(rules, name)
        faults += _orphans(raw, table, spec)
        faults += _twins(table, spec)
        if name == "labs":
            uses, unit_faults = judge_units(table)
            faults += unit_faults
        if name == "patients" and table.n_rows == 0:
            faults.append(_nobody())
    order = {name: position for position, name in enumerate(load().tables)}
    faults.sort(key=lambda f: (order.get(f.table, -1), f.row or 0, f.column, f.rule, f.value))
    return tuple(map(presentable, faults)), uses


def _births(raw: Raw) -> ir.Table | None:
    patients = raw.tables.get("patients")
    if patients is None or not {"patient_id", "birth_date"} <= set(patients.columns):
        return None
    column = next(c for c in load().table("patients").columns if c.name == "birth_date")
    table = patients.table
    return (
        table.mutate(_day=day(cell(table, column)))
        .group_by("patient_id")
        .aggregate(_birth=lambda t: t["_day"].min())
    )


def _deaths(raw: Raw) -> ir.Table | None:
    events = raw.tables.get("events")
    if events is None or not {"patient_id", "event", "occurred_on"} <= set(events.columns):
        return None
    column = next(c for c in load().table("events").columns if c.name == "occurred_on")
    table = events.table
    return (
        table.filter(table.event == "death")
        .mutate(_day=day(cell(table, column)))
        .group_by("patient_id")
        .aggregate(_death=lambda t: t["_day"].min())
    )


def _broken(rules: list[tuple[ir.Table, Rule]], name: str) -> Iterator[Fault]:
    """The faults of all rules: one scan counts each rule's, another lists those that have any."""
    for table in {id(table): table for table, _ in rules}.values():
        own = [rule for other, rule in rules if other is table]
        counts = table.aggregate(
            **{f"r{i}": table.count(where=rule.broken) for i, rule in enumerate(own)}
        ).execute()
        for i, rule in enumerate(own):
            count = counts[f"r{i}"].iloc[0]
            if count:
                yield from _told(table, rule, name, int(count))


def _told(table: ir.Table, rule: Rule, name: str, count: int) -> tuple[Fault, ...]:
    if rule.by_value is not None:
        return _told_by_value(table, rule, name, count)
    rows = (
        table.filter(rule.broken).select(ROW, shown=rule.shown).order_by(ROW).limit(MOST).execute()
    )
    faults = [
        Fault(
            table=name,
            column=rule.column,
            row=int(row),
            value=shown if isinstance(shown, str) else "",
            rule=rule.rule,
            remedy=rule.remedy,
        )
        for row, shown in rows.itertuples(index=False, name=None)
    ]
    return capped(faults, count)


def _told_by_value(table: ir.Table, rule: Rule, name: str, count: int) -> tuple[Fault, ...]:
    faults = []
    for shown, n, first in _first_values(table.filter(rule.broken).select(ROW, shown=rule.shown)):
        match = nearest(shown, rule.by_value or ())
        hint = f"Did you mean {match!r}? " if match else ""
        faults.append(
            Fault(
                table=name,
                column=rule.column,
                row=first,
                value=shown,
                rule=rule.rule,
                remedy=hint + rule.remedy,
                count=n,
            )
        )
    return capped(faults, count)


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


def _orphans(raw: Raw, table: RawTable, spec: TableSpec) -> tuple[Fault, ...]:
    """The patients of a table whom `patients` doesn't have; none where not all of it was read."""
    patients = raw.tables.get("patients")
    if patients is None or not patients.is_whole or "patient_id" not in patients.columns:
        return ()
    if "patient_id" not in spec.foreign_keys or "patient_id" not in table.columns:
        return ()
    known = patients.table.select("patient_id").distinct()
    lost = table.table.filter(table.table.patient_id.notnull()).anti_join(known, "patient_id")
    faults = [
        Fault(
            table=table.name,
            column="patient_id",
            row=first,
            value=shown,
            rule="the patient is in the table patients",
            remedy="Add the patient there, or correct the number here.",
            count=n,
        )
        for shown, n, first in _first_values(lost.select(ROW, shown=lost.patient_id))
    ]
    return capped(faults, int(lost.count().execute()) if len(faults) == MOST else 0)


def _twins(table: RawTable, spec: TableSpec) -> tuple[Fault, ...]:
    """The rows whose key stands in an earlier row too; a key that lacks its patient is none."""
    every = [column for column in spec.columns if column.name in spec.primary_key]
    keys = [column for column in every if column.name in table.columns]
    required = [column.name for column in every if column.required]
    if not keys or not set(required) <= set(table.columns):
        return ()
    whole = [table.table[name].notnull() for name in required] or [ibis.literal(value=True)]
    parts = {f"k{i}": cell(table.table, column) for i, column in enumerate(keys)}
    meant = {f"m_{k}": _meant(v, c) for (k, v), c in zip(parts.items(), keys, strict=True)}
    told = {f"t_{k}": v.fill_null("") for k, v in parts.items()}
    rows = table.table.filter(*whole).select(ROW, **meant)
    groups = rows.group_by(list(meant)).aggregate(n=rows.count(), first=rows[ROW].min())
    twins = groups.filter(groups.n > 1)
    count = int(twins.aggregate(n=(twins.n - 1).sum().fill_null(0)).execute().iloc[0, 0])
    if not count:
        return ()
    again = rows.inner_join(twins, list(meant)).filter(lambda t: t[ROW] > t["first"])
    first = again.order_by(ROW).limit(MOST).select(ROW, "first")
    found = first.inner_join(table.table.select(ROW, **told), ROW).order_by(ROW).execute()
    faults = [
        Fault(
            table=table.name,
            column=" + ".join(column.name for column in keys),
            row=int(record[ROW]),
            value=", ".join(record[part] for part in told if record[part]),
            rule=f"one row per {spec.one_row_per}",
            remedy=f"It stands in row {int(record['first'])} too. Remove one, or tell them apart.",
        )
        for record in found.to_dict("records")
    ]
    return capped(faults, count)


def _meant(value: ir.StringValue, column: ColumnSpec) -> ir.Value:
    """A part of a key by its meaning: 08:30 and 08:30:00 are one time, yes and true one answer.

    What can't be read stays apart as it is written.
    """
    match column.type:
        case ColumnType.DATETIME:
            read, nothing = moment(value), ibis.timestamp("0001-01-01")
        case ColumnType.BOOLEAN:
            read, nothing = boolean(value).cast("string"), ""
        case _:
            return value.fill_null("")
    unread = read.isnull().ifelse(value.fill_null(""), "")
    return ibis.struct({"read": read.fill_null(nothing), "unread": unread})


def _nobody() -> Fault:
    return Fault(
        table="patients",
        rule="the table patients has rows",
        remedy="It has a header and nobody in it. Export it again.",
    )
