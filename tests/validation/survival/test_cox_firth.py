"""Monotone likelihood: seen, not guessed, and answered with Firth's estimate."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from numpy.testing import assert_allclose

from incohort.stats import NoEstimate
from incohort.stats.survival import concordance, cox, proportional_hazards
from incohort.stats.survival.cox_firth import penalty_score
from incohort.stats.survival.cox_likelihood import design, likelihood
from incohort.stats.survival.cox_newton import _highest_at_risk
from incohort.stats.survival.inputs import follow_up
from incohort.stats.survival.risk_sets import risk_sets


def separated(seed=3, n=80):
    """Nobody with the first covariate has the event: its coefficient goes to minus infinity."""
    generator = np.random.default_rng(seed)
    x = generator.normal(size=(n, 3))
    x[:, 0] = generator.random(n) < 0.3
    time = np.round(generator.exponential(size=n) * 5, 1) + 0.1
    event = (generator.random(n) < 0.6) & (x[:, 0] == 0)
    return time, event, x


def test_two_patients_have_a_hazard_ratio_of_three():
    """The example of Heinze & Schemper 2001, section 2: the modified score has its root at 3."""
    found = cox([1, 2], [1, 0], [1, 0])
    assert found.is_firth
    assert math.exp(found.coef[0]) == pytest.approx(3, rel=1e-8)


def test_it_agrees_with_firthmodels():
    """Coefficients, errors, likelihood, profile limits and P are those of another program."""
    from firthmodels import FirthCoxPH  # noqa: PLC0415 — two seconds to import

    time, event, x = separated()
    peer = FirthCoxPH(backend="numpy", gtol=1e-9, xtol=1e-10, max_iter=500).fit(x, (event, time))
    limits = peer.conf_int(method="pl", tol=1e-9, max_iter=500)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it can't test the separating covariate on these data
        peer.lrt()
    found = cox(time, event, x, ties="breslow")
    assert found.is_firth
    assert_allclose(found.coef, peer.coef_, rtol=1e-6)
    assert_allclose(found.se, peer.bse_, rtol=1e-6)
    assert found.log_likelihood == pytest.approx(peer.loglik_, rel=1e-9)
    for k, ratio in enumerate(found.hazard_ratios()):
        assert_allclose(np.log([ratio.ci_low, ratio.ci_high]), limits[k], rtol=1e-6)
        if np.isfinite(peer.lrt_pvalues_[k]):
            assert ratio.p_value == pytest.approx(peer.lrt_pvalues_[k], rel=1e-6)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_the_penalty_slopes_as_half_the_log_determinant(ties):
    """trace(I⁻¹ ∂I) is the numerical slope of log det I, with ties and delayed entry."""
    generator = np.random.default_rng(5)
    time = generator.integers(2, 9, size=40).astype(float)
    rows = follow_up(time, generator.random(40) < 0.7, np.floor(time * generator.random(40)))
    data = design(generator.normal(size=(40, 3)), risk_sets(rows), ties)
    beta = np.array([0.4, -0.2, 0.1])
    slope = penalty_score(data, likelihood(data, beta))
    for k in range(3):
        step = np.zeros(3)
        step[k] = 1e-5
        ahead, behind = (
            np.linalg.slogdet(likelihood(data, beta + s).information)[1] for s in (step, -step)
        )
        assert slope[k] == pytest.approx((ahead - behind) / 2e-5, rel=1e-6)


def test_a_combination_that_orders_the_events_is_seen():
    """Neither covariate orders the events alone; their difference does."""
    generator = np.random.default_rng(8)
    a = generator.normal(size=60)
    time = np.arange(60.0) + 1
    b = a + np.arange(60) / 10  # b − a rises with time
    event = generator.random(60) < 0.8
    alone = [cox(time, event, v).is_firth for v in (a, b)]
    together = cox(time, event, np.column_stack([a, b]))
    assert alone[0] is False
    assert together.is_firth
    assert np.isfinite(together.coef).all()


def test_strong_effects_are_not_taken_for_monotone_ones():
    """One pair out of order by a thousandth of a step keeps the maximum finite, far as it is."""
    time = np.arange(1.0, 41)
    x = 40 - time
    x[11] = x[10] + 1e-3
    found = cox(time, np.ones(40), x)
    assert not found.is_firth
    assert found.coef[0] > 5
    risk = np.exp(found.coef[0] * x)
    means = [(risk[j:] @ x[j:]) / risk[j:].sum() for j in range(40)]
    assert sum(x - means) == pytest.approx(0, abs=1e-6)  # the score, event after event


def test_who_stands_highest_is_who_a_loop_finds():
    """The largest value at risk, with strata and delayed entry, set after set."""
    generator = np.random.default_rng(2)
    time = generator.integers(2, 30, size=300).astype(float)
    enter = np.floor(time * generator.random(300))
    event = generator.random(300) < 0.5
    sets = risk_sets(follow_up(time, event, enter), generator.integers(0, 3, size=300))
    data = design(generator.normal(size=(300, 1)), sets, "efron")
    values = data.x[:, 0]
    highest = _highest_at_risk(data, values)
    for j, found in zip(data.event_set, highest, strict=True):
        at_risk = (data.sets.first <= j) & (j < data.sets.last)
        assert found == values[at_risk].max()


def test_what_firth_cannot_answer_has_a_reason():
    """No robust variance and no test over time where the likelihood is monotone."""
    time, event, x = separated()
    clustered = cox(time, event, x, cluster=np.arange(len(time)) // 2)
    assert isinstance(clustered, NoEstimate)
    assert "monotone" in clustered.reason
    fit = cox(time, event, x)
    assert isinstance(proportional_hazards(fit), NoEstimate)
    assert 0.5 < concordance(fit).estimate <= 1
