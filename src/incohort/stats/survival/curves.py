"""What all curves over time share: limits on a scale, times to read them at, and quantiles."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats._quantiles import z_of
from incohort.stats.outcome import NoEstimate
from incohort.stats.survival.inputs import TIE_TOLERANCE, Flags, Vector

ConfType = Literal["log", "log-log", "plain"]


def increasing(times: ArrayLike) -> Vector:
    """Times to read a curve at, shape (m,).

    Raises:
        ValueError: They do not increase, or are not finite.
    """
    chosen = np.asarray(times, dtype=np.float64)
    if chosen.ndim != 1 or not (np.diff(chosen) > 0).all() or not np.isfinite(chosen).all():
        raise ValueError("times must be one-dimensional and increase")
    return chosen


def not_reached(p: float) -> NoEstimate:
    """Why there is no time by which a proportion p had the event."""
    return NoEstimate(
        f"fewer than {100 * p:g}% had the event while they were followed, so the time "
        "by which that many have it is not reached"
    )


def limits(
    survival: Vector, se_log: Vector, conf_level: float, conf_type: ConfType
) -> tuple[Vector, Vector, Flags]:
    """Limits of survival from the standard error of its logarithm, and where there are any."""
    z = z_of(conf_level)
    has_limits = np.isfinite(se_log)
    s, se = survival[has_limits], se_log[has_limits]
    match conf_type:
        case "plain":
            low, high = s - z * se * s, s + z * se * s
        case "log":
            low, high = s * np.exp(-z * se), s * np.exp(z * se)
        case "log-log":  # S^exp(±z se / log S); at S = 1 nothing has happened yet
            log_s = np.log(s)
            width = np.exp(z * np.divide(se, -log_s, out=np.zeros_like(s), where=log_s < 0))
            low, high = np.exp(log_s * width), np.exp(log_s / width)
    ci_low, ci_high = np.zeros_like(survival), np.ones_like(survival)
    ci_low[has_limits] = np.maximum(low, 0)
    ci_high[has_limits] = np.minimum(high, 1)
    return ci_low, ci_high, has_limits


def crossing_of_limit(time: Vector, limit: Vector, p: float) -> float:
    """When a limit comes down to 1 − p; one that also rises does so at its next value below."""
    time, had = np.concatenate([[0.0], time]), np.concatenate([[0.0], 1 - limit])

    def first(reached: Flags) -> float:
        if not reached.any():
            return math.inf
        return float(time[np.argmin(np.where(reached, had, np.inf))])

    leaves = first(had >= p + TIE_TOLERANCE)
    if abs(had[-1] - p) < TIE_TOLERANCE:
        leaves = float(time[-1])
    return (first(had >= p - TIE_TOLERANCE) + leaves) / 2


def crossing(time: Vector, curve: Vector, p: float) -> float:
    """When a curve comes down to 1 − p; the middle of a step that lies on it; else infinity."""
    reached = np.flatnonzero(curve <= 1 - p + TIE_TOLERANCE)
    if len(reached) == 0:
        return math.inf
    passed = np.flatnonzero(curve <= 1 - p - TIE_TOLERANCE)
    # A curve that ends on the line is taken to leave it at the last time, as R does.
    leaves = time[passed[0]] if len(passed) else time[-1]
    return float(time[reached[0]] + leaves) / 2
