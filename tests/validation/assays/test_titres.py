"""Titres in order, where some are only bounds."""

from __future__ import annotations

import math

import numpy as np
import pytest

from incohort.stats.assays.titres import titre_order, titre_table
from incohort.stats.outcome import NoEstimate

FIRST = [32, 16, 8, 8, 16, 8, 64]
FIRST_BELOW = [False, False, False, True, False, True, True]
SECOND = [8, 16, 16, 8, 16, 8, 64]
SECOND_BELOW = [False, False, False, False, True, True, False]


def test_bounds_decide_what_they_can():
    """By hand: 32>8, 16=16, 8<16, <8 below 8, 16 above <16, <8 against <8 open, <64 below 64."""
    found = titre_order(FIRST, FIRST_BELOW, SECOND, SECOND_BELOW)
    assert (found.n_first_higher, found.n_second_higher) == (2, 3)
    assert (found.n_equal, found.n_undecided) == (1, 1)


def test_a_titre_under_the_others_bound_is_open():
    """8 against below 16 may be higher, equal or lower: it is counted as undecided."""
    found = titre_order([8], [False], [16], [True])
    assert found.n_undecided == 1
    assert found.odds == NoEstimate("no pair of titres is known to differ")


def test_odds_agree_with_r(recorded):
    """The odds' limits equal those of binom.test on the pairs that differ."""
    for case in recorded("assays/titres")["odds"]:
        k, m = case["higher"], case["lower"]
        first, second = [16] * k + [8] * m, [8] * k + [16] * m
        never = [False] * (k + m)
        found = titre_order(first, never, second, never).odds
        assert found.estimate == pytest.approx(k / m)
        assert (found.ci_low, found.ci_high) == pytest.approx(tuple(case["limits"]), rel=1e-9)


def test_exchanging_the_methods_mirrors_the_counts():
    """What was higher by the first is lower by the second; the rest stays."""
    found = titre_order(FIRST, FIRST_BELOW, SECOND, SECOND_BELOW)
    mirrored = titre_order(SECOND, SECOND_BELOW, FIRST, FIRST_BELOW)
    assert mirrored.n_first_higher == found.n_second_higher
    assert (mirrored.n_equal, mirrored.n_undecided) == (found.n_equal, found.n_undecided)
    assert mirrored.odds.estimate == pytest.approx(1 / found.odds.estimate)


def test_reasons_and_refusals():
    """No sera have a reason; titres without flags or with gaps are refused."""
    empty = np.zeros(0, dtype=bool)
    assert "no serum" in titre_order([], empty, [], empty).reason
    with pytest.raises(ValueError, match="booleans"):
        titre_order([8], [0], [8], [False])
    with pytest.raises(ValueError, match="finite"):
        titre_order([math.nan], [False], [8], [False])
    with pytest.raises(ValueError, match="one length"):
        titre_order([8, 16], [False], [8, 16], [False, False])


def test_titres_are_counted_by_dilution_steps():
    """Below 8, 8, 16 and 64 are steps 0, 1, 2 and 4; step 3 stands though no serum had it."""
    table = titre_table([8, 8, 16, 64], [True, False, False, False], [8, 8, 8, 64], [False] * 4)

    assert table.shape == (5, 5)
    assert {(int(i), int(j)): int(table[i, j]) for i, j in np.argwhere(table)} == {
        (0, 1): 1, (1, 1): 1, (2, 1): 1, (4, 4): 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "below", "second", "reason"),
    [
        ([], [], [], "no serum"),
        ([8, 16], [True, True], [8, 8], "first dilution"),
        ([8, 16], [True, False], [4, 8], "first dilution"),
        ([8, 20], [False, False], [8, 8], "twofold"),
        ([8, 8], [False, False], [8, 8], "same titre"),
        ([0, 8], [False, False], [8, 8], "no dilution step"),
    ],
)
def test_titres_without_common_steps_have_no_table(first, below, second, reason):
    """Two first dilutions, a titre under the bound, a titre off the series, one titre only."""
    flags = np.zeros(len(second), dtype=bool)
    found = titre_table(first, np.array(below, dtype=bool), second, flags)

    assert reason in found.reason
