"""The numbers of persons behind a result, and whether they are too few to be told."""

from __future__ import annotations

from incohort.disclosure.profiles import Profile
from incohort.results import (
    Estimate,
    Measure,
    NotEstimable,
    Result,
)

# How much of a sample lies beyond the number on its thinner side: one half, one quarter.
_BEYOND = {Measure.MEDIAN: 2, Measure.QUANTILE: 4}
EVENTS, N, OTHERS = "events", "n", "others"


def parts(result: Result) -> dict[str, int]:
    """The counts that a count or a proportion tells: events, all, and those without the event.

    A count that is its own denominator is a total: it tells of nobody left out. Where nobody is
    there to estimate from, each count is 0, which a reader of a withheld number does not know.
    """
    if isinstance(result, NotEstimable) and result.n == 0:
        return {EVENTS: 0, N: 0, OTHERS: 0}
    if not isinstance(result, Estimate):
        return {}
    if result.measure is Measure.COUNT:
        events = round(result.value)
        if result.n is None or result.n == events:
            return {EVENTS: events}
        return {EVENTS: events, N: result.n, OTHERS: result.n - events}
    if result.measure is Measure.PROPORTION and result.n is not None:
        events = round(result.value * result.n) if result.events is None else result.events
        return {EVENTS: events, N: result.n, OTHERS: result.n - events}
    return {}


def is_near_an_end(estimate: Estimate, profile: Profile) -> bool:
    """Whether so few lie beyond a median or quartile that it is next to somebody's extreme."""
    share = _BEYOND.get(estimate.measure)
    return share is not None and estimate.n is not None and estimate.n // share <= profile.few


def has_few_degrees(estimate: Estimate, profile: Profile) -> bool:
    """Whether a model leaves fewer residual degrees of freedom than a profile asks for."""
    return estimate.residual_df is not None and estimate.residual_df < profile.degrees
