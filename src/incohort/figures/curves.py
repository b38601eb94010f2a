"""Curves with their intervals, and under stepped ones who is still at risk at each tick.

The rows below follow the KMunicate recommendations (T. P. Morris and others, Proposals on
Kaplan–Meier plots in medical research and a survey of stakeholder views, BMJ Open 2019; 9:e030215).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from incohort.disclosure import NONE
from incohort.figures.at_risk import EVENTS, at_risk_rows, competing_rows
from incohort.figures.canvas import WIDTH, Lettering
from incohort.figures.colours import ACCENT, MUTED
from incohort.figures.lettering import LEADING, SMALL, widest, wrap
from incohort.figures.looks import (
    BAND,
    SAMPLE,
    Item,
    Look,
    draw_sample,
    line_style,
    look_of,
    spread,
    visible,
)
from incohort.figures.panel import RIGHT, Counts, Frame, Panel, panel
from incohort.figures.reading import absences, is_share
from incohort.figures.scales import Extent, linear, logarithmic, of_time, room_before
from incohort.results import Curve, Figure, Findings, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SQUARE = 380.0  # side of a ROC plot
_WIDEST_NAME = 170.0
_STARTS = {"survival": 1.0, "cumulative incidence": 0.0}  # before anybody had the event
_BEFORE = "At risk: at the time of the tick; the rows below it: before that time."
_OF_STEPS = "All of them as of the last step before it that may be shown."
_OTHERS = "Whoever had another event first is at risk no more."


@dataclass(frozen=True, slots=True)
class Strand:
    """What is drawn and named as one: a curve, or the two between which an estimate lies."""

    name: str
    curves: tuple[Curve, ...]
    look: Look


def draw(figure: Figure, findings: Findings, alt: str) -> str:
    """The SVG of curves."""
    strands = strands_of(figure, findings)
    curves = [curve for strand in strands for curve in strand.curves]
    across = _across(figure, curves)
    rows = _rows(strands, across)
    names = [wrap(strand.name, _WIDEST_NAME, SMALL) for strand in strands]
    words = widest([line for lines in names for line in lines], SMALL)
    right = words + SAMPLE + 14 if len(strands) > 1 else RIGHT
    chart = panel(
        figure.key,
        Frame(
            across=across,
            up=_up(figure, curves),
            x_name=figure.x_label or curves[0].x_label,
            y_name=_y_name(figure, curves),
            places=across.ticks,
            rows=tuple(rows),
            remarks=(*_on(rows, curves, findings), *absences(_named(figure, findings))),
            right=right,
            height=_SQUARE if figure.is_roc else 300,
            width=room_before(_up(figure, curves)) + _SQUARE + right if figure.is_roc else WIDTH,
        ),
    )
    _draw_guides(figure, chart, _scale(figure, curves[0]))
    for strand in strands:
        _draw_strand(
            chart.plot, strand, _scale(figure, strand.curves[0]), has_ci=not _is_open(curves)
        )
    if len(strands) > 1:
        _name(chart, strands, names, figure)
    return chart.canvas.svg(alt)


def strands_of(figure: Figure, findings: Findings) -> list[Strand]:
    """The curves that there are, a `/lower` and an `/upper` one of the same series together."""
    strands: list[Strand] = []
    places = 0  # of all that the figure names: who is missing keeps the look that it would have
    for series in figure.series:
        results = [findings.by_key[key] for key in series.keys]
        curves = [curve for curve in results if isinstance(curve, Curve)]
        ends = [curve.key.rpartition("/")[2] for curve in curves]
        is_pair = sorted(ends) == ["lower", "upper"]
        of_place = {result.key: n for n, result in enumerate(results, start=places)}
        places += 1 if is_pair else len(results)
        groups = [tuple(curves)] if is_pair else [(curve,) for curve in curves]
        for group in groups:
            is_own = len(results) == len(group) and len(figure.series) > 1
            name = series.label if is_own or is_pair else group[0].label
            strands.append(Strand(name, group, look_of(of_place[group[0].key])))
    return strands


def _is_open(curves: Sequence[Curve]) -> bool:
    """Whether a curve is known to lie between two: that is shaded, and nothing else beside it."""
    return {"lower", "upper"} <= {curve.key.rpartition("/")[2] for curve in curves}


def _named(figure: Figure, findings: Findings) -> list[tuple[str, Result]]:
    """Every result with its name: the series' where it has only this one."""
    return [
        (series.label if len(series.keys) == 1 < len(figure.series) else result.label, result)
        for series in figure.series
        for result in map(findings.by_key.__getitem__, series.keys)
    ]


def _scale(figure: Figure, curve: Curve) -> float:
    return 100 if is_share(curve) and not figure.is_roc else 1


def _across(figure: Figure, curves: Sequence[Curve]) -> Extent:
    if figure.is_roc:
        return Extent(0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1))
    places = [x for curve in curves for x in curve.x]
    if any(curve.is_stepped for curve in curves) or 0 <= 2 * min(places) <= max(places):
        return of_time(places, figure.x_label or curves[0].x_label)
    return linear(places)


def _up(figure: Figure, curves: Sequence[Curve]) -> Extent:
    """The axis of the values: shares from 0 %, as much of the intervals as there is."""
    if figure.is_roc:
        return Extent(0, 1, (0, 0.2, 0.4, 0.6, 0.8, 1))
    scale = _scale(figure, curves[0])
    values = [scale * y for curve in curves for y in curve.y]
    limits = [scale * y for curve in curves for y in (*curve.ci_low, *curve.ci_high)]
    guide = [] if figure.reference is None else [scale * figure.reference]
    values += [scale * _STARTS.get(curve.measure, curve.y[0]) for curve in curves]
    if figure.is_log and min(values) > 0:
        return logarithmic([*values, *guide], limits, None)
    places = [*values, *limits, *guide]
    origin = 0 if scale == 100 or min(places) >= 0 else None
    return linear(places, origin=origin, ceiling=100 if scale == 100 else math.inf)


def _y_name(figure: Figure, curves: Sequence[Curve]) -> str:
    """The axis's name, with its unit and what the shading is."""
    name = figure.y_label or curves[0].y_label
    is_percent = _scale(figure, curves[0]) == 100 and "%" not in name
    if _is_open(curves):
        return name + (", %" if is_percent else "") + " (shaded: where the curve may lie)"
    levels = {curve.conf_level for curve in curves if curve.ci_low}
    level = levels.pop() if len(levels) == 1 else None
    shaded = "" if level is None else f" (shaded: {level * 100:g} % CI)"
    return name + (", %" if is_percent else "") + shaded


def _rows(strands: Sequence[Strand], across: Extent) -> list[Counts]:
    """Who is at risk under each curve, once for curves that are of the same persons."""
    singles = [(strand.name, strand.curves[0]) for strand in strands if len(strand.curves) == 1]
    together = competing_rows(singles, across.ticks) if len(singles) == len(strands) else None
    if together is not None:
        return together
    rows: list[Counts] = []
    for name, curve in singles:
        of_one = at_risk_rows(curve, across.ticks)
        rows += [Counts(name, is_heading=True)] if of_one and len(strands) > 1 else []
        rows += of_one
    return rows


def _on(rows: Sequence[Counts], curves: Sequence[Curve], findings: Findings) -> list[str]:
    """What the rows count."""
    if not rows:
        return []
    remarks = [_BEFORE]
    remarks += [_OF_STEPS] if findings.profile not in {"", NONE} else []
    is_of_one = any(row.name == EVENTS for row in rows)
    if is_of_one and any(curve.measure == "cumulative incidence" for curve in curves):
        remarks.append(_OTHERS)
    return [" ".join(remarks)]


def path_of(
    curve: Curve, values: Sequence[float], scale: float = 1
) -> tuple[list[float], list[float]]:
    """The corners of a line: each value holds up to the next point where the curve is stepped."""
    xs, ys = list(curve.x), [scale * value for value in values]
    start = _STARTS.get(curve.measure)
    if curve.is_stepped and start is not None and xs[0] > 0:
        xs, ys = [0.0, *xs], [scale * start, *ys]
    if not curve.is_stepped:
        return xs, ys
    across, up = [xs[0]], [ys[0]]
    for (_, before), (x, y) in pairwise(zip(xs, ys, strict=True)):
        across += [x, x]
        up += [before, y]
    return across, up


def _draw_strand(plot: Axes, strand: Strand, scale: float, *, has_ci: bool) -> None:
    """The band first, the line upon it."""
    look = strand.look
    if len(strand.curves) > 1:
        _draw_between(plot, strand, scale)
    for curve in strand.curves:
        if has_ci and curve.ci_low and curve.ci_high:
            xs, low = path_of(curve, curve.ci_low, scale)
            _, high = path_of(curve, curve.ci_high, scale)
            fill(plot, xs, low, high, look)
        xs, ys = path_of(curve, curve.y, scale)
        kept = visible(xs, ys)
        xs, ys = [xs[n] for n in kept], [ys[n] for n in kept]
        thin = 1.0 if len(strand.curves) > 1 else 1.8
        plot.plot(xs, ys, color=look.tone, linewidth=thin, linestyle=line_style(look.stroke),
                  solid_joinstyle="miter", dash_joinstyle="miter")  # fmt: skip


def fill(
    plot: Axes, xs: Sequence[float], low: Sequence[float], high: Sequence[float], look: Look
) -> None:
    """A band of the accent's tint, hatched from the second series on."""
    bottom, top = plot.get_ylim()
    kept = visible(xs, low, high)
    xs = [xs[n] for n in kept]
    low, high = ([min(max(ys[n], bottom), top) for n in kept] for ys in (low, high))
    plot.fill_between(xs, low, high, color=(ACCENT, BAND), linewidth=0)
    if look.hatch:
        plot.fill_between(xs, low, high, facecolor="none", edgecolor=look.tone,
                          hatch=look.hatch, linewidth=0, alpha=0.35)  # fmt: skip


def _draw_between(plot: Axes, strand: Strand, scale: float) -> None:
    """The space between two curves, at every place where either of them changes."""
    lower, upper = sorted(strand.curves, key=lambda curve: curve.key)
    lines = [path_of(curve, curve.y, scale) for curve in (lower, upper)]
    xs = sorted({x for line in lines for x in line[0]})
    across = [x for x in xs for _ in range(2)][1:] if lower.is_stepped else xs
    both = [_values_at(line, xs, is_stepped=lower.is_stepped) for line in lines]
    fill(plot, across, both[0], both[1], Look((), strand.look.tone, "", strand.look.hatch or "//"))


def _values_at(
    line: tuple[list[float], list[float]], xs: Sequence[float], *, is_stepped: bool
) -> list[float]:
    """A line's values at more places than its own, with both sides of each step."""
    points = dict(zip(*line, strict=True))  # of two at one place the later is the value there
    knots = sorted(points)
    values: list[float] = []
    for x in xs:
        before = max((place for place in knots if place <= x), default=knots[0])
        if is_stepped:
            values += [values[-1]] if values else []
            values.append(points[before])
        else:
            after = min((place for place in knots if place >= x), default=knots[-1])
            share = (x - before) / (after - before) if after > before else 0.0
            values.append(points[before] + share * (points[after] - points[before]))
    return values


def _draw_guides(figure: Figure, chart: Panel, scale: float) -> None:
    if figure.is_roc:
        chart.plot.plot([0, 1], [0, 1], color=MUTED, linewidth=0.9, dashes=(4, 3))
    if figure.reference is not None:
        chart.plot.axhline(scale * figure.reference, color=MUTED, linewidth=0.9, dashes=(4, 3))


def _name(
    chart: Panel, strands: Sequence[Strand], names: Sequence[list[str]], figure: Figure
) -> None:
    """Each name at the right of its curve's end, or as near as the others allow."""
    ends = []
    for strand in strands:
        curve = strand.curves[0]
        height = chart.canvas.place(chart.plot, curve.x[-1], curve.y[-1] * _scale(figure, curve))[1]
        ends.append(chart.box.top + chart.box.height / 2 if figure.is_roc else height)
    heights = [len(lines) * SMALL * LEADING + 2 for lines in names]
    places = spread(ends, heights, chart.box.top, chart.box.bottom)
    left = chart.box.right + 8
    for strand, lines, middle in zip(strands, names, places, strict=True):
        draw_sample(chart.canvas, left, middle, Item(name=strand.name, look=strand.look))
        chart.canvas.lines(left + SAMPLE + 6, middle, lines, Lettering(size=SMALL))
