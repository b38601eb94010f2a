"""Odd rows put together: one entry for each rule and subject, with its first rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from incohort.results import Concern, Example, Look
from incohort.sources.raw import ROW, Raw
from incohort.sources.telling import visible

EXAMPLES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What is said of the odd rows of one rule and subject; no word of it comes from a row."""

    sentence: str
    remedy: str
    subject: str = ""
    is_grave: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Odd:
    """The rows of one table that are worth a look, and those that could have been.

    `rows` has `_row`, `patient_id`, `rule`, `subject`, `shown` (the cell) and `size` (its
    number, or NULL); `asked` has `patient_id` and `subject` of all that the rules were asked of; a
    subject that isn't there was asked of all.
    """

    table: str
    column: str
    rows: ir.Table
    asked: ir.Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The odd rows of one rule and subject; `low` and `high` are the ends of their sizes."""

    rule: str
    subject: str
    low: float
    high: float


def _lowest(row: int, n: int) -> dt.Array[dt.int64]:
    """The n lowest row numbers: DuckDB's own function."""


_lowest_rows: Any = ibis.udf.agg.builtin(name="min")(_lowest)


Say = Callable[[Group], Words]


def concerns_of_each(raw: Raw, every: Iterable[tuple[Odd, Say]]) -> Iterator[Concern]:
    """The entries of many columns: one query finds those few that have any odd row."""
    asked = list(every)
    if not asked:
        return
    has_any = [
        odd.rows.select(which=ibis.literal(i, "int64")).limit(1) for i, (odd, _) in enumerate(asked)
    ]
    indices = ibis.union(*has_any) if len(has_any) > 1 else has_any[0]
    for i in sorted(int(which) for which in indices.execute()["which"]):
        yield from concerns_of(raw, *asked[i])


def concerns_of(raw: Raw, odd: Odd, say: Say) -> Iterator[Concern]:
    """One entry for each rule and subject, in the order of their first rows.

    Args:
        raw: The cohort.
        odd: The rows.
        say: What is said of each group.
    """
    table = raw.connection.create_table(f"odd_{odd.table}", odd.rows, overwrite=True)
    groups = (
        table.group_by("rule", "subject")
        .aggregate(
            n=table.count(),
            n_patients=table.patient_id.nunique(),
            low=table["size"].min(),
            high=table["size"].max(),
            rows=_lowest_rows(table[ROW], EXAMPLES),
            first=table[ROW].min(),
        )
        .order_by("first", "rule", "subject")
        .execute()
        .to_dict("records")
    )
    if not groups:
        return
    asked = odd.asked.group_by("subject").aggregate(of=odd.asked.patient_id.nunique()).execute()
    of = dict(zip(asked["subject"], asked["of"], strict=True))
    everybody = int(odd.asked.patient_id.nunique().execute())
    wanted = sorted({int(row) for group in groups for row in group["rows"]})
    few = table.filter(table[ROW].isin(wanted)).select(
        ROW, "patient_id", "rule", "subject", "shown"
    )
    cells = few.execute().to_dict("records")
    for group in groups:
        rule, subject = group["rule"], group["subject"]
        words = say(Group(rule=rule, subject=subject, low=group["low"], high=group["high"]))
        group_cells = [c for c in cells if c["rule"] == rule and c["subject"] == subject]
        look = Look(
            rule=rule,
            table=odd.table,
            column=odd.column,
            subject=words.subject,
            sentence=words.sentence,
            remedy=words.remedy,
            is_grave=words.is_grave,
            n_rows=int(group["n"]),
            n_patients=int(group["n_patients"]),
            of=int(of.get(subject, everybody)),
        )
        examples = [_example(cell) for cell in group_cells if cell[ROW] in set(group["rows"])]
        examples.sort(key=lambda example: example.row)
        yield Concern(look=look, examples=tuple(examples[:EXAMPLES]))


def _example(cell: dict[str, Any]) -> Example:
    return Example(
        row=int(cell[ROW]),
        patient=visible(_text(cell["patient_id"])),
        value=visible(_text(cell["shown"])),
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
