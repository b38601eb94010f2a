"""Number axes: their limits, their ticks and the words on them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from incohort.figures.canvas import Box, Canvas, Lettering
from incohort.figures.colours import INK, MUTED
from incohort.figures.lettering import SMALL, widest
from incohort.tables.numbers import count, rounded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DEPTH = 46.0  # what an axis below its plot needs for ticks, numbers and its name
TICK = 4.0
_STROKE = 0.8
_SPACE = 5.0  # between a tick and its number
_FAR = 100.0  # on a log axis an interval is cut this many times beyond the outermost estimate
_DAYS = (1, 2, 7, 14, 28, 56, 84, 168, 364)
_MOST_TICKS = 9
_NUMBERS = Lettering(anchor="middle", size=SMALL, colour=MUTED)
_NAME = Lettering(anchor="middle", size=SMALL)


@dataclass(frozen=True, slots=True)
class Extent:
    """How far an axis reaches, and where it is ticked."""

    low: float
    high: float
    ticks: tuple[float, ...]
    is_log: bool = False

    def holds(self, place: float) -> bool:
        """Whether a place lies on the axis."""
        return self.low <= place <= self.high


def linear(
    places: Iterable[float],
    *,
    origin: float | None = None,
    ceiling: float = math.inf,
    is_whole: bool = False,
) -> Extent:
    """An axis for these places, from one tick to another.

    Args:
        places: Infinite ones are left out.
        origin: A place that belongs to the axis: 0 for shares and counts.
        ceiling: Where the axis must end, as a percentage does at 100.
        is_whole: Whether only whole numbers are ticked.
    """
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415 — importing incohort stays instant

    finite = [place for place in places if math.isfinite(place)]
    finite += [] if origin is None else [origin]
    low, high = (min(finite), max(finite)) if finite else (0.0, 1.0)
    if low == high:
        low, high = (low, low + 1) if origin == low else (low - 0.5, high + 0.5)
    locator = MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10], integer=is_whole, min_n_ticks=3)
    ticks = [round(float(tick), 12) for tick in locator.tick_values(low, high)]
    ticks = [tick for tick in ticks if tick <= ceiling and (tick.is_integer() or not is_whole)]
    return Extent(min(ticks[0], low), max(ticks[-1], high), tuple(ticks))


def of_time(places: Iterable[float], name: str) -> Extent:
    """An axis of time from 0, or from the tick before its first place, to its last place.

    Args:
        places: Infinite ones are left out.
        name: Of the axis: days are ticked by days, weeks or multiples of four weeks.
    """
    finite = [place for place in places if math.isfinite(place)]
    if "day" not in name.lower():
        return linear(finite, origin=0)
    low, high = min(0.0, *finite, 0.0), max(*finite, 1.0, 1.0)
    step = next((step for step in _DAYS if (high - low) / step <= _MOST_TICKS), None)
    step = step or _DAYS[-1] * math.ceil((high - low) / _DAYS[-1] / _MOST_TICKS)
    first = math.floor(low / step)
    ticks = tuple(float(n * step) for n in range(first, math.floor(high / step) + 1))
    return Extent(min(ticks[0], low), high, ticks)


def logarithmic(
    estimates: Iterable[float], ends: Iterable[float], reference: float | None
) -> Extent:
    """A log axis that shows every estimate, and of the intervals what lies within reach.

    Args:
        estimates: Where the points stand; those at 0 or infinity have no place.
        ends: The intervals' ends, likewise.
        reference: The guide line, which belongs to the axis.
    """
    points = [point for point in estimates if 0 < point < math.inf]
    points += [] if reference is None else [reference]
    points = points or [end for end in ends if 0 < end < math.inf] or [1.0]
    least, most = min(points) / _FAR, max(points) * _FAR
    near = [end for end in ends if least <= end <= most]
    low, high = min(*points, *near, math.inf), max(*points, *near, 0.0)
    margin = max(math.log10(high / low) * 0.06, 0.06)
    low, high = low / 10**margin, high * 10**margin
    return Extent(low, high, _log_ticks(low, high), is_log=True)


def _log_ticks(low: float, high: float) -> tuple[float, ...]:
    """The fullest set of round numbers that leaves room for each: at most seven."""
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    decades = [10.0**power for power in powers]
    for steps in ((1, 2, 5), (1, 3), (1,)):
        ticks = [round(step * ten, 12) for ten in decades for step in steps]
        ticks = [tick for tick in ticks if low <= tick <= high]
        if 3 <= len(ticks) <= 7:
            return tuple(ticks)
    if len(ticks) > 7:
        return tuple(ticks[:: math.ceil(len(ticks) / 7)])
    even = MaxNLocator(nbins=5, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    return tuple(round(float(tick), 12) for tick in even if low <= tick <= high)


def tick_texts(extent: Extent) -> list[str]:
    """The ticks as text: as many decimals as the axis needs, on a log axis as the tick needs."""
    needed = [_decimals(tick) for tick in extent.ticks]
    most = max(needed, default=0)
    if not most:
        return [count(tick) for tick in extent.ticks]
    return [
        rounded(tick, decimals if extent.is_log else most)
        for tick, decimals in zip(extent.ticks, needed, strict=True)
    ]


def _decimals(tick: float) -> int:
    return next((n for n in range(9) if math.isclose(round(tick, n), tick, rel_tol=1e-9)), 9)


def lay_across(
    canvas: Canvas,
    axes: Axes,
    box: Box,
    extent: Extent,
    name: str,
    end: float | None = None,
) -> None:
    """Give axes their horizontal scale, with ticks, numbers and the axis's name below.

    `end` is where the axis's line ends if it does so before the plot.
    """
    if extent.is_log:
        axes.set_xscale("log")
    axes.set_xlim(extent.low, extent.high)
    bottom = axes.get_ylim()[0]
    places = [canvas.place(axes, tick, bottom)[0] for tick in extent.ticks]
    right = box.right if end is None else canvas.place(axes, end, bottom)[0]
    ticks = [[(x, box.bottom), (x, box.bottom + TICK)] for x in places]
    canvas.lines_of([[(box.left, box.bottom), (right, box.bottom)], *ticks], INK, _STROKE)
    for place, text in zip(places, tick_texts(extent), strict=True):
        canvas.words(place, box.bottom + TICK + SMALL + 1, text, _NUMBERS)
    canvas.words(box.left + box.width / 2, box.bottom + DEPTH - 8, name, _NAME)


def room_before(extent: Extent) -> float:
    """What an axis at the left of its plot needs for ticks and numbers."""
    return widest(tick_texts(extent), SMALL) + TICK + _SPACE


def lay_up(canvas: Canvas, axes: Axes, box: Box, extent: Extent, name: str) -> None:
    """Give axes their vertical scale, with ticks and numbers at the left and the name above."""
    if extent.is_log:
        axes.set_yscale("log")
    axes.set_ylim(extent.low, extent.high)
    places = [canvas.place(axes, extent.low, tick)[1] for tick in extent.ticks]
    ticks = [[(box.left, y), (box.left - TICK, y)] for y in places]
    canvas.lines_of([[(box.left, box.bottom), (box.left, box.top)], *ticks], INK, _STROKE)
    numbers = Lettering(anchor="end", size=SMALL, colour=MUTED)
    for place, text in zip(places, tick_texts(extent), strict=True):
        canvas.words(box.left - TICK - _SPACE, place + 0.35 * SMALL, text, numbers)
    canvas.words(box.left - room_before(extent), box.top - 14, name, Lettering(size=SMALL))
