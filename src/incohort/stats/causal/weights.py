"""Weights that make treatment, or loss to follow-up, independent of what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from incohort.stats.causal.effect import adjusting
from incohort.stats.causal.person_days import PersonDays
from incohort.stats.logistic import LogisticFit, logistic
from incohort.stats.outcome import NoEstimate
from incohort.stats.survival.inputs import Flags, Matrix, Vector

_EVERYTHING = (0.0, 100.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """A covariate's standardised difference between those who start treatment and those who don't.

    Both among patients of the same day, averaged over the days of starts, in standard deviations
    of the covariate before weighting.
    """

    name: str
    before: float
    after: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """One weight a row, shape (rows,); `mean`, `minimum` and `maximum` are before truncation.

    A mean far from 1 says that the model is wrong or that some patients could hardly have been
    treated otherwise. `is_firth` where a covariate told the decision with certainty.
    """

    weight: Vector
    mean: float
    minimum: float
    maximum: float
    n_truncated: int
    balance: tuple[Balance, ...]
    is_firth: bool
    method: str


def treatment_weights(
    rows: PersonDays,
    covariates: ArrayLike,
    names: Sequence[str],
    *,
    baseline: ArrayLike | None = None,
    percentiles: tuple[float, float] = (1.0, 99.0),
) -> Weights | NoEstimate:
    """The stabilised inverse probability of each patient's treatment so far, truncated.

    Each day that a patient is not yet treated, treatment may start. Its probability is modelled
    over all days together, from the day (linear and squared) alone and with the covariates; the
    weight is the product of the ratios of the two. Once treated, always treated: the weight stays.
    Covariates that are the same on all these days are of no use to the model and are left out.

    Where what was known at time zero drives treatment strongly, some weights are so large that
    truncation biases the effect towards the unweighted one, and without it the interval is too
    short. Given as `baseline` it stands in both models, so that the weights have to mend only what
    came later; `weighted_effect` then has to hold the same baseline, whose balance is not mended.

    Args:
        rows: The days at risk.
        covariates: At time zero and at the beginning of each day (the last count before it,
            an infection by then), shape (rows, k). Nothing that came later.
        names: The covariates' names, shape (k,).
        baseline: What of them was known at time zero and the model of the outcome holds as well,
            shape (rows, b).
        percentiles: Weights beyond these are set to them; (0, 100) for none.

    Raises:
        ValueError: The covariates are not complete, or the percentiles not in order.

    Source: Robins, Hernán & Brumback 2000, Epidemiology 11:550; Hernán, Brumback & Robins 2000,
        11:561 (baseline in both models); truncation of Cole & Hernán 2008, Am J Epidemiol 168:656;
        balance by day as Jackson 2016, Epidemiology 27:859; R's glm in
        tests/validation/causal/causal.R; coverage in benchmarks/bench_truth.py.
    """
    x = _complete(rows, covariates, names, percentiles)
    decides = rows.may_start
    if not rows.starts.any():
        return NoEstimate("nobody was treated while at risk")
    known = np.column_stack([powers(rows), adjusting(baseline, rows.n)])
    fits = _alone_and_with(rows.starts[decides], known[decides], x[decides])
    if isinstance(fits, NoEstimate):
        return NoEstimate(f"the start of treatment could not be modelled: {fits.reason}")
    alone, given, is_firth = fits
    started = rows.starts[decides]
    factor = np.ones(rows.n)
    factor[decides] = np.where(started, alone / given, (1 - alone) / (1 - given))
    return _weights(rows, rows.running(factor), x, names, percentiles, is_firth)


def censoring_weights(
    rows: PersonDays,
    is_lost: ArrayLike,
    covariates: ArrayLike,
    *,
    percentiles: tuple[float, float] = _EVERYTHING,
) -> Weights | NoEstimate:
    """The stabilised inverse probability of not having been lost by the beginning of the day.

    To be multiplied with the weights of treatment. Loss is modelled as the start of treatment is;
    both models hold the treatment, too.

    Args:
        rows: The days at risk.
        is_lost: Whether the patient was lost to follow-up, rather than followed to the end of the
            study; one flag for each patient who came in.
        covariates: As `treatment_weights`.
        percentiles: As `treatment_weights`.

    Raises:
        ValueError: As `treatment_weights`, or a patient who had the event is called lost.

    Source: Cole & Hernán 2008, Am J Epidemiol 168:656; R's glm; tests/validation/causal/causal.R.
    """
    x = _complete(rows, covariates, None, percentiles)
    lost = np.asarray(is_lost, dtype=np.bool_)[rows.patient] & rows.is_last
    if (lost & rows.event).any():
        raise ValueError("a patient who had the event was not lost")
    if not lost.any():
        return _weights(rows, np.ones(rows.n), x[:, :0], (), percentiles, is_firth=False)
    known = np.column_stack([powers(rows), rows.treated])
    fits = _alone_and_with(lost, known, x)
    if isinstance(fits, NoEstimate):
        return NoEstimate(f"loss to follow-up could not be modelled: {fits.reason}")
    alone, given, is_firth = fits
    staying = (1 - alone) / (1 - given)
    # of the days before: the loss of a day comes at its end
    return _weights(rows, rows.running(staying) / staying, x[:, :0], (), percentiles, is_firth)


def _complete(
    rows: PersonDays,
    covariates: ArrayLike,
    names: Sequence[str] | None,
    percentiles: tuple[float, float],
) -> Matrix:
    low, high = percentiles
    if not 0 <= low < high <= 100:
        raise ValueError("percentiles must be two numbers from 0 to 100, the lower first")
    x = adjusting(covariates, rows.n)
    if names is not None and len(names) != x.shape[1]:
        raise ValueError("there must be one name for each covariate")
    return x


def powers(rows: PersonDays) -> Matrix:
    """The day and its square, which every model of a day holds."""
    return np.column_stack([rows.day, rows.day**2]).astype(np.float64)


def _alone_and_with(
    outcome: Flags, known: Matrix, x: Matrix
) -> tuple[Vector, Vector, bool] | NoEstimate:
    """The outcome's probabilities from what is known anyway, and with the covariates as well."""
    alone = _probabilities(outcome, useful(known))
    given = _probabilities(outcome, useful(np.column_stack([known, x])))
    if isinstance(alone, NoEstimate):
        return alone
    if isinstance(given, NoEstimate):
        return given
    return alone[0], given[0], alone[1] or given[1]


def useful(x: Matrix) -> Matrix:
    """The columns that vary and don't follow from those before them."""
    kept: list[int] = []
    centred = x - x.mean(axis=0)
    size = np.abs(centred).max(axis=0)
    for k in np.flatnonzero(size > 0).tolist():
        tried = [*kept, k]
        if np.linalg.matrix_rank(centred[:, tried] / size[tried]) == len(tried):
            kept = tried
    return x[:, kept]


def _probabilities(outcome: Flags, x: Matrix) -> tuple[Vector, bool] | NoEstimate:
    if x.shape[1] == 0:
        return np.full(len(outcome), outcome.mean()), False
    fit = logistic(outcome, x, [f"covariate {k + 1}" for k in range(x.shape[1])])
    if not isinstance(fit, LogisticFit):
        return fit
    beta = np.array([term.coefficient for term in fit.terms])
    p: Vector = special.expit(beta[0] + x @ beta[1:])
    tiny = np.finfo(np.float64).eps
    return np.clip(p, tiny, 1 - tiny), fit.is_firth


def _weights(
    rows: PersonDays,
    weight: Vector,
    x: Matrix,
    names: Sequence[str],
    percentiles: tuple[float, float],
    is_firth: bool,
) -> Weights:
    low, high = np.percentile(weight, percentiles)
    truncated = np.clip(weight, low, high)
    return Weights(
        weight=truncated,
        mean=float(weight.mean()),
        minimum=float(weight.min()),
        maximum=float(weight.max()),
        n_truncated=int((truncated != weight).sum()),
        balance=tuple(_balances(rows, truncated, x, names)),
        is_firth=is_firth,
        method="stabilised inverse-probability weights, pooled logistic model"
        + (", Firth's" if is_firth else "")
        + ("" if percentiles == _EVERYTHING else f", truncated at {low:.3g} and {high:.3g}"),
    )


def _balances(rows: PersonDays, weight: Vector, x: Matrix, names: Sequence[str]) -> list[Balance]:
    decides = rows.may_start
    day, starts, w = rows.day[decides], rows.starts[decides], weight[decides]
    balances = []
    for name, column in zip(names, x[decides].T, strict=True):
        spread = _spread(column, starts)
        if spread == 0:
            continue
        before = _difference(day, starts, column, np.ones(len(w)))
        after = _difference(day, starts, column, w)
        if before is not None and after is not None:
            balances.append(Balance(name=name, before=before / spread, after=after / spread))
    return balances


def _spread(column: Vector, starts: Flags) -> float:
    """The root of the mean of both groups' variances, as in `balance.smd_continuous`."""
    if min(starts.sum(), (~starts).sum()) < 2:
        return 0.0
    both = (column[starts], column[~starts])
    if max(np.ptp(part) for part in both) == 0:
        return 0.0
    return float(np.sqrt(np.mean([part.var(ddof=1) for part in both])))


def _difference(
    day: np.ndarray[tuple[int], np.dtype[np.int64]], starts: Flags, column: Vector, w: Vector
) -> float | None:
    """Difference of weighted means within each day, averaged over the days by their starts."""
    n_days = int(day.max()) + 1
    total = [np.bincount(day[g], w[g], n_days) for g in (starts, ~starts)]
    sums = [np.bincount(day[g], (w * column)[g], n_days) for g in (starts, ~starts)]
    usable = (total[0] > 0) & (total[1] > 0)
    if not usable.any():
        return None
    gap = sums[0][usable] / total[0][usable] - sums[1][usable] / total[1][usable]
    n_starts = np.bincount(day[starts], minlength=n_days)[usable]
    return float(gap @ n_starts / n_starts.sum())
