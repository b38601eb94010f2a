"""Forest plot: a row for each estimate, with its point, its interval and what both say in print."""

from __future__ import annotations

import math
from collections.abc import Sequence

from incohort.figures.colours import ACCENT, INK, MUTED
from incohort.figures.reading import (
    Mark,
    fraction,
    interval_name,
    is_percentage,
    marks_of,
    printed,
    results_of,
)
from incohort.figures.rows import Column, Placed, RowPlot, entries_by_series, row_plot
from incohort.figures.scales import Extent, linear, logarithmic
from incohort.results import CellKind, Figure, Findings

_MARKERS = ("s", "D", "o", "^", "v")  # one a series: never told by colour alone
_GOES_ON = "Arrow: the interval goes on beyond the axis."


def draw(figure: Figure, findings: Findings, alt: str) -> str:
    """The SVG of a forest plot."""
    results = results_of(figure, findings)
    is_percent = any(map(is_percentage, results))
    kind = CellKind.PERCENT_CI if is_percent else CellKind.ESTIMATE_CI
    name = interval_name(results)
    has_counts = any(map(fraction, results))
    head = ("%" if has_counts else "Estimate") + (f" ({name})" if name else "")
    columns = (
        Column("n/N" if has_counts else "", tuple(map(fraction, results))),
        Column(head, tuple(printed(result, kind, findings) for result in results)),
    )
    marks = marks_of(figure, findings)
    reference = _reference(figure, is_percent=is_percent)
    extent = _extent(figure, marks, reference, is_percent=is_percent)
    is_cut = any(not extent.holds(place) for mark in marks for place in mark.places)
    entries = entries_by_series(figure, findings)
    made = row_plot(figure, entries, columns, extent, figure.x_label, _GOES_ON if is_cut else "")
    if reference is not None:
        made.plot.axvline(reference, color=MUTED, linewidth=0.9, dashes=(4, 3), clip_on=False)
    for row in made.rows:
        if row.mark:
            _draw_mark(made, row, row.mark)
    return made.canvas.svg(alt)


def _reference(figure: Figure, *, is_percent: bool) -> float | None:
    if figure.reference is None:
        return None
    return figure.reference * (100 if is_percent else 1)


def _extent(
    figure: Figure, marks: Sequence[Mark], reference: float | None, *, is_percent: bool
) -> Extent:
    """The axis: logarithmic where the figure says so; shares begin at 0 and end at 100 %."""
    places = [place for mark in marks for place in mark.places]
    if figure.is_log:
        return logarithmic([mark.value for mark in marks], places, reference)
    places += [] if reference is None else [reference]
    is_share = is_percent and min(places) >= 0
    return linear(
        places, origin=0 if is_share else reference, ceiling=100 if is_percent else math.inf
    )


def _draw_mark(made: RowPlot, row: Placed, mark: Mark) -> None:
    """The interval as a line, with an arrow where it goes on beyond the axis; the point upon it."""
    extent, plot = made.extent, made.plot
    if mark.low is not None and mark.high is not None:
        ends = [min(max(end, extent.low), extent.high) for end in (mark.low, mark.high)]
        plot.plot(ends, [row.middle] * 2, color=INK, linewidth=1.3, solid_capstyle="butt",
                  clip_on=False)  # fmt: skip
        for end, edge, head in ((mark.low, ends[0], "<"), (mark.high, ends[1], ">")):
            if not extent.holds(end):
                plot.plot([edge], [row.middle], marker=head, color=INK, markersize=7, clip_on=False)
    if extent.holds(mark.value):
        shape = _MARKERS[row.entry.look % len(_MARKERS)]
        plot.plot([mark.value], [row.middle], marker=shape, color=ACCENT, markersize=7.5,
                  markeredgewidth=0, clip_on=False)  # fmt: skip
