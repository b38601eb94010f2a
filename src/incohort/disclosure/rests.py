"""Whoever is left where one number of patients is taken from another that holds them.

Nobody prints them, so they have no key: the three of 150 in whom the sex is not recorded, where
Table 1 has 150 patients and the sex of 147.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from incohort.disclosure.persons import EVENTS, Atom, N, Raw
from incohort.results import Margin

Rest = tuple[Atom, tuple[Atom, ...]]  # a total, and the parts that are taken from it
_WHOLES = ("n/count", "total/count")  # how the key of a group's number of patients ends


def rests(raw: Raw, margins: Iterable[Margin]) -> Iterator[Rest]:
    """Every total, with those of its parts that are told.

    Args:
        raw: The counts of each key.
        margins: What the analyses state. One whose parts are fewer than its total leaves a rest.
    """
    for margin in margins:
        yield from _of_margin(margin, raw)
    yield from _of_groups(raw)


def split(name: str, raw: Raw) -> tuple[str, str]:
    """The key, and the part of it that a margin names (`key#n`), if any.

    Of a count that is its own denominator the denominator is the count.
    """
    key, _, part = name.partition("#")
    return key, EVENTS if part == N and set(raw.get(key, ())) == {EVENTS} else part


def _of_margin(margin: Margin, raw: Raw) -> Iterator[Rest]:
    total_key, total_part = split(margin.total, raw)
    named = [(key, part) for key, part in (split(name, raw) for name in margin.parts) if key in raw]
    if total_key not in raw or not named:
        return
    yield (total_key, total_part or EVENTS), tuple((key, part or EVENTS) for key, part in named)
    denominators = [raw[key].get(N) for key, _ in named]
    if not total_part and None not in denominators and len(set(denominators)) == len(named):
        # of groups: shares of one distribution have the same denominator
        yield (total_key, N), tuple((key, N) for key, _ in named)


def _of_groups(raw: Raw) -> Iterator[Rest]:
    """A denominator, within the smallest group that its key names, and within everybody."""
    wholes = _wholes(raw)
    if not wholes:
        return
    everybody = max(wholes.values(), key=lambda atom: raw[atom[0]][EVENTS])
    for key, found in raw.items():
        part = N if N in found else EVENTS
        words = key.split("/")
        above = ("/".join(words[:place]) for place in range(len(words) - 1, 0, -1))
        near = next((wholes[name] for name in above if name in wholes), everybody)
        for whole in dict.fromkeys((near, everybody)):
            if whole[0] != key:
                yield whole, ((key, part),)


def _wholes(raw: Raw) -> Mapping[str, Atom]:
    """The number of patients of each group, by what the keys of its numbers begin with."""
    found: dict[str, Atom] = {}
    for key, own in raw.items():
        if N not in own:
            end = next((end for end in _WHOLES if key.endswith(f"/{end}")), key)
            found[key.removesuffix(f"/{end}")] = (key, EVENTS)
    return found
