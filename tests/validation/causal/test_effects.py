"""A treatment given later and to the sicker: each method against R, and against the truth."""

from __future__ import annotations

import numpy as np
import pytest

from incohort.stats import NoEstimate
from incohort.stats.causal import (
    censoring_weights,
    e_value,
    e_value_of_hazard_ratio,
    ever_never,
    landmark_effect,
    person_days,
    split_at_treatment,
    time_varying,
    treatment_weights,
    weighted_curves,
    weighted_effect,
)

ITERATIVE = 1e-6
NAMES = ("count", "infection", "severe", "age")
NEVER = np.inf


@pytest.fixture
def cohort(recorded):
    return recorded("causal/causal")["cohort"][0]


def days_of(cohort):
    return person_days(cohort["time"], cohort["event"], cohort["treated_at"])


@pytest.mark.parametrize("method", ["ever_never", "time_varying", "landmark"])
@pytest.mark.parametrize("row", [0, 1])
def test_effects_agree_with_coxph(recorded, cohort, method, row):
    """Ever/never, time-varying and landmark, alone and adjusted, are coxph's on rows made in R."""
    case = recorded("causal/causal")["effects"][row]
    estimate = {
        "ever_never": ever_never,
        "time_varying": time_varying,
        "landmark": lambda *given, **options: landmark_effect(*given, at=4, **options),
    }[method]
    found = estimate(
        cohort["time"],
        cohort["event"],
        cohort["treated_at"],
        covariates=cohort["severe"] if case["adjusted"] else None,
    )
    r = case[method]
    assert np.log(found.hazard_ratio) == pytest.approx(r["coef"], rel=ITERATIVE)
    width = np.log(found.ci_high / found.ci_low) / (2 * 1.959963984540054)
    assert width == pytest.approx(r["se"], rel=ITERATIVE)
    assert found.is_biased == (method == "ever_never")


def test_weights_agree_with_glm(cohort):
    """The weights of treatment, as they are and truncated, are those of R's pooled models."""
    rows, x = days_of(cohort), np.array(cohort["covariates"])
    whole = treatment_weights(rows, x, NAMES, percentiles=(0, 100))
    assert whole.weight == pytest.approx(cohort["weight"], rel=ITERATIVE)
    assert whole.n_truncated == 0
    cut = treatment_weights(rows, x, NAMES)
    assert cut.weight == pytest.approx(cohort["truncated"], rel=ITERATIVE)
    assert cut.maximum == pytest.approx(max(cohort["weight"]), rel=ITERATIVE)
    assert cut.n_truncated > 0


def test_balance_agrees_with_r(cohort):
    """Standardised differences within days are R's, and smaller after weighting than before."""
    found = treatment_weights(days_of(cohort), np.array(cohort["covariates"]), NAMES).balance
    assert [one.name for one in found] == list(NAMES)
    assert [one.before for one in found] == pytest.approx(cohort["before"], rel=ITERATIVE)
    assert [one.after for one in found] == pytest.approx(cohort["after"], rel=1e-5, abs=1e-7)
    assert max(abs(one.after) for one in found[:3]) < min(abs(one.before) for one in found[:3])


def test_loss_weights_agree_with_glm(cohort):
    """The weights of staying under observation until the day begins are R's."""
    rows, x = days_of(cohort), np.array(cohort["covariates"])
    found = censoring_weights(rows, cohort["lost"], x)
    assert found.weight == pytest.approx(cohort["staying"], rel=ITERATIVE)
    assert found.weight[rows.first] == pytest.approx(1)


def test_weighted_effects_agree_with_coxph(cohort):
    """The weighted hazard ratio and its robust interval are coxph's, with and without loss."""
    rows, x = days_of(cohort), np.array(cohort["covariates"])
    cut = treatment_weights(rows, x, NAMES).weight
    for weight, key in (
        (treatment_weights(rows, x, NAMES, percentiles=(0, 100)).weight, "untruncated_model"),
        (cut, "truncated_model"),
        (cut * censoring_weights(rows, cohort["lost"], x).weight, "with_loss_model"),
    ):
        found = weighted_effect(rows, weight)
        assert np.log(found.hazard_ratio) == pytest.approx(cohort[key]["coef"], rel=ITERATIVE)
        width = np.log(found.ci_high / found.ci_low) / (2 * 1.959963984540054)
        assert width == pytest.approx(cohort[key]["robust_se"], rel=ITERATIVE)
        assert found.n == len(cohort["time"])


def test_weights_given_the_baseline_agree_with_glm_and_coxph(cohort):
    """Severity and age in both models of the start and in the outcome's: as glm and coxph."""
    rows, x = days_of(cohort), np.array(cohort["covariates"])
    baseline = x[:, 2:]
    whole = treatment_weights(rows, x, NAMES, baseline=baseline, percentiles=(0, 100))
    assert whole.weight == pytest.approx(cohort["held"], rel=ITERATIVE)
    found = weighted_effect(rows, whole.weight, baseline=baseline)
    assert np.log(found.hazard_ratio) == pytest.approx(cohort["held_model"]["coef"], rel=ITERATIVE)
    width = np.log(found.ci_high / found.ci_low) / (2 * 1.959963984540054)
    assert width == pytest.approx(cohort["held_model"]["robust_se"], rel=ITERATIVE)
    assert "time zero" in found.method


def test_e_values_agree_with_their_formulas(recorded, agree):
    """Rare and common outcomes: the E-value of estimate and limit are the formulas' in R."""
    for case in recorded("causal/causal")["e_values"]:
        found = e_value_of_hazard_ratio(*case["ratio"], is_rare=case["is_rare"])
        agree(case, found, {key: case[key] for key in ("risk_ratio", "estimate", "limit")})


def test_e_values_as_published():
    """VanderWeele & Ding 2017: RR 3.9 (1.8 to 8.7) has 7.26 and 3.0; 0.80 has 1.81."""
    breast_feeding = e_value(3.9, 1.8, 8.7)
    assert (round(breast_feeding.estimate, 2), round(breast_feeding.limit, 1)) == (7.26, 3.0)
    assert round(e_value(0.80, 0.71, 0.91).estimate, 2) == 1.81
    assert e_value(1.5, 0.9, 2.5).limit == 1


@pytest.mark.parametrize("ratios", [(0, 0, 1), (2, 3, 4), (np.nan, 1, 2), (np.inf, 1, np.inf)])
def test_ratios_out_of_order_have_no_e_value(ratios):
    """An estimate outside its interval, missing or infinite is refused."""
    with pytest.raises(ValueError, match="order"):
        e_value(*ratios)
    with pytest.raises(ValueError, match="order"):
        e_value_of_hazard_ratio(*ratios, is_rare=False)


def test_time_splits_where_treatment_begins():
    """Begun before time zero, at it, in between, at the end, after it, never; one without time."""
    rows = split_at_treatment(
        [4, 4, 4, 4, 4, 4, 0], [1, 1, 1, 1, 0, 1, 1], [-2, 0, 2.5, 4, 9, NEVER, NEVER]
    )
    assert rows.patient.tolist() == [0, 1, 2, 2, 3, 4, 5]
    assert rows.time_enter.tolist() == [0, 0, 0, 2.5, 0, 0, 0]
    assert rows.time.tolist() == [4, 4, 2.5, 4, 4, 4, 4]
    assert rows.treated.tolist() == [True, True, False, True, False, False, False]
    assert rows.event.tolist() == [True, True, False, True, True, False, True]


def test_days_begin_untreated():
    """Treatment within a day counts from the next one; on the last day it never counts."""
    days = person_days([3, 2.5, 2, 0], [1, 1, 0, 1], [1.2, 2.2, 0, NEVER])
    assert days.patient.tolist() == [0, 0, 0, 1, 1, 1, 2, 2]
    assert days.treated.tolist() == [False, False, True, False, False, False, True, True]
    assert days.starts.tolist() == [False, False, True, False, False, False, True, False]
    assert days.event.tolist() == [False, False, True, False, False, True, False, False]
    assert days.is_last.tolist() == [False, False, True, False, False, True, False, True]


def test_nobody_to_compare_has_a_reason():
    """Nobody treated, all treated, no event, nobody at all: a sentence from each method."""
    for time, event, at in (
        ([1, 2, 3], [1, 1, 0], [NEVER] * 3),
        ([1, 2, 3], [1, 1, 0], [0, 0, 0]),
        ([1, 2, 3], [0, 0, 0], [0, 1, NEVER]),
        ([], [], []),
        ([0, 0], [1, 1], [0, NEVER]),
    ):
        rows = person_days(time, event, at)
        answers = [
            ever_never(time, event, at),
            time_varying(time, event, at),
            landmark_effect(time, event, at, at=0.5),
            weighted_effect(rows, np.ones(rows.n)),
        ]
        assert all(isinstance(answer, NoEstimate) for answer in answers)
    untreated = person_days([1, 2, 3], [1, 1, 0], [NEVER] * 3)
    assert isinstance(treatment_weights(untreated, np.zeros((6, 1)), ("x",)), NoEstimate)
    curves = weighted_curves(untreated, np.ones(6))
    assert isinstance(curves.treated, NoEstimate)
    assert curves.untreated.survival == pytest.approx([2 / 3, 1 / 3])


def test_a_certain_decision_is_told():
    """Where a covariate tells who is treated, the model is Firth's, says so, and stays finite."""
    rng = np.random.default_rng(3)
    sick = np.arange(40) % 2
    rows = person_days(np.full(40, 5.0), rng.integers(0, 2, 40), np.where(sick, 1.0, NEVER))
    found = treatment_weights(rows, sick[rows.patient].astype(float), ("sick",))
    assert found.is_firth
    assert "Firth" in found.method
    assert np.isfinite(found.weight).all()


@pytest.mark.parametrize(
    "bad",
    [
        lambda: ever_never([1, 2], [1, 0], [np.nan, 1]),
        lambda: time_varying([1, 2], [1, 0], [1]),
        lambda: time_varying([1, 2], [1, 0], [1, 1], covariates=[np.nan, 1]),
        lambda: person_days([1, 2], [1, 0], [1, 1], width=0),
        lambda: treatment_weights(person_days([1], [1], [0]), [[1]], ("a", "b")),
        lambda: treatment_weights(person_days([1], [1], [0]), [1], ("a",), percentiles=(99, 1)),
        lambda: treatment_weights(person_days([1], [1], [0]), [1], ("a",), baseline=[1, 2]),
        lambda: weighted_effect(person_days([2, 3], [1, 1], [1, 5]), np.ones(5), baseline=[1]),
        lambda: censoring_weights(person_days([1], [1], [0]), [True], [1]),
    ],
)
def test_broken_input_is_refused(bad):
    """Missing or misshapen values are errors of the caller, not estimates."""
    with pytest.raises(ValueError, match=r"treated_at|covariate|width|percentiles|lost"):
        bad()


def _cohort_with_truth(rng, n, log_ratio):
    """Daily counts; treatment goes to low counts, which recover late whatever is done.

    Treatment changes the daily log hazard by `log_ratio` and no count, so that this is the truth of
    a marginal model, too, but for what little the hazard ratio is not collapsible.
    """
    severity = rng.normal(size=n)
    starts, time, event = np.full(n, NEVER), np.zeros(n), np.zeros(n, dtype=bool)
    seen = [[] for _ in range(n)]
    at_risk = np.ones(n, dtype=bool)
    for day in range(30):
        infection = rng.random(n) < 1 / (1 + np.exp(1.5 - 1.5 * severity))
        begins = at_risk & np.isinf(starts) & (rng.random(n) < np.where(infection, 0.3, 0.05))
        starts[begins] = day
        log_hazard = -3.0 - 0.8 * infection + log_ratio * (starts <= day)
        recovers = at_risk & (rng.random(n) < 1 - np.exp(-np.exp(log_hazard)))
        for i in np.flatnonzero(at_risk):
            seen[i].append((infection[i], severity[i]))
        time[at_risk] = day + 1
        event |= recovers
        at_risk &= ~recovers
    return time, event, starts, np.array([row for rows in seen for row in rows], dtype=float)


@pytest.mark.slow
def test_weighting_finds_the_truth_where_the_naive_analysis_errs():
    """Of 60 cohorts with hazard ratio 2, weighting is right on average, ever/never far too low."""
    truth, rng = np.log(2), np.random.default_rng(2019)
    weighted, naive, covered = [], [], 0
    for _ in range(60):
        time, event, starts, x = _cohort_with_truth(rng, 250, truth)
        rows = person_days(time, event, starts)
        weights = treatment_weights(rows, x, ("infection", "severity"))
        found = weighted_effect(rows, weights.weight)
        weighted.append(np.log(found.hazard_ratio))
        covered += found.ci_low <= 2 <= found.ci_high
        naive.append(np.log(ever_never(time, event, starts).hazard_ratio))
    error = np.std(weighted) / np.sqrt(60)
    assert abs(np.mean(weighted) - truth) < 3 * error + 0.05  # 0.05: ratios don't collapse
    assert covered >= 52  # at 95 %, fewer than 52 of 60 come by chance 3 times in 1000
    assert np.mean(naive) < truth - 0.4


def test_separated_effects_say_how_they_were_found():
    """Where all treated recover before any other does, the limits are Firth's and finite."""
    found = time_varying([1, 2, 3, 4, 5, 6], [1] * 6, [0, 0, 0, NEVER, NEVER, NEVER])
    assert "Firth" in found.method
    assert 1 < found.hazard_ratio < np.inf
    assert "robust" not in found.method
