"""How a weighted effect spreads over resampled patients, their weights fitted anew each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse, special

from incohort.stats._quantiles import z_of
from incohort.stats.causal.effect import TreatmentEffect, adjusting
from incohort.stats.causal.person_days import PersonDays
from incohort.stats.causal.weights import powers, useful
from incohort.stats.outcome import NoEstimate, check_conf_level
from incohort.stats.survival import cox
from incohort.stats.survival.cox_likelihood import Design
from incohort.stats.survival.inputs import Codes, Flags, Matrix, Vector

BOOTSTRAP = "normal limits, bootstrap of patients with the weights fitted anew"
_MOST_STEPS = 25
_CLOSE = 1e-5  # of a standardised coefficient: the last step; what is left is its square
_HELD = 1e-10  # of the largest information, added: a column that a resample has but once stays put
_FARTHEST = 20.0  # a log hazard ratio beyond it is one that has no end
_LOST = 0.05  # of the resamples may give no effect


def log_hazard_ratios(
    rows: PersonDays,
    covariates: ArrayLike,
    percentiles: Sequence[tuple[float, float]],
    *,
    baseline: ArrayLike | None = None,
    n_resamples: int,
    seed: int,
) -> Matrix | NoEstimate:
    """The effects that `treatment_weights` and `weighted_effect` find in resampled patients.

    Patients are drawn with replacement, as many as there are, each with all of their days. The
    models of the start of treatment are fitted anew by maximum likelihood, with the covariates that
    are of use in the whole cohort, and the weights truncated anew. Where a few patients carry very
    large weights the spread is too small, as the robust error is: benchmarks/README.md has both.

    Args:
        rows: The days at risk.
        covariates: As `treatment_weights`.
        percentiles: Each pair as `treatment_weights` takes it: one column of the answer.
        baseline: As `treatment_weights` and `weighted_effect`.
        n_resamples: How often patients are drawn.
        seed: Of the random generator: the same seed gives the same answer.

    Returns:
        Log hazard ratios, shape (n_resamples, len(percentiles)), NaN where a resample has none; or
        why the whole cohort has none.

    Source: Efron & Tibshirani 1993, chapter 6; that weights have to be fitted anew: Austin 2016,
        Stat Med 35:5642.
    """
    x = adjusting(covariates, rows.n)
    held = adjusting(baseline, rows.n)
    fit = cox(
        rows.time, rows.event, np.column_stack([rows.treated, held]), time_enter=rows.time_enter
    )
    if isinstance(fit, NoEstimate):
        return fit
    whole = _whole(rows, x, held, fit.data, fit.at_maximum.beta)
    if whole is None:
        return NoEstimate("the start of treatment could not be modelled by maximum likelihood")
    rng = np.random.default_rng(seed)
    n, patient = len(rows.first), np.cumsum(rows.day == 0) - 1
    logs = np.full((n_resamples, len(percentiles)), np.nan)
    for row in logs:
        times = rng.multinomial(n, np.full(n, 1 / n))[patient]
        row[:] = _ratios(rows, whole, times, percentiles)
    return logs


def with_bootstrap(
    effect: TreatmentEffect, logs: Vector | NoEstimate, *, conf_level: float = 0.95
) -> TreatmentEffect:
    """The effect with normal limits and P from the spread of its resampled logarithms.

    Where there are none, or more than one in twenty resamples had no effect, it stays as it was,
    and its method says why.

    Args:
        effect: As `weighted_effect` found it in all patients.
        logs: A column of `log_hazard_ratios`, shape (n_resamples,), or why there is none.
        conf_level: In (0, 1).
    """
    check_conf_level(conf_level)
    if isinstance(logs, NoEstimate):
        return replace(effect, method=f"{effect.method}; not resampled: {logs.reason}")
    known = logs[np.isfinite(logs)]
    if len(known) < max(2.0, (1 - _LOST) * len(logs)):
        loss = f"{len(logs) - len(known)} of {len(logs)} resamples of patients gave no effect"
        return replace(effect, method=f"{effect.method}; {loss}")
    se = float(known.std(ddof=1))
    if se == 0:
        return effect
    z, b = z_of(conf_level), float(np.log(effect.hazard_ratio))
    return replace(
        effect,
        ci_low=float(np.exp(b - z * se)),
        ci_high=float(np.exp(b + z * se)),
        p_value=2 * float(special.ndtr(-abs(b) / se)),
        conf_level=conf_level,
        method=f"{effect.method.partition('; ')[0]}; {BOOTSTRAP}, {len(known)} resamples",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whole:
    """The models of all patients, which those of a resample start from.

    `alone` and `given` are the designs of the start of treatment on the days that `decides` names,
    with their coefficients. `columns` are the outcome's covariates and their products by pairs,
    `at_risk` sums over the rows at risk at each time of an event, and `beta` are its coefficients.
    """

    decides: Codes
    started: Flags
    alone: tuple[Matrix, Vector]
    given: tuple[Matrix, Vector]
    data: Design
    columns: Matrix
    at_risk: sparse.csr_array
    beta: Vector


def _whole(rows: PersonDays, x: Matrix, held: Matrix, data: Design, beta: Vector) -> _Whole | None:
    decides = np.flatnonzero(rows.may_start)
    started = rows.starts[decides]
    known = np.column_stack([powers(rows), held])[decides]
    models = []
    for columns in (known, np.column_stack([known, x[decides]])):
        design = _standardised(useful(columns))
        fitted = _started(design, started, np.ones(len(decides)), np.zeros(design.shape[1]))
        if fitted is None:
            return None
        models.append((design, fitted))
    first, second = np.triu_indices(data.x.shape[1])
    return _Whole(
        decides=decides,
        started=started,
        alone=models[0],
        given=models[1],
        data=data,
        columns=np.column_stack([data.x, data.x[:, first] * data.x[:, second]]),
        at_risk=_at_risk(data),
        beta=beta,
    )


def _at_risk(data: Design) -> sparse.csr_array:
    """One row for each time of an event, 1 in the columns of the rows at risk: a day has few."""
    first, n = data.sets.first, np.maximum(data.sets.last - data.sets.first, 0)
    column = np.repeat(np.arange(len(n)), n)
    row = np.arange(n.sum()) - np.repeat(np.cumsum(n) - n, n) + first[column]
    shape = (data.sets.n_sets, len(n))
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)


def _standardised(x: Matrix) -> Matrix:
    return np.column_stack([np.ones(len(x)), (x - x.mean(axis=0)) / x.std(axis=0)])


def _started(design: Matrix, started: Flags, times: Vector, beta: Vector) -> Vector | None:
    """The coefficients of largest likelihood, each row counted so many times; None without any."""
    for _ in range(_MOST_STEPS):
        p = special.expit(design @ beta)
        information = (design * (times * p * (1 - p))[:, None]).T @ design
        step = _step(information, design.T @ (times * (started - p)))
        if step is None:
            return None
        beta = beta + step
        if np.abs(step).max() < _CLOSE:
            return beta
    return None


def _step(information: Matrix, score: Vector) -> Vector | None:
    """Newton's; None where it is none."""
    size = float(information.diagonal().max())
    if not np.isfinite(size) or size <= 0:
        return None
    information.flat[:: len(score) + 1] += _HELD * size
    try:
        step: Vector = np.linalg.solve(information, score).astype(np.float64)
    except np.linalg.LinAlgError:
        return None
    return step if np.isfinite(step).all() else None


def _ratios(
    rows: PersonDays, whole: _Whole, times: Codes, percentiles: Sequence[tuple[float, float]]
) -> list[float]:
    """The log hazard ratio under each truncation, each row counted so many times."""
    nothing = [np.nan] * len(percentiles)
    part = np.flatnonzero(times[whole.decides])
    place, started = whole.decides[part], whole.started[part]
    counted = times[place].astype(np.float64)
    chances = []
    for design, beta in (whole.alone, whole.given):
        x = design[part]
        fitted = _started(x, started, counted, beta)
        if fitted is None:
            return nothing
        tiny = np.finfo(np.float64).eps
        chances.append(np.clip(special.expit(x @ fitted), tiny, 1 - tiny))
    alone, given = chances
    factor = np.ones(rows.n)
    factor[place] = np.where(started, alone / given, (1 - alone) / (1 - given))
    weight = rows.running(factor)
    drawn = np.repeat(weight, times)
    logs = []
    for low, high in percentiles:
        cut = (
            weight
            if (low, high) == (0, 100)
            else np.clip(weight, *np.percentile(drawn, (low, high)))
        )
        top = _climbed(whole, cut[whole.data.row], times[whole.data.row])
        logs.append(np.nan if top is None else float(top[0] / whole.data.scale[0]))
    return logs


def _climbed(whole: _Whole, weight: Vector, times: Codes) -> Vector | None:
    """The weighted Cox coefficients, Efron's ties, as of rows that stand there so many times.

    Of D events at a time, each row counted as often as drawn, the l-th has the denominator
    S0 − l/D·D0, and all count with their mean weight.
    """
    data = whole.data
    row, start, k = data.event_row, data.set_start, data.x.shape[1]
    both = np.where(times > 0, weight * times, 0.0)
    d = np.add.reduceat(times[row], start)
    if not d.any():
        return None
    at = np.repeat(np.arange(len(d)), d)
    share = (np.arange(len(at)) - np.repeat(np.cumsum(d) - d, d)) / d[at]
    mean = np.add.reduceat(both[row], start)[at] / d[at]
    top = both[row] @ data.x[row]
    first, second = np.triu_indices(k)
    beta = whole.beta
    for _ in range(_MOST_STEPS):
        eta = data.x @ beta
        risk = both * np.exp(eta - eta.max())
        summed = np.column_stack([risk, risk[:, None] * whole.columns])
        tied = np.add.reduceat(summed[row], start, axis=0)
        left = (whole.at_risk @ summed)[at] - share[:, None] * tied[at]
        expected = left[:, 1:] / left[:, :1]
        centre = expected[:, :k]
        information = np.empty((k, k))
        information[first, second] = information[second, first] = mean @ expected[:, k:]
        information -= (centre * mean[:, None]).T @ centre
        step = _step(information, top - mean @ centre)
        if step is None or np.abs(beta + step).max() > _FARTHEST:
            return None
        beta = beta + step
        if np.abs(step).max() < _CLOSE:
            return beta
    return None
