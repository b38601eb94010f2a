"""Multiple imputation by chained equations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from incohort.stats._checked import check_option
from incohort.stats.imputation.draws import linear_draw, logistic_draw, matched_draw
from incohort.stats.outcome import NoEstimate
from incohort.stats.survival import nelson_aalen
from incohort.stats.survival.inputs import TIE_TOLERANCE, Flags, Matrix, Vector

# How a column's missing values are drawn: an observed value of somebody alike, a normal value, or
# 0 and 1.
Kind = Literal["matched", "normal", "binary"]

_FEWEST = 5  # observed values of a column that a model of it can be made from


@dataclass(frozen=True, slots=True, kw_only=True)
class Imputations:
    """The completed matrices, shape (m, n, k); observed values are the same in all.

    `trace` holds the mean of each column's imputed values after each cycle, shape (m, cycles, k),
    observed columns 0: chains that have settled show no trend.
    """

    completed: NDArray[np.float64]
    trace: NDArray[np.float64]
    n_missing: tuple[int, ...]
    method: str


def impute(
    values: ArrayLike,
    kinds: Sequence[Kind],
    *,
    seed: int,
    n_imputations: int = 20,
    n_cycles: int = 10,
    donors: int = 5,
) -> Imputations | NoEstimate:
    """Completed copies of a matrix, each missing value drawn from what the other columns tell.

    Right if values are missing at random: whether they are missing hangs on observed values only.
    The matrix must hold what the later analysis holds: the outcome too, for a time to an event as
    `survival_predictors` gives it, or associations with it are drawn towards none.

    Args:
        values: Rows are patients, columns variables, missing ones NaN, shape (n, k).
        kinds: How each column is drawn, shape (k,). Matters only where values are missing.
        seed: Of the random generator: the same seed gives the same copies.
        n_imputations: How many copies; about as many as the percentage of incomplete rows.
        n_cycles: How often all columns are drawn in turn.
        donors: How many patients alike a matched value is chosen from.

    Raises:
        ValueError: Shapes differ, a value is infinite, a binary column holds other than 0 and 1,
            or a count is not positive.

    Source: van Buuren & Groothuis-Oudshoorn 2011, J Stat Softw 45(3); White, Royston & Wood 2011,
        Stat Med 30:377; R's mice; tests/validation/imputation/test_imputation.py.
    """
    x = _checked(values, kinds, min(n_imputations, n_cycles, donors))
    missing = _gaps(x)
    problem = _problem(x, missing, kinds)
    if problem:
        return NoEstimate(problem)
    generators = np.random.default_rng(seed).spawn(n_imputations)
    n_missing = missing.sum(axis=0)
    by_gaps = [k for k in np.argsort(n_missing, kind="stable").tolist() if n_missing[k]]
    completed = np.empty((n_imputations, *x.shape))
    trace = np.zeros((n_imputations, n_cycles, x.shape[1]))
    for copy, generator in enumerate(generators):
        now = _started(x, missing, generator)
        for cycle in range(n_cycles):
            for column in by_gaps:
                gaps = missing[:, column]
                drawn = _drawn(now, column, gaps, kinds[column], generator, donors)
                now[gaps, column] = drawn
                trace[copy, cycle, column] = drawn.mean()
        completed[copy] = now
    return Imputations(
        completed=completed,
        trace=trace,
        n_missing=tuple(n_missing.tolist()),
        method=f"multiple imputation by chained equations, {n_imputations} imputations",
    )


def survival_predictors(time: ArrayLike, event: ArrayLike) -> Matrix | NoEstimate:
    """The event and the cumulative hazard at each one's time, shape (n, 2).

    This is the form in which a time to an event belongs into the imputation of a Cox model's
    covariates: the time itself, or its logarithm, biases them.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).

    Raises:
        ValueError: As `follow_up`.

    Source: White & Royston 2009, Stat Med 28:1982.

    >>> survival_predictors([2, 1, 3], [1, 1, 0]).round(4).tolist()
    [[1.0, 0.8333], [1.0, 0.3333], [0.0, 0.8333]]
    """
    hazard = nelson_aalen(time, event)
    if isinstance(hazard, NoEstimate):
        return hazard
    exits = np.asarray(time, dtype=np.float64)
    slack = TIE_TOLERANCE * np.maximum(1.0, exits)
    place = np.searchsorted(hazard.time, exits + slack, side="right")
    cumulative = np.concatenate([[0.0], hazard.cumulative_hazard])[place]
    return np.column_stack([np.asarray(event, dtype=np.float64), cumulative])


def _checked(values: ArrayLike, kinds: Sequence[Kind], fewest: int) -> Matrix:
    x = np.asarray(values, dtype=np.float64)
    if x.ndim != 2 or x.shape[1] != len(kinds):
        raise ValueError("there must be one kind for each column")
    if fewest < 1:
        raise ValueError("imputations, cycles and donors are counted from 1")
    if np.isinf(x).any():
        raise ValueError("values must be finite, or NaN where they are missing")
    for kind, column in zip(kinds, x.T, strict=True):
        check_option("kind", kind, get_args(Kind))
        known = column[~np.isnan(column)]
        if kind == "binary" and not np.isin(known, (0.0, 1.0)).all():
            raise ValueError("a binary column holds other values than 0 and 1")
    return x


def _gaps(x: Matrix) -> Flags:
    gaps: Flags = np.isnan(x)
    return gaps


def _problem(x: Matrix, missing: Flags, kinds: Sequence[Kind]) -> str:
    """Why nothing can be imputed, or nothing."""
    if len(x) == 0:
        return "there is nobody whose values could be imputed"
    for k in np.flatnonzero(missing.any(axis=0)).tolist():
        known = x[~missing[:, k], k]
        if len(known) < _FEWEST:
            return f"variable {k + 1} has fewer than {_FEWEST} observed values to learn from"
        if kinds[k] == "binary" and np.ptp(known) == 0:
            return f"variable {k + 1} is the same in all whose value is known"
    return ""


def _started(x: Matrix, missing: Flags, generator: np.random.Generator) -> Matrix:
    """Each gap filled with an observed value of its column, chosen by lot."""
    filled = x.copy()
    for k in np.flatnonzero(missing.any(axis=0)).tolist():
        gaps = missing[:, k]
        filled[gaps, k] = generator.choice(x[~gaps, k], int(gaps.sum()))
    return filled


def _drawn(
    now: Matrix,
    column: int,
    gaps: Flags,
    kind: Kind,
    generator: np.random.Generator,
    donors: int,
) -> Vector:
    """The column's missing values, given the others as they are now."""
    predictors = _predictors(np.delete(now, column, axis=1), gaps)
    y = now[:, column]
    match kind:
        case "matched":
            return matched_draw(y, predictors, gaps, generator, donors)
        case "normal":
            return linear_draw(y, predictors, gaps, generator)
        case "binary":
            return logistic_draw(y, predictors, gaps, generator)
        case _ as never:
            assert_never(never)


def _predictors(others: Matrix, gaps: Flags) -> Matrix:
    """A column of ones and the others, standardised by those whose value is known.

    A column that does not vary among them tells nothing and is left out.
    """
    known = others[~gaps]
    varies = np.ptp(known, axis=0) > 0
    mean, spread = known[:, varies].mean(axis=0), known[:, varies].std(axis=0)
    return np.column_stack([np.ones(len(others)), (others[:, varies] - mean) / spread])
