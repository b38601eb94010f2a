"""Robust variance where rows of one cluster, such as a patient's episodes, go together."""

from __future__ import annotations

import numpy as np

from incohort.stats.survival.inputs import Codes, Matrix

_NONE = 1e-12  # of the variance that the information gives: less is rounding, and there is none


def variance_by_cluster(influence: Matrix, clusters: Codes, covariance: Matrix) -> Matrix | None:
    """Σ over clusters of (Σ influence)(Σ influence)ᵀ; None where a coefficient has no variance.

    That is so where the rows of each cluster balance each other exactly, or clusters are few.

    Args:
        influence: What each row adds to the coefficients (dfbeta), shape (n, k).
        clusters: Each row's cluster as a code from 0, shape (n,).
        covariance: From the information alone, shape (k, k).

    Source: Lin & Wei 1989, J Am Stat Assoc 84:1074; R's cluster in tests/validation.
    """
    sums: Matrix = np.array([np.bincount(clusters, weights=column) for column in influence.T])
    robust: Matrix = sums @ sums.T
    return None if (np.diag(robust) <= _NONE * np.diag(covariance)).any() else robust
