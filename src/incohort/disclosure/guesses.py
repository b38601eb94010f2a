"""What a reader takes for the same patients though no margin says so.

An analysis tells the gate its margins. One that it forgot would give a withheld count back to
whoever reads the page with care, so the gate reads as they do: numbers that look the same are
taken to be. Where they are so by chance, a little more is withheld than had to be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from incohort.disclosure.persons import EVENTS, OTHERS, Atom, N, Raw, Stated

_KINDS = {"count", "proportion"}  # the last word of a key


def guessed(raw: Raw, root: Callable[[Atom], Atom]) -> Iterator[Stated]:
    """Sums that follow from the numbers and the names of keys alone.

    Args:
        raw: The counts of each key.
        root: Which of the counts that are told to be of the same patients stands for them all.
    """
    yield from _denominators(raw, root)
    yield from _beside_each_other(raw)
    yield from _namesakes(raw)


def _denominators(raw: Raw, root: Callable[[Atom], Atom]) -> Iterator[Stated]:
    """Equal denominators are of the same patients, and of the only total that they equal."""
    first: dict[int, Atom] = {}
    totals: dict[int, set[Atom]] = {}
    for key, found in raw.items():
        if N not in found:
            totals.setdefault(found[EVENTS], set()).add(root((key, EVENTS)))
        elif found[N] and first.setdefault(found[N], (key, N)) != (key, N):
            yield first[found[N]], ((key, N),), False
    for number, denominator in first.items():
        if len(only := totals.get(number, set())) == 1:
            yield denominator, tuple(only), False


def _beside_each_other(raw: Raw) -> Iterator[Stated]:
    """Categories under one name that together are their denominator."""
    categories: dict[tuple[str, int], list[str]] = {}
    for key, found in raw.items():
        if N in found:
            categories.setdefault((_split(key)[0], found[N]), []).append(key)
    for (_, n), keys in categories.items():
        if len(keys) > 1 and sum(raw[key][EVENTS] for key in keys) == n:
            yield (keys[0], N), tuple((key, EVENTS) for key in keys), False


def _namesakes(raw: Raw) -> Iterator[Stated]:
    """The same number of the same number under the same name, in two tables."""
    first: dict[tuple[str, int, int], str] = {}
    for key, found in raw.items():
        if not found.get(N) or not found[EVENTS]:  # nobody looks like nobody
            continue
        one = first.setdefault((_split(key)[1], found[EVENTS], found[N]), key)
        if one != key:
            yield (one, EVENTS), ((key, EVENTS),), False
            yield (one, OTHERS), ((key, OTHERS),), False


def _split(key: str) -> tuple[str, str]:
    """What stands before a key's own name, and that name."""
    words = key.split("/")
    if words[-1] in _KINDS:
        words.pop()
    return "/".join(words[:-1]), words[-1] if words else ""
