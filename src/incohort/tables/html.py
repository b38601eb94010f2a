"""Tables and sentences as HTML in which every number carries its key.

A `<td>` (or a `<span>`, where one cell or sentence holds several) has `data-key`, `data-value` at
full precision, and `data-n`, `data-events`, `data-ci-low`, `data-ci-high`, `data-conf-level` where
the estimate has them, and `data-estimand`, what is estimated in words: shown when the number is
pointed at or reached by keyboard. What is missing has `data-state` (`not-estimable` or
`suppressed`) and a footnote with the reason. Classes: `td.number`, `td.text`, which is
`td.text.among` in a column of numbers, `tr.heading`, `th[data-level]`, `sup.synthetic`,
`sup.note`, `p.missing`.
A table's `id` is its key, as a figure's is: words of another table lead there.
"""

from __future__ import annotations

from html import escape
from itertools import groupby

from incohort.results import Column, Estimate, Findings, Result, Sentence, Table
from incohort.tables.cells import Filled, Part
from incohort.tables.laid import LaidCell, LaidRow, LaidTable, Note, lay
from incohort.tables.templates import pieces

SYNTHETIC_MARK = '<sup class="synthetic" title="rests on synthetic values">s</sup>'


def table_html(table: Table, findings: Findings) -> str:
    """A table with caption, scoped heads, footnotes and source notes.

    Args:
        table: Names keys only.
        findings: The results under those keys, after the gate.

    Raises:
        KeyError: A key has no result: a programming error.
    """
    laid = lay(table, findings)
    body = "\n".join(_row_html(row, len(laid.columns)) for row in laid.rows)
    key = escape(laid.key, quote=True)
    return (
        f'<table class="report-table" id="{key}" data-table="{key}">\n'
        f"<caption>{escape(laid.caption)}</caption>\n<thead>\n{_head_html(laid)}\n</thead>\n"
        f"<tbody>\n{body}\n</tbody>\n{_foot_html(laid)}</table>"
    )


def sentence_html(sentence: Sentence, findings: Findings) -> str:
    """A sentence whose numbers carry their keys; empty where it can't be said."""
    return "".join(
        escape(piece) if isinstance(piece, str) else _filled_html(piece)
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
    written = "".join(f' data-{name}="{escape(value, quote=True)}"' for name, value in pairs)
    return f'{written} tabindex="0"' if pairs[-1][0] == "estimand" else written


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


def _row_html(row: LaidRow, n_columns: int) -> str:
    if row.is_heading:
        head = f'<th scope="rowgroup" colspan="{n_columns + 1}">{escape(row.label)}</th>'
        return f'<tr class="heading">{head}</tr>'
    level = f' data-level="{row.level}"' if row.level else ""
    cells = "".join(map(_cell_html, row.cells))
    return f'<tr><th scope="row"{level}>{escape(row.label)}</th>{cells}</tr>'


def _cell_html(cell: LaidCell) -> str:
    filled, first = cell.filled, cell.first
    if filled is None or first is None:
        # a word or a plain 0 among numbers stands where they do
        place = "text" if cell.is_words else "text among"
        words = escape(cell.text)
        if cell.target:
            words = f'<a href="#{escape(cell.target, quote=True)}">{words}</a>'
        return f'<td class="{place}">{words}</td>' if cell.text else "<td></td>"
    note = f'<sup class="note">{cell.mark}</sup>' if cell.mark else ""
    if filled.state:
        return f'<td class="number"{attributes(first, state=filled.state)}>{filled.text}{note}</td>'
    inner = _filled_html(filled) if len(filled.parts) > 1 else escape(filled.text)
    if filled.is_synthetic and len(filled.parts) == 1:
        inner += SYNTHETIC_MARK
    return f'<td class="number"{attributes(first)}>{inner}{note}</td>'


def _filled_html(filled: Filled) -> str:
    """Several numbers, each with its own key."""
    inner = "".join(
        escape(part.text) if part.result is None else _span(part, escape(part.text))
        for part in filled.parts
    )
    return inner + (SYNTHETIC_MARK if filled.is_synthetic else "")


def _span(part: Part, inner: str) -> str:
    return inner if part.result is None else f"<span{attributes(part.result)}>{inner}</span>"


def _foot_html(table: LaidTable) -> str:
    if not table.notes:
        return ""
    span = len(table.columns) + 1
    cells = "".join(
        f'<tr><td colspan="{span}">{_marked(note)}{escape(note.text)}</td></tr>'
        for note in table.notes
    )
    return f"<tfoot>{cells}</tfoot>\n"


def _marked(note: Note) -> str:
    return f"<sup>{note.mark}</sup> " if note.mark else ""
