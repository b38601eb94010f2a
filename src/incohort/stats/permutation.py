"""Permutation tests: what difference chance alone would make, were the groups' labels shuffled."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from incohort.stats._checked import labels_of
from incohort.stats.outcome import NoEstimate
from incohort.stats.survival import nelson_aalen
from incohort.stats.survival.inputs import TIE_TOLERANCE, Codes, Flags, Vector

_SAME = 1e-9  # of the statistics' size: nearer ones are ties, whatever the rounding
_CHUNK = 4_000_000  # shuffled labels that are held at once

Statistic = Callable[[NDArray[np.generic], Flags], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class PermutationTest:
    """A two-sided permutation test: as extreme as seen are P of all relabellings.

    `statistic` is what was seen: of two groups the second less the first. `is_exact` where all
    `n_permutations` relabellings were listed; else so many were drawn, and P counts the one seen.
    """

    statistic: float
    p_value: float
    is_exact: bool
    n_permutations: int
    method: str


def permutation_means(
    values: ArrayLike, group: ArrayLike, *, seed: int, n_permutations: int = 9999
) -> PermutationTest | NoEstimate:
    """The difference of two groups' means; of more, the spread of their means.

    With more than two groups the statistic is Σ n (mean − overall mean)², as in the analysis of
    variance.

    Args:
        values: Shape (n,), without missing values.
        group: Labels, shape (n,).
        seed: Of the random generator: the same seed gives the same P.
        n_permutations: How many relabellings are drawn, if all are more than this.

    Raises:
        ValueError: Shapes differ, a value is missing, or there is no permutation to draw.

    Source: Fisher 1935; Phipson & Smyth 2010, Stat Appl Genet Mol Biol 9:39 (the one seen is
        counted, so P is never 0); R's independence_test of coin in
        tests/validation/permutation/permutation.R.

    >>> permutation_means([1, 2, 3, 10, 11, 12], [0, 0, 0, 1, 1, 1], seed=1).p_value
    0.1
    """
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 1 or not np.isfinite(x).all():
        raise ValueError("values must be one-dimensional and without missing values")
    return _by_scores(x, group, (seed, n_permutations), "means", has_unit=True)


def permutation_logrank(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, *, seed: int, n_permutations: int = 9999
) -> PermutationTest | NoEstimate:
    """The log-rank test by permutation, for groups too small for its chi-squared distribution.

    Events seen less events expected are a sum of scores, event less cumulative hazard, over the
    group; those are shuffled. Censoring must not hang on the group. With two groups the statistic
    is seen less expected in the second, else Σ (seen − expected)²/n.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        group: Labels, shape (n,).
        seed: Of the random generator: the same seed gives the same P.
        n_permutations: How many relabellings are drawn, if all are more than this.

    Raises:
        ValueError: As `follow_up` and `permutation_means`.

    Source: Peto & Peto 1972, J R Stat Soc A 135:185; R's survdiff in
        tests/validation/permutation/permutation.R.
    """
    hazard = nelson_aalen(time, event)
    if isinstance(hazard, NoEstimate):
        return hazard
    if not hazard.n_events.any():
        return NoEstimate("nobody had the event")
    exits = np.asarray(time, dtype=np.float64)
    place = np.searchsorted(hazard.time, exits + TIE_TOLERANCE * np.maximum(1.0, exits), "right")
    expected = np.concatenate([[0.0], hazard.cumulative_hazard])[place]
    scores = np.asarray(event, dtype=np.float64) - expected
    return _by_scores(scores, group, (seed, n_permutations), "log-rank scores", has_unit=False)


def permutation_test(
    values: ArrayLike,
    group: ArrayLike,
    statistic: Statistic,
    *,
    seed: int,
    n_permutations: int = 9999,
) -> PermutationTest | NoEstimate:
    """Any statistic of two groups that is about 0 where they are alike.

    Args:
        values: Rows to be shuffled between the groups, shape (n,) or (n, k).
        group: Two labels, shape (n,).
        statistic: Of the values and a flag for each row of the second group; it is called once for
            each relabelling.
        seed: Of the random generator: the same seed gives the same P.
        n_permutations: How many relabellings are drawn, if all are more than this.

    Raises:
        ValueError: Not one label a row, more than two labels, no permutation to draw, or the
            statistic is not a number.

    Source: as `permutation_means`.
    """
    x = np.asarray(values)
    labels, codes = labels_of(group, len(x), "group")
    if len(labels) > 2:
        raise ValueError("any statistic is compared between two groups")
    relabellings = _relabellings(codes, len(labels), seed, n_permutations)
    if isinstance(relabellings, NoEstimate):
        return relabellings
    seen = float(statistic(x, codes == 1))
    drawn = [float(statistic(x, line == 1)) for part in relabellings.parts for line in part]
    if not np.isfinite([seen, *drawn]).all():
        raise ValueError("the statistic is not a number for every relabelling")
    return _test(seen, np.abs(drawn), abs(seen), relabellings, "a statistic")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Relabellings:
    """All of them, or some drawn; each part has one a line, shape (lines, n)."""

    parts: list[Codes]
    is_exact: bool


def _by_scores(
    scores: Vector, group: ArrayLike, draw: tuple[int, int], of: str, *, has_unit: bool
) -> PermutationTest | NoEstimate:
    """From each group's sum of scores; with a unit, two groups' difference of means is shown."""
    labels, codes = labels_of(group, len(scores), "group")
    relabellings = _relabellings(codes, len(labels), *draw)
    if isinstance(relabellings, NoEstimate):
        return relabellings
    if np.ptp(scores) == 0:
        return NoEstimate("all are alike, so there is nothing to compare")
    sizes = np.bincount(codes)
    centred = scores - scores.mean()

    def spread(lines: Codes) -> Vector:
        sums = [(lines == k) @ centred for k in range(len(sizes))]
        total: Vector = sum(s**2 / n for s, n in zip(sums, sizes, strict=True))
        return total

    seen = float(spread(codes[None, :])[0])
    statistic = seen
    if len(sizes) == 2:
        of_second = scores[codes == 1]
        statistic = float(of_second.sum())
        if has_unit:
            statistic = float(of_second.mean() - scores[codes == 0].mean())
    drawn = np.concatenate([spread(part) for part in relabellings.parts])
    return _test(statistic, drawn, seen, relabellings, of)


def _test(
    statistic: float, drawn: Vector, seen: float, relabellings: _Relabellings, of: str
) -> PermutationTest:
    slack = _SAME * max(abs(seen), float(np.abs(drawn).max()))
    as_extreme = int((drawn >= seen - slack).sum())
    p_value = (
        as_extreme / len(drawn) if relabellings.is_exact else (as_extreme + 1) / (len(drawn) + 1)
    )
    how = "all" if relabellings.is_exact else "random"
    return PermutationTest(
        statistic=statistic,
        p_value=p_value,
        is_exact=relabellings.is_exact,
        n_permutations=len(drawn),
        method=f"permutation test of {of}, {len(drawn)} {how} relabellings",
    )


def _relabellings(
    codes: Codes, n_groups: int, seed: int, n_permutations: int
) -> _Relabellings | NoEstimate:
    if n_permutations < 1:
        raise ValueError("n_permutations must be at least 1")
    if n_groups < 2:
        return NoEstimate("there are fewer than two groups to compare")
    sizes = np.bincount(codes).tolist()
    if _how_many(sizes) <= n_permutations:
        return _Relabellings(parts=[_all(sizes)], is_exact=True)
    generator = np.random.default_rng(seed)
    at_once = max(1, _CHUNK // len(codes))
    parts = [
        generator.permuted(
            np.broadcast_to(codes, (min(at_once, n_permutations - start), len(codes))), axis=1
        )
        for start in range(0, n_permutations, at_once)
    ]
    return _Relabellings(parts=parts, is_exact=False)


def _how_many(sizes: list[int]) -> int:
    """The multinomial coefficient."""
    left, ways = sum(sizes), 1
    for size in sizes:
        ways *= math.comb(left, size)
        left -= size
    return ways


def _all(sizes: list[int]) -> Codes:
    """Every placement of the labels 0, 1, … with these counts, one a line."""
    n = sum(sizes)
    lines = np.full((1, n), -1, dtype=np.int64)
    for label, size in enumerate(sizes):
        free = int((lines[0] == -1).sum())
        chosen = np.array(list(combinations(range(free), size)), dtype=np.int64)
        places = np.nonzero(lines == -1)[1].reshape(len(lines), free)
        taken = places[:, chosen].reshape(len(lines) * len(chosen), size)
        lines = np.repeat(lines, len(chosen), axis=0)
        np.put_along_axis(lines, taken, label, axis=1)
    return lines
