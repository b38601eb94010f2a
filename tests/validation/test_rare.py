"""Pooled shares of rare events against R, by hand, and against what they generalise."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special

from incohort.stats import NoEstimate
from incohort.stats._profile import top_of
from incohort.stats.proportions import proportion_upper_bound
from incohort.stats.rare import beta_binomial, freeman_tukey, pooled_exact, random_intercept

MODELS = {"beta_binomial": beta_binomial, "random_intercept": random_intercept}
EVERY = (pooled_exact, freeman_tukey, *MODELS.values())
AIAG = ([2, 0, 0], [665, 960, 64])


def test_the_share_of_all_together_agrees_with_r(recorded, agree):
    """Clopper and Pearson's limits of the sums."""
    for case in recorded("rare")["pooled_exact"]:
        found = pooled_exact(case["events"], case["n"], conf_level=case["conf_level"])
        agree(case, found, case["expected"])


def test_models_of_series_that_differ_agree_with_r(recorded):
    """Both likelihoods written down a second time; a limit of 2 in a billion, too."""
    for case in recorded("rare")["models"]:
        found = MODELS[case["model"]](case["events"], case["n"], conf_level=case["conf_level"])
        expected = case["expected"]
        assert found.share.estimate == pytest.approx(expected["estimate"], rel=1e-6)
        assert found.share.ci_high == pytest.approx(expected["ci_high"], rel=1e-6)
        assert found.spread == pytest.approx(expected["spread"], rel=1e-6)
        assert found.log_likelihood == pytest.approx(expected["log_likelihood"], rel=1e-9)
        assert found.share.ci_low == pytest.approx(expected["ci_low"], rel=1e-6)


def test_models_of_series_that_differ_agree_with_packages(recorded):
    """VGAM's to 1e-6; lme4 stops at steps of about 1e-5, and metafor hands that on."""
    for case in recorded("rare")["packages_fits"]:
        beta = beta_binomial(case["events"], case["n"])
        mixed = random_intercept(case["events"], case["n"])
        assert beta.mean_share == pytest.approx(case["mean_share"], rel=1e-6)
        assert beta.spread == pytest.approx(case["rho"], rel=2e-6)
        assert mixed.share.estimate == pytest.approx(case["median_share"], rel=2e-5)
        assert mixed.spread == pytest.approx(case["tau"], rel=5e-5)


def test_double_arcsines_agree_with_r(recorded, agree):
    """metafor's, turned back with the harmonic mean of the sizes."""
    for case in recorded("rare")["freeman_tukey"]:
        found = freeman_tukey(case["events"], case["n"], conf_level=case["conf_level"])
        agree(case, found, case["expected"])


def test_two_of_1689_have_agranulocytosis():
    """0.118 % (0.0143 to 0.427), one-sided up to 0.37; without the first series up to 0.29."""
    found = pooled_exact(*AIAG)

    assert round(100 * found.estimate, 3) == 0.118
    assert (round(100 * found.ci_low, 4), round(100 * found.ci_high, 3)) == (0.0143, 0.427)
    assert round(100 * proportion_upper_bound(2, 1689).ci_high, 2) == 0.37
    assert round(100 * proportion_upper_bound(0, 1024).ci_high, 2) == 0.29


def test_double_arcsines_make_two_events_none():
    """0 (0 to 0.12 %) of 1,689 with two events: the limit is below a third of the exact one."""
    found = freeman_tukey(*AIAG)

    assert (found.estimate, found.ci_low, round(100 * found.ci_high, 2)) == (0, 0, 0.12)
    assert "misleading" in found.method
    assert freeman_tukey([665, 960, 64], [665, 960, 64]).estimate == 1


@pytest.mark.parametrize("model", MODELS.values())
def test_series_that_differ_by_chance_are_one(model):
    """Shares of a tenth everywhere: no spread, and the share is that of all together."""
    found = model([2, 3, 4], [20, 30, 40])

    assert found.spread == 0
    assert found.share.estimate == pytest.approx(0.1, rel=1e-9)
    assert found.mean_share == pytest.approx(0.1, rel=1e-9)
    assert (found.k, found.n, found.n_events) == (3, 90, 9)


@pytest.mark.parametrize("model", MODELS.values())
def test_who_has_no_event_is_the_other_side(model):
    """Those without it counted: one less the share, limits exchanged, the same spread."""
    events, n = np.array([1, 0, 3, 2, 0, 5]), np.array([20, 30, 40, 25, 60, 35])
    there, back = model(events, n), model(n - events, n)

    assert back.share.estimate == pytest.approx(1 - there.share.estimate, rel=1e-9)
    assert back.share.ci_low == pytest.approx(1 - there.share.ci_high, rel=1e-8)
    assert back.share.ci_high == pytest.approx(1 - there.share.ci_low, rel=1e-8)
    assert back.spread == pytest.approx(there.spread, rel=1e-6)


@pytest.mark.parametrize("model", MODELS.values())
def test_order_and_empty_series_change_nothing(model):
    """Series the other way round, with one in which nobody is."""
    found, again = model([1, 4, 0], [20, 25, 30]), model([0, 0, 4, 1], [30, 0, 25, 20])

    assert again.k == 3
    assert again.share.estimate == pytest.approx(found.share.estimate, rel=1e-9)
    assert again.share.ci_low == pytest.approx(found.share.ci_low, rel=1e-8)


@pytest.mark.parametrize("model", MODELS.values())
def test_no_place_is_higher(model):
    """Log likelihoods of other centres and spreads, written with scipy, lie below the maximum."""
    events, n = np.array([8, 11, 23]), np.array([113, 209, 107])
    found = model(events, n)
    u = np.linspace(-9, 9, 3001)[:, None]

    def height(centre, spread):
        choose = -np.log(n + 1) - special.betaln(n - events + 1, events + 1)
        if model is beta_binomial:
            a = special.expit(centre) * (1 - spread) / spread
            b = special.expit(-centre) * (1 - spread) / spread
            parts = special.betaln(events + a, n - events + b) - special.betaln(a, b)
        else:
            along = centre + spread * u
            inner = events * along - n * np.logaddexp(0, along) - u**2 / 2
            parts = np.log(np.exp(inner - inner.max(axis=0)).sum(axis=0) * 0.006)
            parts = parts + inner.max(axis=0) - np.log(2 * np.pi) / 2
        return float((choose + parts).sum())

    centre = float(special.logit(found.share.estimate))
    assert height(centre, found.spread) == pytest.approx(found.log_likelihood, rel=1e-9)
    for aside, factor in ((0.01, 1), (-0.01, 1), (0, 1.02), (0, 0.98), (0.5, 1.5), (-0.5, 1.5)):
        assert height(centre + aside, found.spread * factor) < found.log_likelihood


def test_known_shares_are_recovered():
    """300 series of 80 with a mean share of 5 % and ρ = .05: both within three errors."""
    rng = np.random.default_rng(8)
    n = np.full(300, 80)
    found = beta_binomial(rng.binomial(n, rng.beta(0.05 * 19, 0.95 * 19, 300)), n)
    log_odds = rng.normal(special.logit(0.05), 0.7, 300)
    mixed = random_intercept(rng.binomial(n, special.expit(log_odds)), n)

    assert found.share.ci_low < 0.05 < found.share.ci_high
    assert found.spread == pytest.approx(0.05, abs=0.02)
    assert mixed.share.ci_low < 0.05 < mixed.share.ci_high
    assert mixed.spread == pytest.approx(0.7, abs=0.15)
    assert mixed.mean_share > mixed.share.estimate


series = st.lists(
    st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))),
    min_size=2,
    max_size=5,
)


@given(series)
@settings(max_examples=12, deadline=None)
def test_limits_hold_the_share(rows):
    """Whatever the series: in [0, 1], the share between its limits, or a reason."""
    events, n = zip(*rows, strict=True)
    found = beta_binomial(events, n)

    if isinstance(found, NoEstimate):
        assert sum(events) in {0, sum(n)} or any(k in {0, m} for k, m in rows)
    else:
        assert 0 <= found.share.ci_low <= found.share.estimate <= found.share.ci_high <= 1


def test_what_can_not_be_pooled():
    """No series, one, no event, nothing but events: a reason; impossible counts are refused."""
    for function in EVERY:
        assert isinstance(function([], []), NoEstimate)
        for wrong in (([3], [2]), ([1, 2], [3]), ([-1, 0], [3, 3]), ([0.5, 0], [3, 3])):
            with pytest.raises(ValueError, match="events"):
                function(*wrong)
    for function in EVERY[1:]:
        assert isinstance(function([1], [9]), NoEstimate)
    for model in MODELS.values():
        assert "upper limit" in model([0, 0], [9, 9]).reason
        assert isinstance(model([9, 8], [9, 8]), NoEstimate)
    assert pooled_exact([0, 0], [9, 9]).ci_low == 0


def test_a_likelihood_without_end_has_no_maximum():
    """One that rises with the centre for ever is left at its farthest."""

    class Rising:
        def at(self, centre, spread):
            return centre - spread, 1.0, -1.0

    assert top_of(Rising(), 0.0) is None
