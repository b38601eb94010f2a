"""The rules for one table's cells, compiled from the dictionary into expressions of one scan.

A rule is broken where its expression is true; NULL counts as kept. Cells are text here, with what
they mean beside them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import assert_never

import ibis
import ibis.expr.types as ir

from incohort.dictionary import ColumnSpec, ColumnType, Contradiction, TableSpec, load
from incohort.sources.cells import FALSE, FIRST_YEAR, LAST_YEAR, TRUE, cell, meaning
from incohort.sources.keys import CONTROLS, UNSEEN, Rule, is_key, is_nobody, key_rules
from incohort.sources.telling import limits

_EDGE = r"^[\s\p{Z}]|[\s\p{Z}]$"
_CONTROL = r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x{9f}]"
_EDGE_OR_CONTROL = f"{_EDGE}|{_CONTROL}"
_DATE = r"^\d{4}-\d{2}-\d{2}$"
_DATETIME = r"^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?$"
_LENGTH_OF_DAY = len("2015-03-02")
_DECIMAL_COMMA = r"^[-+]?\d+,\d+$"
_THOUSANDS_COMMA = r"^[-+]?[1-9]\d{0,2}(?:,\d{3})+$"  # 1,500: in one country 1500, in another 1.5
_LARGEST_WHOLE = 2.0**53  # from here on a float64 no longer tells neighbours apart


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
        yield from _type_rules(table, spec, column)
        yield from _range_rules(table, column)
        yield from _code_rules(column, value)
    yield from _contradiction_rules(table, spec)


def _contradiction_rules(table: ir.Table, spec: TableSpec) -> Iterator[Rule]:
    """The rules between two cells of one row; a cell that can't be read contradicts nothing."""
    columns = {column.name: column for column in spec.columns}
    for entry in spec.contradictions:
        if not {entry.column, entry.other} <= set(table.columns):
            continue
        other = columns[entry.other]
        said = meaning(table, other)
        match (entry.only, other.type):
            case (None, _) if entry.like:
                is_like = said.re_search(f"^(?:{entry.like})$")
                is_other = _is_readable(table, spec, other) & ~is_like
            case (None, _):
                is_other = said.notnull()
            case (only, ColumnType.BOOLEAN):
                is_other = said != ibis.literal(only in TRUE)
            case (only, ColumnType.NUMBER | ColumnType.INTEGER):
                is_other = said != float(only)
            case (only, _):
                is_other = said != only
        yield Rule(
            column=entry.other,
            broken=_is_asked(table, columns[entry.column], entry) & is_other,
            shown=table[entry.other],
            rule=entry.why,
            remedy=entry.remedy,
        )


def _is_asked(table: ir.Table, column: ColumnSpec, entry: Contradiction) -> ir.BooleanValue:
    """Where the first of two cells is what a rule asks for; one that can't be read is not."""
    if entry.value is not None:
        return cell(table, column) == entry.value
    return cell(table, column).isin([v for v in _allowed(column) if v not in entry.unless])


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


def _type_rules(table: ir.Table, spec: TableSpec, column: ColumnSpec) -> Iterator[Rule]:
    """The rules that a cell breaks which can't be read as its column's type: one fault a cell.

    What is wrong with it need only be asked of cells that can't be read.
    """
    value = cell(table, column)
    is_readable = _is_readable(table, spec, column)
    is_padded = value.re_search(_EDGE)
    suspect = ~is_readable
    if column.name == "patient_id" and "_is_plain" in table.columns:
        # The patient's own row has been asked already; thousands of rows may name it.
        suspect = ~table["_is_plain"].fill_null(False)  # noqa: FBT003 — a value

    def rule(condition: ir.BooleanValue, text: str, remedy: str, *near: str) -> Rule:
        return Rule(
            column=column.name,
            broken=~is_readable & condition,
            shown=value,
            rule=text,
            remedy=remedy,
            by_value=near or None,
            suspect=suspect,
        )

    yield rule(
        is_padded,
        "no spaces stand around the cell's value",
        "Remove them." if column.required else "Remove them; no value is an empty cell.",
    )
    match column.type:
        case ColumnType.STRING if is_key(spec, column) and not column.pattern:
            yield from key_rules(column, value, suspect, ~is_readable & ~is_padded)
        case ColumnType.STRING:
            form = column.pattern_text if column.pattern else "plain text"
            remedy = f"Write {form}." if column.pattern else CONTROLS
            yield rule(~is_padded, f"the cell is {form}", remedy)
        case ColumnType.NUMBER | ColumnType.INTEGER:
            yield from _number_rules(column, value, is_padded, rule)
            if column.type is ColumnType.INTEGER:
                yield _whole_number(table, column)
        case ColumnType.BOOLEAN:
            yield rule(
                ~is_padded,
                "the cell is true or false",
                f"Write {' or '.join(TRUE)}, or {' or '.join(FALSE)}.",
            )
        case ColumnType.DATE | ColumnType.DATETIME:
            yield from _date_rules(column, value, is_padded, rule)
        case ColumnType.CATEGORY:
            allowed = _allowed(column)
            yield rule(
                ~is_padded, f"{column.name} is one of the dictionary's", _listed(allowed), *allowed
            )
        case _:
            assert_never(column.type)


def _number_rules(
    column: ColumnSpec, value: ir.StringValue, is_padded: ir.BooleanValue, rule: Callable[..., Rule]
) -> Iterator[Rule]:
    """What keeps a cell from being a number."""
    comma = value.re_search(_DECIMAL_COMMA)
    thousands = value.re_search(_THOUSANDS_COMMA)
    yield rule(
        thousands,
        "a number has no comma",
        "A comma before three digits parts thousands in one country and decimals in "
        "another: write 1500 or 1.5 for 1,500, as the laboratory meant it.",
    )
    yield rule(
        comma & ~thousands,
        "decimals are written with a point",
        "Write 1.5, not 1,5; a comma is never taken for a point.",
    )
    yield rule(
        ~comma & ~thousands & ~is_padded,
        "the cell is a number",
        "Write digits, and a decimal point where needed."
        + (" Put < or > into comparator." if column.name == "value" else ""),
    )


def _date_rules(
    column: ColumnSpec, value: ir.StringValue, is_padded: ir.BooleanValue, rule: Callable[..., Rule]
) -> Iterator[Rule]:
    """What keeps a cell from being a date."""
    has_time = column.type is ColumnType.DATETIME
    is_shaped = value.re_search(_DATETIME if has_time else _DATE)
    example = "2015-03-02, or 2015-03-02T08:30:00 without a zone"
    yield rule(
        ~is_shaped & ~is_padded,
        "dates are written year-month-day, all in one format",
        f"Write {example if has_time else '2015-03-02'}; 03/02/2015 could be March or February.",
    )
    yield rule(
        is_shaped,
        f"the date exists, and its year lies between {FIRST_YEAR} and {LAST_YEAR}",
        f"Correct it{_or_empty(column)}.",
    )


def is_plain(text: ir.StringValue) -> ir.BooleanValue:
    """Whether a text has neither spaces around it nor control characters in it."""
    return ~text.re_search(_EDGE_OR_CONTROL)


def is_plain_key(text: ir.StringValue) -> ir.BooleanValue:
    """Whether a text can tell rows apart for a reader, too: no letter in it is unseen."""
    return is_plain(text) & ~text.re_search(UNSEEN)


def is_plain_patient(text: ir.StringValue) -> ir.BooleanValue:
    """Whether a text can be a patient's number."""
    return is_plain_key(text) & ~is_nobody(text)


def _or_empty(column: ColumnSpec) -> str:
    """The way out where a value is not known, if there is one."""
    return "" if column.required else "; where it is not known, leave the cell empty"


def _is_readable(table: ir.Table, spec: TableSpec, column: ColumnSpec) -> ir.BooleanValue:
    """Whether a cell can be read as its column's type; an empty one can."""
    value = cell(table, column)
    match column.type:
        case ColumnType.STRING if column.name == "patient_id":
            is_readable = is_plain_patient(value)
        case ColumnType.STRING if column.pattern:
            is_readable = value.re_search(f"^(?:{column.pattern})$")
        case ColumnType.STRING if is_key(spec, column):
            is_readable = is_plain_key(value)
        case ColumnType.STRING:
            is_readable = is_plain(value)
        case ColumnType.CATEGORY:
            is_readable = value.isin(_allowed(column))
        case ColumnType.DATE:
            is_day = value.length() == _LENGTH_OF_DAY
            is_readable = meaning(table, column).notnull() & is_day
        case ColumnType.NUMBER | ColumnType.INTEGER | ColumnType.BOOLEAN | ColumnType.DATETIME:
            is_readable = meaning(table, column).notnull()
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


def _whole_number(table: ir.Table, column: ColumnSpec) -> Rule:
    parsed = meaning(table, column)
    return Rule(
        column=column.name,
        broken=(parsed != parsed.floor()) | (parsed.abs() > _LARGEST_WHOLE),
        shown=cell(table, column),
        rule="the cell is a whole number",
        remedy="Write it without decimals; it is never rounded here.",
    )


def _range_rules(table: ir.Table, column: ColumnSpec) -> Iterator[Rule]:
    if column.hard is None or column.type not in {ColumnType.NUMBER, ColumnType.INTEGER}:
        return
    parsed = meaning(table, column)
    low, high = column.hard.low, column.hard.high
    outside = ibis.literal(value=False)
    if low is not None:
        outside = outside | (parsed < low)
    if high is not None:
        outside = outside | (parsed > high)
    yield Rule(
        column=column.name,
        broken=outside,
        shown=cell(table, column),
        rule=f"{column.name} {limits(low, high, column.unit)}",
        remedy=f"Correct the value{_or_empty(column)}.",
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
