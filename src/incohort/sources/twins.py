"""Rows of one table that stand for the same thing: their key is another row's, too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from incohort.dictionary import ColumnSpec, ColumnType, TableSpec
from incohort.errors import Fault
from incohort.sources.affected import with_patients_of
from incohort.sources.cells import KEY, cell, meaning
from incohort.sources.raw import ROW, Raw, RawTable, kept
from incohort.sources.telling import MOST, capped


def twins(raw: Raw, table: RawTable, spec: TableSpec) -> tuple[Fault, ...]:
    """The rows whose key stands in an earlier row too; a key that lacks its patient is none."""
    if KEY not in table.table.columns:
        return ()
    keys = [c for c in spec.columns if c.name in spec.primary_key and c.name in table.columns]

    # Rows whose keys have one number may be twins; few have, and only those are compared.
    def often() -> ir.Table:
        numbered = raw.unbound(table.name).filter(lambda t: t[KEY].notnull())
        return numbered.group_by(KEY).aggregate(n=numbered.count()).filter(lambda t: t.n > 1)

    alike, n_alike = kept(raw, f"alike_{table.name}", table.table.schema(), often)
    if not n_alike:
        return ()
    numbered = table.table.filter(table.table[KEY].notnull())
    few = numbered.semi_join(alike, KEY)
    meant = {f"m_k{i}": _meant(few, column) for i, column in enumerate(keys)}
    texts = {f"t_k{i}": cell(few, column).fill_null("") for i, column in enumerate(keys)}
    rows = few.select(ROW, **meant, **texts)
    first = rows[ROW].min().over(group_by=list(meant))
    again = rows.mutate(first=first).filter(lambda t: t[ROW] > t["first"])
    repeats = (
        again.mutate(every=again.count().over()).order_by(ROW).limit(MOST)
        .select(ROW, "first", "every", *texts).execute()
    )  # fmt: skip
    count = int(repeats["every"].iloc[0]) if len(repeats) else 0
    faults = [_fault(table.name, spec, keys, record) for record in repeats.to_dict("records")]
    few = few.semi_join(again, ROW)
    return tuple(with_patients_of(raw, few, capped(faults, count)))


def _fault(
    table: str, spec: TableSpec, keys: Sequence[ColumnSpec], record: Mapping[str, Any]
) -> Fault:
    hint = f"It stands in row {int(record['first'])} too. "
    parts = [record[f"t_k{i}"] for i in range(len(keys))]
    return Fault(
        table=table,
        column=" + ".join(column.name for column in keys),
        row=int(record[ROW]),
        value=", ".join(part for part in parts if part),
        rule=f"one row per {spec.one_row_per}",
        remedy=f"{hint}Remove one, or tell them apart.",
        hint=hint,
    )


def _meant(table: ir.Table, column: ColumnSpec) -> ir.Value:
    """A part of a key by its meaning: 08:30 and 08:30:00 are one time, yes and true one answer.

    What can't be read stays apart as it is written.
    """
    text = cell(table, column).fill_null("")
    if column.type not in {ColumnType.DATETIME, ColumnType.BOOLEAN}:
        return text
    read = meaning(table, column)
    return ibis.struct({"read": read, "unread": read.isnull().ifelse(text, "")})
