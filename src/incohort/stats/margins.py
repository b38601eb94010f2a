"""What printed margins tell of cells that were not printed: the least and the most each can be.

A table is a set of cells that hold whole numbers from 0 on; a printed total is a sum of some cells,
each with a weight, that lies between two limits. Integer programs find how small and how large
another such sum can be, and whether there is any table at all.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, sparse

from incohort.stats.outcome import NoEstimate

Cell = TypeVar("Cell", bound=Hashable)
Weights = Mapping[Cell, int]
Vector = NDArray[np.float64]

_NO_TABLE = "no table of whole numbers has these totals"
_LARGEST = 2**31  # up to which sums of floats are exact, with room
_WHOLE = 1e-4  # how near a whole number counts as one
_NO_TABLE_OR_NO_END = {2, 3, 4}  # scipy's statuses: infeasible, unbounded, either of them


@dataclass(frozen=True, slots=True)
class Total(Generic[Cell]):
    """A sum of cells, each with its weight, that lies between two limits; None is no upper one."""

    weights: Weights[Cell]
    low: int
    high: int | None

    def __post_init__(self) -> None:
        """Refuse what is no range of whole numbers."""
        if self.high is not None and self.high < self.low:
            msg = f"a total can't lie between {self.low} and {self.high}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True)
class Extent(Generic[Cell]):
    """The least and the most that a sum can be; `most` is None where the totals set no limit.

    `at_least` and `at_most` are tables in which it is so, of the cells that are not 0.
    """

    least: int
    most: int | None
    at_least: Mapping[Cell, int]
    at_most: Mapping[Cell, int] | None


@dataclass(frozen=True)
class Crossed:
    """Several characteristics crossed: each cell is one level of each, in the order given.

    >>> table = Crossed({"recovered": (True, False), "died": (True, False)})
    >>> table.where(recovered=False, died=True)
    [(False, True)]
    """

    levels: Mapping[str, Sequence[Hashable]]
    cells: list[tuple[Hashable, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Write down the cells."""
        object.__setattr__(self, "cells", list(itertools.product(*self.levels.values())))

    def where(self, **chosen: Hashable) -> list[tuple[Hashable, ...]]:
        """The cells of these levels; a set stands for any of its levels.

        Raises:
            ValueError: There is no such characteristic, or it has no such level.
        """
        wanted: list[Collection[Hashable]] = list(self.levels.values())
        names = list(self.levels)
        for name, level in chosen.items():
            of_it = level if isinstance(level, set | frozenset) else {level}
            if name not in self.levels or not of_it <= set(self.levels[name]):
                msg = f"the table has no {name} that is {level!r}"
                raise ValueError(msg)
            wanted[names.index(name)] = of_it
        return [
            cell
            for cell in self.cells
            if all(part in of_it for part, of_it in zip(cell, wanted, strict=True))
        ]

    def total(
        self, count: int, *, up_to: int | None = None, **chosen: Hashable
    ) -> Total[tuple[Hashable, ...]]:
        """That so many are of these levels, or between `count` and `up_to`."""
        return total(self.where(**chosen), count, up_to=up_to)

    def margins(self, **counts: Mapping[Hashable, int]) -> list[Total[tuple[Hashable, ...]]]:
        """That each level of a characteristic has its count."""
        return [
            total(self.where(**{name: level}), count)
            for name, of_levels in counts.items()
            for level, count in of_levels.items()
        ]


def total(
    cells: Iterable[Cell] | Weights[Cell], count: int, *, up_to: int | None = None
) -> Total[Cell]:
    """That cells sum to a count, or to between `count` and `up_to`.

    Args:
        cells: The cells, or how often each counts.
        count: What they sum to.
        up_to: The most that they may sum to; None stands for `count`.
    """
    return Total(_weights(cells), count, count if up_to is None else up_to)


def extent(
    cells: Iterable[Cell] | Weights[Cell], totals: Sequence[Total[Cell]]
) -> Extent[Cell] | NoEstimate:
    """The least and the most that a sum of cells can be, given the totals of a table.

    Both are attained: there is a table of whole numbers with these totals in which the sum is so.
    Any table that anybody has in mind lies between.

    Args:
        cells: The cells to sum, or how often each counts.
        totals: What is known of the table; cells are named by what hashes.

    Raises:
        ValueError: A weight of `cells` is negative, or a total too large for exact sums.
        RuntimeError: The solver gave up, or its answer does not hold in whole numbers.

    Source: Dobra & Fienberg 2000, PNAS 97:11885; Fréchet 1940 for two margins; HiGHS of scipy's
        milp, each answer added up again in whole numbers; tests/validation/test_margins.py.

    Of 34 patients 26 recovered and 14 died: how many can have died before they recovered?

    >>> table = Crossed({"recovered": (True, False), "died": (True, False)})
    >>> known = [table.total(34), table.total(26, recovered=True), table.total(14, died=True)]
    >>> found = extent(table.where(recovered=False, died=True), known)
    >>> found.least, found.most
    (0, 8)
    """
    weights = _weights(cells)
    if any(weight < 0 for weight in weights.values()):
        raise ValueError("a sum of cells takes none away")
    program = _Program(totals, weights)
    low = program.solved(weights, sign=1)
    if low is None:
        return NoEstimate(_NO_TABLE)
    high = program.solved(weights, sign=-1)
    return Extent(
        least=_sum(weights, low),
        most=None if high is None else _sum(weights, high),
        at_least=low,
        at_most=high,
    )


def table_with(totals: Sequence[Total[Cell]]) -> Mapping[Cell, int] | NoEstimate:
    """A table of whole numbers that has these totals, if there is one; its empty cells left out.

    Args:
        totals: What is known of the table.

    Raises:
        ValueError: A weight or a limit is too large for exact sums.
        RuntimeError: The solver gave up, or its answer does not hold in whole numbers.

    Source: Dobra & Fienberg 2000, PNAS 97:11885; HiGHS of scipy's milp, each answer added up again
        in whole numbers; tests/validation/test_margins.py.

    >>> table = Crossed({"drug": ("a", "b")})
    >>> table_with([table.total(10), *table.margins(drug={"a": 4, "b": 5})]).reason
    'no table of whole numbers has these totals'
    """
    table = _Program(totals, {}).solved({}, sign=1)
    return NoEstimate(_NO_TABLE) if table is None else table


class _Program(Generic[Cell]):
    """The totals as linear rows over the cells that they, or the wanted sum, name."""

    def __init__(self, totals: Sequence[Total[Cell]], wanted: Weights[Cell]) -> None:
        self._totals = totals
        named = dict.fromkeys(cell for row in totals for cell in row.weights)
        self._cells = list(named | dict.fromkeys(wanted))
        self._column = {cell: position for position, cell in enumerate(self._cells)}
        limits = [abs(limit) for row in totals for limit in (row.low, row.high or 0)]
        sizes = [abs(weight) for row in totals for weight in row.weights.values()]
        if max([0, *limits, *sizes]) > _LARGEST:
            raise ValueError("a total is too large for exact sums")

    def solved(self, wanted: Weights[Cell], *, sign: int) -> dict[Cell, int] | None:
        """A table in which the wanted sum is least, or with −1 most; None where there is none.

        That is so where no table has the totals, or where the sum has no end in that direction.
        """
        if not self._cells:
            return (
                self._checked(np.zeros(0)) if all(_holds(row, {}) for row in self._totals) else None
            )
        price = np.zeros(len(self._cells))
        for cell, weight in wanted.items():
            price[self._column[cell]] = sign * weight
        answer = optimize.milp(
            price,
            constraints=self._rows(),
            integrality=np.ones(len(self._cells)),
            options={"mip_rel_gap": 0.0},
        )
        if answer.status in _NO_TABLE_OR_NO_END:
            return None
        if not answer.success:
            msg = f"the integer program was not solved: {answer.message}"
            raise RuntimeError(msg)
        return self._checked(answer.x)

    def _rows(self) -> list[optimize.LinearConstraint]:
        if not self._totals:
            return []
        entries = [
            (row, self._column[cell], weight)
            for row, known in enumerate(self._totals)
            for cell, weight in known.weights.items()
        ]
        rows, columns, weights = zip(*entries, strict=True) if entries else ((), (), ())
        matrix = sparse.csr_matrix(
            (np.array(weights, dtype=np.float64), (rows, columns)),
            shape=(len(self._totals), len(self._cells)),
        )
        low = [known.low for known in self._totals]
        high = [np.inf if known.high is None else known.high for known in self._totals]
        return [optimize.LinearConstraint(matrix, low, high)]

    def _checked(self, solution: Vector) -> dict[Cell, int]:
        """The solution in whole numbers, added up again without rounding."""
        counts = [round(number) for number in solution.tolist()]
        table = {cell: n for cell, n in zip(self._cells, counts, strict=True) if n}
        is_whole = bool((np.abs(solution - counts) < _WHOLE).all()) and min(counts, default=0) >= 0
        if not is_whole or not all(_holds(row, table) for row in self._totals):
            raise RuntimeError("the integer program's answer does not hold in whole numbers")
        return table


def _weights(cells: Iterable[Cell] | Weights[Cell]) -> dict[Cell, int]:
    return dict(cells) if isinstance(cells, Mapping) else dict(Counter(cells))


def _sum(weights: Weights[Cell], table: Mapping[Cell, int]) -> int:
    return sum(weight * table.get(cell, 0) for cell, weight in weights.items())


def _holds(known: Total[Cell], table: Mapping[Cell, int]) -> bool:
    total_of_it = _sum(known.weights, table)
    return known.low <= total_of_it and (known.high is None or total_of_it <= known.high)
