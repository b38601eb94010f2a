"""Naive times in place of intervals, to be shown beside the curve that needs none."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats._checked import check_option
from incohort.stats.interval.inputs import bounds
from incohort.stats.survival.inputs import Flags, Vector

Placement = Literal["left", "midpoint", "right"]


def imputed_times(
    left: ArrayLike, right: ArrayLike, *, placement: Placement = "midpoint"
) -> tuple[Vector, Flags]:
    """Times and events for `kaplan_meier`, `cox` and their like, each interval made one time.

    The right end is when the event was noticed: a curve of it is late by up to a visit. The left
    end is the last time without it, so that the two ends are as far as the visits allow. The
    middle is right on average only where visits are regular. Either takes what is not known as
    known, so that intervals come out too narrow.

    Args:
        left: The last time at which the event had not happened, from 0, shape (n,).
        right: The first time at which it had, shape (n,).
        placement: Where in the interval the event is put; a right-censored time stays censored
            at left.

    Returns:
        time and event, shape (n,) each.

    Raises:
        ValueError: As `bounds`, or placement is none of the three.

    Source: Law & Brookmeyer 1992, Stat Med 11:1569, on what the middle does to the variance.
    """
    check_option("placement", placement, get_args(Placement))
    rows = bounds(left, right)
    event = np.isfinite(rows.right)
    start = np.maximum(rows.left, 0.0)
    end = np.where(event, rows.right, start)
    time = {"left": start, "midpoint": (start + end) / 2, "right": end}[placement]
    return time, event
