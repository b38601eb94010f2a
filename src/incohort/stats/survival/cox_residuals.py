"""Residuals of a Cox model: by row, or by event."""

from __future__ import annotations

import numpy as np

from incohort.stats.survival.cox_fit import CoxFit
from incohort.stats.survival.cox_likelihood import (
    Design,
    Likelihood,
    by_set,
    expected_covariates,
)
from incohort.stats.survival.inputs import Codes, Matrix, Vector


def martingale_residuals(fit: CoxFit) -> Vector:
    """Events seen less events expected, for each row, shape (n,).

    Source: Therneau & Grambsch 2000, chapter 4; R's residuals.coxph.
    """
    return fit.rows.event - fit.data.as_given(fit.at_maximum.expected)


def deviance_residuals(fit: CoxFit) -> Vector:
    """Martingale residuals made more symmetric, shape (n,).

    Source: Therneau & Grambsch 2000, chapter 4; R's residuals.coxph.
    """
    martingale = martingale_residuals(fit)
    event = fit.rows.event
    log_term = np.zeros_like(martingale)
    expected = fit.data.as_given(fit.at_maximum.expected)[event]
    log_term[event] = np.log(np.maximum(expected, np.finfo(np.float64).tiny))
    deviance = -2 * (martingale + log_term)
    return np.sign(martingale) * np.sqrt(np.maximum(deviance, 0))


def score_residuals(fit: CoxFit) -> Matrix:
    """Each row's share of the score, shape (n, k).

    Source: Therneau, Grambsch & Fleming 1990, Biometrika 77:147; R's residuals.coxph.
    """
    return _score_rows(fit.data, fit.at_maximum) * fit.data.scale


def dfbeta(fit: CoxFit) -> Matrix:
    """How much each row moves the coefficients, shape (n, k)."""
    return score_residuals(fit) @ fit.covariance


def schoenfeld_residuals(fit: CoxFit) -> Matrix:
    """Each event's covariates less their mean at risk, shape (events, k), in order of time.

    Within a stratum; the rows' order among equal times is theirs in the data. Events that share a
    time share the mean of Efron's means.

    Source: Schoenfeld 1982, Biometrika 69:239; R's residuals.coxph.
    """
    return _schoenfeld(fit.data, fit.at_maximum) * fit.data.scale


def scaled_schoenfeld_residuals(fit: CoxFit) -> Matrix:
    """Schoenfeld residuals turned into the coefficient they suggest at that time.

    Source: Grambsch & Therneau 1994, Biometrika 81:515: events · residual · V + coefficient; R's
        residuals.coxph.
    """
    return fit.n_events * schoenfeld_residuals(fit) @ fit.covariance + fit.coef


def event_times(fit: CoxFit) -> tuple[Vector, Codes]:
    """The time and the row of each event, in the order of the Schoenfeld residuals.

    Source: R's residuals.coxph in tests/validation/survival/cox.json.
    """
    return fit.data.sets.time[fit.data.event_set], fit.data.row[fit.data.event_row]


def dfbeta_of(data: Design, at: Likelihood, covariance: Matrix) -> Matrix:
    """How much each row moves the coefficients, on the design's scale, shape (n, k)."""
    return _score_rows(data, at) @ covariance


def _score_rows(data: Design, at: Likelihood) -> Matrix:
    rows = expected_covariates(data, at) - data.x * at.expected[:, None]
    rows[data.event_row] += _schoenfeld(data, at)
    return data.as_given(rows)


def _schoenfeld(data: Design, at: Likelihood) -> Matrix:
    mean = by_set(data, at.mean_x) / data.n_events_by_set[:, None]
    return data.x[data.event_row] - mean[data.event_set]
