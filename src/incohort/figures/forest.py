"""Forest plot: a row for each estimate, with its point, its interval and what both say in print.

A mark's area grows with what its estimate weighs or with how many stand behind it, and a summary
of others is a diamond as wide as its interval, as readers expect (S. Lewis and M. Clarke, Forest
plots: trying to see the wood and the trees, BMJ 2001; 322: 1479).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

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
from incohort.figures.rows import Column, Entry, Placed, RowPlot, entries_by_series, row_plot
from incohort.figures.scales import Extent, linear, logarithmic
from incohort.results import CellKind, Estimate, Figure, Findings, SizedBy
from incohort.tables.numbers import count, percent

_MARKERS = ("s", "o", "^", "v", "p")  # one a series, where no areas are compared
_SIDE, _LEAST, _MOST = 7.5, 4.0, 13.0  # of a mark: where all are alike, and of the sized ones
_HALF = 6.5  # height of a diamond above and below its row's middle
_GOES_ON = "Arrow: the interval goes on beyond the axis."
_SUMMARY = "Diamond: a summary, as wide as its interval."
_OPEN = "Open: not known."
_Sizes = Mapping[str, float]  # what each mark's area grows with, by key


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
    entries = entries_by_series(figure, findings)
    sizes = _sizes(figure, entries)
    chart = row_plot(figure, entries, columns, extent, _remarks(figure, entries, sizes, extent))
    if reference is not None:
        chart.plot.axvline(reference, color=MUTED, linewidth=0.9, dashes=(4, 3), clip_on=False)
    for row in chart.rows:
        if row.mark and row.entry.is_summary and row.mark.low is not None:
            _draw_diamond(chart, row, row.mark)
        elif row.mark:
            _draw_mark(chart, row, row.mark, sizes)
    return chart.canvas.svg(alt)


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


def _sizes(figure: Figure, entries: Sequence[Entry]) -> _Sizes:
    """What the marks' areas grow with; nothing where all of them are of one size anyway."""
    sizes: dict[str, float] = {}
    for entry in entries:
        if not isinstance(entry.result, Estimate) or entry.is_summary:
            continue
        size: float | None = entry.result.n if figure.sized_by is SizedBy.N else None
        if figure.sized_by is SizedBy.WEIGHT and isinstance(entry.weight, Estimate):
            size = entry.weight.value
        if size is not None and size > 0:
            sizes[entry.result.key] = size
    return sizes if len(set(sizes.values())) > 1 else {}


def _remarks(figure: Figure, entries: Sequence[Entry], sizes: _Sizes, extent: Extent) -> list[str]:
    """What the marks mean, as far as they are there."""
    there = [row for row in (Placed(entry, (), 0, 0) for entry in entries) if row.mark]
    remarks = []
    if sizes:
        wording = count if figure.sized_by is SizedBy.N else percent
        ends = f"{wording(min(sizes.values()))} to {wording(max(sizes.values()))}"
        what = "n, here" if figure.sized_by is SizedBy.N else "the weight, here"
        remarks.append(f"Area of a mark: {what} {ends}.")
        drawn = [row.entry.result for row in there if not row.entry.is_summary]
        remarks += [_OPEN] if any(result and result.key not in sizes for result in drawn) else []
    remarks += [_SUMMARY] if any(row.entry.is_summary for row in there) else []
    places = [place for row in there if row.mark for place in row.mark.places]
    remarks += [] if all(map(extent.holds, places)) else [_GOES_ON]
    return [" ".join(remarks)] if remarks else []


def _side(key: str, sizes: _Sizes) -> float:
    """The side of a mark, whose square grows with what is told; never too small to be seen."""
    if not sizes:
        return _SIDE
    share = sizes.get(key, 0) / max(sizes.values())
    return max(_MOST * math.sqrt(share), _LEAST)


def _draw_mark(chart: RowPlot, row: Placed, mark: Mark, sizes: _Sizes) -> None:
    """The interval as a line, with an arrow where it goes on beyond the axis; the point upon it."""
    extent, plot = chart.extent, chart.plot
    if mark.low is not None and mark.high is not None:
        ends = [min(max(end, extent.low), extent.high) for end in (mark.low, mark.high)]
        plot.plot(ends, [row.middle] * 2, color=INK, linewidth=1.3, solid_capstyle="butt",
                  clip_on=False)  # fmt: skip
        _draw_arrows(chart, row, mark)
    if extent.holds(mark.value):
        key = row.entry.result.key if row.entry.result else ""
        is_open = bool(sizes) and key not in sizes
        shape = "s" if sizes else _MARKERS[row.entry.look % len(_MARKERS)]
        plot.plot([mark.value], [row.middle], marker=shape, color=ACCENT,
                  markersize=_LEAST + 1 if is_open else _side(key, sizes),
                  fillstyle="none" if is_open else "full",
                  markeredgewidth=1 if is_open else 0, clip_on=False)  # fmt: skip


def _draw_diamond(chart: RowPlot, row: Placed, mark: Mark) -> None:
    """A diamond from one end of the interval to the other, highest at the estimate."""
    extent = chart.extent
    low, value, high = (
        min(max(place, extent.low), extent.high)
        for place in (mark.low or 0.0, mark.value, mark.high or 0.0)
    )
    heights = [row.middle, row.middle - _HALF, row.middle, row.middle + _HALF]
    chart.plot.fill([low, value, high, value], heights, color=ACCENT, linewidth=0, clip_on=False)
    _draw_arrows(chart, row, mark)


def _draw_arrows(chart: RowPlot, row: Placed, mark: Mark) -> None:
    """Where an interval goes on beyond the axis."""
    extent = chart.extent
    for end, edge, head in ((mark.low, extent.low, "<"), (mark.high, extent.high, ">")):
        if end is not None and not extent.holds(end):
            chart.plot.plot([edge], [row.middle], marker=head, color=INK, markersize=7,
                            clip_on=False)  # fmt: skip
