"""The counts that a statistic rests on: those it names, and always that of its own group."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from incohort.disclosure.persons import parts
from incohort.results import Behind, Estimate, Measure, Result

_SIZE = "n/count"  # the last words of the key that says how many a group has
_OF_VALUES = {
    *(Measure.MEAN, Measure.SD, Measure.MEDIAN, Measure.QUANTILE, Measure.DIFFERENCE, Measure.SMD)
}


def counts_behind(
    results: Mapping[str, Result], behind: Mapping[str, Behind]
) -> dict[str, frozenset[str]]:
    """The keys of the counts without which a statistic must not be shown.

    From the means of everybody and of a group, and how many they are, follows the mean of those
    left over. So where the size of a group is withheld, lest that of the others be told, whatever
    sums up the group's values is withheld with it. The group is found by the names (a statistic
    under `a/b/c/median` is of the nearest of `a/b/c`, `a/b`, `a` that has a size) and by its rows:
    what was computed from the same rows rests on the same counts.
    """
    own = {
        key: frozenset(result.rests_on) | _size_of_group(key, result, results)
        for key, result in results.items()
        if isinstance(result, Estimate)
    }
    alike: dict[frozenset[tuple[str, int]], set[str]] = defaultdict(set)
    known = [one for one in behind.values() if one.key in own and one.rows]
    for one in known:
        alike[one.rows] |= own[one.key]
    return own | {one.key: frozenset(alike[one.rows]) for one in known}


def _size_of_group(key: str, result: Estimate, results: Mapping[str, Result]) -> frozenset[str]:
    if result.measure not in _OF_VALUES or parts(result):
        return frozenset()
    words = key.split("/")
    for depth in range(len(words) - 1, 0, -1):
        size = "/".join((*words[:depth], _SIZE))
        if size in results:
            return frozenset({size})
    return frozenset()
