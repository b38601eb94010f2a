"""Correlations against R, and what the printed figures of Kyritsi 2015 imply."""

from __future__ import annotations

import pytest

from incohort.stats import NoEstimate
from incohort.stats.correlation import (
    Correlation,
    implied_n,
    p_value_of,
    partial,
    pearson,
    spearman,
)


@pytest.mark.parametrize(
    ("r", "p", "sizes"),
    [
        ("-0.274", "0.007", (94, 97)),  # FT3 and ANC
        ("-0.16", "0.045", (148, 168)),  # TPO-Ab and C4
        ("-0.266", "0.001", (140, 168)),  # TG-Ab and C4
        ("-0.274", "0.024", (68, 68)),  # CD4 and T4
    ],
)
def test_the_sample_sizes_behind_kyritsi_2015(r, p, sizes):
    """Both r and P were rounded: r = −0.155 of 168 patients is printed −0.16, its P 0.045."""
    r_digits, p_digits = (len(text.partition(".")[2]) for text in (r, p))
    assert implied_n(float(r), float(p), p_digits=p_digits, r_digits=r_digits) == sizes


def test_a_rounded_correlation_allows_every_size_that_some_r_behind_it_gives():
    """All n from 3 to 400 are tried with the largest and the smallest |r| that are printed 0.16."""
    fits = [
        n for n in range(3, 400) if p_value_of(0.165, n) < 0.0455 and p_value_of(0.155, n) >= 0.0445
    ]
    assert implied_n(0.16, 0.045, p_digits=3, r_digits=2) == (fits[0], fits[-1])


def test_the_tuna():
    """Hollander and Wolfe 1973, p. 187: rho of the nine lots is 0.6, that is 1 − 6·48/(9·80)."""
    lightness = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    score = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    found = spearman(lightness, score)
    assert isinstance(found, Correlation)
    assert found.estimate == pytest.approx(0.6, abs=1e-12)


@pytest.mark.parametrize(("function", "section"), [(pearson, "pearson"), (spearman, "spearman")])
def test_correlations_agree_with_r(recorded, agree, function, section):
    """r, rho, P and limits are R's at three levels, with ties and from four pairs on."""
    for case in recorded("correlation")[section]:
        found = function(case["x"], case["y"], conf_level=case["conf_level"])
        agree(case, found, case["expected"])


def test_partial_correlations_agree_with_r(recorded, agree):
    """Corpcor's inverse of the correlation matrix gives the same r as regressing twice."""
    for case in recorded("correlation")["partial"]:
        found = partial(case["x"], case["y"], case["covariates"], conf_level=case["conf_level"])
        agree(case, found, case["expected"])


def test_p_of_a_printed_correlation_agrees_with_r(recorded):
    """The t distribution gives P for any r and n from 3 on."""
    for case in recorded("correlation")["p_value_of"]:
        assert p_value_of(case["r"], case["n"]) == pytest.approx(case["p_value"], rel=1e-9), case


def test_implied_sizes_are_those_found_by_trying_all(recorded):
    """R tried every n up to 20 000; bisection finds the same first and last."""
    for case in recorded("correlation")["implied_n"]:
        found = implied_n(case["r"], case["p"], p_digits=case["p_digits"])
        assert found == (case["smallest"], case["largest"]), case


@pytest.mark.parametrize(
    "answer",
    [
        pearson([1, 2, 3], [3, 1, 2]),
        pearson([1, 1, 1, 1], [1, 2, 3, 4]),
        spearman([1, 2, 3, 4], [0, 0, 0, 0]),
        partial([1, 2, 3, 4, 5], [2, 1, 4, 3, 5], [[1, 2], [3, 4], [5, 6], [7, 1], [2, 2]]),
        partial([1, 2, 3, 4, 5, 6], [2, 1, 4, 3, 5, 7], [[1], [2], [3], [4], [5], [6]]),
        implied_n(0, 0.5, p_digits=2),
        implied_n(0.004, 0.5, p_digits=2, r_digits=2),
        implied_n(1, 0.5, p_digits=2),
        implied_n(0.9, 0.9, p_digits=3),
        implied_n(0.0001, 0.0001, p_digits=4),
    ],
)
def test_what_has_no_correlation(answer):
    """Too few pairs, a constant, a determined variable or an impossible P is a reason."""
    assert isinstance(answer, NoEstimate)


def test_pairs_must_be_pairs():
    """Two lists of unequal length, or a missing value, are the caller's mistake."""
    with pytest.raises(ValueError, match="one length"):
        pearson([1, 2, 3, 4], [1, 2, 3])
    with pytest.raises(ValueError, match="missing"):
        spearman([1, 2, 3, float("nan")], [1, 2, 3, 4])
