"""Shares with the strata of all: an example by hand, what must hold, and how often limits do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from incohort.stats import NoEstimate
from incohort.stats.proportions import proportion
from incohort.stats.standardised import standardised_share
from incohort.synthetic.lgl_draw import FIRST_DRUGS, draw_mutated, draw_treated, response_if_all

SEEDS = 400


def people(*cells: tuple[int, int, int, int]):
    """Event, group and stratum of so many of each: n, event, in the group, stratum."""
    n, event, group, stratum = (np.array(column) for column in zip(*cells, strict=True))
    return np.repeat(event, n), np.repeat(group, n), np.repeat(stratum, n)


def test_an_example_by_hand():
    """3 of 4 in one stratum, 1 of 4 in the other, which is three quarters of 40 people."""
    rows = people((3, 1, 1, 0), (1, 0, 1, 0), (6, 0, 0, 0), (1, 1, 1, 1), (3, 0, 1, 1),
                  (26, 1, 0, 1))  # fmt: skip
    answer = standardised_share(*rows)
    share = 0.25 * 0.75 + 0.75 * 0.25
    variance = (0.25**2 + 0.75**2) * (0.75 * 0.25 / 4)
    variance += (0.25 * (0.75 - share) ** 2 + 0.75 * (0.25 - share) ** 2) / 40
    plain = share * (1 - share) / variance
    z = 1.959963984540054
    centre = (share + z**2 / (2 * plain)) / (1 + z**2 / plain)
    half = z / (1 + z**2 / plain) * math.sqrt(variance + z**2 / (4 * plain**2))
    assert not isinstance(answer, NoEstimate)
    assert (answer.estimate, answer.ci_low, answer.ci_high) == pytest.approx(
        (share, centre - half, centre + half), abs=1e-9
    )


def test_one_stratum_is_the_plain_share():
    """With nothing to weigh the share and its limits are Wilson's."""
    answer, plain = standardised_share([1, 1, 0, 0, 1], [1, 1, 1, 1, 0], [7] * 5), proportion(2, 4)
    assert not isinstance(answer, NoEstimate)
    assert not isinstance(plain, NoEstimate)
    assert (answer.estimate, answer.ci_low, answer.ci_high) == pytest.approx(
        (plain.estimate, plain.ci_low, plain.ci_high), abs=1e-12
    )


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (((), (), ()), "nobody in the denominator"),
        (people((2, 1, 1, 0), (2, 0, 0, 1)), "in a stratum nobody is in the group"),
    ],
)
def test_what_can_not_be_told_has_a_reason(rows, reason):
    """Nobody at all, and a stratum in which nobody was given the drug."""
    answer = standardised_share(*rows)
    assert isinstance(answer, NoEstimate)
    assert reason in answer.reason


def test_the_truth_of_each_first_drug_is_held_93_times_in_100():
    """Drawn with a drug that is chosen by what decides over the response; plain shares are off."""
    held = dict.fromkeys(FIRST_DRUGS, 0)
    plain = []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        treated = draw_treated(draw_mutated(rng), rng)
        seen = treated.is_assessed
        for place, drug in enumerate(FIRST_DRUGS):
            is_own = treated.drug[seen] == place
            answer = standardised_share(treated.has_response[seen], is_own, treated.is_severe[seen])
            assert not isinstance(answer, NoEstimate)
            held[drug] += answer.ci_low <= response_if_all(drug) <= answer.ci_high
        is_first = treated.drug == 0
        plain.append(treated.has_response[is_first].mean())
    assert min(held.values()) >= 0.93 * SEEDS, held
    assert np.mean(plain) > response_if_all("methotrexate") + 0.03
