"""Firth's penalised likelihood of a logistic model: its maximum, and its profile."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

from incohort.stats._ascent import ascent

Matrix = NDArray[np.float64]

_TOLERANCE = 1e-10  # of a step, in standard deviations of the covariates
_SLACK = 1e-13  # by which rounding may lower the likelihood, relative to its size
_MAX_ITERATIONS = 200
_MAX_HALVINGS = 60  # beyond them a step no longer changes a coefficient
_H = 1e-5  # for slopes by central differences
_MAX_STEP = 5.0
_MAX_DOUBLINGS = 60


class NotConvergedError(Exception):
    """No maximum was reached."""


@dataclass(frozen=True, slots=True)
class _Height:
    """The penalised log likelihood at some coefficients."""

    beta: Matrix
    log_likelihood: float


@dataclass(frozen=True, slots=True)
class PenalisedLikelihood:
    """log L + ½ log det I of a logistic model (Firth 1993; Heinze & Schemper 2002, section 2).

    Attributes:
        y: Outcomes 0 and 1, shape (n,).
        design: With its column of ones, of full rank and well scaled, shape (n, k).
    """

    y: Matrix
    design: Matrix

    def at(self, beta: Matrix) -> float:
        """The penalised log likelihood."""
        log_likelihood = float(special.log_expit((2 * self.y - 1) * (self.design @ beta)).sum())
        return log_likelihood + float(np.linalg.slogdet(self.information(beta))[1]) / 2

    def information(self, beta: Matrix) -> Matrix:
        """Fisher's information, shape (k, k)."""
        p = special.expit(self.design @ beta)
        information: Matrix = self.design.T @ ((p * (1 - p))[:, None] * self.design)
        return information

    def maximum(self) -> Matrix:
        """The coefficients at its maximum.

        Raises:
            NotConvergedError: It was not reached.
        """
        k = self.design.shape[1]
        return self._climb(np.zeros(k), np.eye(k))

    def profile(self, top: Matrix, direction: Matrix, value: float) -> float:
        """Its largest value where `direction @ beta` is held at `value`; the penalty stays whole.

        Raises:
            NotConvergedError: It was not reached.
        """
        along = np.linalg.solve(self.information(top), direction)
        start = top + along * (value - direction @ top) / (direction @ along)
        free = np.linalg.qr(direction[:, None], mode="complete")[0][:, 1:]
        return self.at(self._climb(start, free))

    def limits(self, top: Matrix, direction: Matrix, conf_level: float) -> tuple[float, float]:
        """The values of `direction @ beta` at which twice the drop is the chi-square quantile.

        Raises:
            NotConvergedError: No limit was found.
        """
        highest, allowed = self.at(top), float(special.chdtri(1, 1 - conf_level))
        centre = float(direction @ top)
        se = math.sqrt(direction @ np.linalg.solve(self.information(top), direction))

        def excess(step: float) -> float:
            return 2 * (highest - self.profile(top, direction, centre + step * se)) - allowed

        low, high = (centre + se * _edge(excess, sign) for sign in (-1.0, 1.0))
        return low, high

    def _climb(self, beta: Matrix, free: Matrix) -> Matrix:
        """Newton steps within the span of `free`, halved where they would lead down."""
        if not free.size:
            return beta

        def step(here: _Height) -> Matrix:
            move = free @ self._step(here.beta, free)
            longest = float(np.abs(move).max())
            return np.asarray(move * (_MAX_STEP / longest) if longest > _MAX_STEP else move)

        def at(there: Matrix) -> _Height:
            return _Height(there, self.at(there))

        way = ascent(
            at(beta), step, at, n_steps=_MAX_ITERATIONS, n_halvings=_MAX_HALVINGS, slack=_SLACK
        )
        for stage in way:
            if stage.step is None:
                continue
            if float(np.abs(stage.place.beta - stage.before.beta).max()) <= _TOLERANCE:
                return stage.before.beta
        raise NotConvergedError

    def _step(self, beta: Matrix, free: Matrix) -> Matrix:
        """From the modified score's slope by central differences; from I where that bends upward.

        Scoring by I alone, as Firth's equations are mostly solved, overshoots for ever where the
        penalty outweighs the data, as it does far out in a profile.
        """
        score = free.T @ self._modified_score(beta)
        ahead = [self._modified_score(beta + _H * way) for way in free.T]
        behind = [self._modified_score(beta - _H * way) for way in free.T]
        slope = free.T @ (np.subtract(ahead, behind).T / (2 * _H))
        bend: Matrix = -(slope + slope.T) / 2
        if np.linalg.eigvalsh(bend)[0] <= 0:
            bend = np.asarray(free.T @ self.information(beta) @ free, dtype=np.float64)
        return np.asarray(np.linalg.solve(bend, score), dtype=np.float64)

    def _modified_score(self, beta: Matrix) -> Matrix:
        """X'(y − p + h(½ − p)) with the leverages h (Heinze & Schemper 2002, section 2)."""
        p = special.expit(self.design @ beta)
        root = np.sqrt(p * (1 - p))[:, None] * self.design
        leverage = (np.linalg.solve(root.T @ root, root.T).T * root).sum(axis=1)
        score: Matrix = self.design.T @ (self.y - p + leverage * (0.5 - p))
        return score


def _edge(excess: Callable[[float], float], sign: float) -> float:
    """Where the drop, 0 at the maximum, exceeds what is allowed, on one side."""
    reach = 1.0
    for _ in range(_MAX_DOUBLINGS):
        if excess(sign * reach) > 0:
            return float(optimize.brentq(excess, 0.0, sign * reach, xtol=1e-11, rtol=1e-13))
        reach *= 2
    raise NotConvergedError
