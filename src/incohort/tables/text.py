"""Sentences as plain text, for those who can't see a figure."""

from __future__ import annotations

from incohort.results import Findings, Sentence
from incohort.tables.cells import Filled
from incohort.tables.templates import pieces


def sentence_text(template: str, findings: Findings) -> str:
    """A template with its numbers; empty where one of them is missing."""
    return "".join(
        piece.text if isinstance(piece, Filled) else piece
        for piece in pieces(Sentence(template), findings)
    )
