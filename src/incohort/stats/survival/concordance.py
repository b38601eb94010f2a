"""Concordance: whether those whom a model gives the higher hazard have the event sooner."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from incohort.stats.outcome import NoEstimate
from incohort.stats.survival.cox_fit import CoxFit
from incohort.stats.survival.inputs import Codes, Vector
from incohort.stats.survival.risk_sets import RiskSets

_SAME = 1e-12  # of the largest linear predictor: a smaller difference is rounding


@dataclass(frozen=True, slots=True, kw_only=True)
class Concordance:
    """The share of comparable pairs in the right order, ties of the predictor as half.

    `se` is the infinitesimal jackknife's, by cluster where the model has clusters.
    """

    estimate: float
    se: float
    n_concordant: int
    n_discordant: int
    n_tied: int


def concordance(fit: CoxFit) -> Concordance | NoEstimate:
    """Harrell's C of the model's linear predictor.

    A pair is comparable where one has the event while the other is at risk and stays longer,
    within a stratum. Two events at one time are not comparable; a censoring at the time of an
    event comes after it.

    Source: Harrell et al. 1982; Therneau & Watson 2017; R's concordance in
        tests/validation/survival/cox.json.
    """
    sets = fit.data.sets
    rank = _ranks(fit.data.x @ fit.at_maximum.beta)
    below, same, above = _by_row(sets, rank)
    # Each pair is met twice: from the event, and from the one who stays.
    total = int((below + same + above).sum()) // 2
    if total == 0:
        return NoEstimate("no two rows can be compared")
    concordant, tied = int(below.sum()) // 2, int(same.sum()) // 2
    estimate = (concordant + tied / 2) / total
    influence: Vector = (below + same / 2 - estimate * (below + same + above)) / total
    if fit.cluster is not None:
        given = fit.data.as_given(influence)
        influence = np.bincount(fit.cluster, weights=given).astype(np.float64)
    return Concordance(
        estimate=estimate,
        se=math.sqrt(float((influence**2).sum())),
        n_concordant=concordant,
        n_discordant=total - concordant - tied,
        n_tied=tied,
    )


def _ranks(predictor: Vector) -> Codes:
    order = np.argsort(predictor, kind="stable")
    gaps = np.diff(predictor[order])
    ranks = np.empty(len(predictor), dtype=np.int64)
    ranks[order] = np.concatenate(
        [[0], np.cumsum(gaps > _SAME * max(1.0, float(np.abs(predictor).max())))]
    )
    return ranks


def _by_row(sets: RiskSets, rank: Codes) -> tuple[Codes, Codes, Codes]:
    """For each row its concordant, tied and discordant pairs, in both roles."""
    event = np.flatnonzero(sets.event)
    set_code = sets.last[event] - 1
    stays = sets.last - sets.event  # an event is no comparison for its own set
    # From the event: those who stay beyond its set, less those who enter only after it.
    lower, upto, everyone = (
        a - b
        for a, b in zip(
            _beyond(stays, rank, set_code, rank[event]),
            _beyond(sets.first, rank, set_code, rank[event]),
            strict=True,
        )
    )
    concordant, tied = lower.copy(), upto - lower
    discordant = everyone - upto
    of_row = [np.zeros(len(rank), dtype=np.int64) for _ in range(3)]
    for row, counts in zip(of_row, (concordant, tied, discordant), strict=True):
        row[event] += counts
    # From the one who stays: the events of the sets in which it is compared.
    in_order = np.argsort(set_code, kind="stable")
    ranks = rank[event][in_order]
    before = np.searchsorted(
        set_code[in_order], np.stack([sets.first, np.maximum(stays, sets.first)])
    )
    lower = _count_below(ranks, before[1], rank) - _count_below(ranks, before[0], rank)
    upto = _count_below(ranks, before[1], rank + 1) - _count_below(ranks, before[0], rank + 1)
    of_row[0] += before[1] - before[0] - upto  # the event had the higher hazard: concordant
    of_row[1] += upto - lower
    of_row[2] += lower
    return of_row[0], of_row[1], of_row[2]


def _beyond(position: Codes, rank: Codes, at: Codes, at_rank: Codes) -> tuple[Codes, Codes, Codes]:
    """Rows whose position is beyond `at`: of lower rank, of lower or equal rank, all."""
    order = np.argsort(-position, kind="stable")
    how_many = np.searchsorted(-position[order], -at)
    ranks = rank[order]
    return (
        _count_below(ranks, how_many, at_rank),
        _count_below(ranks, how_many, at_rank + 1),
        how_many,
    )


def _count_below(ranks: Codes, how_many: Codes, limit: Codes) -> Codes:
    """How many of the first `how_many` ranks are below `limit`, for each pair of the two.

    The first m are cut into blocks by the binary digits of m; within each size of block the
    ranks are sorted once, and each question is a binary search in its block.
    """
    width = int(ranks.max(initial=0)) + 2
    index = np.arange(len(ranks))
    counts = np.zeros(len(how_many), dtype=np.int64)
    for level in range(len(ranks).bit_length()):
        asked = np.flatnonzero((how_many >> level) & 1)
        if len(asked) == 0:
            continue
        block = (how_many[asked] >> level) - 1
        ordered = np.sort((index >> level) * width + ranks)
        sought = block * width + np.minimum(limit[asked], width - 1)
        counts[asked] += np.searchsorted(ordered, sought) - (block << level)
    return counts
