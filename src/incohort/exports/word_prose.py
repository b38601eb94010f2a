"""A notebook's words in Word: headings, paragraphs, lists, code and tables of markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from docx.shared import Pt

from incohort.exports.word_parts import link_outside
from incohort.tables.portable import plain

if TYPE_CHECKING:
    from docx.document import Document
    from docx.text.paragraph import Paragraph
    from docx.text.run import Run
    from markdown_it.token import Token

_LISTS = {"bullet_list_open": "List Bullet", "ordered_list_open": "List Number"}
_MONOSPACE = "Courier New"
_DEEPEST = 4
_FOLLOWED = ("https://", "http://", "mailto:")


def add_prose(document: Document, tokens: Sequence[Token]) -> None:
    """Markdown as paragraphs of the document.

    Args:
        document: Added to at its end.
        tokens: With headings at the level that they have in the report, whose title is the first.
    """
    lists: list[str] = []
    style, rows = "", list[list[str]]()
    for before, token in zip([None, *tokens], tokens, strict=False):
        match token.type:
            case "bullet_list_open" | "ordered_list_open":
                lists.append(_LISTS[token.type])
            case "bullet_list_close" | "ordered_list_close":
                lists.pop()
            case "heading_open" | "paragraph_open":
                style = heading_style(int(token.tag[1])) if token.tag != "p" else ""
            case "tr_open":
                rows.append([])
            case "table_close":
                _add_rows(document, rows)
                rows = []
            case "fence" | "code_block":
                _as_code(document.add_paragraph().add_run(plain(token.content.rstrip("\n"))))
            case "inline" if before is not None and before.type in {"th_open", "td_open"}:
                rows[-1].append(token.content)
            case "inline":
                paragraph = document.add_paragraph(style=style or _item_style(lists))
                add_inline(paragraph, token.children or [])


def heading_style(level: int) -> str:
    """The style of a heading; the title is the report's first level."""
    return f"Heading {min(max(level - 1, 1), _DEEPEST)}"


def _item_style(lists: Sequence[str]) -> str | None:
    if not lists:
        return None
    return lists[-1] if len(lists) == 1 else f"{lists[-1]} {min(len(lists), 3)}"


def add_inline(paragraph: Paragraph, children: Sequence[Token]) -> None:
    """Words with their emphasis, links and code."""
    strong = emphasised = False
    address = ""
    for child in children:
        match child.type:
            case "strong_open" | "strong_close":
                strong = child.type == "strong_open"
            case "em_open" | "em_close":
                emphasised = child.type == "em_open"
            case "link_open":
                address = str(child.attrGet("href") or "")
            case "link_close":
                address = ""
            case "softbreak":
                paragraph.add_run(" ")
            case "hardbreak":
                paragraph.add_run().add_break()
            case "text" | "code_inline" | "image":
                run = _run(paragraph, child.content, address)
                run.bold, run.italic = strong or None, emphasised or None
                if child.type == "code_inline":
                    _as_code(run)


def _run(paragraph: Paragraph, text: str, address: str) -> Run:
    if address.startswith(_FOLLOWED):
        return link_outside(paragraph, text, address)
    return paragraph.add_run(plain(text))


def _as_code(run: Run) -> None:
    run.font.name, run.font.size = _MONOSPACE, Pt(9)


def _add_rows(document: Document, rows: Sequence[Sequence[str]]) -> None:
    table = document.add_table(len(rows), max(map(len, rows)), style="Table Grid")
    for number, row in enumerate(rows):
        for place, text in enumerate(row):
            run = table.cell(number, place).paragraphs[0].add_run(plain(text))
            run.font.size, run.bold = Pt(9), number == 0 or None
    document.add_paragraph()
