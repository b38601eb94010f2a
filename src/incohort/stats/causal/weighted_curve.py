"""A Kaplan–Meier curve in which rows count by their weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats._checked import labels_of
from incohort.stats.outcome import NoEstimate, check_conf_level
from incohort.stats.survival.curves import ConfType, limits
from incohort.stats.survival.inputs import Codes, Flags, Vector, follow_up
from incohort.stats.survival.risk_sets import RiskSets, risk_sets


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedCurve:
    """Survival from each event time on, 1 before the first, shape (m,).

    `n_at_risk` and `n_events` count rows, not weights. `has_limits` is False where survival is 0.
    """

    time: Vector
    survival: Vector
    se_log: Vector
    ci_low: Vector
    ci_high: Vector
    has_limits: Flags
    n_at_risk: Codes
    n_events: Codes
    conf_level: float
    conf_type: ConfType
    method: str


def weighted_kaplan_meier(
    time: ArrayLike,
    event: ArrayLike,
    weight: ArrayLike,
    *,
    time_enter: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
    conf_level: float = 0.95,
    conf_type: ConfType = "log-log",
) -> WeightedCurve | NoEstimate:
    """The survival of patients of whom each counts by a weight, with robust limits.

    Args:
        time: When the row's follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        weight: From 0, shape (n,). Rows of weight 0 take no part.
        time_enter: When the row came under observation, shape (n,).
        cluster: Rows of one label belong together, shape (n,); without it each stands for itself.
        conf_level: In (0, 1).
        conf_type: The scale on which the limits are symmetric.

    Raises:
        ValueError: As `follow_up`, or a weight is missing or negative.

    Source: Xie & Liu 2005, Stat Med 24:3089; infinitesimal jackknife; R's survfit(weights =, robust
        = TRUE) in tests/validation/causal/causal.R.
    """
    check_conf_level(conf_level)
    w, exits = np.asarray(weight, dtype=np.float64), np.asarray(time)
    if w.shape != exits.shape or not np.isfinite(w).all() or (w < 0).any():
        raise ValueError("weight must be one number from 0 for each time")
    kept = w > 0
    w = w[kept]
    enters = None if time_enter is None else np.asarray(time_enter)[kept]
    rows = follow_up(exits[kept], np.asarray(event)[kept], enters)
    if not rows.event.any():
        return NoEstimate("nobody had the event")
    groups = np.arange(len(w)) if cluster is None else np.asarray(cluster)[kept]
    clusters = labels_of(groups, len(w), "cluster")[1]
    sets = risk_sets(rows)
    survival, se_log = _steps(sets, w, clusters)
    low, high, has_limits = limits(survival, se_log, conf_level, conf_type)
    return WeightedCurve(
        time=sets.time,
        survival=survival,
        se_log=se_log,
        ci_low=low,
        ci_high=high,
        has_limits=has_limits,
        n_at_risk=sets.counts(np.zeros(rows.n, dtype=np.int64), 1)[0],
        n_events=np.bincount(sets.last[rows.event] - 1, minlength=sets.n_sets),
        conf_level=conf_level,
        conf_type=conf_type,
        method=f"weighted Kaplan–Meier, robust variance, {conf_type} interval",
    )


def _steps(sets: RiskSets, w: Vector, clusters: Codes) -> tuple[Vector, Vector]:
    """Survival after each event time, and the standard error of its logarithm."""
    survival, se_log = np.zeros(sets.n_sets), np.full(sets.n_sets, np.inf)
    log_survival, pull = 0.0, np.zeros(int(clusters.max()) + 1)
    for j in range(sets.n_sets):
        at_risk = (sets.first <= j) & (j < sets.last)
        has_event = sets.event & (sets.last == j + 1)
        if (at_risk == has_event).all():  # nobody is left, and the curve stays at 0
            break
        total, events = w[at_risk].sum(), w[has_event].sum()
        # How each cluster moves log S: −(dN − Y·hazard)/(total − events), times its weight.
        moved = w * (has_event - at_risk * (events / total)) / (total - events)
        pull -= np.bincount(clusters, moved, len(pull))
        log_survival += float(np.log1p(-events / total))
        survival[j], se_log[j] = np.exp(log_survival), np.sqrt(pull @ pull)
    return survival, se_log
