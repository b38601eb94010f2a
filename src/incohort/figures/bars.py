"""Bar chart: a bar for each number from zero on, with its interval, and the number as printed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from incohort.figures.colours import ACCENT, INK, TINT
from incohort.figures.reading import (
    Mark,
    fraction,
    interval_name,
    is_percentage,
    marks_of,
    printed,
)
from incohort.figures.rows import (
    Column,
    Entry,
    Placed,
    RowPlot,
    entries_by_label,
    entries_by_series,
    row_plot,
)
from incohort.figures.scales import linear
from incohort.results import CellKind, Estimate, Figure, Findings, Measure, Result

_THICK = 17.0
_HATCHES = ("", "//", "\\\\", "xx")  # one a series: never told by colour alone


def draw(figure: Figure, findings: Findings, alt: str) -> str:
    """The SVG of a bar chart."""
    entries = _entries(figure, findings)
    results = [entry.result for entry in entries if entry.result is not None]
    marks = marks_of(figure, findings)
    is_percent = any(map(is_percentage, results))
    extent = linear(
        [place for mark in marks for place in mark.places],
        origin=0,
        ceiling=100 if is_percent else math.inf,
        is_whole=all(_is_count(result) for result in results),
    )
    column = Column(_head(results), tuple(_text(result, findings) for result in results))
    empty = Column("", ("",) * len(results))
    named = replace(figure, x_label=_axis_name(figure, results))
    chart = row_plot(named, entries, (empty, column), extent)
    chart.plot.axvline(0, color=INK, linewidth=0.8, clip_on=False)
    for row in chart.rows:
        if row.mark:
            _draw_bar(chart, row, row.mark)
    return chart.canvas.svg(alt)


def _entries(figure: Figure, findings: Findings) -> list[Entry]:
    """Series side by side where they name the same things; one after the other where not."""
    names = {tuple(findings.by_key[key].label for key in series.keys) for series in figure.series}
    if len(figure.series) > 1 and len(names) == 1:
        return entries_by_label(figure.series, findings)
    return entries_by_series(figure, findings)


def _is_count(result: Result) -> bool:
    return not isinstance(result, Estimate) or result.measure is Measure.COUNT


def _axis_name(figure: Figure, results: Sequence[Result]) -> str:
    """The axis's name, with what the lines upon the bars are."""
    name = interval_name(results)
    return f"{figure.x_label} (line: {name})" if name else figure.x_label


def _head(results: Sequence[Result]) -> str:
    return "n (%)" if any(map(fraction, results)) else ""


def _text(result: Result, findings: Findings) -> str:
    if isinstance(result, Estimate) and result.measure is Measure.PROPORTION:
        return printed(result, CellKind.N_PERCENT, findings)
    return printed(result, CellKind.ESTIMATE, findings)


def _draw_bar(chart: RowPlot, row: Placed, mark: Mark) -> None:
    """A light or hatched bar in a dark outline, so that the interval's line shows upon it."""
    hatch = _HATCHES[row.entry.look % len(_HATCHES)]
    face = "none" if hatch else (ACCENT, TINT)
    height, extent = row.middle, chart.extent
    chart.plot.barh(height, mark.value, _THICK, facecolor=face, edgecolor=ACCENT, hatch=hatch,
                    clip_on=False)  # fmt: skip
    if mark.low is not None and mark.high is not None:
        ends = [min(max(end, extent.low), extent.high) for end in (mark.low, mark.high)]
        chart.plot.plot(ends, [height] * 2, color=INK, linewidth=1.3, solid_capstyle="butt",
                        clip_on=False)  # fmt: skip
