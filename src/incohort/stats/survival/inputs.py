"""What follow-up looks like when it comes in: checked once, with ties of times made exact."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]
Flags = NDArray[np.bool_]
Codes = NDArray[np.int64]

# Times closer than this, absolutely or relative to their mean, are one time: 0.3 and 0.1 + 0.2
# are the same day. It is R's rule (survival::aeqSurv).
TIE_TOLERANCE = float(np.sqrt(np.finfo(np.float64).eps))

FROM_START = -1  # the code of an entry before every event


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """Follow-up of n rows; `distinct` are the different times, to which the codes point.

    A row is at risk at distinct time j where `enter_code` < j ≤ `exit_code`: the moment of entry
    is not at risk, the moment of exit is.
    """

    event: Flags
    distinct: Vector
    exit_code: Codes
    enter_code: Codes | None

    @property
    def n(self) -> int:
        """How many rows."""
        return len(self.event)


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
    events = _events(event)
    if len(events) != len(exits):
        raise ValueError("time and event differ in length")
    enters = None if time_enter is None else _times(time_enter, "time_enter")
    if enters is not None:
        if len(enters) != len(exits):
            raise ValueError("time and time_enter differ in length")
        if (enters >= exits).any():
            raise ValueError("a row enters at its exit or later")
    if enters is None or not enters.any():
        distinct, codes = _tied(exits)
        return FollowUp(event=events, distinct=distinct, exit_code=codes, enter_code=None)
    distinct, codes = _tied(np.concatenate([exits, enters]))
    exit_code, enter_code = codes[: len(exits)], codes[len(exits) :]
    if (enter_code >= exit_code).any():
        raise ValueError("a row enters and leaves at times that differ only by rounding")
    enter_code = np.where(enters == 0, FROM_START, enter_code)
    return FollowUp(event=events, distinct=distinct, exit_code=exit_code, enter_code=enter_code)


def labels_of(values: ArrayLike, n: int, name: str) -> tuple[NDArray[np.generic], Codes]:
    """The different labels in order, and each row's index among them.

    Raises:
        ValueError: Not one label a row, or a label is missing.
    """
    labels = np.asarray(values)
    if labels.shape != (n,):
        msg = f"{name} must have one value for each time"
        raise ValueError(msg)
    # A missing label is None among objects, or the number that does not equal itself.
    if labels.dtype == object and any(label is None or label != label for label in labels):  # noqa: PLR0124
        msg = f"{name} has missing values"
        raise ValueError(msg)
    if labels.dtype.kind == "f" and np.isnan(labels).any():
        msg = f"{name} has missing values"
        raise ValueError(msg)
    if labels.dtype.kind in "bu" or (labels.dtype.kind == "i" and n and labels.min() >= 0):
        counts = np.bincount(labels) if n and int(labels.max()) <= 2 * n else None
        if counts is not None:  # small whole numbers need no sorting
            present = np.flatnonzero(counts)
            lookup = np.zeros(len(counts), dtype=np.int64)
            lookup[present] = np.arange(len(present))
            return present.astype(labels.dtype), lookup[labels.astype(np.int64, copy=False)]
    found, codes = np.unique(labels, return_inverse=True)
    return found, codes.astype(np.int64, copy=False)


def _times(values: ArrayLike, name: str) -> Vector:
    given = np.asarray(values)
    if given.dtype.kind not in "iufO":  # durations would turn into nanoseconds
        msg = f"{name} must be plain numbers, not {given.dtype}"
        raise ValueError(msg)
    times = given.astype(np.float64)
    if times.ndim != 1 or not np.isfinite(times).all():
        msg = f"{name} must be one-dimensional and without missing values"
        raise ValueError(msg)
    if len(times) and times.min() < 0:
        msg = f"{name} counts from 0, so it can't be negative"
        raise ValueError(msg)
    return times


def _events(values: ArrayLike) -> Flags:
    events = np.asarray(values)
    if events.ndim != 1:
        raise ValueError("event must be one-dimensional")
    if events.dtype == np.bool_:
        return events
    if events.dtype.kind not in "iufO":
        msg = f"event must be 0 or 1, not {events.dtype}"
        raise ValueError(msg)
    numbers = events.astype(np.float64)
    flags: Flags = numbers == 1
    if not (flags | (numbers == 0)).all():
        raise ValueError("event must be 0 or 1, False or True, without missing values")
    return flags


def _tied(times: Vector) -> tuple[Vector, Codes]:
    """The different times, and for each time its index among them; near ones are one."""
    if len(times) == 0:
        return times, np.zeros(0, dtype=np.int64)
    order = np.argsort(times)
    ordered = times[order]
    gaps = np.diff(ordered)
    mean = _mean_of_different(ordered, gaps)
    is_new = np.concatenate([[True], gaps > TIE_TOLERANCE * max(1.0, mean)])
    codes = np.empty(len(times), dtype=np.int64)
    codes[order] = np.cumsum(is_new) - 1
    return ordered[is_new], codes


def _mean_of_different(ordered: Vector, gaps: Vector) -> float:
    different = ordered[1:][gaps > 0]
    return float((ordered[0] + different.sum()) / (1 + len(different)))
