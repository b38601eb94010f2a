"""Intervals of two latent classes: percentiles of refits, profile likelihood at the edges."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from incohort.stats.assays import _two_classes as engine
from incohort.stats.outcome import Interval

Array = NDArray[np.float64]

_EDGE = 1e-6  # nearer to 0 or 1 than this an estimate is 0 or 1
_GRID = 33  # values tried at once
_ROUNDS = 6  # each narrows the limit by _GRID − 1
_INSIDE = 0.05  # how far from 0 and 1 the other parameters start


def intervals(theta: Array, draws: Array, counts: Array, conf_level: float) -> tuple[Interval, ...]:
    """Intervals of prevalences, sensitivities and specificities, in this order.

    Args:
        theta: The estimates, shape (G + 2k,).
        draws: Those of resamples, shape (resamples, G + 2k).
        counts: What was seen, shape (1, G, 2ᵏ).
        conf_level: In (0, 1).
    """
    n_positive_scale = (len(theta) + counts.shape[1]) // 2  # prevalences and sensitivities
    tails = [(1 - conf_level) / 2, (1 + conf_level) / 2]
    low, high = np.quantile(draws, tails, axis=0)
    estimates = []
    for i, value in enumerate(theta.tolist()):
        if min(value, 1 - value) < _EDGE:
            limit = _profile_limit(theta, i, counts, conf_level)
            edge = float(round(value))
            limits = (edge, min(edge, limit), max(edge, limit))
            method = "profile likelihood, as the estimate is at the edge"
        else:
            limits = (value, min(float(low[i]), value), max(float(high[i]), value))
            method = "percentile bootstrap"
        if i >= n_positive_scale:  # false positive shares become specificities
            limits = (1 - limits[0], 1 - limits[2], 1 - limits[1])
        estimates.append(
            Interval(
                estimate=limits[0],
                ci_low=_off_edge(limits[1]),
                ci_high=_off_edge(limits[2]),
                conf_level=conf_level,
                method=f"two latent classes, maximum likelihood, {method}",
            )
        )
    return tuple(estimates)


def _profile_limit(theta: Array, i: int, counts: Array, conf_level: float) -> float:
    """How far parameter i may leave its edge before the likelihood ratio rejects it.

    The other parameters are fitted anew at each value; the crossing nearest to the edge is
    narrowed down over a grid.
    """
    x = engine.patterns((len(theta) - counts.shape[1]) // 2)
    top = float(engine.log_likelihood(theta[None], counts, x)[0])
    lost = float(special.chdtri(1, 1 - conf_level)) / 2
    held = np.arange(len(theta)) == i
    near, far = float(round(theta[i])), 1.0 - float(round(theta[i]))
    for _ in range(_ROUNDS):
        values = np.linspace(near, far, _GRID)
        start = np.repeat(np.clip(theta, _INSIDE, 1 - _INSIDE)[None], _GRID, axis=0)
        start[:, i] = values
        heights = engine.maximise(counts, start, x, held)[1]
        rejected = np.flatnonzero(heights < top - lost)
        rejected = rejected[rejected > 0]
        if len(rejected) == 0:
            return far
        near, far = float(values[rejected[0] - 1]), float(values[rejected[0]])
    return (near + far) / 2


def _off_edge(value: float) -> float:
    return float(round(value)) if min(value, 1 - value) < _EDGE else value
