"""The exact test of an r×c table: every table with its margins, met in the middle."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import special

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]
Totals = tuple[int, ...]

_TIE = math.log1p(1e-7)  # R's fisher.test counts tables up to this factor more probable
_DIGITS = 9  # log weights that agree to so many decimals belong to equally probable tables
_MOST_STEPS = 20_000_000  # partial tables looked at before the test gives up: a few seconds


def freeman_halton(counts: Counts) -> float | None:
    """P: the probability of all tables with these margins that are no more probable than this.

    A table's weight is the product of 1/x! over its cells. The columns are cut into two halves. All
    fillings of the first half are followed to the row totals they leave, in whatever order these
    stand; what the second half can make of such totals is computed once for each. So the tables
    are counted without being listed.

    Args:
        counts: Shape (r, c), no empty row or column.

    Returns:
        P in [0, 1], or None where there are too many tables.
    """
    margins = (np.sort(counts.sum(axis=1)), np.sort(counts.sum(axis=0)))
    rows, columns = sorted(margins, key=_n_states)
    if len(rows) * math.log(int(rows.max()) + 1) > math.log(2**62):
        return None  # the totals left would not fit one key
    try:
        return _p_value(_Walk(rows), counts, columns[::-1].tolist())
    except _TooManyTablesError:
        return None


def _n_states(margin: Counts) -> tuple[int, float]:
    """How many totals this margin may leave: fewest when it is short, and then small."""
    return len(margin), float(np.log1p(margin).sum())


class _TooManyTablesError(Exception):
    """More partial tables than the test may look at."""


def _p_value(walk: _Walk, counts: Counts, columns: list[int]) -> float:
    half = len(columns) // 2
    # The weights of all tables with these margins add to n! / (product of r! and c!).
    n = walk.log_factorial[-1]
    log_total = float(n + walk.weigh(walk.rows) + walk.weigh(np.array(columns)))
    limit = float(walk.weigh(counts.ravel())) + _TIE
    left, weights, times = walk.first_half(columns[:half])
    p_value = 0.0
    for run in _runs(walk.keys(left)):
        ends, end_times = walk.second_half(tuple(left[run.start].tolist()), tuple(columns[half:]))
        top = ends[-1]
        cumulative = np.concatenate([[0.0], np.cumsum(end_times * np.exp(ends - top))])
        reach = np.searchsorted(ends, limit - weights[run], side="right")
        p_value += float(times[run] * np.exp(weights[run] + top - log_total) @ cumulative[reach])
    return min(1.0, p_value)


class _Walk:
    """Fills one column after the other, and counts its steps."""

    def __init__(self, rows: Counts) -> None:
        self.rows = rows
        self.log_factorial = special.gammaln(np.arange(int(rows.sum()) + 1) + 1.0)
        self._base = int(rows.max()) + 1
        self._steps = 0
        self._known: dict[tuple[Totals, Totals], tuple[Numbers, Numbers]] = {}

    def keys(self, left: Counts) -> Counts:
        """One number for each row of totals."""
        powers: Counts = self._base ** np.arange(left.shape[1], dtype=np.int64)
        return left @ powers

    def weigh(self, cells: Counts) -> Numbers:
        """The log of the product of 1/x! along the last axis."""
        weights: Numbers = -self.log_factorial[cells].sum(axis=-1)
        return weights

    def first_half(self, columns: list[int]) -> tuple[Counts, Numbers, Numbers]:
        """Row totals left, log weights and how often they occur, equal ones merged."""
        left, weights, times = self.rows[None, :], np.zeros(1), np.ones(1)
        for column in columns:
            parts = []
            for run in _runs(self.keys(left)):
                taken = self._fillings(column, left[run.start])
                paths = run.stop - run.start
                self._count(len(taken) * paths)
                parts.append((
                    np.repeat(np.sort(left[run.start] - taken, axis=1), paths, axis=0),
                    np.add.outer(self.weigh(taken), weights[run]).ravel(),
                    np.tile(times[run], len(taken)),
                ))  # fmt: skip
            left, weights, times = (np.concatenate(part) for part in zip(*parts, strict=True))
            first, times = _merge(self.keys(left), weights, times)
            left, weights = left[first], weights[first]
        return left, weights, times

    def second_half(self, left: Totals, columns: Totals) -> tuple[Numbers, Numbers]:
        """Log weights, in order, of all ways to fill these columns, and how often they occur."""
        if len(columns) == 1:
            return self.weigh(np.array([left])), np.ones(1)
        if (left, columns) not in self._known:
            taken = self._fillings(columns[0], np.array(left))
            rest = np.sort(np.array(left) - taken, axis=1)
            weights = self.weigh(taken)
            if len(columns) == 2:
                weights, times = weights + self.weigh(rest), np.ones(len(taken))
            else:
                weights, times = self._continue(rest, weights, columns[1:])
            first, times = _merge(np.zeros(len(weights), dtype=np.int64), weights, times)
            self._known[left, columns] = weights[first], times
        return self._known[left, columns]

    def _continue(self, rest: Counts, weights: Numbers, columns: Totals) -> tuple[Numbers, Numbers]:
        order = np.argsort(self.keys(rest), kind="stable")
        rest, weights = rest[order], weights[order]
        parts = []
        for run in _runs(self.keys(rest)):
            ends, times = self.second_half(tuple(rest[run.start].tolist()), columns)
            self._count(len(ends) * (run.stop - run.start))
            parts.append((
                np.add.outer(weights[run], ends).ravel(),
                np.tile(times, run.stop - run.start),
            ))  # fmt: skip
        all_weights, all_times = (np.concatenate(part) for part in zip(*parts, strict=True))
        return all_weights, all_times

    def _fillings(self, column: int, limits: Counts) -> Counts:
        """All ways to split a column's total over the rows within their limits, shape (m, r)."""
        taken, open_ = np.empty((1, 0), dtype=np.int64), np.array([column])
        after = limits[::-1].cumsum()[::-1]
        for limit, later in zip(limits[:-1], after[1:], strict=True):
            low, high = np.maximum(open_ - later, 0), np.minimum(open_, limit)
            choices = high - low + 1
            self._count(int(choices.sum()))
            source = np.repeat(np.arange(len(choices)), choices)
            within = np.arange(len(source)) - np.repeat(choices.cumsum() - choices, choices)
            chosen = low[source] + within
            taken = np.column_stack([taken[source], chosen])
            open_ = open_[source] - chosen
        return np.column_stack([taken, open_])

    def _count(self, steps: int) -> None:
        self._steps += steps
        if self._steps > _MOST_STEPS:
            raise _TooManyTablesError


def _merge(keys: Counts, weights: Numbers, times: Numbers) -> tuple[Counts, Numbers]:
    """Where each distinct (key, weight) stands first, in order, and how often it occurs."""
    rounded = np.round(weights, _DIGITS)
    order = np.lexsort((rounded, keys))
    keys, rounded = keys[order], rounded[order]
    is_new = np.concatenate([[True], (np.diff(keys) != 0) | (np.diff(rounded) != 0)])
    starts = np.flatnonzero(is_new)
    merged: Numbers = np.add.reduceat(times[order], starts)
    return order[starts], merged


def _runs(keys: Counts) -> Iterator[slice]:
    """The stretches of equal keys, which stand together."""
    edges = np.flatnonzero(np.diff(keys)) + 1
    starts = [0, *edges.tolist()]
    return (slice(a, b) for a, b in zip(starts, [*starts[1:], len(keys)], strict=True))
