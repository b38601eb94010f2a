"""The likelihood of accelerated failure times, exact and interval-censored, with derivatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special

from incohort.stats.interval.inputs import Bounds
from incohort.stats.survival.inputs import Flags, Matrix, Vector

Distribution = Literal["weibull", "lognormal", "loglogistic"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AftDesign:
    """Log times and covariates; `x` has a first column of ones, shape (n, k + 1).

    For exact rows `lower` is the log time; for others the log bounds, infinite where open.
    """

    x: Matrix
    lower: Vector
    upper: Vector
    is_exact: Flags
    distribution: Distribution


@dataclass(frozen=True, slots=True)
class AftLikelihood:
    """At `theta` = (γ, τ), with z = τ log t − xγ: γ = β/σ and τ = 1/σ."""

    theta: Vector
    log_likelihood: float
    score: Vector
    information: Matrix

    @property
    def beta(self) -> Vector:
        """The coefficients to be climbed in: θ."""
        return self.theta


def aft_design(rows: Bounds, x: Matrix, distribution: Distribution) -> AftDesign:
    """Log times made ready; the bounds of a time from 0 are open below."""
    with np.errstate(divide="ignore"):
        lower, upper = np.log(np.maximum(rows.left, 0.0)), np.log(rows.right)
    return AftDesign(
        x=np.column_stack([np.ones(len(x)), x]),
        lower=lower,
        upper=upper,
        is_exact=rows.is_exact,
        distribution=distribution,
    )


def aft_likelihood(data: AftDesign, theta: Vector) -> AftLikelihood:
    """The likelihood of the times, its score and information at `theta`.

    z is linear in theta and the three densities are log-concave, so that the log likelihood is
    concave in theta (Burridge 1981, J R Stat Soc B 43:41): one maximum, and Newton's way there.
    """
    exact = data.is_exact
    tau, eta = float(theta[-1]), data.x @ theta[:-1]
    # Exact: log f(z) + log τ − log t.
    row = np.column_stack([-data.x[exact], data.lower[exact]])
    z = tau * data.lower[exact] - eta[exact]
    log_f, first, second = _density(z, data.distribution)
    n_exact = int(exact.sum())
    total = float(log_f.sum() - data.lower[exact].sum())
    if n_exact:
        total += n_exact * float(np.log(tau))
    score = row.T @ first
    information = -(row * second[:, None]).T @ row
    score[-1] += n_exact / tau
    information[-1, -1] += n_exact / tau**2
    # Intervals: log (S(a) − S(b)).
    bound = _standardised(data, theta)
    log_p, slope, curve = _between(*bound, data.distribution)
    total += float(log_p.sum())
    ends = _ends(data)
    for i in range(2):
        score += ends[i].T @ slope[i]
        for j in range(2):
            information -= (ends[i] * curve[i][j][:, None]).T @ ends[j]
    return AftLikelihood(theta, total, score, information)


def score_by_row(data: AftDesign, theta: Vector) -> Matrix:
    """What each row adds to the score at `theta`, shape (n, k + 2)."""
    exact, between = data.is_exact, ~data.is_exact
    scores = np.zeros((len(data.x), len(theta)))
    z = theta[-1] * data.lower[exact] - data.x[exact] @ theta[:-1]
    first = _density(z, data.distribution)[1]
    scores[exact] = np.column_stack([-data.x[exact], data.lower[exact]]) * first[:, None]
    scores[exact, -1] += 1 / theta[-1]
    _, slope, _ = _between(*_standardised(data, theta), data.distribution)
    scores[between] = sum(end * by[:, None] for end, by in zip(_ends(data), slope, strict=True))
    return scores


def _standardised(data: AftDesign, theta: Vector) -> tuple[Vector, Vector]:
    """The z of the lower and of the upper bound of each interval, infinite where open."""
    between = ~data.is_exact
    tau, eta = float(theta[-1]), data.x[between] @ theta[:-1]
    low, high = (
        np.where(np.isfinite(side), tau * np.where(np.isfinite(side), side, 0.0) - eta, side)
        for side in (data.lower[between], data.upper[between])
    )
    return low, high


def _ends(data: AftDesign) -> tuple[Matrix, Matrix]:
    """dz/dtheta at the lower and at the upper bound of each interval."""
    between = ~data.is_exact
    low, high = (
        np.column_stack([-data.x[between], np.where(np.isfinite(side), side, 0.0)])
        for side in (data.lower[between], data.upper[between])
    )
    return low, high


def standard_quantile(p: float, distribution: Distribution) -> float:
    """Where the standard distribution of log times has p below."""
    match distribution:
        case "weibull":
            return float(np.log(-np.log1p(-p)))
        case "lognormal":
            return float(special.ndtri(p))
        case "loglogistic":
            return float(special.logit(p))


def standard_survival(z: Vector, distribution: Distribution) -> Vector:
    """The standard distribution's survival at z."""
    return np.asarray(np.exp(_log_survival(z, distribution)))


def _density(z: Vector, distribution: Distribution) -> tuple[Vector, Vector, Vector]:
    """Log f, and its first and second derivative."""
    with np.errstate(over="ignore"):
        match distribution:
            case "weibull":  # least extreme value: f = exp(z − eᶻ)
                e = np.exp(z)
                return z - e, 1 - e, -e
            case "lognormal":
                return -(z**2) / 2 - np.log(2 * np.pi) / 2, -z, -np.ones_like(z)
            case "loglogistic":  # f = F (1 − F)
                below, above = special.expit(z), special.expit(-z)
                log_f = special.log_expit(z) + special.log_expit(-z)
                return log_f, above - below, -2 * below * above


def _log_survival(z: Vector, distribution: Distribution) -> Vector:
    """Log S, to full precision in both tails: near S = 1 it is −F."""
    with np.errstate(over="ignore"):
        match distribution:
            case "weibull":
                return np.asarray(-np.exp(z))
            case "lognormal":
                return np.asarray(special.log_ndtr(-z))
            case "loglogistic":
                return np.asarray(special.log_expit(-z))


def _between(
    a: Vector, b: Vector, distribution: Distribution
) -> tuple[Vector, tuple[Vector, Vector], tuple[tuple[Vector, Vector], tuple[Vector, Vector]]]:
    """Log P of (a, b], its slopes in a and b, and its second derivatives.

    With u = f(a)/P and v = f(b)/P: slopes −u and v; second derivatives −u f'/f(a) − u²,
    v f'/f(b) − v², and u v between.
    """
    above_a, above_b = _log_survival(a, distribution), _log_survival(b, distribution)
    with np.errstate(divide="ignore", invalid="ignore"):
        log_p = above_a + np.log(-np.expm1(above_b - above_a))
    ratios, turns = [], []
    for z in (a, b):
        is_finite = np.isfinite(z)
        log_f, turn, _ = _density(np.where(is_finite, z, 0.0), distribution)
        with np.errstate(over="ignore", invalid="ignore"):
            ratios.append(np.where(is_finite, np.exp(log_f - log_p), 0.0))
        turns.append(turn)
    u, v = ratios
    with np.errstate(over="ignore", invalid="ignore"):
        # Where f underflows, so does its product with f'/f.
        uu = np.where(u > 0, -u * turns[0], 0.0) - u**2
        vv = np.where(v > 0, v * turns[1], 0.0) - v**2
    return log_p, (-u, v), ((uu, u * v), (u * v, vv))
