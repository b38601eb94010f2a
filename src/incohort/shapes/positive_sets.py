"""Which of several results were positive together: a count for each set of them.

Asked of whoever has all the results; every set, or those that occur, with the sum of all.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from incohort.results import Figure, FigureKind, Series, clauses
from incohort.shapes.sets import Members
from incohort.shapes.telling import Told
from incohort.shapes.tested import Tested

_MOST_SETS = 5  # assays whose every set is listed of a restricted cohort
_MANY = 10  # patients of the whole cohort in a set that is listed of one where there are more


def positive_sets(told: Told, units: Tested, panel: Sequence[str]) -> tuple[Figure, ...]:
    """How many each set of positive assays found, of whoever had the whole panel."""
    complete = units.counting_all(panel)
    is_told = not told.absent and (told.scope.lists_all or len(complete))
    if len(panel) < 2 or not is_told:
        return ()
    keys = []
    for positive in _sets(units, panel, complete, lists_all=told.scope.lists_all):
        label = " & ".join(map(units.label, positive)) or "None"
        members = _with_set(units, panel, complete, positive)
        keys.append(told.count_in(f"overlap/{_tail(positive)}/count", label, members, complete))
    told.count_in("overlap/total/count", "With the whole panel", complete)
    said = clauses(*(f"{told.results[key].label} {{{key}:count}}" for key in keys))
    noun = units.noun.capitalize()
    return (
        Figure(
            key=told.scope.key("overlap/figure"),
            kind=FigureKind.OVERLAP,
            caption=f"Which assays were positive together, in {units.noun} with the whole panel",
            alt=f"{noun} by the set of assays that were positive: {said}.",
            series=(Series(noun, tuple(keys)),),
            y_label=noun,
        ),
    )


def _with_set(
    units: Tested, panel: Sequence[str], complete: Members, positive: tuple[str, ...]
) -> Members:
    """Those with the whole panel in whom these assays were positive, and no others."""
    members = complete
    for name in panel:
        sign = units.positive if name in positive else units.negative
        members = sign(name, members)
    return members


def _sets(
    units: Tested, panel: Sequence[str], complete: Members, *, lists_all: bool
) -> list[tuple[str, ...]]:
    """The sets that occur, the largest first; of a restricted cohort all that can occur.

    Where these are too many, they are those that are common in the whole cohort, whoever is
    described.
    """
    if lists_all and len(panel) <= _MOST_SETS:
        sizes = (*range(1, len(panel) + 1), 0)
        return [positive for size in sizes for positive in itertools.combinations(panel, size)]
    rows, least = units.matrix(panel, complete), 1
    if lists_all:
        whole = replace(units, described=units.base.everybody)
        rows, least = whole.matrix(panel, whole.counting_all(panel)), _MANY
    patterns, counts = np.unique(rows, axis=0, return_counts=True)
    sets = [
        (tuple(name for name, hit in zip(panel, pattern, strict=True) if hit), int(count))
        for pattern, count in zip(patterns, counts, strict=True)
        if count >= least
    ]
    sets.sort(key=lambda entry: (not entry[0], -entry[1], entry[0]))
    return [positive for positive, _ in sets]


def _tail(positive: tuple[str, ...]) -> str:
    if not positive:
        return "none"
    return f"{positive[0]}_only" if len(positive) == 1 else "_and_".join(positive)
