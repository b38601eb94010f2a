"""What a Cox model predicts: the baseline hazard and survival curves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats._checked import check_option
from incohort.stats.outcome import check_conf_level
from incohort.stats.survival.cox_fit import CoxFit
from incohort.stats.survival.curves import ConfType, limits
from incohort.stats.survival.inputs import Codes, Flags, Matrix, Vector

_LARGEST = 600.0  # log hazard ratio: beyond it survival is 0 and exp would overflow
_CHUNK = 2_000_000  # cells of the table of rows by times that is held at once


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineHazard:
    """The cumulative hazard of a stratum where all covariates are 0, at its event times."""

    stratum: object  # its label; None without strata
    time: Vector
    cumulative_hazard: Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCurve:
    """Predicted survival from each event time on, 1 before the first, shape (m,).

    `has_limits` is False where survival is 0.
    """

    time: Vector
    survival: Vector
    se_log: Vector
    ci_low: Vector
    ci_high: Vector
    has_limits: Flags
    conf_level: float
    conf_type: ConfType
    method: str


def baseline_hazard(fit: CoxFit) -> tuple[BaselineHazard, ...]:
    """The baseline hazard of each stratum in which there were events.

    Source: Breslow 1974, with Efron's denominators for Efron's ties; R's basehaz in
        tests/validation/survival/cox.json.
    """
    to_zero = -float(fit.coef @ fit.data.mean)  # from mean covariates, on the log scale
    labels = fit.strata.labels or (None,)
    hazards = []
    for code in np.unique(fit.data.sets.stratum):
        events, ends = _events_of(fit, int(code))
        at_mean = np.cumsum(fit.at_maximum.hazard[events])[ends]
        with np.errstate(over="ignore", under="ignore"):  # 0 may be far from any covariate
            at_zero = np.exp(np.log(at_mean) + to_zero)
        hazards.append(
            BaselineHazard(
                stratum=labels[code],
                time=fit.data.sets.time[fit.data.event_set[events][ends]],
                cumulative_hazard=at_zero,
            )
        )
    return tuple(hazards)


def predicted_survival(
    fit: CoxFit,
    covariates: ArrayLike,
    *,
    stratum: object = None,
    conf_level: float = 0.95,
    conf_type: ConfType = "log-log",
) -> ModelCurve:
    """The survival of somebody with these covariates.

    Args:
        fit: The model.
        covariates: One value for each of the model's covariates, shape (k,).
        stratum: The label of the stratum, where the model has strata.
        conf_level: In (0, 1).
        conf_type: The scale on which the limits are symmetric.

    Raises:
        ValueError: The covariates' number is wrong, or the stratum is unknown or without events.

    Source: Tsiatis 1981, Ann Stat 9:93; R's survfit.coxph in tests/validation/survival/cox.json.
    """
    values = np.asarray(covariates, dtype=np.float64)
    if values.ndim != 1:
        raise ValueError("covariates must be those of one person")
    return adjusted_survival(
        fit, values[None, :], stratum=stratum, conf_level=conf_level, conf_type=conf_type
    )


def adjusted_survival(
    fit: CoxFit,
    covariates: ArrayLike,
    *,
    stratum: object = None,
    conf_level: float = 0.95,
    conf_type: ConfType = "log-log",
) -> ModelCurve:
    """The mean of the predicted survival of many: what a whole cohort's curve would be.

    With the exposure's column set to one value for everybody, the curves of its values compare
    cohorts that are alike in all else (direct adjustment).

    Args:
        fit: The model.
        covariates: One row for each person, shape (r, k).
        stratum: The label of the stratum, where the model has strata.
        conf_level: In (0, 1).
        conf_type: The scale on which the limits are symmetric.

    Raises:
        ValueError: The covariates' shape is wrong, or the stratum is unknown or without events.

    Source: Makuch 1982, J Chronic Dis 35:437; variance by the delta method given the covariates
        (Gail & Byar 1986); R's survfit.coxph.
    """
    check_conf_level(conf_level)
    check_option("conf_type", conf_type, get_args(ConfType))
    raw = np.asarray(covariates, dtype=np.float64)
    k = len(fit.coef)
    if raw.ndim != 2 or raw.shape[1] != k or len(raw) == 0 or not np.isfinite(raw).all():
        msg = f"covariates must be complete and have {k} columns"
        raise ValueError(msg)
    events, ends = _events_of(fit, _stratum_code(fit, stratum))
    survival, variance = _mean_survival(fit, (raw - fit.data.mean) / fit.data.scale, events, ends)
    with np.errstate(divide="ignore", invalid="ignore"):
        se_log = np.where(survival > 0, np.sqrt(variance) / survival, np.inf)
    low, high, has_limits = limits(survival, se_log, conf_level, conf_type)
    return ModelCurve(
        time=fit.data.sets.time[fit.data.event_set[events][ends]],
        survival=survival,
        se_log=se_log,
        ci_low=low,
        ci_high=high,
        has_limits=has_limits,
        conf_level=conf_level,
        conf_type=conf_type,
        method=f"{fit.method.split(',', maxsplit=1)[0]}, {conf_type} interval",
    )


def _mean_survival(fit: CoxFit, x: Matrix, events: Codes, ends: Codes) -> tuple[Vector, Vector]:
    """Mean survival over the rows of x at each event time, and its variance.

    With r = exp(xβ), H the baseline hazard and S = exp(−rH), the variance of the mean S is
    ā² Σ h² + q̄ᵀ V q̄, where ā is the mean of S·r and q̄ the mean of S·r·(Σ h·m − H·x): h and m are
    the increments of the hazard and the mean covariates at risk.
    """
    at = fit.at_maximum
    increments = at.hazard[events]
    hazard = np.cumsum(increments)[ends]
    squares = np.cumsum(increments**2)[ends]
    weighted_mean = np.cumsum(increments[:, None] * at.mean_x[events], axis=0)[ends]
    risk = np.exp(np.minimum(x @ at.beta, _LARGEST))
    survival, slope, slope_x = (
        np.empty(len(ends)),
        np.empty(len(ends)),
        np.empty_like(weighted_mean),
    )
    step = max(1, _CHUNK // len(x))
    for start in range(0, len(ends), step):
        part = slice(start, start + step)
        with np.errstate(over="ignore", under="ignore"):
            s = np.exp(-np.outer(hazard[part], risk))
        survival[part] = s.mean(axis=1)
        s *= risk
        slope[part] = s.mean(axis=1)
        slope_x[part] = s @ x / len(x)
    q = slope[:, None] * weighted_mean - hazard[:, None] * slope_x
    covariance = fit.covariance if fit.robust_covariance is None else fit.robust_covariance
    v = covariance * np.outer(fit.data.scale, fit.data.scale)
    return survival, slope**2 * squares + np.einsum("tj,jk,tk->t", q, v, q)


def _events_of(fit: CoxFit, code: int) -> tuple[Codes, Codes]:
    """The events of a stratum, and among them the last of each event time."""
    events = np.flatnonzero(fit.data.sets.stratum[fit.data.event_set] == code)
    is_last = np.diff(fit.data.event_set[events], append=-1) != 0
    return events, np.flatnonzero(is_last)


def _stratum_code(fit: CoxFit, stratum: object) -> int:
    if not fit.strata.labels:
        if stratum is not None:
            raise ValueError("the model has no strata")
        return 0
    if stratum not in fit.strata.labels:
        msg = f"stratum {stratum!r} is none of the model's: {fit.strata.labels}"
        raise ValueError(msg)
    code = fit.strata.labels.index(stratum)
    if code not in fit.data.sets.stratum:
        msg = f"nobody in stratum {stratum!r} had the event"
        raise ValueError(msg)
    return code
