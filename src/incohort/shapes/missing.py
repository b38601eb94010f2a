"""What is not recorded: of each column that a report uses, of how many it is there and is not."""

from __future__ import annotations

from collections.abc import Iterable

from incohort.results import Findings, Layout, Row
from incohort.shapes.characteristics import Variable
from incohort.shapes.sets import Members
from incohort.shapes.tabular import cell, row, table, text
from incohort.shapes.telling import Draft

TITLE = "What is not recorded"
_NOTE = (
    "A number of this report rests on those in whom what it needs is recorded; its n says on how "
    "many. Laboratory values are those nearest the index date, within the window that was chosen."
)


def missing(draft: Draft, members: Members, variables: Iterable[Variable]) -> Findings:
    """Of how many each characteristic is recorded, and the share in whom it is not.

    Args:
        draft: Takes the results.
        members: Those whom the report describes.
        variables: What it uses of them.
    """
    listed, absent = list[Variable](), list[str]()
    for variable in variables:
        if draft.scope.lists_all or len(members.known(_axis(members, variable))):
            listed.append(variable)
        else:
            absent.append(variable.label)
    rows = [_row(draft, members, variable) for variable in listed]
    notes = (_NOTE, *([f"Recorded of nobody: {', '.join(absent)}."] if absent else []))
    heads = ("Recorded", "Not recorded", "Share not recorded")
    layout = Layout(
        tables=(
            table(draft.scope, "missing", "What is recorded of those described", "Characteristic",
                  heads, rows, *notes),
        ),
    )  # fmt: skip
    return draft.findings("missing", TITLE, layout)


def _axis(members: Members, variable: Variable) -> str:
    """The column that says of whom a characteristic is recorded."""
    if variable.categories is not None:
        return variable.column
    return members.base.recorded(variable.column)


def _row(draft: Draft, members: Members, variable: Variable) -> Row:
    """The counts and the share; of nobody it is a word, since a count of 0 would be withheld."""
    axis = _axis(members, variable)
    known, unknown = members.known(axis), members.unknown(axis)
    draft.sources = variable.sources
    head, label = f"missing/{variable.name}", variable.label
    recorded = draft.count_in(f"{head}/recorded/count", f"{label}: recorded", known, of=members)
    if not len(unknown):
        return row(label, cell("count", recorded), text("0"), text("0 %"))
    share = draft.share_in(
        f"{head}/proportion", f"{label}: not recorded", unknown, members,
        nobody="nobody is described",
    )  # fmt: skip
    return row(label, cell("count", recorded), cell("count", share), cell("percent_ci", share))
