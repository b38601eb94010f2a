"""Words on privacy that stand where nobody reads them: a cohort must not be public by a slip.

JSON readers pass by what they don't know, so `"Incohort": {"privacy": "restricted"}` beside
`"incohort": {"privacy": "public"}` would say nothing. Whatever looks like a statement of ours and
is none is a fault.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from difflib import SequenceMatcher
from typing import Any

from incohort.errors import Fault

OWN = "incohort"
_PRIVACY = "privacy"
# What else people write for it; as a key of the package or of a table it can mean nothing else.
_OTHER_WORDS = frozenset(
    {"private", "public", "restricted", "confidential", "isprivate", "ispublic"}
)
# Names of Data Package v2 for the package itself, which are never taken for a slip of ours.
_STANDARD = frozenset(
    {
        *("$schema", "name", "id", "profile", "title", "description", "homepage", "version"),
        *("created", "licenses", "keywords", "contributors", "sources", "image", "resources"),
    }
)
_ALIKE = 0.8
_LONGEST = 60


def stray_statements(
    content: dict[str, Any], known: Collection[str], file_name: str
) -> Iterator[Fault]:
    """A fault for each key of a descriptor that is meant for us and that we would not read.

    Args:
        content: The descriptor.
        known: The keys of its `incohort` object.
        file_name: What the descriptor is called.
    """
    for path, key, value in _keys(content, ()):
        place = _meant(path, key, known)
        if place is None:
            continue
        yield Fault(
            table=file_name,
            column=".".join((*path, key)),
            value=json.dumps(value, ensure_ascii=False)[:_LONGEST],
            rule=f"what is meant for {OWN} stands under {OWN!r}, and privacy is stated once",
            remedy=f"It was not read. Did you mean {place!r}? Say it there or take it out.",
        )


def _meant(path: tuple[str, ...], key: str, known: Collection[str]) -> str | None:
    """The place that a key was meant for, or None where it is none of ours."""
    plain = _plain(key)
    if path[:1] == (OWN,) or (not path and key == OWN):
        return None  # read, and its unknown keys refused, elsewhere
    if _is_like(plain, OWN):
        return OWN
    is_of_package = not path or (len(path) == 2 and path[0] == "resources")
    if plain.endswith(_PRIVACY) or _is_like(plain, _PRIVACY):
        return f"{OWN}.{_PRIVACY}"
    if is_of_package and plain in _OTHER_WORDS:
        return f"{OWN}.{_PRIVACY}"
    if not path and key not in _STANDARD:
        near = (name for name in sorted(known) if _is_like(plain.removeprefix(OWN), _plain(name)))
        return next((f"{OWN}.{name}" for name in near), None)
    return None


def _is_like(word: str, other: str) -> bool:
    return word == other or SequenceMatcher(None, word, other).ratio() >= _ALIKE


def _plain(key: str) -> str:
    """A key's letters and digits alone, in small letters."""
    return re.sub(r"[\W_]+", "", key).casefold()


def _keys(content: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], str, Any]]:
    """Every key at any depth, with the keys and places that lead to it."""
    if isinstance(content, dict):
        for key, value in content.items():
            yield path, key, value
            yield from _keys(value, (*path, key))
    elif isinstance(content, list):
        for place, value in enumerate(content):
            yield from _keys(value, (*path, str(place)))
