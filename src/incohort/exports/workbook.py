"""A report as an Excel workbook: a sheet a table, numbers as numbers, all results in one list."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from io import BytesIO
from typing import TYPE_CHECKING

from incohort.exports.long_table import (
    POINT_COLUMNS,
    RESULT_COLUMNS,
    point_rows,
    result_rows,
)
from incohort.exports.settled import settled
from incohort.exports.sheets import Line, Sheet, table_sheet
from incohort.results import Findings
from incohort.tables.laid import lay
from incohort.tables.listed import Row, Value
from incohort.tables.marks import Marks
from incohort.tables.portable import neutral

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.worksheet.worksheet import Worksheet

_LONGEST_NAME = 31
_LONGEST_TEXT = 32_000  # letters in a cell; Excel takes 32,767
_UNFIT = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
_WIDEST = 60  # letters in a column
_LINE = 14  # points
_FONT = "Arial"


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """What a workbook holds: what it is about, tables, and lists beside the results."""

    title: str
    about: tuple[tuple[str, str], ...]
    findings: tuple[Findings, ...]
    marks: Marks
    lists: tuple[tuple[str, tuple[str, ...], tuple[Row, ...]], ...] = ()
    marking: str = ""


def as_xlsx(book: Book) -> bytes:
    """The workbook's bytes, the same for the same book."""
    from openpyxl import Workbook  # noqa: PLC0415 — only where a workbook is exported

    file = Workbook()
    file.properties.creator = f"incohort {version('incohort')}"
    file.properties.title = neutral(book.title)
    taken: set[str] = set()
    first = file.active
    first.title = sheet_name("about", taken)
    tables = [
        table_sheet(
            lay(table, section, tells_synthetic=book.marks.tells_synthetic),
            book.marks.labels[table.key],
        )
        for section in book.findings
        for table in section.layout.tables
        if table.key in book.marks.labels  # else it has nothing to show
    ]
    named = [(sheet_name(sheet.name, taken), sheet) for sheet in tables]
    for name, sheet in named:
        _fill(file.create_sheet(name), sheet, book.marking)
    for name, sheet in _lists(book):
        place = sheet_name(name, taken)
        _fill(file.create_sheet(place), sheet, book.marking)
        named.append((place, sheet))
    _fill(first, _about(book, named), book.marking)
    _link(first, [name for name, _ in named])
    out = BytesIO()
    file.save(out)
    return settled(out.getvalue())


def sheet_name(wanted: str, taken: set[str]) -> str:
    """A name that Excel takes and no other sheet has; it is added to those taken."""
    plain = _UNFIT.sub(" ", neutral(wanted)).strip("' ")[:_LONGEST_NAME].strip("' ") or "sheet"
    name, number = plain, 1
    while name.casefold() in taken or name.casefold() == "history":  # Excel keeps that for itself
        number += 1
        ending = f" {number}"
        name = plain[: _LONGEST_NAME - len(ending)].rstrip() + ending
    taken.add(name.casefold())
    return name


def _lists(book: Book) -> Iterable[tuple[str, Sheet]]:
    results = {key: result for section in book.findings for key, result in section.by_key.items()}
    yield "estimates", _listed(RESULT_COLUMNS, result_rows(results.values()))
    points = tuple(point_rows(results.values()))
    if points:
        yield "points", _listed(POINT_COLUMNS, points)
    for name, columns, rows in book.lists:
        yield name, _listed(columns, rows)


def _listed(columns: Sequence[str], rows: Iterable[Row]) -> Sheet:
    lines = [Line(tuple(row[name] for name in columns)) for row in rows]
    return Sheet(name="", title="", heads=(Line(tuple(columns)),), lines=tuple(lines))


def _about(book: Book, sheets: Sequence[tuple[str, Sheet]]) -> Sheet:
    lines = [Line((name, text)) for name, text in book.about]
    contents = [Line((name, sheet.title)) for name, sheet in sheets]
    return Sheet(
        name="about", title=book.title, heads=(), is_prose=True,
        lines=(*lines, Line(()), Line(("Sheet", "What it holds"), is_strong=True), *contents),
    )  # fmt: skip


def _link(sheet: Worksheet, names: Sequence[str]) -> None:
    """Each sheet's name on the first one leads there."""
    from openpyxl.worksheet.hyperlink import Hyperlink  # noqa: PLC0415 — as above

    first = sheet.max_row - len(names) + 1
    for place, name in enumerate(names, first):
        cell = sheet.cell(place, 1)
        cell.hyperlink = Hyperlink(
            ref=cell.coordinate, location=f"'{name.replace(chr(39), chr(39) * 2)}'!A1"
        )
        cell.style = "Hyperlink"


def _fill(sheet: Worksheet, content: Sheet, marking: str) -> None:
    """Write a sheet: marking, title, heads that stay in sight, lines, notes."""
    from openpyxl.styles import Font  # noqa: PLC0415 — as above

    row = 0
    for text, colour in ((marking, "A01722"), (content.title, "000000")):
        if text:
            row += 1
            _set(sheet.cell(row, 1), text)
            sheet.cell(row, 1).font = Font(name=_FONT, bold=True, color=colour)
    row += 1 if content.title else 0
    for line in content.heads:
        row += 1
        _write(sheet, row, line, is_strong=True)
    if content.heads:
        sheet.freeze_panes = sheet.cell(row + 1, 2)
    for line in content.lines:
        row += 1
        _write(sheet, row, line, is_strong=line.is_strong)
        if content.is_prose:
            _wrap(sheet, row)
    for place, width in content.widths(_WIDEST).items():
        sheet.column_dimensions[sheet.cell(1, place).column_letter].width = width
    _for_print(sheet, marking)


def _wrap(sheet: Worksheet, row: int) -> None:
    """Break a row's texts, and make it as high as the longest of them needs."""
    from openpyxl.styles import Alignment  # noqa: PLC0415 — as above

    longest = max((len(str(cell.value or "")) for cell in sheet[row]), default=0)
    sheet.row_dimensions[row].height = _LINE * math.ceil(max(longest, 1) / (_WIDEST + 10))
    for cell in sheet[row]:
        cell.alignment = Alignment(wrap_text=True, vertical="top")


def _write(sheet: Worksheet, row: int, line: Line, *, is_strong: bool) -> None:
    from openpyxl.styles import Alignment, Font  # noqa: PLC0415 — as above

    for place, value in enumerate(line.values, 1):
        if value is None or value == "":
            continue
        cell = sheet.cell(row, place)
        _set(cell, value)
        cell.font = Font(name=_FONT, bold=is_strong)
        if line.formats and line.formats[place - 1]:
            cell.number_format = line.formats[place - 1]
        if place == 1 and line.level:
            cell.alignment = Alignment(indent=line.level)
        elif place in line.rights:
            cell.alignment = Alignment(horizontal="right")
    for first, last in line.spans:
        sheet.merge_cells(start_row=row, start_column=first, end_row=row, end_column=last)
        sheet.cell(row, first).alignment = Alignment(horizontal="center")


def _set(cell: Cell, value: Value) -> None:
    """A number as a number; an open end and every text as text, whatever it looks like."""
    if isinstance(value, float) and math.isinf(value):
        value = "∞" if value > 0 else "\u2212∞"  # Excel has no infinite number
    if isinstance(value, str):
        cell.value = neutral(value)[:_LONGEST_TEXT]
        cell.data_type = "s"  # and no error either, such as #N/A
    else:
        cell.value = value
        if isinstance(value, float):  # openpyxl would write 16 digits; a float may need 17
            cell._value = repr(value)  # noqa: SLF001


def _for_print(sheet: Worksheet, marking: str) -> None:
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    if marking:
        sheet.oddHeader.center.text = marking
    sheet.oddFooter.center.text = "&A, page &P of &N"
