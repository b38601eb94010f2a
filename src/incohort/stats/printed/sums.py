"""Printed parts and totals: whether they add up, and whether what is less is printed as less."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from incohort.stats.printed.digits import read_printed


@dataclass(frozen=True, slots=True, kw_only=True)
class SumFit:
    """Whether printed parts add up to a printed total; `gap` is the total less their sum."""

    adds_up: bool
    total: Decimal
    sum_of_parts: Decimal
    gap: Decimal


def adds_up(parts: Sequence[str], total: str) -> SumFit:
    """Whether printed parts add up to a printed total, as far as their digits tell.

    Whole numbers are exact; of others each may be off by half a unit of its last digit.

    Args:
        parts: As printed; a part with a minus is taken off.
        total: As printed.

    Raises:
        ValueError: No number stands in one of the texts.

    Source: tests/spec/test_printed.py.

    >>> adds_up(["4005", "−438"], "3657").gap
    Decimal('90')
    """
    numbers = [read_printed(part) for part in parts]
    whole = read_printed(total)
    together = sum((number.value for number in numbers), Decimal(0))
    slack = sum(
        (number.unit / 2 for number in (*numbers, whole) if number.decimals), start=Decimal(0)
    )
    gap = whole.value - together
    return SumFit(adds_up=abs(gap) <= slack, total=whole.value, sum_of_parts=together, gap=gap)


def is_ordered(less: str, more: str) -> bool:
    """Whether what can't be more than another is not printed as more, to the printed digits.

    Args:
        less: As printed: those with a severe course, a subgroup.
        more: As printed: all of them.

    Raises:
        ValueError: No number stands in one of the texts.

    Source: tests/spec/test_printed.py.

    >>> is_ordered("1.07", "0.94")
    False
    """
    lowest, highest = read_printed(less).range_of("rounded")[0], read_printed(more)
    return lowest <= Fraction(highest.range_of("rounded")[1])
