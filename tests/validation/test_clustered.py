"""Shares with patients as clusters against R's survey, by hand, and against plain shares."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incohort.stats import NoEstimate
from incohort.stats.clustered import bootstrap_share, clustered_share, intraclass_correlation
from incohort.stats.proportions import proportion

METHODS = ("wilson", "korn_graubard", "logit")


def test_a_clustered_share_agrees_with_r(recorded, agree):
    """The ratio, its error and design effect are survey's; so are limits of three kinds."""
    for case in recorded("clustered")["clustered_share"]:
        found = clustered_share(
            case["event"], case["cluster"], method=case["method"], conf_level=case["conf_level"]
        )
        tolerance = 1e-6 if case["method"] == "logit" else 1e-9  # a regression finds the logit
        agree(case, found.share, case["expected"], tolerance)
        assert found.se == pytest.approx(case["se"], rel=1e-9)
        assert found.design_effect == pytest.approx(case["design_effect"], rel=1e-9)
        assert found.n_effective == pytest.approx(case["n_effective"], rel=1e-9)


def test_an_intraclass_correlation_agrees_with_r(recorded):
    """From the mean squares between and within patients."""
    for case in recorded("clustered")["intraclass_correlation"]:
        found = intraclass_correlation(case["event"], case["cluster"])
        assert found == pytest.approx(case["value"], rel=1e-9)


def test_two_pairs_by_hand():
    """Rows 11, 00: ½; each patient is off by 1 of 4 rows: variance 2·2/16 = ¼, 3 times 1/12."""
    found = clustered_share([1, 1, 0, 0], ["a", "a", "b", "b"])

    assert (found.share.estimate, found.se, found.n_clusters, found.n_events) == (0.5, 0.5, 2, 2)
    assert found.design_effect == pytest.approx(3)
    assert intraclass_correlation([1, 1, 0, 0], ["a", "a", "b", "b"]) == 1
    assert intraclass_correlation([1, 0, 1, 0], ["a", "a", "b", "b"]) == -1


@given(st.lists(st.booleans(), min_size=2, max_size=40), st.sampled_from([0.8, 0.95]))
@settings(deadline=None)
def test_clusters_of_one_are_a_plain_share(event, level):
    """One row a patient: Wilson's and the exact interval as of any share, design effect 1."""
    for method, plain in (("wilson", "wilson"), ("korn_graubard", "clopper_pearson")):
        found = clustered_share(event, range(len(event)), method=method, conf_level=level)
        expected = proportion(sum(event), len(event), method=plain, conf_level=level)
        assert found.share.estimate == expected.estimate
        assert (found.share.ci_low, found.share.ci_high) == pytest.approx(
            (expected.ci_low, expected.ci_high), rel=1e-9, abs=1e-12
        )
        if 0 < sum(event) < len(event):
            assert found.design_effect == pytest.approx(1, rel=1e-9)


@given(st.lists(st.booleans(), min_size=2, max_size=12), st.integers(2, 4))
@settings(deadline=None)
def test_copied_rows_tell_no_more(event, copies):
    """Each patient's row so many times over: the same share with the same error."""
    once = clustered_share(event, range(len(event)))
    often = clustered_share(np.repeat(event, copies), np.repeat(np.arange(len(event)), copies))

    assert often.share.estimate == pytest.approx(once.share.estimate)
    assert often.se == pytest.approx(once.se, rel=1e-9, abs=1e-12)
    assert often.n_effective <= once.n_effective * (1 + 1e-9)
    assert often.share.ci_low <= once.share.ci_low + 1e-12


def test_no_row_with_the_event_counts_patients():
    """None of 30 rows of 10 patients: Wilson's limit of 0 of 10, no design effect."""
    found = clustered_share([0] * 30, np.repeat(np.arange(10), 3))

    assert found.share.ci_high == pytest.approx(proportion(0, 10).ci_high)
    assert (found.n_effective, found.se) == (10, 0)
    assert isinstance(found.design_effect, NoEstimate)
    assert clustered_share([0, 0, 0], [1, 1, 2], method="logit").share.no_interval


def test_patients_who_do_not_differ_count_each_row():
    """Everybody has one of two: the variance between patients is 0, and n is not exceeded."""
    found = clustered_share([1, 0] * 8, np.repeat(np.arange(8), 2))

    assert (found.design_effect, found.n_effective) == (0, 16)
    assert bootstrap_share([1, 0] * 8, np.repeat(np.arange(8), 2), seed=1).no_interval


def test_bootstrap_limits_are_those_of_all_resamples():
    """Of the 4⁴ ways to draw four patients, 2.5 % lie beyond either limit, within 1 %."""
    event, cluster = [1, 1, 1, 0, 0, 1, 0, 0, 0], [1, 1, 1, 2, 2, 3, 3, 4, 4]
    sums, sizes = np.array([3, 0, 1, 0]), np.array([3, 2, 2, 2])
    ways = [list(way) for way in itertools.product(range(4), repeat=4)]
    shares = np.array([sums[way].sum() / sizes[way].sum() for way in ways])
    found = bootstrap_share(event, cluster, seed=7, n_resamples=20_000)

    assert found.estimate == 4 / 9
    assert (shares < found.ci_low).mean() <= 0.035
    assert (shares <= found.ci_low).mean() >= 0.015
    assert (shares > found.ci_high).mean() <= 0.035
    assert (shares >= found.ci_high).mean() >= 0.015


def test_a_seed_gives_the_same_limits(monkeypatch):
    """Also where the resamples are drawn in parts, and whatever the order of the rows."""
    rng = np.random.default_rng(3)
    event, cluster = rng.random(60) < 0.3, rng.integers(0, 15, 60)
    found = bootstrap_share(event, cluster, seed=5)
    monkeypatch.setattr("incohort.stats.clustered._AT_ONCE", 150)

    assert bootstrap_share(event[::-1], cluster[::-1], seed=5) == found
    assert bootstrap_share(event, cluster, seed=6) != found


def test_the_bootstrap_and_the_formula_agree_in_many_patients():
    """With 400 patients the width of both intervals is the same within a tenth."""
    rng = np.random.default_rng(9)
    cluster = np.repeat(np.arange(400), rng.integers(1, 7, 400))
    event = rng.random(len(cluster)) < rng.beta(1, 3, 400)[cluster]
    formula = clustered_share(event, cluster).share
    drawn = bootstrap_share(event, cluster, seed=2)

    width = drawn.ci_high - drawn.ci_low
    assert width == pytest.approx(formula.ci_high - formula.ci_low, rel=0.1)


def test_what_has_no_clustered_share():
    """No row, or one patient alone, is a reason; so is a correlation without two rows."""
    for of in (clustered_share, intraclass_correlation):
        assert isinstance(of([], []), NoEstimate)
        assert isinstance(of([1, 0], [3, 3]), NoEstimate)
    assert isinstance(bootstrap_share([], [], seed=1), NoEstimate)
    assert isinstance(bootstrap_share([1, 0], [3, 3], seed=1), NoEstimate)
    assert isinstance(intraclass_correlation([1, 0], [1, 2]), NoEstimate)
    assert isinstance(intraclass_correlation([1, 1, 1], [1, 1, 2]), NoEstimate)
    with pytest.raises(ValueError, match="at least 100"):
        bootstrap_share([1, 0], [1, 2], seed=1, n_resamples=99)
    with pytest.raises(ValueError, match="method"):
        clustered_share([1, 0], [1, 2], method="wald")
    assert not math.isnan(clustered_share([1, 0], [1, 2]).share.ci_low)
