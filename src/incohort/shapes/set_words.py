"""A set in words, from the columns and categories that define it."""

from __future__ import annotations

from incohort.results.groups import NOT_RECORDED
from incohort.shapes.sets import NO, RECORDED, YES, Members

_MOST_LISTED = 4


def population_words(members: Members) -> str:
    """Whom a set is: `patients, sex female, severity mild or moderate`."""
    return ", ".join((members.base.unit, *_cuts(members)))


def event_words(events: Members, of: Members) -> str:
    """What those of a set who are in another have, of what the first doesn't say already."""
    said = _cuts(of)
    return ", ".join(words for words in _cuts(events) if words not in said)


def _cuts(members: Members) -> list[str]:
    """Each column's part of the name; what only some of several sets have in common comes last."""
    boxes = [
        [words for axis, chosen in box.by_axis.items() for words in _cut(members, axis, chosen)]
        for box in members.name.boxes
    ]
    common = [words for words in boxes[0] if all(words in box for box in boxes)]
    if len(boxes) == 1:
        return common
    others = (" with ".join(words for words in box if words not in common) for box in boxes)
    return [*common, ", or ".join(others)]


def _cut(members: Members, axis: str, chosen: frozenset[str]) -> list[str]:
    said = members.base.words(axis)
    return [_plain(members, axis, chosen)] if said is None else said(chosen)


def _plain(members: Members, axis: str, chosen: frozenset[str]) -> str:
    name = axis.removesuffix(RECORDED).replace("_", " ")
    recorded = members.base.recorded_words(axis)
    inside = [word for word in recorded if word in chosen]
    left = [word for word in recorded if word not in chosen]
    if inside and axis.endswith(RECORDED):
        return f"{name} recorded"
    if not inside:
        return f"{name} not recorded" if NOT_RECORDED in chosen else f"{name} not asked"
    more = " or not recorded" if NOT_RECORDED in chosen else ""
    if set(recorded) <= {YES, NO} and len(inside) == 1:
        return f"{name if inside[0] == YES else f'not {name}'}{more}"
    if not left:
        return f"{name} recorded{more}"
    if len(inside) > _MOST_LISTED and len(left) < len(inside):
        return f"{name} other than {_listed(left)}{more}"
    return f"{name} {_listed(inside)}{more}"


def _listed(words: list[str]) -> str:
    return " or ".join(word.replace("_", " ") for word in words)
