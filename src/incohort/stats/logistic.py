"""Logistic regression: maximum likelihood, or Firth's where the outcomes separate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from incohort.stats._ascent import ascent, newton_step
from incohort.stats._checked import binary, design
from incohort.stats._columns import columns_problem, standardised
from incohort.stats._firth import NotConvergedError, PenalisedLikelihood
from incohort.stats._logit import LogitLikelihood, logit_likelihood
from incohort.stats._quantiles import z_of
from incohort.stats._ratios import exp
from incohort.stats.outcome import NoEstimate, check_conf_level

Matrix = NDArray[np.float64]

_TOLERANCE = 1e-10  # of the coefficients, between two steps
_MAX_ITERATIONS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One coefficient (log odds) and its odds ratio with interval and two-sided P."""

    name: str
    coefficient: float
    se: float
    odds_ratio: float
    ci_low: float
    ci_high: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class LogisticFit:
    """A fitted model; `terms` begin with the intercept. `is_firth` where the data separate.

    `log_likelihood` is the penalised one where `is_firth`.
    """

    terms: tuple[Term, ...]
    n: int
    n_events: int
    log_likelihood: float
    is_firth: bool
    conf_level: float
    method: str


def logistic(
    outcome: ArrayLike, covariates: ArrayLike, names: Sequence[str], *, conf_level: float = 0.95
) -> LogisticFit | NoEstimate:
    """A logistic model of a binary outcome.

    Where a combination of covariates tells the outcomes apart (complete or quasi-complete
    separation), maximum likelihood has no finite solution; the fit is then Firth's, with profile
    penalised-likelihood intervals and likelihood-ratio P values. Otherwise intervals and P are
    Wald's, as R's summary.glm and confint.default.

    Args:
        outcome: True or 1 for an event, shape (n,).
        covariates: Without missing values and without a column of ones, shape (n, k).
        names: The covariates' names, shape (k,).
        conf_level: In (0, 1).

    Raises:
        ValueError: An outcome is neither 0 nor 1, the covariates are not one complete row a
            patient (a transposed matrix, too), or there is not one name a column.

    Source: Firth 1993; Heinze & Schemper 2002, Stat Med 21:2409; separation by the linear program
        of Konis 2007; R's glm, brglm2; tests/validation/logistic.R.
    """
    check_conf_level(conf_level)
    y = binary(outcome, "outcome").astype(np.float64)
    x = design(covariates, len(y), what="outcome")
    if x.shape[1] != len(names):
        msg = f"there are {x.shape[1]} covariates and {len(names)} names"
        raise ValueError(msg)
    problem = _problem(y, x, names)
    if problem:
        return NoEstimate(problem)
    if _is_separated(y, x):
        return _firth(y, x, names, conf_level)
    return _maximum_likelihood(y, x, names, conf_level)


def _problem(y: Matrix, x: Matrix, names: Sequence[str]) -> str:
    """Why no model can be fitted, or nothing."""
    if len(y) == 0:
        return "there are no complete rows"
    if y.sum() in (0, len(y)):
        return "everybody had the same outcome"
    return columns_problem(x, names)


def _is_separated(y: Matrix, x: Matrix) -> bool:
    """Whether some direction b has (2y − 1)·Xb ≥ 0 for all patients and > 0 for one."""
    signed = (2 * y - 1)[:, None] * standardised(x)[0]
    solution = optimize.linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(y)), bounds=(-1, 1), method="highs"
    )
    return bool(-solution.fun > 1e-7)


def _maximum_likelihood(
    y: Matrix, x: Matrix, names: Sequence[str], conf_level: float
) -> LogisticFit | NoEstimate:
    """Newton's method on standardised covariates, so that a year converges as a 0/1 column does."""
    design, back = standardised(x)
    top = _maximum(y, design)
    if top is None:
        return NoEstimate("the model did not converge")
    coefficients = back @ top.beta
    covariance = back @ np.linalg.inv(top.information) @ back.T
    z = z_of(conf_level)
    terms = tuple(
        _term(name, b, se, b - z * se, b + z * se, 2 * float(special.ndtr(-abs(b / se))))
        for name, b, se in zip(
            ("intercept", *names),
            coefficients.tolist(),
            np.sqrt(np.diag(covariance)).tolist(),
            strict=True,
        )
    )
    return LogisticFit(
        terms=terms,
        n=len(y),
        n_events=int(y.sum()),
        log_likelihood=top.log_likelihood,
        is_firth=False,
        conf_level=conf_level,
        method="logistic regression, maximum likelihood, Wald intervals",
    )


def _maximum(y: Matrix, design: Matrix) -> LogitLikelihood | None:
    """Where the likelihood is largest."""
    start = logit_likelihood(y, design, np.zeros(design.shape[1]))
    way = ascent(
        start, newton_step, lambda beta: logit_likelihood(y, design, beta), n_steps=_MAX_ITERATIONS
    )
    return next((stage.place for stage in way if stage.longest < _TOLERANCE), None)


def _firth(
    y: Matrix, x: Matrix, names: Sequence[str], conf_level: float
) -> LogisticFit | NoEstimate:
    design, back = standardised(x)
    penalised = PenalisedLikelihood(y, design)
    try:
        top = penalised.maximum()
        highest = penalised.at(top)
        limits = [penalised.limits(top, row, conf_level) for row in back]
        drops = [2 * (highest - penalised.profile(top, row, 0.0)) for row in back]
    except NotConvergedError:
        return NoEstimate("the model did not converge, not even Firth's")
    covariance = back @ np.linalg.inv(penalised.information(top)) @ back.T
    terms = tuple(
        _term(name, b, se, low, high, float(special.chdtrc(1, max(drop, 0.0))))
        for name, b, se, (low, high), drop in zip(
            ("intercept", *names),
            (back @ top).tolist(),
            np.sqrt(np.diag(covariance)).tolist(),
            limits,
            drops,
            strict=True,
        )
    )
    return LogisticFit(
        terms=terms,
        n=len(y),
        n_events=int(y.sum()),
        # log det I in the covariates' own units, as other programs print it
        log_likelihood=highest - float(np.linalg.slogdet(back)[1]),
        is_firth=True,
        conf_level=conf_level,
        method="Firth logistic regression, profile penalised-likelihood intervals",
    )


def _term(name: str, b: float, se: float, low: float, high: float, p_value: float) -> Term:
    return Term(
        name=name,
        coefficient=b,
        se=se,
        odds_ratio=exp(b),
        ci_low=exp(low),
        ci_high=exp(high),
        p_value=p_value,
    )
