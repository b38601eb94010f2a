"""The spread of a weighted effect over resampled patients, against the long way round."""

from __future__ import annotations

import numpy as np
import pytest

from incohort.stats import NoEstimate
from incohort.stats.causal import (
    BOOTSTRAP,
    log_hazard_ratios,
    person_days,
    treatment_weights,
    weighted_effect,
    with_bootstrap,
)

NAMES = ("severity", "infection")
CUT, WHOLE = (5.0, 95.0), (0.0, 100.0)


def cohort(seed: int, n: int = 120):
    """Patients in whom infections of the day bring treatment and put recovery off."""
    rng = np.random.default_rng(seed)
    severity, recovered_on = rng.normal(size=n), rng.geometric(0.15, n)
    infected_on = rng.integers(0, 8, n) - 2 * (severity > 0)
    after = np.where(rng.random(n) < 0.6, np.maximum(infected_on, 0), 0) + rng.integers(0, 5, n)
    treated_on = np.where(rng.random(n) < 0.7, after, np.inf)
    time = np.minimum(recovered_on + 2 * (severity > 0.5), 20)
    event = time < 20
    rows = person_days(time, event, treated_on)
    x = np.column_stack([severity[rows.patient], infected_on[rows.patient] <= rows.day])
    return (time, event, treated_on), rows, x.astype(float)


def the_long_way(times, rows, x, counted, percentiles, *, is_given):
    """Each patient written down as often as drawn, and everything done anew."""
    drawn = np.repeat(np.arange(len(counted)), counted)
    again = person_days(*(np.asarray(part)[drawn] for part in times))
    place = np.concatenate([np.flatnonzero(rows.patient == who) for who in drawn])
    baseline = x[place][:, :1] if is_given else None
    weights = treatment_weights(again, x[place], NAMES, baseline=baseline, percentiles=percentiles)
    assert not weights.is_firth
    return np.log(weighted_effect(again, weights.weight, baseline=baseline).hazard_ratio)


@pytest.mark.parametrize("is_given", [False, True])
def test_a_resample_is_what_its_patients_written_down_again_give(is_given):
    """Counting rows is the same as repeating them, ties, weights and truncation included."""
    times, rows, x = cohort(3)
    baseline = x[:, :1] if is_given else None
    found = log_hazard_ratios(rows, x, (WHOLE, CUT), baseline=baseline, n_resamples=6, seed=11)
    rng, n = np.random.default_rng(11), len(rows.first)
    for one in found:
        counted = rng.multinomial(n, np.full(n, 1 / n))
        for value, percentiles in zip(one, (WHOLE, CUT), strict=True):
            other = the_long_way(times, rows, x, counted, percentiles, is_given=is_given)
            assert value == pytest.approx(other, abs=1e-6)


def test_patients_without_time_at_risk_are_not_drawn():
    """Whoever recovers on day 0 adds nothing, wherever they stand among the others."""
    times, rows, x = cohort(5)
    more = [
        np.insert(np.asarray(part), 7, value)
        for part, value in zip(times, (0, 1, np.inf), strict=True)
    ]
    longer = person_days(*more)
    assert longer.patient.max() == rows.patient.max() + 1
    both = [log_hazard_ratios(one, x, (CUT,), n_resamples=20, seed=2) for one in (rows, longer)]
    assert both[0].tolist() == both[1].tolist()


def test_the_same_seed_gives_the_same_limits():
    """And another seed others, near by."""
    _, rows, x = cohort(4)
    first, again, other = (
        log_hazard_ratios(rows, x, (CUT,), n_resamples=80, seed=seed)[:, 0] for seed in (1, 1, 2)
    )
    assert first.tolist() == again.tolist()
    assert first.tolist() != other.tolist()
    assert first.std() == pytest.approx(other.std(), rel=0.4)


@pytest.mark.slow
def test_the_bootstrap_finds_how_far_estimates_spread():
    """Over 60 cohorts the errors are on average the estimates' own standard deviation."""
    estimates, errors = [], []
    for seed in range(60):
        _, rows, x = cohort(seed)
        weights = treatment_weights(rows, x, NAMES, percentiles=WHOLE)
        effect = weighted_effect(rows, weights.weight)
        logs = log_hazard_ratios(rows, x, (WHOLE,), n_resamples=40, seed=seed)
        if isinstance(logs, NoEstimate):
            continue
        estimates.append(np.log(effect.hazard_ratio))
        errors.append(np.nanstd(logs[:, 0], ddof=1))
    assert len(errors) > 54
    sd = np.std(estimates, ddof=1)
    assert np.mean(errors) == pytest.approx(sd, rel=3 / np.sqrt(2 * len(errors)))


def test_limits_come_from_the_spread_and_the_method_says_so():
    """The estimate stays; its limits are 1.96 standard deviations of the logarithms away."""
    _, rows, x = cohort(6)
    effect = weighted_effect(rows, treatment_weights(rows, x, NAMES).weight)
    logs = np.array([0.1, 0.3, 0.2, 0.5])
    found = with_bootstrap(effect, logs)
    assert found.hazard_ratio == effect.hazard_ratio
    width = 2 * 1.959963984540054 * np.std(logs, ddof=1)
    assert np.log(found.ci_high / found.ci_low) == pytest.approx(width)
    assert BOOTSTRAP in found.method
    assert "4 resamples" in found.method
    assert "robust" not in found.method


@pytest.mark.parametrize(
    ("logs", "told"),
    [
        (np.array([0.1] * 9 + [np.nan]), "1 of 10 resamples of patients gave no effect"),
        (NoEstimate("of the reason"), "not resampled: of the reason"),
    ],
)
def test_where_resamples_fail_the_robust_error_stays(logs, told):
    """Nothing is made of the few that worked, and the method says why."""
    _, rows, x = cohort(6)
    effect = weighted_effect(rows, treatment_weights(rows, x, NAMES).weight)
    found = with_bootstrap(effect, logs)
    assert (found.ci_low, found.ci_high, found.p_value) == (
        effect.ci_low, effect.ci_high, effect.p_value,
    )  # fmt: skip
    assert "robust" in found.method
    assert told in found.method


def test_a_covariate_that_tells_every_start_can_not_be_resampled():
    """Maximum likelihood has no end there, in the whole cohort as in resamples."""
    _, rows, x = cohort(6)
    told = np.column_stack([x, rows.starts])
    found = log_hazard_ratios(rows, told, (CUT,), n_resamples=5, seed=1)
    assert isinstance(found, NoEstimate)
