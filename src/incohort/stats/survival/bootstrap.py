"""Bootstrap limits of a survival quantile, all resamples at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats.outcome import Interval, NoEstimate, check_conf_level
from incohort.stats.survival.inputs import TIE_TOLERANCE, Codes, FollowUp, Vector, follow_up
from incohort.stats.survival.kaplan_meier import curve_of

_CHUNK = 4_000_000  # drawn rows that are held at once


def bootstrap_quantile(
    time: ArrayLike,
    event: ArrayLike,
    p: float = 0.5,
    *,
    seed: int,
    n_resamples: int = 2000,
    conf_level: float = 0.95,
) -> Interval | NoEstimate:
    """The time by which a proportion p had the event, with percentile bootstrap limits.

    A resample that never comes down to 1 − p counts as infinite, so the upper limit is infinite
    where more resamples than its tail holds do so.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        p: In (0, 1); 0.5 is the median.
        seed: Of the random generator: the same seed gives the same limits.
        n_resamples: How many resamples, at least 100.
        conf_level: In (0, 1).

    Raises:
        ValueError: As `follow_up`, p outside (0, 1), or too few resamples.

    Source: Efron 1981, J Am Stat Assoc 76:312.
    """
    check_conf_level(conf_level)
    if n_resamples < 100:
        raise ValueError("n_resamples must be at least 100")
    rows = follow_up(time, event)
    if rows.n == 0:
        return NoEstimate("there is nobody to follow")
    quantile = curve_of(rows, conf_level).quantile(p)
    if isinstance(quantile, NoEstimate):
        return quantile
    drawn = np.sort(_resampled(rows, p, np.random.default_rng(seed), n_resamples))
    # Order statistics as they are: between a number and infinity there is nothing.
    from_end = max(1, int((1 - conf_level) / 2 * (n_resamples + 1)))
    return Interval(
        estimate=quantile.estimate,
        ci_low=float(drawn[from_end - 1]),
        ci_high=float(drawn[-from_end]),
        conf_level=conf_level,
        method=f"Kaplan–Meier quantile, percentile bootstrap, {n_resamples} resamples",
    )


def _resampled(
    rows: FollowUp, p: float, generator: np.random.Generator, n_resamples: int
) -> Vector:
    """The quantile of each resample of the rows, infinite where it is not reached."""
    cell = 2 * rows.exit_code + rows.event
    at_once = max(1, _CHUNK // rows.n)
    parts = []
    for start in range(0, n_resamples, at_once):
        b = min(at_once, n_resamples - start)
        chosen = cell[generator.integers(0, rows.n, size=(b, rows.n))]
        parts.append(_quantiles(rows, chosen, p))
    return np.concatenate(parts)


def _quantiles(rows: FollowUp, cells: Codes, p: float) -> Vector:
    """Kaplan–Meier in each line of `cells`, which hold 2 × time code + event."""
    b, m = len(cells), len(rows.distinct)
    offset = np.arange(b)[:, None] * (2 * m)
    counts = np.bincount((cells + offset).ravel(), minlength=2 * m * b).reshape(b, m, 2)
    events = counts[:, :, 1]
    leaving = counts[:, :, 0] + events
    at_risk = rows.n - np.cumsum(leaving, axis=1) + leaving
    survival = np.cumprod(1 - events / np.maximum(at_risk, 1), axis=1)
    reached = survival <= 1 - p + TIE_TOLERANCE
    passed = survival <= 1 - p - TIE_TOLERANCE
    last = m - 1 - np.argmax(leaving[:, ::-1] > 0, axis=1)
    at = np.argmax(reached, axis=1)
    # As curve.quantile: the middle of a step that lies on the line.
    leaves = np.where(passed[:, -1], np.argmax(passed, axis=1), last)
    middle = (rows.distinct[at] + rows.distinct[leaves]) / 2
    return np.where(reached[:, -1], middle, np.inf)
