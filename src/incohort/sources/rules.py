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

_DATE = r"^\d{4}-\d{2}-\d{2}$"
_DATETIME = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
_DECIMAL_COMMA = r"^\s*[-+]?\d+,\d+\s*$"
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


def cell(table: ir.Table, column: ColumnSpec) -> ir.StringValue:
    """A cell's text, NULL where it is empty or says so."""
    value = table[column.name]
    return value if not column.missing_codes else value.isin(column.missing_codes).ifelse(
        ibis.null(str), value
    )  # fmt: skip


def number(value: ir.StringValue) -> ir.FloatingValue:
    """A cell as a number; NULL where it is none."""
    parsed = value.try_cast("float64")
    is_plain = ~value.contains("_") & ~parsed.isinf() & ~parsed.isnan()
    return is_plain.ifelse(parsed, ibis.null("float64"))


def boolean(value: ir.StringValue) -> ir.BooleanValue:
    """A cell as true or false; NULL where it is neither."""
    lower = value.lower()
    return ibis.cases((lower.isin(TRUE), True), (lower.isin(FALSE), False))


def day(value: ir.StringValue) -> ir.DateValue:
    """A cell's date, of a time its day; NULL where it is none."""
    return value.left(10).try_cast("date")


def moment(value: ir.StringValue) -> ir.TimestampValue:
    """A cell's time, midnight where only the day is given."""
    return value.try_cast("timestamp")


def column_rules(table: ir.Table, spec: TableSpec) -> Iterator[Rule]:
    """Every rule on the cells of the columns that a table has."""
    for column in spec.columns:
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
        if column.required_with and column.required_with in table.columns:
            yield _required_with(table, spec, column, value)
        yield from _type_rules(column, value)
        yield from _range_rules(column, value)
        yield from _code_rules(column, value)


def _required_with(
    table: ir.Table, spec: TableSpec, column: ColumnSpec, value: ir.StringValue
) -> Rule:
    partner = next(other for other in spec.columns if other.name == column.required_with)
    other = cell(table, partner)
    remedy = f"Fill in {column.name}."
    if column.name == "unit":
        remedy = (
            "Write the unit beside the value. It is never guessed: an ANC of 1500 is /uL, "
            "the same count in 10*9/L is 1.5."
        )
    return Rule(
        column=column.name,
        broken=value.isnull() & other.notnull(),
        shown=other,
        rule=f"{column.name} is given wherever {partner.name} is",
        remedy=remedy,
    )


def _type_rules(column: ColumnSpec, value: ir.StringValue) -> Iterator[Rule]:
    def rule(broken: ir.BooleanValue, text: str, remedy: str) -> Rule:
        return Rule(column=column.name, broken=broken, shown=value, rule=text, remedy=remedy)

    match column.type:
        case ColumnType.STRING:
            if column.pattern:
                yield rule(
                    ~value.re_search(f"^(?:{column.pattern})$"),
                    f"the cell is {column.pattern_text}",
                    f"Write {column.pattern_text}.",
                )
        case ColumnType.NUMBER | ColumnType.INTEGER:
            comma = value.re_search(_DECIMAL_COMMA)
            parsed = number(value)
            yield rule(
                parsed.isnull() & value.notnull() & comma,
                "decimals are written with a point",
                "Write 1.5, not 1,5; a comma is never taken for a point.",
            )
            yield rule(
                parsed.isnull() & value.notnull() & ~comma,
                "the cell is a number",
                "Write digits, and a decimal point where needed. Put < or > into comparator.",
            )
            if column.type is ColumnType.INTEGER:
                yield rule(
                    parsed != parsed.floor(), "the cell is a whole number", "Round it yourself."
                )
        case ColumnType.BOOLEAN:
            yield rule(
                boolean(value).isnull() & value.notnull(),
                "the cell is true or false",
                f"Write {' or '.join(TRUE)}, or {' or '.join(FALSE)}.",
            )
        case ColumnType.DATE | ColumnType.DATETIME:
            yield from _date_rules(column, value)
        case ColumnType.CATEGORY:
            allowed = (
                tuple(load().analytes)
                if column.categories_from
                else tuple(category.value for category in column.categories)
            )
            yield Rule(
                column=column.name,
                broken=~value.isin(allowed),
                shown=value,
                rule=f"{column.name} is one of the dictionary's",
                remedy=_listed(allowed),
                by_value=allowed,
            )
        case _:
            assert_never(column.type)


def _listed(allowed: tuple[str, ...]) -> str:
    shown = ", ".join(allowed[:12])
    return f"Known are {shown}{' and others' if len(allowed) > 12 else ''}."


def _date_rules(column: ColumnSpec, value: ir.StringValue) -> Iterator[Rule]:
    has_time = column.type is ColumnType.DATETIME
    shape = value.re_search(_DATETIME if has_time else _DATE)
    example = "2015-03-02 or 2015-03-02T08:30:00" if has_time else "2015-03-02"
    yield Rule(
        column=column.name,
        broken=~shape,
        shown=value,
        rule="dates are written year-month-day, all in one format",
        remedy=f"Write {example}; 03/02/2015 could be March or February.",
    )
    parsed = moment(value) if has_time else day(value)
    yield Rule(
        column=column.name,
        broken=shape & parsed.isnull(),
        shown=value,
        rule="the date exists",
        remedy="There is no such day or time in the calendar.",
    )


def _range_rules(column: ColumnSpec, value: ir.StringValue) -> Iterator[Rule]:
    if column.hard is None or column.type not in {ColumnType.NUMBER, ColumnType.INTEGER}:
        return
    parsed = number(value)
    unit = f" {column.unit}" if column.unit else ""
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
        rule=f"{column.name} lies between {_bound(low)} and {_bound(high)}{unit}",
        remedy="Correct the value, or leave the cell empty where it is not known.",
    )


def _bound(value: float | None) -> str:
    return "any value" if value is None else f"{value:g}"


def _code_rules(column: ColumnSpec, value: ir.StringValue) -> Iterator[Rule]:
    for code in column.excluded_codes:
        yield Rule(
            column=column.name,
            broken=value == code.code,
            shown=value,
            rule=f"{code.system} {code.code} is not meant here",
            remedy=f"It is {code.display}. {code.note}".strip(),
        )


def date_order_rules(
    table: ir.Table, spec: TableSpec, births: ir.Table | None, deaths: ir.Table | None
) -> Iterator[tuple[ir.Table, Rule]]:
    """The rules between two dates, each with the table (perhaps joined) that it is told on."""
    joined = table
    sides = {side for order in spec.date_orders for side in (order.earlier, order.later)}
    if births is not None and "patients.birth_date" in sides and spec.name != "patients":
        joined = joined.left_join(births, "patient_id").drop("patient_id_right")
    if deaths is not None and "death.occurred_on" in sides:
        joined = joined.left_join(deaths, "patient_id").drop("patient_id_right")
    for order in spec.date_orders:
        earlier, later = (_side(joined, spec, side) for side in (order.earlier, order.later))
        if earlier is None or later is None:
            continue
        yield joined, _order_rule(joined, order, earlier, later)


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
    return day(cell(table, column))


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
