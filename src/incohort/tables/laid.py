"""A table with everything that stands in it, before it is set as HTML, in Word or in a workbook.

Reasons why a number is missing become notes, each marked with a letter in the cells that it is
about; so does the mark of what rests on synthetic values.
"""

from __future__ import annotations

from dataclasses import dataclass

from incohort.results import Cell, CellKind, Column, Estimate, Findings, Result, Row, Table
from incohort.tables.cells import Filled, fill

_MARKS = "abcdefghijklmnopqrtuvwxyz"  # without s, which says synthetic
SYNTHETIC = "s"
SYNTHETIC_NOTE = "s: rests on synthetic values."


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidCell:
    """One cell: words, or the numbers of some results with the letter of their note.

    `is_words` says that it stands in a column of words alone; words elsewhere stand where the
    numbers do.
    """

    text: str = ""
    kind: CellKind = CellKind.TEXT
    filled: Filled | None = None
    mark: str = ""
    target: str = ""
    is_words: bool = False

    @property
    def first(self) -> Result | None:
        """The first result that it shows."""
        return self.filled.first if self.filled else None

    @property
    def is_synthetic(self) -> bool:
        """Whether a number in it rests on invented values."""
        return self.filled is not None and self.filled.is_synthetic


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidRow:
    """A row's label, how deep it is indented, and as many cells as there are columns."""

    label: str
    cells: tuple[LaidCell, ...]
    level: int
    is_heading: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note below a table, with the letter in the cells that it is about, if it is of some."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaidTable:
    """A table by its parts, every number in its place."""

    key: str
    caption: str
    stub_head: str
    columns: tuple[Column, ...]
    words: tuple[bool, ...]  # whether each column holds words alone
    rows: tuple[LaidRow, ...]
    notes: tuple[Note, ...]


def lay(table: Table, findings: Findings, *, tells_synthetic: bool = True) -> LaidTable:
    """The table with the findings' numbers in its cells.

    Args:
        table: Names keys only.
        findings: The results under those keys, after the gate.
        tells_synthetic: Whether a note says which numbers rest on invented values.

    Raises:
        KeyError: A key has no result: a programming error.
    """
    notes = _Notes(tells_synthetic=tells_synthetic)
    words = tuple(_is_words(table, place) for place in range(len(table.columns)))
    rows = tuple(_row(row, words, findings, notes) for row in table.rows)
    return LaidTable(
        key=table.key,
        caption=table.caption,
        stub_head=table.stub_head,
        columns=table.columns,
        words=words,
        rows=rows,
        notes=(*(Note(text=text) for text in table.notes), *notes.all),
    )


class _Notes:
    """Reasons why cells are empty, each marked with a letter."""

    def __init__(self, *, tells_synthetic: bool) -> None:
        self._marks: dict[str, str] = {}
        self._tells_synthetic = tells_synthetic
        self.has_synthetic = False

    def mark(self, reason: str) -> str:
        """The letter of a reason; letters double when the alphabet is used up."""
        if reason not in self._marks:
            turn, position = divmod(len(self._marks), len(_MARKS))
            self._marks[reason] = _MARKS[position] * (turn + 1)
        return self._marks[reason]

    @property
    def all(self) -> tuple[Note, ...]:
        """The notes to print under the table."""
        reasons = (Note(text=_sentence(text), mark=mark) for text, mark in self._marks.items())
        is_told = self.has_synthetic and self._tells_synthetic
        return (*reasons, *((Note(text=SYNTHETIC_NOTE),) if is_told else ()))


def _sentence(reason: str) -> str:
    text = reason[:1].upper() + reason[1:]
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _is_words(table: Table, place: int) -> bool:
    """Whether a column holds words alone, so that its head stands over their beginning."""
    cells = [row.cells[place] for row in table.rows if place < len(row.cells)]
    return any(cell.text for cell in cells) and all(cell.kind is CellKind.TEXT for cell in cells)


def _row(row: Row, words: tuple[bool, ...], findings: Findings, notes: _Notes) -> LaidRow:
    cells = [
        _cell(cell, findings, notes, is_words=is_words)
        for cell, is_words in zip(row.cells, words, strict=False)
    ]
    missing = [LaidCell()] * (len(words) - len(cells))
    return LaidRow(
        label=row.label,
        cells=() if row.is_heading else (*cells, *missing),
        level=row.level,
        is_heading=row.is_heading,
    )


def _cell(cell: Cell, findings: Findings, notes: _Notes, *, is_words: bool) -> LaidCell:
    if cell.kind is CellKind.TEXT:
        return LaidCell(text=cell.text, target=cell.target, is_words=is_words)
    filled = fill(cell.kind, cell.keys, findings)
    notes.has_synthetic |= filled.is_synthetic
    return LaidCell(
        text=filled.text,
        kind=cell.kind,
        filled=filled,
        mark=_mark(filled, notes),
        is_words=is_words,
    )


def _mark(filled: Filled, notes: _Notes) -> str:
    """The letter of why a number or its interval is missing; empty where nothing is."""
    if filled.state:
        return notes.mark(filled.reason)
    first = filled.first
    return (
        notes.mark(first.no_interval) if isinstance(first, Estimate) and first.no_interval else ""
    )
