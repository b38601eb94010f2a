"""What a fitted Cox model holds."""

from __future__ import annotations

from dataclasses import dataclass

from incohort.stats._ratios import HazardRatio, exp, wald_ratios
from incohort.stats.outcome import HypothesisTest, NoEstimate, check_conf_level
from incohort.stats.survival.cox_firth import firth_profile
from incohort.stats.survival.cox_likelihood import Design, Likelihood
from incohort.stats.survival.inputs import Codes, FollowUp, Matrix, Vector


@dataclass(frozen=True, slots=True)
class Strata:
    """Each row's stratum as a code into the labels; no label where there are no strata."""

    labels: tuple[object, ...]
    codes: Codes


@dataclass(frozen=True, slots=True, kw_only=True)
class CoxFit:
    """A fitted model: log hazard ratios `coef` and their standard errors, shape (k,).

    `robust_se` allows for rows of one cluster that go together; None without clusters. With
    `is_firth` the likelihood is Firth's penalised one. `wald` uses the robust variance where
    there is one. `data`, `at_maximum`, `rows` and `strata` are what residuals, checks and curves
    are made of.
    """

    coef: Vector
    se: Vector
    robust_se: Vector | None
    covariance: Matrix
    robust_covariance: Matrix | None
    log_likelihood: float
    null_log_likelihood: float
    likelihood_ratio: HypothesisTest
    wald: HypothesisTest
    score: HypothesisTest | None
    n: int
    n_events: int
    is_firth: bool
    method: str
    data: Design
    at_maximum: Likelihood
    rows: FollowUp
    strata: Strata
    cluster: Codes | None

    def hazard_ratios(self, *, conf_level: float = 0.95) -> tuple[HazardRatio, ...] | NoEstimate:
        """The covariates' hazard ratios in their order.

        Wald's interval and P, from the robust variance where there is one; with `is_firth` the
        profile penalised likelihood's (Heinze & Schemper 2001), an answer where it converges.
        """
        if self.is_firth:
            return _profiled(self, conf_level)
        if self.robust_se is None:
            return wald_ratios(HazardRatio, self.coef, self.se, conf_level, "Wald")
        method = "Wald, robust variance"
        return wald_ratios(HazardRatio, self.coef, self.robust_se, conf_level, method)


def _profiled(fit: CoxFit, conf_level: float) -> tuple[HazardRatio, ...] | NoEstimate:
    check_conf_level(conf_level)
    profile = firth_profile(fit.data, fit.at_maximum, conf_level)
    if isinstance(profile, NoEstimate):
        return profile
    scales = fit.data.scale.tolist()
    return tuple(
        HazardRatio(
            hazard_ratio=exp(b),
            ci_low=exp(low / scale),
            ci_high=exp(high / scale),
            p_value=p_value,
            conf_level=conf_level,
            method="Firth, profile penalised likelihood",
        )
        for b, scale, (low, high, p_value) in zip(fit.coef.tolist(), scales, profile, strict=True)
    )
