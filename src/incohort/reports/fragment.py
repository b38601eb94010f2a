"""Findings as a piece of HTML: the same in a notebook's output and on a report's page."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from incohort.figures import figure_html
from incohort.reports.numbering import is_empty, is_unanswered, missing, parts_of, why_absent
from incohort.results import Figure, Findings, Table
from incohort.tables.html import sentence_html, table_html
from incohort.tables.marks import NONE, Marks

_SCROLLS = '<p class="scrolls" aria-hidden="true">Scrolls sideways →</p>'


def findings_html(
    findings: Findings, level: int = 3, *, is_titled: bool = True, marks: Marks = NONE
) -> str:
    """A section of findings: sentences, tables, figures, cautions.

    Where not a single number can be given it is one line: the reason, and what would change it.

    Args:
        findings: After the gate.
        level: Of the heading that holds the title.
        is_titled: Whether the title is shown; where a heading just above says it, it only names the
            section for those who can't see it.
        marks: Of the page that it stands on.
    """
    layout = findings.layout
    title = escape(findings.title, quote=True)
    parts = [f"<h{level}>{title}</h{level}>"] if is_titled else []
    if is_unanswered(findings):
        parts.append(_nothing(None, findings))
    else:
        sentences = (sentence_html(sentence, findings, marks) for sentence in layout.sentences)
        parts += [f"<p>{sentence}</p>" for sentence in sentences if sentence] or _untold(findings)
        parts += [_table(table, findings, marks) for table in layout.tables]
        parts += [_figure(figure, findings, marks) for figure in layout.figures]
        parts += [cautions_html(layout.cautions)] if layout.cautions else []
    inner = "\n".join(parts)
    name = escape(findings.name, quote=True)
    label = "" if is_titled else f' aria-label="{title}"'
    return f'<section class="findings" data-findings="{name}"{label}>\n{inner}\n</section>'


def cautions_html(cautions: Iterable[str]) -> str:
    """What the design can't say, as an aside."""
    items = "".join(f"<li>{escape(caution)}</li>" for caution in cautions)
    return (
        '<div class="cautions" role="note"><p><strong>What this cannot say</strong></p>'
        f"<ul>{items}</ul></div>"
    )


def _nothing(part: Table | Figure | None, findings: Findings) -> str:
    """One line in place of what can't be told; what leads to a table or figure leads to it."""
    parts = parts_of(findings) if part is None else (part,)
    places = "".join(f'<span id="{escape(part.key, quote=True)}"></span>' for part in parts)
    return f'<p class="missing">{places}{escape(why_absent(part, findings))}</p>'


def _untold(findings: Findings) -> list[str]:
    return [_nothing(None, findings)] if why_untold(findings) else []


def why_untold(findings: Findings) -> str:
    """Why a section of sentences alone has none, each reason once; empty where it has more."""
    layout = findings.layout
    if layout.tables or layout.figures or not missing(None, findings):
        return ""
    return why_absent(None, findings)


def _figure(figure: Figure, findings: Findings, marks: Marks) -> str:
    if is_empty(figure, findings):
        return _nothing(figure, findings)
    return figure_html(figure, findings, marks)


def _table(table: Table, findings: Findings, marks: Marks) -> str:
    """A table in a box that a keyboard can reach and scroll where the page is narrower."""
    if is_empty(table, findings):
        return _nothing(table, findings)
    label = marks.name(table.key, table.caption)
    return (
        f'<div class="table-scroll" role="region" tabindex="0" aria-label="{label}">{_SCROLLS}\n'
        f"{table_html(table, findings, marks)}\n</div>"
    )
