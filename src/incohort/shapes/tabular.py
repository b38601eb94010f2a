"""Tables and forest plots as they are written down: a list of rows, each a label and its cells."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from incohort.results import Cell, CellKind, Column, Figure, FigureKind, Row, Series, Table
from incohort.shapes.making import Scope

BLANK = Cell(CellKind.TEXT)


def text(words: str) -> Cell:
    """A cell of words."""
    return Cell(CellKind.TEXT, text=words)


def cell(kind: str, *keys: str) -> Cell:
    """A cell of numbers; `kind` is a `CellKind` value."""
    return Cell(CellKind(kind), keys)


def row(label: str, *cells: Cell, level: int = 0) -> Row:
    """A row of a table."""
    return Row(label, cells, level)


def cells(kinds: Sequence[str], keys: Iterable[str]) -> tuple[Cell, ...]:
    """One cell for each key, each of its kind."""
    return tuple(cell(kind, key) for kind, key in zip(kinds, keys, strict=True))


def table(
    scope: Scope,
    name: str,
    caption: str,
    head: str,
    columns: Iterable[str | tuple[str, str]],
    rows: Iterable[Row],
    *notes: str,
) -> Table:
    """A table under its key.

    Args:
        scope: Has the key's prefix.
        name: The key without the prefix and without `/table`.
        caption: What it shows.
        head: Over the labels of the rows.
        columns: The heads of the columns; a pair is a head and the spanner that it stands under.
        rows: From `row`.
        notes: Source notes; an empty one is left out.
    """
    return Table(
        key=scope.key(f"{name}/table"),
        caption=caption,
        stub_head=head,
        columns=tuple(Column(c) if isinstance(c, str) else Column(*c) for c in columns),
        rows=tuple(rows),
        notes=tuple(filter(None, notes)),
    )


def forest(
    scope: Scope, name: str, caption: str, alt: str, series: Mapping[str, Sequence[str]],
    x_label: str, *, is_ratio: bool = False,
) -> Figure:  # fmt: skip
    """A forest plot under its key; `series` are groups of rows, `is_ratio` says that 1 is even."""
    return Figure(
        key=scope.key(f"{name}/figure"),
        kind=FigureKind.FOREST,
        caption=caption,
        alt=alt,
        series=tuple(Series(label, tuple(keys)) for label, keys in series.items()),
        x_label=x_label,
        reference=1 if is_ratio else 0,
        is_log=is_ratio,
    )
