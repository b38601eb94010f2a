"""Tables as Word has them: heads that come again on each page, borders of their own, notes below.

Borders, sizes and widths are set on the table itself and not by a style, so that a table that is
copied into another document looks there as it does here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Mm, Pt

from incohort.exports.word_parts import (
    LENGTH,
    MUTED,
    WIDTH,
    element,
    link_inside,
    raised,
)
from incohort.figures.lettering import width as drawn_width
from incohort.tables.laid import SYNTHETIC, LaidRow, LaidTable, Note
from incohort.tables.portable import plain

if TYPE_CHECKING:
    from docx.document import Document
    from docx.table import Table, _Cell
    from docx.text.paragraph import Paragraph

_MM = 25.4 / 72  # of a point
_NARROWER = 0.96  # Arial beside the font that words are measured in
_PADDING = 3.2  # millimetres at both sides of a cell together
_SIZES = ((9.0, False), (8.0, False), (9.0, True), (8.0, True), (7.0, True))
_SMALLEST = 6.5
_STUB, _WORDS = 62.0, 70.0  # what these columns would like at most
_INDENT, _INDENT_EMS = 3.5, 1.1  # of a row's label, for each level
_LEAST = 2.5  # ems of any column
_LINES, _ENOUGH = 3, 14.0  # into which words are broken, unless they have so many ems in a line
_SHORT = 14  # rows that stay on one page
_TOGETHER = 2  # of a longer table, the first and the last
_HEAVY, _LIGHT = "8", "4"  # eighths of a point


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """One cell of a table to be set: its text, and what stands with it."""

    text: str = ""
    mark: str = ""
    below: str = ""  # a remark in a line of its own
    is_synthetic: bool = False
    target: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """A row to be set; a heading has its label alone."""

    label: Plain
    cells: tuple[Plain, ...] = ()
    level: int = 0
    is_heading: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A table to be set: heads with the spanners above them, rows, notes."""

    stub_head: str
    heads: tuple[str, ...]
    rows: tuple[Set, ...]
    words: tuple[bool, ...]
    spanners: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    fit: Fit = field(init=False)

    def __post_init__(self) -> None:
        """Measure it once."""
        object.__setattr__(self, "fit", _fit(self))


@dataclass(frozen=True, slots=True)
class Fit:
    """How a table is set so that it fits: size of its type, page, widths in millimetres."""

    size: float
    is_landscape: bool
    widths: tuple[float, ...]


def setting_of(table: LaidTable, *, tells_synthetic: bool) -> Setting:
    """A table of findings as it is to be set.

    Args:
        table: With its numbers.
        tells_synthetic: Whether numbers that rest on invented values are marked.
    """
    return Setting(
        stub_head=table.stub_head,
        heads=tuple(column.label for column in table.columns),
        spanners=tuple(column.spanner for column in table.columns),
        words=table.words,
        rows=tuple(_row(row, tells_synthetic=tells_synthetic) for row in table.rows),
        notes=table.notes,
    )


def _row(row: LaidRow, *, tells_synthetic: bool) -> Set:
    cells = tuple(
        Plain(
            text=cell.text,
            mark=cell.mark,
            is_synthetic=cell.is_synthetic and tells_synthetic,
            target=cell.target,
        )
        for cell in row.cells
    )
    return Set(label=Plain(text=row.label), cells=cells, level=row.level, is_heading=row.is_heading)


def _fit(setting: Setting) -> Fit:
    """The largest type on the usual page in which nothing is cut; else a page across."""
    least, wanted = _needs(setting)
    for size, is_landscape in _SIZES:
        room = LENGTH if is_landscape else WIDTH
        need = [size * width * _NARROWER * _MM + _PADDING for width in least]
        if sum(need) <= room:
            like = [size * width * _NARROWER * _MM + _PADDING for width in wanted]
            return Fit(size, is_landscape, _shared(need, like, room))
    need = [_SMALLEST * width * _NARROWER * _MM + _PADDING for width in least]
    scale = min(1.0, LENGTH / sum(need))  # words break then
    return Fit(_SMALLEST, True, tuple(width * scale for width in need))  # noqa: FBT003


def _needs(setting: Setting) -> tuple[list[float], list[float]]:
    """What each column needs and what it would like, in ems, the stub first."""
    rows = [row for row in setting.rows if not row.is_heading]
    indent = max((row.level for row in rows), default=0) * _INDENT_EMS
    need, like = _column(setting.stub_head, [row.label for row in rows], is_words=True)
    needs, likes = [need + indent], [like + indent]
    for place, (head, is_words) in enumerate(zip(setting.heads, setting.words, strict=True)):
        need, like = _column(head, [row.cells[place] for row in rows], is_words=is_words)
        needs.append(need)
        likes.append(like)
    return needs, likes


def _column(name: str, cells: Sequence[Plain], *, is_words: bool) -> tuple[float, float]:
    """Numbers are not broken; words are, at spaces, into few lines."""
    head = _Head(name)
    longest = max((_line(cell.text) + _marks(cell) for cell in cells), default=0.0)
    words = max((_word(cell.text) + _marks(cell) for cell in cells), default=0.0)
    remarks = max((_line(cell.below) for cell in cells), default=0.0)
    need = max(words, min(longest / _LINES, _ENOUGH)) if is_words else longest
    return max(head.word, _LEAST, need), max(head.halved, _LEAST, longest + 1, remarks)


class _Head:
    """How much room the bold words of a head need."""

    def __init__(self, text: str) -> None:
        words = [drawn_width(word, 1, is_strong=True) for word in text.split(" ")]
        self.word = max(words)
        self.halved = max(self.word, 0.55 * drawn_width(text, 1, is_strong=True))


def _marks(cell: Plain) -> float:
    return 0.5 * len(cell.mark) + 0.4 * cell.is_synthetic


def _word(text: str) -> float:
    return max((drawn_width(word, 1) for word in text.split(" ")), default=0.0)


def _line(text: str) -> float:
    return drawn_width(text, 1)


def _shared(need: Sequence[float], like: Sequence[float], room: float) -> tuple[float, ...]:
    """Widths with what room is left, given to those columns that would like more."""
    most = [_STUB, *([_WORDS] * (len(need) - 1))]
    lacks = [max(min(w, m) - n, 0.0) for n, w, m in zip(need, like, most, strict=True)]
    left, total = room - sum(need), sum(lacks)
    share = min(1.0, left / total) if total else 0.0
    return tuple(n + share * lack for n, lack in zip(need, lacks, strict=True))


def add_table(document: Document, setting: Setting) -> Table:
    """Set a table and its notes at the end of a document."""
    has_spanners = any(setting.spanners)
    n_heads = 2 if has_spanners else 1
    table: Table = document.add_table(n_heads + len(setting.rows), len(setting.heads) + 1)
    table.alignment, table.autofit = WD_TABLE_ALIGNMENT.LEFT, False
    _frame(table, setting.fit.widths)
    cells = [row.cells for row in table.rows]  # each look-up of python-docx walks the whole table
    _set_heads(cells[:n_heads], setting)
    is_short = len(setting.rows) <= _SHORT
    for number, (row, inside) in enumerate(zip(setting.rows, cells[n_heads:], strict=True)):
        left = len(setting.rows) - 1 - number
        is_kept = is_short or number < _TOGETHER or left < _TOGETHER  # none stands alone
        keeps = row.is_heading or (is_kept and (left > 0 or bool(setting.notes)))
        _set_row(inside, row, setting, keeps=keeps)
    for number, line in enumerate(table.rows):
        shape = line._tr.get_or_add_trPr()
        shape.append(element("cantSplit"))
        if number < n_heads:
            shape.append(element("tblHeader"))
    _underline(table.rows[n_heads - 1]._tr)
    _add_notes(document, setting.notes)
    return table


def _frame(table: Table, widths: Sequence[float]) -> None:
    """Rules above and below, hair lines between rows, exact widths."""
    properties = table._tbl.tblPr
    borders = element("tblBorders")
    for side, size, colour in (
        ("top", _HEAVY, "1D1D1B"), ("bottom", _HEAVY, "1D1D1B"), ("insideH", _LIGHT, "D9D8D2"),
    ):  # fmt: skip
        borders.append(element(side, val="single", sz=size, space="0", color=colour))
    properties.append(borders)
    margins = element("tblCellMar")
    for side in ("left", "right"):
        margins.append(element(side, w=str(round(_PADDING / 2 / _MM * 20 * 0.9)), type="dxa"))
    properties.append(margins)
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Mm(width)
    for row in table.rows:
        for cell, width in zip(row._tr.tc_lst, widths, strict=True):
            cell.width = Mm(width)


def _underline(row: object) -> None:
    """The rule below the heads, on their own cells."""
    for cell in row.tc_lst:  # type: ignore[attr-defined]
        borders = element("tcBorders")
        borders.append(element("bottom", val="single", sz=_HEAVY, space="0", color="1D1D1B"))
        cell.get_or_add_tcPr().append(borders)


def _set_heads(cells: Sequence[Sequence[_Cell]], setting: Setting) -> None:
    lowest = cells[-1]
    size = setting.fit.size
    if len(cells) == 2:
        at = 1
        for spanner, group in groupby(setting.spanners):
            length = len(list(group))
            if spanner:
                whole = (
                    cells[0][at].merge(cells[0][at + length - 1]) if length > 1 else cells[0][at]
                )
                _write(whole, Plain(text=spanner), size, "center", is_strong=True)
            at += length
    _write(lowest[0], Plain(text=setting.stub_head), size, "left", is_strong=True)
    for cell, head, is_words in zip(lowest[1:], setting.heads, setting.words, strict=True):
        _write(cell, Plain(text=head), size, "left" if is_words else "right", is_strong=True)


def _set_row(cells: Sequence[_Cell], row: Set, setting: Setting, *, keeps: bool) -> None:
    size = setting.fit.size
    if row.is_heading:
        whole = cells[0].merge(cells[-1]) if len(cells) > 1 else cells[0]
        _write(whole, row.label, size, "left", is_strong=True, keeps=True)
        return
    paragraph = _write(cells[0], row.label, size, "left", keeps=keeps)
    paragraph.paragraph_format.left_indent = Mm(_INDENT * row.level)
    for cell, inside, is_words in zip(cells[1:], row.cells, setting.words, strict=True):
        _write(cell, inside, size, "left" if is_words else "right", keeps=keeps)


_SIDES = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
}


def _write(
    cell: _Cell, inside: Plain, size: float, side: str, *, is_strong: bool = False,
    keeps: bool = True,
) -> Paragraph:  # fmt: skip
    """Text into a cell's first paragraph, with its marks and the remark below it."""
    paragraph: Paragraph = cell.paragraphs[0]
    shape = paragraph.paragraph_format
    shape.space_before, shape.space_after, shape.keep_with_next = Pt(1.5), Pt(1.5), keeps
    paragraph.alignment = _SIDES[side]
    if inside.target:
        link_inside(paragraph, inside.text, inside.target)
    elif inside.text:
        paragraph.add_run(plain(inside.text)).bold = is_strong or None
    if inside.is_synthetic:
        raised(paragraph, SYNTHETIC, is_italic=True)
    if inside.mark:
        raised(paragraph, inside.mark)
    for run in paragraph.runs:
        run.font.size = Pt(size)
    for run in paragraph._p.findall(f"{qn('w:hyperlink')}/{qn('w:r')}"):
        run.get_or_add_rPr().append(element("sz", val=str(round(2 * size))))
    if inside.below:
        remark = cell.add_paragraph()
        remark.paragraph_format.space_after, remark.alignment = Pt(1.5), _SIDES[side]
        run = remark.add_run(plain(inside.below))
        run.font.size, run.font.color.rgb = Pt(max(size - 1, _SMALLEST)), MUTED
    return paragraph


def _add_notes(document: Document, notes: Sequence[Note]) -> None:
    """The notes below a table; a little room where it has none."""
    for number, note in enumerate(notes):
        paragraph = document.add_paragraph()
        paragraph.paragraph_format.space_before = Pt(2 if number == 0 else 0)
        paragraph.paragraph_format.space_after = Pt(1)
        paragraph.paragraph_format.keep_with_next = number < len(notes) - 1
        if note.mark:
            raised(paragraph, note.mark)
            paragraph.add_run(" ")
        paragraph.add_run(plain(note.text))
        for run in paragraph.runs:
            run.font.size, run.font.color.rgb = Pt(8), MUTED
    after = document.add_paragraph()
    after.paragraph_format.space_after = Pt(0)
