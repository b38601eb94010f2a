"""Estimates over categories that have an order: points with intervals, joined by a thin line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from incohort.figures.canvas import WIDTH, Lettering
from incohort.figures.colours import ACCENT, INK, MUTED
from incohort.figures.lettering import SMALL, widest, wrap
from incohort.figures.looks import Item, Look, legend_of, line_style, look_of
from incohort.figures.number_axis import axis_name, extent_of, guide_of, within
from incohort.figures.panel import LINE, Counts, Frame, Panel, panel
from incohort.figures.reading import mark_of, marks_of, printed, results_of
from incohort.figures.scales import DEPTH, TICK, Extent
from incohort.results import CellKind, Estimate, Figure, Findings, Measure, Result, Series

_APART = 10.0  # between the numbers of neighbouring categories
_ASIDE = 9.0  # between the points of two series over one category, in pixels
_EDGE = 0.5  # of a category's width, before the first and after the last


def draw(figure: Figure, findings: Findings, alt: str) -> str:
    """The SVG of points over categories."""
    results, marks = results_of(figure, findings), marks_of(figure, findings)
    categories = list(dict.fromkeys(result.label for result in results))
    rows = [_row(series, categories, findings, figure) for series in figure.series]
    legend = legend_of(_items(figure), WIDTH)
    slot, width = _room(rows, len(categories))
    names = [wrap(name, slot - _APART, SMALL) for name in categories]
    depth = (max(map(len, names)) - 1) * LINE
    up = extent_of(figure, results, marks)
    places = tuple(float(n) for n in range(len(categories)))
    chart = panel(
        figure.key,
        Frame(
            across=Extent(-_EDGE, len(categories) - 1 + _EDGE, ()),
            up=up, x_name="", y_name=axis_name(figure.y_label, results), places=places,
            rows=tuple(rows), above=legend.height, below=depth, height=260, width=width,
        ),
    )  # fmt: skip
    _set_names(chart, names, figure.x_label, depth)
    legend.draw(chart.canvas)
    guide = guide_of(figure, results)
    if guide is not None:
        chart.plot.axhline(guide, color=MUTED, linewidth=0.9, dashes=(4, 3))
    for number, series in enumerate(figure.series):
        shift = (number - (len(figure.series) - 1) / 2) * _ASIDE / slot
        by_label = {findings.by_key[key].label: findings.by_key[key] for key in series.keys}
        at = [(n + shift, by_label[name]) for n, name in enumerate(categories) if name in by_label]
        _draw_series(chart, at, look_of(number), up)
    return chart.canvas.svg(alt)


def _row(series: Series, categories: Sequence[str], findings: Findings, figure: Figure) -> Counts:
    """The printed numbers of one series, each under its category."""
    by_label = {findings.by_key[key].label: findings.by_key[key] for key in series.keys}
    texts = tuple(
        _text(by_label[name], findings) if name in by_label else "" for name in categories
    )
    return Counts(series.label if len(figure.series) > 1 else "", texts)


def _text(result: Result, findings: Findings) -> str:
    is_plain = isinstance(result, Estimate) and result.measure is not Measure.PROPORTION
    kind = CellKind.ESTIMATE if is_plain else CellKind.PERCENT_CI
    return printed(result, kind, findings).partition(" (")[0]


def _items(figure: Figure) -> list[Item]:
    if len(figure.series) < 2:
        return []
    return [
        Item(name=series.label, look=look_of(number), has_mark=True)
        for number, series in enumerate(figure.series)
    ]


def _room(rows: Sequence[Counts], n_categories: int) -> tuple[float, float]:
    """How wide a category is, and the figure: wider than usual where its numbers need it."""
    most = widest([text for row in rows for text in row.texts], SMALL)
    before = widest([row.name for row in rows], SMALL) + most / 2 + 40
    slot = max((WIDTH - before) / n_categories, most + _APART)
    return slot, max(WIDTH, before + slot * n_categories)


def _set_names(chart: Panel, names: Sequence[list[str]], axis: str, depth: float) -> None:
    """The categories under the axis, and below them what they are."""
    box, look = chart.box, Lettering(anchor="middle", size=SMALL)
    ticks = []
    for number, lines in enumerate(names):
        x = chart.canvas.place(chart.plot, number, 0)[0]
        ticks.append([(x, box.bottom), (x, box.bottom + TICK)])
        for place, line in enumerate(lines):
            chart.canvas.words(x, box.bottom + TICK + SMALL + 1 + place * LINE, line, look)
    chart.canvas.lines_of(ticks, INK, 0.8)
    chart.canvas.words(box.left + box.width / 2, box.bottom + DEPTH - 8 + depth, axis, look)


def _draw_series(
    chart: Panel, at: Sequence[tuple[float, Result]], look: Look, extent: Extent
) -> None:
    """Intervals and points; the line between them goes only from one category to the next."""
    marks = [(x, mark) for x, result in at if (mark := mark_of(result))]
    for (x, mark), (after, following) in pairwise(marks):
        if after - x < 1.5 and extent.holds(mark.value) and extent.holds(following.value):
            chart.plot.plot([x, after], [mark.value, following.value], color=look.tone,
                            linewidth=0.9, linestyle=line_style(look.stroke))  # fmt: skip
    for x, mark in marks:
        ends = within(extent, mark)
        if ends:
            chart.plot.plot([x, x], ends, color=INK, linewidth=1.3, solid_capstyle="butt",
                            clip_on=False)  # fmt: skip
        if extent.holds(mark.value):
            chart.plot.plot([x], [mark.value], marker=look.shape, color=ACCENT, markersize=7,
                            markeredgewidth=0, clip_on=False)  # fmt: skip
