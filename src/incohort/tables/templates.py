"""Sentences with their numbers: the words of a template and what fills its places."""

from __future__ import annotations

from collections.abc import Iterator

from incohort.results import Findings, Sentence, places, said
from incohort.tables.cells import Filled, fill


def pieces(sentence: Sentence, findings: Findings) -> Iterator[str | Filled]:
    """The words of a sentence and what fills its places, in order; nothing where it can't be said.

    Raises:
        KeyError: It names a key that has no result: a programming error.
    """
    template = said(sentence, findings.by_key)
    for piece in places(template or ""):
        if isinstance(piece, str):
            yield piece
        else:
            yield fill(*piece, findings)
