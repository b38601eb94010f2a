"""A report's contents in reading order, before they are set on a page."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from incohort.reports.answer import ANSWER, Answer, answer_of
from incohort.reports.fragment import findings_html
from incohort.reports.harvest import Harvest, findings_of
from incohort.reports.prose import Heading, Prose, code_html, split_question, split_title
from incohort.tables.marks import NONE, Marks

_IMAGES = ("image/svg+xml", "image/png", "image/jpeg")


_NO_HTML = Markup()


@dataclass(frozen=True, slots=True)
class Shown:
    """One output: HTML of our own, a text, or an image with what it shows in words."""

    html: Markup = _NO_HTML
    text: str = ""
    image: str = ""
    is_error: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A markdown cell (`html`) or a code cell (`number`, `code`, `shown`)."""

    html: Markup = _NO_HTML
    number: int = 0
    role: str = ""
    code: Markup = _NO_HTML
    shown: tuple[Shown, ...] = ()
    is_failed: bool = False
    is_answer: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Everything that comes from the notebook, and the headings for the contents.

    `lead` is the question, and `design` what the first paragraph says beyond it. `answer` stands
    right after the question, wherever the notebook gives it; `answer_block` has its cell's code.
    """

    title: str
    lead: Markup
    design: Markup
    blocks: tuple[Block, ...]
    headings: tuple[Heading, ...]
    answer: Answer | None = None
    answer_block: Block | None = None


def compose(node: Any, harvested: Harvest, title: str, marks: Marks = NONE) -> Document:
    """The executed notebook as a document: its title and first paragraph lead.

    Args:
        node: The notebook.
        harvested: What it found.
        title: What it is called where it doesn't say so itself.
        marks: Of the page.
    """
    prose = Prose()
    cells = list(node.cells)
    lead = beyond = Markup()
    if cells and cells[0].cell_type == "markdown":
        heading, rest = split_title(cells[0].source)
        title = heading or title
        question, design = split_question(rest)
        lead = Markup(prose.render(question))  # noqa: S704 — markdown with raw HTML turned off
        beyond = Markup(prose.render(design))  # noqa: S704 — as above
        cells = cells[1:]
    blocks = list(_blocks(without_its_heading(cells), harvested, prose, marks))
    answer_block = next((block for block in blocks if block.is_answer), None)
    return Document(
        title=title,
        lead=lead,
        design=beyond,
        blocks=tuple(block for block in blocks if block is not answer_block),
        headings=tuple(prose.headings),
        answer=answer_of(harvested.findings, marks) if answer_block else None,
        answer_block=answer_block,
    )


def without_its_heading(cells: list[Any]) -> list[Any]:
    """The cells without the heading above the answer, which the page gives it itself."""
    place = next((n for n, cell in enumerate(cells) if answers(cell)), 0)
    if place and cells[place - 1].cell_type == "markdown":
        return [*cells[: place - 1], *cells[place:]]
    return cells


def answers(cell: Any) -> bool:
    """Whether a cell shows the answer to the notebook's question."""
    shown = map(findings_of, cell.get("outputs", []))
    return any(findings is not None and findings.name.endswith(ANSWER) for findings in shown)


def _blocks(cells: list[Any], harvested: Harvest, prose: Prose, marks: Marks) -> Iterator[Block]:
    number, n_headings = 0, 0
    for cell in cells:
        if cell.cell_type == "markdown":
            yield Block(html=Markup(prose.render(cell.source)))  # noqa: S704 — as above
        elif cell.cell_type == "code":
            number += 1
            # The first findings under a heading are what it announces; others need a title.
            is_titled = len(prose.headings) == n_headings
            level = prose.level + 1
            outputs = [] if answers(cell) else cell.outputs
            shown = tuple(_shown(o, level, marks, is_titled=is_titled) for o in outputs)
            if any(findings_of(output) is not None for output in outputs):
                n_headings = len(prose.headings)
            tags = cell.metadata.get("tags", [])
            failure = harvested.failure
            yield Block(
                number=number,
                role=_role(tags),
                code=Markup(code_html(cell.source)),  # noqa: S704 — Pygments escapes
                shown=tuple(item for item in shown if item != Shown()),
                is_failed=failure is not None and failure.cell == number,
                is_answer=answers(cell),
            )


def _role(tags: list[str]) -> str:
    if "injected-parameters" in tags:
        return "changed parameters"
    return "parameters" if "parameters" in tags else ""


def _shown(output: Any, level: int, marks: Marks, *, is_titled: bool) -> Shown:
    findings = findings_of(output)
    if findings is not None:
        html = findings_html(findings, level, is_titled=is_titled, marks=marks)
        return Shown(html=Markup(html))  # noqa: S704 — escaped there
    if output.output_type == "error":
        return Shown(text=f"{output.ename}: {output.evalue}", is_error=True)
    if output.output_type == "stream":
        return Shown(text=output.text.rstrip())
    text = str(output.data.get("text/plain", "")).rstrip()
    for kind in _IMAGES:
        if kind in output.data:
            return Shown(image=_data_address(kind, output.data[kind]), text=_alt(output, text))
    return Shown(text=text)


def _data_address(kind: str, content: str) -> str:
    """An image inside the page; as an image element, an SVG can run nothing and fetch nothing."""
    is_text = kind == "image/svg+xml"
    coded = base64.b64encode(content.encode()).decode() if is_text else content.replace("\n", "")
    return f"data:{kind};base64,{coded}"


def _alt(output: Any, text: str) -> str:
    return str(output.metadata.get("alt", "")) or text or "An image without a description."
