"""Logistic regression: maximum likelihood, or Firth's where the outcomes separate."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from incohort.stats.outcome import NoEstimate, check_conf_level

Matrix = NDArray[np.float64]

_TOLERANCE = 1e-10  # of the coefficients, between two steps
_TOLERANCE_FIRTH = 1e-8  # below this its gradient is rounding noise
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
    """A fitted model; `terms` begin with the intercept. `is_firth` where the data separate."""

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

    Source: Firth 1993; Heinze & Schemper 2002, Stat Med 21:2409; separation by the linear program
        of Konis 2007; tests/validation/logistic.R.
    """
    check_conf_level(conf_level)
    y = np.asarray(outcome, dtype=np.float64)
    x = np.asarray(covariates, dtype=np.float64).reshape(len(y), len(names))
    if not np.isfinite(x).all():
        msg = "covariates must be complete"
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
    if len(y) <= x.shape[1] + 1:
        return "there are fewer patients than the model has terms"
    for name, column in zip(names, x.T, strict=True):
        if np.ptp(column) == 0:
            return f"{name} is the same in everybody"
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    if np.linalg.matrix_rank(scaled) < x.shape[1]:
        return "one covariate follows from the others"
    return ""


def _is_separated(y: Matrix, x: Matrix) -> bool:
    """Whether some direction b has (2y − 1)·Xb ≥ 0 for all patients and > 0 for one."""
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    signed = (2 * y - 1)[:, None] * np.column_stack([np.ones(len(y)), scaled])
    found = optimize.linprog(
        -signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(y)), bounds=(-1, 1), method="highs"
    )
    return bool(-found.fun > 1e-7)


def _maximum_likelihood(
    y: Matrix, x: Matrix, names: Sequence[str], conf_level: float
) -> LogisticFit | NoEstimate:
    from statsmodels.discrete.discrete_model import Logit  # noqa: PLC0415 — a second to import

    design = np.column_stack([np.ones(len(y)), x])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it warns of is read from the result below
        fit = Logit(y, design).fit(method="newton", tol=_TOLERANCE, maxiter=100, disp=0)
    if not fit.mle_retvals["converged"] or not np.isfinite(fit.bse).all():
        return NoEstimate("the model did not converge")
    z = float(special.ndtri(0.5 + conf_level / 2))
    terms = tuple(
        _term(name, b, se, b - z * se, b + z * se, 2 * float(special.ndtr(-abs(b / se))))
        for name, b, se in zip(
            ("intercept", *names), fit.params.tolist(), fit.bse.tolist(), strict=True
        )
    )
    return LogisticFit(
        terms=terms,
        n=len(y),
        n_events=int(y.sum()),
        log_likelihood=float(fit.llf),
        is_firth=False,
        conf_level=conf_level,
        method="logistic regression, maximum likelihood, Wald intervals",
    )


def _firth(
    y: Matrix, x: Matrix, names: Sequence[str], conf_level: float
) -> LogisticFit | NoEstimate:
    from firthmodels import FirthLogisticRegression  # noqa: PLC0415 — two seconds to import

    model = FirthLogisticRegression(
        backend="numpy",
        max_iter=_MAX_ITERATIONS,
        gtol=_TOLERANCE_FIRTH,
        xtol=_TOLERANCE_FIRTH,
    )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # it warns where it did not converge
            model.fit(x, y)
            limits = model.conf_int(
                alpha=1 - conf_level, method="pl", max_iter=_MAX_ITERATIONS, tol=_TOLERANCE_FIRTH
            )
            model.lrt()
    except (Warning, ArithmeticError, np.linalg.LinAlgError):
        return NoEstimate("the model did not converge, not even Firth's")
    order = [x.shape[1], *range(x.shape[1])]  # the intercept comes last there and first here
    coefficients = [*model.coef_.tolist(), float(model.intercept_)]
    terms = tuple(
        _term(
            name,
            coefficients[i],
            float(model.bse_[i]),
            float(limits[i, 0]),
            float(limits[i, 1]),
            float(model.lrt_pvalues_[i]),
        )
        for name, i in zip(("intercept", *names), order, strict=True)
    )
    return LogisticFit(
        terms=terms,
        n=len(y),
        n_events=int(y.sum()),
        log_likelihood=float(model.loglik_),
        is_firth=True,
        conf_level=conf_level,
        method="Firth logistic regression, profile penalised-likelihood intervals",
    )


def _term(name: str, b: float, se: float, low: float, high: float, p_value: float) -> Term:
    return Term(
        name=name,
        coefficient=b,
        se=se,
        odds_ratio=_exp(b),
        ci_low=_exp(low),
        ci_high=_exp(high),
        p_value=p_value,
    )


def _exp(value: float) -> float:
    return math.exp(value) if value < 700 else math.inf
