"""What is refused of the choices that a definition takes: words and numbers."""

from __future__ import annotations

from collections.abc import Collection

from incohort.dictionary import unknown_name
from incohort.errors import UsageError


def refuse_unknown(*words: tuple[str, str, Collection[str]]) -> None:
    """Refuse words that are no choice: what each is of, the word, and those there are.

    Raises:
        UsageError: With the nearest of them.
    """
    for what, word, known in words:
        if word not in known:
            raise unknown_name(what, word, known)


def refuse_outside(*numbers: tuple[str, float, float, float]) -> None:
    """Refuse numbers out of range: name, number, least and most.

    Raises:
        UsageError: With the range.
    """
    for name, value, least, most in numbers:
        if not least <= value <= most:  # not a number is in no range either
            raise UsageError(f"{name} is {value}; it must be from {least:.15g} to {most:.15g}.")
