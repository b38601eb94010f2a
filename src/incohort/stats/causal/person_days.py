"""One row for each day that a patient is at risk."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from incohort.stats.causal.effect import courses
from incohort.stats.survival.inputs import TIE_TOLERANCE, Codes, Flags, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDays:
    """Days in order within patients, shape (rows,).

    `patient` is the patient's place among those who came in. Day j lasts from j to j + 1 (in
    units of `width`), the last one until follow-up ends. `treated` says whether treatment had
    begun when the day began, and `starts` whether this is the first such day: the decision is
    taken at the beginning of the day, with what is known by then.
    """

    patient: Codes
    day: Codes
    time_enter: Vector
    time: Vector
    event: Flags
    treated: Flags
    starts: Flags
    width: float

    @property
    def n(self) -> int:
        """How many rows."""
        return len(self.day)

    @property
    def first(self) -> Codes:
        """The row of each patient's day 0."""
        return np.flatnonzero(self.day == 0)

    @property
    def is_last(self) -> Flags:
        """Whether the row is its patient's last."""
        return np.append(self.day[1:] == 0, True)[: self.n]

    @property
    def may_start(self) -> Flags:
        """Whether treatment had not begun on the day before: a decision is taken."""
        return ~self.treated | self.starts

    def running(self, factor: NDArray[np.float64]) -> Vector:
        """At each row the product of the patient's factors up to it, factors above 0."""
        total = np.cumsum(np.log(factor))
        before = np.concatenate([[0.0], total])[self.first]
        per_patient = np.diff(np.append(self.first, self.n))
        product: Vector = np.exp(total - np.repeat(before, per_patient))
        return product


def person_days(
    time: ArrayLike, event: ArrayLike, treated_at: ArrayLike, *, width: float = 1.0
) -> PersonDays:
    """Each patient's time at risk cut into days.

    Treatment that begins within a day counts from the next one on, so that no time before it is
    ever counted as treated.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        treated_at: When treatment began; infinite where it never did, shape (n,).
        width: The length of a "day" in the unit of the times.

    Raises:
        ValueError: As `courses`, or the width is not positive.

    >>> days = person_days([2.5, 2], [1, 0], [1, np.inf])
    >>> days.patient.tolist(), days.time.tolist(), days.treated.tolist()
    ([0, 0, 0, 1, 1], [1.0, 2.0, 2.5, 1.0, 2.0], [False, True, True, False, False])
    """
    if not 0 < width < np.inf:
        msg = f"width is {width}; it must be positive"
        raise ValueError(msg)
    given = courses(time, event, treated_at)
    n_days = np.ceil(given.time / width - TIE_TOLERANCE).astype(np.int64)
    n_days = np.maximum(n_days, 1)
    row = np.repeat(np.arange(len(n_days)), n_days)
    starts_at = np.cumsum(n_days) - n_days
    day = np.arange(len(row)) - starts_at[row]
    is_last = day == n_days[row] - 1
    first_treated = np.ceil(np.minimum(given.treated_at / width, n_days) - TIE_TOLERANCE)
    first_day = np.maximum(first_treated, 0).astype(np.int64)[row]
    return PersonDays(
        patient=given.row[row],
        day=day,
        time_enter=day * width,
        time=np.where(is_last, given.time[row], (day + 1) * width),
        event=given.event[row] & is_last,
        treated=day >= first_day,
        starts=day == first_day,
        width=width,
    )


def known_by(rows: PersonDays, patient: ArrayLike, at: ArrayLike, value: ArrayLike) -> Vector:
    """The last value that was known when each day began, shape (rows,); NaN where none was.

    A value taken at the very beginning of the day is known: on dates, a count of the day on which
    treatment starts was there before the decision.

    Args:
        rows: The days at risk.
        patient: Whose value it is, by place among those who came in, shape (m,). Others than those
            at risk are left aside.
        at: When it was taken, from time zero (before it, if negative), shape (m,).
        value: Shape (m,). Of values taken at the same time the last in order counts.

    Raises:
        ValueError: Shapes differ, or a time is missing.

    Source: counting; tests/properties/test_causal_properties.py.

    >>> days = person_days([3, 2], [1, 1], [np.inf, np.inf])
    >>> known_by(days, [0, 0, 1], [-1, 1.5, 1], [0.2, 0.4, 0.3]).tolist()
    [0.2, 0.2, 0.4, nan, 0.3]
    """
    whose, when = np.asarray(patient), np.asarray(at, dtype=np.float64)
    what = np.asarray(value, dtype=np.float64)
    if not whose.shape == when.shape == what.shape or np.isnan(when).any():
        raise ValueError("each value must have its patient and its time")
    # One line of all values and days, by patient and time: a day comes after the values of its
    # beginning, and takes the place of the last value before it.
    slack = TIE_TOLERANCE * np.maximum(1.0, np.abs(when))
    owner = np.concatenate([whose, rows.patient])
    moment = np.concatenate([when - slack, rows.time_enter])
    is_day = np.arange(len(owner)) >= len(whose)
    order = np.lexsort((is_day, moment, owner))
    place = np.maximum.accumulate(np.where(is_day[order], -1, np.arange(len(order))))
    last = np.where(place >= 0, order[place], 0)
    is_own = (place >= 0) & (owner[last] == owner[order])
    known = np.full(rows.n, np.nan)
    is_known = is_day[order] & is_own
    known[order[is_known] - len(whose)] = what[last[is_known]]
    return known
