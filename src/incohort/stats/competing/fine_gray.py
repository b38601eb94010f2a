"""Fine and Gray's model: what covariates do to the cumulative incidence of a cause."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import linalg, special

from incohort.stats._ascent import ascent, gain, if_finite, newton_step
from incohort.stats._checked import design as design_of
from incohort.stats._checked import labels_of
from incohort.stats._ratios import SubdistributionHazardRatio, exp, wald_ratios
from incohort.stats.competing.fine_gray_likelihood import (
    Design,
    Likelihood,
    design,
    influence,
    likelihood,
    orders_all_events,
)
from incohort.stats.competing.inputs import caused_follow_up, check_cause
from incohort.stats.outcome import HypothesisTest, NoEstimate
from incohort.stats.survival.clusters import variance_by_cluster
from incohort.stats.survival.inputs import Codes, Matrix, Vector

_CONVERGED = 1e-12  # of scoreᵀ information⁻¹ score, twice the log likelihood still to gain
_SINGULAR = 1e-10  # smallest to largest eigenvalue of the information, in units of correlation
_EXHAUSTED = 1e-6  # information left in a direction, of what there was at coefficients 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FineGrayFit:
    """A fitted model: log subdistribution hazard ratios `coef`, shape (k,).

    `se` comes from the information alone and is too sure of the weights; `robust_se`, from
    `covariance`, allows for their being estimated, is what cmprsk's crr reports, and makes the
    intervals and the Wald test; with clusters the parts of a cluster's rows are added first.
    `time` are the event times of the cause and `hazard` the
    baseline subdistribution's increments there, with all covariates 0.
    """

    coef: Vector
    se: Vector
    robust_se: Vector
    covariance: Matrix
    log_likelihood: float
    null_log_likelihood: float
    wald: HypothesisTest
    cause_of_interest: int
    n: int
    n_events: int
    n_competing: int
    time: Vector
    hazard: Vector
    is_clustered: bool
    method: str

    @property
    def baseline_cumulative_incidence(self) -> Vector:
        """The cumulative incidence at each of `time` where all covariates are 0."""
        return np.asarray(-np.expm1(-np.cumsum(self.hazard)))

    def hazard_ratios(self, *, conf_level: float = 0.95) -> tuple[SubdistributionHazardRatio, ...]:
        """The covariates' subdistribution hazard ratios in their order, with Wald's interval."""
        method = "Wald, robust variance" + (" by cluster" if self.is_clustered else "")
        kind = SubdistributionHazardRatio
        return wald_ratios(kind, self.coef, self.robust_se, conf_level, method)


def fine_gray(
    time: ArrayLike,
    cause: ArrayLike,
    covariates: ArrayLike,
    *,
    cause_of_interest: int = 1,
    cluster: ArrayLike | None = None,
) -> FineGrayFit | NoEstimate:
    """The subdistribution hazard ratios of covariates for a cause, the others competing.

    Those with a competing event stay at risk, with the weight of not having been censored since:
    Kaplan–Meier's G(s−)/G(t−), all events of a time with one denominator. It is the rule of
    cmprsk's crr. R's finegray() with coxph takes those who have an event at a time as no longer
    at risk of being censored at it; its coefficients differ by about 1e-4 where events and
    censorings are tied, and not at all where they are not.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        cause: Why: 0 is censored, 1, 2, … are the causes, shape (n,).
        covariates: Numbers without missing values, shape (n, k) or (n,).
        cause_of_interest: The cause that is modelled.
        cluster: Rows of one label (a patient's episodes) are not independent, shape (n,).

    Raises:
        ValueError: As `caused_follow_up`, or covariates or labels are missing.

    Source: Fine & Gray 1999, J Am Stat Assoc 94:496; clusters: Zhou, Fine, Latouche & Labopin 2012,
        Biostatistics 13:371; R's crr of cmprsk in tests/validation/competing/competing.json.
    """
    check_cause(cause_of_interest)
    caused = caused_follow_up(time, cause)
    x = design_of(covariates, caused.n)
    clusters = None if cluster is None else labels_of(cluster, caused.n, "cluster")[1]
    is_event = caused.had(cause_of_interest)
    if caused.n == 0:
        return NoEstimate("there is nobody to follow")
    if not is_event.any():
        return NoEstimate(f"nobody had an event of cause {cause_of_interest}")
    for k, spread in enumerate(np.ptp(x, axis=0)):
        if spread == 0:
            return NoEstimate(f"covariate {k + 1} is the same in everybody")
    if clusters is not None and clusters.max() < x.shape[1]:
        return NoEstimate("there are too few clusters for a robust variance of the covariates")
    data = design(caused, x, cause_of_interest)
    null = likelihood(data, np.zeros(x.shape[1]))
    if _is_singular(null.information):
        return NoEstimate(
            "among those at risk when events happened, a covariate does not vary or follows "
            "from the others"
        )
    best = _climb(data, null)
    if isinstance(best, NoEstimate):
        return best
    return _fit(data, null, best, cause_of_interest, clusters)


def _is_singular(information: Matrix) -> bool:
    diagonal = np.diag(information)
    if (diagonal <= _SINGULAR * max(float(diagonal.max()), 0.0)).any():
        return True
    scale = np.sqrt(diagonal)
    values = np.linalg.eigvalsh(information / np.outer(scale, scale))
    return bool(values[0] < _SINGULAR * values[-1])


def _climb(data: Design, null: Likelihood) -> Likelihood | NoEstimate:
    """Newton–Raphson with step halving from coefficients 0."""
    for stage in ascent(null, newton_step, lambda beta: if_finite(likelihood(data, beta))):
        now = stage.place
        if gain(stage) < _CONVERGED and not _is_singular(now.information):
            return now
        if _has_no_maximum(data, now, null):
            return NoEstimate(
                "the covariates order all events, so that a hazard ratio would be infinite"
            )
    return NoEstimate("the model did not converge")


def _has_no_maximum(data: Design, now: Likelihood, null: Likelihood) -> bool:
    values, vectors = linalg.eigh(now.information, null.information)
    gone = vectors[:, values < _EXHAUSTED]
    if gone.shape[1] == 0:
        return False
    return orders_all_events(data, gone @ (gone.T @ null.information @ now.beta))


def _fit(
    data: Design,
    null: Likelihood,
    best: Likelihood,
    cause_of_interest: int,
    clusters: Codes | None,
) -> FineGrayFit | NoEstimate:
    inverse: Matrix = np.linalg.inv(best.information).astype(np.float64)
    codes = np.arange(len(data.x)) if clusters is None else clusters[data.row]
    robust = variance_by_cluster(influence(data, best) @ inverse, codes, inverse)
    if robust is None or _is_singular(robust):
        few = "patients" if clusters is None else "clusters"
        return NoEstimate(f"there are too few {few} for a robust variance of the covariates")
    by_cluster = "" if clusters is None else " by cluster"
    k = len(best.beta)
    # Covariates 0, on the scale on which they came in.
    at_zero = exp(-float(best.beta / data.scale @ data.mean))
    wald = float(best.beta @ np.linalg.solve(robust, best.beta))
    return FineGrayFit(
        coef=best.beta / data.scale,
        se=np.sqrt(np.diag(inverse)) / data.scale,
        robust_se=np.sqrt(np.diag(robust)) / data.scale,
        covariance=robust / np.outer(data.scale, data.scale),
        log_likelihood=best.log_likelihood,
        null_log_likelihood=null.log_likelihood,
        wald=HypothesisTest(
            statistic=wald,
            p_value=float(special.chdtrc(k, wald)),
            df=k,
            method=f"Wald test, robust variance{by_cluster}",
        ),
        cause_of_interest=cause_of_interest,
        n=len(data.x),
        n_events=int(data.n_events.sum()),
        n_competing=int((~data.is_event & ~data.is_censored).sum()),
        time=data.event_time,
        hazard=best.hazard * at_zero,
        is_clustered=clusters is not None,
        method=f"Fine–Gray model, Breslow ties, robust variance{by_cluster}",
    )
