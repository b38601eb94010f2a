"""Draws that meet a printed correlation exactly, after rounding to what a laboratory prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]

_CLOSE = 1e-4  # well inside half a unit of a correlation's third decimal
_GAIN = 1e-9  # far above rounding noise, so that every machine takes the same moves
_MAX_SWEEPS = 200


@dataclass(frozen=True, slots=True)
class Scale:
    """How a made variable is printed: its mean, standard deviation and decimals."""

    mean: float
    sd: float
    decimals: int


def pearson_r(x: Vector, y: Vector) -> float:
    """The product-moment correlation of two samples."""
    u, v = x - x.mean(), y - y.mean()
    return float(u @ v / np.sqrt((u @ u) * (v @ v)))


def correlated(
    base: Vector, drivers: Sequence[Vector], targets: Sequence[float], scale: Scale
) -> Vector:
    """Rounded values that correlate with each driver as its target says, and else follow `base`.

    What `base` shares with the drivers is projected out and put back in the amounts that give
    the targets; rounding is then undone by moving single values by one printed digit.

    Args:
        base: What the variable should look like apart from the drivers, shape (n,).
        drivers: Variables already rounded, each of shape (n,).
        targets: The Pearson correlation wanted with each driver.
        scale: Mean, standard deviation and decimals of the result.

    Returns:
        Shape (n,), each value with `scale.decimals` decimals.
    """
    wanted = np.asarray(targets, dtype=np.float64)
    x = np.column_stack([(driver - driver.mean()) / driver.std() for driver in drivers])
    weights = np.linalg.solve(x.T @ x / len(base), wanted)
    design = np.column_stack([np.ones(len(base)), x])
    rest = base - design @ np.linalg.lstsq(design, base, rcond=None)[0]
    unexplained = 1.0 - float(wanted @ weights)
    values = x @ weights + np.sqrt(unexplained) * rest / rest.std()
    rounded: Vector = np.round(scale.mean + scale.sd * values, scale.decimals)
    return _polished(rounded, drivers, wanted, scale.decimals)


def _polished(values: Vector, drivers: Sequence[Vector], targets: Vector, decimals: int) -> Vector:
    """The values with the fewest one-digit moves that bring every correlation to its target."""
    step = 10.0**-decimals

    def miss(candidate: Vector) -> float:
        farthest: float = max(
            abs(pearson_r(candidate, driver) - target)
            for driver, target in zip(drivers, targets, strict=True)
        )
        return farthest

    best = miss(values)
    for _ in range(_MAX_SWEEPS):
        if best < _CLOSE:
            return values
        for position in range(len(values)):
            for move in (step, -step):
                candidate = values.copy()
                candidate[position] = np.round(candidate[position] + move, decimals)
                distance = miss(candidate)
                if distance < best - _GAIN:
                    values, best = candidate, distance
            if best < _CLOSE:
                break
    msg = f"the correlations stay {best:g} away from their targets; widen the scale's decimals"
    raise ArithmeticError(msg)


def log_normal(rng: np.random.Generator, median: Vector, sigma: float) -> Vector:
    """Right-skewed draws around each median; sigma is the SD of the logarithm."""
    drawn: Vector = median * np.exp(sigma * rng.standard_normal(len(median)))
    return drawn
