"""Panels of assays as bit masks: assay j is bit j, a panel or a pattern of results is a number.

Who was found by a panel follows for all panels at once from how many patients have each pattern.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from incohort.stats.outcome import Interval
from incohort.stats.proportions import proportion

Counts = NDArray[np.int64]

MAX_ASSAYS = 12
NOBODY = "no patient has a result of every assay"


def pattern_counts(positive: ArrayLike, tested: ArrayLike | None) -> tuple[Counts, int]:
    """How many patients, of those with all assays, have each pattern; and how many assays."""
    x = np.asarray(positive)
    done = np.ones(x.shape, dtype=bool) if tested is None else np.asarray(tested)
    if x.ndim != 2 or x.shape != done.shape or x.dtype != np.bool_ or done.dtype != np.bool_:
        msg = "results are boolean matrices of one shape: a row a patient, a column an assay"
        raise ValueError(msg)
    k = x.shape[1]
    if not 1 <= k <= MAX_ASSAYS:
        msg = f"panels are compared for 1 to {MAX_ASSAYS} assays"
        raise ValueError(msg)
    codes = np.zeros(len(x), dtype=np.int64)
    for j in range(k):  # column by column: no product of booleans and integers is faster
        codes |= x[:, j].astype(np.int64) << j
    complete = codes if tested is None else codes[done.all(axis=1)]
    return np.bincount(complete, minlength=2**k), k


def found_by_panel(counts: Counts) -> Counts:
    """How many patients each panel finds, shape (…, 2ᵏ): all but those negative in it.

    The sum over all patterns within a set is taken bit by bit (zeta transform); the patterns
    within a panel's complement are those it misses.
    """
    within = counts.copy()
    k = counts.shape[-1].bit_length() - 1
    for j in range(k):
        halves = within.reshape(*counts.shape[:-1], -1, 2, 1 << j)
        halves[..., 1, :] += halves[..., 0, :]
    missed = within[..., ::-1]  # the complement of panel S is the S-th from the end
    yields: Counts = counts.sum(axis=-1, keepdims=True) - missed
    return yields


def share_of(events: int, n: int, conf_level: float) -> Interval:
    share = proportion(events, n, conf_level=conf_level)
    assert isinstance(share, Interval)  # noqa: S101 — n is above 0
    return share
