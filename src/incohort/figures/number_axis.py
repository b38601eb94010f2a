"""The axis of estimates: percent for shares, logarithmic where the figure says so."""

from __future__ import annotations

import math
from collections.abc import Sequence

from incohort.figures.reading import Mark, interval_name, is_percentage
from incohort.figures.scales import Extent, linear, logarithmic
from incohort.results import Figure, Result


def guide_of(figure: Figure, results: Sequence[Result]) -> float | None:
    """Where the guide line stands on the axis."""
    if figure.reference is None:
        return None
    return figure.reference * (100 if any(map(is_percentage, results)) else 1)


def extent_of(figure: Figure, results: Sequence[Result], marks: Sequence[Mark]) -> Extent:
    """An axis for every mark with its interval; shares begin at 0 and end at 100 %."""
    guide = guide_of(figure, results)
    places = [place for mark in marks for place in mark.places]
    if figure.is_log:
        return logarithmic([mark.value for mark in marks], places, guide)
    places += [] if guide is None else [guide]
    is_percent = any(map(is_percentage, results))
    is_positive = is_percent and min(places) >= 0
    return linear(
        places, origin=0 if is_positive else None, ceiling=100 if is_percent else math.inf
    )


def axis_name(name: str, results: Sequence[Result]) -> str:
    """The axis's name with its unit and what the lines through the marks are."""
    is_percent = any(map(is_percentage, results)) and "%" not in name
    lines = interval_name(results)
    return name + (", %" if is_percent else "") + (f" (line: {lines})" if lines else "")


def within(extent: Extent, mark: Mark) -> tuple[float, float] | None:
    """The part of an interval that lies on the axis; None where there is no interval."""
    if mark.low is None or mark.high is None:
        return None
    low, high = (min(max(end, extent.low), extent.high) for end in (mark.low, mark.high))
    return low, high
