"""The way to the maximum of Cox's likelihood, and how to see that there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incohort.stats.outcome import NoEstimate
from incohort.stats.survival.cox_likelihood import Design, Likelihood, likelihood
from incohort.stats.survival.inputs import Matrix, Vector

_MAX_STEPS = 60
_MAX_HALVINGS = 30
_CONVERGED = 1e-12  # of scoreᵀ information⁻¹ score, twice the log likelihood still to gain
_FLAT = 1e-3  # of the same: what is left to gain where a likelihood may be monotone
_LONG = 0.5  # of a step in the linear predictor that gains almost nothing
_ORDER_TOLERANCE = 1e-5  # of the spread of the linear predictor along the step


@dataclass(frozen=True, slots=True)
class Climb:
    """Where the climb ended; at no maximum where `is_monotone`."""

    at: Likelihood
    is_monotone: bool


def climb(data: Design, start: Likelihood) -> Climb | NoEstimate:
    """Newton–Raphson with step halving, from `start`.

    Along a direction in which the likelihood rises for ever, it rises by ever less while the
    steps stay long. Such a step names the direction, and whether it orders all events is then
    checked, not guessed.
    """
    now = start
    for _ in range(_MAX_STEPS):
        try:
            step: Vector = np.linalg.solve(now.information, now.score).astype(np.float64)
        except np.linalg.LinAlgError:
            break
        gain = float(step @ now.score)
        if gain < _FLAT and np.ptp(data.x @ step) > _LONG and _orders_all_events(data, step):
            return Climb(now, is_monotone=True)
        following = _halved(data, now, step)
        if following is None:
            break
        now = following
        if gain < _CONVERGED:
            return Climb(now, is_monotone=False)
    return NoEstimate("the model did not converge")


def _halved(data: Design, now: Likelihood, step: Vector) -> Likelihood | None:
    """The first of step, step/2, step/4 … that does not lower the likelihood."""
    slack = 1e-12 * (1 + abs(now.log_likelihood))
    for _ in range(_MAX_HALVINGS):
        tried = likelihood(data, now.beta + step)
        if tried.log_likelihood >= now.log_likelihood - slack and np.isfinite(tried.score).all():
            return tried
        step = step / 2
    return None


def _orders_all_events(data: Design, direction: Vector) -> bool:
    """Whether at each event nobody at risk stands higher along the direction than those with it.

    That is the condition for a monotone likelihood (Jacobsen 1989; Heinze & Schemper 2001).
    """
    along = data.x @ direction
    highest = _highest_at_risk(data, along)
    return bool((along[data.event_row] >= highest - _ORDER_TOLERANCE * np.ptp(along)).all())


def _highest_at_risk(data: Design, values: Vector) -> Vector:
    """The largest value among those at risk at each event.

    Each row covers a run of sets; it is written as two overlapping runs of 2^level sets, and the
    levels are then handed down by halves.
    """
    sets = data.sets
    first = np.zeros_like(sets.last) if sets.first is None else sets.first
    length = sets.last - first
    covers = length > 0
    first, last, length, values = first[covers], sets.last[covers], length[covers], values[covers]
    level = np.frexp(length.astype(float))[1] - 1
    highest: Matrix = np.full((int(level.max()) + 1, sets.n_sets), -np.inf)
    np.maximum.at(highest, (level, first), values)
    np.maximum.at(highest, (level, last - (1 << level)), values)
    for top in range(len(highest) - 1, 0, -1):
        half = 1 << (top - 1)
        np.maximum(highest[top - 1], highest[top], out=highest[top - 1])
        np.maximum(highest[top - 1, half:], highest[top, :-half], out=highest[top - 1, half:])
    lowest_level: Vector = highest[0]
    return lowest_level[data.event_set]
