"""Counts of patients in bins of a measured value."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from incohort.results import Figure
from incohort.shapes.sets import Members
from incohort.shapes.tabular import figure
from incohort.shapes.telling import Draft

_MOST_BINS = 15
_TOP = 0.95  # what lies above this quantile shares the last bin, so that no maximum is told
_LAST_BIN = 20  # so many share the last bin of a restricted cohort, where there are so many
_STEPS = (0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0)  # widths a reader counts in


def histogram(draft: Draft, members: Members, *, quartiles: Sequence[str]) -> tuple[Figure, ...]:
    """The neutrophil counts of a set, all of whom have one, in bins of equal width from zero.

    The last bin may have no end. Of a restricted cohort it has none, whatever the highest count is.
    `quartiles` are the keys of the median, the first and the third.
    """
    values, is_public = members.frame["anc"].astype(float), not draft.scope.lists_all
    if not len(values):
        return ()
    edges = _edges(values, is_public=is_public)
    is_open = not is_public or bool((values >= edges[-1]).any())
    highest = f" (the highest is {values.max():.3g})" if is_public else ""
    last = (
        f"; the last bar, hatched, holds all from {edges[-2]:g} up{highest}, so its height does "
        "not compare with the others’"
    )
    keys = _counts(draft, members, edges, is_open=is_open)
    total = draft.count_in("anc/total/count", "Patients with a neutrophil count", members)
    median, q1, q3 = (f"{{{key}:estimate}}" for key in quartiles)
    return (
        figure(
            draft.scope, "anc", "histogram",
            f"Neutrophil counts of the patients described{last if is_open else ''}",
            f"Of {{{total}:count}} patients half have a neutrophil count of {median} × 10⁹/L or "
            f"less, a quarter one of {q1} or less, and a quarter one of {q3} or more.",
            {"Patients": keys}, x_label="Neutrophil count, 10⁹/L", y_label="Patients",
        ),
    )  # fmt: skip


def _edges(values: pd.Series, *, is_public: bool) -> NDArray[np.float64]:
    """The ends of the bins, from zero on."""
    top = float(np.quantile(values, _top(len(values), is_public=is_public)))
    width = next((step for step in _STEPS if top / step < _MOST_BINS), _STEPS[-1])
    n_bins = math.floor(round(top / width, 9)) + 1
    edges: NDArray[np.float64] = np.round(np.arange(n_bins + 1) * width, 9)
    return edges


def _counts(
    draft: Draft, members: Members, edges: NDArray[np.float64], *, is_open: bool
) -> list[str]:
    """How many are in each bin; all above it are in the last."""
    base, bins = members.base, list(itertools.pairwise(edges))
    names = [f"{low:g}_to_{high:g}" for low, high in bins]
    every = base.frame["anc"].astype(float)
    places = np.minimum(np.searchsorted(edges, every, side="right") - 1, len(bins) - 1)
    words = pd.Series(np.array(names)[places], index=every.index).where(every.notna())
    axis = base.cut("anc bin", words, names, base.everybody.known("severity"))
    keys = []
    for name, (low, high) in zip(names, bins, strict=True):
        is_last = is_open and high == edges[-1]
        label = f"{low:g} or above" if is_last else f"{low:g} to below {high:g}"
        tail = f"anc/histogram/{name}/count"
        keys.append(draft.count_in(tail, label, members.where(axis, name), of=members))
    return keys


def _top(n: int, *, is_public: bool) -> float:
    """Above which share of the counts the last bin begins.

    Where few lie above it, the bins' width would follow the counts of single patients.
    """
    return _TOP if is_public else max(0.5, min(_TOP, 1 - _LAST_BIN / n))
