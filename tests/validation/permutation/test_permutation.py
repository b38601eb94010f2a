"""Permutation tests: every relabelling listed in R, and Fisher's tea."""

from __future__ import annotations

import numpy as np
import pytest

from incohort.stats import NoEstimate
from incohort.stats.permutation import permutation_logrank, permutation_means, permutation_test

ALL = 1_000_000


def test_means_agree_with_coin(recorded, agree):
    """All relabellings: the difference and P are those of coin and of a list made by combn."""
    for case in recorded("permutation/permutation")["means"]:
        found = permutation_means(case["values"], case["group"], seed=1, n_permutations=ALL)
        expected = {key: case[key] for key in ("statistic", "p_value", "n_permutations")}
        agree(case, found, expected | {"is_exact": True})
        assert found.p_value == pytest.approx(case["coin"], rel=1e-9)


def test_logrank_agrees_with_survdiff(recorded, agree):
    """Seen less expected, and its P among all relabellings, are survdiff's, ties too."""
    for case in recorded("permutation/permutation")["logrank"]:
        found = permutation_logrank(
            case["time"], case["event"], case["group"], seed=1, n_permutations=ALL
        )
        expected = {key: case[key] for key in ("statistic", "p_value", "n_permutations")}
        agree(case, found, expected | {"is_exact": True})


def test_three_groups_agree_with_r(recorded, agree):
    """The spread of three means among all placements of three labels is R's."""
    for case in recorded("permutation/permutation")["several"]:
        found = permutation_means(case["values"], case["group"], seed=1)
        expected = {key: case[key] for key in ("statistic", "p_value", "n_permutations")}
        agree(case, found, expected | {"is_exact": True})


def test_the_lady_tasting_tea():
    """All 4 of 8 cups right: 1 of 70 ways, and its mirror image, so P is 2/70 on two sides."""
    poured, said = [1, 0, 0, 1, 1, 0, 1, 0], [1, 0, 0, 1, 1, 0, 1, 0]
    found = permutation_means(poured, said, seed=1)
    assert (found.is_exact, found.n_permutations) == (True, 70)
    assert found.p_value == pytest.approx(2 / 70)


def test_drawn_relabellings_come_near_the_list(recorded):
    """19,999 drawn relabellings give the exact P within four standard errors, and never 0."""
    case = recorded("permutation/permutation")["means"][0]
    drawn = permutation_means(case["values"], case["group"], seed=3, n_permutations=19_999)
    assert not drawn.is_exact
    p = case["p_value"]
    assert abs(drawn.p_value - p) < 4 * np.sqrt(p * (1 - p) / 20_000)
    apart = permutation_means(np.arange(60), np.arange(60) > 29, seed=3, n_permutations=99)
    assert apart.p_value == 1 / 100
    again = permutation_means(case["values"], case["group"], seed=3, n_permutations=19_999)
    assert again == drawn


def test_any_statistic_in_any_order():
    """The difference of means as a statistic of one's own gives what the fast way gives."""
    rng = np.random.default_rng(6)
    values, group = rng.normal(size=9), np.array(list("aabbbabba"))

    def difference(x, is_second):
        return x[is_second].mean() - x[~is_second].mean()

    own = permutation_test(values, group, difference, seed=2)
    fast = permutation_means(values, group, seed=2)
    assert (own.p_value, own.n_permutations) == (fast.p_value, fast.n_permutations)
    assert own.statistic == pytest.approx(fast.statistic)
    few = permutation_test(values, group, difference, seed=2, n_permutations=50)
    assert (few.is_exact, few.n_permutations) == (False, 50)


def test_what_cannot_be_permuted():
    """One group, no event and values all alike give a reason; broken input is refused."""
    assert isinstance(permutation_means([1, 2], ["a", "a"], seed=1), NoEstimate)
    assert isinstance(permutation_means([], [], seed=1), NoEstimate)
    assert isinstance(permutation_means([2, 2], ["a", "b"], seed=1), NoEstimate)
    assert isinstance(permutation_logrank([1, 2], [0, 0], ["a", "b"], seed=1), NoEstimate)
    assert isinstance(permutation_logrank([], [], [], seed=1), NoEstimate)
    for bad in (
        lambda: permutation_means([1, np.nan], ["a", "b"], seed=1),
        lambda: permutation_means([1, 2], ["a"], seed=1),
        lambda: permutation_means([1, 2], ["a", "b"], seed=1, n_permutations=0),
        lambda: permutation_test([1, 2, 3], ["a", "b", "c"], lambda *_: 0.0, seed=1),
        lambda: permutation_test([1, 2], ["a", "b"], lambda *_: float("nan"), seed=1),
    ):
        with pytest.raises(ValueError, match=r"missing|one value|at least|two groups|number"):
            bad()
