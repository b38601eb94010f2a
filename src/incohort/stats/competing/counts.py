"""Who is at risk, leaves and has which event, time by time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from incohort.stats.competing.inputs import CausedFollowUp
from incohort.stats.survival.inputs import Codes, FollowUp, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class CauseCounts:
    """At each different time: at risk just before, leaving for any reason, events by cause."""

    time: Vector
    n_at_risk: Codes
    n_leaving: Codes
    n_events: tuple[Codes, ...]


def count_by_cause(caused: CausedFollowUp) -> CauseCounts:
    """Counts at each different time at which follow-up ended."""
    rows, m = caused.rows, len(caused.rows.distinct)
    leaving = np.bincount(rows.exit_code, minlength=m)
    at_risk = _at_risk(rows, leaving)
    events = [np.bincount(rows.exit_code[caused.had(k)], minlength=m) for k in caused.causes]
    if rows.enter_code is None:
        return CauseCounts(
            time=rows.distinct, n_at_risk=at_risk, n_leaving=leaving, n_events=tuple(events)
        )
    keep = leaving > 0  # a time of entry alone is no step
    return CauseCounts(
        time=rows.distinct[keep],
        n_at_risk=at_risk[keep],
        n_leaving=leaving[keep],
        n_events=tuple(d[keep] for d in events),
    )


def _at_risk(rows: FollowUp, leaving: Codes) -> Codes:
    at_risk = rows.n - np.cumsum(leaving) + leaving
    if rows.enter_code is None:
        return at_risk
    # Less those who enter at this time or later.
    entering = np.bincount(rows.enter_code + 1, minlength=len(leaving) + 1)
    return at_risk - (rows.n - np.cumsum(entering)[:-1])
