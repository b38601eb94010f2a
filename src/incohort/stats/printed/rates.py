"""Printed rates: how many events, in how much time, give the rate and its limits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from scipy import special

from incohort.stats._checked import check_option
from incohort.stats._quantiles import z_of
from incohort.stats.outcome import check_conf_level
from incohort.stats.printed.digits import Printed, Style, read_printed

RateInterval = Literal["exact", "log_wald"]
_MOST = 10_000  # events that are tried


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
    printed = tuple(map(read_printed, (rate, low, high)))
    fitting = []
    for events in range(1, _MOST):
        limits = _limits(events, method, conf_level)
        span = _time(printed, (float(events), *limits), per, style)
        if span is not None:
            fitting.append(EventsFit(events, *span))
        elif fitting:
            break
    return tuple(fitting)


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
    numbers = (float(events), *_limits(events, "exact", 0.95))
    styles: tuple[Style, ...] = ("rounded", "cut")
    found = {}
    for part, text, number in zip(("rate", "low", "high"), (rate, low, high), numbers, strict=True):
        if text:
            printed = read_printed(text)
            found[part] = tuple(s for s in styles if printed.holds(number * per / time, s))
    return found


def _limits(events: int, method: RateInterval, conf_level: float) -> tuple[float, float]:
    """The limits of an expected number of events."""
    if method == "log_wald":
        factor = math.exp(z_of(conf_level) / math.sqrt(events)) if events else math.inf
        return events / factor, events * factor
    tail = (1 - conf_level) / 2
    low = float(special.gammaincinv(events, tail)) if events else 0.0
    return low, float(special.gammainccinv(events + 1, tail))


def _time(
    printed: tuple[Printed, ...], numbers: tuple[float, ...], per: float, style: Style
) -> tuple[float, float] | None:
    """The time in which the numbers give what was printed; None where there is none."""
    least, most = 0.0, math.inf
    for one, number in zip(printed, numbers, strict=True):
        low, high = (float(end) for end in one.range_of(style))
        least = max(least, number * per / high if high > 0 else math.inf)
        most = min(most, number * per / low if low > 0 else math.inf)
    return (least, most) if least <= most else None
