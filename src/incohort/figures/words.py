"""What kinds of spans and moments are called in a figure."""

from __future__ import annotations

_ABBREVIATIONS = {"gcsf": "G-CSF", "ivig": "IVIG", "anc": "ANC"}


def said(kind: str) -> str:
    """A kind as a reader says it.

    >>> said("gcsf"), said("first_infection")
    ('G-CSF', 'First infection')
    """
    words = kind.replace("_", " ")
    return _ABBREVIATIONS.get(kind.lower(), words[:1].upper() + words[1:])
