"""The way to the maximum of Cox's likelihood, and how to see that there is none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg

from incohort.stats._ascent import ascent, gain, if_finite, newton_step
from incohort.stats.outcome import NoEstimate
from incohort.stats.survival.cox_likelihood import Design, Likelihood, likelihood
from incohort.stats.survival.inputs import Matrix, Vector

_CONVERGED = 1e-12  # of scoreᵀ information⁻¹ score, twice the log likelihood still to gain
_EXHAUSTED = 1e-6  # information left in a direction, of what there was at coefficients 0
_ORDER_TOLERANCE = 1e-5  # of the spread of the linear predictor along a direction


@dataclass(frozen=True, slots=True)
class Climb:
    """Where the climb ended; at no maximum where `is_monotone`."""

    at: Likelihood
    is_monotone: bool


def climb(data: Design, start: Likelihood) -> Climb | NoEstimate:
    """Newton–Raphson with step halving, from `start` at coefficients 0.

    Along a direction in which the likelihood rises for ever, the information runs out. Where it
    has, whether the direction orders all events is checked, not guessed.
    """
    stages = ascent(start, newton_step, lambda beta: if_finite(likelihood(data, beta)))
    for stage in stages:
        now = stage.place
        if gain(stage) < _CONVERGED and _is_sound(now.information):
            return Climb(now, is_monotone=False)
        direction = _exhausted(now, start.information)
        if direction is not None and _orders_all_events(data, direction):
            return Climb(now, is_monotone=True)
    return NoEstimate("the model did not converge")


def _exhausted(now: Likelihood, at_zero: Matrix) -> Vector | None:
    """Where the coefficients go, within the directions that have no information left."""
    values, vectors = linalg.eigh(now.information, at_zero)
    gone = vectors[:, values < _EXHAUSTED]
    if gone.shape[1] == 0:
        return None
    direction: Vector = gone @ (gone.T @ at_zero @ now.beta)
    return direction


def _is_sound(information: Matrix) -> bool:
    """Whether the information can be inverted: positive in every direction, beyond rounding."""
    scale = np.sqrt(np.maximum(np.diag(information), np.finfo(np.float64).tiny))
    values = np.linalg.eigvalsh(information / np.outer(scale, scale))
    return bool(values[0] > len(values) * np.finfo(np.float64).eps * values[-1])


def _orders_all_events(data: Design, direction: Vector) -> bool:
    """Whether at each event nobody at risk stands higher along the direction than those with it.

    That is the condition for a monotone likelihood (Bryson & Johnson 1981, Technometrics 23:381).
    """
    along = data.x @ direction
    highest = _highest_at_risk(data, along)
    return bool((along[data.event_row] >= highest - _ORDER_TOLERANCE * np.ptp(along)).all())


def _highest_at_risk(data: Design, values: Vector) -> Vector:
    """The largest value among those at risk at each event.

    Each row covers a run of sets; it is written as two overlapping runs of 2^level sets, and the
    levels are then handed down by halves.
    """
    covers = data.sets.last > data.sets.first
    first, last = data.sets.first[covers], data.sets.last[covers]
    level = np.frexp((last - first).astype(float))[1] - 1
    highest: Matrix = np.full((int(level.max()) + 1, data.sets.n_sets), -np.inf)
    np.maximum.at(highest, (level, first), values[covers])
    np.maximum.at(highest, (level, last - (1 << level)), values[covers])
    for top in range(len(highest) - 1, 0, -1):
        half = 1 << (top - 1)
        np.maximum(highest[top - 1], highest[top], out=highest[top - 1])
        np.maximum(highest[top - 1, half:], highest[top, :-half], out=highest[top - 1, half:])
    lowest_level: Vector = highest[0]
    return lowest_level[data.event_set]
