"""A CSV file that DuckDB can't read straight: each fault of its form, and a readable copy."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from pathlib import Path

from incohort.errors import Fault

_MAX_LISTED = 20
_FIELD_LIMIT = 1_000_000_000

csv.field_size_limit(_FIELD_LIMIT)


def read_header(path: Path, table: str) -> tuple[tuple[str, ...], tuple[Fault, ...]]:
    """The column names in a file's first record, and what keeps it from being read.

    A byte-order mark of UTF-8 is not part of the first name. No names: nothing can be read.
    """
    with path.open("rb") as file:
        start = file.read(4)
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return (), (_encoding_fault(table, None, "UTF-16"),)
    try:
        first = next(csv.reader(_decoded_lines(path, table, [])), None)
    except csv.Error as error:
        return (), (Fault(table=table, row=1, value=str(error), rule="the file is CSV",
                          remedy="Save it again as CSV UTF-8."),)  # fmt: skip
    if not first or not any(name.strip() for name in first):
        return (), (
            Fault(
                table=table,
                rule="the file has a header row and data",
                remedy="The file is empty. Export it again, or remove it.",
            ),
        )
    if len(first) == 1:
        for mark, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars")):
            if mark in first[0]:
                rule = "cells are separated by commas"
                remedy = f"This file uses {name}. Save it as CSV with commas and decimal points."
                return (), (Fault(table=table, row=1, value=first[0], rule=rule, remedy=remedy),)
    return tuple(first), ()


def repaired_copy(path: Path, table: str, n_columns: int, copy: Path) -> tuple[Fault, ...]:
    """Write a copy that DuckDB can read row for row, and tell each fault of the original's form.

    Rows keep their numbers: what is too short is filled with empty cells, what is too long is cut,
    bytes that are not UTF-8 are read as Latin-1. The copy serves only to find the other faults.
    """
    faults: list[Fault] = []
    lines = _decoded_lines(path, table, faults)
    wrong_length: list[tuple[int, int]] = []
    row = 0
    with copy.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL)
        reader = csv.reader(lines, strict=True)
        while True:
            try:
                record = next(reader, None)
            except csv.Error as error:
                rule = "quotation marks come in pairs, and stand around a whole cell"
                remedy = f"Look at the quotation marks from this row on ({error})."
                faults.append(Fault(table=table, row=row + 1, rule=rule, remedy=remedy))
                break
            if record is None:
                break
            if not record:  # an empty line is no record, for DuckDB as for the csv module
                continue
            row += 1
            if row > 1 and len(record) != n_columns:
                wrong_length.append((row, len(record)))
            writer.writerow([*record, *[""] * n_columns][:n_columns])
    faults += _length_faults(table, n_columns, wrong_length)
    return tuple(faults)


def _length_faults(table: str, n_columns: int, wrong: list[tuple[int, int]]) -> list[Fault]:
    faults = []
    for position, (row, n_cells) in enumerate(wrong[:_MAX_LISTED]):
        is_last = position == _MAX_LISTED - 1
        faults.append(
            Fault(
                table=table,
                row=row,
                value=f"{n_cells} cells",
                rule=f"every row has the header's {n_columns} cells",
                remedy="A comma inside a cell needs quotation marks around the cell.",
                count=len(wrong) - position if is_last else 1,
            )
        )
    return faults


def _decoded_lines(path: Path, table: str, faults: list[Fault]) -> Iterator[str]:
    """The lines as text; lines that are not UTF-8 or hold a NUL are told and read as Latin-1."""
    n_foreign = n_nul = first_foreign = first_nul = 0
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            content = raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw
            if b"\0" in content:
                n_nul, first_nul = n_nul + 1, first_nul or number
                content = content.replace(b"\0", b"")
            try:
                yield content.decode("utf-8")
            except UnicodeDecodeError:
                n_foreign, first_foreign = n_foreign + 1, first_foreign or number
                yield content.decode("latin-1")
    if n_foreign:
        faults.append(_encoding_fault(table, first_foreign, "Latin-1 or similar", n_foreign))
    if n_nul:
        faults.append(
            Fault(
                table=table,
                row=first_nul,
                rule="the file is text",
                remedy="It holds NUL bytes. Export it again as CSV UTF-8.",
                count=n_nul,
            )
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
