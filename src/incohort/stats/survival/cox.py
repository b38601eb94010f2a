"""Cox's proportional-hazards model, and Firth's where the likelihood has no maximum."""

from __future__ import annotations

from typing import get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from incohort.stats._checked import check_option, labels_of
from incohort.stats._checked import design as design_of
from incohort.stats.outcome import HypothesisTest, NoEstimate
from incohort.stats.survival.clusters import variance_by_cluster
from incohort.stats.survival.cox_firth import firth
from incohort.stats.survival.cox_fit import CoxFit, Strata
from incohort.stats.survival.cox_likelihood import Design, Likelihood, Ties, design, likelihood
from incohort.stats.survival.cox_newton import Climb, climb
from incohort.stats.survival.cox_residuals import dfbeta_of
from incohort.stats.survival.inputs import Codes, Flags, FollowUp, Matrix, follow_up
from incohort.stats.survival.risk_sets import risk_sets

_SINGULAR = 1e-10  # smallest to largest eigenvalue of the information, in units of correlation


def cox(
    time: ArrayLike,
    event: ArrayLike,
    covariates: ArrayLike,
    *,
    time_enter: ArrayLike | None = None,
    ties: Ties = "efron",
    stratum: ArrayLike | None = None,
    cluster: ArrayLike | None = None,
) -> CoxFit | NoEstimate:
    """The hazard ratios of covariates, adjusted for each other.

    A covariate that changes over time has one row for each (time_enter, time] in which it is
    constant. Where some combination of covariates orders all events (monotone likelihood), the
    maximum is at infinity; the fit is then Firth's, which is finite.

    Args:
        time: When the row's follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        covariates: Numbers without missing values, shape (n, k) or (n,).
        time_enter: When the row came under observation, shape (n,).
        ties: How events at one time are handled.
        stratum: Each label has its own baseline hazard, shape (n,).
        cluster: Rows of one label (a patient's episodes) are not independent, shape (n,).

    Raises:
        ValueError: As `follow_up`, or ties is neither of the two, or values are missing.

    Source: Cox 1972; Efron 1977, J Am Stat Assoc 72:557; robust variance of Lin & Wei 1989;
        Firth's penalty of Heinze & Schemper 2001, Biometrics 57:114; R's coxph in
        tests/validation/survival/cox.json.

    Of two patients the one with the covariate has the event first (Heinze & Schemper 2001):

    >>> fit = cox([1, 2], [1, 0], [1, 0])
    >>> fit.is_firth, round(float(np.exp(fit.coef[0])), 6)
    (True, 3.0)
    """
    check_option("ties", ties, get_args(Ties))
    rows = follow_up(time, event, time_enter)
    x = design_of(covariates, rows.n)
    strata = _strata(stratum, rows.n)
    clusters = None if cluster is None else labels_of(cluster, rows.n, "cluster")[1]
    problem = _problem(x, rows.event)
    if problem:
        return NoEstimate(problem)
    if clusters is not None and clusters.max() < x.shape[1]:
        return NoEstimate("there are too few clusters for a robust variance of the covariates")
    data = design(x, risk_sets(rows, strata.codes), ties)
    null = likelihood(data, np.zeros(x.shape[1]))
    if _is_singular(null.information):
        return NoEstimate(
            "among those at risk when events happened, a covariate does not vary or follows "
            "from the others"
        )
    climbed = climb(data, null)
    if isinstance(climbed, NoEstimate):
        return climbed
    if climbed.is_monotone:
        if clusters is not None:
            return NoEstimate(
                "the covariates order all events (monotone likelihood), and no robust variance "
                "is known for that"
            )
        return _firth_fit(data, null, rows, strata)
    return _fit(data, null, climbed, rows, strata, clusters)


def _strata(stratum: ArrayLike | None, n: int) -> Strata:
    if stratum is None:
        return Strata((), np.zeros(n, dtype=np.int64))
    labels, codes = labels_of(stratum, n, "stratum")
    return Strata(tuple(labels.tolist()), codes)


def _problem(x: Matrix, event: Flags) -> str:
    """Why no model can be fitted, or nothing."""
    if len(x) == 0:
        return "there is nobody to follow"
    if not event.any():
        return "nobody had the event"
    spread = np.ptp(x, axis=0)
    for k in range(x.shape[1]):
        if spread[k] == 0:
            return f"covariate {k + 1} is the same in everybody"
    return ""


def _is_singular(information: Matrix) -> bool:
    diagonal = np.diag(information)
    if (diagonal <= _SINGULAR * diagonal.max()).any():
        return True
    scale = np.sqrt(diagonal)
    values = np.linalg.eigvalsh(information / np.outer(scale, scale))
    return bool(values[0] < _SINGULAR * values[-1])


def _fit(
    data: Design,
    null: Likelihood,
    climbed: Climb,
    rows: FollowUp,
    strata: Strata,
    clusters: Codes | None,
) -> CoxFit | NoEstimate:
    best = climbed.at
    unscale = 1 / np.outer(data.scale, data.scale)
    covariance: Matrix = np.linalg.inv(best.information).astype(np.float64)
    robust = None
    if clusters is not None:
        dfbeta = dfbeta_of(data, best, covariance)
        robust = variance_by_cluster(dfbeta, clusters, covariance)
        if robust is None or _is_singular(robust):
            return NoEstimate(
                "the rows of each cluster balance each other, so that a covariate has no robust "
                "variance"
            )
    wald_by = covariance if robust is None else robust
    k = len(best.beta)
    return CoxFit(
        coef=best.beta / data.scale,
        se=np.sqrt(np.diag(covariance)) / data.scale,
        robust_se=None if robust is None else np.sqrt(np.diag(robust)) / data.scale,
        covariance=covariance * unscale,
        robust_covariance=None if robust is None else robust * unscale,
        log_likelihood=best.log_likelihood,
        null_log_likelihood=null.log_likelihood,
        likelihood_ratio=_test(
            2 * (best.log_likelihood - null.log_likelihood), k, "likelihood ratio test"
        ),
        wald=_test(float(best.beta @ np.linalg.solve(wald_by, best.beta)), k, "Wald test"),
        score=_test(
            float(null.score @ np.linalg.solve(null.information, null.score)), k, "score test"
        ),
        n=len(data.x),
        n_events=len(data.event_row),
        is_firth=False,
        method=f"Cox model, {_ties_name(data.ties)} ties, Wald intervals"
        + (", robust variance by cluster" if robust is not None else ""),
        data=data,
        at_maximum=best,
        rows=rows,
        strata=strata,
        cluster=clusters,
    )


def _firth_fit(
    data: Design, null: Likelihood, rows: FollowUp, strata: Strata
) -> CoxFit | NoEstimate:
    maximum = firth(data, null.beta)
    if isinstance(maximum, NoEstimate):
        return maximum
    best, penalised = maximum
    covariance: Matrix = np.linalg.inv(best.information).astype(np.float64)
    k = len(best.beta)
    # The penalty ½ log det I, on the scale of the covariates as they came in.
    rescale = float(np.log(data.scale).sum())
    null_penalised = null.log_likelihood + 0.5 * float(np.linalg.slogdet(null.information)[1])
    return CoxFit(
        coef=best.beta / data.scale,
        se=np.sqrt(np.diag(covariance)) / data.scale,
        robust_se=None,
        covariance=covariance / np.outer(data.scale, data.scale),
        robust_covariance=None,
        log_likelihood=penalised + rescale,
        null_log_likelihood=null_penalised + rescale,
        likelihood_ratio=_test(
            2 * (penalised - null_penalised), k, "penalised likelihood ratio test"
        ),
        wald=_test(float(best.beta @ best.information @ best.beta), k, "Wald test"),
        score=None,
        n=len(data.x),
        n_events=len(data.event_row),
        is_firth=True,
        method=f"Firth's Cox model (monotone likelihood), {_ties_name(data.ties)} ties, "
        "profile penalised-likelihood intervals",
        data=data,
        at_maximum=best,
        rows=rows,
        strata=strata,
        cluster=None,
    )


def _test(statistic: float, df: int, method: str) -> HypothesisTest:
    statistic = max(statistic, 0.0)
    return HypothesisTest(
        statistic=statistic, p_value=float(special.chdtrc(df, statistic)), df=df, method=method
    )


def _ties_name(ties: Ties) -> str:
    return ties.capitalize()
