"""Sentences as plain text, for those who can't see a figure."""

from __future__ import annotations

from incohort.results import Findings
from incohort.tables.cells import Filled
from incohort.tables.templates import pieces


def sentence_text(template: str, findings: Findings) -> str:
    """A template with its numbers; what is missing is said in words."""
    return "".join(
        _words(piece) if isinstance(piece, Filled) else piece
        for piece in pieces(template, findings)
    )


def _words(filled: Filled) -> str:
    if filled.state:
        return "withheld" if filled.state == "suppressed" else "not estimable"
    return filled.text
