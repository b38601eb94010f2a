"""The effect of a treatment by Cox's model of days, what led to it adjusted for as it came."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from incohort.stats.causal.effect import TreatmentEffect
from incohort.stats.causal.person_days import PersonDays
from incohort.stats.imputation import pool
from incohort.stats.outcome import NoEstimate
from incohort.stats.survival import CoxFit, cox


def effect_by_day(
    rows: PersonDays, covariates: ArrayLike, *, conf_level: float = 0.95
) -> TreatmentEffect | NoEstimate:
    """The hazard ratio of the event with treatment, adjusted for each day's covariates.

    Args:
        rows: The days at risk.
        covariates: As they were known at the beginning of each day, shape (rows, k); a column that
            is the same on all days is left out.
        conf_level: In (0, 1).

    Source: Therneau & Grambsch 2000, Modeling Survival Data, 3.7; R's coxph on the same days in
        tests/validation/recovery/test_recovery_in_r.py.
    """
    fit = _fitted(rows, np.asarray(covariates, dtype=np.float64))
    ratios = fit if isinstance(fit, NoEstimate) else fit.hazard_ratios(conf_level=conf_level)
    if isinstance(ratios, NoEstimate):
        return ratios
    treated = ratios[0]
    return TreatmentEffect(
        hazard_ratio=treated.hazard_ratio, ci_low=treated.ci_low, ci_high=treated.ci_high,
        p_value=treated.p_value, conf_level=treated.conf_level, n=len(rows.first),
        n_treated=int(rows.starts.sum()), n_events=int(rows.event.sum()),
        is_biased=False, method="Cox model with treatment and covariates by day",
    )  # fmt: skip


def effect_by_day_imputed(
    rows: PersonDays, completed: Sequence[NDArray[np.float64]], *, conf_level: float = 0.95
) -> TreatmentEffect | NoEstimate:
    """The same in data sets whose missing covariates were filled in, pooled by Rubin's rules.

    Args:
        rows: The days at risk.
        completed: The covariates of each day in each data set, shape (rows, k).
        conf_level: In (0, 1).

    Source: Rubin 1987, Multiple Imputation for Nonresponse in Surveys; R's mice and coxph in
        tests/validation/recovery/test_recovery_in_r.py.
    """
    logs, variances = [], []
    for covariates in completed:
        fit = _fitted(rows, covariates)
        if isinstance(fit, NoEstimate):
            return fit
        logs.append(float(fit.coef[0]))
        variances.append(float(fit.se[0]) ** 2)
    n, k = int(rows.event.sum()), 1 + completed[0].shape[1]
    if n <= k:
        return NoEstimate("there are fewer recoveries than the model has coefficients")
    pooled = pool(logs, variances, n, k, conf_level=conf_level)
    if isinstance(pooled, NoEstimate):
        return pooled
    return TreatmentEffect(
        hazard_ratio=_exp(pooled.estimate), ci_low=_exp(pooled.ci_low),
        ci_high=_exp(pooled.ci_high), p_value=pooled.p_value, conf_level=conf_level,
        n=len(rows.first), n_treated=int(rows.starts.sum()), n_events=n, is_biased=False,
        method=f"Cox model by day, {pooled.m} imputations pooled by Rubin's rules",
    )  # fmt: skip


def _fitted(rows: PersonDays, covariates: NDArray[np.float64]) -> CoxFit | NoEstimate:
    """Cox's model of days, treatment first."""
    if not rows.n or not rows.event.any():
        return NoEstimate("nobody with time at risk recovered")
    treated = rows.treated.astype(np.float64)
    if np.ptp(treated) == 0:
        return NoEstimate("nobody was treated while at risk, or everybody always")
    varying = covariates[:, np.ptp(covariates, axis=0) > 0]
    columns = np.column_stack([treated, varying])
    return cox(rows.time, rows.event, columns, time_enter=rows.time_enter)


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf
