"""What sums tell of the numbers that are not shown: the attacker's linear programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

Range = tuple[float, float]
_NOISE = 1e-6


class Possible:
    """The worlds in which some sums hold.

    The bounds are those of linear programming: exact for tables of two ways, whose constraint
    matrix is totally unimodular, and never too narrow otherwise.

    Args:
        sums: A total and its parts, each by its number.
        known: Limits of a number; from 0 to infinity where none are given.

    Source: Dobra & Fienberg 2000, PNAS 97:11885, on bounds for cells given margins;
        tests/properties/test_disclosure_properties.py holds it against another attacker.
    """

    def __init__(
        self, sums: Sequence[tuple[int, Sequence[int]]], known: Mapping[int, Range]
    ) -> None:
        """Write the sums as one system of equations."""
        names = sorted({name for total, parts in sums for name in (total, *parts)})
        self._column = {name: position for position, name in enumerate(names)}
        cells = [(row, total, -1.0) for row, (total, _) in enumerate(sums)]
        cells += [(row, part, 1.0) for row, (_, parts) in enumerate(sums) for part in parts]
        rows, which, values = zip(*cells, strict=True)
        columns = [self._column[name] for name in which]
        shape = (len(sums), len(names))
        self._matrix = sparse.csr_matrix((values, (rows, columns)), shape=shape)
        self._limits = [known.get(name, (0.0, np.inf)) for name in names]
        # Each world that was found says how large a number can be at least; asked again with
        # another target, most are answered by these.
        self._reached = np.zeros(len(names))
        self._most: dict[int, float] = {}

    def out_of_reach(self, targets: Mapping[int, float]) -> set[int]:
        """The numbers that can't be as large as their target.

        One program lifts all of them at once as far as it goes; only what it leaves behind is
        asked for alone.
        """
        left, before = dict(targets), -1
        self._strike(left)
        beyond = {name for name in left if name in self._most}
        for name in beyond:
            del left[name]
        while left and len(left) != before:
            before = len(left)
            self._see(self._lifted(left))
            self._strike(left)
        while left:
            name, target = left.popitem()
            world = self._extreme(name, -1.0)
            if world is None:
                self._reached[self._column[name]] = np.inf
                continue
            self._see(world)
            self._most[name] = float(world[self._column[name]])
            if self._most[name] < target - _NOISE:
                beyond.add(name)
            self._strike(left)
        return beyond

    def _see(self, world: NDArray[np.float64]) -> None:
        self._reached = np.maximum(self._reached, world)

    def _strike(self, left: dict[int, float]) -> None:
        for name in list(left):
            if self._reached[self._column[name]] >= left[name] - _NOISE:
                del left[name]

    def _lifted(self, targets: Mapping[int, float]) -> NDArray[np.float64]:
        """A world in which the sum of the numbers, each up to its target, is largest."""
        n_rows, n = self._matrix.shape
        k = len(targets)
        columns = [self._column[name] for name in targets]
        equal = sparse.hstack([self._matrix, sparse.csr_matrix((n_rows, k))]).tocsr()
        at_most = sparse.csr_matrix(
            (
                [*[-1.0] * k, *[1.0] * k],
                ([*range(k), *range(k)], [*columns, *range(n, n + k)]),
            ),
            shape=(k, n + k),
        )
        answer = optimize.linprog(
            np.concatenate([np.zeros(n), -np.ones(k)]),
            A_ub=at_most,
            b_ub=np.zeros(k),
            A_eq=equal,
            b_eq=np.zeros(n_rows),
            bounds=[*self._limits, *((0.0, target) for target in targets.values())],
            method="highs",
        )
        return self._world(answer)

    def _extreme(self, name: int, sign: float) -> NDArray[np.float64] | None:
        """A world in which a number is smallest (1) or largest (−1); None where unbounded."""
        cost = np.zeros(self._matrix.shape[1])
        cost[self._column[name]] = sign
        zeros = np.zeros(self._matrix.shape[0])
        answer = optimize.linprog(
            cost, A_eq=self._matrix, b_eq=zeros, bounds=self._limits, method="highs"
        )
        return None if answer.status == 3 else self._world(answer)  # 3: unbounded

    def _world(self, answer: optimize.OptimizeResult) -> NDArray[np.float64]:
        if not answer.success:
            msg = "these sums contradict each other"
            raise ValueError(msg)
        world: NDArray[np.float64] = answer.x[: self._matrix.shape[1]]
        return world
