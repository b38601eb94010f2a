"""The likelihood of a logistic model, with weights and a ridge where they are given."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class LogitLikelihood:
    """The log likelihood at `beta` with its gradient and its curvature downwards."""

    beta: Vector
    log_likelihood: float
    score: Vector
    information: Matrix


def logit_likelihood(
    y: Vector,
    x: Matrix,
    beta: Vector,
    *,
    weights: Vector | None = None,
    ridge: Matrix | None = None,
) -> LogitLikelihood:
    """Of outcomes 0 and 1 with log odds xβ, less ½ βᵀ ridge β."""
    w = np.ones(len(y)) if weights is None else weights
    along = x @ beta
    p = special.expit(along)
    height = float(w @ special.log_expit((2 * y - 1) * along))
    score: Vector = x.T @ (w * (y - p))
    information: Matrix = x.T @ ((w * p * (1 - p))[:, None] * x)
    if ridge is None:
        return LogitLikelihood(beta, height, score, information)
    return LogitLikelihood(
        beta, height - float(beta @ ridge @ beta) / 2, score - ridge @ beta, information + ridge
    )
