"""The flow of patients: each step of a selection, who is left and who was left out."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.results import Cell, CellKind, Column, Figure, FigureKind, Row, Series, Table
from incohort.shapes.population import Step
from incohort.shapes.telling import Told

_SOURCES = {"counted": ("labs.ANC",)}


def flow(
    told: Told,
    steps: Sequence[Step],
    *,
    caption: str,
    alt: str,
    note: str = "",
    grading_sources: tuple[str, ...] = (),
) -> tuple[Table, Figure]:
    """The steps as a table and a figure; at each, included and left out make the one before.

    Args:
        told: Takes the results.
        steps: From all rows on.
        caption: The table's.
        alt: What the figure says, with a place for the first number and one for the last.
        note: Source note of the table.
        grading_sources: The columns of the data that say who is neutropenic.
    """
    included: list[str] = []
    excluded: list[str] = []
    rows: list[Row] = []
    blank = Cell(CellKind.TEXT)
    for step in steps:
        told.sources = _SOURCES.get(step.name, told.sources)
        if step.name == "neutropenic":
            told.sources = grading_sources
        included.append(told.count_in(f"attrition/{step.name}/count", step.label, step.members))
        cells = [Cell(CellKind.COUNT, (included[-1],)), blank, blank]
        if step.before is not None:
            label = f"Left out: {step.reason}"
            tail = f"attrition/{step.name}/excluded/count"
            excluded.append(told.count_left(tail, label, step.members, step.before))
            cells[1:] = [
                Cell(CellKind.COUNT, (excluded[-1],)),
                Cell(CellKind.TEXT, text=step.reason),
            ]
        rows.append(Row(step.label, tuple(cells)))
    table = Table(
        key=told.scope.key("attrition/table"),
        caption=caption,
        stub_head="Step",
        columns=(Column("Left"), Column("Left out"), Column("Because")),
        rows=tuple(rows),
        notes=(note,) if note else (),
    )
    figure = Figure(
        key=told.scope.key("attrition/figure"),
        kind=FigureKind.FLOW,
        caption=f"Flow of {told.noun}",
        alt=alt.format(f"{{{included[0]}:count}}", f"{{{included[-1]}:count}}"),
        series=(Series("Included", tuple(included)), Series("Left out", tuple(excluded))),
    )
    return table, figure
