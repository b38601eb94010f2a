"""Scatter plot: an open mark for each patient, one shape for each group, named above the plot."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.figures.canvas import Box, Canvas, Lettering
from incohort.figures.colours import ACCENT, INK, MUTED
from incohort.figures.lettering import SMALL, width
from incohort.figures.reading import results_of
from incohort.figures.scales import DEPTH, lay_across, lay_up, linear, logarithmic, room_before
from incohort.results import Figure, Findings, PatientPoints

_WIDTH = 560.0
_HEIGHT = 340.0
_RIGHT = 16.0  # for half of the last number
_TOP = 40.0
_KEY = 24.0  # the line above that names the groups
_SHAPES = ("o", "s", "^", "D", "v", "P")  # one a group: never told by colour alone
_TONES = (ACCENT, INK, MUTED)


def draw(figure: Figure, findings: Findings, alt: str) -> str:
    """The SVG of a scatter plot."""
    drawn = [result for result in results_of(figure, findings) if isinstance(result, PatientPoints)]
    groups = groups_of(drawn)
    has_key = len(groups) > 1
    xs, ys = ([v for points in drawn for v in points.x], [v for points in drawn for v in points.y])
    is_log = figure.is_log and min(xs) > 0  # a log axis has no place for 0, and would drop it
    across, up = logarithmic(xs, [], None) if is_log else linear(xs), linear(ys)
    left = room_before(up)
    box = Box(left, _TOP + (_KEY if has_key else 0), _WIDTH - left - _RIGHT, _HEIGHT)
    canvas = Canvas(figure.key, _WIDTH, box.bottom + DEPTH)
    plot = canvas.axes(box)
    lay_up(canvas, plot, box, up, figure.y_label or drawn[0].y_label)
    lay_across(canvas, plot, box, across, figure.x_label or drawn[0].x_label)
    at = 8.0
    for number, (name, places) in enumerate(groups.items()):
        shape, tone = _SHAPES[number % len(_SHAPES)], _TONES[number % len(_TONES)]
        plot.plot(*zip(*places, strict=True), linestyle="none", marker=shape, color=tone,
                  fillstyle="none", markersize=6, markeredgewidth=1, clip_on=False)  # fmt: skip
        if has_key:
            canvas.mark(at, _KEY / 2, shape, tone)
            canvas.lines(at + 10, _KEY / 2, [name], Lettering(size=SMALL))
            at += 10 + width(name, SMALL) + 24
    return canvas.svg(alt)


def groups_of(drawn: Sequence[PatientPoints]) -> dict[str, list[tuple[float, float]]]:
    """The places of each group's patients, groups in the order in which they come."""
    groups: dict[str, list[tuple[float, float]]] = {}
    for points in drawn:
        for x, y, name in zip(points.x, points.y, points.group, strict=True):
            groups.setdefault(name, []).append((x, y))
    return groups
