"""Accuracy of three assays and more without a reference: two latent classes in one population.

Everybody either has the antibody or not, unseen; given that, the assays err independently. Assays
that share an antigen or a reading err together, and then share their errors as if they were truth:
the dependence of every pair is tested.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from incohort.stats.assays import _two_classes as engine
from incohort.stats.assays._two_class_intervals import intervals
from incohort.stats.multiplicity import holm
from incohort.stats.outcome import HypothesisTest, Interval, NoEstimate, check_conf_level

Array = NDArray[np.float64]

MAX_ASSAYS = 10
_SAME_PEAK = 1e-6  # log-likelihoods nearer than this are one maximum
_INSIDE = 0.02  # how far from 0 and 1 a refit starts
_APART = 1e-3  # estimates further apart than this at one maximum are not identified


@dataclass(frozen=True, slots=True, kw_only=True)
class PairDependence:
    """Whether two assays agree more, or less, than the two classes explain.

    `residual` is Σ(observed − expected)²/expected of their 2×2 table, `excess` the observed less
    the expected number positive by both. P is from the parametric bootstrap, `p_holm` corrected
    for all pairs.
    """

    first: int
    second: int
    residual: float
    excess: float
    p_value: float
    p_holm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LatentClassFit:
    """Prevalence and each assay's sensitivity and specificity, in the columns' order.

    `df` are the degrees of freedom left to test the model: with three assays none, so that neither
    `goodness_of_fit` nor `dependence` can speak. `n_starts_at_best` of `n_starts` found the
    maximum reported.
    """

    prevalence: Interval
    sensitivity: tuple[Interval, ...]
    specificity: tuple[Interval, ...]
    log_likelihood: float
    df: int
    goodness_of_fit: HypothesisTest | NoEstimate
    dependence: tuple[PairDependence, ...] | NoEstimate
    n: int
    n_starts: int
    n_starts_at_best: int
    resamples: int
    seed: int


def latent_class(
    positive: ArrayLike,
    *,
    conf_level: float = 0.95,
    starts: int = 50,
    resamples: int = 1000,
    seed: int = 1,
) -> LatentClassFit | NoEstimate:
    """Prevalence, sensitivities and specificities by maximum likelihood with two latent classes.

    Whether the data can tell the parameters apart is checked before (degrees of freedom) and at
    the maximum (rank of the Jacobian, starts that end elsewhere at the same height). The classes
    are named so that the assays' Youden indices add to more than 0. Intervals are percentiles; an
    estimate of 0 or 1, which resampling can't move, has its limit from the profile likelihood.

    Args:
        positive: True for positive, shape (n patients, k assays), 3 ≤ k ≤ 10, complete.
        conf_level: In (0, 1).
        starts: How many random starts.
        resamples: How many resamples of patients for the intervals, and how many samples from the
            fitted model for the tests.
        seed: Of NumPy's default generator: the same seed gives the same result.

    Source: Dempster, Laird & Rubin 1977; Goodman 1974, Biometrika 61:215 (identifiability); Collins
        & Lanza 2010, chapter 4 (bootstrap of G²); Oberski, van Kollenburg & Vermunt 2013 (bivariate
        residuals); R's nlminb on the likelihood; tests/validation/assays/latent_class.R.
    """
    check_conf_level(conf_level)
    results = np.asarray(positive)
    if results.ndim != 2 or results.dtype != np.bool_:
        msg = "results are a boolean matrix: a row for each patient, a column for each assay"
        raise ValueError(msg)
    n, k = results.shape
    refused = _not_identified(results)
    if refused:
        return NoEstimate(refused)
    x, rng = engine.patterns(k), np.random.default_rng(seed)
    codes = results.astype(np.int64) @ (1 << np.arange(k))
    counts = np.bincount(codes, minlength=2**k).astype(np.float64)[None, None]
    fitted = _best(counts, _random_starts(starts, k, rng), x)
    if isinstance(fitted, NoEstimate):
        return fitted
    theta, log_likelihood, n_at_best = fitted
    probability = engine.cell_probabilities(theta[None], 1, x)[0, 0]
    draws = _refitted(counts[0, 0] / n, n, theta, resamples, x, rng)[1]
    df = 2**k - 1 - (2 * k + 1)
    goodness: HypothesisTest | NoEstimate
    dependence: tuple[PairDependence, ...] | NoEstimate
    if df == 0:
        goodness = dependence = NoEstimate(
            "three assays leave no degree of freedom to test the model; a fourth would"
        )
    else:
        samples, refits = _refitted(probability, n, theta, resamples, x, rng)
        goodness = _goodness(counts[0], samples, theta, refits, df, x)
        dependence = _dependence(counts[0], samples, theta, refits, x)
    prevalence, *rest = intervals(theta, draws, counts, conf_level)
    return LatentClassFit(
        prevalence=prevalence,
        sensitivity=tuple(rest[:k]),
        specificity=tuple(rest[k:]),
        log_likelihood=log_likelihood,
        df=df,
        goodness_of_fit=goodness,
        dependence=dependence,
        n=n,
        n_starts=starts,
        n_starts_at_best=n_at_best,
        resamples=resamples,
        seed=seed,
    )


def _not_identified(results: NDArray[np.bool_]) -> str:
    """Why the data can't tell the parameters apart whatever they are, or nothing."""
    n, k = results.shape
    if k < 3:
        assays, whose = ("1 assay", "its") if k == 1 else (f"{k} assays", "their")
        return (
            f"{assays} in one population can't tell {whose} errors from the prevalence: "
            "take three assays, or two in two populations"
        )
    if k > MAX_ASSAYS:
        return f"more than {MAX_ASSAYS} assays have too many patterns of results"
    if n == 0:
        return "no patient has a result of every assay"
    informative = int((results.any(axis=0) & ~results.all(axis=0)).sum())
    if informative < 3:
        return (
            f"only {informative} of the assays gave both positive and negative results; "
            "the model needs three"
        )
    return ""


def _random_starts(starts: int, k: int, rng: np.random.Generator) -> Array:
    ordered = np.sort(rng.uniform(0.02, 0.98, (starts, k, 2)), axis=2)
    prevalence = rng.uniform(0.05, 0.95, (starts, 1))
    return np.hstack([prevalence, ordered[:, :, 1], ordered[:, :, 0]])


def _best(counts: Array, start: Array, x: Array) -> tuple[Array, float, int] | NoEstimate:
    """The highest maximum, its height, and how many starts reached it."""
    theta, heights, converged = engine.maximise(counts, start, x)
    theta = engine.oriented(theta, counts.shape[1])
    if not converged.any():
        return NoEstimate("the model did not converge from any start")
    top = float(heights[converged].max())
    at_best = converged & (heights > top - _SAME_PEAK)
    peaks = theta[at_best]
    best = peaks[int(np.argmax(heights[at_best]))]
    if not engine.has_full_rank(best, counts.shape[1], x) or np.ptp(peaks, axis=0).max() > _APART:
        return NoEstimate(
            "several sets of prevalence, sensitivities and specificities explain the results "
            "equally well"
        )
    return best, top, int(at_best.sum())


def _refitted(
    probability: Array, n: int, theta: Array, resamples: int, x: Array, rng: np.random.Generator
) -> tuple[Array, Array]:
    """Samples of n patients with these probabilities of the patterns, and their fits."""
    share = probability / probability.sum()
    samples = rng.multinomial(n, share, size=resamples)[:, None].astype(np.float64)
    inside = np.clip(theta, _INSIDE, 1 - _INSIDE)  # from an edge EM doesn't come back
    fits, _, _ = engine.maximise(samples, np.repeat(inside[None], resamples, axis=0), x)
    return samples, engine.oriented(fits, 1)


def _deviance(counts: Array, theta: Array, x: Array) -> Array:
    """G² of each fit: twice the log-likelihood that the saturated model has more."""
    n = counts.sum(axis=(1, 2), keepdims=True)
    saturated = special.xlogy(counts, counts / n).sum(axis=(1, 2))
    deviance: Array = 2 * (saturated - engine.log_likelihood(theta, counts, x))
    return np.maximum(deviance, 0.0)


def _goodness(
    counts: Array, samples: Array, theta: Array, refits: Array, df: int, x: Array
) -> HypothesisTest:
    statistic = float(_deviance(counts[None], theta[None], x)[0])
    drawn = _deviance(samples, refits, x)
    return HypothesisTest(
        statistic=statistic,
        p_value=(1 + int((drawn >= statistic * (1 - 1e-9)).sum())) / (1 + len(drawn)),
        df=df,
        method="G² of the two-class model, P by parametric bootstrap",
    )


def _dependence(
    counts: Array, samples: Array, theta: Array, refits: Array, x: Array
) -> tuple[PairDependence, ...]:
    pairs = list(combinations(range(x.shape[1]), 2))
    dependences = []
    for i, j in pairs:
        seen, excess = _residual(counts[None], theta[None], i, j, x)
        drawn, _ = _residual(samples, refits, i, j, x)
        p_value = (1 + int((drawn >= seen[0] * (1 - 1e-9)).sum())) / (1 + len(drawn))
        dependences.append((i, j, float(seen[0]), float(excess[0]), p_value))
    corrected = holm([p_value for *_, p_value in dependences])
    return tuple(
        PairDependence(
            first=i, second=j, residual=residual, excess=excess, p_value=p_value, p_holm=p_holm
        )
        for (i, j, residual, excess, p_value), p_holm in zip(dependences, corrected, strict=True)
    )


def _residual(counts: Array, theta: Array, i: int, j: int, x: Array) -> tuple[Array, Array]:
    """Pearson's statistic of one pair's table, and its observed less expected both positive."""
    n = counts.sum(axis=(1, 2))[:, None]
    expected_patterns = engine.cell_probabilities(theta, 1, x)[:, 0] * n
    cell = (2 * x[:, i] + x[:, j]).astype(np.int64)
    into = (cell[:, None] == np.arange(4)).astype(np.float64)
    observed, expected = counts[:, 0] @ into, expected_patterns @ into
    statistic: Array = ((observed - expected) ** 2 / np.maximum(expected, 1e-9)).sum(axis=1)
    return statistic, observed[:, 3] - expected[:, 3]
