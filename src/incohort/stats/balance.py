"""How far two groups differ in a characteristic, in standard deviations."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats.outcome import NoEstimate

_NO_SPREAD = "nobody differs within the groups, so there is no spread to measure by"


def smd_continuous(x: ArrayLike, y: ArrayLike) -> float | NoEstimate:
    """The standardised difference of two means, over the root of the mean of both variances.

    Args:
        x: Shape (n,), without missing values.
        y: Shape (m,).

    Source: Austin 2009, Stat Med 28:3083, section 2; tests/validation/balance.R.
    """
    a, b = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if min(len(a), len(b)) < 2:
        return NoEstimate("each group needs at least two values")
    if max(np.ptp(a), np.ptp(b)) == 0:  # a variance of 0.1, 0.1, 0.1 is not quite 0
        return NoEstimate(_NO_SPREAD)
    pooled = (a.var(ddof=1) + b.var(ddof=1)) / 2
    return float((a.mean() - b.mean()) / math.sqrt(pooled))


def smd_binary(p_1: float, p_2: float) -> float | NoEstimate:
    """The standardised difference of two proportions.

    Source: Austin 2009, Stat Med 28:3083, section 2; tests/validation/balance.R.
    """
    pooled = (p_1 * (1 - p_1) + p_2 * (1 - p_2)) / 2
    if pooled == 0:
        return NoEstimate(_NO_SPREAD)
    return (p_1 - p_2) / math.sqrt(pooled)


def smd_categorical(counts_1: Sequence[int], counts_2: Sequence[int]) -> float | NoEstimate:
    """The Mahalanobis distance of two sets of proportions over the same categories.

    Args:
        counts_1: Counts per category in the first group, shape (k,).
        counts_2: Counts per category in the second group, shape (k,).

    Source: Yang & Dalton 2012, SAS Global Forum paper 335; tests/validation/balance.R.
    """
    first, second = np.asarray(counts_1, dtype=float), np.asarray(counts_2, dtype=float)
    if first.sum() == 0 or second.sum() == 0:
        return NoEstimate("one of the two groups is empty")
    seen = (first + second) > 0
    p, q = first[seen] / first.sum(), second[seen] / second.sum()
    if len(p) < 2:
        return NoEstimate(_NO_SPREAD)
    p, q = p[1:], q[1:]  # the first category follows from the others
    spread = (np.diag(p) - np.outer(p, p) + np.diag(q) - np.outer(q, q)) / 2
    if np.linalg.matrix_rank(spread) < len(p):
        return NoEstimate("no category is shared by both groups, so the distance has no bound")
    gap = p - q
    return float(math.sqrt(gap @ np.linalg.solve(spread, gap)))
