"""The nonparametric curve of interval-censored times, and how far the data leave it open."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from incohort.stats.interval.inputs import Bounds, bounds
from incohort.stats.interval.intersections import Cells, intersections
from incohort.stats.interval.newton import most_likely, runs_of
from incohort.stats.outcome import NoEstimate, check_probability
from incohort.stats.survival.inputs import TIE_TOLERANCE, Matrix, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class QuantileBounds:
    """Between which times a quantile lies: the data say no more. Equal where it is exact."""

    low: float
    high: float
    p: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Npmle:
    """The masses that make the data most likely, and the intervals in which they lie.

    `intervals` are the maximal intersections that hold mass, shape (k, 2): the mass lies in
    (left, right], or at the one point where the two are equal, and the data don't say where
    within. `gap` bounds how much higher the log likelihood could be: 0 but for rounding at the
    maximum. The survival curve holds from each of `time` on, 1 before the first: it runs between
    `survival_low`, with each mass at its left end, and `survival_high`, at its right end. Mass
    beyond the last finite time never comes down.
    """

    intervals: Matrix
    mass: Vector
    log_likelihood: float
    gap: float
    time: Vector
    survival_low: Vector
    survival_high: Vector
    n: int
    n_exact: int
    n_right_censored: int
    method: str

    def survival_bounds(self, times: ArrayLike) -> tuple[Vector, Vector]:
        """The lowest and the highest survival at chosen times that the masses allow.

        Raises:
            ValueError: A time is missing.
        """
        chosen = np.asarray(times, dtype=np.float64)
        if chosen.ndim != 1 or np.isnan(chosen).any():
            raise ValueError("times must be one-dimensional and without missing values")
        left, right = self.intervals.T
        total = np.concatenate([[0.0], np.cumsum(self.mass)])
        total[-1] = 1.0
        slack = _slack(self.time)
        # Mass in (left, right] has none at left itself; mass at a point has all of it there.
        begins = np.where(left == right, left - slack, left + slack)
        low = 1 - total[np.searchsorted(begins, chosen, side="left")]
        high = 1 - total[np.searchsorted(right - slack, chosen, side="right")]
        return low, high

    def quantile(self, p: float) -> QuantileBounds | NoEstimate:
        """Between which times a proportion p had the event: 0.5 is the median.

        Where the curve lies at exactly 1 − p between two masses, from the first of them to the
        second, so that for exact times the middle is the median of `kaplan_meier`.

        Raises:
            ValueError: p is not strictly between 0 and 1.
        """
        check_probability("p", p)
        total = np.cumsum(self.mass)
        reached = int(np.argmax(total >= p - TIE_TOLERANCE))
        passed = int(np.argmax(total > p + TIE_TOLERANCE))
        low, high = float(self.intervals[reached, 0]), float(self.intervals[passed, 1])
        if not math.isfinite(self.intervals[reached, 1]):
            return NoEstimate(
                f"fewer than {100 * p:g}% had the event while they were observed, so the time by "
                "which that many have it is not reached"
            )
        if math.isinf(high):  # a curve that ends on the line leaves it at the last time
            high = float(self.intervals[passed, 0])
        return QuantileBounds(low=max(low, 0.0), high=high, p=p)


def npmle(left: ArrayLike, right: ArrayLike) -> Npmle | NoEstimate:
    """When an event seen only between visits happened: the nonparametric estimate.

    An exact time has left equal to right, a right-censored one right = ∞, a left-censored one
    left = 0 or −∞; the three and true intervals may be mixed. For exact and right-censored times
    it is Kaplan–Meier's curve.

    Args:
        left: The last time at which the event had not happened, from 0, shape (n,).
        right: The first time at which it had, shape (n,).

    Raises:
        ValueError: As `bounds`.

    Source: Turnbull 1976, J R Stat Soc B 38:290; constrained Newton of Wang 2007, ibid. 69:185
        (survfit(type = "interval2") stops before the maximum); R's npsurv, icenReg in
        tests/validation/interval.

    Of three, one recovered in (0, 2], one in (1, 3], one in (4, 5]:

    >>> curve = npmle([0, 1, 4], [2, 3, 5])
    >>> curve.intervals.tolist(), curve.mass.round(6).tolist()
    ([[1.0, 2.0], [4.0, 5.0]], [0.666667, 0.333333])
    """
    rows = bounds(left, right)
    if rows.n == 0:
        return NoEstimate("there is nobody to follow")
    if not np.isfinite(rows.right).any():
        return NoEstimate("nobody had the event while they were observed")
    return fitted(rows)


def fitted(rows: Bounds) -> Npmle:
    """The estimate from bounds already checked, of at least one row."""
    cells = intersections(rows)
    maximum = most_likely(runs_of(cells.first, cells.last, cells.m))
    held = maximum.mass > 0
    intervals = np.column_stack([cells.low[held], cells.high[held]])
    mass = maximum.mass[held]
    time, low, high = _curves(intervals, mass)
    return Npmle(
        intervals=intervals,
        mass=mass,
        log_likelihood=maximum.log_likelihood,
        gap=maximum.gap,
        time=time,
        survival_low=low,
        survival_high=high,
        n=rows.n,
        n_exact=int(rows.is_exact.sum()),
        n_right_censored=int(np.isinf(rows.right).sum()),
        method="nonparametric maximum likelihood (Turnbull), constrained Newton, "
        f"duality gap {maximum.gap:.1g}",
    )


def survival_at_bounds(rows: Bounds) -> tuple[Vector, Vector, Vector, Cells]:
    """S at each row's bounds, left then right, under the estimate; and the masses by cell."""
    cells = intersections(rows)
    mass = most_likely(runs_of(cells.first, cells.last, cells.m)).mass
    # From the end, so that nothing is left beyond the last mass.
    beyond = np.concatenate([np.cumsum(mass[::-1])[::-1], [0.0]])
    beyond[: int(np.argmax(mass > 0)) + 1] = 1.0  # and all before the first
    return beyond[cells.first], beyond[cells.last], mass, cells


def _curves(intervals: Matrix, mass: Vector) -> tuple[Vector, Vector, Vector]:
    """Both curves on the times at which either falls."""
    ends: NDArray[np.float64] = np.unique(intervals)
    time = ends[np.isfinite(ends)]
    total = np.concatenate([[0.0], np.cumsum(mass)])
    total[-1] = 1.0
    low = 1 - total[np.searchsorted(intervals[:, 0], time, side="right")]
    high = 1 - total[np.searchsorted(intervals[:, 1], time, side="right")]
    return time, low, high


def _slack(time: Vector) -> float:
    return TIE_TOLERANCE * max(1.0, float(time.mean()) if len(time) else 1.0) / 2
