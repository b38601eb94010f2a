"""Which of several tests were positive in the same patients, of those who had all of them."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations, product

from incohort.shapes.sets import Members
from incohort.shapes.telling import Told

POSITIVE, NEGATIVE = "positive", "negative"


def overlap(told: Told, name: str, axes: Mapping[str, str], members: Members) -> dict[str, str]:
    """The counts of each set of positive tests, by the tests' labels; none with a single test.

    Of a restricted cohort every set is there, in a fixed order that tells nothing of their sizes;
    else those that somebody is in, the largest first, and last those with no positive test.

    Args:
        told: Takes the results.
        name: Begins the keys.
        axes: The label of each test, by its name; its column is called `assay_` and that name.
        members: Whom to look at.
    """
    everybody = members
    for test in axes:
        everybody = everybody.where(f"assay_{test}", POSITIVE, NEGATIVE)
    if len(axes) < 2 or not len(everybody):
        return {}
    keys = {}
    for tests, own in _sets(axes, everybody, lists_all=told.scope.lists_all).items():
        tail = "_and_".join(tests) + ("_only" if len(tests) == 1 else "") if tests else "none"
        label = " & ".join(axes[test] for test in tests) or "None"
        keys[label] = told.count_in(f"{name}/{tail}/count", label, own, of=everybody)
    told.count_in(f"{name}/total/count", "Tested by all of these assays", everybody)
    return keys


def _sets(
    axes: Mapping[str, str], everybody: Members, *, lists_all: bool
) -> dict[tuple[str, ...], Members]:
    """The patients of each set of positive tests, in the order in which they are told."""
    sets = {}
    for signs in product((POSITIVE, NEGATIVE), repeat=len(axes)):
        own = everybody
        for test, sign in zip(axes, signs, strict=True):
            own = own.where(f"assay_{test}", sign)
        sets[tuple(t for t, s in zip(axes, signs, strict=True) if s == POSITIVE)] = own
    if lists_all:
        sizes = (*range(1, len(axes) + 1), 0)
        return {tests: sets[tests] for size in sizes for tests in combinations(axes, size)}
    sizes_of = {tests: len(own) for tests, own in sets.items()}
    order = sorted(filter(sizes_of.get, sets), key=lambda t: (not t, -sizes_of[t], t))
    return {tests: sets[tests] for tests in order}
