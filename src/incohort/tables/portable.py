"""Texts as other programs can take them: no formula, no letter that XML has not."""

from __future__ import annotations

import re

_NOT_XML = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)
_INSTEAD = "\ufffd"
_FORMULA = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")  # the wide ones count in Japanese Excel
_QUOTE = "'"


def plain(text: str) -> str:
    r"""A text without what no XML file may hold; a sign stands for each such letter.

    >>> plain("a\x00b")
    'a\ufffdb'
    """
    return _NOT_XML.sub(_INSTEAD, text)


def neutral(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    >>> neutral("=1+1"), neutral("  @SUM(A1)"), neutral("Age, years")
    ("'=1+1", "'  @SUM(A1)", 'Age, years')
    """
    cleaned = plain(text)
    begin = cleaned.lstrip(" \u00a0")[:1]
    return f"{_QUOTE}{cleaned}" if begin in _FORMULA and begin else cleaned
