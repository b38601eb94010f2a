"""The Nelson–Aalen estimate of the cumulative hazard."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats._quantiles import z_of
from incohort.stats.outcome import NoEstimate
from incohort.stats.survival.inputs import Codes, Vector
from incohort.stats.survival.kaplan_meier import kaplan_meier


@dataclass(frozen=True, slots=True, kw_only=True)
class CumulativeHazard:
    """Nelson and Aalen's cumulative hazard from each time on, 0 before the first, shape (m,)."""

    time: Vector
    n_at_risk: Codes
    n_events: Codes
    cumulative_hazard: Vector
    se: Vector
    ci_low: Vector
    ci_high: Vector
    conf_level: float
    method: str


def nelson_aalen(
    time: ArrayLike,
    event: ArrayLike,
    *,
    time_enter: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> CumulativeHazard | NoEstimate:
    """The cumulative hazard over time, not smoothed, with limits symmetric on the log scale.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        time_enter: When each came under observation, shape (n,).
        conf_level: In (0, 1).

    Source: Nelson 1972; Aalen 1978; variance Σ d/n²; limits of Bie, Borgan & Liestøl 1987; R's
        survfit.
    """
    curve = kaplan_meier(time, event, time_enter=time_enter, conf_level=conf_level)
    if isinstance(curve, NoEstimate):
        return curve
    hazard, se = curve.cumulative_hazard, curve.se_cumulative_hazard
    z = z_of(conf_level)
    factor = np.exp(z * np.divide(se, hazard, out=np.zeros_like(se), where=hazard > 0))
    return CumulativeHazard(
        time=curve.time,
        n_at_risk=curve.n_at_risk,
        n_events=curve.n_events,
        cumulative_hazard=hazard,
        se=se,
        ci_low=hazard / factor,
        ci_high=hazard * factor,
        conf_level=conf_level,
        method="Nelson–Aalen estimator, log interval",
    )
