"""Overlap of sets (UpSet): a bar for each combination, and below it the sets that it is made of.

After A. Lex and others, UpSet: visualization of intersecting sets, IEEE TVCG 2014; 20: 1983–92.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from incohort.figures.canvas import Box, Canvas, Lettering
from incohort.figures.colours import ACCENT, INK, MUTED, TINT
from incohort.figures.lettering import LEADING, SIZE, SMALL, widest, wrap
from incohort.figures.reading import mark_of, marks_of, printed, results_of
from incohort.figures.scales import lay_up, linear, room_before
from incohort.results import CellKind, Figure, Findings, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_BETWEEN = " & "
_NOTHING = {"none", "neither", "no set"}  # the combination of no set
_HEADROOM = 1.12
_HEIGHT = 170.0
_TOP = 44.0
_STEP = 54.0  # from one combination to the next
_BAR = 30.0
_DOT = 5.5
_NAMES = 200.0
_AIR = 6.0
_COUNT = Lettering(anchor="middle", size=SMALL)
_ABSENT = Lettering(size=SMALL, colour=MUTED, is_upright=True)


def sets_of(label: str) -> tuple[str, ...]:
    """The sets that a combination is made of, by its label.

    >>> sets_of("GIFT & GAT"), sets_of("None")
    (('GIFT', 'GAT'), ())
    """
    return () if label.lower() in _NOTHING else tuple(label.split(_BETWEEN))


def draw(figure: Figure, findings: Findings, alt: str) -> str:
    """The SVG of an UpSet plot."""
    results = results_of(figure, findings)
    names = list(dict.fromkeys(name for result in results for name in sets_of(result.label)))
    lines = [wrap(name, _NAMES) for name in names]
    counts = [mark.value for mark in marks_of(figure, findings)]
    # The count above the highest bar stays clear of the axis' name.
    up = linear([*counts, _HEADROOM * max(counts, default=0)], origin=0, is_whole=True)
    left = max(widest([line for name in lines for line in name]) + _DOT + 12, room_before(up))
    box = Box(left, _TOP, _STEP * len(results), _HEIGHT)
    heights, bottom = _heights(lines, box.bottom + 2 * _AIR)
    canvas = Canvas(figure.key, box.right + 2, bottom)
    plot = canvas.axes(box)
    plot.set_xlim(0, len(results))
    lay_up(canvas, plot, box, up, figure.y_label)
    for height, name in zip(heights, lines, strict=True):
        canvas.lines(left - _DOT - 8, height, name, Lettering(anchor="end"))
    for number, result in enumerate(results):
        across = _draw_bar(canvas, plot, number + 0.5, result, findings)
        sets = sets_of(result.label)
        inside = [height for height, name in zip(heights, names, strict=True) if name in sets]
        _draw_dots(canvas, across, heights, inside)
    return canvas.svg(alt)


def _heights(names: Sequence[Sequence[str]], top: float) -> tuple[list[float], float]:
    """The middle of each set's row, and where the last of them ends."""
    middles = []
    for lines in names:
        height = len(lines) * SIZE * LEADING + 2 * _AIR
        middles.append(top + height / 2)
        top += height
    return middles, top


def _draw_bar(
    canvas: Canvas, plot: Axes, place: float, result: Result, findings: Findings
) -> float:
    """A combination's bar with its count, or words in its place; returns where it stands."""
    mark, text = mark_of(result), printed(result, CellKind.COUNT, findings)
    across, top = canvas.place(plot, place, mark.value if mark else 0)
    if mark is None:
        canvas.words(across + 0.35 * SMALL, top - _AIR, text, _ABSENT)
        return across
    plot.bar(place, mark.value, _BAR / _STEP, facecolor=(ACCENT, TINT), edgecolor=ACCENT,
             clip_on=False)  # fmt: skip
    canvas.words(across, top - _AIR, text, _COUNT)
    return across


def _draw_dots(
    canvas: Canvas, across: float, heights: Sequence[float], inside: Sequence[float]
) -> None:
    """Full dots for the sets of a combination, joined; open ones for the others."""
    if len(inside) > 1:
        canvas.line([(across, inside[0]), (across, inside[-1])], INK, weight=2)
    for height in heights:
        is_in = height in inside
        fill, edge = (INK, INK) if is_in else ("none", MUTED)
        canvas.dot(across, height, _DOT, fill=fill, edge=edge)
