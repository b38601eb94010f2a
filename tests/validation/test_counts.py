"""Models of counts against R, the worked figures, and relations between the models."""

from __future__ import annotations

import math

import numpy as np
import pytest
from statsmodels.discrete.discrete_model import NegativeBinomial

from incohort.stats import NoEstimate
from incohort.stats.counts import fit_counts
from incohort.stats.rates import rate_ratio

COUNTS = [0, 0, 1, 3, 0, 2, 5, 1, 0, 7]
TIME = [1, 2, 1.5, 2, 3, 1, 2, 2.5, 1, 2]
GROUP = [0] * 5 + [1] * 5
MODELS = ("poisson", "quasi_poisson", "negative_binomial", "gee")


def ratio(model, **more):
    """The second group's term in the worked example."""
    return fit_counts(COUNTS, TIME, GROUP, ["group"], model=model, **more)


def test_models_of_counts_agree_with_r(recorded):
    """Coefficients, errors, P, dispersion, θ and likelihood of two sets in four models."""
    for case in recorded("counts")["fit_counts"]:
        found = fit_counts(
            case["counts"], case["person_time"], case["covariates"], case["names"],
            model=case["model"], cluster=case["cluster"],
        )  # fmt: skip
        for field, of in (("coef", "coefficient"), ("se", "se"), ("p_value", "p_value")):
            values = [getattr(term, of) for term in found.terms]
            assert values == pytest.approx(case[field], rel=1e-6)
        assert found.dispersion == pytest.approx(case["dispersion"], rel=1e-6)
        for field in ("theta", "log_likelihood"):
            value = getattr(found, field)
            assert (value is None) == (case[field] is None)
            assert value is None or value == pytest.approx(case[field], rel=1e-6)


@pytest.mark.parametrize(
    ("model", "coefficient", "se"),
    [
        ("poisson", 1.432982, 0.562731),
        ("quasi_poisson", 1.432982, 0.813795),
        ("gee", 1.432982, 0.763941),
        ("negative_binomial", 1.384758, 0.738399),
    ],
)
def test_ten_patients(model, coefficient, se):
    """4 events in 9.5 years against 15 in 8.5, in patients who differ a lot."""
    term = ratio(model).terms[1]

    assert (term.coefficient, term.se) == pytest.approx((coefficient, se), abs=6e-7)


def test_ten_patients_differ_more_than_poisson_s_law_allows():
    """φ 2.09, θ 1.82; an exact Poisson interval is narrower than the negative binomial's."""
    found = ratio("negative_binomial")
    exact, term = rate_ratio(15, 8.5, 4, 9.5), found.terms[1]

    assert ratio("quasi_poisson").dispersion == pytest.approx(2.091354, abs=6e-7)
    assert found.theta == pytest.approx(1.818367, abs=6e-7)
    assert found.log_likelihood == pytest.approx(-16.848642, abs=6e-7)
    assert [round(number, 2) for number in (exact.estimate, exact.ci_low, exact.ci_high)] == [
        4.19, 1.34, 17.35,
    ]  # fmt: skip
    assert (round(term.rate_ratio, 2), round(term.ci_low, 2)) == (3.99, 0.94)
    assert round(term.ci_high, 1) == 17.0


def test_errors_are_given_theta():
    """The full information, with θ unknown, gives .741053 at the same maximum."""
    found = ratio("negative_binomial")
    x = np.column_stack([np.ones(10), GROUP])
    model = NegativeBinomial(COUNTS, x, offset=np.log(TIME))
    model._transparams = False  # the last parameter is 1/θ itself
    top = np.array([*(term.coefficient for term in found.terms), 1 / found.theta])

    assert model.score(top) == pytest.approx(0, abs=1e-6)
    full = np.linalg.inv(-model.hessian(top))
    assert math.sqrt(full[1, 1]) == pytest.approx(0.741053, abs=6e-7)


def test_a_ratio_of_two_groups_is_that_of_their_rates():
    """Poisson's is (15/8.5)/(4/9.5), its error √(1/15 + 1/4), as in the log interval."""
    term, plain = ratio("poisson").terms[1], rate_ratio(15, 8.5, 4, 9.5, method="log")

    assert (term.rate_ratio, term.ci_low, term.ci_high) == pytest.approx(
        (plain.estimate, plain.ci_low, plain.ci_high), rel=1e-9
    )
    assert ratio("poisson").terms[0].rate_ratio == pytest.approx(4 / 9.5)


@pytest.mark.parametrize("model", MODELS)
def test_another_unit_of_time_changes_the_rate_alone(model):
    """In days the intercept is 365.25 times smaller, and the ratio the same."""
    years = ratio(model)
    days = fit_counts(COUNTS, np.array(TIME) * 365.25, GROUP, ["group"], model=model)

    assert days.terms[1].coefficient == pytest.approx(years.terms[1].coefficient, rel=1e-8)
    assert days.terms[1].se == pytest.approx(years.terms[1].se, rel=1e-8)
    assert days.terms[0].rate_ratio * 365.25 == pytest.approx(years.terms[0].rate_ratio, rel=1e-8)


def test_counts_that_vary_little_are_poisson_s():
    """All alike within a group: θ is infinite and the fit Poisson's, errors and all."""
    found = fit_counts([2, 2, 2, 4, 4, 4], [1] * 6, [0, 0, 0, 1, 1, 1], ["group"])
    poisson = fit_counts(
        [2, 2, 2, 4, 4, 4], [1] * 6, [0, 0, 0, 1, 1, 1], ["group"], model="poisson"
    )

    assert math.isinf(found.theta)
    assert found.terms == poisson.terms
    assert "as Poisson" in found.method


def test_patients_cut_in_two_are_one_cluster():
    """Halves of each patient's time with the events in the first: the same robust error."""
    halves = np.repeat(np.array(TIME) / 2, 2)
    counts = np.column_stack([COUNTS, [0] * 10]).ravel()
    found = fit_counts(
        counts, halves, np.repeat(GROUP, 2), ["group"], model="gee", cluster=np.repeat(range(10), 2)
    )

    assert found.terms[1].se == pytest.approx(ratio("gee").terms[1].se, rel=1e-8)
    shuffled = np.random.default_rng(1).permutation(20)
    again = fit_counts(
        counts[shuffled], halves[shuffled], np.repeat(GROUP, 2)[shuffled], ["group"], model="gee",
        cluster=np.repeat(range(10), 2)[shuffled],
    )  # fmt: skip
    assert again.terms[1].se == pytest.approx(found.terms[1].se, rel=1e-8)


def test_a_rate_without_covariates():
    """The intercept alone is the rate of all: 19 in 18 years."""
    found = fit_counts(COUNTS, TIME, np.zeros((10, 0)), [], model="poisson")

    assert found.terms[0].rate_ratio == pytest.approx(19 / 18)
    assert found.n_events == 19


@pytest.mark.parametrize("model", MODELS)
def test_what_no_model_of_counts_can_be_fitted_to(model):
    """No event at all, none in one group, no variation, too few rows or clusters: a reason."""
    group = [0, 0, 0, 1, 1, 1]
    for counts, x in (
        ([0] * 6, group),
        ([1, 2, 0, 0, 0, 0], group),
        ([1, 2, 0, 0, 1, 0], [1] * 6),
        ([], np.zeros((0, 1))),
        ([1, 2], [0, 1]),
    ):
        found = fit_counts(counts, [1.0] * len(counts), x, ["group"], model=model)
        assert isinstance(found, NoEstimate), (counts, x)


def test_an_answer_beyond_where_it_is_looked_for(monkeypatch):
    """θ above the range is as Poisson; below it, or with a slope left, there is no answer."""
    monkeypatch.setattr("incohort.stats.counts._LOG_THETA", (-12.0, -5.0))
    assert math.isinf(ratio("negative_binomial").theta)
    monkeypatch.setattr("incohort.stats.counts._LOG_THETA", (5.0, 16.0))
    assert "converge" in ratio("negative_binomial").reason
    monkeypatch.setattr("incohort.stats.counts._CLOSE", -1.0)
    assert "converge" in ratio("poisson").reason


def test_no_robust_variance_or_none_at_all():
    """Two clusters for two terms, and counts that the model meets exactly."""
    two = fit_counts(COUNTS, TIME, GROUP, ["group"], model="gee", cluster=[0, 1] * 5)
    exactly = ([2, 2, 2, 4, 4, 4], [1] * 6, [0, 0, 0, 1, 1, 1], ["group"])

    assert "too few clusters" in two.reason
    assert isinstance(fit_counts(*exactly, model="quasi_poisson"), NoEstimate)
    assert isinstance(fit_counts(*exactly, model="gee"), NoEstimate)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"counts": [0.5] * 10}, "whole numbers"),
        ({"person_time": [0] * 10}, "above 0"),
        ({"person_time": [1] * 9}, "one length"),
        ({"names": ["a", "b"]}, "1 covariates and 2 names"),
        ({"model": "zip"}, "model"),
        ({"cluster": range(10)}, "gee alone"),
        ({"covariates": [math.nan] * 10}, "complete row"),
    ],
)
def test_impossible_counts_are_refused(change, message):
    """The caller's mistake, and no model."""
    given = {"counts": COUNTS, "person_time": TIME, "covariates": GROUP, "names": ["group"]}
    with pytest.raises(ValueError, match=message):
        fit_counts(**(given | change))
