"""The nearest match of a word that nobody knows: every refusal of a name offers one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from incohort.errors import UsageError


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `word`, whatever its case, or None where none is near.

    >>> nearest("conf_levl", ["anc_threshold", "conf_level"])
    'conf_level'
    >>> nearest("colour", ["conf_level"]) is None
    True
    """
    folded: dict[str, str] = {}
    for candidate in sorted(candidates):
        folded.setdefault(candidate.casefold(), candidate)
    matches = get_close_matches(word.casefold(), folded, n=1, cutoff=0.6)
    return folded[matches[0]] if matches else None


def unknown_name(kind: str, word: str, candidates: Iterable[str]) -> UsageError:
    """The refusal of a name: the nearest match first, then all there are."""
    known = sorted(candidates)
    match = nearest(word, known)
    hint = f" Did you mean {match!r}?" if match else ""
    listing = ", ".join(known) if known else "none"
    return UsageError(f"There is no {kind} {word!r}.{hint} Known: {listing}.")
