"""Which of several tests were positive together: a count for each set of them.

Asked of whoever has a result of all the tests: every set, or those that occur, with their sum.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from incohort.results import Figure
from incohort.shapes import tabular
from incohort.shapes.sets import Members
from incohort.shapes.telling import Draft

_MOST_TESTS = 5  # of which every set is listed of a restricted cohort
_MANY = 10  # rows of the whole cohort in a set that is listed of one where there are more tests


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultColumn:
    """A test's label, the column of its results, and which of these are positive and negative."""

    label: str
    column: str
    positive: tuple[str, ...] = ("positive",)
    negative: tuple[str, ...] = ("negative",)


def overlap(
    draft: Draft, name: str, tests: Mapping[str, ResultColumn], members: Members, total: str
) -> dict[str, str]:
    """The count of each set of positive tests, by the tests' labels; none with a single test.

    Of a restricted cohort every set is there, in a fixed order that tells nothing of their sizes;
    else those that somebody is in, the largest first, and last those with no positive test.

    Args:
        draft: Takes the results.
        name: Begins the keys.
        tests: By their names in keys.
        members: Whom to look at.
        total: What all who have a result of each test are called.
    """
    complete = _complete(tests, members)
    is_told = not draft.absent and (draft.scope.lists_all or len(complete))
    if len(tests) < 2 or not is_told:
        return {}
    keys = {}
    for positive in _sets(tests, complete, lists_all=draft.scope.lists_all):
        label = " & ".join(tests[test].label for test in positive) or "None"
        tail = "_and_".join(positive) + ("_only" if len(positive) == 1 else "") or "none"
        together = _with_set(tests, complete, positive)
        keys[label] = draft.count_in(f"{name}/{tail}/count", label, together, complete)
    draft.count_in(f"{name}/total/count", total, complete)
    return keys


def overlap_figure(
    draft: Draft, name: str, caption: str, keys: Mapping[str, str]
) -> tuple[Figure, ...]:
    """The counts of `overlap` as bars over the tests that make each set; none without counts."""
    if not keys:
        return ()
    noun = draft.noun.capitalize()
    alt = f"{noun} by the set of assays that were positive: {tabular.phrases(keys, 'count')}."
    return (
        tabular.figure(
            draft.scope, name, "overlap", caption, alt, {noun: keys.values()}, y_label=noun
        ),
    )


def _complete(tests: Mapping[str, ResultColumn], members: Members) -> Members:
    """Those of a set who have a result of every test."""
    for test in tests.values():
        members = members.where(test.column, *test.positive, *test.negative)
    return members


def _with_set(
    tests: Mapping[str, ResultColumn], members: Members, positive: tuple[str, ...]
) -> Members:
    """Those in whom these tests were positive, and no others."""
    for name, test in tests.items():
        members = members.where(
            test.column, *(test.positive if name in positive else test.negative)
        )
    return members


def _sets(
    tests: Mapping[str, ResultColumn], complete: Members, *, lists_all: bool
) -> list[tuple[str, ...]]:
    """The sets that occur, the largest first; of a restricted cohort all that can occur.

    Where these are too many, they are those that are common in the whole cohort, whoever is
    described.
    """
    if lists_all and len(tests) <= _MOST_TESTS:
        sizes = (*range(1, len(tests) + 1), 0)
        return [positive for size in sizes for positive in combinations(tests, size)]
    of = _complete(tests, complete.base.everybody) if lists_all else complete
    rows = np.column_stack(
        [of.where(test.column, *test.positive).mask[of.mask] for test in tests.values()]
    )
    patterns, counts = np.unique(rows, axis=0, return_counts=True)
    sizes_of = {
        tuple(name for name, hit in zip(tests, pattern, strict=True) if hit): int(count)
        for pattern, count in zip(patterns, counts, strict=True)
        if count >= (_MANY if lists_all else 1)
    }
    return sorted(sizes_of, key=lambda names: (not names, -sizes_of[names], names))
