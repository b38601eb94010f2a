"""The likelihood of two latent classes, maximised for many samples at once.

Parameters of one fit stand in a row: the prevalence of each population, then each assay's
sensitivity, then each assay's false positive share. Results of k assays have 2ᵏ patterns; counts
have the shape (fits, populations, patterns).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_EDGE = 1e-12  # estimates may reach 0 or 1 up to this, where the logarithm still has a value
_STEP = 1e-10  # largest change of a parameter in one cycle at which a fit has converged
_MAX_CYCLES = 5000
_RANK_TOLERANCE = 1e-7  # of the Jacobian's singular values, relative to the largest


def patterns(k: int) -> Array:
    """All results of k assays, shape (2ᵏ, k); assay j is bit j of the pattern's number."""
    bits: Array = ((np.arange(2**k)[:, None] >> np.arange(k)) & 1).astype(np.float64)
    return bits


def cell_probabilities(theta: Array, n_populations: int, x: Array) -> Array:
    """The probability of each pattern in each population, shape (fits, populations, patterns)."""
    prevalence, diseased, healthy = _parts(theta, n_populations, x)
    return prevalence * diseased + (1 - prevalence) * healthy


def log_likelihood(theta: Array, counts: Array, x: Array) -> Array:
    """The log-likelihood of each fit, without the multinomial constant, shape (fits,)."""
    p = np.maximum(cell_probabilities(theta, counts.shape[1], x), 1e-300)
    total: Array = (counts * np.log(p)).sum(axis=(1, 2))
    return total


def maximise(
    counts: Array, start: Array, x: Array, held: NDArray[np.bool_] | None = None
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Estimates, log-likelihoods and whether each fit converged.

    Parameters that are `held`, shape (parameters,), keep their value of the start.

    EM with squared extrapolation: two steps give a direction and its curvature, the leap along
    them is kept where the likelihood doesn't fall below that of the two plain steps.

    Source: Dempster, Laird & Rubin 1977; Varadhan & Roland 2008, Scand J Stat 35:335, scheme S3.
    """
    theta = np.clip(start, _EDGE, 1 - _EDGE)
    converged = np.zeros(len(theta), dtype=bool)
    fixed = np.zeros(theta.shape[1], dtype=bool) if held is None else held
    for _ in range(_MAX_CYCLES):
        active = np.flatnonzero(~converged)
        if len(active) == 0:
            break
        seen = counts if len(counts) == 1 else counts[active]
        before = theta[active]
        first = np.where(fixed, before, _em_step(before, seen, x))
        second = np.where(fixed, before, _em_step(first, seen, x))
        r, v = first - before, second - 2 * first + before
        norm = np.sqrt((v**2).sum(axis=1))
        length = np.sqrt((r**2).sum(axis=1)) / np.maximum(norm, 1e-300)
        length = np.clip(length, 1.0, 1e6)[:, None]
        leap = np.clip(before + 2 * length * r + length**2 * v, _EDGE, 1 - _EDGE)
        leap = np.where(fixed, before, _em_step(np.where(fixed, before, leap), seen, x))
        better = log_likelihood(leap, seen, x) >= log_likelihood(second, seen, x)
        theta[active] = np.where(better[:, None], leap, second)
        converged[active] = np.abs(theta[active] - before).max(axis=1) < _STEP
    return theta, log_likelihood(theta, counts, x), converged


def oriented(theta: Array, n_populations: int) -> Array:
    """The same fits with the classes named so that the assays' Youden indices add to 0 or more."""
    g = n_populations
    k = (theta.shape[1] - g) // 2
    prevalence, sensitivity, false_positive = theta[:, :g], theta[:, g : g + k], theta[:, g + k :]
    is_turned = (sensitivity.sum(axis=1) < false_positive.sum(axis=1))[:, None]
    turned = np.hstack([1 - prevalence, false_positive, sensitivity])
    named: Array = np.where(is_turned, turned, theta)
    return named


def jacobian(theta: Array, n_populations: int, x: Array) -> Array:
    """Derivatives of all pattern probabilities by the parameters of one fit, shape (G·2ᵏ, G + 2k).

    By complex steps, exact to rounding.
    """
    columns = []
    for i in range(len(theta)):
        moved = theta.astype(np.complex128)
        moved[i] += 1e-30j
        columns.append(_complex_probabilities(moved, n_populations, x).imag / 1e-30)
    derivatives: Array = np.column_stack(columns)
    return derivatives


def has_full_rank(theta: Array, n_populations: int, x: Array) -> bool:
    """Whether any small change of the parameters changes what is seen, at these values."""
    singular = np.linalg.svd(jacobian(theta, n_populations, x), compute_uv=False)
    return bool(singular[-1] > _RANK_TOLERANCE * singular[0])


def _complex_probabilities(
    theta: NDArray[np.complex128], n_populations: int, x: Array
) -> NDArray[np.complex128]:
    g, k = n_populations, x.shape[1]
    diseased = np.where(x == 1, theta[g : g + k], 1 - theta[g : g + k]).prod(axis=1)
    healthy = np.where(x == 1, theta[g + k :], 1 - theta[g + k :]).prod(axis=1)
    p = theta[:g, None] * diseased + (1 - theta[:g, None]) * healthy
    flat: NDArray[np.complex128] = p.ravel()
    return flat


def _parts(theta: Array, n_populations: int, x: Array) -> tuple[Array, Array, Array]:
    """Prevalences, and each pattern's probability among the diseased and the healthy."""
    g, k = n_populations, x.shape[1]
    errors = np.clip(theta[:, g:], _EDGE, 1 - _EDGE)
    positive, negative = np.log(errors), np.log1p(-errors)
    # sums of logarithms as matrix products: many times faster than products over (fits, 2ᵏ, k)
    diseased = np.exp(positive[:, :k] @ x.T + negative[:, :k] @ (1 - x).T)
    healthy = np.exp(positive[:, k:] @ x.T + negative[:, k:] @ (1 - x).T)
    return theta[:, :g, None], diseased[:, None, :], healthy[:, None, :]


def _em_step(theta: Array, counts: Array, x: Array) -> Array:
    """One step: who is how likely diseased, then the shares of patients weighted by that."""
    prevalence, diseased, healthy = _parts(theta, counts.shape[1], x)
    joint = prevalence * diseased
    weights = joint / np.maximum(joint + (1 - prevalence) * healthy, 1e-300)
    sick = counts * weights
    by_population = sick.sum(axis=2) / counts.sum(axis=2)
    sick_by_pattern = sick.sum(axis=1)
    well_by_pattern = counts.sum(axis=1) - sick_by_pattern
    n_sick = np.maximum(sick_by_pattern.sum(axis=1, keepdims=True), 1e-300)
    n_well = np.maximum(well_by_pattern.sum(axis=1, keepdims=True), 1e-300)
    stepped = np.hstack([by_population, sick_by_pattern @ x / n_sick, well_by_pattern @ x / n_well])
    inside: Array = np.clip(stepped, _EDGE, 1 - _EDGE)
    return inside
