"""Abbreviations spelt out: at their first use on a page, and in a list at its end."""

from __future__ import annotations

import re
from functools import cache
from html import escape

from incohort.dictionary.reporting import abbreviations

LIST_HERE = "<!-- abbreviations -->"  # where a page wants the list
_TAG = re.compile(r"(<[^>]*>)")
_BEGIN = re.compile(r"<(?P<name>[a-z0-9]+)[\s>]")
# What is read letter by letter, is no running text, or can't hold another element.
_LEFT_ALONE = {"code", "pre", "svg", "title", "style", "abbr", "h1", "summary", "nav"}


def spelt_out(page: str) -> str:
    """The page with each abbreviation explained where it is first used, and all of them listed.

    Args:
        page: A whole page as HTML, with `LIST_HERE` where the list belongs.
    """
    used: dict[str, str] = {}
    parts = _TAG.split(page)
    inside: list[str] = []
    for place, part in enumerate(parts):
        if place % 2:
            _enter(part, inside)
        elif not inside and part.strip():
            parts[place] = _words().sub(lambda match: _first(match[0], used), part)
    return "".join(parts).replace(LIST_HERE, _list(used))


def used_in(text: str) -> dict[str, str]:
    """The abbreviations that a plain text has as words of their own, with what they stand for."""
    names = sorted(set(_words().findall(text)), key=str.casefold)
    return {name: abbreviations()[name] for name in names}


def _enter(tag: str, inside: list[str]) -> None:
    """Keep account of the elements that are left alone."""
    if tag.startswith("</"):
        if inside and tag[2:-1].strip() == inside[-1]:
            inside.pop()
        return
    begin = _BEGIN.match(tag)
    if begin and begin["name"] in _LEFT_ALONE:
        inside.append(begin["name"])


@cache
def _words() -> re.Pattern[str]:
    """Any abbreviation as a word of its own, the longest first."""
    names = sorted(abbreviations(), key=len, reverse=True)
    return re.compile(rf"(?<![\w-])(?:{'|'.join(map(re.escape, names))})(?!\w|-[A-Z]{{3}})")


def _first(name: str, used: dict[str, str]) -> str:
    if name in used:
        return name
    used[name] = abbreviations()[name]
    return f'<abbr title="{escape(used[name], quote=True)}">{escape(name)}</abbr>'


def _list(used: dict[str, str]) -> str:
    """The abbreviations that are used, as a section; empty where none is."""
    if not used:
        return ""
    entries = "\n".join(
        f"<dt>{escape(name)}</dt><dd>{escape(used[name])}</dd>"
        for name in sorted(used, key=str.casefold)
    )
    return (
        '<section aria-labelledby="abbreviations">\n<h2 id="abbreviations">Abbreviations</h2>\n'
        f'<dl class="facts">\n{entries}\n</dl>\n</section>'
    )
