"""Draws of a missing column given the others: the three models of a chained equation."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from incohort.stats._ascent import ascent, newton_step
from incohort.stats._logit import LogitLikelihood, logit_likelihood
from incohort.stats.survival.inputs import Codes, Flags, Matrix, Vector

_RIDGE = 1e-5  # of each predictor's sum of squares: enough for predictors that follow from others
_MAX_STEPS = 50


def linear_draw(
    y: Vector, x: Matrix, missing: Flags, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Values from a normal linear model, its coefficients and variance drawn as well.

    Source: Rubin 1987, p. 167 (Bayesian linear regression);
        tests/validation/imputation/test_imputation.py.
    """
    _, drawn, sigma = _linear_coefficients(y[~missing], x[~missing], rng)
    values: Vector = x[missing] @ drawn + sigma * rng.standard_normal(int(missing.sum()))
    return values


def matched_draw(
    y: Vector, x: Matrix, missing: Flags, rng: np.random.Generator, donors: int
) -> NDArray[np.float64]:
    """Observed values of patients whose predicted value is near: predictive mean matching.

    Observed are predicted by the estimated coefficients, missing ones by drawn coefficients; one of
    the nearest `donors` gives its value. Values stay possible ones: no negative counts.

    Source: Little 1988, J Bus Econ Stat 6:287; type 1 matching of van Buuren 2018, section 3.4;
        tests/validation/imputation/test_imputation.py.
    """
    fitted, drawn, _ = _linear_coefficients(y[~missing], x[~missing], rng)
    chosen = nearest(x[~missing] @ fitted, x[missing] @ drawn, rng, donors)
    values: Vector = y[~missing][chosen]
    return values


def logistic_draw(
    y: Vector, x: Matrix, missing: Flags, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Zeros and ones from a logistic model, its coefficients drawn from about their maximum.

    A few faint made-up patients of either outcome at each predictor's high and low values keep the
    maximum finite where the outcomes separate.

    Source: Rubin 1987, p. 169; White, Daniel & Royston 2010, Comput Stat Data Anal 54:2267;
        tests/validation/imputation/test_imputation.py.
    """
    beta, factor = _logistic_coefficients(*_augmented(y[~missing], x[~missing]))
    drawn = beta + factor @ rng.standard_normal(len(beta))
    p = special.expit(x[missing] @ drawn)
    values: Vector = (rng.random(len(p)) < p).astype(np.float64)
    return values


def nearest(
    of_observed: Vector, of_missing: Vector, rng: np.random.Generator, donors: int
) -> Codes:
    """For each missing one, one of the `donors` observed ones with the nearest value."""
    order = rng.permutation(len(of_observed))  # so that ties fall by lot
    order = order[np.argsort(of_observed[order], kind="stable")]
    sorted_values = of_observed[order]
    k = min(donors, len(order))
    place = np.searchsorted(sorted_values, of_missing)
    window = place[:, None] + np.arange(-k, k)
    outside = (window < 0) | (window >= len(order))
    window = np.clip(window, 0, len(order) - 1)
    distance = np.abs(sorted_values[window] - of_missing[:, None])
    distance[outside] = np.inf
    near = np.argpartition(distance, k - 1, axis=1)[:, :k]
    picked = near[np.arange(len(near)), rng.integers(0, k, len(near))]
    chosen: Codes = order[window[np.arange(len(near)), picked]]
    return chosen


def _linear_coefficients(
    y: Vector, x: Matrix, rng: np.random.Generator
) -> tuple[Vector, Vector, float]:
    """The least-squares coefficients, a draw of them, and the draw's residual SD."""
    squares = x.T @ x
    inverse = np.linalg.inv(squares + _RIDGE * np.diag(np.diag(squares)))
    fitted = inverse @ (x.T @ y)
    residual = y - x @ fitted
    df = max(len(y) - x.shape[1], 1)
    sigma = float(np.sqrt(residual @ residual / rng.chisquare(df)))
    factor = np.linalg.cholesky((inverse + inverse.T) / 2)
    return fitted, fitted + sigma * (factor @ rng.standard_normal(len(fitted))), sigma


def _augmented(y: Vector, x: Matrix) -> tuple[Vector, Matrix, Vector]:
    """Outcome, design with its column of ones first, and weights, made-up patients at the end."""
    k = x.shape[1] - 1
    if k == 0:
        return np.append(y, [0.0, 1.0]), np.vstack([x, x[:1], x[:1]]), _weights(len(y), 2, 1)
    mean, spread = x[:, 1:].mean(axis=0), x[:, 1:].std(axis=0)
    shifts = np.vstack([np.diag(spread), -np.diag(spread)]) / 2
    pseudo_patients = np.column_stack([np.ones(2 * k), mean + shifts])
    outcome = np.concatenate([y, np.zeros(2 * k), np.ones(2 * k)])
    return outcome, np.vstack([x, pseudo_patients, pseudo_patients]), _weights(len(y), 4 * k, k + 1)


def _weights(n: int, n_made: int, together: float) -> Vector:
    return np.concatenate([np.ones(n), np.full(n_made, together / n_made)])


def _logistic_coefficients(y: Vector, x: Matrix, w: Vector) -> tuple[Vector, Matrix]:
    """The maximum, by Newton's method with halved steps, and a root of its covariance."""
    ridge = _RIDGE * np.diag(np.diag(x.T @ (w[:, None] * x)))

    def at(beta: Vector) -> LogitLikelihood:
        return logit_likelihood(y, x, beta, weights=w, ridge=ridge)

    for stage in ascent(at(np.zeros(x.shape[1])), newton_step, at, n_steps=_MAX_STEPS):
        beta, information = stage.place.beta, stage.before.information
        if stage.longest < 1e-8:
            break
    covariance = np.linalg.inv(information)
    factor: Matrix = np.linalg.cholesky((covariance + covariance.T) / 2).astype(np.float64)
    return beta, factor
