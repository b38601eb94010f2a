"""The pooled effect of several studies."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from incohort.stats._checked import check_option
from incohort.stats.meta.heterogeneity import (
    Heterogeneity,
    heterogeneity,
    tau_squared_dl,
    tau_squared_reml,
)
from incohort.stats.outcome import Interval, NoEstimate, check_conf_level

Vector = NDArray[np.float64]

# One effect for all; effects that vary, with DerSimonian and Laird's τ² and normal limits; effects
# that vary, with REML's τ² and Hartung and Knapp's limits.
Method = Literal["fixed", "dersimonian_laird", "reml_hartung_knapp"]


_FEWEST_TO_PREDICT = 5  # studies


@dataclass(frozen=True, slots=True, kw_only=True)
class Pooled:
    """The pooled effect with standard error, limits and two-sided P, and the studies' weights.

    `weight` are proportions that sum to 1, shape (k,). `statistic` is z where `df` is None, else
    t. `prediction` is where the true effect of a new study lies.
    """

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    conf_level: float
    statistic: float
    df: int | None
    p_value: float
    weight: Vector
    k: int
    heterogeneity: Heterogeneity | NoEstimate
    prediction: Interval | NoEstimate
    method: str


def pool(
    estimates: ArrayLike,
    se: ArrayLike,
    *,
    method: Method = "reml_hartung_knapp",
    conf_level: float = 0.95,
) -> Pooled | NoEstimate:
    """The effect of all studies together.

    Args:
        estimates: One effect a study, on a scale on which it is about normal (a difference, a log
            ratio), shape (k,).
        se: Its standard error, above 0, shape (k,).
        method: One fixed effect or effects that vary. With fixed, τ² is still reported
            (DerSimonian and Laird's), so that it can be seen whether one effect is enough.
        conf_level: In (0, 1).

    Raises:
        ValueError: Shapes differ, a figure is missing, a standard error is not positive, or the
            method is unknown.

    Source: DerSimonian & Laird 1986; Viechtbauer 2005; Hartung & Knapp 2001, Stat Med 20:3875;
        their factor q is at least 1 (Röver, Knapp & Friede 2015, BMC Med Res Methodol 15:99);
        prediction by Higgins, Thompson & Spiegelhalter 2009, J R Stat Soc A 172:137 (t with k − 2)
        and, with Hartung and Knapp's variance, t with k − 1; R's rma, predict of metafor;
        tests/validation/meta/meta.R.

    G-CSF in three series of antithyroid drugs (Tajiri 2005 twice, Andrès 2001), days gained:

    >>> found = pool([-3.7, -3.1, -4.8], [1.0807, 0.8867, 2.0248], method="fixed")
    >>> round(found.estimate, 2), round(found.se, 2)
    (-3.49, 0.65)
    """
    check_conf_level(conf_level)
    check_option("method", method, get_args(Method))
    y, v = _studies(estimates, se)
    if len(y) == 0:
        return NoEstimate("there are no studies to pool")
    if len(y) == 1 and method != "fixed":
        return NoEstimate("one study alone does not tell how effects vary between studies")
    tau_squared = _tau_squared(y, v, method)
    if tau_squared is None:
        return NoEstimate("the variance between studies did not converge")
    return _pooled(y, v, tau_squared, method, conf_level)


def leave_one_out(
    estimates: ArrayLike,
    se: ArrayLike,
    *,
    method: Method = "reml_hartung_knapp",
    conf_level: float = 0.95,
) -> tuple[Pooled | NoEstimate, ...]:
    """The pooled effect without the first study, without the second, and so on.

    Arguments and faults as `pool`.

    Source: R's leave1out of metafor in tests/validation/meta/meta.R.
    """
    y, v = _studies(estimates, se)
    errors = np.sqrt(v)
    return tuple(
        pool(np.delete(y, i), np.delete(errors, i), method=method, conf_level=conf_level)
        for i in range(len(y))
    )


def _studies(estimates: ArrayLike, se: ArrayLike) -> tuple[Vector, Vector]:
    y, errors = np.asarray(estimates, dtype=np.float64), np.asarray(se, dtype=np.float64)
    if y.ndim != 1 or y.shape != errors.shape:
        raise ValueError("there must be one standard error for each estimate")
    if not (np.isfinite(y).all() and np.isfinite(errors).all() and (errors > 0).all()):
        raise ValueError("estimates must be complete and standard errors positive")
    return y, errors**2


def _tau_squared(y: Vector, v: Vector, method: Method) -> float | None:
    """Between studies; for the fixed effect it is only described."""
    match method:
        case "fixed":
            return tau_squared_dl(y, v) if len(y) > 1 else 0.0
        case "dersimonian_laird":
            return tau_squared_dl(y, v)
        case "reml_hartung_knapp":
            return tau_squared_reml(y, v)
        case _ as never:
            assert_never(never)


def _pooled(y: Vector, v: Vector, tau_squared: float, method: Method, conf_level: float) -> Pooled:
    k = len(y)
    w = 1 / (v if method == "fixed" else v + tau_squared)
    mean = float(w @ y / w.sum())
    variance, df = float(1 / w.sum()), None
    if method == "reml_hartung_knapp":  # Hartung & Knapp 2001, with q at least 1
        df = k - 1
        variance *= max(1.0, float(w @ (y - mean) ** 2) / df)
    se = math.sqrt(variance)
    statistic = mean / se
    half = _quantile(conf_level, df) * se
    tail = special.ndtr(-abs(statistic)) if df is None else special.stdtr(df, -abs(statistic))
    return Pooled(
        estimate=mean,
        se=se,
        ci_low=mean - half,
        ci_high=mean + half,
        conf_level=conf_level,
        statistic=statistic,
        df=df,
        p_value=2 * float(tail),
        weight=w / w.sum(),
        k=k,
        heterogeneity=heterogeneity(y, v, tau_squared, conf_level),
        prediction=_prediction(mean, variance + tau_squared, k, method, conf_level),
        method=_NAMES[method],
    )


_NAMES: dict[Method, str] = {
    "fixed": "inverse-variance fixed-effect meta-analysis",
    "dersimonian_laird": "random-effects meta-analysis, DerSimonian–Laird",
    "reml_hartung_knapp": "random-effects meta-analysis, REML, Hartung–Knapp interval, q ≥ 1",
}


def _prediction(
    mean: float, variance: float, k: int, method: Method, conf_level: float
) -> Interval | NoEstimate:
    if method == "fixed":
        return NoEstimate("a fixed effect is the same in every study")
    df = k - 1 if method == "reml_hartung_knapp" else k - 2
    if k < _FEWEST_TO_PREDICT:
        return NoEstimate(
            "fewer than five studies hardly tell how effects vary between studies, so none is "
            "predicted for a new one"
        )
    half = _quantile(conf_level, df) * math.sqrt(variance)
    return Interval(
        estimate=mean,
        ci_low=mean - half,
        ci_high=mean + half,
        conf_level=conf_level,
        method=f"prediction interval, t with {df} degrees of freedom",
    )


def _quantile(conf_level: float, df: int | None) -> float:
    p = 0.5 + conf_level / 2
    return float(special.ndtri(p) if df is None else special.stdtrit(df, p))
