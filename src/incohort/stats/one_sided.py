"""Quartiles of a sample in which some numbers are bounds, printed with < or >."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from incohort.stats.outcome import NoEstimate

Bound = Literal["", "≤", "≥"]
_QUARTILES = {"q1": 0.25, "median": 0.5, "q3": 0.75}
_BELOW, _ABOVE = ("<", "<="), (">", ">=")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quartile:
    """A quartile, or what it is at most (`≤`) or at least (`≥`)."""

    value: float
    bound: Bound


def one_sided_quartiles(
    values: Sequence[float], signs: Sequence[str | None]
) -> dict[str, Quartile | NoEstimate]:
    """`q1`, `median` and `q3` by R's type 7, whatever the numbers behind the bounds may be.

    A quartile is between that of the sample with each number at its lowest and that with each at
    its highest; where the two are one, it is known. Where all bounds are of one side, the end that
    rests on the printed numbers is told.

    Args:
        values: Shape (n,), finite.
        signs: Of each value `<`, `<=`, `>=` or `>` where it is a bound; None for an exact one.

    Source: Hyndman & Fan 1996, definition 7; tests/unit/test_one_sided.py.

    >>> one_sided_quartiles([1.0, 2.0, 3.0], [None, None, ">="])["median"]
    Quartile(value=2.0, bound='')
    """
    pairs = list(zip(values, signs, strict=True))
    if not pairs:
        return dict.fromkeys(_QUARTILES, NoEstimate("there are no values"))
    low = sorted(-math.inf if sign in _BELOW else value for value, sign in pairs)
    high = sorted(math.inf if sign in _ABOVE else value for value, sign in pairs)
    sides = frozenset(sign in _BELOW for _, sign in pairs if sign)
    return {
        name: _between(_type_7(low, p), _type_7(high, p), sides) for name, p in _QUARTILES.items()
    }


def _type_7(ordered: Sequence[float], p: float) -> float:
    """The quantile of a sample in order; an infinite neighbour that counts makes it infinite."""
    place = (len(ordered) - 1) * p
    below, above = ordered[math.floor(place)], ordered[math.ceil(place)]
    if below == above:
        return below
    if math.isinf(below) or math.isinf(above):
        return below if math.isinf(below) else above
    return below + (above - below) * (place - math.floor(place))


def _between(low: float, high: float, sides: frozenset[bool]) -> Quartile | NoEstimate:
    """What is known of a number between two; `sides` says whether bounds are printed with <."""
    if low == high:
        return Quartile(value=low, bound="")
    if math.isfinite(high) and (math.isinf(low) or sides == {True}):
        return Quartile(value=high, bound="≤")
    if math.isfinite(low) and (math.isinf(high) or sides == {False}):
        return Quartile(value=low, bound="≥")
    return NoEstimate("values printed with < or > leave it open")
