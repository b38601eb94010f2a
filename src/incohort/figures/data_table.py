"""The numbers behind a figure as a table, set by the tables room like any other."""

from __future__ import annotations

from html import escape

from incohort.results import (
    Cell,
    CellKind,
    Column,
    Estimate,
    Figure,
    Findings,
    Measure,
    NotEstimable,
    PatientPoints,
    Result,
    Row,
    Suppressed,
    Table,
)
from incohort.tables import table_html
from incohort.tables.html import attributes
from incohort.tables.numbers import count, measured

_HEADS = {
    CellKind.COUNT: "Patients",
    CellKind.FRACTION_PERCENT: "Share",
    CellKind.FRACTION_PERCENT_CI: "Share (interval)",
    CellKind.ESTIMATE: "Estimate",
    CellKind.ESTIMATE_CI: "Estimate (interval)",
}


_MOST_MARKS = 500  # more rows than anybody reads


def data_table_html(figure: Figure, findings: Findings) -> str:
    """The numbers that a figure draws, in its order, each with its key.

    Marks per patient share one key, which the table carries; they are listed by their places.
    """
    results = [findings.by_key[key] for series in figure.series for key in series.keys]
    points = [result for result in results if isinstance(result, PatientPoints)]
    if points:
        return "\n".join(_points_html(figure, result) for result in points)
    return table_html(_table(figure, findings, results), findings)


def _table(figure: Figure, findings: Findings, results: list[Result]) -> Table:
    kinds = {cell_kind(result) for result in results if isinstance(result, Estimate)}
    head = _HEADS[kinds.pop()] if len(kinds) == 1 else "Value"
    rows: list[Row] = []
    for series in figure.series:
        has_heading = len(figure.series) > 1
        if has_heading:
            rows.append(Row(series.label, (), is_heading=True))
        for key in series.keys:
            result = findings.by_key[key]
            cell = Cell(cell_kind(result), (key,))
            rows.append(Row(result.label, (cell,), level=int(has_heading)))
    return Table(
        key=f"{figure.key}/data",
        caption=caption(figure),
        stub_head="What is drawn",
        columns=(Column(head),),
        rows=tuple(rows),
    )


def cell_kind(result: Result) -> CellKind:
    """How one number of a figure is printed, with its interval where it has one."""
    match result:
        case Estimate(measure=Measure.COUNT) | NotEstimable() | Suppressed() | PatientPoints():
            return CellKind.COUNT
        case Estimate(measure=Measure.PROPORTION, ci_low=None):
            return CellKind.FRACTION_PERCENT
        case Estimate(measure=Measure.PROPORTION):
            return CellKind.FRACTION_PERCENT_CI
        case Estimate(ci_low=None):
            return CellKind.ESTIMATE
        case _:
            return CellKind.ESTIMATE_CI


def _points_html(figure: Figure, points: PatientPoints) -> str:
    """The marks in the order of their places, which tells nobody whose they are."""
    if len(points.x) > _MOST_MARKS:
        number = count(len(points.x))
        return f"<p>{number} marks are too many to list; the report's results hold them.</p>"
    has_groups = len(set(points.group)) > 1
    heads = ("Mark", *(("Group",) if has_groups else ()), points.x_label, points.y_label)
    head = "".join(f'<th scope="col">{escape(label)}</th>' for label in heads)
    marks = sorted(zip(points.group, points.x, points.y, strict=True))
    rows = "\n".join(
        f'<tr><th scope="row">{number}</th>'
        + (f'<td class="text">{escape(group)}</td>' if has_groups else "")
        + "".join(f'<td class="number">{measured(place)}</td>' for place in (x, y))
        + "</tr>"
        for number, (group, x, y) in enumerate(marks, start=1)
    )
    return (
        f'<table class="report-table" data-table="{escape(figure.key, quote=True)}/data"'
        f"{attributes(points)}>\n<caption>{escape(caption(figure))}</caption>\n"
        f"<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    )


def caption(figure: Figure) -> str:
    """What the data table is called."""
    return f"Numbers behind the figure: {figure.caption}"
