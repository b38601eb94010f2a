"""P values corrected for how many were looked at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Holm's step-down correction, in the order given; it holds the family-wise error rate.

    Source: Holm 1979, Scand J Stat 6:65; R's p.adjust; tests/validation/multiplicity.R.

    >>> holm([0.01, 0.04, 0.03])
    (0.03, 0.06, 0.06)
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")
    steps = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
    return _back(np.minimum(steps, 1.0), order)


def benjamini_hochberg(p_values: Sequence[float]) -> tuple[float, ...]:
    """Benjamini and Hochberg's step-up correction, in the order given; false discovery rate.

    Source: Benjamini & Hochberg 1995, JRSS B 57:289; R's p.adjust; tests/validation/multiplicity.R.
    """
    p = _checked(p_values)
    order = np.argsort(p, kind="stable")[::-1]
    steps = np.minimum.accumulate(p[order] * len(p) / np.arange(len(p), 0, -1))
    return _back(np.minimum(steps, 1.0), order)


def _checked(p_values: Sequence[float]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    p = np.asarray(p_values, dtype=np.float64)
    if ((p < 0) | (p > 1) | np.isnan(p)).any():
        msg = "P values lie between 0 and 1"
        raise ValueError(msg)
    return p


def _back(
    steps: np.ndarray[tuple[int], np.dtype[np.float64]],
    order: np.ndarray[tuple[int], np.dtype[np.intp]],
) -> tuple[float, ...]:
    adjusted = np.empty_like(steps)
    adjusted[order] = steps
    return tuple(float(value) for value in adjusted)
