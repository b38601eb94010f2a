"""A centre and a spread of at least 0: where a likelihood is largest, and the centre's limits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import optimize, special

_FARTHEST = 60.0  # on the log odds: a chance of 1e-26, beyond which no data tell
_SPREADS = [2.0**power for power in range(-12, 7)]  # where to look first


class Likelihood(Protocol):
    """A log likelihood of a centre and a spread, with both derivatives."""

    def at(self, centre: float, spread: float) -> tuple[float, float, float]:
        """The height, and the slopes to the centre and to the spread."""
        ...


@dataclass(frozen=True, slots=True)
class Top:
    """Where the likelihood is largest for a centre, or over all."""

    centre: float
    spread: float
    height: float
    slope: float  # to the centre


def top_at(likelihood: Likelihood, centre: float) -> Top:
    """The best spread for a centre: 0, or where the slope to it is 0."""

    def slope(spread: float) -> float:
        return likelihood.at(centre, spread)[2]

    low, spread, high = _about(likelihood, centre)
    if slope(low) > 0 > slope(high):
        spread = float(optimize.brentq(slope, low, high, xtol=1e-13, rtol=1e-13))
    height, to_centre, _ = likelihood.at(centre, spread)
    without, its_slope, _ = likelihood.at(centre, 0.0)
    if without >= height:
        return Top(centre, 0.0, without, its_slope)
    return Top(centre, spread, height, to_centre)


def _about(likelihood: Likelihood, centre: float) -> tuple[float, float, float]:
    """A spread below the best, the best of those tried, and one above.

    From small to large, until the likelihood has fallen three times.
    """
    heights: list[float] = []
    for spread in _SPREADS:
        heights.append(likelihood.at(centre, spread)[0])
        if len(heights) > 3 and heights[-4] > heights[-3] > heights[-2] > heights[-1]:
            break
    best = int(np.argmax(heights))
    low = _SPREADS[best - 1] if best else _SPREADS[0] * 1e-3
    return low, _SPREADS[best], _SPREADS[min(best + 1, len(_SPREADS) - 1)]


def top_of(likelihood: Likelihood, start: float) -> Top | None:
    """The largest of all, looked for from a centre; None where it lies beyond every centre."""

    def slope(centre: float) -> float:
        return top_at(likelihood, centre).slope

    sign = 1.0 if slope(start) > 0 else -1.0
    near, far = start, start
    step = 0.5
    while slope(far) * sign > 0:
        near, far, step = far, far + sign * step, 2 * step
        if abs(far) > _FARTHEST:
            return None
    if near == far:
        return top_at(likelihood, start)
    centre = float(optimize.brentq(slope, near, far, xtol=1e-12, rtol=1e-12))
    return top_at(likelihood, centre)


def limits_of(likelihood: Likelihood, top: Top, conf_level: float) -> tuple[float, float]:
    """Centres at which twice the drop is χ²'s quantile; infinite where it never is so low."""
    drop = float(special.chdtri(1, 1 - conf_level)) / 2

    def above(centre: float) -> float:
        return top_at(likelihood, centre).height - (top.height - drop)

    limits = []
    for sign in (-1.0, 1.0):
        near, far, step = top.centre, top.centre + sign * 0.5, 1.0
        while above(far) > 0 and abs(far) < _FARTHEST:
            near, far, step = far, far + sign * step, 2 * step
        is_open = above(far) > 0
        limits.append(
            sign * np.inf if is_open else float(optimize.brentq(above, near, far, xtol=1e-10))
        )
    return limits[0], limits[1]
