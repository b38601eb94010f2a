"""Findings as a piece of HTML: the same in a notebook's output and on a report's page."""

from __future__ import annotations

from html import escape

from incohort.figures import figure_html
from incohort.results import Findings, NotEstimable, Suppressed, Table
from incohort.tables.html import sentence_html, table_html


def findings_html(findings: Findings, level: int = 3, *, is_titled: bool = True) -> str:
    """A section of findings: sentences, tables, figures, cautions.

    Args:
        findings: After the gate.
        level: Of the heading that holds the title.
        is_titled: Whether the title is shown; where a heading just above says it, it only names the
            section for those who can't see it.
    """
    layout = findings.layout
    title = escape(findings.title, quote=True)
    parts = [f"<h{level}>{title}</h{level}>"] if is_titled else []
    told = (sentence_html(sentence, findings) for sentence in layout.sentences)
    parts += [f"<p>{sentence}</p>" for sentence in told if sentence] or _untold(findings)
    parts += [_scrollable(table, findings) for table in layout.tables]
    parts += [figure_html(figure, findings) for figure in layout.figures]
    if layout.cautions:
        items = "".join(f"<li>{escape(caution)}</li>" for caution in layout.cautions)
        parts.append(
            '<div class="cautions" role="note"><p><strong>What this cannot say</strong></p>'
            f"<ul>{items}</ul></div>"
        )
    inner = "\n".join(parts)
    name = escape(findings.name, quote=True)
    label = "" if is_titled else f' aria-label="{title}"'
    return f'<section class="findings" data-findings="{name}"{label}>\n{inner}\n</section>'


def _untold(findings: Findings) -> list[str]:
    why = why_untold(findings)
    return [f'<p class="missing">{escape(why)}</p>'] if why else []


def why_untold(findings: Findings) -> str:
    """Why a section of sentences alone has none: each reason once; empty where it has more."""
    layout = findings.layout
    if layout.tables or layout.figures:
        return ""
    reasons = dict.fromkeys(
        f"{result.reason[:1].upper()}{result.reason[1:]}."
        for result in findings.results
        if isinstance(result, NotEstimable | Suppressed)
    )
    return f"Nothing can be told here. {' '.join(reasons)}" if reasons else ""


def _scrollable(table: Table, findings: Findings) -> str:
    """A table in a box that a keyboard can reach and scroll where the page is narrower."""
    label = escape(table.caption, quote=True)
    return (
        f'<div class="table-scroll" role="region" tabindex="0" aria-label="{label}">\n'
        f"{table_html(table, findings)}\n</div>"
    )
