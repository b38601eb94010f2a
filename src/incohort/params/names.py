"""Lists of names as they are typed."""

from __future__ import annotations


def names_in(text: str) -> tuple[str, ...]:
    """The names of a comma-separated list, each once.

    >>> names_in("hashimoto, graves,hashimoto")
    ('hashimoto', 'graves')
    """
    return tuple(dict.fromkeys(filter(None, (part.strip() for part in text.split(",")))))
