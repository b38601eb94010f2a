"""What an estimator refuses before it computes: a caller's mistake never becomes a number."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from incohort.stats.assays.agreement import cohen_kappa
from incohort.stats.assays.paired import mcnemar, paired_difference, paired_odds_ratio
from incohort.stats.assays.predictive import compare_predictive_values
from incohort.stats.assays.several import cochran_q, compare_pairs
from incohort.stats.assays.yields import incremental_costs
from incohort.stats.competing import aalen_johansen, fine_gray
from incohort.stats.contingency import odds_ratio
from incohort.stats.logistic import logistic
from incohort.stats.meta import pool
from incohort.stats.permutation import permutation_means
from incohort.stats.proportions import proportion, proportion_difference, risk_ratio
from incohort.stats.survival import cox, kaplan_meier, logrank

AGE = np.array([[20.0], [30.0], [41.0], [52.0], [60.0], [33.0]])
PAIR = [[3, 8], [1, 7]]
RESULTS = np.array([[True, False], [True, True], [False, False], [False, True]])


@pytest.mark.parametrize(
    "outcome", [[1, 2, 1, 2, 1, 2], [0.3, 0, 1, 1, 0, 1], [0, 1, None, 1, 0, 1]]
)
def test_an_outcome_that_is_not_0_or_1_is_refused(outcome):
    """Outcomes coded 1 and 2, broken or missing give no odds ratio, as in Cox's model."""
    for model in (
        lambda: logistic(outcome, AGE, ["age"]),
        lambda: cox([1, 2, 3, 4, 5, 6], outcome, AGE),
        lambda: kaplan_meier([1, 2, 3, 4, 5, 6], outcome),
    ):
        with pytest.raises(ValueError, match=r"0 or 1|numbers"):
            model()


def test_a_transposed_matrix_is_refused():
    """Covariates of shape (k, n) would be read patient by patient across the columns."""
    two = np.column_stack([AGE, AGE**2])
    with pytest.raises(ValueError, match="one complete row for each outcome"):
        logistic([0, 1, 0, 1, 1, 0], two.T, ["age", "squared"])
    with pytest.raises(ValueError, match="2 covariates and 1 names"):
        logistic([0, 1, 0, 1, 1, 0], two, ["age"])


@pytest.mark.parametrize(
    "call",
    [
        lambda: proportion(3, 9, method="wilsn"),
        lambda: proportion_difference(3, 9, 2, 8, method="newcomb"),
        lambda: risk_ratio(3, 9, 2, 8, method="scores"),
        lambda: odds_ratio(PAIR, method="exact"),
        lambda: mcnemar(PAIR, method="exakt"),
        lambda: mcnemar([[3, 0], [0, 3]], method="exakt"),
        lambda: paired_difference(PAIR, method="wald"),
        lambda: paired_odds_ratio(PAIR, method="wald"),
        lambda: cohen_kappa(PAIR, weights="quadratc"),
        lambda: cochran_q(RESULTS, method="exakt"),
        lambda: compare_pairs(RESULTS, method="exakt"),
        lambda: compare_predictive_values(PAIR, PAIR, method="wald"),
        lambda: incremental_costs(RESULTS, [1, 2], strategy="all"),
        lambda: pool([1.0, 2.0], [1.0, 1.0], method="reml"),
        lambda: kaplan_meier([1, 2], [1, 1], conf_type="loglog"),
        lambda: aalen_johansen([1, 2], [1, 2], variance="greenwod"),
    ],
)
def test_a_misspelt_option_is_refused_with_those_there_are(call):
    """The error names the option, what was given and what there is; it is no AssertionError."""
    with pytest.raises(ValueError, match=r"is '.+'; it must be one of .+"):
        call()


@pytest.mark.parametrize("label", [pd.NA, None, np.nan, 3])
def test_mixed_or_missing_labels_are_refused(label):
    """A group that is missing, or a number among words, is a ValueError in every test by group."""
    group = np.array(["given", "not", "given", label], dtype=object)
    time, event = [1.0, 2.0, 3.0, 4.0], [1, 1, 1, 0]
    for call in (
        lambda: logrank(time, event, group),
        lambda: cox(time, event, [0.0, 1.0, 0.0, 1.0], stratum=group),
        lambda: fine_gray(time, [1, 2, 1, 0], [0.0, 1.0, 0.0, 1.0], cluster=group),
        lambda: permutation_means(time, group, seed=1),
    ):
        with pytest.raises(ValueError, match=r"missing values|different kinds"):
            call()
