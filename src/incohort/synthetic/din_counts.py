"""Neutrophil counts of a synthetic patient on given days, on the right side of 1.5 at each.

The truth says only when the true count reaches 1.5. The path to it is made up: flat at the nadir,
then growing by a constant factor a day.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from incohort.synthetic.folder import Record

RECOVERED = 1.5  # 10⁹/L
LOW = 0.1
_NOISE = 0.15  # standard deviation of the logarithm: how far two counts of one day differ

Counts = tuple[tuple[int, float], ...]  # day, 10⁹/L


def nadir_of(*, is_low: bool, rng: np.random.Generator) -> float:
    """The lowest count, on the day of withdrawal: below 0.1, or 0.10 to 0.49."""
    return round(rng.uniform(0.0, 0.09) if is_low else rng.uniform(0.10, 0.49), 2)


def counts_after(
    nadir: float,
    first_low: int,
    visits: Sequence[int],
    *,
    recovery: float,
    is_treated: bool,
    rng: np.random.Generator,
) -> Counts:
    """All counts of an episode.

    Args:
        nadir: The count on day 0; no later one is lower, nor crosses 0.1 before the rise.
        first_low: Day of the first count below 1.5; 0 or before.
        visits: Days with a count, 0 among them.
        recovery: When the true count reaches 1.5; infinite where it is not known to.
        is_treated: After recovery counts overshoot under G-CSF.
        rng: Noise, and counts before the fall in some patients.
    """
    before = [(-int(rng.integers(14, 60)), round(rng.uniform(2.0, 6.0), 2))]
    counts = before if rng.random() < 0.6 else []
    counts += [(first_low, round(rng.uniform(0.5, 1.4), 2))] if first_low < 0 else []
    rise = min(float(rng.uniform(1.5, 4.0)), 0.9 * recovery)
    top = float(rng.uniform(3.0, 6.0)) * (2.0 if is_treated else 1.0)
    for day in visits:
        noise = float(np.exp(rng.normal(0.0, _NOISE)))
        if day == 0:
            counts.append((0, nadir))
        elif day < recovery:
            counts.append((day, _below(nadir, (day - recovery + rise) / rise, noise)))
        else:
            value = top - (top - RECOVERED) * float(np.exp(-(day - recovery) / 1.5))
            counts.append((day, round(max(value * noise, RECOVERED), 2)))
    return tuple(counts)


def _below(nadir: float, risen: float, noise: float) -> float:
    """A count before recovery; `risen` goes from 0 where the rise begins to 1 where it ends."""
    if risen <= 0 or not np.isfinite(risen):
        value = nadir * noise
        return round(min(max(value, nadir), LOW - 0.01) if nadir < LOW else max(value, nadir), 2)
    least = max(nadir, 0.01)
    value = least * float(np.exp(risen * np.log(RECOVERED / least))) * noise
    return round(min(max(value, nadir), RECOVERED - 0.01), 2)


def printed(value: float, centre: str) -> Record:
    """A count as the centre prints it: per µL in the south, `< 0.1` below that in the east."""
    if centre == "south":
        return {"value": f"{value * 1000:.0f}", "unit": "/uL"}
    if centre == "east" and value < LOW:
        return {"value": f"{LOW:.1f}", "unit": "10*9/L", "comparator": "<"}
    return {"value": f"{value:.2f}", "unit": "10*9/L"}
