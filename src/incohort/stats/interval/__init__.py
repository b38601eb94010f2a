"""Time to events that are seen only between two visits: curves, tests and models."""

from incohort.stats.interval.aft import AftFit, aft
from incohort.stats.interval.aft_likelihood import Distribution
from incohort.stats.interval.bootstrap import (
    NpmleLimits,
    NpmleQuantile,
    npmle_limits,
    npmle_quantile,
)
from incohort.stats.interval.imputation import Placement, imputed_times
from incohort.stats.interval.npmle import Npmle, QuantileBounds, npmle
from incohort.stats.interval.score_test import IntervalScoreTest, Scores, interval_score_test

__all__ = [
    "AftFit",
    "Distribution",
    "IntervalScoreTest",
    "Npmle",
    "NpmleLimits",
    "NpmleQuantile",
    "Placement",
    "QuantileBounds",
    "Scores",
    "aft",
    "imputed_times",
    "interval_score_test",
    "npmle",
    "npmle_limits",
    "npmle_quantile",
]
