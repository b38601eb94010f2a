"""What sums tell of the numbers that are not shown: the attacker's linear programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

Range = tuple[float, float]
_NOISE = 1e-6
_WHOLE = 1e-4  # how near a whole number counts as one
_ANYTHING: Range = (0.0, np.inf)


@dataclass(frozen=True, slots=True)
class Way:
    """What has to be let go so that a number can be as large, or as small, as wanted.

    `gone` are the known numbers that must become unknown, none where it can be so already; `cost`
    is the sum of what they cost; `world` has every number in a world where it is so.
    """

    gone: frozenset[int]
    cost: float
    world: Mapping[int, float]


class Possible:
    """The worlds in which some sums hold, of counts: whole numbers from 0 on.

    Linear programs look for them; where one ends in a world with parts of persons in it, an integer
    program looks again.

    Args:
        sums: A total and its parts, each by its number.

    Source: Dobra & Fienberg 2000, PNAS 97:11885, on bounds for cells given margins; Fischetti &
        Salazar-González 2001, Management Science 47:1008, on what else to withhold;
        tests/properties/test_disclosure_properties.py holds it against another attacker.
    """

    def __init__(self, sums: Sequence[tuple[int, Sequence[int]]]) -> None:
        """Write the sums as one system of equations."""
        self._names = sorted({name for total, parts in sums for name in (total, *parts)})
        self._column = {name: position for position, name in enumerate(self._names)}
        cells = [(row, total, -1.0) for row, (total, _) in enumerate(sums)]
        cells += [(row, part, 1.0) for row, (_, parts) in enumerate(sums) for part in parts]
        rows, which, values = zip(*cells, strict=True)
        columns = [self._column[name] for name in which]
        shape = (len(sums), len(self._names))
        self._matrix = sparse.csr_matrix((values, (rows, columns)), shape=shape)

    def lifted(
        self, known: Mapping[int, Range], targets: Mapping[int, float]
    ) -> Mapping[int, float] | None:
        """A world in which the sum of some numbers, each up to its target, is largest.

        Args:
            known: Limits of a number; from 0 to infinity where none are given.
            targets: How large each should be, if it can.

        Returns:
            Every number in that world; None where there is none.
        """
        n, k = len(self._names), len(targets)
        columns = [self._column[name] for name in targets]
        rows = [*range(k), *range(k)]
        entries = ([*[1.0] * k, *[-1.0] * k], (rows, [*range(n, n + k), *columns]))
        program = _Program(
            price=np.concatenate([np.zeros(n), -np.ones(k)]), equal=self._wider(k),
            beyond=sparse.csr_matrix(entries, shape=(k, n + k)), most=np.zeros(k),
            limits=[*self._limits(known), *((0.0, target) for target in targets.values())],
        )  # fmt: skip
        world = program.solved(n)
        return None if world is None else self._named(world[:n])

    def way(
        self, known: Mapping[int, Range], costs: Mapping[int, float], name: int, wanted: Range
    ) -> Way | None:
        """What to let go, at least cost, so that a number can lie between two limits.

        Args:
            known: Limits of what is known.
            costs: What each unit costs by which a known number may leave its limits; one without a
                cost can't be let go.
            name: The number.
            wanted: Where it should be able to lie.

        Returns:
            The way, or None where it can't be so whatever is let go.
        """
        loose = [other for other in costs if other in known and other in self._column]
        n, k = len(self._names), len(loose)
        held = {**{other: known[other] for other in known if other not in costs}, name: wanted}
        limits = [*self._limits(held), *[_ANYTHING] * (2 * k)]
        price = np.concatenate([np.zeros(n), *[[costs[other] for other in loose]] * 2])
        at = [self._column[other] for other in loose]
        # x − up ≤ high, and −x − down ≤ −low: what lies beyond its limits is paid for
        rows, signs = [*range(k), *range(k)], [*[1.0] * k, *[-1.0] * k]
        upper = sparse.csr_matrix((signs, (rows, [*at, *range(n, n + k)])), shape=(k, n + 2 * k))
        lower = sparse.csr_matrix(
            ([-1.0] * (2 * k), (rows, [*at, *range(n + k, n + 2 * k)])), shape=(k, n + 2 * k)
        )
        program = _Program(
            price=price, equal=self._wider(2 * k), beyond=sparse.vstack([upper, lower]).tocsr(),
            most=np.array([*(known[o][1] for o in loose), *(-known[o][0] for o in loose)]),
            limits=limits,
        )  # fmt: skip
        world = program.solved(n)
        if world is None:
            return None
        over = world[n : n + k] + world[n + k :]
        gone = frozenset(other for other, far in zip(loose, over, strict=True) if far > _NOISE)
        return Way(gone, float(price @ world), self._named(world[:n]))

    def _limits(self, known: Mapping[int, Range]) -> list[Range]:
        return [known.get(name, _ANYTHING) for name in self._names]

    def _wider(self, more: int) -> sparse.csr_matrix:
        blank = sparse.csr_matrix((self._matrix.shape[0], more))
        return sparse.hstack([self._matrix, blank]).tocsr()

    def _named(self, world: NDArray[np.float64]) -> Mapping[int, float]:
        return dict(zip(self._names, world.tolist(), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Program:
    """The least price at which the sums hold and what is beyond the limits is paid for."""

    price: NDArray[np.float64]
    equal: sparse.csr_matrix
    beyond: sparse.csr_matrix
    most: NDArray[np.float64]
    limits: Sequence[Range]

    def solved(self, n: int) -> NDArray[np.float64] | None:
        """The cheapest world, in whole numbers for the first `n`; None where there is none."""
        world = self._answer(whole=0)
        if world is None or _is_whole(world[:n]):
            return world
        return self._answer(whole=n)

    def _answer(self, *, whole: int) -> NDArray[np.float64] | None:
        low, high = zip(*self.limits, strict=True)
        zeros = np.zeros(self.equal.shape[0])
        answer = optimize.milp(
            self.price,
            constraints=[
                optimize.LinearConstraint(self.equal, zeros, zeros),
                optimize.LinearConstraint(self.beyond, -np.inf, self.most),
            ],
            bounds=optimize.Bounds(np.array(low), np.array(high)),
            integrality=np.concatenate([np.ones(whole), np.zeros(len(self.price) - whole)]),
        )
        return answer.x if answer.success else None


def _is_whole(numbers: NDArray[np.float64]) -> bool:
    return bool(np.all(np.abs(numbers - np.round(numbers)) < _WHOLE))
