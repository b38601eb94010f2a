"""Garwood's exact limits of the expected number of events."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special


def garwood(events: ArrayLike, conf_level: float) -> tuple[NDArray[np.float64], ...]:
    """The lower and the upper limits for each number of events; 0 is the lower one of none.

    Source: Garwood 1936, Biometrika 28:437; R's poisson.test; tests/validation/rates.R.
    """
    seen, tail = np.asarray(events, dtype=np.float64), (1 - conf_level) / 2
    low = np.where(seen > 0, special.gammaincinv(np.maximum(seen, 1), tail), 0.0)
    return low, np.asarray(special.gammainccinv(seen + 1, tail))
