"""The rules between a row and its patient, and between two dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import ibis.expr.types as ir

from incohort.dictionary import ColumnType, DateOrder, TableSpec
from incohort.sources.cells import cell, meaning
from incohort.sources.keys import UNSEEN, Rule, is_nobody


def with_patients(
    table: ir.Table, spec: TableSpec, people: ir.Table | None, deaths: ir.Table | None
) -> ir.Table:
    """The table with what is known of its rows' patients, as far as a rule asks for it.

    Few patients have many rows: what is known of each is put together first, and joined once.
    """
    sides = {side for order in spec.date_orders for side in (order.earlier, order.later)}
    asked = (
        people if "patient_id" in spec.foreign_keys else None,
        deaths if "death.occurred_on" in sides else None,
    )
    known = [part for part in asked if part is not None]
    if not known or "patient_id" not in table.columns:
        return table
    # Outer: a row may name a patient who is dead and not in patients.
    whole = known[0] if len(known) == 1 else _outer(known[0], known[1])
    return table.left_join(whole, "patient_id").drop("patient_id_right")


def _outer(people: ir.Table, deaths: ir.Table) -> ir.Table:
    """What is known of every patient that either table names."""
    both = people.outer_join(deaths, "patient_id")
    either = both["patient_id"].coalesce(both["patient_id_right"])
    return both.mutate(patient_id=either).drop("patient_id_right")


def orphan_rules(table: ir.Table) -> Iterator[Rule]:
    """The rule that a row's patient is known, on a table as `with_patients` gives it."""
    if "_is_plain" in table.columns:
        yield Rule(
            column="patient_id",
            broken=table["_is_plain"].isnull() & _may_be_somebody(table["patient_id"]),
            suspect=table["_is_plain"].isnull() & table["patient_id"].notnull(),
            shown=table["patient_id"],
            rule="the patient is in the table patients",
            remedy="Add the patient there, or correct the number here.",
            by_value=(),
        )


def _may_be_somebody(number: ir.StringValue) -> ir.BooleanValue:
    """Whether a number is one that could stand in patients, and is not told as none already."""
    return number.notnull() & ~is_nobody(number) & ~number.re_search(UNSEEN)


def date_order_rules(table: ir.Table, spec: TableSpec) -> Iterator[Rule]:
    """The rules between two dates, on a table as `with_patients` gives it."""
    for order in spec.date_orders:
        earlier, later = (_side(table, spec, side) for side in (order.earlier, order.later))
        if earlier is None or later is None:
            continue
        rule = _order_rule(table, order, earlier, later)
        if order.column is None:
            yield rule
            continue
        column = next(entry for entry in spec.columns if entry.name == order.column)
        if column.name in table.columns:
            yield replace(rule, broken=rule.broken & (cell(table, column) == order.value))
        elif column.default == order.value:
            yield rule


def _side(table: ir.Table, spec: TableSpec, side: str) -> ir.DateValue | None:
    """A date of the row or of its patient; None where the cohort doesn't have it."""
    if side == "death.occurred_on":
        return table["_death"] if "_death" in table.columns else None
    if side == "patients.birth_date" and spec.name != "patients":
        return table["_birth"] if "_birth" in table.columns else None
    name = side.rpartition(".")[2]
    if name not in table.columns:
        return None
    column = next(entry for entry in spec.columns if entry.name == name)
    read = meaning(table, column)
    return read.date() if column.type is ColumnType.DATETIME else read


def _order_rule(
    table: ir.Table, order: DateOrder, earlier: ir.DateValue, later: ir.DateValue
) -> Rule:
    names = [re.sub(r"^(patients|death)\.", "", side) for side in (order.earlier, order.later)]
    names = [
        "the patient's death" if side == "death.occurred_on" else name
        for side, name in zip((order.earlier, order.later), names, strict=True)
    ]
    column = next(
        (name for name in (order.later, order.earlier) if name in table.columns), names[-1]
    )
    return Rule(
        column=column,
        broken=earlier > later,
        shown=earlier.cast("string") + " > " + later.cast("string"),
        rule=f"{names[0]} is not after {names[1]}",
        remedy=order.remedy,
    )
