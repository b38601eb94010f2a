"""Accelerated failure times: by what factor covariates stretch the time to an event."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg

from incohort.stats._ascent import ascent, gain, if_finite, newton_step
from incohort.stats._checked import check_option, labels_of
from incohort.stats._checked import design as design_of
from incohort.stats._quantiles import z_of
from incohort.stats._ratios import exp
from incohort.stats.interval.aft_likelihood import (
    AftDesign,
    AftLikelihood,
    Distribution,
    aft_design,
    aft_likelihood,
    score_by_row,
    standard_quantile,
    standard_survival,
)
from incohort.stats.interval.aft_start import first_guess, information_of_exact_times
from incohort.stats.interval.inputs import Bounds, bounds
from incohort.stats.outcome import Interval, NoEstimate, check_conf_level, check_probability
from incohort.stats.survival.clusters import variance_by_cluster
from incohort.stats.survival.inputs import Codes, Matrix, Vector

_MAX_STEPS = 100
_CONVERGED = 1e-13  # of scoreᵀ information⁻¹ score, twice the log likelihood still to gain
_SINGULAR = 1e-10  # smallest to largest eigenvalue of covariates, in units of correlation
_EXHAUSTED = 1e-7  # information in a direction, of what exact times would have had

_UNBOUNDED = 100.0  # an error of log scale: the data set the scale no bound

_NAMES: dict[Distribution, str] = {
    "weibull": "Weibull",
    "lognormal": "log-normal",
    "loglogistic": "log-logistic",
}

_FEW_CLUSTERS = "there are too few clusters for a robust variance of the coefficients"

_NOWHERE = NoEstimate(
    "the likelihood has no maximum: the intervals leave the scale or a covariate's effect open"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AftFit:
    """A fitted model: log t = intercept + x·coef + scale·ε.

    `coef` holds the intercept first, shape (k + 1,); `se` and `covariance` are those of `coef`
    and, last, of log `scale`, as in R's survreg, from the information. The robust ones allow for
    rows of one cluster that go together; None without clusters, and where there are some, they
    make the limits. `log_likelihood` is that of the times themselves.
    """

    coef: Vector
    scale: float
    se: Vector
    covariance: Matrix
    robust_se: Vector | None
    robust_covariance: Matrix | None
    log_likelihood: float
    distribution: Distribution
    n: int
    n_exact: int
    method: str

    def time_ratios(self, *, conf_level: float = 0.95) -> tuple[Interval, ...]:
        """By what factor each covariate's rise by 1 stretches the time, with Wald's interval."""
        check_conf_level(conf_level)
        z = z_of(conf_level)
        spread = self.se if self.robust_se is None else self.robust_se
        pairs = zip(self.coef[1:].tolist(), spread[1:-1].tolist(), strict=True)
        return tuple(
            Interval(
                estimate=exp(b),
                ci_low=exp(b - z * se),
                ci_high=exp(b + z * se),
                conf_level=conf_level,
                method=f"time ratio, {self.method}",
            )
            for b, se in pairs
        )

    def quantile(
        self, p: float, covariates: ArrayLike = (), *, conf_level: float = 0.95
    ) -> Interval:
        """The time by which a proportion p of those with these covariates has the event.

        The limits are symmetric for the logarithm of the time, by the delta method: those of
        R's predict.survreg(type = "uquantile").

        Args:
            p: In (0, 1); 0.5 is the median.
            covariates: One value for each of the model's covariates, shape (k,).
            conf_level: In (0, 1).

        Raises:
            ValueError: p is not strictly between 0 and 1, or the covariates' number is wrong.
        """
        check_conf_level(conf_level)
        check_probability("p", p)
        row = self._row(covariates)
        z_p = standard_quantile(p, self.distribution)
        slope = np.append(row, self.scale * z_p)
        log_time = float(row @ self.coef) + self.scale * z_p
        robust = self.robust_covariance
        covariance = self.covariance if robust is None else robust
        half = z_of(conf_level) * math.sqrt(float(slope @ covariance @ slope))
        return Interval(
            estimate=exp(log_time),
            ci_low=exp(log_time - half),
            ci_high=exp(log_time + half),
            conf_level=conf_level,
            method=f"quantile, {self.method}",
        )

    def survival(self, times: ArrayLike, covariates: ArrayLike = ()) -> Vector:
        """The proportion of those with these covariates still without the event at each time.

        Raises:
            ValueError: A time is missing or negative, or the covariates' number is wrong.
        """
        chosen = np.asarray(times, dtype=np.float64)
        if chosen.ndim != 1 or np.isnan(chosen).any() or (chosen < 0).any():
            raise ValueError("times must be one-dimensional, from 0 and without missing values")
        with np.errstate(divide="ignore"):
            z = (np.log(chosen) - float(self._row(covariates) @ self.coef)) / self.scale
        return standard_survival(z, self.distribution)

    def _row(self, covariates: ArrayLike) -> Vector:
        x = np.asarray(covariates, dtype=np.float64)
        if x.shape != (len(self.coef) - 1,) or not np.isfinite(x).all():
            msg = f"covariates must be {len(self.coef) - 1} numbers"
            raise ValueError(msg)
        return np.concatenate([[1.0], x])


def aft(
    left: ArrayLike,
    right: ArrayLike,
    covariates: ArrayLike | None = None,
    *,
    distribution: Distribution = "weibull",
    cluster: ArrayLike | None = None,
) -> AftFit | NoEstimate:
    """The model of the log time to an event, exact or seen only between two visits.

    Args:
        left: The last time at which the event had not happened, from 0, shape (n,); equal to
            right where the time is known exactly.
        right: The first time at which it had, shape (n,); ∞ where it was not seen.
        covariates: Numbers without missing values, shape (n, k) or (n,); None for none.
        distribution: Of the time.
        cluster: Rows of one label (a patient's episodes) are not independent, shape (n,).

    Raises:
        ValueError: As `bounds`, distribution is none of the three, or covariates or labels are
            missing.

    Source: Kalbfleisch & Prentice 2002, ch. 3; Odell, Anderson & D'Agostino 1992, Biometrics
        48:951, for intervals; R's survreg, also with clusters in
        tests/validation/interval/interval.json.
    """
    check_option("distribution", distribution, get_args(Distribution))
    rows = bounds(left, right)
    x = design_of(covariates, rows.n, may_be_empty=True)
    clusters = None if cluster is None else labels_of(cluster, rows.n, "cluster")[1]
    problem = _problem(rows, x, clusters)
    if problem:
        return NoEstimate(problem)
    mean, scale = x.mean(axis=0), x.std(axis=0)
    data = aft_design(rows, (x - mean) / scale, distribution)
    start = aft_likelihood(data, first_guess(data))
    best = _climb(data, start)
    if isinstance(best, NoEstimate):
        return best
    fit = _fit(data, best, (mean, scale), clusters)
    if isinstance(fit, NoEstimate):
        return fit
    return _NOWHERE if fit.se[-1] > _UNBOUNDED else fit


def _problem(rows: Bounds, x: Matrix, clusters: Codes | None) -> str:
    """Why no model can be fitted, or nothing."""
    if rows.n == 0:
        return "there is nobody to follow"
    if not np.isfinite(rows.right).any():
        return "nobody had the event while they were observed"
    if clusters is not None and clusters.max() < x.shape[1] + 2:
        return _FEW_CLUSTERS
    if (rows.right <= 0).any():
        return "an event at time 0 has no logarithm: count from before it, or give an interval"
    for k, spread in enumerate(np.ptp(x, axis=0)):
        if spread == 0:
            return f"covariate {k + 1} is the same in everybody"
    if x.shape[1]:
        scaled = (x - x.mean(axis=0)) / x.std(axis=0)
        values = np.linalg.eigvalsh(scaled.T @ scaled)
        if values[0] < _SINGULAR * values[-1]:
            return "a covariate follows from the others"
    return ""


def _climb(data: AftDesign, start: AftLikelihood) -> AftLikelihood | NoEstimate:
    """Newton–Raphson with step halving; the way leads to infinity where information runs out."""
    complete = information_of_exact_times(data, start)
    stages = ascent(start, newton_step, lambda theta: _allowed(data, theta), n_steps=_MAX_STEPS)
    for stage in stages:
        if gain(stage) < _CONVERGED:
            return stage.place
        try:
            left = linalg.eigvalsh(stage.place.information, complete)
        except np.linalg.LinAlgError:
            return _NOWHERE
        if left[0] < _EXHAUSTED:
            return _NOWHERE
    return NoEstimate("the model did not converge")


def _allowed(data: AftDesign, theta: Vector) -> AftLikelihood | None:
    """The likelihood there; none where the scale would not be positive."""
    return if_finite(aft_likelihood(data, theta)) if theta[-1] > 0 else None


def _fit(
    data: AftDesign,
    best: AftLikelihood,
    standard: tuple[Vector, Vector],
    clusters: Codes | None,
) -> AftFit | NoEstimate:
    """From (γ, τ) of standardised covariates to coefficients and log scale as they came in."""
    mean, scale = standard
    gamma, tau = best.theta[:-1], float(best.theta[-1])
    k = len(gamma)
    # γ = β/σ, τ = 1/σ: d(β, log σ)/d(γ, τ), and then back from standardised covariates.
    to_beta = np.zeros((k + 1, k + 1))
    to_beta[:k, :k] = np.eye(k) / tau
    to_beta[:k, k] = -gamma / tau**2
    to_beta[k, k] = -1 / tau
    back = np.eye(k + 1)
    back[1:k, 1:k] = np.diag(1 / scale)
    back[0, 1:k] = -mean / scale
    transform = back @ to_beta
    inverse: Matrix = np.linalg.inv(best.information).astype(np.float64)
    covariance: Matrix = transform @ inverse @ transform.T
    robust = None
    if clusters is not None:
        influence = score_by_row(data, best.theta) @ inverse @ transform.T
        robust = variance_by_cluster(influence, clusters, covariance)
        if robust is None:
            return NoEstimate(_FEW_CLUSTERS)
    coef = (back @ np.append(gamma / tau, 0.0))[:k]
    return AftFit(
        coef=coef,
        scale=1 / tau,
        se=np.sqrt(np.diag(covariance)),
        covariance=covariance,
        robust_se=None if robust is None else np.sqrt(np.diag(robust)),
        robust_covariance=robust,
        log_likelihood=best.log_likelihood,
        distribution=data.distribution,
        n=len(data.x),
        n_exact=int(data.is_exact.sum()),
        method=f"{_NAMES[data.distribution]} accelerated failure time model, Wald intervals"
        + ("" if robust is None else ", robust variance by cluster"),
    )
