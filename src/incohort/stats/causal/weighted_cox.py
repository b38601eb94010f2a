"""Cox's model in which rows count by their weight, with a variance that allows for it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats._ascent import ascent, gain, if_finite, newton_step
from incohort.stats._checked import labels_of
from incohort.stats._ratios import HazardRatio, wald_ratios
from incohort.stats.outcome import NoEstimate
from incohort.stats.survival import cox
from incohort.stats.survival.cox_likelihood import Design, Likelihood, while_at_risk
from incohort.stats.survival.cox_residuals import dfbeta_of
from incohort.stats.survival.inputs import Codes, Matrix, Vector

_NO_SPREAD = 1e-7  # of the naive standard error: rounding
_CONVERGED = 1e-13  # twice the log likelihood still to gain, for weights of mean 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightedCoxFit:
    """Log hazard ratios with their robust standard errors, shape (k,).

    The robust error takes the weights as known and rests on large samples. Where some weights are
    large it is too small: in 500 cohorts of 600 with weights up to 40 (benchmarks/truth.csv,
    `weighted`) it is 0.161 on average where the estimates spread by 0.203, and 91.6 % of its 95 %
    intervals hold the truth. `log_hazard_ratios` and `with_bootstrap` fit the weights anew in
    resampled patients, which does not mend that (benchmarks/README.md). `naive_se`, for weights
    that stand for so many patients, is there to compare.
    """

    coef: Vector
    robust_se: Vector
    naive_se: Vector
    robust_covariance: Matrix
    log_likelihood: float
    n: int
    n_events: int
    n_clusters: int
    method: str

    def hazard_ratios(self, *, conf_level: float = 0.95) -> tuple[HazardRatio, ...]:
        """The covariates' hazard ratios in their order, Wald's limits from the robust variance."""
        method = "Wald, robust variance"
        return wald_ratios(HazardRatio, self.coef, self.robust_se, conf_level, method)


def weighted_cox(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    weight: ArrayLike,
    *,
    time_enter: ArrayLike | None = None,
    stratum: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> WeightedCoxFit | NoEstimate:
    """The hazard ratios of covariates among patients of whom each counts by a weight.

    Ties are handled as Efron did.

    Args:
        time: When the row's follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        covariates: Numbers without missing values, shape (n, k) or (n,).
        weight: From 0, shape (n,). Rows of weight 0 take no part.
        time_enter: When the row came under observation, shape (n,).
        stratum: Each label has its own baseline hazard, shape (n,).
        cluster: Rows of one label (a patient's days) belong together, shape (n,); without it each
            row stands for itself.

    Raises:
        ValueError: As `cox`, or a weight is missing or negative.

    Source: Binder 1992, Biometrika 79:139; Lin & Wei 1989, J Am Stat Assoc 84:1074; R's
        coxph(weights =, cluster =) in tests/validation/causal/causal.R.
    """
    w = np.asarray(weight, dtype=np.float64)
    exits = np.asarray(time)
    if w.shape != exits.shape or not np.isfinite(w).all() or (w < 0).any():
        raise ValueError("weight must be one number from 0 for each time")
    kept = w > 0
    w = w[kept]
    unweighted = cox(
        exits[kept],
        np.asarray(event)[kept],
        np.asarray(covariates)[kept],
        time_enter=None if time_enter is None else np.asarray(time_enter)[kept],
        stratum=None if stratum is None else np.asarray(stratum)[kept],
    )
    if isinstance(unweighted, NoEstimate):
        return unweighted
    if unweighted.is_firth:  # no weights above 0 change that
        return NoEstimate(
            "the covariates order all events (monotone likelihood), and no weighted model is "
            "known for that"
        )
    groups = np.arange(len(w)) if cluster is None else np.asarray(cluster)[kept]
    clusters = labels_of(groups, len(w), "cluster")[1]
    data = unweighted.data
    if clusters.max() < data.x.shape[1]:
        return NoEstimate("there are too few clusters for a robust variance of the covariates")
    best = _climb(data, w[data.row], unweighted.at_maximum.beta)
    if isinstance(best, NoEstimate):
        return best
    fit = _fit(data, best, w, clusters)
    if (fit.robust_se <= _NO_SPREAD * fit.naive_se).any():
        return NoEstimate("the clusters agree so well that there is no spread to judge by")
    return fit


def _fit(data: Design, best: Likelihood, w: Vector, clusters: Codes) -> WeightedCoxFit:
    covariance: Matrix = np.linalg.inv(best.information).astype(np.float64)
    by_cluster = np.zeros((int(clusters.max()) + 1, len(best.beta)))
    np.add.at(by_cluster, clusters, w[:, None] * dfbeta_of(data, best, covariance))
    robust = by_cluster.T @ by_cluster  # Lin & Wei 1989, each row's share times its weight
    return WeightedCoxFit(
        coef=best.beta / data.scale,
        robust_se=np.sqrt(np.diag(robust)) / data.scale,
        naive_se=np.sqrt(np.diag(covariance)) / data.scale,
        robust_covariance=robust / np.outer(data.scale, data.scale),
        log_likelihood=best.log_likelihood,
        n=len(w),
        n_events=len(data.event_row),
        n_clusters=len(by_cluster),
        method="weighted Cox model, Efron ties, robust variance by cluster",
    )


def _climb(data: Design, w: Vector, beta: Vector) -> Likelihood | NoEstimate:
    """Newton–Raphson with step halving, from the unweighted maximum."""
    start = _likelihood(data, w, beta)
    for stage in ascent(start, newton_step, lambda b: if_finite(_likelihood(data, w, b))):
        if gain(stage) < _CONVERGED * w.mean():
            return stage.place
    return NoEstimate("the weighted model did not converge")


def _likelihood(data: Design, w: Vector, beta: Vector) -> Likelihood:
    """The weighted partial likelihood at `beta`, on the scale and in the order of the design.

    Risks in the sums are w·exp(xβ). Each of the events that share a time counts with their mean
    weight, as R has it: with Efron's denominators they are averaged over, too.
    """
    eta = data.x @ beta
    shift = float(eta.max())
    with np.errstate(over="ignore", under="ignore", divide="ignore", invalid="ignore"):
        risk = np.exp(eta - shift)
        s0, s1 = data.sets.weighted_sums(w * risk, data.x)
        denominator, mean_x = s0[data.event_set], s1[data.event_set]
        if len(data.tied):
            event_risk = w[data.event_row] * risk[data.event_row]
            tied_set = data.event_set[data.tied]
            d0 = np.add.reduceat(event_risk, data.set_start)[tied_set]
            event_risk_x = event_risk[:, None] * data.x[data.event_row]
            d1 = np.add.reduceat(event_risk_x, data.set_start, axis=0)[tied_set]
            denominator[data.tied] -= data.tied_share * d0
            mean_x[data.tied] -= data.tied_share[:, None] * d1
        mean_x /= denominator[:, None]
        event_weight = w[data.event_row]
        mean_weight = np.add.reduceat(event_weight, data.set_start) / data.n_events_by_set
        counted = mean_weight[data.event_set]
        hazard = counted / denominator
        expected = risk * while_at_risk(data, hazard[:, None])[:, 0]
        score = event_weight @ data.x[data.event_row] - counted @ mean_x
        information = (data.x * (w * expected)[:, None]).T @ data.x
        information -= (mean_x * counted[:, None]).T @ mean_x
        log_likelihood = float(
            event_weight @ (eta[data.event_row] - shift) - counted @ np.log(denominator)
        )
    back = math.exp(min(shift, 700.0))
    return Likelihood(
        beta=beta,
        log_likelihood=log_likelihood,
        score=score,
        information=information,
        risk=risk * back,
        hazard=hazard / back,
        mean_x=mean_x,
        expected=expected,
    )
