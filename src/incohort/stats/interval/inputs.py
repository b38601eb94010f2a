"""What interval-censored times come in as: bounds checked once, with ties made exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats.survival.inputs import Codes, Flags, Vector, follow_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """The event of each row happened in (left, right], or at left where the two are equal.

    `points` are the different bounds in order, −∞ and ∞ among them, to which the codes point.
    """

    points: Vector
    left_code: Codes
    right_code: Codes

    @property
    def n(self) -> int:
        """How many rows."""
        return len(self.left_code)

    @property
    def left(self) -> Vector:
        """The last time known to be before the event; −∞ where there is none."""
        return self.points[self.left_code]

    @property
    def right(self) -> Vector:
        """The first time known to be at or after the event; ∞ where it was not seen."""
        return self.points[self.right_code]

    @property
    def is_exact(self) -> Flags:
        """Whose time is known exactly."""
        flags: Flags = self.left_code == self.right_code
        return flags

    def taken(self, row: Codes) -> Bounds:
        """The bounds of chosen rows."""
        return Bounds(
            points=self.points, left_code=self.left_code[row], right_code=self.right_code[row]
        )


def bounds(left: ArrayLike, right: ArrayLike) -> Bounds:
    """The bounds of each row's time, near ones taken as one, as `follow_up` does.

    Args:
        left: The last time at which the event had not happened, from 0, shape (n,); −∞ or 0
            where it may have happened from the start (left censored).
        right: The first time at which it had, shape (n,); ∞ where it was not seen (right
            censored). Equal to left where the time is known exactly.

    Raises:
        ValueError: Shapes differ, a bound is missing or negative, left is after right, or left
            is infinite.
    """
    low, high = np.asarray(left, dtype=np.float64), np.asarray(right, dtype=np.float64)
    if low.ndim != 1 or low.shape != high.shape:
        raise ValueError("left and right must be one-dimensional and of one length")
    if np.isnan(low).any() or np.isnan(high).any():
        raise ValueError("left and right must be without missing values: ∞ is right censored")
    if (low == np.inf).any() or (high == -np.inf).any():
        raise ValueError("left can't be ∞, and right can't be −∞")
    if (low > high).any():
        raise ValueError("a left bound is after its right bound")
    if ((low < 0) & np.isfinite(low)).any() or (high < 0).any():
        raise ValueError("times count from 0, so a bound can't be negative")
    is_low, is_high = np.isfinite(low), np.isfinite(high)
    tied = follow_up(
        np.concatenate([low[is_low], high[is_high]]), np.zeros(int(is_low.sum() + is_high.sum()))
    )
    points = np.concatenate([[-np.inf], tied.distinct, [np.inf]])
    left_code = np.zeros(len(low), dtype=np.int64)
    right_code = np.full(len(low), len(points) - 1)
    left_code[is_low] = tied.exit_code[: is_low.sum()] + 1
    right_code[is_high] = tied.exit_code[is_low.sum() :] + 1
    return Bounds(points=points, left_code=left_code, right_code=right_code)
