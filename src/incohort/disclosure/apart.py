"""Statistics of nearly the same patients: what is shown of both tells of those few who differ.

A mean of 63 patients and one of 62 of them give the value of the one: 63 times the first less 62
times the second. So do a mean of all and those of its groups where a few are in no group. The rule
is the attacker's own: no sum of multiples of what is shown may be of few patients alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np

Rows = frozenset[tuple[str, int]]  # a patient, and which of all rows
_MOST_TOGETHER = 3  # of the smallest sets of patients that the shown groups part


@dataclass(frozen=True, slots=True)
class SummedUp:
    """What a statistic sums up, and how, and the rows whose values they are."""

    quantity: str
    rows: Rows = field(repr=False)


def told_apart(
    statistics: Mapping[str, SummedUp], shown: Collection[str], before: Collection[str], limit: int
) -> set[str]:
    """The keys to withhold, so that no two shown statistics differ by few patients.

    Of statistics with the same patients either all are shown or none. Those that came later go
    first. One limit after the other: a stricter profile withholds what a milder one does.

    Args:
        statistics: Whose each is, by key, in the order in which they are shown.
        shown: The keys that would be shown.
        before: Those among them that were shown already and can't be taken back.
        limit: The largest number of patients of whom nothing may be told.
    """
    quantities: dict[str, dict[Rows, list[str]]] = defaultdict(lambda: defaultdict(list))
    for key, statistic in statistics.items():
        if key in shown and statistic.rows:
            quantities[statistic.quantity][statistic.rows].append(key)
    gone: set[str] = set()
    for groups in quantities.values():
        if len(groups) < 2:
            continue
        for most in range(1, limit + 1):
            while few := _found_out(list(groups), most):
                victim = _victim(groups, few, before)
                if victim is None:
                    break
                gone |= set(groups.pop(victim))
    return gone


def _victim(groups: Mapping[Rows, list[str]], few: Rows, before: Collection[str]) -> Rows | None:
    """The last group without which the few are safe; else the last that can still be withheld."""
    possible = [rows for rows, keys in groups.items() if not set(keys) & set(before)]
    for rows in reversed(possible):
        if not _tells([other for other in groups if other != rows], few):
            return rows
    return possible[-1] if possible else None


def _found_out(groups: list[Rows], most: int) -> Rows | None:
    """Some rows of no more than so many patients of whom alone the groups tell; None: all safe."""
    return next((few for few in _small(groups, most) if _tells(groups, few)), None)


def _small(groups: list[Rows], most: int) -> Iterator[Rows]:
    """The sets of few patients that can be told from others by the groups they are in."""
    places: dict[int, set[tuple[str, int]]] = defaultdict(set)
    marks: dict[tuple[str, int], int] = defaultdict(int)
    for place, rows in enumerate(groups):
        for row in rows:
            marks[row] |= 1 << place
    for row, mark in marks.items():
        places[mark].add(row)
    parts = [frozenset(rows) for _, rows in sorted(places.items())]
    little = [part for part in parts if len({patient for patient, _ in part}) <= most]
    for number in range(1, _MOST_TOGETHER + 1):
        for some in combinations(little, number):
            rows = frozenset().union(*some)
            if len({patient for patient, _ in rows}) <= most:
                yield rows


def _tells(groups: list[Rows], few: Rows) -> bool:
    """Whether a sum of multiples of the groups is of the few alone: then outside it vanishes."""
    rest = [group - few for group in groups]
    return _rank(rest) < _rank(groups)


def _rank(groups: list[Rows]) -> int:
    """How many of the groups are no sum of multiples of the others."""
    columns: dict[tuple[str, int], int] = defaultdict(int)
    for place, rows in enumerate(groups):
        for row in rows:
            columns[row] |= 1 << place
    kinds = sorted(set(columns.values()))
    if not kinds:
        return 0
    matrix = np.array([[mark >> place & 1 for mark in kinds] for place in range(len(groups))])
    return int(np.linalg.matrix_rank(matrix.astype(np.float64)))
