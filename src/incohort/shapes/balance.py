"""How far groups differ in one characteristic, and whether by chance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.contingency import ChiSquare, chi_square, fisher_exact
from incohort.stats.location import Comparison, kruskal_wallis, mann_whitney

# Of how many a group's value must be recorded to count among three or more groups: with fewer, the
# standard error of a difference is near half a standard deviation, and the largest is chance's.
LEAST = 10


def difference_of(pairs: Sequence[float | NoEstimate]) -> float | NoEstimate:
    """The largest of the differences between pairs of groups, without sign."""
    known = [abs(pair) for pair in pairs if not isinstance(pair, NoEstimate)]
    if known:
        return max(known)
    reasons = [pair.reason for pair in pairs if isinstance(pair, NoEstimate)]
    reasons.append(f"fewer than two groups have {LEAST} patients in whom it is recorded")
    return NoEstimate(reasons[0])


def ranks_test(
    samples: Sequence[NDArray[np.floating]],
) -> HypothesisTest | Comparison | NoEstimate:
    """Whether values differ between groups, by their ranks."""
    if len(samples) == 2:
        return mann_whitney(samples[0], samples[1])
    return kruskal_wallis(samples)


def association(counts: Sequence[Sequence[int]]) -> HypothesisTest | ChiSquare | NoEstimate:
    """Chi-square where its expected counts allow it, else the exact test; a row a group."""
    used = [row for row in counts if sum(row)]
    columns = [i for i in range(len(counts[0])) if any(row[i] for row in used)] if used else []
    answer = (
        chi_square([[row[i] for i in columns] for row in used])
        if len(columns) > 1 and len(used) > 1
        else NoEstimate("there is nothing to compare")
    )
    if isinstance(answer, ChiSquare) and answer.n_expected_below_5:
        exact = fisher_exact(counts)
        return answer if isinstance(exact, NoEstimate) else exact
    return answer
