"""How a set falls into categories: each one's share of those in whom it is recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from incohort.results import Cell, CellKind, Column, Figure, FigureKind, Row, Series, Table, clauses
from incohort.shapes import vocabulary
from incohort.shapes.people import words_of
from incohort.shapes.recorded import LABEL, NOT_RECORDED
from incohort.shapes.sets import Members
from incohort.shapes.telling import Told


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
    """The keys of the shares by category, of the total, and of those without an entry, if any."""

    keys: Mapping[str, str]
    total: str
    absent: str
    table: Table
    figure: Figure


def shares(told: Told, asked: Asked, members: Members, total: str = "") -> Shares:
    """Each category's share of those of a set in whom it is recorded, as a table and as bars.

    `total` is the key of how many the set has, if it was told before.
    """
    if not total:
        total = told.count_in(f"{asked.name}/total/count", f"{asked.title}: patients", members)
    known = members.known(asked.axis)
    keys = {
        category: told.share_in(
            f"{asked.name}/{category}/proportion",
            label,
            known.where(asked.axis, *words_of(asked.axis, category)),
            known,
            nobody=asked.nobody,
            absent=asked.reason,
        )
        for category, label in _listed(told, asked, members).items()
    }
    absent = _absent(told, asked, members)
    return Shares(
        keys=keys,
        total=total,
        absent=absent,
        table=_table(told, asked, total, keys, absent),
        figure=_bars(told, asked, keys),
    )


def _listed(told: Told, asked: Asked, members: Members) -> Mapping[str, str]:
    """The categories; of a restricted cohort those that somebody in it is in.

    What nobody in the whole cohort has is no small number that has to be kept. But where none is
    left, or only that it can't be told, all are there: that nobody is known may be a secret.
    """
    if not told.scope.lists_all:
        return asked.labels
    whole = members.base.everybody
    own = {
        category: label
        for category, label in asked.labels.items()
        if len(whole.where(asked.axis, *words_of(asked.axis, category)))
    }
    return own if own.keys() - {vocabulary.UNKNOWN} else asked.labels


def _absent(told: Told, asked: Asked, members: Members) -> str:
    """The count of those asked in whom nothing is recorded, where there are any."""
    unknown = members.unknown(asked.axis)
    if asked.reason or not len(unknown):
        return ""
    return told.count_in(f"{asked.name}/{NOT_RECORDED}/count", LABEL, unknown, of=members)


def _table(told: Told, asked: Asked, total: str, keys: Mapping[str, str], absent: str) -> Table:
    blank = Cell(CellKind.TEXT)
    rows = [Row("All", (Cell(CellKind.COUNT, (total,)), blank))]
    for category, key in keys.items():
        cells = (Cell(CellKind.N_PERCENT, (key,)), Cell(CellKind.PERCENT_CI, (key,)))
        rows.append(Row(asked.labels[category], cells))
    if absent:
        rows.append(Row(LABEL, (Cell(CellKind.COUNT, (absent,)), blank)))
    return Table(
        key=told.scope.key(f"{asked.name}/table"),
        caption=asked.title,
        stub_head=asked.head,
        columns=(Column("n (%)"), Column(f"% ({told.scope.level} CI)")),
        rows=tuple(rows),
        notes=asked.notes,
    )


def _bars(told: Told, asked: Asked, keys: Mapping[str, str]) -> Figure:
    said = clauses(*(f"{asked.labels[c]} {{{key}:n_percent}}" for c, key in keys.items()))
    return Figure(
        key=told.scope.key(f"{asked.name}/figure"),
        kind=FigureKind.BARS,
        caption=f"{asked.title}: share of patients, with {told.scope.level} intervals",
        alt=f"{asked.title}: {said}.",
        series=(Series("Patients", tuple(keys.values())),),
        x_label="Share of patients, %",
    )
