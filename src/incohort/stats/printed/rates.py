"""Printed rates: how many events, in how much time, give the rate and its limits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from incohort.stats._checked import check_option
from incohort.stats._garwood import garwood
from incohort.stats._quantiles import z_of
from incohort.stats.outcome import check_conf_level
from incohort.stats.printed.digits import Style, read_printed

RateInterval = Literal["exact", "log_wald"]
Counts = NDArray[np.float64]
_MOST = 10_000  # events that are tried
_NARROWEST = 0.05  # on the logarithm: as of some 6,000 events


@dataclass(frozen=True, slots=True)
class EventsFit:
    """A number of events with the least and the most time in which they give what was printed."""

    events: int
    time_low: float
    time_high: float


def events_behind_rate(
    rate: str,
    low: str,
    high: str,
    *,
    per: float = 1.0,
    method: RateInterval = "exact",
    style: Style = "rounded",
    conf_level: float = 0.95,
) -> tuple[EventsFit, ...]:
    """Every number of events that gives a printed rate and both its limits, with the time.

    Args:
        rate: As printed.
        low: Its lower limit, as printed.
        high: Its upper limit, as printed.
        per: The time that the rate is for: 100 for events per 100 years.
        method: Garwood's exact interval, or Wald's on the logarithm.
        style: Whether the digits were rounded or cut.
        conf_level: In (0, 1).

    Returns:
        By number of events; the time in the unit that `per` counts.

    Raises:
        ValueError: No number stands in one of the texts, or the method is none.

    Source: Garwood 1936, Biometrika 28:437; tests/spec/test_printed.py.

    >>> [fit.events for fit in events_behind_rate("2.48", "1.79", "3.34", per=100)]
    [43]
    """
    check_option("method", method, get_args(RateInterval))
    check_conf_level(conf_level)
    events = np.arange(0.0 if method == "exact" else 1.0, _MOST)
    numbers = (events, *_limits(events, method, conf_level))
    least, most = np.zeros(len(events)), np.full(len(events), math.inf)
    for text, number in zip((rate, low, high), numbers, strict=True):
        ends = [float(end) for end in read_printed(text).range_of(style)]
        least = np.maximum(least, number * per / ends[1] if ends[1] > 0 else math.inf)
        most = np.minimum(most, number * per / ends[0] if ends[0] > 0 else math.inf)
    fits = np.flatnonzero(least <= most)
    return tuple(EventsFit(int(events[i]), float(least[i]), float(most[i])) for i in fits)


def is_narrow(low: str, high: str) -> bool:
    """Whether limits lie so close that more events may lie behind them than are tried.

    Args:
        low: The lower limit, as printed.
        high: The upper one.

    Raises:
        ValueError: A text has no number.

    Source: tests/spec/test_printed.py.
    """
    least, most = (float(read_printed(text).value) for text in (low, high))
    return 0 < least <= most and math.log(most / least) < _NARROWEST


def rate_prints(
    rate: str, low: str, high: str, *, events: int, time: float, per: float = 1.0
) -> dict[str, tuple[Style, ...]]:
    """How a rate of known events and time is printed: `rounded` or `cut`, for each of its parts.

    A part without a style is another number.

    Args:
        rate: As printed.
        low: Its lower 95 % limit by Garwood, as printed; empty where none was.
        high: Its upper one.
        events: How many.
        time: In how much time.
        per: The time that the rate is for.

    Raises:
        ValueError: A text that is not empty has no number.

    Source: Garwood 1936, Biometrika 28:437; tests/spec/test_printed.py.
    """
    limits = _limits(np.array([float(events)]), "exact", 0.95)
    numbers = (float(events), *(float(limit[0]) for limit in limits))
    styles: tuple[Style, ...] = ("rounded", "cut")
    by_part = {}
    for part, text, number in zip(("rate", "low", "high"), (rate, low, high), numbers, strict=True):
        if text:
            printed = read_printed(text)
            by_part[part] = tuple(s for s in styles if printed.holds(number * per / time, s))
    return by_part


def _limits(events: Counts, method: RateInterval, conf_level: float) -> tuple[Counts, ...]:
    """The limits of expected numbers of events."""
    if method == "exact":
        return garwood(events, conf_level)
    factor = np.exp(z_of(conf_level) / np.sqrt(events))
    return events / factor, events * factor
