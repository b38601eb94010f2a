"""Landmark analysis: time starts anew for those still without the event at a chosen time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats.survival.inputs import TIE_TOLERANCE, Flags, Vector, follow_up


@dataclass(frozen=True, slots=True, kw_only=True)
class Landmark:
    """Who is followed beyond the landmark, and from when.

    `is_included` has one flag for each row that came in, shape (n,); `time` (from the landmark)
    and `event` are those of the included rows. Groups must be formed from what was known at the
    landmark: what comes later would make survivors look better (immortal time).
    """

    is_included: Flags
    time: Vector
    event: Flags
    n_events_before: int
    n_censored_before: int


def landmark(time: ArrayLike, event: ArrayLike, at: float) -> Landmark:
    """The rows that are followed beyond the landmark, with time counted from there.

    A row whose follow-up ends at the landmark itself is left out.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        at: The landmark, from 0.

    Raises:
        ValueError: As `follow_up`, or the landmark is negative.

    Source: Anderson, Cain & Gelber 1983, J Clin Oncol 1:710.
    """
    if not 0 <= at < np.inf:
        msg = f"the landmark is {at}; it must be a time from 0"
        raise ValueError(msg)
    rows = follow_up(time, event)
    exits = np.asarray(time, dtype=np.float64)
    slack = TIE_TOLERANCE * max(1.0, at)
    included = exits > at + slack
    return Landmark(
        is_included=included,
        time=exits[included] - at,
        event=rows.event[included],
        n_events_before=int((rows.event & ~included).sum()),
        n_censored_before=int((~rows.event & ~included).sum()),
    )
