"""Who is at risk when an event happens, and sums over them, without a loop."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incohort.stats.survival.inputs import Codes, Flags, FollowUp, Matrix, Vector

_CANCELLED = 1e-7  # of a sum, below which a difference of two sums has lost too many digits


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSets:
    """One risk set for each different event time within a stratum, in order of both.

    Row i is at risk in the sets `first[i]` ≤ j < `last[i]`; an event's own set is `last[i]` − 1.
    """

    event: Flags
    first: Codes | None  # None where everybody is at risk from the first set on
    last: Codes
    time: Vector
    stratum: Codes

    @property
    def n_sets(self) -> int:
        """How many risk sets."""
        return len(self.time)

    def sums(self, values: Matrix) -> Matrix:
        """Over those at risk, of each column of `values`, shape (n, k); shape (sets, k).

        Those who leave later less those who enter later, both summed from the end, so that the
        small risk sets of late times are sums of few terms.
        """
        total = _from_end(self.last, values, self.n_sets)
        if self.first is None:
            return total
        return total - _from_end(self.first, values, self.n_sets)

    def weighted_sums(self, weight: Vector, x: Matrix) -> tuple[Vector, Matrix]:
        """Sums of positive weights and of weighted x; sets where digits cancel are summed anew."""
        both = np.empty((len(weight), 1 + x.shape[1]), order="F")
        both[:, 0] = weight
        np.multiply(weight[:, None], x, out=both[:, 1:])
        total = _from_end(self.last, both, self.n_sets)
        if self.first is not None:
            net = total - _from_end(self.first, both, self.n_sets)
            for j in np.flatnonzero(net[:, 0] < _CANCELLED * total[:, 0]):
                net[j] = both[(self.first <= j) & (j < self.last)].sum(axis=0)
            total = net
        return total[:, 0], total[:, 1:]

    def counts(self, group: Codes, n_groups: int) -> Codes:
        """How many of each group are at risk, shape (groups, sets)."""
        total = _count_from_end(self.last, group, n_groups, self.n_sets)
        if self.first is None:
            return total
        return total - _count_from_end(self.first, group, n_groups, self.n_sets)

    def over_time_at_risk(self, by_set: Matrix) -> Matrix:
        """For each row the sum, over the sets in which it is at risk, of values by set, (n, k)."""
        total = np.empty((len(self.last), by_set.shape[1]), order="F")
        for k, column in enumerate(by_set.T):
            running = np.concatenate([[0.0], np.cumsum(column)])
            total[:, k] = running[self.last]
            if self.first is not None:
                total[:, k] -= running[self.first]
        return total


def risk_sets(rows: FollowUp, stratum: Codes | None = None) -> RiskSets:
    """The risk sets of all event times; `stratum` holds each row's stratum as a code from 0."""
    if stratum is None or not stratum.any():
        return _one_stratum(rows)
    width = len(rows.distinct) + 1
    exits = stratum * width + rows.exit_code + 1
    enters = stratum * width + (0 if rows.enter_code is None else rows.enter_code + 1)
    sets = np.unique(exits[rows.event])
    return RiskSets(
        event=rows.event,
        first=np.searchsorted(sets, enters, side="right"),
        last=np.searchsorted(sets, exits, side="right"),
        time=rows.distinct[sets % width - 1],
        stratum=sets // width,
    )


def _one_stratum(rows: FollowUp) -> RiskSets:
    is_set = np.zeros(len(rows.distinct), dtype=np.bool_)
    is_set[rows.exit_code[rows.event]] = True
    sets_until = np.concatenate([np.cumsum(is_set), [0]])  # the last is for the code FROM_START
    return RiskSets(
        event=rows.event,
        first=None if rows.enter_code is None else sets_until[rows.enter_code],
        last=sets_until[rows.exit_code],
        time=rows.distinct[is_set],
        stratum=np.zeros(int(is_set.sum()), dtype=np.int64),
    )


def _from_end(position: Codes, values: Matrix, n_sets: int) -> Matrix:
    """Sums over the rows whose position is beyond j, for each set j."""
    total = np.empty((n_sets, values.shape[1]), order="F")  # columns are what is worked on
    for k, column in enumerate(values.T):
        by_position = np.bincount(position, weights=column, minlength=n_sets + 1)
        total[:, k] = np.cumsum(by_position[:0:-1])[::-1]
    return total


def _count_from_end(position: Codes, group: Codes, n_groups: int, n_sets: int) -> Codes:
    cells = np.bincount(group * (n_sets + 1) + position, minlength=(n_sets + 1) * n_groups)
    by_position = cells.reshape(n_groups, n_sets + 1)
    return np.cumsum(by_position[:, :0:-1], axis=1)[:, ::-1]
