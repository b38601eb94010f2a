"""Quartiles of values of which some were printed with < or >."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import incohort as ic
from incohort.cohort import open_cohort
from incohort.results import Estimate
from incohort.stats import NoEstimate
from incohort.stats.one_sided import Quartile, one_sided_quartiles
from incohort.tables import numbers

SIGNS = st.sampled_from([None, "<", "<=", ">=", ">"])


def test_a_quartile_between_exact_values_is_what_it_is_without_signs():
    """Bounds below the first quartile and above the third move none of the three."""
    values, signs = [0.1, 2.0, 3.0, 4.0, 9.0], ["<", None, None, None, ">"]
    answer = one_sided_quartiles(values, signs)

    assert answer == {
        "q1": Quartile(value=2.0, bound=""),
        "median": Quartile(value=3.0, bound=""),
        "q3": Quartile(value=4.0, bound=""),
    }


def test_a_quartile_among_bounds_is_a_limit():
    """Of four counts, two below 0.1 and two of at least 2, the outer quartiles are limits."""
    answer = one_sided_quartiles([0.1, 0.1, 2.0, 2.0], ["<", "<", ">=", ">="])

    assert answer["q1"] == Quartile(value=0.1, bound="≤")
    assert answer["q3"] == Quartile(value=2.0, bound="≥")
    assert isinstance(answer["median"], NoEstimate)  # half way between anything and anything


def test_a_quartile_that_bounds_leave_between_two_numbers_is_told_by_one_of_them():
    """`< 5` may be 0 or 4.9, so the median of it, 1 and 2 lies from 1 to 2: it is 2 at most."""
    below = one_sided_quartiles([5.0, 1.0, 2.0], ["<", None, None])
    above = one_sided_quartiles([0.0, 1.0, 2.0], [">", None, None])
    mixed = one_sided_quartiles([5.0, 0.0, 1.0, 2.0, 9.0], ["<", ">", None, None, None])

    assert below["median"] == Quartile(value=2.0, bound="≤")
    assert above["median"] == Quartile(value=1.0, bound="≥")
    assert isinstance(mixed["median"], NoEstimate)  # from 1.0 to 5.0, by bounds of both sides
    assert one_sided_quartiles([], [])["median"] == NoEstimate("there are no values")


@given(st.lists(st.tuples(st.integers(1, 9), SIGNS, st.integers(0, 20)), min_size=1, max_size=9))
def test_no_truth_contradicts_a_quartile(rows):
    """Whatever lies behind the bounds, the quartile of the truths is what is said, or within it."""
    values = [float(value) for value, _, _ in rows]
    signs = [sign for _, sign, _ in rows]
    truths = [
        value - more if sign in ("<", "<=") else value + more if sign else value
        for value, (_, sign, more) in zip(values, rows, strict=True)
    ]
    answer = one_sided_quartiles(values, signs)
    for name, p in (("q1", 0.25), ("median", 0.5), ("q3", 0.75)):
        truth, told = float(np.quantile(truths, p)), answer[name]
        if isinstance(told, Quartile):
            low = told.value if told.bound != "≤" else -math.inf
            high = told.value if told.bound != "≥" else math.inf
            assert low - 1e-9 <= truth <= high + 1e-9


def test_a_count_known_only_from_below_is_printed_so():
    """Of 771 counts of Fragoulis 713 are `2.0 or more`: their median is no 2.00."""
    overview = ic.cohort_overview(cohort="fragoulis2018")
    of_all = overview.counts().by_key["cohort_overview/anc/median"]

    assert isinstance(of_all, Estimate)
    assert numbers.format_estimate(of_all) == "≥\u00a02.00"


def test_a_frame_says_which_numbers_are_bounds():
    """The sign stands beside the value, and nothing stands beside an exact one."""
    frame = ic.patients(open_cohort("fragoulis2018")).frame

    assert set(frame.loc[frame["anc"] == 2.0, "anc_sign"]) == {">="}
    assert frame.loc[frame["anc"] < 2.0, "anc_sign"].isna().all()
    assert set(frame["lab_HB_sign"]) == {"<", ">="}


@pytest.mark.parametrize("name", ["anc", "lab_HB"])
def test_nothing_but_labs_has_a_sign(name):
    """A cohort without signs, or without counts, has the columns all the same, empty."""
    frame = ic.patients(open_cohort("jinca2021")).frame

    assert frame[f"{name}_sign"].isna().all()


def test_what_is_known_only_from_below_has_no_standardised_difference():
    """`2.0 or more` has no mean: neither neutrophils nor haemoglobin of Fragoulis have an SMD."""
    by_key = ic.cohort_overview(cohort="fragoulis2018").characteristics().by_key
    told = {name: by_key[f"cohort_overview/table_one/{name}/smd"] for name in ("anc", "hb", "plt")}

    assert {name: result.reason for name, result in told.items()} == dict.fromkeys(
        told, "some values are known only from below, so they have no mean"
    )
