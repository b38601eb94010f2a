"""Who is at risk under a curve, and who has left before: the three rows that add up."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.figures.panel import Counts
from incohort.results import Curve
from incohort.tables.numbers import count


def at_risk_rows(curve: Curve, ticks: Sequence[float]) -> list[Counts]:
    """Rows of those at risk, censored and with the event, at each tick; none without counts.

    At risk at a time are those whom an event could happen at that time, so those who had it or
    were censored before it are counted beside them: the three add up to all who entered.
    """
    if not curve.is_stepped or not curve.n_at_risk:
        return []
    rows = [Counts("At risk", tuple(count(_at_risk(curve, tick)) for tick in ticks))]
    for name, counts in (("Censored", curve.n_censored), ("Events", curve.n_events)):
        if counts:
            rows.append(Counts(name, tuple(count(_before(curve, counts, t)) for t in ticks)))
    return rows


def _at_risk(curve: Curve, tick: float) -> int:
    """Those at risk at the first point that is not before the tick, or who are left after all."""
    at = next((n for n, x in enumerate(curve.x) if x >= tick), None)
    if at is not None:
        return curve.n_at_risk[at]
    left = (counts[-1] for counts in (curve.n_events, curve.n_censored) if counts)
    return curve.n_at_risk[-1] - sum(left)


def _before(curve: Curve, counts: Sequence[int], tick: float) -> int:
    return sum(number for x, number in zip(curve.x, counts, strict=True) if x < tick)
