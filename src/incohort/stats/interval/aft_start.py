"""Where the way to an accelerated failure time model begins: the middles of the log bounds."""

from __future__ import annotations

import numpy as np

from incohort.stats.interval.aft_likelihood import AftDesign, AftLikelihood
from incohort.stats.survival.inputs import Matrix, Vector


def first_guess(data: AftDesign) -> Vector:
    """Mean and spread of the middles."""
    middle = _middles(data)
    tau = 1 / max(float(middle.std()), 0.1)
    theta = np.zeros(data.x.shape[1] + 1)
    theta[0], theta[-1] = tau * float(middle.mean()), tau
    return theta


def _middles(data: AftDesign) -> Vector:
    """The middle of the log bounds, near the one bound there is, or the mean of all others."""
    has_low, has_high = np.isfinite(data.lower), np.isfinite(data.upper)
    low = np.where(has_low, data.lower, data.upper - 1.0)
    high = np.where(has_high, data.upper, data.lower + 1.0)
    known = has_low | has_high
    middle = np.zeros(len(low))
    middle[known] = (low[known] + high[known]) / 2
    middle[~known] = middle[known].mean()
    return middle


def information_of_exact_times(data: AftDesign, start: AftLikelihood) -> Matrix:
    """About what the middles would tell as exact times, at the scale of the start."""
    row = np.column_stack([-data.x, _middles(data)])
    information: Matrix = row.T @ row
    information[-1, -1] += len(row) / start.theta[-1] ** 2
    return information
