"""Estimators: arrays in, frozen dataclasses out; what can't be estimated has a reason."""

from incohort.stats.outcome import HypothesisTest, Interval, NoEstimate, then

__all__ = ["HypothesisTest", "Interval", "NoEstimate", "then"]
