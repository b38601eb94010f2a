"""One estimand, one decision: results that are one number are shown together or not at all.

An estimate stands in several places of a report: where it is asked for, in the answer at the top,
beside its bootstrap, in a table of what the criteria do, in a multiverse.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping

from incohort.disclosure.persons import parts
from incohort.results import Estimate, Measure, Result

_DIGITS = 10  # the last ones may differ by the order in which numbers were added
_FEW_DIGITS = 4  # of a value that others have by chance: 11 days, an odds ratio of 2
_PLACES = {Measure.P_VALUE, Measure.COUNT}  # P values are 1 by chance, counts have their sums


def twins_of(results: Mapping[str, Result]) -> list[frozenset[str]]:
    """The keys of each number that stands more than once.

    A number is the same where its value is, to ten digits. Where it is so short that others may
    have it by chance, where measure, patients and interval are the same, too.
    """
    by_identity: dict[Hashable, set[str]] = defaultdict(set)
    for key, result in results.items():
        if isinstance(result, Estimate) and _is_estimated(result):
            by_identity[_identity(result)].add(key)
    return [frozenset(keys) for keys in by_identity.values() if len(keys) > 1]


def with_twins(
    hidden: Iterable[str], twins: Iterable[frozenset[str]], shown: frozenset[str]
) -> set[str]:
    """What is withheld, and whatever is the same number; not what is past recall."""
    all_ = set(hidden)
    for keys in twins:
        if keys & all_:
            all_ |= keys - shown
    return all_


def _is_estimated(result: Estimate) -> bool:
    """Whether it is no count and no share of counts: those the sums know."""
    if result.measure in _PLACES:
        return False
    return result.events is None or not parts(result)


def _identity(result: Estimate) -> Hashable:
    value = _short(result.value, _DIGITS)
    if value != _short(result.value, _FEW_DIGITS):
        return value
    limits = tuple(
        None if limit is None else _short(limit, _DIGITS)
        for limit in (result.ci_low, result.ci_high)
    )
    return (value, result.measure, result.n, limits)


def _short(value: float, digits: int) -> float:
    return float(f"{value:.{digits}g}")
