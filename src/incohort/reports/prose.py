"""A notebook's words and code as HTML: no raw HTML, ordered headings, no colours of its own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

_NOT_IN_A_NAME = re.compile(r"[^\w]+")
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")
_CODE = HtmlFormatter(nowrap=True)
_PYTHON = PythonLexer()


@dataclass(frozen=True, slots=True)
class Heading:
    """One entry of the table of contents."""

    level: int
    text: str
    anchor: str


@dataclass(slots=True)
class Prose:
    """Turns markdown into HTML and remembers the headings that it passed.

    The report's title is its one first-level heading, so no other is let through, and no level
    is skipped on the way down.
    """

    headings: list[Heading] = field(default_factory=list)
    level: int = 1

    def render(self, text: str) -> str:
        """HTML of a markdown cell, its headings numbered among the report's."""
        return str(_MARKDOWN.renderer.render(self.tokens(text), _MARKDOWN.options, {}))

    def tokens(self, text: str) -> list[Token]:
        """A markdown cell by its parts, its headings at the level that they have in the report."""
        tokens = _MARKDOWN.parse(text)
        for index, token in enumerate(tokens):
            if token.type == "heading_open":
                self._open(token, tokens[index + 1].content, tokens[index + 2])
        return tokens

    def _open(self, token: Token, text: str, closing: Token) -> None:
        self.level = max(2, min(int(token.tag[1]), self.level + 1))
        token.tag = closing.tag = f"h{self.level}"
        plain = re.sub(r"[*_`]", "", text)
        anchor = self._anchor(plain)
        token.attrSet("id", anchor)
        self.headings.append(Heading(self.level, plain, anchor))

    def _anchor(self, text: str) -> str:
        base = _NOT_IN_A_NAME.sub("-", text.casefold()).strip("-") or "section"
        taken = {heading.anchor for heading in self.headings}
        names = [f"s-{base}", *(f"s-{base}-{n}" for n in range(2, len(taken) + 3))]
        return next(name for name in names if name not in taken)


def split_title(text: str) -> tuple[str, str]:
    """The first-level heading that a markdown cell begins with, and what comes after it."""
    first, _, rest = text.strip().partition("\n")
    return (
        (first.removeprefix("# ").strip(), rest.strip()) if first.startswith("# ") else ("", text)
    )


def split_question(text: str) -> tuple[str, str]:
    """The sentence that asks, with which a notebook begins, and what it says beyond it.

    >>> split_question("Does it help? The design is a cohort.")
    ('Does it help?', 'The design is a cohort.')
    """
    question, mark, rest = text.partition("? ")
    if not mark or "\n" in question:
        return text, ""
    return f"{question}?", rest


def code_html(source: str) -> str:
    """Python source with its kinds of words marked by class."""
    return str(highlight(source, _PYTHON, _CODE))
