"""Who is at risk under curves, and who has left before: the rows that add up."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from incohort.figures.panel import Counts
from incohort.results import Curve
from incohort.tables.numbers import count

EVENTS = "Events"
_NOT_TOLD = "–"  # beyond the last point of a curve that is told no further


def at_risk_rows(curve: Curve, ticks: Sequence[float], events: str = EVENTS) -> list[Counts]:
    """Rows of those at risk, censored and with the event, at each tick; none without counts.

    At risk at a time are those whom an event could happen at that time, so those who had it or
    were censored before it are counted beside them: the three add up to all who entered.

    Args:
        curve: Has the counts.
        ticks: Where the numbers stand.
        events: What the event is called.
    """
    if not curve.is_stepped or not curve.n_at_risk:
        return []
    rows = [_row("At risk", curve, ticks, lambda tick: _at_risk(curve, tick))]
    if curve.n_censored:
        gone = curve.n_censored
        rows.append(_row("Censored", curve, ticks, lambda tick: _before(curve, gone, tick)))
    return rows + _events(curve, ticks, events)


def competing_rows(
    curves: Sequence[tuple[str, Curve]], ticks: Sequence[float]
) -> list[Counts] | None:
    """The rows of curves of several events in the same persons: at risk once, events of each.

    None where they are of different persons, or of one event only.

    Args:
        curves: Each with the name of its event.
        ticks: Where the numbers stand.
    """
    _, first = curves[0]
    if len(curves) < 2 or not first.n_at_risk or not first.is_stepped:
        return None
    if any(curve.x != first.x or curve.n_at_risk != first.n_at_risk for _, curve in curves):
        return None
    rows = at_risk_rows(first, ticks, curves[0][0])
    return rows + [row for name, curve in curves[1:] for row in _events(curve, ticks, name)]


def _events(curve: Curve, ticks: Sequence[float], name: str) -> list[Counts]:
    if not curve.n_events:
        return []
    return [_row(name, curve, ticks, lambda tick: _before(curve, curve.n_events, tick))]


def _row(name: str, curve: Curve, ticks: Sequence[float], number: Callable[[float], int]) -> Counts:
    """The numbers at the ticks, as far as the curve tells of them."""
    is_whole = not _left(curve)  # nobody is left after its last point
    coverage = (tick <= curve.x[-1] or is_whole for tick in ticks)
    return Counts(
        name,
        tuple(
            count(number(tick)) if is_told else _NOT_TOLD
            for tick, is_told in zip(ticks, coverage, strict=True)
        ),
    )


def _at_risk(curve: Curve, tick: float) -> int:
    """Those at risk at the first point that is not before the tick, or who are left after all."""
    at = next((n for n, x in enumerate(curve.x) if x >= tick), None)
    return _left(curve) if at is None else curve.n_at_risk[at]


def _left(curve: Curve) -> int:
    """Those who are still at risk after the last point."""
    gone = (counts[-1] for counts in (curve.n_events, curve.n_censored) if counts)
    return curve.n_at_risk[-1] - sum(gone)


def _before(curve: Curve, counts: Sequence[int], tick: float) -> int:
    return sum(number for x, number in zip(curve.x, counts, strict=True) if x < tick)
