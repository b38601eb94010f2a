"""What kinds of spans and moments are called in a figure."""

from __future__ import annotations

_ABBREVIATIONS = {"gcsf": "G-CSF", "ivig": "IVIG", "anc": "ANC"}
# One end of what was given, where the other isn't known: how long, nobody wrote down.
_ONE_END = {
    "suspect_drug_started": "Suspect drug started, end not known",
    "suspect_drug_stopped": "Suspect drug stopped, start not known",
    "gcsf_started": "G-CSF started, end not known",
    "gcsf_stopped": "G-CSF stopped, start not known",
}


def said(kind: str) -> str:
    """A kind as a reader says it.

    >>> said("gcsf"), said("first_infection")
    ('G-CSF', 'First infection')
    >>> said("gcsf_started")
    'G-CSF started, end not known'
    """
    if kind in _ONE_END:
        return _ONE_END[kind]
    words = kind.replace("_", " ")
    return _ABBREVIATIONS.get(kind.lower(), words[:1].upper() + words[1:])
