"""Numbers and days that programs and people write where nothing is known, such as 999."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import ibis
import ibis.expr.types as ir

from incohort.sources.looks.telling import Words

_NEGATIVE = tuple(-float(n) for n in (1, 9, 99, 999, 9999, 8, 88, 888, 7, 77, 777))
_CERTAIN = tuple(
    float(n) for n in (999, 9999, 99999, 999999, 888, 8888, 777, 7777, "999.9", "9999.9")
)
_POSSIBLE = tuple(
    float(n) for n in (99, "99.9", "99.99", 88, 77)
)  # values too: only where frequent
_OFTEN, _OFTEN_SHARE = 2, 0.05  # of a certain one, inside the range
_LARGE, _SMALL = 7777, 200  # so large a one is none by chance where there are so few values
_FREQUENT, _FREQUENT_SHARE = 3, 0.1  # of a possible one
# Day 0 and day 1 of spreadsheets and of operating systems, and the ends of calendars.
ANYWHERE = ("1899-12-30", "1899-12-31", "1900-01-01", "1900-01-02", "1901-01-01")
NOT_OF_BIRTH = ("1904-01-01", "1960-01-01", "1970-01-01")
FAR = ("2099-12-31", "2100-01-01", "2100-12-31", "2199-12-31", "2222-02-22")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A number that stands for nothing in a group."""

    group: str
    number: float


def marks(table: ir.Table) -> tuple[Mark, ...]:
    """The numbers that stand for nothing, and where.

    What can't be a value in one group of a column is a mark in all of them.

    Args:
        table: `group`, `number` as written, and `is_out`, whether it is outside what is plausible.
    """
    suspected = table.filter(table.number.isin((*_NEGATIVE, *_CERTAIN, *_POSSIBLE)))
    counts = suspected.group_by("group", "number").aggregate(
        n=suspected.count(), is_out=suspected.is_out.any()
    )
    records = counts.order_by("group", "number").execute().to_dict("records")
    if not records:
        return ()
    sizes = table.group_by("group").aggregate(n=table.count()).execute()
    n_in = dict(zip(sizes["group"], sizes["n"], strict=True))
    is_out_somewhere: dict[float, bool] = defaultdict(bool)
    for record in records:
        is_out_somewhere[record["number"]] |= bool(record["is_out"])
    return tuple(
        Mark(group=record["group"], number=record["number"])
        for record in records
        if _is_mark(
            record["number"],
            record["n"],
            n_in[record["group"]],
            is_out=is_out_somewhere[record["number"]],
        )
    )


def _is_mark(number: float, n: int, n_all: int, *, is_out: bool) -> bool:
    if number in _NEGATIVE:
        return True
    if number in _CERTAIN:
        is_often = n >= _OFTEN and n >= n_all * _OFTEN_SHARE
        return is_out or is_often or (number >= _LARGE and n_all < _SMALL)
    return n >= _FREQUENT and n >= n_all * _FREQUENT_SHARE


def marks_table(marks: tuple[Mark, ...]) -> ir.Table:
    """The marks as a table of `mark_group` and `mark_number`."""
    rows = [{"mark_group": mark.group, "mark_number": mark.number} for mark in marks]
    return ibis.memtable(rows, schema={"mark_group": "string", "mark_number": "float64"})


def mark_words(what: str, number: str) -> Words:
    """What is said of a number that stands for nothing."""
    return Words(
        subject=number,
        sentence=f"{number} as {what}: likely written where it is not known.",
        remedy="If so, leave the cell empty; as it stands it is used like any other value.",
    )
