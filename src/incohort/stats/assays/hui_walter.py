"""Accuracy of two assays without a reference, from two populations with unlike prevalence."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from incohort.stats.assays import _two_classes as engine
from incohort.stats.assays._two_class_intervals import intervals
from incohort.stats.assays.paired import cells
from incohort.stats.outcome import Interval, NoEstimate, check_conf_level

Array = NDArray[np.float64]

_N_STARTS = 50
_INSIDE = 0.02  # how far from 0 and 1 a refit starts
_X = engine.patterns(2)


@dataclass(frozen=True, slots=True, kw_only=True)
class HuiWalter:
    """Prevalence in each population, and each assay's sensitivity and specificity.

    `is_closed_form` says that the equations have their solution inside [0, 1], where it is the
    maximum of the likelihood; else the maximum lies at an edge, a sign that the assays' errors
    depend on each other or differ between the populations. As many numbers are estimated as seen:
    no test of the model is left.
    """

    prevalence: tuple[Interval, Interval]
    sensitivity: tuple[Interval, Interval]
    specificity: tuple[Interval, Interval]
    is_closed_form: bool
    log_likelihood: float
    n: tuple[int, int]
    resamples: int
    seed: int


def hui_walter(
    population_1: ArrayLike,
    population_2: ArrayLike,
    *,
    conf_level: float = 0.95,
    resamples: int = 1000,
    seed: int = 1,
) -> HuiWalter | NoEstimate:
    """Prevalences, sensitivities and specificities of two assays in two populations.

    It takes the assays' errors to be independent given the disease, and as frequent in one
    population as in the other; the prevalences must differ. The classes are named so that the
    assays' Youden indices add to more than 0.

    Args:
        population_1: Counts [[both, first_only], [second_only, neither]], shape (2, 2).
        population_2: The same in the other population.
        conf_level: In (0, 1).
        resamples: How many resamples of patients for the intervals.
        seed: Of NumPy's default generator: the same seed gives the same result.

    Source: Hui & Walter 1980, Biometrics 36:167; R's nlminb on the likelihood;
        tests/validation/assays/latent_class.R.
    """
    check_conf_level(conf_level)
    tables = [cells(population_1), cells(population_2)]
    sizes = (sum(tables[0]), sum(tables[1]))
    if min(sizes) == 0:
        return NoEstimate("one of the populations has no patient with both assays")
    # pattern numbers: bit 0 is the first assay, bit 1 the second
    counts = np.array([[[d, b, c, a] for a, b, c, d in tables]], dtype=np.float64)
    solved = _solve(counts[0] / counts[0].sum(axis=1, keepdims=True))
    rng = np.random.default_rng(seed)
    if solved is None:
        fitted = _maximum(counts, rng)
        if isinstance(fitted, NoEstimate):
            return fitted
        theta = fitted
    else:
        theta = solved
    if not engine.has_full_rank(theta, 2, _X) or _is_flat(theta):
        return NoEstimate(
            "the two populations are too alike, or an assay tells nothing: prevalence and errors "
            "can't be told apart"
        )
    estimates = intervals(theta, _refits(counts, theta, resamples, rng), counts, conf_level)
    return HuiWalter(
        prevalence=(estimates[0], estimates[1]),
        sensitivity=(estimates[2], estimates[3]),
        specificity=(estimates[4], estimates[5]),
        is_closed_form=solved is not None,
        log_likelihood=float(engine.log_likelihood(theta[None], counts, _X)[0]),
        n=sizes,
        resamples=resamples,
        seed=seed,
    )


def _solve(p: Array) -> Array | None:
    """The six equations in closed form; None where they have no solution within (0, 1).

    With m the assays' shares of positives, J their Youden indices and d = π₁ − π₂: the shares
    differ by d·J, and within a population the results covary by π(1 − π)·J₁·J₂. So
    u = covariance / (Δm₁·Δm₂) is π(1 − π)/d² for each population, and 1/d² = 4u₁ + (1 − u₁ + u₂)².
    """
    first, second, both = p[:, 1] + p[:, 3], p[:, 2] + p[:, 3], p[:, 3]
    gap_1, gap_2 = float(first[0] - first[1]), float(second[0] - second[1])
    if gap_1 * gap_2 == 0:
        return None
    u = (both - first * second) / (gap_1 * gap_2)
    w = float(u[0] - u[1])
    inverse = 4 * float(u[0]) + (1 - w) ** 2
    if inverse <= 0:
        return None
    d = 1 / math.sqrt(inverse)
    if gap_1 + gap_2 < 0:
        d = -d  # the sign that makes the Youden indices add to more than 0
    prevalence = np.array([(1 - w * d + d) / 2, (1 - w * d - d) / 2])
    youden = np.array([gap_1, gap_2]) / d
    false_positive = np.array([first[0], second[0]]) - prevalence[0] * youden
    theta = np.concatenate([prevalence, false_positive + youden, false_positive])
    return theta if ((theta > 0) & (theta < 1)).all() else None


def _maximum(counts: Array, rng: np.random.Generator) -> Array | NoEstimate:
    errors = np.sort(rng.uniform(0.02, 0.98, (_N_STARTS, 2, 2)), axis=2)
    prevalence = rng.uniform(0.05, 0.95, (_N_STARTS, 2))
    start = np.hstack([prevalence, errors[:, :, 1], errors[:, :, 0]])
    theta, heights, converged = engine.maximise(counts, start, _X)
    if not converged.any():
        return NoEstimate("the model did not converge from any start")
    theta, heights = engine.oriented(theta, 2)[converged], heights[converged]
    peaks = theta[heights > heights.max() - 1e-6]
    if np.ptp(peaks, axis=0).max() > 1e-3:
        return NoEstimate(
            "several sets of prevalences, sensitivities and specificities explain the results "
            "equally well"
        )
    best: Array = theta[int(np.argmax(heights))]
    return best


def _is_flat(theta: Array) -> bool:
    """Whether the prevalences, or an assay's results with and without disease, are the same."""
    apart = np.abs([theta[0] - theta[1], theta[2] - theta[4], theta[3] - theta[5]])
    return bool(apart.min() < 1e-6)


def _refits(counts: Array, theta: Array, resamples: int, rng: np.random.Generator) -> Array:
    sizes = counts[0].sum(axis=1)
    samples = np.stack(
        [
            rng.multinomial(int(n), row / n, size=resamples)
            for row, n in zip(counts[0], sizes, strict=True)
        ],
        axis=1,
    ).astype(np.float64)
    start = np.repeat(np.clip(theta, _INSIDE, 1 - _INSIDE)[None], resamples, axis=0)
    return engine.oriented(engine.maximise(samples, start, _X)[0], 2)
