"""Pooled effects against metafor, and against published meta-analyses."""

from __future__ import annotations

import numpy as np
import pytest

from incohort.stats import NoEstimate
from incohort.stats.meta import Arm, leave_one_out, mean_difference, pool, subgroup_difference

ITERATIVE = 1e-6
# Root-finding for τ² in R stops near 1e-8 of it; the closed forms are held to the last digits.
TOLERANCE = {"fixed": 1e-9, "dersimonian_laird": 1e-9, "reml_hartung_knapp": ITERATIVE}
PROFILE = ("tau_squared_low", "tau_squared_high", "i_squared_low", "i_squared_high")


def test_pooled_effects_agree_with_metafor(recorded, agree):
    """Effect, error, limits, P and weights of each method are rma's, in all sets of studies."""
    for case in recorded("meta/meta")["pooled"]:
        found = pool(case["yi"], case["se"], method=case["method"], conf_level=case["conf_level"])
        tolerance = TOLERANCE[case["method"]]
        agree(case, found, case["expected"], tolerance)
        assert found.weight == pytest.approx(case["weight"], rel=tolerance)
        assert found.weight.sum() == pytest.approx(1, rel=1e-12)


def test_heterogeneity_agrees_with_metafor(recorded, agree):
    """Q, τ² and I² with their Q-profile limits are those of rma and confint."""
    for case in recorded("meta/meta")["pooled"]:
        found = pool(case["yi"], case["se"], method=case["method"], conf_level=case["conf_level"])
        r = case["heterogeneity"]
        closed = {key: value for key, value in r.items() if key not in PROFILE}
        agree(case, found.heterogeneity, closed, TOLERANCE[case["method"]])
        agree(case, found.heterogeneity, {key: r[key] for key in PROFILE}, ITERATIVE)


def test_predictions_agree_with_metafor(recorded):
    """A new study's effect lies where predict.rma, or Higgins's t with k − 2, puts it.

    Of fewer than five studies none is predicted, though R would.
    """
    for case in recorded("meta/meta")["pooled"]:
        found = pool(
            case["yi"], case["se"], method=case["method"], conf_level=case["conf_level"]
        ).prediction
        if not case["prediction"] or len(case["yi"]) < 5:
            assert isinstance(found, NoEstimate), case
            continue
        assert [found.ci_low, found.ci_high] == pytest.approx(
            case["prediction"], rel=TOLERANCE[case["method"]]
        ), case


def test_leaving_one_out_agrees_with_metafor(recorded):
    """Without each study in turn, the effect and its error are leave1out's."""
    for case in recorded("meta/meta")["left_out"]:
        found = leave_one_out(case["yi"], case["se"], method=case["method"])
        tolerance = TOLERANCE[case["method"]]
        assert [one.estimate for one in found] == pytest.approx(case["estimate"], rel=tolerance)
        assert [one.se for one in found] == pytest.approx(case["errors"], rel=tolerance)


def test_subgroups_agree_with_metafor(recorded, agree):
    """Vaccine trials by how they were allocated: each group's effect and the Q between are R's."""
    for case in recorded("meta/meta")["groups"]:
        found = subgroup_difference(case["yi"], case["se"], case["group"], method=case["method"])
        tolerance = TOLERANCE[case["method"]]
        assert found.labels == tuple(case["labels"])
        assert [one.estimate for one in found.pooled] == pytest.approx(
            case["estimate"], rel=tolerance
        )
        assert [one.se for one in found.pooled] == pytest.approx(case["errors"], rel=tolerance)
        expected = {key: case[key] for key in ("statistic", "df", "p_value")}
        agree(case, found.difference, expected, tolerance)


def test_the_vaccine_trials_as_printed(recorded):
    """BCG by REML as metafor prints it: −0.7145 (SE 0.1798), τ² 0.3132, I² 92.22 %, Q 152.233."""
    case = recorded("meta/meta")["pooled"][0]
    found = pool(case["yi"], case["se"])
    normal_se = np.sqrt(1 / (1 / (np.square(case["se"]) + found.heterogeneity.tau_squared)).sum())
    assert round(found.estimate, 4) == -0.7145
    assert round(float(normal_se), 4) == 0.1798
    assert round(found.heterogeneity.tau_squared, 4) == 0.3132
    assert round(found.heterogeneity.i_squared, 4) == 0.9222
    assert round(found.heterogeneity.q, 3) == 152.233


def test_hartung_and_knapp_by_hand():
    """Three effects 1, 2, 3 of equal error 1: τ² 0, mean 2, SE √(2/2 ÷ 3) = 0.577, t on 2 df."""
    found = pool([1, 2, 3], [1, 1, 1])
    assert found.heterogeneity.tau_squared == 0
    assert found.estimate == pytest.approx(2)
    assert found.se == pytest.approx(1 / np.sqrt(3))
    assert found.df == 2
    assert found.ci_high - 2 == pytest.approx(4.302652729749464 / np.sqrt(3))


def test_three_series_of_gcsf_lead_to_no_false_precision():
    """Effects closer together than chance: −3.49 (−6.28 to −0.70), the fixed effect's error kept.

    By hand: SE 0.648 = √(1 / Σ 1/SE²), times 4.303, the quantile of t with 2 degrees of freedom.
    """
    arms = [
        (Arm(n=19, mean=5.5, sd=3.5), Arm(n=37, mean=9.2, sd=4.4)),
        (Arm(n=15, mean=2.3, sd=1.9), Arm(n=34, mean=5.4, sd=4.3)),
        (Arm(n=10, mean=6.8, sd=4), Arm(n=10, mean=11.6, sd=5)),
    ]
    effects = [mean_difference(*pair) for pair in arms]
    found = pool([effect.estimate for effect in effects], [effect.se for effect in effects])
    assert [round(x, 2) for x in (found.estimate, found.ci_low, found.ci_high)] == [
        -3.49, -6.28, -0.70,
    ]  # fmt: skip
    assert isinstance(found.prediction, NoEstimate)


def test_too_few_studies_have_a_reason():
    """No study and one study give a reason, or what can be told; all alike keep their error."""
    assert isinstance(pool([], []), NoEstimate)
    assert isinstance(pool([1.0], [0.5]), NoEstimate)
    alike = pool([0.1, 0.1, 0.1], [0.5, 0.7, 0.6])
    assert alike.se == pool([0.1, 0.1, 0.1], [0.5, 0.7, 0.6], method="fixed").se
    alone = pool([1.0], [0.5], method="fixed")
    assert (alone.estimate, alone.se) == (1.0, 0.5)
    assert isinstance(alone.heterogeneity, NoEstimate)
    two = pool([1.0, 3.0], [0.5, 0.7], method="dersimonian_laird")
    assert isinstance(two.prediction, NoEstimate)
    lonely = subgroup_difference([1.0, 2.0, 4.0], [1.0, 1.0, 1.0], ["a", "b", "b"])
    assert isinstance(lonely.pooled[0], NoEstimate)
    assert isinstance(lonely.difference, NoEstimate)


@pytest.mark.parametrize(
    ("estimates", "se", "method"),
    [
        ([1, 2], [1], "fixed"),
        ([1, 2], [1, 0], "fixed"),
        ([1, float("nan")], [1, 1], "fixed"),
        ([1, 2], [1, 1], "random"),
    ],
)
def test_broken_studies_are_refused(estimates, se, method):
    """Missing figures, an error of 0 and an unknown method are refused."""
    with pytest.raises(ValueError, match=r"estimate|standard error|method"):
        pool(estimates, se, method=method)


@pytest.mark.parametrize("factor", [1e-6, 1e-3, 1e3, 1e6])
def test_restricted_likelihood_knows_no_unit(factor):
    """Days told in other units: τ is told in them too, to nine digits, however large or small."""
    estimates, se = np.array([-3.1, -1.2, 0.4, -2.2, -0.6]), np.array([0.5, 0.4, 0.7, 0.3, 0.6])
    plain = pool(estimates, se, method="reml_hartung_knapp").heterogeneity.tau_squared
    scaled = pool(
        factor * estimates, factor * se, method="reml_hartung_knapp"
    ).heterogeneity.tau_squared

    assert plain > 0
    assert scaled == pytest.approx(factor**2 * plain, rel=1e-9)
