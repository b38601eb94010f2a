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
