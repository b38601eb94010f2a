"""Latent classes: published fits, direct maximisation in R, and truths that are found again."""

from __future__ import annotations

import numpy as np
import pytest

from incohort.stats.assays.hui_walter import hui_walter
from incohort.stats.assays.latent_class import latent_class
from incohort.stats.outcome import NoEstimate

ITERATIVE = 1e-6
# Rindskopf & Rindskopf 1986: Q wave, history, LDH and CPK in 94 patients with chest pain
PATTERNS = {
    "1111": 24,
    "0111": 5,
    "1011": 4,
    "0011": 3,
    "1101": 3,
    "0101": 5,
    "1001": 2,
    "0001": 7,
    "0100": 7,
    "0000": 33,
    "0010": 1,
}
INFARCTION = np.repeat(
    [[digit == "1" for digit in pattern] for pattern in PATTERNS], list(PATTERNS.values()), axis=0
)


def patients(counts: list[int], k: int) -> np.ndarray:
    """One row a patient from the counts of patterns; assay j is bit j of the pattern's number."""
    codes = np.repeat(np.arange(2**k), counts)
    return ((codes[:, None] >> np.arange(k)) & 1).astype(bool)


def drawn(rng, n: int, prevalence: float, sensitivity, specificity) -> np.ndarray:
    sick = rng.random(n) < prevalence
    share = np.where(sick[:, None], sensitivity, 1 - np.asarray(specificity))
    return rng.random((n, len(sensitivity))) < share


def estimates(values) -> list[float]:
    return [interval.estimate for interval in values]


def test_myocardial_infarction():
    """The published fit: 46 % infarctions, CPK never misses one, a Q wave never lies, G² = 4.29."""
    found = latent_class(INFARCTION, resamples=50)
    assert found.prevalence.estimate == pytest.approx(0.458, abs=5e-4)
    assert estimates(found.sensitivity) == pytest.approx([0.767, 0.791, 0.828, 1.0], abs=5e-4)
    assert estimates(found.specificity) == pytest.approx([1.0, 0.805, 0.973, 0.804], abs=6e-4)
    assert found.goodness_of_fit.statistic == pytest.approx(4.29, abs=5e-3)
    assert found.df == 6


def test_one_population_agrees_with_r(recorded):
    """Estimates, likelihood, G² and bivariate residuals equal those of R's direct maximisation."""
    for case in recorded("assays/latent_class")["one"]:
        found = latent_class(patients(case["counts"], case["k"]), resamples=20)
        assert found.log_likelihood == pytest.approx(case["log_likelihood"], rel=1e-9)
        assert found.prevalence.estimate == pytest.approx(case["prevalence"], abs=ITERATIVE)
        for name in ("sensitivity", "specificity"):
            assert estimates(getattr(found, name)) == pytest.approx(case[name], abs=ITERATIVE)
        if found.df:
            assert found.goodness_of_fit.statistic == pytest.approx(case["g2"], rel=ITERATIVE)
            residuals = [pair.residual for pair in found.dependence]
            assert residuals == pytest.approx(case["residual"], abs=1e-5)


def test_an_estimate_at_the_edge_has_its_profile_limit(recorded):
    """CPK's sensitivity and the Q wave's specificity are 1, with R's profile limits."""
    found = latent_class(INFARCTION, resamples=20)
    for case in recorded("assays/latent_class")["edge"]:
        interval = getattr(found, case["name"])[case["assay"]]
        assert (interval.estimate, interval.ci_high) == (1.0, 1.0)
        assert interval.ci_low == pytest.approx(case["low"], abs=ITERATIVE)


def test_hui_and_walters_tuberculin_tests():
    """Their printed estimates for the Mantoux and Tine tests in two populations."""
    found = hui_walter([[14, 4], [9, 528]], [[887, 31], [37, 367]], resamples=50)
    assert found.is_closed_form
    assert estimates(found.prevalence) == pytest.approx([0.0268, 0.7168], abs=5e-5)
    assert estimates(found.sensitivity) == pytest.approx([1 - 0.0339, 1 - 0.0312], abs=5e-5)
    assert estimates(found.specificity) == pytest.approx([1 - 0.0067, 1 - 0.0159], abs=5e-5)


def test_two_populations_agree_with_r(recorded):
    """The closed form, and the maximum at an edge where there is none, equal R's maximisation."""
    closed = []
    for case in recorded("assays/latent_class")["two"]:
        found = hui_walter(case["population_1"], case["population_2"], resamples=20)
        closed.append(found.is_closed_form)
        assert found.log_likelihood == pytest.approx(case["log_likelihood"], rel=1e-9)
        for name in ("prevalence", "sensitivity", "specificity"):
            assert estimates(getattr(found, name)) == pytest.approx(case[name], abs=ITERATIVE)
    assert closed == [True, True, False]


def test_the_same_seed_gives_the_same_result():
    """Two runs are equal; another seed moves the limits and not the estimates."""
    found = latent_class(INFARCTION, resamples=50)
    assert latent_class(INFARCTION, resamples=50) == found
    other = latent_class(INFARCTION, resamples=50, seed=2)
    assert other.prevalence.estimate == pytest.approx(found.prevalence.estimate, abs=1e-8)
    assert other.prevalence.ci_low != found.prevalence.ci_low


def test_assays_that_err_together_are_found():
    """Two assays that share an antigen fail together: their pair alone is flagged, the fit too."""
    rng = np.random.default_rng(11)
    results = drawn(rng, 800, 0.4, [0.9, 0.8, 0.7, 0.75, 0.8], [0.9, 0.9, 0.85, 0.9, 0.9])
    copied = rng.random(800) < 0.5
    results[copied, 3] = results[copied, 2]
    found = latent_class(results, resamples=300)
    flagged = {(pair.first, pair.second) for pair in found.dependence if pair.p_holm < 0.05}
    worst = max(found.dependence, key=lambda pair: pair.residual)
    assert (worst.first, worst.second) == (2, 3)
    assert worst.excess > 0
    assert (2, 3) in flagged
    assert found.goodness_of_fit.p_value < 0.05


def test_what_is_not_identified_is_refused():
    """Too few assays, assays that say nothing, and classes that can't be told apart: reasons."""
    rng = np.random.default_rng(3)
    results = drawn(rng, 200, 0.4, [0.9, 0.8, 0.7], [0.9, 0.9, 0.9])
    silent = results.copy()
    silent[:, 2] = False
    same = np.repeat(results[:, :1], 3, axis=1)
    for positive, words in (
        (results[:, :1], "1 assay in one population"),
        (results[:, :2], "take three assays"),
        (results[:0], "no patient"),
        (silent, "only 2 of the assays"),
        (np.tile(results, (1, 4)), "more than 10"),
        (patients([25] * 8, 3), "equally well"),
    ):
        found = latent_class(positive, resamples=20)
        assert isinstance(found, NoEstimate), words
        assert words in found.reason
    identical = latent_class(same, resamples=20)
    assert estimates(identical.sensitivity) == pytest.approx([1, 1, 1], abs=1e-6)
    assert max(interval.ci_low for interval in identical.sensitivity) < 1
    alike = [[14, 4], [9, 528]]
    for tables, words in (
        ((alike, alike), "equally well"),
        (([[0, 0], [0, 0]], alike), "no patient"),
    ):
        assert words in hui_walter(*tables, resamples=20).reason
    with pytest.raises(ValueError, match="boolean matrix"):
        latent_class(results.astype(int))


def test_three_assays_leave_the_model_untested():
    """With three assays all is used for estimates: fit and dependence have a reason instead."""
    found = latent_class(INFARCTION[:, 1:], resamples=20)
    assert found.df == 0
    assert "a fourth would" in found.goodness_of_fit.reason
    assert found.dependence == found.goodness_of_fit


@pytest.mark.slow
def test_intervals_cover_a_known_truth():
    """Over 150 cohorts of a known truth, 95 % intervals hold it about as often as they say.

    One parameter's coverage has a standard error of 1.8 points at 150 cohorts; 89 % is 3.3 of them.
    """
    rng = np.random.default_rng(404)
    prevalence, sensitivity, specificity = 0.4, [0.85, 0.7, 0.8, 0.75], [0.95, 0.9, 0.85, 0.9]
    truth = [prevalence, *sensitivity, *specificity]
    covered = np.zeros(len(truth))
    for cohort in range(150):
        results = drawn(rng, 300, prevalence, sensitivity, specificity)
        found = latent_class(results, starts=10, resamples=200, seed=cohort)
        intervals = [found.prevalence, *found.sensitivity, *found.specificity]
        covered += [
            interval.ci_low <= value <= interval.ci_high
            for interval, value in zip(intervals, truth, strict=True)
        ]
    assert (covered / 150).min() > 0.89
    assert 0.92 < covered.mean() / 150 < 0.98


def test_a_large_cohort_gives_its_truth_back():
    """Of 200 000 patients each estimate lies within a point of the truth."""
    rng = np.random.default_rng(8)
    sensitivity, specificity = [0.85, 0.6, 0.4, 0.75], [0.98, 0.95, 0.99, 0.9]
    results = drawn(rng, 200_000, 0.35, sensitivity, specificity)
    found = latent_class(results, resamples=20)
    assert found.prevalence.estimate == pytest.approx(0.35, abs=0.01)
    assert estimates(found.sensitivity) == pytest.approx(sensitivity, abs=0.01)
    assert estimates(found.specificity) == pytest.approx(specificity, abs=0.01)
