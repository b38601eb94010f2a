"""Rubin's rules: the results of several completed data sets as one."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from incohort.stats.outcome import NoEstimate, check_conf_level


@dataclass(frozen=True, slots=True, kw_only=True)
class Combined:
    """One estimate from m completed data sets, with t limits and two-sided P.

    `within` and `between` are the variances within and between the data sets; `fraction_missing`,
    in [0, 1], is how much of the information the missing values took (γ). `df` is infinite where
    neither they nor the sample's size limit it.
    """

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    conf_level: float
    p_value: float
    df: float
    within: float
    between: float
    fraction_missing: float
    m: int
    method: str


def pool(
    estimates: ArrayLike,
    variances: ArrayLike,
    n: float = math.inf,
    k: int = 1,
    *,
    conf_level: float = 0.95,
) -> Combined | NoEstimate:
    """The estimate from all completed data sets together.

    Hazard and odds ratios are pooled as logarithms.

    Args:
        estimates: One from each completed data set, shape (m,).
        variances: Their squared standard errors, shape (m,).
        n: Patients (events, for a Cox model); infinite for large samples.
        k: Coefficients of the model; n − k are the degrees of freedom of complete data.
        conf_level: In (0, 1).

    Raises:
        ValueError: Shapes differ, a figure is missing, a variance is not positive, or n ≤ k.

    Source: Rubin 1987, chapter 3; Barnard & Rubin 1999, Biometrika 86:948; R's pool.scalar of mice
        in tests/validation/imputation/imputation.R.
    """
    check_conf_level(conf_level)
    q, u = np.asarray(estimates, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    if q.ndim != 1 or q.shape != u.shape:
        raise ValueError("there must be one variance for each estimate")
    if not (np.isfinite(q).all() and np.isfinite(u).all() and (u > 0).all()):
        raise ValueError("estimates must be complete and variances positive")
    if not n > k:
        msg = f"{n} patients are too few for {k} coefficients"
        raise ValueError(msg)
    m = len(q)
    if m < 2:
        return NoEstimate("fewer than two completed data sets don't show what is uncertain")
    within, between = float(u.mean()), float(q.var(ddof=1))
    extra = (1 + 1 / m) * between
    total = within + extra
    df = _degrees(m, extra / total, n - k)
    estimate, se = float(q.mean()), math.sqrt(total)
    half = _t_quantile(df, 0.5 + conf_level / 2) * se
    return Combined(
        estimate=estimate,
        se=se,
        ci_low=estimate - half,
        ci_high=estimate + half,
        conf_level=conf_level,
        p_value=2 * _t_tail(df, -abs(estimate) / se),
        df=df,
        within=within,
        between=between,
        fraction_missing=_fraction_missing(extra / within, df),
        m=m,
        method=f"Rubin's rules over {m} imputations, Barnard–Rubin degrees of freedom",
    )


def _degrees(m: int, share: float, complete: float) -> float:
    """Barnard & Rubin 1999, with λ the share of the variance that is due to missing data."""
    old = (m - 1) / share**2 if share > 1e-150 else math.inf
    if math.isinf(complete):
        return old
    observed = (complete + 1) / (complete + 3) * complete * (1 - share)
    return 1 / (1 / old + 1 / observed)


def _fraction_missing(r: float, df: float) -> float:
    """Rubin 1987, eq. 3.1.10: (r + 2/(ν + 3))/(r + 1), r the relative increase of the variance."""
    return (r + 2 / (df + 3)) / (r + 1)


def _t_quantile(df: float, p: float) -> float:
    return float(special.ndtri(p) if math.isinf(df) else special.stdtrit(df, p))


def _t_tail(df: float, t: float) -> float:
    return float(special.ndtr(t) if math.isinf(df) else special.stdtr(df, t))
