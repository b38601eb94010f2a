"""What follow-up looks like when it comes in: checked once, with ties of times made exact."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from incohort.stats._checked import binary

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]

# Times closer than this, absolutely or relative to their mean, are one time: 0.3 and 0.1 + 0.2
# are the same day. It is R's rule (survival::aeqSurv).
TIE_TOLERANCE = float(np.sqrt(np.finfo(np.float64).eps))

FROM_START = -1  # the code of an entry before every event

_FIRST = np.ones(1, dtype=np.bool_)  # the first of all times is always a new one
_WORTH_PACKING = 2_000  # rows, below which a plain sort is as quick
_TINY = 1e-250  # times all below this can't be scaled up without overflow


@dataclass(frozen=True, slots=True)
class InOrder:
    """Times in order: `order` are their places, `starts` where in it each different time begins.

    Within one time the order is by size, and places of equal times stay in order.
    """

    order: Codes
    starts: Codes
    distinct: Vector

    @property
    def sizes(self) -> Codes:
        """How many there are of each different time."""
        return np.append(self.starts[1:], len(self.order)) - self.starts

    def codes(self) -> Codes:
        """For each time, as it came in, its index among the different ones."""
        codes = np.empty(len(self.order), dtype=np.int64)
        codes[self.order] = np.repeat(np.arange(len(self.starts)), self.sizes)
        return codes


@dataclass(frozen=True, kw_only=True)
class FollowUp:
    """Follow-up of n rows; `times` are the exits and, where `enter_code` is given, then entries.

    A row is at risk at distinct time j where `enter_code` < j ≤ `exit_code`: the moment of entry
    is not at risk, the moment of exit is.
    """

    event: Flags
    times: InOrder
    enter_code: Codes | None

    @property
    def n(self) -> int:
        """How many rows."""
        return len(self.event)

    @property
    def distinct(self) -> Vector:
        """The different times, to which the codes point."""
        return self.times.distinct

    @cached_property
    def exit_code(self) -> Codes:
        """Each row's exit, as an index among the different times."""
        return self.times.codes()[: self.n]


def follow_up(time: ArrayLike, event: ArrayLike, time_enter: ArrayLike | None = None) -> FollowUp:
    """Follow-up with its ties made exact.

    Args:
        time: When each row's follow-up ended, from 0, shape (n,).
        event: True or 1 where it ended with the event; False or 0 is censored, shape (n,).
        time_enter: When the row came under observation, shape (n,); None and 0 mean from the start.

    Raises:
        ValueError: Shapes differ, a time is missing or negative, an event is neither 0 nor 1, or
            a row enters at its exit or later.

    Source: tests/validation/survival/survival.R, the sets float_ties, late and gap.
    """
    exits = _times(time, "time")
    events = binary(event, "event")
    if len(events) != len(exits):
        raise ValueError("time and event differ in length")
    enters = None if time_enter is None else _times(time_enter, "time_enter")
    if enters is not None:
        if len(enters) != len(exits):
            raise ValueError("time and time_enter differ in length")
        if (enters >= exits).any():
            raise ValueError("a row enters at its exit or later")
    if enters is None or not enters.any():
        return FollowUp(event=events, times=in_order(exits), enter_code=None)
    times = in_order(np.concatenate([exits, enters]))
    codes = times.codes()
    exit_code, enter_code = codes[: len(exits)], codes[len(exits) :]
    if (enter_code >= exit_code).any():
        raise ValueError("a row enters and leaves at times that differ only by rounding")
    enter_code = np.where(enters == 0, FROM_START, enter_code)
    return FollowUp(event=events, times=times, enter_code=enter_code)


def in_order(times: Vector) -> InOrder:
    """Finite times from 0 in order, near ones as one: its first is the smallest of them."""
    if len(times) == 0:
        return InOrder(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), times)
    order = _order(times)
    ordered = times[order]
    if (ordered[1:] < ordered[:-1]).any():  # times too near for `_order` to tell them apart
        again = np.argsort(ordered, kind="stable")  # quick where nearly all is in order
        order, ordered = order[again], ordered[again]
    starts = np.flatnonzero(np.concatenate([_FIRST, ordered[1:] > ordered[:-1]]))
    distinct = ordered[starts]
    near = TIE_TOLERANCE * max(1.0, float(distinct.mean()))
    is_new = distinct[1:] - distinct[:-1] > near
    if not is_new.all():
        starts = starts[np.concatenate([_FIRST, is_new])]
        distinct = ordered[starts]
    return InOrder(order, starts, distinct)


def _order(times: Vector) -> Codes:
    """The places of times from 0 in order of time, but for some that all but coincide.

    A sort of whole numbers is quicker than one of places, so each number has the time, scaled,
    in its upper bits and the place in its lower ones.
    """
    bits = (len(times) - 1).bit_length()
    highest = float(times.max())
    if len(times) < _WORTH_PACKING or highest < _TINY:
        return np.argsort(times, kind="stable")
    packed = (times * (2.0 ** (62 - bits) / highest)).astype(np.int64)
    packed <<= bits
    packed |= np.arange(len(times))
    packed.sort()
    packed &= (1 << bits) - 1
    return packed


def _times(values: ArrayLike, name: str) -> Vector:
    given = np.asarray(values)
    if given.dtype.kind not in "iufO":  # durations would turn into nanoseconds
        msg = f"{name} must be plain numbers, not {given.dtype}"
        raise ValueError(msg)
    times = given.astype(np.float64, copy=False)
    # The least and the greatest of times are finite only where all are.
    ends = (float(times.min()), float(times.max())) if times.size else (0.0, 0.0)
    if times.ndim != 1 or not (math.isfinite(ends[0]) and math.isfinite(ends[1])):
        msg = f"{name} must be one-dimensional and without missing values"
        raise ValueError(msg)
    if ends[0] < 0:
        msg = f"{name} counts from 0, so it can't be negative"
        raise ValueError(msg)
    return times
