"""Numbers of one kind that fall into two groups, the one a hundred or a thousand times the other.

What is measured spreads; what is written in two units leaves a gap between the two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ibis.expr.types as ir

_NEAR_LOW, _NEAR_HIGH = 1 / 3, 2.0  # of the median, times the factor: where the other group lies
_GAP = 10.0  # times that: up to there lies nothing, or the two groups are one
_MANY = 5  # values without which there is no usual size


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Where the values of a group lie that are `factor` times what is usual in it."""

    low: float
    high: float
    factor: float


def slips(table: ir.Table, factors: Mapping[str, Sequence[float]]) -> dict[str, Slip]:
    """The groups whose values fall into two, and where the fewer of them lie.

    Args:
        table: `group` and `value`, the values above 0.
        factors: By which a value of the group can be too small; the inverse ones can be too large.
    """
    if not factors:
        return {}
    known = table.filter(table.group.isin(sorted(factors)))
    usual = known.group_by("group").aggregate(
        n=known.count(), middle=known.value.median(), low=known.value.min(), high=known.value.max()
    )
    by_group: dict[str, Slip] = {}
    for record in usual.execute().to_dict("records"):
        if record["n"] < _MANY:
            continue
        for slip, gap in _suspected(record, factors[record["group"]]):
            values = known.filter(known.group == record["group"]).value
            n_between, n_inside = _counts(values, slip, gap)
            if not n_between and 0 < n_inside < record["n"] / 2:
                by_group[record["group"]] = slip
                break
    return by_group


def _suspected(
    usual: Mapping[str, Any], factors: Sequence[float]
) -> Iterator[tuple[Slip, tuple[float, float]]]:
    """Where values would lie that are too small or too large, and where nothing may lie then."""
    middle = float(usual["middle"])
    for factor in factors:
        small, large = middle / factor, middle * factor
        if usual["low"] <= small * _NEAR_HIGH:
            slip = Slip(low=small * _NEAR_LOW, high=small * _NEAR_HIGH, factor=1 / factor)
            yield slip, (slip.high, small * _GAP)
        if usual["high"] >= large / _NEAR_HIGH:
            slip = Slip(low=large / _NEAR_HIGH, high=large / _NEAR_LOW, factor=factor)
            yield slip, (large / _GAP, slip.low)


def _counts(values: ir.FloatingColumn, slip: Slip, gap: tuple[float, float]) -> tuple[int, int]:
    """How many values lie in the gap, and how many in the other group."""
    between = ((values > gap[0]) & (values < gap[1])).sum()
    inside = values.between(slip.low, slip.high).sum()
    counts = values.as_table().aggregate(between=between, inside=inside).execute()
    return int(counts["between"].iloc[0] or 0), int(counts["inside"].iloc[0] or 0)
