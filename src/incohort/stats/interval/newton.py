"""The masses that make interval-censored data most likely, by Newton steps over a few cells."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import linalg, sparse
from scipy.sparse.linalg import SuperLU, splu

from incohort.stats.survival.inputs import Codes, Vector

_MAX_STEPS = 200
_MAX_HALVINGS = 40
_PATIENCE = 3  # steps without a smaller gap, once digits have run out
_GAP = 1e-12  # of the weight of all rows: what may be left of the duality gap
_DENSE = 50  # cells up to which the equations are a full matrix; BLAS uses one thread for it
_RIDGE = 1e-14  # of each diagonal term, where masses are not unique


@dataclass(frozen=True, slots=True)
class Runs:
    """Different runs of cells [first, last) with how many rows cover each."""

    first: Codes
    last: Codes
    weight: Vector
    m: int

    def probability(self, mass: Vector) -> Vector:
        """The mass of each run."""
        # Differences of running totals: a few more digits keep small masses exact.
        total = np.zeros(self.m + 1, dtype=np.longdouble)
        np.cumsum(mass, dtype=np.longdouble, out=total[1:])
        return (total[self.last] - total[self.first]).astype(np.float64)

    def gradient(self, probability: Vector) -> Vector:
        """Of the log likelihood in the mass of each cell: Σ w/P over the runs that cover it."""
        value = self.weight / probability
        size = self.m + 1
        enters = np.bincount(self.first, weights=value, minlength=size)
        leaves = np.bincount(self.last, weights=value, minlength=size)
        return np.cumsum(enters - leaves, dtype=np.longdouble)[:-1].astype(np.float64)


@dataclass(frozen=True, slots=True)
class Masses:
    """The masses, their log likelihood, and a bound on how far it is from its maximum."""

    mass: Vector
    log_likelihood: float
    gap: float


def runs_of(first: Codes, last: Codes, m: int) -> Runs:
    """Rows that cover the same cells, counted together; a row that covers all tells nothing."""
    tells = last - first < m
    different, counts = np.unique(first[tells] * (m + 1) + last[tells], return_counts=True)
    return Runs(different // (m + 1), different % (m + 1), counts.astype(np.float64), m)


def most_likely(runs: Runs) -> Masses:
    """Wang's constrained Newton method over a support that grows and shrinks.

    With Σ mass fixed by a multiplier, the log likelihood Σ w log P − n Σ p is concave, and
    max gradient − n bounds what it can still gain (the duality gap). Each step adds the best cell
    between the cells that hold mass, maximises the quadratic model over masses ≥ 0, and walks.

    Source: Wang 2007, J R Stat Soc B 69:185; bound: Lindsay 1983, Ann Stat 11:86;
        tests/validation/interval/interval.R.
    """
    n = float(runs.weight.sum())
    if len(runs.weight) == 0:
        return Masses(np.full(runs.m, 1 / runs.m), 0.0, 0.0)
    mass = _start(runs)
    probability = runs.probability(mass)
    best, stalled = Masses(mass, _log_likelihood(runs, probability), np.inf), 0
    for _ in range(_MAX_STEPS):
        gradient = runs.gradient(probability)
        gap = max(float(gradient.max()) - n, 0.0)
        now = _log_likelihood(runs, probability)
        stalled = stalled + 1 if gap >= best.gap and now <= best.log_likelihood + 1e-9 else 0
        if gap < best.gap:
            best = Masses(mass, now, gap)
        if gap <= _GAP * n or stalled == _PATIENCE:
            break
        walked = None
        for is_careful in (False, True):
            proposed = _quadratic(runs, mass, probability, gradient, is_careful=is_careful)
            slope = float(gradient @ (proposed - mass))
            walked = _walked(runs, mass, proposed, now, slope)
            if walked is not None:
                break
        if walked is None:
            break
        mass, probability = walked
    return best


def _start(runs: Runs) -> Vector:
    """Few cells that meet every run, each with the weight of the runs that cover it."""
    held = np.zeros(runs.m, dtype=np.bool_)
    held[runs.first[runs.last - runs.first == 1]] = True
    before = np.concatenate([[0], np.cumsum(held)])
    open_runs = np.flatnonzero(before[runs.last] == before[runs.first])
    by_end = open_runs[np.argsort(runs.last[open_runs], kind="stable")]
    latest = -1
    for first, last in zip(runs.first[by_end].tolist(), runs.last[by_end].tolist(), strict=True):
        if first > latest:  # the classic stabbing of intervals, by their ends
            latest = last - 1
            held[latest] = True
    covered = runs.gradient(np.ones(len(runs.weight))) * held
    return np.asarray(covered / covered.sum())


def _log_likelihood(runs: Runs, probability: Vector) -> float:
    if (probability <= 0).any():
        return -np.inf
    return float(runs.weight @ np.log(probability))


def _quadratic(
    runs: Runs, mass: Vector, probability: Vector, gradient: Vector, *, is_careful: bool
) -> Vector:
    """Masses ≥ 0 that maximise the quadratic model, by an active set from the present support.

    With H = Σ w s sᵀ/P² and g the gradient, H·mass = g, so that the model's maximum q has
    H (q − mass) = g − n wherever q > 0. Cells that would go below 0 leave together; with
    `is_careful` one after the other, each where the way to the maximum meets 0.
    """
    n = float(runs.weight.sum())
    support = _widened(mass, gradient)
    curvature = runs.weight / probability**2
    was, pull = mass[support], gradient[support] - n
    current = was.copy()
    free = np.ones(len(support), dtype=np.bool_)
    for _ in range(4 * len(support)):
        # What leaves takes its part of H (q − mass) with it.
        left = np.where(free, 0.0, was)
        side = pull + _times(runs, support, left, curvature) if left.any() else pull
        tried = was[free] + _solved(runs, support[free], curvature, side[free])
        is_bad = tried <= 0
        if not is_bad.any():
            current[free] = tried
            break
        if is_careful:
            held = current[free]
            share = held[is_bad] / (held[is_bad] - tried[is_bad])
            current[free] = np.maximum(held + share.min() * (tried - held), 0.0)
            is_bad[is_bad] = share <= share.min()
        current[np.flatnonzero(free)[is_bad]] = 0.0
        free[np.flatnonzero(free)[is_bad]] = False
    proposed = np.zeros(runs.m)
    proposed[support] = current
    return np.asarray(proposed / proposed.sum())


def _widened(mass: Vector, gradient: Vector) -> Codes:
    """The cells that hold mass, and between them the cell that would gain most."""
    held = mass > 0
    block = np.cumsum(held)
    order = np.lexsort((gradient, block))
    is_last = np.diff(block[order], append=-1) != 0
    wanted = held.copy()
    wanted[order[is_last]] = True
    return np.flatnonzero(wanted)


def _solved(runs: Runs, cells: Codes, curvature: Vector, pull: Vector) -> Vector:
    """H q = pull over some cells.

    In the running totals c of q, P is c[last] − c[first], so that H becomes the Laplacian of a
    graph whose edges are the runs, grounded at c[0] = 0.
    """
    m = len(cells)
    a, b = np.searchsorted(cells, runs.first), np.searchsorted(cells, runs.last)
    side = -np.diff(pull, append=0.0)
    if m > _DENSE:
        return np.diff(_factored(a, b, curvature, m).solve(side), prepend=0.0)
    cell = np.bincount(a * (m + 1) + b, weights=curvature, minlength=(m + 1) ** 2)
    full = -cell.reshape(m + 1, m + 1)
    full = full + full.T
    np.fill_diagonal(full, 0.0)
    np.fill_diagonal(full, -full.sum(axis=0) * (1 + _RIDGE))
    factor = linalg.cho_factor(full[1:, 1:], lower=True, check_finite=False)
    return np.diff(linalg.cho_solve(factor, side, check_finite=False), prepend=0.0)


def _factored(a: Codes, b: Codes, curvature: Vector, m: int) -> SuperLU:
    """The Laplacian without its grounded node, factored as a sparse matrix."""
    degree = np.bincount(a, weights=curvature, minlength=m + 1) + np.bincount(
        b, weights=curvature, minlength=m + 1
    )
    is_loop = a == b
    degree -= 2 * np.bincount(a[is_loop], weights=curvature[is_loop], minlength=m + 1)
    is_inner = (a > 0) & ~is_loop
    a, b, tie, node = a[is_inner] - 1, b[is_inner] - 1, -curvature[is_inner], np.arange(m)
    laplacian = sparse.csc_array(
        (
            np.concatenate([tie, tie, degree[1:] * (1 + _RIDGE)]),
            (np.concatenate([a, b, node]), np.concatenate([b, a, node])),
        ),
        shape=(m, m),
    )
    # Symmetric and positive: the order along the time line is a good one, and needs no pivots.
    return splu(
        laplacian,
        permc_spec="NATURAL",
        diag_pivot_thresh=0.0,
        options={"SymmetricMode": True},
    )


def _times(runs: Runs, cells: Codes, q: Vector, curvature: Vector) -> Vector:
    """H q over some cells."""
    a, b = np.searchsorted(cells, runs.first), np.searchsorted(cells, runs.last)
    inner = Runs(a, b, curvature, len(cells))
    total = inner.probability(q) * curvature
    size = len(cells) + 1
    ends = np.bincount(a, weights=total, minlength=size) - np.bincount(
        b, weights=total, minlength=size
    )
    return np.cumsum(ends)[:-1]


def _walked(
    runs: Runs, mass: Vector, proposed: Vector, now: float, slope: float
) -> tuple[Vector, Vector] | None:
    """The first of the whole way, half of it, … that gains a third of what the slope promises."""
    share, slack = 1.0, 1e-14 * abs(now)
    for _ in range(_MAX_HALVINGS):
        tried = mass + share * (proposed - mass) if share < 1 else proposed
        probability = runs.probability(tried)
        if _log_likelihood(runs, probability) >= now + share * slope / 3 - slack:
            return tried, probability
        share /= 2
    return None
