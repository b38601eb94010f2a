"""Shares of several sets, a row each: how many of how many, in percent, with the interval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from incohort.results import Row
from incohort.shapes import tabular
from incohort.shapes.groups import Group
from incohort.shapes.sets import Members
from incohort.shapes.telling import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Fraction:
    """One row: of whom, who of them, and the words.

    `tail` is its key's, `label` the number's, `head` the row's. `nobody` says why there is none
    where nobody is in `of`. `sources` are columns of the data behind it beside those of all rows.
    """

    tail: str
    label: str
    head: str
    events: Members
    of: Members
    nobody: str
    level: int = 0
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fractions:
    """The rows of a table of shares, under the heads of `columns`, and their keys by tail."""

    keys: Mapping[str, str]
    rows: tuple[Row, ...]
    columns: tuple[str, str]


def risks(
    groups: Sequence[Group], axis: str, events: Sequence[str], *, name: str, title: str, nobody: str
) -> list[Fraction]:
    """In each group the share of those in some categories of a column that is recorded of them."""
    return [
        Fraction(
            tail=f"{name}/{group.name}/proportion",
            label=f"{title}, {group.label}",
            head=group.label,
            events=group.members.where(axis, *events),
            of=group.members.known(axis),
            nobody=nobody,
        )
        for group in groups
    ]


def fractions(draft: Draft, head: str, asked: Sequence[Fraction], *, absent: str = "") -> Fractions:
    """A row for each share.

    Args:
        draft: Takes the results.
        head: Over how many of how many.
        asked: The rows.
        absent: Why there is none of them, where a table is missing.
    """
    keys, rows, sources = {}, [], draft.sources
    for share in asked:
        draft.sources = (*sources, *share.sources)
        key = draft.share_in(
            share.tail, share.label, share.events, share.of, nobody=share.nobody, absent=absent
        )
        keys[share.tail] = key
        rows.append(tabular.row(share.head, *tabular.share(key), level=share.level))
    draft.sources = sources
    columns = (head, f"% ({draft.scope.level} CI)")
    return Fractions(keys=keys, rows=tuple(rows), columns=columns)
