"""How a set falls into categories: each one's share of those in whom it is recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from incohort.results import Figure, Layout, Row, Sentence, Table, clauses
from incohort.shapes import tabular, vocabulary
from incohort.shapes.groups import Group
from incohort.shapes.people import words_of
from incohort.shapes.recorded import LABEL, NOT_RECORDED, instead
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.telling import Draft

_MANY = 6  # categories of which a sentence gives no interval any more


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of whom, and its words.

    `axis` is the column, `labels` its categories as they are printed, in order. `nobody` says why
    there is no share where it is recorded of nobody asked, `reason` why it is of nobody in the
    whole cohort. `head` stands over the categories.
    """

    name: str
    title: str
    axis: str
    labels: Mapping[str, str]
    nobody: str
    reason: str = ""
    notes: tuple[str, ...] = ()
    head: str = "Patients"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shares:
    """The keys of the shares by category, and of those without an entry, if any; how they look.

    `reason` is why it is recorded of nobody in the whole cohort; `sentence` says the shares.
    """

    keys: Mapping[str, str]
    absent: str
    table: Table
    figure: Figure
    reason: str = ""
    sentence: Sentence | None = None

    @property
    def layout(self) -> Layout:
        """The table and the bars, or the line that says why there are none."""
        if self.reason:
            return Layout(sentences=instead(self.reason))
        return Layout(tables=(self.table,), figures=(self.figure,))


def occurring(
    members: Members, axis: str, labels: Mapping[str, str], *, lists_all: bool
) -> dict[str, str]:
    """The categories that somebody of a set is in; of a restricted cohort all."""
    return {
        word: label
        for word, label in labels.items()
        if lists_all or len(members.where(axis, *words_of(axis, word)))
    }


def shares(draft: Draft, asked: Asked, members: Members, total: str = "") -> Shares:
    """Each category's share of those of a set in whom it is recorded, as a table and as bars.

    `total` is the key of how many the set has, if it was told before.
    """
    total, keys, absent = _counted(draft, asked, members, total)
    rows = _rows(asked, total, keys, absent, "All")
    return Shares(
        keys=keys,
        absent=absent,
        table=_table(draft, asked, rows, _heads(draft.scope.level)),
        figure=_bars(draft, asked, {"Patients": keys}),
        reason=asked.reason,
        sentence=_said(draft, asked, keys, members),
    )


def _said(draft: Draft, asked: Asked, keys: Mapping[str, str], members: Members) -> Sentence:
    """The share of each category that somebody is in, as a sentence of the answer."""
    words = occurring(members, asked.axis, asked.labels, lists_all=draft.scope.lists_all)
    kind = "percent_ci" if len(words) <= _MANY else "n_percent"
    listed = (f"{asked.labels[word]} {{{keys[word]}:{kind}}}" for word in words if word in keys)
    return Sentence(f"{asked.title}: {clauses(*listed)}.", is_key=True)


def shares_by(draft: Draft, asked: Asked, groups: Sequence[Group]) -> Layout:
    """The same of several groups, one under the other in one table and side by side in one figure.

    Of a column of yes and no only those who have it are listed: the others are the rest.
    """
    rows: list[Row] = []
    series: dict[str, Mapping[str, str]] = {}
    is_flag = set(asked.labels) == {YES, NO}
    for group in groups:
        of_group = replace(asked, name=f"{asked.name}/{group.name}")
        total, keys, absent = _counted(draft, of_group, group.members)
        series[group.label] = {YES: keys[YES]} if is_flag else keys
        if is_flag:
            rows.append(tabular.row(group.label, tabular.cell("fraction_percent_ci", keys[YES])))
        else:
            rows += _rows(asked, total, keys, absent, group.label, level=1)
    level = draft.scope.level
    heads = (f"n/N, % ({level} CI)",) if is_flag else _heads(level)
    return Layout(
        tables=(_table(draft, asked, rows, heads),), figures=(_bars(draft, asked, series),)
    )


def _counted(
    draft: Draft, asked: Asked, members: Members, total: str = ""
) -> tuple[str, Mapping[str, str], str]:
    """The keys of how many are asked, of each category's share, and of those without an entry."""
    if not total:
        total = draft.count_in(f"{asked.name}/total/count", f"{asked.title}: {draft.noun}", members)
    known = members.known(asked.axis)
    keys = {
        category: draft.share_in(
            f"{asked.name}/{category}/proportion",
            label,
            known.where(asked.axis, *words_of(asked.axis, category)),
            known,
            nobody=asked.nobody,
            absent=asked.reason,
        )
        for category, label in _listed(draft, asked, members).items()
    }
    return total, keys, _absent(draft, asked, members)


def _listed(draft: Draft, asked: Asked, members: Members) -> Mapping[str, str]:
    """The categories; of a restricted cohort those that somebody in it is in.

    What nobody in the whole cohort has is no small number that has to be kept. But where none is
    left, or only that it can't be told, all are there: that nobody is known may be a secret.
    """
    if not draft.scope.lists_all:
        return asked.labels
    seen = occurring(members.base.everybody, asked.axis, asked.labels, lists_all=False)
    return seen if seen.keys() - {vocabulary.UNKNOWN} else asked.labels


def _absent(draft: Draft, asked: Asked, members: Members) -> str:
    """The count of those asked in whom nothing is recorded, where there are any."""
    unknown = members.unknown(asked.axis)
    if asked.reason or not len(unknown):
        return ""
    return draft.count_in(f"{asked.name}/{NOT_RECORDED}/count", LABEL, unknown, of=members)


def _rows(
    asked: Asked, total: str, keys: Mapping[str, str], absent: str, head: str, level: int = 0
) -> list[Row]:
    """How many are asked, a row for each category, and those of whom it is not recorded."""
    rows = [tabular.row(head, tabular.cell("count", total), tabular.BLANK)]
    for category, key in keys.items():
        cells = tabular.cells(("count", "percent_ci"), (key, key))
        rows.append(tabular.row(asked.labels[category], *cells, level=level))
    if absent:
        cells = (tabular.cell("count", absent), tabular.BLANK)
        rows.append(tabular.row(LABEL, *cells, level=level))
    return rows


def _heads(level: str) -> tuple[str, str]:
    return "n", f"% ({level} CI)"


def _table(draft: Draft, asked: Asked, rows: Sequence[Row], heads: Sequence[str]) -> Table:
    return tabular.table(
        draft.scope, asked.name, asked.title, asked.head, heads, rows, *asked.notes
    )


def _bars(draft: Draft, asked: Asked, series: Mapping[str, Mapping[str, str]]) -> Figure:
    """Bars of each group's shares, side by side."""
    said = []
    for name, keys in series.items():
        parts = tabular.phrases({asked.labels[c]: key for c, key in keys.items()}, "n_percent")
        said.append(parts if len(series) == 1 else f"{name}: {parts}")
    return tabular.figure(
        draft.scope, asked.name, "bars",
        f"{asked.title}: share of {draft.noun}, with {draft.scope.level} intervals",
        f"{asked.title}: {'; '.join(said)}.",
        {name: keys.values() for name, keys in series.items()}, x_label=f"Share of {draft.noun}, %",
    )  # fmt: skip
