"""The frame of plots with two number axes: axes, remarks below, and room for what stands around."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from incohort.figures.canvas import WIDTH, Box, Canvas, Lettering
from incohort.figures.colours import MUTED
from incohort.figures.lettering import LEADING, SMALL, widest, wrap
from incohort.figures.scales import DEPTH, Extent, lay_across, lay_up, room_before

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINE = SMALL * LEADING
_TOP = 28.0  # for the name of the upright axis
RIGHT = 16.0  # for half of the last number
_BEFORE = 8.0  # between the words of a row and its first number
_REMARK = Lettering(size=SMALL, colour=MUTED)
_NUMBER = Lettering(anchor="middle", size=SMALL)


@dataclass(frozen=True, slots=True)
class Counts:
    """A row of numbers under the ticks of an axis; without any, the heading of those below."""

    name: str
    texts: tuple[str, ...] = ()
    is_heading: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around a plot.

    `places` are where the numbers of the `rows` below stand along the axis. `above` and `right` are
    kept free, `height` is the plot's, `remarks` are lines at the very bottom.
    """

    across: Extent
    up: Extent
    x_name: str
    y_name: str
    places: tuple[float, ...] = ()
    rows: tuple[Counts, ...] = ()
    remarks: tuple[str, ...] = ()
    above: float = 0
    right: float = 0
    below: float = 0  # between the axis and the rows
    left: float = 0  # the least that is kept free at the left
    pitches: tuple[float, ...] = ()  # heights of the rows; 0 or none is a line of text
    height: float = 300.0
    width: float = WIDTH


@dataclass(frozen=True, slots=True)
class Panel:
    """A canvas with both axes laid, ready for the marks."""

    canvas: Canvas
    plot: Axes
    box: Box
    row_tops: tuple[float, ...]


def panel(key: str, frame: Frame) -> Panel:
    """Lay the axes of a figure, the rows of numbers below them and its remarks."""
    names = [row.name for row in frame.rows if not row.is_heading]
    half = widest([text for row in frame.rows for text in row.texts], SMALL) / 2
    before = widest(names, SMALL) + half + _BEFORE if names else 0
    left = max(room_before(frame.up), before, frame.left)
    top = frame.above + _TOP
    box = Box(left, top, frame.width - left - max(frame.right, RIGHT), frame.height)
    first = box.bottom + DEPTH + frame.below
    remarks = [line for text in frame.remarks for line in wrap(text, frame.width, SMALL)]
    heights = [pitch or LINE for pitch in frame.pitches or [0.0] * len(frame.rows)]
    *tops, end = accumulate(heights, initial=first)
    bottom = end + (4 if frame.rows else 0)
    canvas = Canvas(key, frame.width, bottom + len(remarks) * LINE + (4 if remarks else 0))
    plot = canvas.axes(box)
    lay_up(canvas, plot, box, frame.up, frame.y_name)
    lay_across(canvas, plot, box, frame.across, frame.x_name)
    _set_rows(canvas, plot, frame, [top + h / 2 for top, h in zip(tops, heights, strict=True)])
    for number, line in enumerate(remarks):
        canvas.words(0, bottom + (number + 1) * LINE, line, _REMARK)
    return Panel(canvas, plot, box, tuple(tops))


def _set_rows(canvas: Canvas, plot: Axes, frame: Frame, middles: Sequence[float]) -> None:
    places = [canvas.place(plot, x, frame.up.low)[0] for x in frame.places]
    for row, middle in zip(frame.rows, middles, strict=True):
        baseline = middle + 0.35 * SMALL
        canvas.words(0, baseline, row.name, Lettering(size=SMALL, is_strong=row.is_heading))
        for place, text in zip(places, row.texts, strict=bool(row.texts)):
            canvas.words(place, baseline, text, _NUMBER)
