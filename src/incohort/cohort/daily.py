"""Neutrophil counts as one number per patient and day, made to be compared and packed.

Days are whole numbers from 1 January of the year 1, so that every engine counts them alike. A
count is one whole number too: millionths of 10⁹/L, eight times, plus the place of its sign. Of
two equal numbers the one printed with < is the lower. So the lowest count, its sign and, with the
day put below it, its date are each one minimum: no engine has to say which of two rows came
first.
"""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import ibis.expr.types as ir

from incohort.cohort.values import SIGNS, is_below, place_of
from incohort.dictionary import Threshold

_EXACT = SIGNS.index(None)
_MILLION = 1e6
_SIGN_SLOTS = 8
DAY_SLOTS = 1 << 22  # 11,000 years; a count of 10⁹/L in the millions still fits 63 bits
_DAY_ZERO = date(1, 1, 1)


def day_number(day: ir.DateValue) -> ir.IntegerValue:
    """Days since 1 January of the year 1."""
    return day.delta(ibis.literal(_DAY_ZERO), unit="day")


def day_of(number: int) -> date:
    """The date of a day's number."""
    return _DAY_ZERO + timedelta(days=number)


def number_of(day: date) -> int:
    """The number of a date's day."""
    return (day - _DAY_ZERO).days


def daily(labs: ir.Table, until: date | None = None, decided_at: float | None = None) -> ir.Table:
    """The lowest neutrophil count of each patient and day: `patient_id`, `day`, `key`.

    A count without a number or without a date is left out: it has no place in a sequence. Of
    several on one day, at whatever hour, the lowest speaks for the day.

    Args:
        labs: The table `labs`.
        until: The last day that is looked at; None: all.
        decided_at: Leave out counts known on one side only whose side of this limit can't be told.
    """
    counts = labs.filter(labs.analyte == "ANC", labs.value.notnull(), labs.taken_at.notnull())
    if decided_at is not None:
        counts = counts.filter(is_below(counts.value, counts.comparator, decided_at).notnull())
    day = day_number(counts.taken_at.date())
    if until is not None:
        counts = counts.filter(day <= number_of(until))
    key = _slots(counts.value) + place_of(counts.comparator)
    keyed = counts.select("patient_id", day=day, key=key)
    return keyed.group_by("patient_id", "day").aggregate(key=keyed.key.min())


def _slots(value: ir.FloatingValue) -> ir.IntegerValue:
    # floor(x + ½), not round: engines differ in what they do with halves
    return (value * _MILLION + 0.5).floor().cast("int64") * _SIGN_SLOTS


def low_below(limit: float, *, is_decided: bool) -> int:
    """The key under which a count lies below the limit.

    Args:
        limit: 10⁹/L.
        is_decided: Whether counts whose side of this limit can't be told were left out. Then ≤ the
            limit can't occur; otherwise it is not known to lie below.
    """
    slots = int(limit * _MILLION + 0.5) * _SIGN_SLOTS
    return slots + (_EXACT if is_decided else SIGNS.index("<="))


def value_of(key: ir.IntegerValue) -> ir.FloatingValue:
    """The count of a key, 10⁹/L."""
    slots = (key - key % _SIGN_SLOTS).cast("float64")  # Spark would take 8.0 for a decimal
    return slots / _SIGN_SLOTS / _MILLION


def sign_of(key: ir.IntegerValue) -> ir.StringValue:
    """The comparator of a key's count; NULL for an exact one."""
    place = key % _SIGN_SLOTS
    return ibis.cases(*((place == i, sign) for i, sign in enumerate(SIGNS) if sign))


def meets(
    value: ir.FloatingValue, comparator: ir.StringValue, threshold: Threshold
) -> ir.BooleanValue:
    """Whether a count is as a threshold of the dictionary asks; NULL where its sign can't tell."""
    limit = threshold.value
    is_at_most = ibis.cases(
        (comparator.isnull(), value <= limit),
        (comparator.isin(("<", "<=")) & (value <= limit), True),
        ((comparator == ">") & (value >= limit), False),
        ((comparator == ">=") & (value > limit), False),
    )
    match threshold.comparison:
        case "<":
            return is_below(value, comparator, limit)
        case ">=":
            return ~is_below(value, comparator, limit)
        case "<=":
            return is_at_most
        case ">":
            return ~is_at_most
