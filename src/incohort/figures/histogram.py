"""Histogram: counts in bins that stand where their edges are; an open last bin stands apart."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from incohort.figures import scales
from incohort.figures.canvas import WIDTH, Box, Canvas, Lettering
from incohort.figures.colours import ACCENT, MUTED, TINT
from incohort.figures.lettering import LEADING, SMALL, widest, wrap
from incohort.figures.reading import mark_of, marks_of, printed, results_of
from incohort.figures.scales import Extent, linear
from incohort.results import CellKind, Figure, Findings, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_HEIGHT = 210.0
_TOP = 44.0  # the name of the counts' axis, and the count upon a bar that reaches the top
_RIGHT = 12.0  # for half of the last edge's number
_APART = 0.7  # of a bin's width: the gap before a bin that has no end
_HATCH = "///"  # of a bin that has no end
_AIR = 6.0
_LINE = SMALL * LEADING
_CLOSED = re.compile(r"(?P<low>-?\d+(?:\.\d+)?) to (?:below )?(?P<high>-?\d+(?:\.\d+)?)")
_OPEN = re.compile(r"(?P<low>-?\d+(?:\.\d+)?) (?:or|and) (?:above|more|over)")
_COUNT = Lettering(anchor="middle", size=SMALL)
_ABSENT = Lettering(size=SMALL, colour=MUTED, is_upright=True)
_NAME = Lettering(anchor="middle", size=SMALL, colour=MUTED)


@dataclass(frozen=True, slots=True)
class Bin:
    """Where a bar stands; `name` is printed under it where the axis cannot tell what it holds.

    One that `is_open` holds all beyond its lower edge: its height is not to be held against others.
    """

    result: Result
    low: float
    high: float
    name: str = ""
    is_open: bool = False

    @property
    def middle(self) -> float:
        """Where its count and its name stand."""
        return (self.low + self.high) / 2


def draw(figure: Figure, findings: Findings, alt: str) -> str:
    """The SVG of a histogram."""
    bins = bins_of(results_of(figure, findings))
    up = linear([mark.value for mark in marks_of(figure, findings)], origin=0, is_whole=True)
    left = scales.room_before(up)
    box = Box(left, _TOP, WIDTH - left - _RIGHT, _HEIGHT)
    across = _across(bins, box)
    named = [(bar, wrap(bar.name, _room(bar, across, box), SMALL)) for bar in bins if bar.name]
    n_lines = max((len(lines) for _, lines in named), default=1)
    canvas = Canvas(figure.key, WIDTH, box.bottom + scales.DEPTH + (n_lines - 1) * _LINE)
    plot = canvas.axes(box)
    scales.lay_up(canvas, plot, box, up, figure.y_label)
    edges = [bar.high for bar in bins if not bar.name]
    scales.lay_across(canvas, plot, box, across, "", end=edges[-1] if edges else None)
    counts = [printed(bar.result, CellKind.COUNT, findings) for bar in bins if mark_of(bar.result)]
    has_counts = widest(counts, SMALL) <= _room(bins[0], across, box)
    for bar in bins:
        _draw_bin(canvas, plot, bar, findings, has_count=has_counts)
    for bar, lines in named:
        middle = canvas.place(plot, bar.middle, 0)[0]
        for number, line in enumerate(lines):
            canvas.words(middle, box.bottom + scales.TICK + SMALL + 1 + number * _LINE, line, _NAME)
    canvas.words(box.left + box.width / 2, canvas.height - 8, figure.x_label, _COUNT)
    return canvas.svg(alt)


def bins_of(results: Sequence[Result]) -> list[Bin]:
    """Bins where their labels say they are, or side by side under their names.

    The last may have no end: it is drawn as wide as the others, hatched and after a gap. A height
    says how many only if all bins are equally wide and none is left out between them; otherwise, or
    where a label can't be read, the bars have names and the axis no scale.
    """
    readings = [(result, _CLOSED.fullmatch(result.label)) for result in results]
    bins = [Bin(result, float(m["low"]), float(m["high"])) for result, m in readings if m]
    if bins and _are_even(bins):
        if len(bins) == len(results):
            return bins
        if len(bins) == len(results) - 1 and _OPEN.fullmatch(results[-1].label):
            width = bins[-1].high - bins[-1].low
            low = bins[-1].high + _APART * width
            last = Bin(results[-1], low, low + width, results[-1].label, is_open=True)
            return [*bins, last]
    return [Bin(result, n, n + 1, result.label) for n, result in enumerate(results)]


def _are_even(bins: Sequence[Bin]) -> bool:
    """Whether bins are equally wide and each begins where the one before it ends."""
    width = bins[0].high - bins[0].low
    return all(math.isclose(bar.high - bar.low, width, rel_tol=1e-6) for bar in bins) and all(
        math.isclose(bar.high, after.low, abs_tol=1e-9) for bar, after in pairwise(bins)
    )


def _across(bins: Sequence[Bin], box: Box) -> Extent:
    """The bins' axis, ticked at their edges, or at every second, third … where they are close."""
    low, high = bins[0].low, bins[-1].high
    placed = [bar for bar in bins if not bar.name]
    edges = [placed[0].low, *(bar.high for bar in placed)] if placed else []
    every = Extent(low, high, tuple(edges))
    need = widest(scales.tick_texts(every), SMALL) + 8
    step = 1
    while len(edges) > 2 and step * box.width * (edges[1] - edges[0]) / (high - low) < need:
        step += 1
    return replace(every, ticks=tuple(edges[::step]))


def _room(bar: Bin, across: Extent, box: Box) -> float:
    """How wide a bar is on the canvas."""
    return box.width * (bar.high - bar.low) / (across.high - across.low)


def _draw_bin(canvas: Canvas, plot: Axes, bar: Bin, findings: Findings, *, has_count: bool) -> None:
    """A bar, with its count on top where all have room; words where the count is missing."""
    mark = mark_of(bar.result)
    text = printed(bar.result, CellKind.COUNT, findings)
    x, top = canvas.place(plot, bar.middle, mark.value if mark else 0)
    if mark is None:
        canvas.words(x + 0.35 * SMALL, top - _AIR, text, _ABSENT)
        return
    looks: list[dict[str, Any]] = [{"facecolor": (ACCENT, TINT), "edgecolor": ACCENT}]
    if bar.is_open:
        looks.append({"facecolor": "none", "edgecolor": ACCENT, "hatch": _HATCH, "linewidth": 0})
    for look in looks:
        plot.bar(bar.low, mark.value, bar.high - bar.low, align="edge", clip_on=False, **look)
    if has_count:
        canvas.words(x, top - _AIR, text, _COUNT)
