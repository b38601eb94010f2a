"""Classes that the data may leave open, each with its first missing item where they do.

An answer is one of several classes, or can't be told: then the first item whose being known could
change it stands beside. Shares are of those of whom it can be told; all others are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from incohort.results import Cell, Row, Table, clauses
from incohort.shapes import tabular
from incohort.shapes.recorded import NOT_RECORDED
from incohort.shapes.sets import YES, Base, Members
from incohort.shapes.telling import Draft

OPEN = "Cannot be told"
NOTE = (
    "Shares are of those in whom it can be told; the others, counted under what is missing first, "
    "need not be like them."
)
NOTE_OF_ALL = (
    "Shares are of all asked: known to be so. Those of whom it can't be told, counted under what "
    "is missing first, could raise them."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Classes:
    """A classification, and its words.

    `axis` is its column and `labels` its classes as they are printed, in order; of whom the data
    can't tell, the column says `open_word`. `missing` is the column of their first missing item,
    asked of them alone, and `items` has the words of each. `nobody` says why there is no share
    where it can be told of nobody asked, `reason` why of nobody in the whole cohort. With `of_all`
    shares are of all asked, so that those left open could only raise them: where one class is told
    more easily than another, a share of those told would mislead.
    """

    name: str
    label: str
    axis: str
    labels: Mapping[str, str]
    missing: str
    items: Mapping[str, str]
    nobody: str
    open_word: str = NOT_RECORDED
    of_all: bool = False
    reason: str = ""
    sources: tuple[str, ...] = ()

    def cut(self, base: Base, classes: pd.Series, missing: pd.Series) -> None:
        """Make both columns known of a base.

        Args:
            base: All rows, whoever is asked about.
            classes: The class of each row, `open_word` or nothing where it can't be told.
            missing: The first missing item of each of those.
        """
        words = (word for word in (*self.labels, self.open_word) if word != NOT_RECORDED)
        base.cut(self.axis, classes, words)
        base.cut(self.missing, missing, self.items, self.open(base.everybody))

    def classed(self, members: Members) -> Members:
        """Those of a set who are in a class."""
        return members.where(self.axis, *self.labels)

    def open(self, members: Members) -> Members:
        """Those of a set of whom the data can't tell."""
        return members.where(self.axis, self.open_word)

    def occurring(self, members: Members, *, lists_all: bool) -> dict[str, str]:
        """The items that somebody of a set lacks first; of a restricted cohort all."""
        left = self.open(members)
        return {
            item: label
            for item, label in self.items.items()
            if lists_all or len(left.where(self.missing, item))
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """The keys of each class's share, of those left open, and of each item that they lack first."""

    asked: Classes
    shares: Mapping[str, str]
    left: str
    missing: Mapping[str, str]

    @property
    def lacking(self) -> str:
        """What is missing first, and in how many, inside a sentence."""
        asked = self.asked
        return clauses(*(f"{asked.items[i]} {{{key}:count}}" for i, key in self.missing.items()))


def classified(
    draft: Draft, asked: Classes, members: Members, *, only: Sequence[str] = ()
) -> Classified:
    """Counts a classification of a set.

    Args:
        draft: Takes the results.
        asked: The classification.
        members: Whom it is asked of.
        only: The classes that are counted, where the others follow from them.
    """
    before, name, reason = draft.sources, asked.name, asked.reason
    draft.sources = (*before, *asked.sources)
    classed, left = asked.classed(members), asked.open(members)
    of = members if asked.of_all else classed
    words = {word: asked.labels[word] for word in only or asked.labels}
    shares = {
        word: draft.share_in(
            f"{name}/{word}/proportion", f"{asked.label}: {label}", classed.where(asked.axis, word),
            of, nobody=asked.nobody, absent=reason,
        )
        for word, label in words.items()
    }  # fmt: skip
    n_left = draft.count_in(
        f"{name}/open/count", f"{asked.label}: {OPEN.lower()}", left, of=members, absent=reason
    )
    items = {} if reason else asked.occurring(members, lists_all=draft.scope.lists_all)
    missing = {
        item: draft.count_in(
            f"{name}/missing/{item}/count", f"{asked.label}: {label} missing first",
            left.where(asked.missing, item), of=members,
        )
        for item, label in items.items()
    }  # fmt: skip
    draft.sources = before
    return Classified(asked=asked, shares=shares, left=n_left, missing=missing)


def class_table(
    draft: Draft, classes: Classified, total: str, *, caption: str, head: str, notes: Sequence[str]
) -> Table:
    """One classification: a row a class, then those left open by what they lack first.

    `total` is the key of how many are asked.
    """
    asked = classes.asked
    kinds = ("n_percent",) if asked.of_all else ("count", "percent_ci")
    blanks = [tabular.BLANK] * (len(kinds) - 1)
    rows = [tabular.row("All", tabular.cell("count", total), *blanks)]
    for word, key in classes.shares.items():
        rows.append(tabular.row(asked.labels[word], *(tabular.cell(kind, key) for kind in kinds)))
    rows += _left(classes, lambda key: (tabular.cell("count", key), *blanks), OPEN)
    columns = ("n (% of all)",) if asked.of_all else ("n", f"% ({draft.scope.level} CI)")
    return tabular.table(
        draft.scope, asked.name, caption, head, columns, rows, _note(asked), *notes
    )


def definition_table(
    draft: Draft, name: str, definitions: Sequence[Classified], *, caption: str, head: str,
    notes: Sequence[str],
) -> Table:  # fmt: skip
    """Several definitions of yes and no side by side, each with what is missing first under it."""
    asked, rows = definitions[0].asked, list[Row]()
    kind = "fraction_percent" if asked.of_all else "fraction_percent_ci"
    for each in definitions:
        cells = (tabular.cell(kind, each.shares[YES]), tabular.cell("count", each.left))
        rows.append(tabular.row(each.asked.label, *cells))
        rows += _left(each, lambda key: (tabular.BLANK, tabular.cell("count", key)), "")
    yes = "Yes, of all" if asked.of_all else f"Yes, of those told, % ({draft.scope.level} CI)"
    return tabular.table(draft.scope, name, caption, head, (yes, OPEN), rows, _note(asked), *notes)


def _note(asked: Classes) -> str:
    return NOTE_OF_ALL if asked.of_all else NOTE


def _left(classes: Classified, cells: Callable[[str], tuple[Cell, ...]], head: str) -> list[Row]:
    """Those left open, if a row of their own has that head, and under it what they lack first."""
    rows = [tabular.row(head, *cells(classes.left))] if head else []
    items = classes.asked.items
    rows += [
        tabular.row(f"{items[item]} missing first", *cells(key), level=1)
        for item, key in classes.missing.items()
    ]
    return rows
