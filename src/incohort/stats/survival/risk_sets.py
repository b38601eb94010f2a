"""Who is at risk when an event happens, and sums over them, without a loop over patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from incohort.stats.survival.inputs import Codes, Flags, FollowUp, Matrix, Vector

_CANCELLED = 1e-4  # of a sum, below which a difference of two sums has lost too many digits


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskSets:
    """One risk set for each different event time within a stratum, in order of both.

    Row i is at risk in the sets `first[i]` ≤ j < `last[i]`; an event's own set is `last[i]` − 1.
    `leaves` is `last`, and `enters` is `first`, but 0 for rows that are never at risk and for
    rows at risk from their stratum's first set on; `enters` is None where all are. `bounds` are
    the first sets of the strata and the end of the last: sums start anew at each, so that the
    digits of one stratum don't depend on the others.
    """

    event: Flags
    first: Codes
    last: Codes
    enters: Codes | None
    leaves: Codes
    time: Vector
    stratum: Codes
    bounds: Codes

    @property
    def n_sets(self) -> int:
        """How many risk sets."""
        return len(self.time)

    def reordered(self, row: Codes) -> RiskSets:
        """The same sets for rows in another order."""
        return RiskSets(
            event=self.event[row],
            first=self.first[row],
            last=self.last[row],
            enters=None if self.enters is None else self.enters[row],
            leaves=self.leaves[row],
            time=self.time,
            stratum=self.stratum,
            bounds=self.bounds,
        )

    def sums(self, values: Matrix) -> Matrix:
        """Over those at risk, of each column of `values`, shape (n, k); shape (sets, k).

        Those who leave later less those who enter later, both summed from the end, so that the
        small risk sets of late times are sums of few terms.
        """
        total = self._from_end(self.leaves, values)
        return total if self.enters is None else total - self._from_end(self.enters, values)

    def weighted_sums(self, weight: Vector, x: Matrix) -> tuple[Vector, Matrix]:
        """Sums of positive weights and of weighted x; sets where digits cancel are summed anew."""
        both = np.empty((len(weight), 1 + x.shape[1]), order="F")
        both[:, 0] = weight
        np.multiply(weight[:, None], x, out=both[:, 1:])
        total = self._from_end(self.leaves, both)
        if self.enters is not None:
            net = total - self._from_end(self.enters, both)
            for j in np.flatnonzero(net[:, 0] < _CANCELLED * total[:, 0]):
                net[j] = both[(self.first <= j) & (j < self.last)].sum(axis=0)
            total = net
        return total[:, 0], total[:, 1:]

    def counts(self, group: Codes, n_groups: int) -> Codes:
        """How many of each group are at risk, shape (groups, sets)."""
        total = self._count_from_end(self.leaves, group, n_groups)
        if self.enters is None:
            return total
        return total - self._count_from_end(self.enters, group, n_groups)

    def over_time_at_risk(self, by_set: Matrix) -> Matrix:
        """For each row the sum, over the sets in which it is at risk, of values by set, (n, k).

        A row that enters late has a difference of two sums: from the first set on or from the
        last one back, whichever takes away less, as it keeps more digits.
        """
        total = np.empty((len(self.leaves), by_set.shape[1]), order="F")
        for k, column in enumerate(by_set.T):
            before = self._running(column)
            total[:, k] = before[self.leaves]
            if self.enters is None:
                continue
            total[:, k] -= before[self.enters]
            size = self._running(np.abs(column))
            everything = np.zeros(self.n_sets + 1)
            for start, end in self._strata():
                everything[start + 1 : end + 1] = size[end]
            late = size[self.enters] > everything[self.leaves] - size[self.leaves]
            after = self._remaining(column)
            total[late, k] = after[self.enters[late]] - after[self.leaves[late]]
        return total

    def _running(self, column: Vector) -> Vector:
        """At position j the sum of the stratum's sets before j; 0 at position 0."""
        running = np.zeros(self.n_sets + 1)
        for start, end in self._strata():
            np.cumsum(column[start:end], out=running[start + 1 : end + 1])
        return running

    def _remaining(self, column: Vector) -> Vector:
        """At position j the sum of the stratum's sets from j on; 0 at a stratum's end."""
        remaining = np.zeros(self.n_sets + 1)
        for start, end in self._strata():
            remaining[start + 1 : end] = np.cumsum(column[start + 1 : end][::-1])[::-1]
        return remaining

    def _strata(self) -> list[tuple[int, int]]:
        return list(zip(self.bounds[:-1].tolist(), self.bounds[1:].tolist(), strict=True))

    def _from_end(self, position: Codes, values: Matrix) -> Matrix:
        """Sums over the rows whose position is beyond j, for each set j, within its stratum."""
        total = np.empty((self.n_sets, values.shape[1]), order="F")  # we work by columns
        for k, column in enumerate(values.T):
            by_position = np.bincount(position, weights=column, minlength=self.n_sets + 1)[1:]
            for start, end in self._strata():
                total[start:end, k] = np.cumsum(by_position[start:end][::-1])[::-1]
        return total

    def _count_from_end(self, position: Codes, group: Codes, n_groups: int) -> Codes:
        width = self.n_sets + 1
        cells = np.bincount(group * width + position, minlength=width * n_groups)
        by_position = cells.reshape(n_groups, width)[:, 1:]
        total = np.empty_like(by_position)
        for start, end in self._strata():
            total[:, start:end] = np.cumsum(by_position[:, start:end][:, ::-1], axis=1)[:, ::-1]
        return total


def risk_sets(rows: FollowUp, stratum: Codes | None = None) -> RiskSets:
    """The risk sets of all event times; `stratum` holds each row's stratum as a code from 0."""
    if stratum is None or not stratum.any():
        return _one_stratum(rows)
    width = len(rows.distinct) + 1
    exits = stratum * width + rows.exit_code + 1
    enters = stratum * width + (0 if rows.enter_code is None else rows.enter_code + 1)
    sets = np.unique(exits[rows.event])
    start = np.searchsorted(sets, stratum * width, side="right")
    set_stratum = sets // width
    starts = np.flatnonzero(np.diff(set_stratum, prepend=-1))
    return _with_positions(
        rows.event,
        (np.searchsorted(sets, enters, side="right"), np.searchsorted(sets, exits, side="right")),
        start,
        (rows.distinct[sets % width - 1], set_stratum, np.append(starts, len(sets))),
    )


def _one_stratum(rows: FollowUp) -> RiskSets:
    is_set = np.zeros(len(rows.distinct), dtype=np.bool_)
    is_set[rows.exit_code[rows.event]] = True
    sets_until = np.concatenate([np.cumsum(is_set), [0]])  # the last is for the code FROM_START
    n_sets = int(is_set.sum())
    zeros = np.zeros(rows.n, dtype=np.int64)
    first = zeros if rows.enter_code is None else sets_until[rows.enter_code]
    return _with_positions(
        rows.event,
        (first, sets_until[rows.exit_code]),
        zeros,
        (rows.distinct[is_set], np.zeros(n_sets, dtype=np.int64), np.array([0, n_sets])),
    )


def _with_positions(
    event: Flags,
    at_risk: tuple[Codes, Codes],
    start: Codes,
    sets: tuple[Vector, Codes, NDArray[np.int64]],
) -> RiskSets:
    """Positions within the stratum: 0 where a row leaves before, or is there from, its first set.

    A row that is never at risk enters and leaves at the same place.
    """
    first, last = at_risk
    leaves = np.where(last > start, last, 0)
    enters = np.where(first > start, first, 0)
    return RiskSets(
        event=event,
        first=first,
        last=last,
        enters=enters if enters.any() else None,
        leaves=leaves,
        time=sets[0],
        stratum=sets[1],
        bounds=sets[2],
    )
