"""The log-rank family: R's survdiff, the discrete Cox score test, and a plain loop."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from incohort.stats import NoEstimate
from incohort.stats.survival import logrank, logrank_trend

# The case of survival.R: data set, group, stratum.
CASES = {
    f"{name}_rho{rho}": (case, rho)
    for rho in (0, 0.5, 1)
    for name, case in {
        "lung_sex": ("lung", "sex", None),
        "veteran_cell": ("veteran", "cell", None),
        "ovarian_rx": ("ovarian", "rx", None),
        "mgus2_male": ("mgus2", "male", None),
        "veteran_trt_by_cell": ("veteran", "trt", "cell"),
    }.items()
} | {
    "lung_sex_by_inst_rho0": (("lung", "sex", "inst"), 0),
    "ovarian_rx_by_ecog_rho0": (("ovarian", "rx", "ecog"), 0),
    "float_ties_x_rho0": (("float_ties", "x", None), 0),
    "gehan_control_rho0": (("gehan", "control", None), 0),
}


def columns_of(data_set, name, needed):
    columns = data_set(name)
    keep = ~np.isnan(np.column_stack([columns[key] for key in needed])).any(axis=1)
    return {key: values[keep] for key, values in columns.items()}


@pytest.mark.parametrize("case", CASES)
def test_it_agrees_with_survdiff(case, data_set, r_values):
    """Statistic, P, observed, expected and variance are R's, weighted and stratified."""
    (name, group, stratum), rho = CASES[case]
    columns = columns_of(data_set, name, [key for key in (group, stratum) if key])
    found = logrank(
        columns["time"],
        columns["event"],
        columns[group],
        rho=rho,
        stratum=columns[stratum] if stratum else None,
    )
    r = r_values("logrank")[case]
    assert_allclose(found.statistic, r["statistic"], rtol=1e-9)
    assert_allclose(found.p_value, r["p_value"], rtol=1e-9)
    assert_allclose(found.n, r["n"])
    assert_allclose(found.observed, r["observed"], rtol=1e-9)
    assert_allclose(found.expected, r["expected"], rtol=1e-9)
    assert_allclose(found.variance, r["variance"], rtol=1e-9, atol=1e-11)
    assert found.df == len(r["n"]) - 1


@pytest.mark.parametrize(
    ("case", "name", "score", "stratum"),
    [
        ("trend_lung_ecog", "lung", "ecog", None),
        ("trend_veteran_karno", "veteran", "karno", None),
        ("trend_veteran_karno_by_trt", "veteran", "karno", "trt"),
        ("entry_heart_transplant", "heart", "transplant", None),
        ("entry_heart_surgery_by_transplant", "heart", "surgery", "transplant"),
    ],
)
def test_the_trend_is_the_score_test_of_the_discrete_cox_model(
    case, name, score, stratum, data_set, r_values
):
    """Trend, strata and delayed entry agree with coxph(ties = "exact")."""
    columns = columns_of(data_set, name, [score])
    found = logrank_trend(
        columns["time"],
        columns["event"],
        columns[score],
        stratum=columns[stratum] if stratum else None,
        time_enter=columns.get("enter"),
    )
    r = r_values("logrank")[case]
    assert_allclose([found.statistic, found.p_value], [r["statistic"], r["p_value"]], rtol=1e-9)


def test_two_groups_with_delayed_entry_are_the_same_test(data_set, r_values):
    """The log-rank of two groups is their trend, delayed entry included."""
    heart = data_set("heart")
    found = logrank(heart["time"], heart["event"], heart["transplant"], time_enter=heart["enter"])
    r = r_values("logrank")["entry_heart_transplant"]
    assert_allclose(found.statistic, r["statistic"], rtol=1e-9)


def test_it_is_its_definition(data_set):
    """A loop over strata and event times, with everyone looked at each time, gives the same."""
    d = data_set("veteran")
    time, event, group, stratum = d["time"], d["event"], d["cell"], d["trt"]
    observed, expected = np.zeros(4), np.zeros(4)
    variance = np.zeros((4, 4))
    for s in (1, 2):
        before = 1.0
        for t in sorted(set(time[(event == 1) & (stratum == s)])):
            at_risk = (time >= t) & (stratum == s)
            dying = at_risk & (time == t) & (event == 1)
            n, dead = at_risk.sum(), dying.sum()
            share = np.array([(at_risk & (group == g)).sum() / n for g in (1, 2, 3, 4)])
            w = before
            observed += [w * (dying & (group == g)).sum() for g in (1, 2, 3, 4)]
            expected += w * dead * share
            if n > 1:
                spread = np.diag(share) - np.outer(share, share)
                variance += w * w * dead * (n - dead) / (n - 1) * spread
            before *= 1 - dead / n
    found = logrank(time, event, group, stratum=stratum, rho=1)
    assert_allclose(found.observed, observed, rtol=1e-12)
    assert_allclose(found.expected, expected, rtol=1e-12)
    assert_allclose(found.variance, variance, rtol=1e-10, atol=1e-12)


def test_what_cannot_be_compared_has_a_reason():
    """One group, no events, or groups never at risk together: a reason, no number."""
    assert "two groups" in logrank([1, 2], [1, 1], ["a", "a"]).reason
    assert "nobody had" in logrank([1, 2], [0, 0], ["a", "b"]).reason
    assert "only one group" in logrank([1, 9], [0, 1], ["a", "b"]).reason
    apart = logrank([1, 2, 8, 9], [1, 1, 1, 1], [0, 0, 1, 1], time_enter=[0, 0, 5, 5])
    assert isinstance(apart, NoEstimate)
    assert "same score" in logrank_trend([1, 9], [0, 1], [1, 2]).reason
    assert isinstance(logrank([], [], []), NoEstimate)
    with pytest.raises(ValueError, match="missing"):
        logrank([1, 2], [1, 1], [1.0, np.nan])
    with pytest.raises(ValueError, match="one value for each"):
        logrank([1, 2], [1, 1], ["a"])
