"""Tables and figures as they are written down: rows of cells, series of keys."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypedDict, Unpack

from incohort.results import (
    Cell,
    CellKind,
    Column,
    Figure,
    FigureKind,
    Row,
    Series,
    SizedBy,
    Table,
    clauses,
)
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


def share(key: str) -> tuple[Cell, Cell]:
    """A share as two cells: how many of how many, and in percent with its interval."""
    return cell("fraction_percent", key), cell("percent_ci", key)


def phrases(keys: Mapping[str, str], kind: str) -> str:
    """Each number after its label, as `clauses`; `kind` as in `cell`."""
    return clauses(*(f"{label} {{{key}:{kind}}}" for label, key in keys.items()))


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


class Sides(TypedDict, total=False):
    """What a forest plot says beside its rows, as in `Figure`."""

    low_means: str
    high_means: str
    sized_by: SizedBy


class Drawing(Sides, total=False):
    """What a figure has beside its series, as in `Figure`."""

    x_label: str
    y_label: str
    reference: float | None
    is_log: bool
    columns: tuple[str, ...]
    marked: str
    is_roc: bool


Drawn = Mapping[str, Iterable[str]] | Iterable[tuple[str, Iterable[str]] | Series]


def figure(
    scope: Scope, name: str, kind: str, caption: str, alt: str, series: Drawn,
    **drawing: Unpack[Drawing],
) -> Figure:  # fmt: skip
    """A figure under its key; `kind` is a `FigureKind` value, `series` are keys by their label.

    Series are pairs where two may have the same label, as with groups by a user's own words, and
    `Series` where more is said of them than their keys.
    """
    pairs = series.items() if isinstance(series, Mapping) else series
    return Figure(
        key=scope.key(f"{name}/figure"),
        kind=FigureKind(kind),
        caption=caption,
        alt=alt,
        series=tuple(
            entry if isinstance(entry, Series) else Series(entry[0], tuple(entry[1]))
            for entry in pairs
        ),
        **drawing,
    )


def forest(
    scope: Scope, name: str, caption: str, alt: str, series: Drawn, x_label: str, *,
    is_ratio: bool = False, **said: Unpack[Sides],
) -> Figure:  # fmt: skip
    """A forest plot under its key; `series` are groups of rows, `is_ratio` says that 1 is even.

    Its marks grow with how many stand behind each, where nothing else is said.
    """
    said.setdefault("sized_by", SizedBy.N)
    return figure(
        scope, name, "forest", caption, alt, series,
        x_label=x_label, reference=1 if is_ratio else 0, is_log=is_ratio, **said,
    )  # fmt: skip
