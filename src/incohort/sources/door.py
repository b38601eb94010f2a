"""The door: every rule on every table of a cohort, all faults in one list."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import ibis.expr.types as ir

from incohort.dictionary import TableSpec, load, nearest
from incohort.errors import Fault
from incohort.sources.measurements import UnitUse, judge_units
from incohort.sources.raw import ROW, Raw, RawTable, open_raw
from incohort.sources.rules import Rule, cell, column_rules, date_order_rules, day

_MAX_LISTED = 20  # rows told one by one; the last one told counts the rest


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
    return tuple(faults), uses


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


def _told(table: ir.Table, rule: Rule, name: str, count: int) -> Iterator[Fault]:
    if rule.by_value is not None:
        yield from _told_by_value(table, rule, name)
        return
    rows = (
        table.filter(rule.broken)
        .select(ROW, shown=rule.shown)
        .order_by(ROW)
        .limit(_MAX_LISTED)
        .execute()
    )
    for position, (row, shown) in enumerate(rows.itertuples(index=False, name=None)):
        yield Fault(
            table=name,
            column=rule.column,
            row=int(row),
            value=shown if isinstance(shown, str) else "",
            rule=rule.rule,
            remedy=rule.remedy,
            count=count - position if position == len(rows) - 1 else 1,
        )


def _told_by_value(table: ir.Table, rule: Rule, name: str) -> Iterator[Fault]:
    broken = table.filter(rule.broken).select(ROW, shown=rule.shown)
    found = (
        broken.group_by("shown")
        .aggregate(n=broken.count(), first=broken[ROW].min())
        .order_by("first")
        .execute()
    )
    for shown, n, first in found[["shown", "n", "first"]].itertuples(index=False, name=None):
        match = nearest(str(shown), rule.by_value or ())
        hint = f"Did you mean {match!r}? " if match else ""
        yield Fault(
            table=name,
            column=rule.column,
            row=int(first),
            value=str(shown),
            rule=rule.rule,
            remedy=hint + rule.remedy,
            count=int(n),
        )


def _orphans(raw: Raw, table: RawTable, spec: TableSpec) -> Iterator[Fault]:
    patients = raw.tables.get("patients")
    if patients is None or "patient_id" not in patients.columns:
        return
    for column in spec.foreign_keys:
        if column not in table.columns:
            continue
        known = patients.table.select("patient_id").distinct()
        lost = table.table.filter(table.table[column].notnull()).anti_join(known, "patient_id")
        found = (
            lost.group_by("patient_id")
            .aggregate(n=lost.count(), first=lost[ROW].min())
            .order_by("first")
            .execute()
        )
        for value, n, first in found[["patient_id", "n", "first"]].itertuples(
            index=False, name=None
        ):
            yield Fault(
                table=table.name,
                column=column,
                row=int(first),
                value=str(value),
                rule="the patient is in the table patients",
                remedy="Add the patient there, or correct the number here.",
                count=int(n),
            )


def _twins(table: RawTable, spec: TableSpec) -> Iterator[Fault]:
    keys = [name for name in spec.primary_key if name in table.columns]
    if not keys:
        return
    filled = {f"k{i}": table.table[name].fill_null("") for i, name in enumerate(keys)}
    rows = table.table.select(ROW, **filled)
    found = (
        rows.group_by(list(filled))
        .aggregate(n=rows.count(), first=rows[ROW].min(), last=rows[ROW].max())
        .filter(lambda t: t["n"] > 1)
        .order_by("first")
        .execute()
    )
    for record in found.to_dict("records"):
        value = ", ".join(str(record[key]) for key in filled)
        yield Fault(
            table=table.name,
            column=" + ".join(keys),
            row=int(record["last"]),
            value=value,
            rule=f"one row per {spec.one_row_per}",
            remedy=f"It stands in row {int(record['first'])} too. Remove one, or tell them apart.",
            count=int(record["n"]) - 1,
        )


def _nobody() -> Fault:
    return Fault(
        table="patients",
        rule="the table patients has rows",
        remedy="It has a header and nobody in it. Export it again.",
    )
