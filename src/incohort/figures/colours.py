"""Colours by what they are for: a figure follows its page, light or dark.

matplotlib knows no CSS, so it draws each role in a colour that stands for it, which the finished
drawing gives back as the page's custom property. The fallback serves a page that has none.
"""

from __future__ import annotations

import re

INK = "#010101"
MUTED = "#020202"
RULE = "#030303"
ACCENT = "#040404"
PAPER = "#050505"

TINT = 0.3  # how dense the accent is inside a bar: its outline and interval stay readable

CSS = {
    INK: "var(--ink, CanvasText)",
    MUTED: "var(--muted, GrayText)",
    RULE: "var(--rule, #8a8a85)",
    ACCENT: "var(--accent, #0a5566)",
    PAPER: "var(--paper, Canvas)",
}
_STANDS_FOR_ROLE = re.compile("|".join(CSS))


def to_css(style: str) -> str:
    """A style with the page's colours instead of those that stand for them.

    >>> to_css("fill: #040404; opacity: 0.3")
    'fill: var(--accent, #0a5566); opacity: 0.3'
    """
    return _STANDS_FOR_ROLE.sub(lambda match: CSS[match[0]], style)
