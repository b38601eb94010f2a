"""What sums tell of the numbers that are not shown: the attacker's linear programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

Range = tuple[float, float]
Numbers = NDArray[np.float64]
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
    program looks again. A number that is to be large, or that may be let go, is written as the sum
    of several: of what costs nothing and of what is paid for.

    Args:
        sums: A total and its parts, each by its number.

    Source: Dobra & Fienberg 2000, PNAS 97:11885, on bounds for cells given margins; Fischetti &
        Salazar-González 2001, Management Science 47:1008, on what else to withhold;
        tests/properties/test_disclosure_properties.py holds it against another attacker.
    """

    def __init__(self, sums: Sequence[tuple[int, Sequence[int]]]) -> None:
        """Write the sums as one system of equations."""
        self.names = sorted({name for total, parts in sums for name in (total, *parts)})
        self._column = {name: position for position, name in enumerate(self.names)}
        cells = [(row, total, -1.0) for row, (total, _) in enumerate(sums)]
        cells += [(row, part, 1.0) for row, (_, parts) in enumerate(sums) for part in parts]
        rows, which, values = zip(*cells, strict=True)
        columns = [self._column[name] for name in which]
        shape = (len(sums), len(self.names))
        self._matrix = sparse.csc_matrix((values, (rows, columns)), shape=shape)

    def lifted(
        self, known: Mapping[int, Range], targets: Mapping[int, float]
    ) -> Mapping[int, float] | None:
        """A world in which the sum of some numbers, each up to its target, is largest.

        Where several compete the first have it: one is large rather than none.

        Args:
            known: Limits of a number; from 0 to infinity where none are given.
            targets: How large each should be, if it can.

        Returns:
            Every number in that world; None where there is none.
        """
        low, high = self._limits(known)
        at = [self._column[name] for name in targets]
        more = np.array([*targets.values()])
        world = self._cheapest(
            low,
            high,
            places=at,
            signs=np.ones(len(at)),
            most=more,
            price=-np.linspace(2.0, 1.0, len(at)),
        )
        return None if world is None else self._named(world[0])

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
        loose = [other for other in loose if other != name]
        low, high = self._limits({**known, name: wanted})
        at = [self._column[other] for other in loose]
        price = np.array([costs[other] for other in loose] * 2)
        k = len(loose)
        cheapest = self._cheapest(
            low, high, places=[*at, *at], signs=np.repeat([1.0, -1.0], k), price=price,
            most=np.concatenate([np.full(k, np.inf), low[at]]),
        )  # fmt: skip
        if cheapest is None:
            return None
        world, extra = cheapest
        over = extra[:k] + extra[k:]
        gone = frozenset(other for other, far in zip(loose, over, strict=True) if far > _NOISE)
        return Way(gone, float(price @ extra), self._named(world))

    def _limits(self, known: Mapping[int, Range]) -> tuple[Numbers, Numbers]:
        limits = np.array([known.get(name, _ANYTHING) for name in self.names], dtype=np.float64)
        return limits[:, 0], limits[:, 1]

    def _cheapest(
        self, low: Numbers, high: Numbers, *, places: Sequence[int], signs: Numbers,
        price: Numbers, most: Numbers,
    ) -> tuple[Numbers, Numbers] | None:  # fmt: skip
        """The cheapest world within the limits, but for what is added to some numbers at a price.

        Args:
            low: The least of each number.
            high: The most of each.
            places: The columns of the numbers to which something may be added.
            signs: Whether it is added, or taken away.
            price: Of each unit of it.
            most: How much of it there may be.

        Returns:
            Every number, in whole numbers, and what was added; None where there is none.
        """
        n, k = len(self.names), len(places)
        added = self._matrix[:, list(places)].multiply(signs).tocsc()
        equal = sparse.hstack([self._matrix, added]).tocsc()
        zeros = np.zeros(equal.shape[0])
        for whole in (0, n + k):
            answer = optimize.milp(
                np.concatenate([np.zeros(n), price]),
                constraints=optimize.LinearConstraint(equal, zeros, zeros),
                bounds=optimize.Bounds(
                    np.concatenate([low, np.zeros(k)]), np.concatenate([high, most])
                ),
                integrality=np.repeat([0, 1], [n + k - whole, whole]),
            )
            if not answer.success:
                return None
            world, extra = answer.x[:n].copy(), answer.x[n:]
            np.add.at(world, list(places), signs * extra)
            if _is_whole(world):
                return world, extra
        return world, extra

    def _named(self, world: Numbers) -> Mapping[int, float]:
        return dict(zip(self.names, world.tolist(), strict=True))


def _is_whole(numbers: Numbers) -> bool:
    return bool(np.all(np.abs(numbers - np.round(numbers)) < _WHOLE))
