"""The exact test of an r×c table: a network of row totals, with bounds on what is still to come."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import scipy
from numpy.typing import NDArray
from scipy import special

Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]

_TIE = math.log1p(1e-7)  # R's fisher.test counts tables up to this factor more probable
_DIGITS = 9  # log weights that agree to so many decimals belong to equally probable tables
_MOST_EDGES = 3_000_000  # of the network
_MOST_PATHS = 20_000_000  # paths looked at before the test gives up: a few seconds
_AT_ONCE = 1_000_000  # paths that are followed together, for the memory's sake


def freeman_halton(counts: Counts) -> float | None:
    """P: the probability of all tables with these margins that are no more probable than this.

    A table's weight is the product of 1/x! over its cells. Column by column the tables are paths
    through the row totals that are left (in whatever order these stand). The largest and the
    smallest weight that a path can still add are known at each node, so most paths are counted or
    left out long before their end; paths of equal weight that meet are followed as one.

    Args:
        counts: Shape (r, c), no empty row or column.

    Returns:
        P in [0, 1], or None where there are too many paths.

    Source: Mehta & Patel 1983, J Am Stat Assoc 78:427; tests/validation/contingency.R.
    """
    margins = (np.sort(counts.sum(axis=1)), np.sort(counts.sum(axis=0)))
    rows, columns = sorted(margins, key=_n_states)
    if len(rows) * math.log(int(rows.max()) + 1) > math.log(2**62):
        return None  # the totals left would not fit one key
    log_factorial = special.gammaln(np.arange(int(rows.sum()) + 1) + 1.0)
    stages = _network(rows, columns[::-1], log_factorial)
    if stages is None:
        return None
    # The weights of all tables with these margins add to n! / (product of r! and c!).
    limit = -float(log_factorial[counts].sum()) + _TIE
    return _p_value(stages, limit)


def simulated(counts: Counts, *, n_tables: int, seed: int) -> tuple[float, float]:
    """P by drawing tables with these margins, and its Monte Carlo standard error.

    Args:
        counts: Shape (r, c), no empty row or column.
        n_tables: How many tables are drawn.
        seed: Of the draws.

    Source: Patefield 1981, Appl Stat 30:91 (as scipy draws them); P = (k + 1) / (m + 1), as R's
        fisher.test(simulate.p.value = TRUE).
    """
    log_factorial = special.gammaln(np.arange(int(counts.sum()) + 1) + 1.0)
    tables = scipy.stats.random_table(counts.sum(axis=1), counts.sum(axis=0))
    drawn = tables.rvs(n_tables, method="patefield", random_state=np.random.default_rng(seed))
    weights = -log_factorial[drawn.astype(np.int64)].sum(axis=(1, 2))
    reached = int((weights <= -float(log_factorial[counts].sum()) + _TIE).sum())
    p_value = (reached + 1) / (n_tables + 1)
    return p_value, math.sqrt(p_value * (1 - p_value) / n_tables)


def _n_states(margin: Counts) -> tuple[int, float]:
    """How many totals this margin may leave: fewest when it is short, and then small."""
    return len(margin), float(np.log1p(margin).sum())


@dataclass(kw_only=True)
class _Stage:
    """The nodes before one column: log weights of what may follow, and the edges to the next.

    `longest` and `shortest` are the largest and smallest weight of any completion, `all_of` that
    of all completions together, less the weight of all tables. Edges stand in the order of the
    node they leave; `first` is where each node's begin.
    """

    all_of: Numbers
    longest: Numbers
    shortest: Numbers
    first: Counts
    target: Counts
    weight: Numbers


def _network(rows: Counts, columns: Counts, log_factorial: Numbers) -> list[_Stage] | None:
    """The stages in order, or None where there are too many edges."""
    base = int(rows.max()) + 1
    powers = base ** np.arange(len(rows), dtype=np.int64)
    nodes = [rows[None, :]]
    edges: list[tuple[Counts, Counts, Numbers]] = []
    n_edges = 0
    for column in columns[:-1]:
        rests, taken, sizes = [], [], []
        for left in nodes[-1]:
            filled = _fillings(int(column), left)
            n_edges += len(filled)
            if n_edges > _MOST_EDGES:
                return None
            rests.append(np.sort(left - filled, axis=1))
            taken.append(-log_factorial[filled].sum(axis=1))
            sizes.append(len(filled))
        rest = np.concatenate(rests)
        _, where, target = np.unique(rest @ powers, return_index=True, return_inverse=True)
        nodes.append(rest[where])
        edges.append((np.cumsum([0, *sizes]), target, np.concatenate(taken)))
    # n! / (r! c!) of what is left at each node, less that of the whole table
    whole = _log_of_all(nodes[0], columns, log_factorial)[0]
    last = -log_factorial[nodes[-1]].sum(axis=1)
    nothing = np.zeros(0, dtype=np.int64)
    stages = [
        _Stage(
            all_of=last - whole, longest=last, shortest=last,
            first=np.zeros(len(last) + 1, dtype=np.int64), target=nothing, weight=np.zeros(0),
        )
    ]  # fmt: skip
    for place in range(len(edges) - 1, -1, -1):
        first, target, weight = edges[place]
        after = stages[0]
        stages.insert(0, _Stage(
            all_of=_log_of_all(nodes[place], columns[place:], log_factorial) - whole,
            longest=np.maximum.reduceat(weight + after.longest[target], first[:-1]),
            shortest=np.minimum.reduceat(weight + after.shortest[target], first[:-1]),
            first=first, target=target, weight=weight,
        ))  # fmt: skip
    return stages


def _log_of_all(nodes: Counts, columns: Counts, log_factorial: Numbers) -> Numbers:
    left: Numbers = (
        log_factorial[nodes.sum(axis=1)]
        - log_factorial[nodes].sum(axis=1)
        - log_factorial[columns].sum()
    )
    return left


def _p_value(stages: list[_Stage], limit: float) -> float | None:
    """The share of the paths up to the limit; None where too many had to be followed."""
    node, weight, times = np.zeros(1, dtype=np.int64), np.zeros(1), np.ones(1)
    p_value, n_paths = 0.0, 0
    for before, after in itertools.pairwise(stages):
        parts: list[tuple[Counts, Numbers, Numbers]] = []
        for run in _in_runs(before.first[node + 1] - before.first[node]):
            counted = before.first[node[run] + 1] - before.first[node[run]]
            n_paths += int(counted.sum())
            if n_paths > _MOST_PATHS:
                return None
            source = np.repeat(np.arange(len(counted)), counted)
            edge = np.arange(len(source)) - np.repeat(counted.cumsum() - counted, counted)
            edge += before.first[node[run]][source]
            there = before.target[edge]
            so_far = weight[run][source] + before.weight[edge]
            often = times[run][source]
            is_in = so_far + after.longest[there] <= limit
            p_value += float(often[is_in] @ np.exp(so_far[is_in] + after.all_of[there[is_in]]))
            open_ = ~is_in & (so_far + after.shortest[there] <= limit)
            parts.append(_merged(there[open_], so_far[open_], often[open_]))
        node, weight, times = _merged(*map(np.concatenate, zip(*parts, strict=True)))
        if not len(node):
            break
    return min(1.0, p_value)


def _in_runs(sizes: Counts) -> Iterator[slice]:
    """Stretches whose sizes add to what can be followed at once, one at least in each."""
    ends = sizes.cumsum()
    start = 0
    while start < len(sizes):
        done = ends[start - 1] if start else 0
        stop = max(int(np.searchsorted(ends, done + _AT_ONCE, side="right")), start + 1)
        yield slice(start, stop)
        start = stop


def _merged(nodes: Counts, weights: Numbers, times: Numbers) -> tuple[Counts, Numbers, Numbers]:
    """Each distinct path, and how often it occurs."""
    if not len(nodes):
        return nodes, weights, times
    rounded = np.round(weights, _DIGITS)
    order = np.lexsort((rounded, nodes))
    nodes, rounded = nodes[order], rounded[order]
    is_new = np.concatenate([[True], (np.diff(nodes) != 0) | (np.diff(rounded) != 0)])
    starts = np.flatnonzero(is_new)
    return nodes[starts], weights[order][starts], np.add.reduceat(times[order], starts)


def _fillings(column: int, limits: Counts) -> Counts:
    """All ways to split a column's total over the rows within their limits, shape (m, r)."""
    taken, open_ = np.empty((1, 0), dtype=np.int64), np.array([column])
    after = limits[::-1].cumsum()[::-1]
    for limit, later in zip(limits[:-1], after[1:], strict=True):
        low, high = np.maximum(open_ - later, 0), np.minimum(open_, limit)
        choices = high - low + 1
        source = np.repeat(np.arange(len(choices)), choices)
        within = np.arange(len(source)) - np.repeat(choices.cumsum() - choices, choices)
        chosen = low[source] + within
        taken = np.column_stack([taken[source], chosen])
        open_ = open_[source] - chosen
    return np.column_stack([taken, open_])
