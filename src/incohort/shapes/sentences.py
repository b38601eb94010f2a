"""Sentences whose numbers stand by short names, as they are written down."""

from __future__ import annotations

import re
from collections.abc import Mapping

from incohort.results import Sentence

_NAMED = re.compile(r"\{([^{}:]+):")


def sentence(
    template: str, keys: Mapping[str, str], *, needs: tuple[str, ...] = (), holds: bool = True
) -> Sentence:
    """A sentence in which `{name:kind}` stands for the number under the key of that name.

    >>> sentence("Half by day {median:estimate}.", {"median": "a/km/median"}).template
    'Half by day {a/km/median:estimate}.'

    Args:
        template: As in `Sentence`, with names instead of keys.
        keys: The keys by name.
        needs: The names of numbers that it speaks of without printing them.
        holds: Whether it is true.
    """
    return Sentence(named(template, keys), tuple(keys[name] for name in needs), holds)


def named(template: str, keys: Mapping[str, str]) -> str:
    """A template with keys in place of names."""
    return _NAMED.sub(lambda name: f"{{{keys[name[1]]}:", template)
