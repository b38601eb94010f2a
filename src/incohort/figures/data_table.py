"""The numbers behind a figure as a table, set by the tables room like any other."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.figures.listings import listing_html
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Drawn,
    Estimate,
    Figure,
    FigureKind,
    Findings,
    Measure,
    NotEstimable,
    Result,
    Row,
    Suppressed,
    Table,
)
from incohort.tables import table_html
from incohort.tables.marks import NONE, Marks

_HEADS = {
    CellKind.COUNT: "Patients",
    CellKind.FRACTION_PERCENT: "Share",
    CellKind.FRACTION_PERCENT_CI: "Share (interval)",
    CellKind.ESTIMATE: "Estimate",
    CellKind.ESTIMATE_CI: "Estimate (interval)",
}


def data_table_html(figure: Figure, findings: Findings, marks: Marks = NONE) -> str:
    """The numbers that a figure draws, in its order, each with its key.

    What is no single number (marks, a curve) is listed by its places, in a table that has the key.
    """
    results = [findings.by_key[key] for series in figure.series for key in series.keys]
    drawn = [result for result in results if isinstance(result, Drawn)]
    others = [result for result in results if not isinstance(result, Drawn)]
    title = caption(figure)
    tables = [table_html(_table(figure, findings, others), findings, marks)] if others else []
    tables += [
        listing_html(figure, result, title if len(results) == 1 else f"{title}: {result.label}")
        for result in drawn
    ]
    return "\n".join(tables)


def _table(figure: Figure, findings: Findings, results: Sequence[Result]) -> Table:
    kinds = {cell_kind(result) for result in results if isinstance(result, Estimate)}
    head = _HEADS[kinds.pop()] if len(kinds) == 1 else "Value"
    if figure.kind is FigureKind.FLOW and figure.x_label:
        head = figure.x_label  # what is counted, where it isn't patients
    has_weights = any(series.weights for series in figure.series)
    rows: list[Row] = []
    for series in figure.series:
        members = [findings.by_key[key] for key in series.keys]
        numbers = [result for result in members if not isinstance(result, Drawn)]
        has_heading = len(figure.series) > 1 and bool(numbers)
        if has_heading:
            rows.append(Row(series.label, (), is_heading=True))
        for result in numbers:
            cells = [Cell(cell_kind(result), (result.key,))]
            if has_weights:
                at = dict(zip(series.keys, series.weights, strict=False)).get(result.key)
                cells.append(Cell(CellKind.ESTIMATE, (at,)) if at else Cell(CellKind.TEXT))
            rows.append(Row(result.label, tuple(cells), level=int(has_heading)))
    return Table(
        key=f"{figure.key}/data",
        caption=caption(figure),
        stub_head="What is drawn",
        columns=(Column(head), *((Column("Weight"),) if has_weights else ())),
        rows=tuple(rows),
    )


def cell_kind(result: Result) -> CellKind:
    """How one number of a figure is printed, with its interval where it has one."""
    match result:
        case Estimate(measure=Measure.COUNT) | NotEstimable() | Suppressed():
            return CellKind.COUNT
        case Estimate(measure=Measure.PROPORTION, ci_low=None):
            return CellKind.FRACTION_PERCENT
        case Estimate(measure=Measure.PROPORTION):
            return CellKind.FRACTION_PERCENT_CI
        case Estimate(ci_low=None):
            return CellKind.ESTIMATE
        case _:
            return CellKind.ESTIMATE_CI


def caption(figure: Figure) -> str:
    """What the data table is called."""
    return f"Numbers behind the figure: {figure.caption}"
