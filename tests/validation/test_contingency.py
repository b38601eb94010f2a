"""Tables of counts against R, and against tables that the literature knows by heart."""

from __future__ import annotations

import math

import numpy as np
import pytest

from incohort.stats import HypothesisTest, Interval, NoEstimate
from incohort.stats._freeman_halton import simulated
from incohort.stats.contingency import ChiSquare, chi_square, fisher_exact, odds_ratio, trend

ITERATIVE = 1e-6
R_STOPS_AT = 2e-4  # .Machine$double.eps^0.25 of the odds ratio, or of its inverse above 1

LADY = [[3, 1], [1, 3]]
HT_AND_REST = [[13, 13], [3, 14]]
AITD_AND_REST = [[14, 17], [2, 10]]
BY_DISORDER = [[13, 1, 0, 2, 0], [13, 4, 6, 0, 4]]


def p_of(test):
    assert isinstance(test, (HypothesisTest, ChiSquare))
    return test.p_value


def test_the_lady_tasting_tea():
    """Three of four cups right: P 0.4857 two-sided, the conditional odds ratio 6.408."""
    assert p_of(fisher_exact(LADY)) == pytest.approx(34 / 70, abs=1e-12)
    assert round(odds_ratio(LADY).estimate, 3) == 6.408


def test_the_tables_of_kyritsi_2015():
    """Derived from its counts: 2×5 P 0.0123; HT against the rest OR 4.67, P 0.052; AITD P 0.158."""
    assert round(p_of(fisher_exact(BY_DISORDER)), 4) == 0.0123
    assert round(p_of(fisher_exact(HT_AND_REST)), 3) == 0.052
    assert round(odds_ratio(HT_AND_REST, method="sample").estimate, 2) == 4.67
    assert round(p_of(fisher_exact(AITD_AND_REST)), 3) == 0.158


def test_job_satisfaction():
    """Agresti 2002, table 2.8, as in R's ?fisher.test: P 0.7827 for the 4×4 table."""
    job = [[1, 3, 10, 6], [2, 3, 10, 7], [1, 6, 14, 12], [0, 1, 9, 11]]
    assert round(p_of(fisher_exact(job)), 4) == 0.7827


def test_the_epinephrine_trial_of_fagerland_2015():
    """7 of 34 against 1 of 34: the odds ratio intervals that Fagerland and others printed."""
    table = [[7, 27], [1, 33]]
    printed = {"sample": (0.99, 74), "conditional_exact": (0.97, 397), "mid_p": (1.19, 200)}
    for method, (low, high) in printed.items():
        found = odds_ratio(table, method=method)
        assert isinstance(found, Interval)
        assert (round(found.ci_low, 2), round(found.ci_high)) == (low, high), method


def test_party_and_gender():
    """Agresti 2007, p. 39: X² 30.1 with 2 degrees of freedom."""
    found = chi_square([[762, 327, 468], [484, 239, 477]])
    assert isinstance(found, ChiSquare)
    assert (round(found.statistic, 1), found.df) == (30.1, 2)


def test_odds_ratios_agree_with_r(recorded, agree):
    """The limits solve their definition in R to 1e-6 (Woolf's to 1e-9), zero cells included."""
    for case in recorded("contingency")["odds_ratio"]:
        found = odds_ratio(case["table"], conf_level=case["conf_level"], method=case["method"])
        agree(case, found, case["expected"], 1e-9 if case["method"] == "sample" else ITERATIVE)


def test_odds_ratios_agree_with_what_r_users_would_see(recorded):
    """fisher.test and epitools' oddsratio.midp give the same limits as far as they solve them."""
    for case in recorded("contingency")["odds_ratio_of_packages"]:
        found = odds_ratio(case["table"], conf_level=case["conf_level"], method=case["method"])
        for field, value in case["expected"].items():
            ours = getattr(found, field)
            gap = abs(ours - value) if value <= 1 else abs(1 / ours - 1 / value)
            assert gap < R_STOPS_AT, f"{case}: {field} is {ours}"


def test_exact_tests_agree_with_r(recorded, agree):
    """Fisher's and Freeman and Halton's P equal R's, for thirty tables of up to 4×4 and 2×6."""
    for case in recorded("contingency")["fisher_exact"]:
        agree(case, fisher_exact(case["table"]), case["expected"])


def test_chi_square_agrees_with_r(recorded, agree):
    """Statistic, P, degrees of freedom and expected counts equal R's, with and without Yates."""
    for case in recorded("contingency")["chi_square"]:
        found = chi_square(case["table"], continuity=case["continuity"])
        agree(case, found, case["expected"])
        np.testing.assert_allclose(found.expected, case["expected_counts"], rtol=1e-12)


def test_trend_agrees_with_r(recorded, agree):
    """The Cochran–Armitage statistic is R's, Fleiss' smokers first, for equal and other scores."""
    for case in recorded("contingency")["trend"]:
        agree(case, trend(case["events"], case["n"], case["scores"]), case["expected"])


@pytest.mark.parametrize(
    "answer",
    [
        odds_ratio([[0, 0], [3, 4]]),
        odds_ratio([[0, 3], [0, 4]], method="mid_p"),
        odds_ratio([[0, 0], [0, 0]]),
        fisher_exact([[0, 0, 0], [1, 2, 3]]),
        fisher_exact([[2], [3]]),
        chi_square([[0, 4], [0, 5]]),
        chi_square([[1, 2, 3]]),
        trend([0, 0], [5, 5]),
        trend([5, 5], [5, 5]),
        trend([0, 0], [0, 0]),
        trend([1, 2], [4, 4], [1, 1]),
        trend([1, 2, 0], [3, 3, 0], [0.1, 0.1, 0.7]),
        trend([3], [4]),
    ],
)
def test_a_table_with_nothing_to_compare(answer):
    """An empty margin, one group or one outcome is a reason and not a number."""
    assert isinstance(answer, NoEstimate)


def test_wide_tables_agree_with_r(recorded):
    """3 × 6 with 189 patients: P as fisher.test, where chi-square has nine small expectations."""
    for case in recorded("freeman_halton")["fisher_exact"]:
        found = fisher_exact(case["table"])
        assert found.method == "Freeman–Halton exact test"
        assert p_of(found) == pytest.approx(case["expected"]["p_value"], rel=1e-9)


def test_a_table_too_large_for_an_exact_test_is_drawn(recorded):
    """P then comes from drawn tables, as from R's (standard errors 0.0006 and 0.0002)."""
    (case,) = recorded("freeman_halton")["drawn"]
    found = fisher_exact(case["table"])
    assert found.method.startswith("Freeman–Halton test, 100,000 tables drawn, standard error")
    assert p_of(found) == pytest.approx(case["p_value"], abs=4 * 0.0007)
    assert p_of(found) == p_of(fisher_exact(case["table"]))


def test_drawn_tables_give_the_exact_p():
    """R's P of 0.43857511 for 3 × 6 lies within four standard errors of the drawn one."""
    table = np.array([[49, 28, 10, 8, 3, 2], [27, 18, 4, 4, 5, 2], [14, 9, 6, 0, 0, 0]])
    p_value, error = simulated(table, n_tables=20_000, seed=1)
    assert abs(p_value - 0.43857511024387) < 4 * error


@pytest.mark.parametrize("table", [[[1, -1], [2, 3]], [[0.5, 1], [2, 3]], [1, 2, 3]])
def test_what_is_no_table_of_counts_is_refused(table):
    """Negative or broken counts, or a flat list, are the caller's mistake."""
    with pytest.raises(ValueError, match="count"):
        fisher_exact(table)


def test_yates_is_for_two_by_two():
    """A continuity correction of a larger table is refused, not ignored."""
    with pytest.raises(ValueError, match="2×2"):
        chi_square([[1, 2, 3], [4, 5, 6]], continuity=True)


def test_events_must_fit_their_groups():
    """More events than patients, or lists of unequal length, are the caller's mistake."""
    with pytest.raises(ValueError, match="fit"):
        trend([3, 1], [2, 5])
    with pytest.raises(ValueError, match="fit"):
        trend([1, 1], [2, 5, 6])
    for scores in ([1, math.inf], [1, math.nan]):
        with pytest.raises(ValueError, match="finite"):
            trend([1, 2], [4, 5], scores)
    for events, n in (([1.5, 1], [2, 5]), ([1, 1], [2, 5.5]), ([1, math.nan], [2, 5])):
        with pytest.raises(ValueError, match="whole"):
            trend(events, n)
