"""What Fine and Gray's models predict, and where the causes together pass 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats.competing.fine_gray import FineGrayFit
from incohort.stats.survival.inputs import Flags, Matrix, Vector


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictedIncidence:
    """Predicted cumulative incidence of each cause from each event time on, shape (causes, m).

    The models of several causes are fitted apart, so nothing keeps their sum below 1:
    `passes_one` says where it is not, and `warning` says it in words, empty where all is well.
    """

    causes: tuple[int, ...]
    time: Vector
    cumulative_incidence: Matrix
    total: Vector
    passes_one: Flags
    warning: str
    method: str


def predicted_incidence(
    fits: FineGrayFit | Sequence[FineGrayFit], covariates: ArrayLike
) -> PredictedIncidence:
    """The cumulative incidence of one or several causes for somebody with these covariates.

    1 − exp(−Λ(t) exp(xβ)), with Λ the baseline of each model.

    Args:
        fits: The model of a cause, or one for each of several causes.
        covariates: One value for each of the models' covariates, shape (k,).

    Raises:
        ValueError: No model, two of one cause, or the covariates' number is wrong.

    Source: Fine & Gray 1999, §6; sums beyond 1: Austin, Steyerberg & Putter 2021, Stat Med 40:4200;
        R's predict.crr of cmprsk in tests/validation/competing/competing.json.
    """
    models = (fits,) if isinstance(fits, FineGrayFit) else tuple(fits)
    causes = tuple(fit.cause_of_interest for fit in models)
    if not models or len(set(causes)) < len(causes):
        raise ValueError("fits must hold one model for each of different causes")
    x = np.asarray(covariates, dtype=np.float64)
    for fit in models:
        if x.shape != fit.coef.shape or not np.isfinite(x).all():
            msg = f"covariates must be {len(fit.coef)} numbers"
            raise ValueError(msg)
    time = np.unique(np.concatenate([fit.time for fit in models]))
    curves = np.vstack([_curve(fit, x, time) for fit in models])
    total = curves.sum(axis=0)
    passes = total > 1 + 1e-12
    warning = ""
    if passes.any():
        warning = (
            f"from time {float(time[passes][0]):g} on the predicted incidences of all causes add "
            "to more than 1: Fine–Gray models of several causes need not agree with each other"
        )
    return PredictedIncidence(
        causes=causes,
        time=time,
        cumulative_incidence=curves,
        total=total,
        passes_one=passes,
        warning=warning,
        method="Fine–Gray model",
    )


def _curve(fit: FineGrayFit, x: Vector, time: Vector) -> Vector:
    with np.errstate(over="ignore"):
        hazard = np.cumsum(fit.hazard) * np.exp(min(float(x @ fit.coef), 700.0))
    steps = np.concatenate([[0.0], -np.expm1(-hazard)])
    return np.asarray(steps[np.searchsorted(fit.time, time, side="right")])
