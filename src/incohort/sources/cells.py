"""What cells mean: text as a number, a date, a time or an answer, or nothing at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, assert_never

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir

from incohort.dictionary import ColumnSpec, ColumnType, TableSpec

KEY = "_key"  # a number that rows of one key share, and others hardly ever do
_NUMBER = r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$"
_ZERO = r"^[-+]?[0.]+(?:[eE].*)?$"
# Years in which patients of a cohort live, and which every later step can hold: 0001, 1753 and
# 9999 are what programs write for a date that nobody knows. De-identified records are shifted
# beyond 2200 (MIMIC-IV), pandas ends in 2262. 24:00 would be moved to the next day.
FIRST_YEAR, LAST_YEAR = 1850, 2259
_DAY_LIVED = r"(?:18[5-9]\d|19\d\d|2[01]\d\d|22[0-5]\d)-\d{2}-\d{2}"
_LIVED = rf"^{_DAY_LIVED}(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{{1,6}})?)?)?$"
TRUE = ("true", "yes", "1")
FALSE = ("false", "no", "0")


def cell(table: ir.Table, column: ColumnSpec) -> ir.StringValue:
    """A cell's text, NULL where it is empty or says so and the dictionary has no default for it."""
    value = table[column.name]
    if column.missing_codes:
        value = value.isin(column.missing_codes).ifelse(ibis.null(str), value)
    return value if column.default is None else value.fill_null(column.default)


def number(value: ir.StringValue) -> ir.FloatingValue:
    """A cell as a number; NULL where it is none, or none that a float64 can hold.

    The engine alone would take 1_000 for 1000, +-1 for −1 and 1e-400 for 0.
    """
    parsed = value.try_cast("float64")
    is_held = ~parsed.isinf() & (parsed != 0).ifelse(True, value.re_search(_ZERO))  # noqa: FBT003 — a value
    return (value.re_search(_NUMBER) & is_held).ifelse(parsed, ibis.null("float64"))


def boolean(value: ir.StringValue) -> ir.BooleanValue:
    """A cell as true or false; NULL where it is neither."""
    lower = value.lower()
    return ibis.cases((lower.isin(TRUE), True), (lower.isin(FALSE), False))


def day(value: ir.StringValue) -> ir.DateValue:
    """A cell's date, of a time its day; NULL where it is none."""
    return value.re_search(_LIVED).ifelse(value.left(10).try_cast("date"), ibis.null("date"))


def moment(value: ir.StringValue) -> ir.TimestampValue:
    """A cell's time, midnight where only the day is given; NULL where it is none."""
    return value.re_search(_LIVED).ifelse(value.try_cast("timestamp"), ibis.null("timestamp"))


def readings(table: ir.Table, spec: TableSpec, columns: Sequence[str]) -> dict[str, ir.Value]:
    """What is kept beside a table's text, so that every rule reads it and none parses again.

    For each column that is not text what its cells mean, and the number of each row's key.

    Args:
        table: The table as text.
        spec: The table's entry in the dictionary.
        columns: The dictionary's columns that the table has.
    """
    held = [column for column in spec.columns if column.name in columns]
    parsed = {
        _kept_as(column): _parsed(column, cell(table, column))
        for column in held
        if column.type not in _TEXT
    }
    keys = [column for column in held if column.name in spec.primary_key]
    required = {c.name for c in spec.columns if c.required and c.name in spec.primary_key}
    if not keys or not required <= set(columns):
        return parsed
    key = ibis.struct({c.name: parsed.get(_kept_as(c), cell(table, c)) for c in keys})
    is_whole = ibis.and_(*(table[name].notnull() for name in sorted(required)))
    return parsed | {KEY: is_whole.ifelse(_hash(key), ibis.null("uint64"))}


def meaning(table: ir.Table, column: ColumnSpec) -> Any:
    """What a column's cells mean, as `readings` kept it; NULL where that is nothing."""
    return cell(table, column) if column.type in _TEXT else table[_kept_as(column)]


_TEXT = {ColumnType.STRING, ColumnType.CATEGORY}


def _kept_as(column: ColumnSpec) -> str:
    return f"_read_{column.name}"


def _parsed(column: ColumnSpec, value: ir.StringValue) -> ir.Value:
    match column.type:
        case ColumnType.NUMBER | ColumnType.INTEGER:
            return number(value)
        case ColumnType.BOOLEAN:
            return boolean(value)
        case ColumnType.DATE:
            return day(value)
        case ColumnType.DATETIME:
            return moment(value)
        case ColumnType.STRING | ColumnType.CATEGORY:
            return value
        case _:
            assert_never(column.type)


def _hashed(value) -> dt.uint64:  # type: ignore[no-untyped-def] # noqa: ANN001 — any, to Ibis
    """A number that equal values share: DuckDB's own function."""


_hash: Any = ibis.udf.scalar.builtin(name="hash")(_hashed)
