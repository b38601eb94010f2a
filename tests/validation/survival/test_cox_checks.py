"""The test of proportional hazards and concordance: R's cox.zph and concordance, and loops."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from incohort.stats import NoEstimate
from incohort.stats.survival import concordance, cox, proportional_hazards

CASES = [
    "lung",
    "lung_by_sex",
    "lung_cluster_inst",
    "gehan",
    "veteran",
    "ovarian",
    "mgus2_pcm",
    "mgus2_death",
    "heart",
    "heart_by_surgery_cluster_id",
    "float_ties",
]
TRANSFORMS = ("km", "rank", "identity", "log")


def agrees(test, r):
    tests = (*test.terms, test.overall)
    assert_allclose([t.statistic for t in tests], r["statistic"], rtol=1e-6)
    assert_allclose([t.df for t in tests], r["df"])
    assert_allclose([t.p_value for t in tests], r["p_value"], rtol=1e-5)


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("ties", ["efron", "breslow"])
@pytest.mark.parametrize("transform", TRANSFORMS)
def test_proportional_hazards_agrees_with_cox_zph(case, ties, transform, model_of, r_values):
    """Each covariate's test and the global one are cox.zph's, under all four transforms."""
    fit = cox(**model_of(case), ties=ties)
    r = r_values("cox")[f"{case}_{ties}"]["zph"][transform]
    agrees(proportional_hazards(fit, transform=transform), r)


@pytest.mark.parametrize("transform", TRANSFORMS)
def test_a_factor_is_tested_as_one_term(transform, data_set, r_values):
    """The three indicators of the cell type give cox.zph's single test on 3 df."""
    d = data_set("veteran")
    x = np.column_stack([d["trt"], d["cell"] == 2, d["cell"] == 3, d["cell"] == 4, d["karno"]])
    fit = cox(d["time"], d["event"], x)
    found = proportional_hazards(fit, transform=transform, terms=[[0], [1, 2, 3], [4]])
    agrees(found, r_values("cox")["zph_veteran_terms"][transform])


@pytest.mark.parametrize("case", CASES)
def test_concordance_agrees_with_r(case, model_of, r_values):
    """C and its standard error, by cluster where there are clusters, are coxph's."""
    found, r = concordance(cox(**model_of(case))), r_values("cox")[f"{case}_efron"]
    assert found.estimate == pytest.approx(r["concordance"], rel=1e-9)
    assert found.se == pytest.approx(r["concordance_se"], rel=1e-6)


@pytest.mark.parametrize("case", ["gehan", "heart_by_surgery_cluster_id", "lung_by_sex"])
def test_concordance_counts_pair_after_pair(case, model_of):
    """A double loop over all pairs finds the same pairs in order, out of order and tied."""
    arguments = model_of(case)
    fit = cox(**arguments)
    time, event = arguments["time"], arguments["event"]
    enter = arguments["time_enter"] if arguments["time_enter"] is not None else time * 0 - 1
    stratum = arguments["stratum"] if arguments["stratum"] is not None else time * 0
    predictor = np.round(arguments["covariates"] @ fit.coef, 10)
    counts = {1: 0, 0: 0, -1: 0}
    for i in np.flatnonzero(event):
        stays = (time > time[i]) | ((time == time[i]) & (event == 0))
        for j in np.flatnonzero(stays & (enter < time[i]) & (stratum == stratum[i])):
            counts[int(np.sign(predictor[i] - predictor[j]))] += 1
    found = concordance(fit)
    assert (found.n_concordant, found.n_tied, found.n_discordant) == (
        counts[1],
        counts[0],
        counts[-1],
    )


def test_what_cannot_be_checked_has_a_reason():
    """One event time shows no change over time; a wrong transform or column is refused."""
    fit = cox([5, 5, 9, 9], [1, 1, 0, 0], [1, 2, 1, 3])
    assert isinstance(proportional_hazards(fit).overall, NoEstimate)
    at_zero = cox([0, 1, 2, 3, 4], [1, 1, 1, 0, 1], [1, 0, 2, 1, 0])
    assert "logarithm" in proportional_hazards(at_zero, transform="log").reason
    with pytest.raises(ValueError, match="transform"):
        proportional_hazards(fit, transform="sqrt")
    with pytest.raises(ValueError, match="columns"):
        proportional_hazards(fit, terms=[[1]])
