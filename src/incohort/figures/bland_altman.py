"""Bland–Altman plot: each patient's difference over the mean, with the bias and its limits.

After J. M. Bland and D. G. Altman, Statistical methods for assessing agreement between two methods
of clinical measurement, Lancet 1986; 327: 307–10.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from incohort.figures.canvas import WIDTH, Dashes, Lettering
from incohort.figures.colours import ACCENT, INK, MUTED
from incohort.figures.lettering import LEADING, SMALL, widest, wrap
from incohort.figures.looks import BAND, Item, legend_of, line_style, look_of, spread
from incohort.figures.panel import Frame, Panel, panel
from incohort.figures.reading import absences, printed, results_of
from incohort.figures.scales import linear, logarithmic
from incohort.figures.scatter import groups_of
from incohort.results import CellKind, Estimate, Figure, Findings, PatientPoints

_STROKES: tuple[Dashes, ...] = ((), (6, 3), (6, 3))  # bias, lower and upper limit
_HATCHES = ("", "//", "//")
_WIDEST_NAME = 160.0


def draw(figure: Figure, findings: Findings, alt: str) -> str:
    """The SVG of differences over means."""
    results = results_of(figure, findings)
    drawn = [result for result in results if isinstance(result, PatientPoints)]
    levels = [result for result in results if isinstance(result, Estimate)]
    groups = groups_of(drawn)
    texts = [_texts(level, findings) for level in levels]
    items = [
        Item(name=name, look=look_of(n), is_mark=True) for n, name in enumerate(groups)
    ]  # fmt: skip
    legend = legend_of(items if len(groups) > 1 else [], WIDTH)
    xs = [x for points in drawn for x in points.x]
    is_log = figure.is_log and min(xs) > 0
    guide = [] if figure.reference is None else [figure.reference]
    chart = panel(
        figure.key,
        Frame(
            across=logarithmic(xs, [], None) if is_log else linear(xs),
            up=linear([*(y for points in drawn for y in points.y), *guide, *_places(levels)]),
            x_name=figure.x_label or drawn[0].x_label, y_name=figure.y_label or drawn[0].y_label,
            above=legend.height,
            remarks=tuple(absences([(result.label, result) for result in results])),
            right=widest([line for lines in texts for line in lines], SMALL) + 10, height=340,
        ),
    )  # fmt: skip
    legend.draw(chart.canvas)
    for height in guide:
        chart.plot.axhline(height, color=MUTED, linewidth=0.9, dashes=(1, 3))
    for number, level in enumerate(levels):
        _draw_level(chart, level, number)
    for number, places in enumerate(groups.values()):
        look = look_of(number)
        chart.plot.plot(*zip(*places, strict=True), linestyle="none", marker=look.shape,
                        color=look.tone, fillstyle="none", markersize=6, markeredgewidth=1,
                        clip_on=False)  # fmt: skip
    _name(chart, levels, texts)
    return chart.canvas.svg(alt)


def _places(levels: Sequence[Estimate]) -> list[float]:
    ends = [(level.value, level.ci_low, level.ci_high) for level in levels]
    return [end for level in ends for end in level if end is not None]


def _texts(level: Estimate, findings: Findings) -> list[str]:
    """What stands beside a line: its name, and its number with the interval."""
    number, _, limits = printed(level, CellKind.ESTIMATE_CI, findings).partition(" (")
    return [*wrap(level.label, _WIDEST_NAME, SMALL), number, *([f"({limits}"] if limits else [])]


def _draw_level(chart: Panel, level: Estimate, number: int) -> None:
    """A line over the whole plot, in the band of its interval."""
    place = number % len(_STROKES)
    low, high = chart.plot.get_ylim()
    if level.ci_low is not None and level.ci_high is not None:
        ends = [min(max(end, low), high) for end in (level.ci_low, level.ci_high)]
        hatch = _HATCHES[place]
        chart.plot.axhspan(*ends, facecolor=(ACCENT, BAND), linewidth=0)
        if hatch:
            chart.plot.axhspan(*ends, facecolor="none", edgecolor=ACCENT, hatch=hatch, linewidth=0,
                               alpha=0.35)  # fmt: skip
    if math.isfinite(level.value):
        chart.plot.axhline(
            level.value, color=INK, linewidth=1.4, linestyle=line_style(_STROKES[place])
        )


def _name(chart: Panel, levels: Sequence[Estimate], texts: Sequence[list[str]]) -> None:
    """The numbers at the right of their lines, or as near as the others allow."""
    low, high = chart.plot.get_ylim()
    left = chart.plot.get_xlim()[0]
    wanted = [
        chart.canvas.place(chart.plot, left, min(max(level.value, low), high))[1]
        for level in levels
    ]
    heights = [len(lines) * SMALL * LEADING + 4 for lines in texts]
    places = spread(wanted, heights, chart.box.top, chart.box.bottom)
    for lines, middle in zip(texts, places, strict=True):
        chart.canvas.lines(chart.box.right + 10, middle, lines, Lettering(size=SMALL))
