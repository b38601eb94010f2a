"""The rules for one table's cells, compiled from the dictionary into expressions of one scan.

A rule is broken where its expression is true; NULL counts as kept. Cells are text here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import assert_never

import ibis
import ibis.expr.types as ir

from incohort.dictionary import ColumnSpec, ColumnType, DateOrder, TableSpec, load
from incohort.sources.telling import limits

_EDGE = r"^[\s\p{Z}]|[\s\p{Z}]$"
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
_EDGE_OR_CONTROL = f"{_EDGE}|{_CONTROL}"
_NUMBER = r"^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$"
_ZERO = r"^[-+]?[0.]+(?:[eE].*)?$"
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_DATETIME = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?$"
# Years in which patients of a cohort live, and which every later step can hold: 0001, 1753 and
# 9999 are what programs write for a date that nobody knows. De-identified records are shifted
# beyond 2200 (MIMIC-IV), pandas ends in 2262. 24:00 would be moved to the next day.
_FIRST_YEAR, _LAST_YEAR = 1850, 2259
_DAY_LIVED = r"(?:18[5-9]\d|19\d\d|2[01]\d\d|22[0-5]\d)-\d{2}-\d{2}"
_LIVED = rf"^{_DAY_LIVED}(?:[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{{1,6}})?)?)?$"
_LENGTH_OF_DAY = len("2015-03-02")
_DECIMAL_COMMA = r"^[-+]?\d+,\d+$"
_LARGEST_WHOLE = 2.0**53  # from here on a float64 no longer tells neighbours apart
TRUE = ("true", "yes", "1")
FALSE = ("false", "no", "0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: where it is broken, which cell to show, what to say.

    `by_value` rules tell each wrong value once, with how many rows have it.
    """

    column: str
    broken: ir.BooleanValue
    shown: ir.StringValue
    rule: str
    remedy: str
    by_value: tuple[str, ...] | None = None  # the values to look for the nearest among
    suspect: ir.BooleanValue | None = None  # cheaper than `broken`, and true wherever that is


def cell(table: ir.Table, column: ColumnSpec) -> ir.StringValue:
    """A cell's text, NULL where it is empty or says so."""
    value = table[column.name]
    return value if not column.missing_codes else value.isin(column.missing_codes).ifelse(
        ibis.null(str), value
    )  # fmt: skip


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


def column_rules(table: ir.Table, spec: TableSpec) -> Iterator[Rule]:
    """Every rule on the cells of the columns that a table has."""
    for column in spec.columns:
        partner = column.required_with
        if partner and partner in table.columns:
            yield _required_with(table, spec, column)
        if column.name not in table.columns:
            continue
        value = cell(table, column)
        if column.required:
            yield Rule(
                column=column.name,
                broken=value.isnull(),
                shown=table[column.name],
                rule="the cell is filled",
                remedy=f"Fill it in: {column.label.lower()}. Without it the row can't be used.",
            )
        yield from _type_rules(column, value)
        yield from _range_rules(column, value)
        yield from _code_rules(column, value)


def _required_with(table: ir.Table, spec: TableSpec, column: ColumnSpec) -> Rule:
    """The column is filled wherever its partner is, also where the table doesn't have it."""
    partner = next(other for other in spec.columns if other.name == column.required_with)
    other = cell(table, partner)
    is_absent = cell(table, column).isnull() if column.name in table.columns else True
    remedy = f"Fill in {column.name}."
    if column.name == "unit":
        remedy = (
            "Write the unit beside the value. It is never guessed: an ANC of 1500 is /uL, "
            "the same count in 10*9/L is 1.5."
        )
    return Rule(
        column=column.name,
        broken=other.notnull() & is_absent,
        shown=other,
        rule=f"{column.name} is given wherever {partner.name} is",
        remedy=remedy,
    )


def _type_rules(column: ColumnSpec, value: ir.StringValue) -> Iterator[Rule]:
    """The rules that a cell breaks which can't be read as its column's type: one fault a cell.

    What is wrong with it need only be asked of cells that can't be read.
    """
    is_readable = _is_readable(column, value)
    is_padded = value.re_search(_EDGE)

    def rule(condition: ir.BooleanValue, text: str, remedy: str, *near: str) -> Rule:
        return Rule(
            column=column.name,
            broken=~is_readable & condition,
            shown=value,
            rule=text,
            remedy=remedy,
            by_value=near or None,
            suspect=~is_readable,
        )

    yield rule(
        is_padded,
        "no spaces stand around the cell's value",
        "Remove them; where there is no value, leave the cell empty.",
    )
    match column.type:
        case ColumnType.STRING if column.pattern:
            text = column.pattern_text
            yield rule(~is_padded, f"the cell is {text}", f"Write {text}.")
        case ColumnType.STRING:
            yield rule(
                ~is_padded,
                "the cell is plain text",
                "It holds control characters, shown as \\x1b and the like. Remove them.",
            )
        case ColumnType.NUMBER | ColumnType.INTEGER:
            comma = value.re_search(_DECIMAL_COMMA)
            yield rule(
                comma,
                "decimals are written with a point",
                "Write 1.5, not 1,5; a comma is never taken for a point.",
            )
            yield rule(
                ~comma & ~is_padded,
                "the cell is a number",
                "Write digits, and a decimal point where needed. Put < or > into comparator.",
            )
            if column.type is ColumnType.INTEGER:
                yield _whole_number(column, value)
        case ColumnType.BOOLEAN:
            yield rule(
                ~is_padded,
                "the cell is true or false",
                f"Write {' or '.join(TRUE)}, or {' or '.join(FALSE)}.",
            )
        case ColumnType.DATE | ColumnType.DATETIME:
            has_time = column.type is ColumnType.DATETIME
            is_shaped = value.re_search(_DATETIME if has_time else _DATE)
            example = "2015-03-02, or 2015-03-02T08:30:00 without a zone"
            yield rule(
                ~is_shaped & ~is_padded,
                "dates are written year-month-day, all in one format",
                f"Write {example if has_time else '2015-03-02'}; "
                "03/02/2015 could be March or February.",
            )
            yield rule(
                is_shaped,
                f"the date exists, and its year lies between {_FIRST_YEAR} and {_LAST_YEAR}",
                "Correct it; where the date is not known, leave the cell empty.",
            )
        case ColumnType.CATEGORY:
            allowed = _allowed(column)
            yield rule(
                ~is_padded, f"{column.name} is one of the dictionary's", _listed(allowed), *allowed
            )
        case _:
            assert_never(column.type)


def _is_readable(column: ColumnSpec, value: ir.StringValue) -> ir.BooleanValue:
    """Whether a cell can be read as its column's type; an empty one can."""
    match column.type:
        case ColumnType.STRING if column.pattern:
            is_readable = value.re_search(f"^(?:{column.pattern})$")
        case ColumnType.STRING:
            is_readable = ~value.re_search(_EDGE_OR_CONTROL)
        case ColumnType.NUMBER | ColumnType.INTEGER:
            is_readable = number(value).notnull()
        case ColumnType.BOOLEAN:
            is_readable = boolean(value).notnull()
        case ColumnType.DATE:
            is_readable = day(value).notnull() & (value.length() == _LENGTH_OF_DAY)
        case ColumnType.DATETIME:
            is_readable = moment(value).notnull()
        case ColumnType.CATEGORY:
            is_readable = value.isin(_allowed(column))
        case _:
            assert_never(column.type)
    return is_readable | value.isnull()


def _allowed(column: ColumnSpec) -> tuple[str, ...]:
    if column.categories_from:
        return tuple(load().analytes)
    return tuple(category.value for category in column.categories)


def _listed(allowed: tuple[str, ...]) -> str:
    shown = ", ".join(allowed[:12])
    return f"Known are {shown}{' and others' if len(allowed) > 12 else ''}."


def _whole_number(column: ColumnSpec, value: ir.StringValue) -> Rule:
    parsed = number(value)
    return Rule(
        column=column.name,
        broken=(parsed != parsed.floor()) | (parsed.abs() > _LARGEST_WHOLE),
        shown=value,
        rule="the cell is a whole number",
        remedy="Write it without decimals; it is never rounded here.",
    )


def _range_rules(column: ColumnSpec, value: ir.StringValue) -> Iterator[Rule]:
    if column.hard is None or column.type not in {ColumnType.NUMBER, ColumnType.INTEGER}:
        return
    parsed = number(value)
    low, high = column.hard.low, column.hard.high
    outside = ibis.literal(value=False)
    if low is not None:
        outside = outside | (parsed < low)
    if high is not None:
        outside = outside | (parsed > high)
    yield Rule(
        column=column.name,
        broken=outside,
        shown=value,
        rule=f"{column.name} {limits(low, high, column.unit)}",
        remedy="Correct the value, or leave the cell empty where it is not known.",
    )


def _code_rules(column: ColumnSpec, value: ir.StringValue) -> Iterator[Rule]:
    for code in column.excluded_codes:
        yield Rule(
            column=column.name,
            broken=value == code.code,
            shown=value,
            rule=f"{code.system} {code.code} is not meant here",
            remedy=f"It is {code.display}. {code.note}".strip(),
        )


def with_patients(
    table: ir.Table, spec: TableSpec, people: ir.Table | None, deaths: ir.Table | None
) -> ir.Table:
    """The table with what is known of its rows' patients, as far as a rule asks for it."""
    if "patient_id" not in table.columns:
        return table
    sides = {side for order in spec.date_orders for side in (order.earlier, order.later)}
    if people is not None and "patient_id" in spec.foreign_keys:
        table = table.left_join(people, "patient_id").drop("patient_id_right")
    if deaths is not None and "death.occurred_on" in sides:
        table = table.left_join(deaths, "patient_id").drop("patient_id_right")
    return table


def orphan_rules(table: ir.Table) -> Iterator[Rule]:
    """The rule that a row's patient is known, on a table as `with_patients` gives it."""
    if "_is_known" in table.columns:
        yield Rule(
            column="patient_id",
            broken=table["_is_known"].isnull() & table["patient_id"].notnull(),
            shown=table["patient_id"],
            rule="the patient is in the table patients",
            remedy="Add the patient there, or correct the number here.",
            by_value=(),
        )


def date_order_rules(table: ir.Table, spec: TableSpec) -> Iterator[Rule]:
    """The rules between two dates, on a table as `with_patients` gives it."""
    for order in spec.date_orders:
        earlier, later = (_side(table, spec, side) for side in (order.earlier, order.later))
        if earlier is None or later is None:
            continue
        yield _order_rule(table, order, earlier, later)


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
    value = cell(table, column)
    return moment(value).date() if column.type is ColumnType.DATETIME else day(value)


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
