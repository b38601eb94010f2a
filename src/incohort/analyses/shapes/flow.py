"""The flow of patients: each step of a selection, who is left and who was left out."""

from __future__ import annotations

from incohort.analyses.population import Population
from incohort.analyses.telling import Told
from incohort.results import Cell, CellKind, Column, Figure, FigureKind, Row, Series, Table

_SOURCES = {"counted": ("labs.ANC",)}


def flow(told: Told, population: Population) -> tuple[Table, Figure]:
    """The steps as a table and a figure; at each, included and left out make the one before."""
    included: list[str] = []
    excluded: list[str] = []
    rows: list[Row] = []
    blank = Cell(CellKind.TEXT)
    for step in population.steps:
        told.sources = _SOURCES.get(step.name, told.sources)
        if step.name == "neutropenic":
            told.sources = population.grading_sources
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
        caption="From everybody in the cohort to those with a low count",
        stub_head="Step",
        columns=(Column("Left"), Column("Left out"), Column("Because")),
        rows=tuple(rows),
        notes=(f"The other parts of this report describe {population.label}.",),
    )
    figure = Figure(
        key=told.scope.key("attrition/figure"),
        kind=FigureKind.FLOW,
        caption="Flow of patients",
        alt=f"From {{{included[0]}:count}} patients in the cohort, "
        f"{{{included[-1]}:count}} have a count below the limit.",
        series=(Series("Included", tuple(included)), Series("Left out", tuple(excluded))),
    )
    return table, figure
