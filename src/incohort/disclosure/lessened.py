"""Tables of a report from which more is withheld than its profile asks: no word tells in its place.

That nobody is in a row, or that a row is there at all, is told by words of the layout. In a report
made again so that it may leave beside an earlier one, such a word could tell of whoever came since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from incohort.results import Cell, CellKind, Estimate, Layout, Result, Row, Table

_NOBODY = frozenset({"0", "0 %"})  # a count of nobody in words
_DASH = "–"


def without_words(layout: Layout, results: Mapping[str, Result]) -> Layout:
    """The layout without rows of which no number is shown, and without a word for nobody.

    Args:
        layout: Of gated findings.
        results: Theirs, by key.
    """
    return replace(layout, tables=tuple(_lessened(table, results) for table in layout.tables))


def _lessened(table: Table, results: Mapping[str, Result]) -> Table:
    rows = (row for row in table.rows if _tells(row, results))
    return replace(
        table, rows=tuple(replace(row, cells=tuple(map(_cell, row.cells))) for row in rows)
    )


def _tells(row: Row, results: Mapping[str, Result]) -> bool:
    """Whether a row shows a number, or is of words alone that stand in every report."""
    keys = [key for cell in row.cells for key in cell.keys]
    if keys:
        return any(isinstance(results[key], Estimate) for key in keys)
    return not any(cell.text in _NOBODY for cell in row.cells)


def _cell(cell: Cell) -> Cell:
    is_nobody = cell.kind is CellKind.TEXT and cell.text in _NOBODY
    return replace(cell, text=_DASH) if is_nobody else cell
