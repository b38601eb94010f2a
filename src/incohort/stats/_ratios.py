"""Ratios from coefficients on the log scale, with Wald's limits."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy import special

from incohort.stats._quantiles import z_of
from incohort.stats.outcome import check_conf_level

Vector = NDArray[np.float64]

_LARGEST = 700  # whose exponential a float holds


@dataclass(frozen=True, slots=True, kw_only=True)
class HazardRatio:
    """One covariate's hazard ratio for a rise by 1, with interval and two-sided P."""

    hazard_ratio: float
    ci_low: float
    ci_high: float
    p_value: float
    conf_level: float
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SubdistributionHazardRatio(HazardRatio):
    """One covariate's subdistribution hazard ratio for a rise by 1, with interval and P."""


Kind = TypeVar("Kind", bound=HazardRatio)


def wald_ratios(
    kind: type[Kind], coef: Vector, se: Vector, conf_level: float, method: str
) -> tuple[Kind, ...]:
    """The covariates' ratios in their order, from log ratios and their standard errors."""
    check_conf_level(conf_level)
    z = z_of(conf_level)
    return tuple(
        kind(
            hazard_ratio=exp(b),
            ci_low=exp(b - z * spread),
            ci_high=exp(b + z * spread),
            p_value=2 * float(special.ndtr(-abs(b) / spread)),
            conf_level=conf_level,
            method=method,
        )
        for b, spread in zip(coef.tolist(), se.tolist(), strict=True)
    )


def exp(value: float) -> float:
    """The exponential, infinite where a float can't hold it."""
    return math.exp(value) if value < _LARGEST else math.inf
