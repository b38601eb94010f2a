"""The interval of a printed share: by which method a count out of a number gives its limits."""

from __future__ import annotations

import math
from dataclasses import dataclass

from incohort.stats._quantiles import z_of
from incohort.stats.outcome import check_conf_level
from incohort.stats.printed.digits import Style, read_printed
from incohort.stats.proportions import beta_limits, wilson_limits


@dataclass(frozen=True, slots=True)
class IntervalByMethod:
    """The limits that one method gives, shares in [0, 1], and whether they print as they stand."""

    method: str
    low: float
    high: float
    prints: bool


def share_intervals(
    events: int, n: int, printed: tuple[str, str], *, conf_level: float = 0.95
) -> tuple[IntervalByMethod, ...]:
    """The limits of `events` out of `n` by each method in use, beside the printed ones.

    Args:
        events: How many, 0 to `n`.
        n: Of how many, 1 or more.
        printed: Both limits in per cent, as text.
        conf_level: Of the interval.

    Source: Newcombe 1998, Stat Med 17:857, methods 1 to 5; R's binom.test and prop.test;
        tests/validation/share_intervals.R.

    >>> [(i.method, round(100 * i.low, 1), round(100 * i.high, 1))
    ...  for i in share_intervals(9, 14, ("35", "87")) if i.prints]
    [("Clopper and Pearson's", 35.1, 87.2)]
    """
    check_conf_level(conf_level)
    share, z = events / n, z_of(conf_level)
    half = z * math.sqrt(share * (1 - share) / n)
    correction = 1 / (2 * n)
    limits = {
        "Clopper and Pearson's": beta_limits(events, n, conf_level),
        "Wilson's": wilson_limits(share, n, conf_level),
        "Wilson's with continuity correction": _corrected(events, n, z),
        "Wald's": (share - half, share + half),
        "Wald's with continuity correction": (share - half - correction, share + half + correction),
    }
    return tuple(
        IntervalByMethod(method, low, high, _both(printed, low, high))
        for method, (low, high) in limits.items()
    )


def _corrected(events: int, n: int, z: float) -> tuple[float, float]:
    """Newcombe's method 4, which R's prop.test gives by default."""
    share = events / n
    low = (
        2 * events + z * z - 1 - z * math.sqrt(z * z - 2 - 1 / n + 4 * share * (n - events + 1))
    ) / (2 * (n + z * z))
    high = (
        2 * events + z * z + 1 + z * math.sqrt(z * z + 2 - 1 / n + 4 * share * (n - events - 1))
    ) / (2 * (n + z * z))
    return 0.0 if events == 0 else max(low, 0.0), 1.0 if events == n else min(high, 1.0)


def _both(printed: tuple[str, str], low: float, high: float) -> bool:
    """Whether both limits print as they stand, rounded or cut."""
    texts = zip(printed, (low, high), strict=True)
    pairs = [(read_printed(text), 100 * limit) for text, limit in texts]
    styles: tuple[Style, ...] = ("rounded", "cut")
    return any(all(number.holds(limit, style) for number, limit in pairs) for style in styles)
