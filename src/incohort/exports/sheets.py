"""What stands on one sheet of a workbook, before it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from incohort.results import CellKind, Column, Estimate, Measure, Suppressed
from incohort.tables.laid import LaidCell, LaidTable
from incohort.tables.listed import Value

PRINTED = "as printed"
_FIELDS = (
    "value", "mean", "sd", "median", "first quartile", "third quartile", "ci_low", "ci_high", "n",
    "events",
)  # fmt: skip
_SEVERAL = {
    CellKind.MEAN_SD: ("mean", "sd"),
    CellKind.MEDIAN_IQR: ("median", "first quartile", "third quartile"),
}
_NUMBER, _WHOLE, _PERCENT, _P = "0.00", "0", "0.0%", "0.000"
_FORMATS = {
    Measure.COUNT: _WHOLE,
    Measure.PROPORTION: _PERCENT,
    Measure.P_VALUE: _P,
    Measure.CORRELATION: _P,
    Measure.COEFFICIENT: _P,
}
_LEAST_WIDTH = 9


@dataclass(frozen=True, slots=True)
class Line:
    """One row: its values, how its numbers are set, which cells are one (counted from 1)."""

    values: tuple[Value, ...]
    formats: tuple[str, ...] = ()
    level: int = 0
    is_strong: bool = False
    spans: tuple[tuple[int, int], ...] = ()
    rights: frozenset[int] = frozenset()  # cells whose texts stand where numbers do


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A sheet: title, heads and lines; `is_prose` says that texts are wrapped."""

    name: str
    title: str
    heads: tuple[Line, ...]
    lines: tuple[Line, ...]
    is_prose: bool = False

    def widths(self, most: int) -> dict[int, float]:
        """How wide each column has to be, in letters; notes and titles may run on."""
        widths: dict[int, int] = {}
        for line in (*self.heads[-1:], *self.lines):
            if len(line.values) == 1:
                continue
            for place, value in enumerate(line.values, 1):
                length = 8 if isinstance(value, float) else len(str(value or ""))
                widths[place] = max(widths.get(place, _LEAST_WIDTH), length + 2)
        return {place: min(width, most) for place, width in widths.items()}


Numbers = dict[str, tuple[float | int, str]]  # a field's number and how it is set


def table_sheet(table: LaidTable, number: str) -> Sheet:
    """A table with its numbers in columns of their own beside the text that is printed."""
    numbers = [[numbers_in(cell) for cell in row.cells] for row in table.rows]
    fields = [_fields(numbers, place) for place in range(len(table.columns))]
    lines = [
        Line((row.label,), is_strong=True)
        if row.is_heading
        else _line(row.label, row.level, row.cells, cells, fields)
        for row, cells in zip(table.rows, numbers, strict=True)
    ]
    notes = [Line((f"({note.mark}) " * bool(note.mark) + note.text,)) for note in table.notes]
    return Sheet(
        name=number or table.caption,
        title=f"{number}. {table.caption}" if number else table.caption,
        heads=tuple(_heads(table, fields)),
        lines=(*lines, *((Line(()), *notes) if notes else ())),
    )


def numbers_in(cell: LaidCell) -> Numbers:
    """The numbers behind a cell's text, each under the name of its column."""
    if cell.filled is None:
        return {}
    results = [part.result for part in cell.filled.parts if part.result is not None]
    if cell.kind in _SEVERAL:
        pairs = zip(_SEVERAL[cell.kind], results, strict=False)
        return {name: _value(result) for name, result in pairs if isinstance(result, Estimate)}
    match results[0]:
        case Suppressed(events=int(events)):
            return {"events": (events, _WHOLE)}
        case Estimate() as estimate:
            return _numbers_of(estimate, cell.kind)
        case _:
            return {}


def _numbers_of(estimate: Estimate, kind: CellKind) -> Numbers:
    how = _value(estimate)[1]
    limits = (("ci_low", estimate.ci_low), ("ci_high", estimate.ci_high))
    counts = (("n", estimate.n), ("events", estimate.events))
    if kind is CellKind.COUNT and estimate.measure is not Measure.COUNT:
        return {} if estimate.events is None else {"events": (int(estimate.events), _WHOLE)}
    return {
        "value": _value(estimate),
        **{name: (float(number), how) for name, number in limits if number is not None},
        **{name: (int(number), _WHOLE) for name, number in counts if number is not None},
    }


def _value(estimate: Estimate) -> tuple[float, str]:
    return float(estimate.value), _FORMATS.get(estimate.measure, _NUMBER)


def _fields(numbers: Sequence[Sequence[Numbers]], place: int) -> tuple[str, ...]:
    """The fields that any cell of a column has, in a fixed order."""
    there = {name for cells in numbers if cells for name in cells[place]}
    return tuple(name for name in _FIELDS if name in there)


def _line(
    label: str, level: int, cells: Sequence[LaidCell], numbers: Sequence[Numbers],
    fields: Sequence[tuple[str, ...]],
) -> Line:  # fmt: skip
    values: list[Value] = [label]
    formats = [""]
    for cell, by_field, names in zip(cells, numbers, fields, strict=True):
        mark = f" ({cell.mark})" if cell.mark else ""
        values.append(f"{cell.text}{mark}")
        formats.append("")
        for name in names:
            number, how = by_field.get(name, (None, ""))
            values.append(number)
            formats.append(how)
    return Line(tuple(values), tuple(formats), level, rights=_rights(fields))


def _rights(fields: Sequence[tuple[str, ...]]) -> frozenset[int]:
    """The columns of numbers and of what is printed of them, counted from 1."""
    places: list[int] = []
    at = 2
    for names in fields:
        places += range(at, at + 1 + len(names)) if names else []
        at += 1 + len(names)
    return frozenset(places)


def _heads(table: LaidTable, fields: Sequence[tuple[str, ...]]) -> list[Line]:
    """Spanners, the columns' labels over their fields, and the fields' names."""
    sizes = [1 + len(names) for names in fields]
    spanners: list[Value] = [""]
    spans, at = [], 2
    pairs: list[tuple[Column, int]] = list(zip(table.columns, sizes, strict=True))
    for spanner, group in groupby(pairs, key=lambda pair: pair[0].spanner):
        size = sum(width for _, width in group)
        spanners += [spanner, *[""] * (size - 1)]
        if spanner and size > 1:
            spans.append((at, at + size - 1))
        at += size
    labels: list[Value] = [table.stub_head]
    names: list[Value] = [""]
    label_spans, at = [], 2
    for (column, size), field_names in zip(pairs, fields, strict=True):
        labels += [column.label, *[""] * (size - 1)]
        names += [PRINTED if field_names else "", *field_names]
        if size > 1:
            label_spans.append((at, at + size - 1))
        at += size
    upper = [Line(tuple(spanners), spans=tuple(spans))] if any(spanners) else []
    return [
        *upper,
        Line(tuple(labels), spans=tuple(label_spans)),
        Line(tuple(names), rights=_rights(fields)),
    ]
