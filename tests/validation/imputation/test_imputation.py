"""Chained equations: against mice over many imputations, and against a truth that is known."""

from __future__ import annotations

import numpy as np
import pytest

from incohort.stats import NoEstimate
from incohort.stats.imputation import impute, pool, survival_predictors
from incohort.stats.imputation.draws import nearest
from incohort.stats.survival import cox


def _numbers(values):
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def _regression(x, y):
    """Least squares of y on x with an intercept: coefficients and variances of x's columns."""
    design = np.column_stack([np.ones(len(y)), x])
    inverse = np.linalg.inv(design.T @ design)
    beta = inverse @ design.T @ y
    residual = y - design @ beta
    variance = residual @ residual / (len(y) - design.shape[1]) * np.diag(inverse)
    return beta[1:], variance[1:]


def _summary(completed):
    """Mean of x and z, SD of x, correlation, regression of y on both with errors."""
    x, z, y = completed.T
    beta, variance = _regression(completed[:, :2], y)
    r = np.corrcoef(x, z)[0, 1]
    return [x.mean(), z.mean(), x.std(ddof=1), r, *beta, *np.sqrt(variance)]


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["normal", "matched"])
def test_imputations_average_to_those_of_mice(recorded, kind):
    """Over 400 imputations, means, spread, correlation and a regression are those of 400 by mice.

    Each is a mean of 400 random draws on either side: it may differ by 4 of its standard errors.
    The spread between imputations, which the pooled variance is made of, may differ by 15 %.
    """
    case = recorded("imputation/imputation")["incomplete"][0]
    values = np.column_stack([_numbers(case[name]) for name in ("x", "z", "y")])
    found = impute(values, (kind, "binary", "normal"), seed=11, n_imputations=400)
    by = np.array([_summary(completed) for completed in found.completed])
    mean, spread = np.array(case[kind]["mean"]), np.array(case[kind]["spread"])
    assert (np.abs(by.mean(axis=0) - mean) < 4 * spread * np.sqrt(2 / 400)).all()
    assert by.std(axis=0) == pytest.approx(spread, rel=0.15)


def test_cumulative_hazards_agree_with_survfit(recorded):
    """The hazard at each one's own time, tied times too, is survfit's."""
    case = recorded("imputation/imputation")["hazard"][0]
    found = survival_predictors(case["time"], case["event"])
    assert found[:, 0].tolist() == case["event"]
    assert found[:, 1] == pytest.approx(case["expected"], rel=1e-9)
    assert isinstance(survival_predictors([], []), NoEstimate)


def test_observed_values_stay_and_no_gap_remains():
    """What was observed is untouched; matched values are observed ones, binary ones 0 and 1."""
    rng = np.random.default_rng(1)
    values = np.column_stack(
        [rng.exponential(size=50), rng.integers(0, 2, 50), rng.normal(size=50)]
    )
    values[rng.random((50, 3)) < 0.2] = np.nan
    kinds = ("matched", "binary", "normal")
    found = impute(values, kinds, seed=3, n_imputations=4, n_cycles=3)
    known = ~np.isnan(values)
    assert found.n_missing == tuple((~known).sum(axis=0).tolist())
    assert np.isfinite(found.completed).all()
    for completed in found.completed:
        assert (completed[known] == values[known]).all()
        assert np.isin(completed[:, 0], values[known[:, 0], 0]).all()
        assert np.isin(completed[:, 1], (0, 1)).all()
    assert not (found.completed[0] == found.completed[1]).all()


def test_a_seed_gives_the_same_again():
    """The same seed gives the same completions, another seed others; more copies keep the first."""
    values = np.random.default_rng(2).normal(size=(40, 3))
    values[::3, 0] = np.nan
    one = impute(values, ("normal",) * 3, seed=5, n_imputations=3).completed
    assert (impute(values, ("normal",) * 3, seed=5, n_imputations=3).completed == one).all()
    assert (impute(values, ("normal",) * 3, seed=5, n_imputations=6).completed[:3] == one).all()
    assert (impute(values, ("normal",) * 3, seed=6, n_imputations=3).completed != one).any()


def test_donors_are_the_nearest():
    """For each predicted value one of the k nearest is chosen, each about equally often."""
    observed = np.array([5.0, 1.0, 9.0, 2.0, 4.0, 30.0])
    rng = np.random.default_rng(4)
    chosen = nearest(observed, np.full(3000, 3.4), rng, 3)
    assert set(observed[chosen].tolist()) == {2.0, 4.0, 5.0}
    assert np.bincount(chosen)[[3, 4, 0]].min() > 900
    assert set(observed[nearest(observed, np.full(50, 100.0), rng, 2)].tolist()) == {9.0, 30.0}
    assert set(nearest(observed, np.full(500, 0.0), rng, 9).tolist()) == set(range(6))


def test_a_covariate_that_decides_stays_finite():
    """Where one column tells a binary one with certainty, imputed values follow it."""
    x = np.linspace(-2, 2, 60)
    z = (x > 0).astype(float)
    z[::7] = np.nan
    found = impute(np.column_stack([x, z]), ("normal", "binary"), seed=8, n_imputations=10)
    far = np.isnan(z) & (np.abs(x) > 1)
    assert (found.completed[:, far, 1] == (x > 0)[far]).mean() > 0.95


def test_columns_that_follow_from_others():
    """A column twice, a constant column and a column of no gaps at all don't break the models."""
    rng = np.random.default_rng(9)
    x = rng.normal(size=40)
    values = np.column_stack([x, x, np.ones(40), rng.integers(0, 2, 40), 2 * x + 1])
    values[:10, 0] = np.nan
    values[5:12, 3] = np.nan
    kinds = ("normal", "matched", "normal", "binary", "matched")
    found = impute(values, kinds, seed=1, n_imputations=2)
    assert found.completed[0, :10, 0] == pytest.approx(x[:10], abs=0.05)
    whole = impute(values[12:], kinds, seed=1, n_imputations=2)
    assert (whole.completed == values[12:]).all()


def test_what_cannot_be_imputed():
    """Too few known values or one kind of them give a reason; broken input is refused."""
    gap = np.array([[1.0, np.nan], [2.0, 1.0], [3.0, np.nan], [4.0, 1.0]])
    assert isinstance(impute(gap, ("normal", "matched"), seed=1), NoEstimate)
    same = np.column_stack([np.arange(12.0), np.where(np.arange(12) < 8, 1.0, np.nan)])
    assert isinstance(impute(same, ("normal", "binary"), seed=1), NoEstimate)
    for values, kinds, options in (
        (gap, ("normal",), {}),
        (gap, ("normal", "nearest"), {}),
        (gap * 3, ("normal", "binary"), {}),
        (np.array([[np.inf, 1.0]]), ("normal", "normal"), {}),
        (gap, ("normal", "normal"), {"n_cycles": 0}),
    ):
        with pytest.raises(ValueError, match=r"kind|binary|finite|counted"):
            impute(values, kinds, seed=1, **options)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["matched", "normal"])
def test_a_cox_model_covers_the_truth_when_covariates_are_missing_at_random(kind):
    """With a covariate missing in those who recover early, 200 pooled intervals cover as they say.

    Coefficient 0.7 of a covariate of which 40 % are missing, more often where time is short and
    there is an event; the complete cases alone are far off. At 95 %, of 200 intervals 181 to 197
    cover but for 1 in 100.
    """
    rng = np.random.default_rng(2009)
    covered, estimates, complete = 0, [], []
    for repetition in range(200):
        n = 150
        z = rng.integers(0, 2, n).astype(float)
        x = rng.normal(size=n) + 0.5 * z
        time = rng.exponential(1 / np.exp(0.7 * x - 0.5 * z))
        limit = rng.uniform(0.5, 4, n)
        event, time = time <= limit, np.minimum(time, limit)
        gaps = rng.random(n) < np.where(event & (time < 0.6), 0.7, 0.2)
        known = np.where(gaps, np.nan, x)
        values = np.column_stack([known, z, survival_predictors(time, event)])
        made = impute(
            values,
            (kind, "binary", "binary", "normal"),
            seed=repetition,
            n_imputations=10,
            n_cycles=1,  # one incomplete column needs no more
        )
        fits = [cox(time, event, copy[:, :2]) for copy in made.completed]
        found = pool([f.coef[0] for f in fits], [f.se[0] ** 2 for f in fits], n=event.sum(), k=2)
        covered += found.ci_low <= 0.7 <= found.ci_high
        estimates.append(found.estimate)
        kept = ~gaps
        complete.append(cox(time[kept], event[kept], np.column_stack([x, z])[kept]).coef[0])
    assert 181 <= covered <= 197
    assert abs(np.mean(estimates) - 0.7) < 0.05
    assert abs(np.mean(complete) - 0.7) > 0.08
