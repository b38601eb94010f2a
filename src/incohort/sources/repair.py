"""A CSV file that DuckDB can't read straight: each fault of its form, and a readable copy."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from incohort.dictionary import load
from incohort.dictionary.nearest import squashed
from incohort.errors import Fault
from incohort.sources.telling import MOST, capped

_LONGEST_HEADER = 1 << 20  # bytes
_LONGEST_CELL = 100_000_000
_TOO_MANY = "A comma inside a cell needs quotation marks around the cell."
_TOO_FEW = (
    "The row ends early. If it is the last one, the copy was interrupted: copy the file again. "
    "Otherwise each empty cell needs its comma, and a line break inside a cell quotation marks "
    "around the cell."
)

csv.field_size_limit(_LONGEST_CELL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """What is wrong with a file's form; `is_whole` is false where its end could not be read.

    The copy has `n_rows` rows below its header.
    """

    faults: tuple[Fault, ...]
    is_whole: bool
    n_rows: int


def read_header(path: Path, table: str) -> tuple[tuple[str, ...], tuple[Fault, ...]]:
    """The column names in a file's first record, and what keeps it from being read.

    A byte-order mark of UTF-8 is not part of the first name. No names: nothing can be read.
    """
    with path.open("rb") as file:
        start = file.read(_LONGEST_HEADER)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return (), (_encoding_fault(table, None, "UTF-16"),)
    first_line = start.partition(b"\n")[0]
    if b"\0" in first_line or len(first_line) == _LONGEST_HEADER:
        rule = "the file is text"
        remedy = "It is another kind of file under this name. Export it again as CSV UTF-8."
        return (), (Fault(table=table, row=1, value=path.name, rule=rule, remedy=remedy),)
    try:
        text = _as_text(start.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogateescape"))
        first = next(csv.reader(io.StringIO(text, newline=""), strict=True), None)
    except csv.Error as error:
        return (), (_quotation_fault(table, 1, error),)
    if first is None:
        rule = "the file has a header row and data"
        remedy = "The file is empty. Export it again, or remove it."
        return (), (Fault(table=table, rule=rule, remedy=remedy),)
    if not any(name.strip() for name in first):
        rule = "the first row names the columns"
        remedy = "It is empty. Remove the empty rows above the header."
        return (), (Fault(table=table, row=1, rule=rule, remedy=remedy),)
    if _is_title(first, table):
        rule = "the first row names the columns"
        remedy = "It is a title. Remove the rows above the one that names the columns."
        title = next(filter(str.strip, first))
        return (), (Fault(table=table, row=1, value=title, rule=rule, remedy=remedy),)
    if len(first) == 1:
        for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
            if mark in first[0]:
                rule = "cells are separated by commas"
                remedy = f"This file uses {name}. Save it as CSV with commas and decimal points."
                return (), (Fault(table=table, row=1, value=first[0], rule=rule, remedy=remedy),)
    return tuple(first), ()


def _is_title(first: Sequence[str], table: str) -> bool:
    """Whether a first row holds one text and empty cells, and the text is no column's name."""
    filled = [name for name in first if name.strip()]
    known = {squashed(column.name) for column in load().table(table).columns}
    return len(first) > 1 and len(filled) == 1 and squashed(filled[0]) not in known


def repaired_copy(path: Path, table: str, n_columns: int, copy: Path) -> Repair:
    """Write a copy that DuckDB can read row for row, and tell each fault of the original's form.

    A last column gives each row's number in the original, where empty lines count, too. What is
    too short is filled with empty cells, what is too long is cut, text that is not UTF-8 is read
    as Latin-1.
    """
    faults: list[Fault] = []
    wrong_length: list[Fault] = []
    n_wrong = n_foreign = first_foreign = row = n_written = 0
    is_whole = True
    with (
        path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as original,
        copy.open("w", encoding="utf-8", newline="") as file,
    ):
        lines = _Lines(original)
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        reader = csv.reader(lines, strict=True)
        while True:
            try:
                record = next(reader, None)
            except csv.Error as error:
                faults.append(_quotation_fault(table, row + 1, error))
                is_whole = False
                break
            if record is None:
                break
            row += 1
            if not record:  # an empty line is a row to a spreadsheet, and has nothing to check
                continue
            if lines.is_foreign:
                lines.is_foreign = False
                n_foreign, first_foreign = n_foreign + 1, first_foreign or row
            if row > 1 and len(record) != n_columns:
                n_wrong += 1
                if n_wrong <= MOST:
                    wrong_length.append(_length_fault(table, n_columns, row, len(record)))
            n_written += 1
            writer.writerow([*[*record, *[""] * n_columns][:n_columns], row])
    faults += capped(wrong_length, n_wrong)
    if n_foreign:
        faults.append(_encoding_fault(table, first_foreign, "Latin-1 or similar", n_foreign))
    return Repair(faults=tuple(faults), is_whole=is_whole, n_rows=max(n_written - 1, 0))


class _Lines:
    """A file's lines as text. `is_foreign` is set by one that is not UTF-8, read as Latin-1."""

    def __init__(self, file: TextIO) -> None:
        self.is_foreign = False
        self._file = file

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            text = _as_text(line)
            self.is_foreign = self.is_foreign or text is not line
            yield text


def _as_text(line: str) -> str:
    """A line whose bytes were all UTF-8 as it is, any other as Latin-1."""
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return line.encode("utf-8", "surrogateescape").decode("latin-1")
    return line


def _length_fault(table: str, n_columns: int, row: int, n_cells: int) -> Fault:
    return Fault(
        table=table,
        row=row,
        value=f"{n_cells} cells",
        rule=f"every row has the header's {n_columns} cells",
        remedy=_TOO_FEW if n_cells < n_columns else _TOO_MANY,
    )


def _quotation_fault(table: str, row: int, error: csv.Error) -> Fault:
    return Fault(
        table=table,
        row=row,
        rule="quotation marks come in pairs, and stand around a whole cell",
        remedy=f"Look at the quotation marks in this row; the rest could not be checked ({error}).",
    )


def _encoding_fault(table: str, row: int | None, seen: str, count: int = 1) -> Fault:
    return Fault(
        table=table,
        row=row,
        value=seen,
        rule="the file is UTF-8 text",
        remedy="Save it as CSV UTF-8; otherwise letters such as é or ö are lost.",
        count=count,
    )
