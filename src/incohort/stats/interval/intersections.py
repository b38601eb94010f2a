"""Where the mass of a nonparametric maximum likelihood can lie: Turnbull's intersections."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incohort.stats.interval.inputs import Bounds
from incohort.stats.survival.inputs import Codes, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """The maximal intersections of all rows' intervals, and which of them each row covers.

    Intersection k is (low[k], high[k]], or the point where the two are equal. Row i covers those
    from `first[i]` up to but not with `last[i]`, always at least one.
    """

    low: Vector
    high: Vector
    first: Codes
    last: Codes

    @property
    def m(self) -> int:
        """How many intersections."""
        return len(self.low)


def intersections(rows: Bounds) -> Cells:
    """The maximal intersections: a start followed by an end, with nothing between.

    Each point has two places on a line of whole numbers, itself and just after it, so that the
    half-open intervals and the exact times become closed runs of places, and no time is moved.

    Source: Peto 1973, Appl Stat 22:86; Turnbull 1976, J R Stat Soc B 38:290;
        tests/validation/interval/interval.R.
    """
    start = 2 * rows.left_code + ~rows.is_exact
    end = 2 * rows.right_code
    places = 2 * len(rows.points)
    has_start = np.bincount(start, minlength=places) > 0
    has_end = np.bincount(end, minlength=places) > 0
    ends = np.flatnonzero(has_end)
    starts = np.flatnonzero(has_start)
    # Each end's nearest start at or before it; an intersection where no end lies between.
    nearest = np.searchsorted(starts, ends, side="right") - 1
    is_new = np.diff(nearest, prepend=-1) > 0
    low_place, high_place = starts[nearest[is_new]], ends[is_new]
    return Cells(
        low=rows.points[low_place // 2],
        high=rows.points[high_place // 2],
        first=np.searchsorted(low_place, start, side="left"),
        last=np.searchsorted(high_place, end, side="right"),
    )
