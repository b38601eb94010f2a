"""How often something happens to a patient, by covariates: models of counts in observed time."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal, assert_never, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special
from statsmodels.genmod import families
from statsmodels.genmod.cov_struct import Independence
from statsmodels.genmod.generalized_estimating_equations import GEE
from statsmodels.genmod.generalized_linear_model import GLM

from incohort.stats._checked import check_option, design, labels_of, whole
from incohort.stats._columns import columns_problem, standardised
from incohort.stats._quantiles import t_of, z_of
from incohort.stats._ratios import exp
from incohort.stats.outcome import NoEstimate, check_conf_level

CountModel = Literal["poisson", "quasi_poisson", "negative_binomial", "gee"]
Vector = NDArray[np.float64]
Matrix = NDArray[np.float64]

_CLOSE = 1e-6  # of the events: a larger slope is no maximum
_LOG_THETA = (-12.0, 16.0)  # beyond the upper end the counts vary as Poisson's do
_NONE = 1e-12  # of what Poisson's law lets vary: less is rounding, and there is no variance
_STEPS = {"maxiter": 200, "tol": 1e-13}


@dataclass(frozen=True, slots=True, kw_only=True)
class RateTerm:
    """One coefficient (log rate) and its rate ratio with interval and two-sided P.

    The intercept's is the rate where every covariate is 0.
    """

    name: str
    coefficient: float
    se: float
    rate_ratio: float
    ci_low: float
    ci_high: float
    p_value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CountFit:
    """A fitted model; `terms` begin with the intercept.

    `dispersion` is Pearson's, 1 where counts vary as Poisson's. `theta` is the negative binomial's,
    whose variance is μ + μ²/θ, infinite where they vary no more than Poisson's. There is no
    likelihood in the quasi-Poisson model and in GEE.
    """

    terms: tuple[RateTerm, ...]
    n: int
    n_events: int
    dispersion: float
    theta: float | None
    log_likelihood: float | None
    conf_level: float
    method: str


@dataclass(frozen=True, slots=True)
class _Data:
    y: Vector
    x: Matrix
    log_time: Vector


@dataclass(frozen=True, slots=True)
class _Fit:
    """Coefficients of the standardised design with their covariance; `df` where t is used."""

    beta: Vector
    covariance: Matrix
    mean: Vector
    log_likelihood: float | None
    method: str
    theta: float | None = None
    df: int | None = None


def fit_counts(
    counts: ArrayLike,
    person_time: ArrayLike,
    covariates: ArrayLike,
    names: Sequence[str],
    *,
    model: CountModel = "negative_binomial",
    cluster: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> CountFit | NoEstimate:
    """The rate ratios of covariates, from counts of events in observed times.

    Some patients have many events and most have none, more so than Poisson's law allows: its
    intervals are then too narrow, and so are those that are exact for it. The negative binomial
    lets patients differ, the quasi-Poisson model scales the variance, and GEE takes it from the
    residuals of each cluster, whatever it is.

    Args:
        counts: Events of each row, 0 or more, shape (n,).
        person_time: For how long each was observed, above 0, shape (n,).
        covariates: Without missing values and without a column of ones, shape (n, k).
        names: The covariates' names, shape (k,).
        model: `poisson`, `quasi_poisson`, `negative_binomial` (maximum likelihood; standard errors
            given the estimated θ, as R's glm.nb prints them) or `gee` (Poisson means, independence,
            robust variance).
        cluster: For `gee`, each row's patient, shape (n,); None takes each row for one.
        conf_level: In (0, 1); Wald's, with Student's t in the quasi-Poisson model.

    Raises:
        ValueError: Shapes differ, a value is missing or impossible, the model is unknown, or
            clusters are given to a model that knows none.

    Source: McCullagh & Nelder 1989, chapter 6; Lawless 1987, Can J Stat 15:209 (negative
        binomial); Liang & Zeger 1986, Biometrika 73:13; no maximum: Santos Silva &
        Tenreyro 2010, Econ Lett 107:310; fitted by statsmodels; R's glm, glm.nb of MASS,
        geeglm of geepack; tests/validation/counts.R.
    """
    check_option("model", model, get_args(CountModel))
    check_conf_level(conf_level)
    data, codes = _data(counts, person_time, covariates, cluster)
    if cluster is not None and model != "gee":
        raise ValueError("clusters are for gee alone")
    if data.x.shape[1] != len(names):
        msg = f"there are {data.x.shape[1]} covariates and {len(names)} names"
        raise ValueError(msg)
    problem = _problem(data, codes, names)
    if problem:
        return NoEstimate(problem)
    columns, back = standardised(data.x)
    of_columns = _Data(data.y, columns, data.log_time)
    with _judged_by_slope():
        fit = _fitted(of_columns, codes, model)
    if isinstance(fit, NoEstimate):
        return fit
    return _told(data, fit, back, names, conf_level)


def _data(
    counts: ArrayLike, person_time: ArrayLike, covariates: ArrayLike, cluster: ArrayLike | None
) -> tuple[_Data, NDArray[np.int64]]:
    y = whole(counts, "counts").astype(np.float64)
    time = np.asarray(person_time, dtype=np.float64)
    if y.ndim != 1 or time.shape != y.shape:
        raise ValueError("counts and person_time must have one length")
    if not np.isfinite(time).all() or (time <= 0).any():
        raise ValueError("person_time must be above 0 and not missing")
    x = design(covariates, len(y), what="count", may_be_empty=True)
    codes = np.arange(len(y)) if cluster is None else labels_of(cluster, len(y), "cluster")[1]
    return _Data(y, x, np.log(time)), codes


def _problem(data: _Data, codes: NDArray[np.int64], names: Sequence[str]) -> str:
    """Why no model can be fitted, or nothing."""
    if len(data.y) == 0:
        return "there are no complete rows"
    if not data.y.any():
        return "nobody had an event"
    problem = columns_problem(data.x, names)
    if problem:
        return problem
    if codes.max() < data.x.shape[1] + 1:
        return "there are too few clusters for a robust variance of the covariates"
    if _has_no_maximum(data):
        return "where there are no events at all a ratio has no bound; compare the rates exactly"
    return ""


def _has_no_maximum(data: _Data) -> bool:
    """Whether a direction leaves the rows with events as they are and lowers others for ever."""
    columns = standardised(data.x)[0]
    some, none = columns[data.y > 0], columns[data.y == 0]
    if len(none) == 0:
        return False
    solution = optimize.linprog(
        none.sum(axis=0),
        A_ub=none,
        b_ub=np.zeros(len(none)),
        A_eq=some,
        b_eq=np.zeros(len(some)),
        bounds=(-1, 1),
        method="highs",
    )
    return bool(solution.fun < -1e-7)


@contextmanager
def _judged_by_slope() -> Iterator[None]:
    """Without the warnings of statsmodels, which come at a maximum too: the slope is looked at."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _fitted(data: _Data, codes: NDArray[np.int64], model: CountModel) -> _Fit | NoEstimate:
    match model:
        case "negative_binomial":
            fit = _negative_binomial(data)
        case "poisson":
            fit = _poisson(data)
        case "quasi_poisson":
            fit = _quasi(data, _poisson(data))
        case "gee":
            fit = _gee(data, codes)
        case _:
            assert_never(model)
    slope = _slope(data, fit) if isinstance(fit, _Fit) else np.zeros(1)
    if not np.abs(slope).max() <= _CLOSE * data.y.sum():
        return NoEstimate("the model did not converge")
    return fit


def _slope(data: _Data, fit: _Fit) -> Vector:
    """The gradient at the coefficients, given θ."""
    shrink = 1.0 if fit.theta is None else 1 + fit.mean / fit.theta
    slope: Vector = data.x.T @ ((data.y - fit.mean) / shrink)
    return slope


def _glm(data: _Data, family: Any) -> Any:
    return GLM(data.y, data.x, family=family, offset=data.log_time).fit(
        tol_criterion="params", **_STEPS
    )


def _poisson(data: _Data) -> _Fit:
    fit = _glm(data, families.Poisson())
    return _Fit(
        beta=fit.params,
        covariance=fit.cov_params(),
        mean=fit.fittedvalues,
        log_likelihood=float(fit.llf),
        method="Poisson regression, Wald intervals",
    )


def _quasi(data: _Data, poisson: _Fit) -> _Fit | NoEstimate:
    scale = _pearson(data, poisson)
    if scale <= _NONE:
        return NoEstimate("the counts are those that the model expects, so nothing varies")
    return _Fit(
        beta=poisson.beta,
        covariance=poisson.covariance * scale,
        mean=poisson.mean,
        log_likelihood=None,
        method="quasi-Poisson regression, Student's t intervals",
        df=len(data.y) - len(poisson.beta),
    )


def _pearson(data: _Data, fit: _Fit) -> float:
    """Pearson's χ² over its degrees of freedom."""
    df = len(data.y) - len(fit.beta)
    return float(((data.y - fit.mean) ** 2 / fit.mean).sum()) / df


def _negative_binomial(data: _Data) -> _Fit | NoEstimate:
    poisson = _poisson(data)
    name = "negative binomial regression, Wald intervals given θ"
    as_poisson = _Fit(
        beta=poisson.beta,
        covariance=poisson.covariance,
        mean=poisson.mean,
        log_likelihood=poisson.log_likelihood,
        method=f"{name}; θ is infinite: as Poisson",
        theta=math.inf,
    )
    # The score of 1/θ at 0: ½ Σ (y − μ)² − y (Lawless 1987, section 4).
    if ((data.y - poisson.mean) ** 2 - data.y).sum() <= 0:
        return as_poisson
    low, high = _LOG_THETA
    if _score_of_theta(data, high) >= 0:
        return as_poisson
    if _score_of_theta(data, low) <= 0:
        return NoEstimate("the model did not converge")
    log_theta = optimize.brentq(lambda at: _score_of_theta(data, at), low, high, xtol=1e-13)
    theta = math.exp(log_theta)
    fit = _glm(data, families.NegativeBinomial(alpha=1 / theta))
    return _Fit(
        beta=fit.params,
        covariance=fit.cov_params(),
        mean=fit.fittedvalues,
        log_likelihood=_log_likelihood(data.y, fit.fittedvalues, theta),
        method=name,
        theta=theta,
    )


def _score_of_theta(data: _Data, log_theta: float) -> float:
    """The profile likelihood's derivative to log θ."""
    theta, y = math.exp(log_theta), data.y
    mean = _glm(data, families.NegativeBinomial(alpha=1 / theta)).fittedvalues
    per_row = (
        special.digamma(theta + y)
        - special.digamma(theta)
        - np.log1p(mean / theta)
        + (mean - y) / (theta + mean)
    )
    return theta * float(per_row.sum())


def _log_likelihood(y: Vector, mean: Vector, theta: float) -> float:
    per_row = (
        special.gammaln(theta + y)
        - special.gammaln(theta)
        - special.gammaln(y + 1)
        - theta * np.log1p(mean / theta)
        + special.xlogy(y, mean / (theta + mean))
    )
    return float(per_row.sum())


def _gee(data: _Data, codes: NDArray[np.int64]) -> _Fit | NoEstimate:
    order = np.argsort(codes, kind="stable")
    fit = GEE(
        data.y[order],
        data.x[order],
        groups=codes[order],
        family=families.Poisson(),
        cov_struct=Independence(),
        offset=data.log_time[order],
    ).fit(maxiter=200, ctol=1e-10)
    mean = np.empty(len(order))
    mean[order] = fit.fittedvalues
    covariance = np.asarray(fit.cov_params())
    if (np.diag(covariance) <= _NONE * np.diag(fit.cov_naive)).any():
        return NoEstimate("the rows of each cluster balance each other, so there is no variance")
    return _Fit(
        beta=np.asarray(fit.params),
        covariance=covariance,
        mean=mean,
        log_likelihood=None,
        method="Poisson regression by generalised estimating equations, independence, robust",
    )


def _told(
    data: _Data, fit: _Fit, back: Matrix, names: Sequence[str], conf_level: float
) -> CountFit:
    coefficients = back @ fit.beta
    errors = np.sqrt(np.diag(back @ fit.covariance @ back.T))
    quantile = z_of(conf_level) if fit.df is None else t_of(conf_level, fit.df)
    terms = []
    pairs = zip(coefficients.tolist(), errors.tolist(), strict=True)
    for name, (b, se) in zip(("intercept", *names), pairs, strict=True):
        z = -abs(b / se)
        tail = special.ndtr(z) if fit.df is None else special.stdtr(fit.df, z)
        term = RateTerm(
            name=name,
            coefficient=b,
            se=se,
            rate_ratio=exp(b),
            ci_low=exp(b - quantile * se),
            ci_high=exp(b + quantile * se),
            p_value=2 * float(tail),
        )
        terms.append(term)
    return CountFit(
        terms=tuple(terms),
        n=len(data.y),
        n_events=int(data.y.sum()),
        dispersion=_pearson(data, fit),
        theta=fit.theta,
        log_likelihood=fit.log_likelihood,
        conf_level=conf_level,
        method=fit.method,
    )
