"""Logistic models against R's glm and brglm2, and against Heinze and Schemper's example."""

from __future__ import annotations

import numpy as np
import pytest

from incohort.stats import NoEstimate
from incohort.stats.logistic import LogisticFit, logistic

ITERATIVE = 1e-6


def test_fits_agree_with_r(recorded, agree):
    """Coefficients, SE, intervals, P and likelihood are R's, by maximum likelihood and by Firth."""
    for case in recorded("logistic")["fits"]:
        fit = logistic(
            case["outcome"], case["covariates"], case["names"], conf_level=case["conf_level"]
        )
        assert isinstance(fit, LogisticFit), (case["name"], fit)
        head = {key: case[key] for key in ("is_firth", "n", "n_events", "conf_level")}
        agree(case["name"], fit, head)
        likelihood = {"log_likelihood": case["expected"]["log_likelihood"]}
        agree(case["name"], fit, likelihood, ITERATIVE)
        assert [term.name for term in fit.terms] == ["intercept", *case["names"]]
        for term, expected in zip(fit.terms, case["expected"]["terms"], strict=True):
            agree((case["name"], term.name), term, expected, ITERATIVE)


def test_the_endometrial_cancers_of_heinze_and_schemper(recorded):
    """Neovasculisation separates the grades: Firth's coefficient is finite, 2.93, and not zero."""
    (case, _) = (c for c in recorded("logistic")["fits"] if c["name"] == "endometrial cancer")
    fit = logistic(case["outcome"], case["covariates"], case["names"])
    assert isinstance(fit, LogisticFit)
    assert fit.is_firth
    assert (fit.n, fit.n_events) == (79, 30)
    neovasculisation = fit.terms[1]
    assert round(neovasculisation.coefficient, 2) == 2.93
    assert neovasculisation.ci_low > 1
    assert np.isfinite(neovasculisation.ci_high)


def test_a_two_by_two_table_is_its_odds_ratio():
    """With one binary covariate the fitted odds ratio is the table's own, 13·14 / (13·3)."""
    ht = np.repeat([1, 1, 0, 0], [13, 13, 3, 14])
    outcome = np.repeat([1, 0, 1, 0], [13, 13, 3, 14])
    fit = logistic(outcome, ht[:, None], ["ht"])
    assert isinstance(fit, LogisticFit)
    assert fit.terms[1].odds_ratio == pytest.approx(13 * 14 / (13 * 3), rel=1e-9)


def test_firths_table_with_an_empty_cell():
    """For a saturated 2×2 table Firth's estimate adds ½ to each cell (his section 3.3)."""
    exposed = np.repeat([1, 0, 0], [8, 5, 5])
    outcome = np.repeat([0, 1, 0], [8, 5, 5])
    fit = logistic(outcome, exposed[:, None], ["exposed"])
    assert isinstance(fit, LogisticFit)
    assert fit.terms[1].odds_ratio == pytest.approx(0.5 * 5.5 / (8.5 * 5.5), rel=1e-8)


@pytest.mark.parametrize(
    ("outcome", "columns", "reason"),
    [
        ([], [], "no complete rows"),
        ([1, 1, 1, 1], [[1, 2, 3, 4]], "same outcome"),
        ([1, 0, 1], [[1, 2, 3], [3, 1, 2]], "fewer patients"),
        ([1, 0, 1, 0], [[2, 2, 2, 2]], "the same in everybody"),
        ([1, 0, 1, 0, 1], [[1, 2, 3, 4, 6], [2, 4, 6, 8, 12]], "follows from"),
    ],
)
def test_what_no_model_can_be_fitted_to(outcome, columns, reason):
    """No rows, one outcome, too many terms, a constant, or a repeated covariate is a reason."""
    names = [f"x{i}" for i in range(max(len(columns), 1))]
    covariates = np.array(columns, dtype=float).T.reshape(len(outcome), len(names))
    answer = logistic(outcome, covariates, names)
    assert isinstance(answer, NoEstimate)
    assert reason in answer.reason


def test_missing_covariates_are_refused():
    """Rows are to be completed or dropped by the caller, who can say how many."""
    with pytest.raises(ValueError, match="complete"):
        logistic([0, 1, 0, 1], [[1.0], [np.nan], [2.0], [3.0]], ["x"])
