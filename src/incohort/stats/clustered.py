"""A share of visits, episodes or samples, several of one patient: patients are the clusters."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from incohort.stats._checked import binary, check_option, labels_of
from incohort.stats._quantiles import t_of
from incohort.stats.outcome import Interval, NoEstimate, check_conf_level, without_interval
from incohort.stats.proportions import beta_limits, wilson_limits

ClusteredMethod = Literal["wilson", "korn_graubard", "logit"]
Vector = NDArray[np.float64]

_NONE = 1e-12  # of the variance of a plain share: less is rounding, and there is none
_AT_ONCE = 2_000_000  # drawn patients that are held at once


@dataclass(frozen=True, slots=True, kw_only=True)
class ClusteredShare:
    """A share of rows with what the clusters make of its interval.

    `design_effect` is its variance over that of as many rows of as many patients, `n_effective` the
    number of such rows that tell as much, at most `n`. Where all rows or none have the event the
    clusters show no variance: there is then no design effect, and each cluster counts once.
    """

    share: Interval
    se: float
    n: int
    n_events: int
    n_clusters: int
    design_effect: float | NoEstimate
    n_effective: float


def clustered_share(
    event: ArrayLike,
    cluster: ArrayLike,
    *,
    method: ClusteredMethod = "wilson",
    conf_level: float = 0.95,
) -> ClusteredShare | NoEstimate:
    """The share of rows with the event, each patient's rows being a cluster.

    It is the ratio of the patients' sums, so patients with more rows weigh more; its variance is
    that between patients. Wilson's interval is the default, with the effective number of rows in
    place of n: it keeps to [0, 1], has limits where no row has the event, and is the plain one
    where each patient has one row. With few patients Student's t widens it, and it still holds
    somewhat less often than `conf_level`, as every such interval does (Franco et al. 2019).

    Args:
        event: True or 1 for the event, shape (n,).
        cluster: Each row's patient, shape (n,).
        method: `wilson`; `korn_graubard` (exact limits with the effective number, conservative);
            or `logit` (Wald on the log odds, Student's t), which has none at shares of 0 and 1.
        conf_level: In (0, 1).

    Raises:
        ValueError: Shapes differ, a value is missing, or the method is unknown.

    Source: Cochran 1977, section 3.12 (ratio estimator); Korn & Graubard 1998, Surv Methodol
        24:193 (effective n with degrees of freedom); Wilson's with it: Franco, Little, Louis
        & Slud 2019, J Surv Stat Methodol 7:334; at most n: Parker et al.
        2017, Vital Health Stat 2(175); R's svymean, svyciprop of survey;
        tests/validation/clustered.R.
    """
    check_option("method", method, get_args(ClusteredMethod))
    check_conf_level(conf_level)
    sums, sizes = _by_cluster(event, cluster)
    if len(sizes) < 2:
        return _too_few(sizes)
    n, k = int(sizes.sum()), len(sizes)
    p = float(sums.sum() / n)
    variance = k / (k - 1) * float(((sums - p * sizes) ** 2).sum()) / n**2
    plain = p * (1 - p) / (n - 1)
    if variance <= _NONE * plain:
        variance = 0.0
    effect: float | NoEstimate = NoEstimate("all rows are alike, so patients can't differ")
    size = float(k)
    if plain:
        effect = variance / plain
        size = _effective(n, k, effect, conf_level)
    return ClusteredShare(
        share=_interval(p, variance, size, k, method, conf_level),
        se=math.sqrt(variance),
        n=n,
        n_events=int(sums.sum()),
        n_clusters=k,
        design_effect=effect,
        n_effective=size,
    )


def intraclass_correlation(event: ArrayLike, cluster: ArrayLike) -> float | NoEstimate:
    """How much more alike two rows of a patient are than two of different patients, in events.

    1 where all rows of a patient agree, 0 where patients do not matter, and below 0 where a
    patient's rows differ more than chance would have it.

    Args:
        event: True or 1 for the event, shape (n,).
        cluster: Each row's patient, shape (n,).

    Raises:
        ValueError: Shapes differ, or a value is missing.

    Source: the analysis-of-variance estimator in Ridout, Demétrio & Firth 1999, Biometrics 55:137,
        section 2; R's aov; tests/validation/clustered.R.
    """
    sums, sizes = _by_cluster(event, cluster)
    if len(sizes) < 2:
        return _too_few(sizes)
    n, k = int(sizes.sum()), len(sizes)
    if n == k:
        return NoEstimate("nobody has two rows, so nothing tells how alike a patient's rows are")
    p = float(sums.sum() / n)
    if p in {0.0, 1.0}:
        return NoEstimate("all rows are alike, so patients can't differ")
    between = float((sizes * (sums / sizes - p) ** 2).sum()) / (k - 1)
    within = float((sums - sums**2 / sizes).sum()) / (n - k)
    per_cluster = (n - float((sizes**2).sum()) / n) / (k - 1)
    return (between - within) / (between + (per_cluster - 1) * within)


def bootstrap_share(
    event: ArrayLike,
    cluster: ArrayLike,
    *,
    seed: int,
    n_resamples: int = 2000,
    conf_level: float = 0.95,
) -> Interval | NoEstimate:
    """The share of rows with the event, with percentile limits from resampled patients.

    Patients are drawn with replacement, each with all of her rows.

    Args:
        event: True or 1 for the event, shape (n,).
        cluster: Each row's patient, shape (n,).
        seed: Of the random generator: the same seed gives the same limits.
        n_resamples: How many resamples, at least 100.
        conf_level: In (0, 1).

    Raises:
        ValueError: Shapes differ, a value is missing, or too few resamples.

    Source: Efron & Tibshirani 1993, chapters 8 and 13; Davison & Hinkley 1997, section 3.8;
        tests/validation/test_clustered.py.
    """
    check_conf_level(conf_level)
    if n_resamples < 100:
        raise ValueError("n_resamples must be at least 100")
    sums, sizes = _by_cluster(event, cluster)
    if len(sizes) < 2:
        return _too_few(sizes)
    share = float(sums.sum() / sizes.sum())
    method = f"share, percentile bootstrap of patients, {n_resamples} resamples"
    drawn = np.sort(np.concatenate([*_resampled(sums, sizes, seed, n_resamples)]))
    if drawn[0] == drawn[-1]:
        return without_interval(
            share, conf_level, method, "all patients have the same share, so no resample differs"
        )
    from_end = max(1, int((1 - conf_level) / 2 * (n_resamples + 1)))
    return Interval(
        estimate=share,
        ci_low=float(drawn[from_end - 1]),
        ci_high=float(drawn[-from_end]),
        conf_level=conf_level,
        method=method,
    )


def _by_cluster(event: ArrayLike, cluster: ArrayLike) -> tuple[Vector, Vector]:
    """Each cluster's events and rows."""
    flags = binary(event, "event")
    labels, codes = labels_of(cluster, len(flags), "cluster")
    sizes = np.bincount(codes, minlength=len(labels)).astype(np.float64)
    sums = np.zeros(len(labels))
    np.add.at(sums, codes, flags)
    return sums, sizes


def _too_few(sizes: Vector) -> NoEstimate:
    if len(sizes):
        return NoEstimate("all rows are of one patient, and nothing tells how patients differ")
    return NoEstimate("there is nobody in the denominator")


def _effective(n: int, k: int, design_effect: float, conf_level: float) -> float:
    """Korn & Graubard's n*: rows over the design effect, fewer where few clusters tell of it."""
    if design_effect == 0:
        return float(n)
    shrink = (t_of(conf_level, n - 1) / t_of(conf_level, k - 1)) ** 2
    return min(n / design_effect * shrink, float(n))


def _interval(
    p: float, variance: float, size: float, k: int, method: ClusteredMethod, conf_level: float
) -> Interval:
    match method:
        case "wilson":
            low, high = wilson_limits(p, size, conf_level)
            name = "Wilson score interval with the effective number of rows"
        case "korn_graubard":
            low, high = beta_limits(p * size, size, conf_level)
            name = "Korn–Graubard exact interval with the effective number of rows"
        case "logit":
            name = "logit interval with the variance between patients"
            if not variance:
                return without_interval(
                    p, conf_level, name, "patients do not differ, so the log odds have no variance"
                )
            half = t_of(conf_level, k - 1) * math.sqrt(variance) / (p * (1 - p))
            centre = float(special.logit(p))
            low, high = (float(special.expit(centre + side * half)) for side in (-1, 1))
        case _:
            assert_never(method)
    return Interval(estimate=p, ci_low=low, ci_high=high, conf_level=conf_level, method=name)


def _resampled(sums: Vector, sizes: Vector, seed: int, n_resamples: int) -> Iterator[Vector]:
    """The shares of resamples, some at a time."""
    generator, k = np.random.default_rng(seed), len(sizes)
    at_once = max(1, _AT_ONCE // k)
    for start in range(0, n_resamples, at_once):
        drawn = generator.multinomial(k, np.full(k, 1 / k), size=min(at_once, n_resamples - start))
        yield (drawn @ sums) / (drawn @ sizes)
