"""Tables and sentences as HTML in which every number carries its key.

A `<td>` (or a `<span>`, where one cell or sentence holds several) has `data-key`, `data-value` at
full precision, and `data-n`, `data-events`, `data-ci-low`, `data-ci-high`, `data-conf-level` where
the estimate has them, and `data-estimand`, what is estimated in words: shown when the number is
pointed at or reached by keyboard. On a page (`Marks`) a number is a link to its own place, whose
`id` is its key, so that it can be cited. What is missing has `data-state` (`not-estimable` or
`suppressed`) and a footnote with the reason. Classes: `td.number`, `td.text`, which is
`td.text.among` in a column of numbers, `tr.heading`, `th[data-level]`, `sup.synthetic`,
`sup.note`, `p.missing`.
A table's `id` is its key, as a figure's is: words of another table lead there.
"""

from __future__ import annotations

from html import escape
from itertools import groupby
from urllib.parse import quote

from incohort.results import Column, Estimate, Findings, Result, Sentence, Table
from incohort.tables.cells import Filled
from incohort.tables.laid import LaidCell, LaidRow, LaidTable, Note, lay
from incohort.tables.marks import NONE, Marks
from incohort.tables.templates import pieces

SYNTHETIC_MARK = '<sup class="synthetic" title="rests on synthetic values">s</sup>'


def table_html(table: Table, findings: Findings, marks: Marks = NONE) -> str:
    """A table with caption, scoped heads, footnotes and source notes.

    Args:
        table: Names keys only.
        findings: The results under those keys, after the gate.
        marks: Of the page that it stands on.

    Raises:
        KeyError: A key has no result: a programming error.
    """
    laid = lay(table, findings, tells_synthetic=marks.tells_synthetic)
    body = "\n".join(_row_html(row, len(laid.columns), marks) for row in laid.rows)
    key = escape(laid.key, quote=True)
    return (
        f'<table class="report-table" id="{key}" data-table="{key}">\n'
        f'<caption><span class="stays">{marks.caption(laid.key, laid.caption)}</span></caption>\n'
        f"<thead>\n{_head_html(laid)}\n</thead>\n"
        f"<tbody>\n{body}\n</tbody>\n{_foot_html(laid)}</table>"
    )


def sentence_html(sentence: Sentence, findings: Findings, marks: Marks = NONE) -> str:
    """A sentence whose numbers carry their keys; empty where it can't be said."""
    return "".join(
        escape(piece) if isinstance(piece, str) else _filled_html(piece, marks)
        for piece in pieces(sentence, findings)
    )


def attributes(result: Result, *, state: str = "") -> str:
    """The data attributes of a result, with a space before each."""
    pairs = [("key", result.key)]
    if isinstance(result, Estimate):
        pairs.append(("value", repr(float(result.value))))
        optional = (
            ("ci-low", result.ci_low),
            ("ci-high", result.ci_high),
            ("conf-level", result.conf_level),
        )
        counts = (("n", result.n), ("events", result.events))
        pairs += [(name, str(int(number))) for name, number in counts if number is not None]
        pairs += [(name, repr(float(value))) for name, value in optional if value is not None]
        if result.estimand is not None:
            pairs.append(("estimand", result.estimand.words))
    if state:
        pairs.insert(1, ("state", state))
    return "".join(f' data-{name}="{escape(value, quote=True)}"' for name, value in pairs)


def _head_html(table: LaidTable) -> str:
    has_spanners = any(column.spanner for column in table.columns)
    stub = f'<th scope="col"{_rows(2 if has_spanners else 1)}>{escape(table.stub_head)}</th>'
    heads = list(zip(table.columns, table.words, strict=True))
    if not has_spanners:
        return f"<tr>{stub}{''.join(_column_html(*head) for head in heads)}</tr>"
    upper, lower = [stub], []
    for spanner, group in groupby(heads, key=lambda head: head[0].spanner):
        columns = list(group)
        if spanner:
            upper.append(
                f'<th scope="colgroup" colspan="{len(columns)}" class="spanner">'
                f"{escape(spanner)}</th>"
            )
            lower += [_column_html(*head) for head in columns]
        else:
            upper += [_column_html(*head, rows=2) for head in columns]
    return f"<tr>{''.join(upper)}</tr>\n<tr>{''.join(lower)}</tr>"


def _column_html(column: Column, is_words: bool, *, rows: int = 1) -> str:
    words = ' class="text"' if is_words else ""
    return f'<th scope="col"{_rows(rows)}{words}>{escape(column.label)}</th>'


def _rows(count: int) -> str:
    return f' rowspan="{count}"' if count > 1 else ""


def _row_html(row: LaidRow, n_columns: int, marks: Marks) -> str:
    if row.is_heading:
        head = f'<th scope="rowgroup" colspan="{n_columns + 1}">{escape(row.label)}</th>'
        return f'<tr class="heading">{head}</tr>'
    level = f' data-level="{row.level}"' if row.level else ""
    cells = "".join(_cell_html(cell, marks) for cell in row.cells)
    return f'<tr><th scope="row"{level}>{escape(row.label)}</th>{cells}</tr>'


def _cell_html(cell: LaidCell, marks: Marks) -> str:
    filled, first = cell.filled, cell.first
    if filled is None or first is None:
        # a word or a plain 0 among numbers stands where they do
        place = "text" if cell.is_words else "text among"
        label = marks.labels.get(cell.target)
        words = escape(f"{cell.text} ({label})" if label else cell.text)
        if cell.target:
            words = f'<a href="#{escape(cell.target, quote=True)}">{words}</a>'
        return f'<td class="{place}">{words}</td>' if cell.text else "<td></td>"
    note = f'<sup class="note">{cell.mark}</sup>' if cell.mark else ""
    if filled.state:
        said = f"{_place(first, marks)}{attributes(first, state=filled.state)}"
        return f'<td class="number"{said}>{filled.text}{note}</td>'
    if len(filled.parts) > 1:
        return f'<td class="number"{attributes(first)}>{_filled_html(filled, marks)}{note}</td>'
    inner = f"{_linked(escape(filled.text), first, marks)}{_synthetic(filled, marks)}{note}"
    return f'<td class="number"{_place(first, marks)}{attributes(first)}>{inner}</td>'


def _filled_html(filled: Filled, marks: Marks) -> str:
    """Several numbers, each with its own key."""
    inner = "".join(
        escape(part.text) if part.result is None else _span(part.result, escape(part.text), marks)
        for part in filled.parts
    )
    return inner + _synthetic(filled, marks)


def _span(result: Result, text: str, marks: Marks) -> str:
    where = _place(result, marks)
    return f"<span{where}{attributes(result)}>{_linked(text, result, marks)}</span>"


def _synthetic(filled: Filled, marks: Marks) -> str:
    return SYNTHETIC_MARK if filled.is_synthetic and marks.tells_synthetic else ""


def _place(result: Result, marks: Marks) -> str:
    """Where a number stands: on a page its own place; without one the keyboard's, to hear of it."""
    if marks.is_page:
        return marks.place(result.key)
    is_said = isinstance(result, Estimate) and result.estimand is not None
    return ' tabindex="0"' if is_said else ""


def _linked(text: str, result: Result, marks: Marks) -> str:
    """A number as a link to its own place on the page, by which it can be cited."""
    if not marks.is_page:
        return text
    place = getattr(result, "again_of", "") or result.key
    return f'<a class="own" href="#{quote(place)}">{text}</a>'


def _foot_html(table: LaidTable) -> str:
    if not table.notes:
        return ""
    span = len(table.columns) + 1
    cells = "".join(
        f'<tr><td colspan="{span}"><div class="stays">{_marked(note)}{escape(note.text)}</div>'
        "</td></tr>"
        for note in table.notes
    )
    return f"<tfoot>{cells}</tfoot>\n"


def _marked(note: Note) -> str:
    return f"<sup>{note.mark}</sup> " if note.mark else ""
