"""What competing risks come in as: follow-up whose end has a cause, 0 where it was censored."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from incohort.stats.survival.inputs import Codes, Flags, FollowUp, follow_up

_LARGEST_CAUSE = 2**31  # causes are codes; a number beyond this is a mistake


@dataclass(frozen=True, slots=True, kw_only=True)
class CausedFollowUp:
    """Follow-up of n rows, whose events are of `causes`; `cause` is 0 where censored."""

    rows: FollowUp
    cause: Codes
    causes: tuple[int, ...]

    @property
    def n(self) -> int:
        """How many rows."""
        return self.rows.n

    def had(self, cause: int) -> Flags:
        """Whose follow-up ended with this cause."""
        flags: Flags = self.cause == cause
        return flags


def caused_follow_up(
    time: ArrayLike, cause: ArrayLike, time_enter: ArrayLike | None = None
) -> CausedFollowUp:
    """Follow-up with its ties made exact, and the causes that occur, in order.

    Args:
        time: When each row's follow-up ended, from 0, shape (n,).
        cause: Why: 0 is censored, 1, 2, … are the causes, shape (n,).
        time_enter: When the row came under observation, shape (n,).

    Raises:
        ValueError: As `follow_up`, or a cause is no whole number from 0.
    """
    codes = _causes(cause)
    rows = follow_up(time, codes > 0, time_enter)
    return CausedFollowUp(
        rows=rows, cause=codes, causes=tuple(int(code) for code in _different(codes) if code)
    )


def check_cause(cause_of_interest: int) -> None:
    """Refuse a cause of interest that is none: a programming error.

    Raises:
        ValueError: It is not a whole number from 1.
    """
    if isinstance(cause_of_interest, bool) or cause_of_interest != int(cause_of_interest):
        raise ValueError("cause_of_interest must be a whole number")
    if cause_of_interest < 1:
        raise ValueError("cause_of_interest must be 1 or more: 0 is censored")


def _causes(values: ArrayLike) -> Codes:
    given: NDArray[np.generic] = np.asarray(values)
    if given.ndim != 1:
        raise ValueError("cause must be one-dimensional")
    if given.dtype.kind in "bui":
        codes = given.astype(np.int64)
    else:
        numbers = given.astype(np.float64)
        is_whole = np.isfinite(numbers) & (np.abs(numbers) < _LARGEST_CAUSE)
        if not is_whole.all() or (numbers != np.floor(numbers)).any():
            raise ValueError("cause must be a whole number, without missing values")
        codes = numbers.astype(np.int64)
    if len(codes) and (codes.min() < 0 or codes.max() > _LARGEST_CAUSE):
        raise ValueError("cause counts from 0, censored, so it can't be negative or huge")
    return codes


def _different(codes: Codes) -> Codes:
    if len(codes) and codes.max() <= 2 * len(codes):  # small numbers need no sorting
        return np.flatnonzero(np.bincount(codes))
    return np.unique(codes)
