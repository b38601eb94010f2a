"""Gray's test against cmprsk's cuminc."""

from __future__ import annotations

import pytest
from numpy.testing import assert_allclose

from incohort.stats import NoEstimate
from incohort.stats.competing import gray_test


def test_gray_agrees_with_cuminc(recorded, data_set):
    """Statistic, degrees of freedom and P are cuminc's: ties, weights, strata, three groups."""
    for case in recorded("competing/competing")["gray_test"]:
        columns = data_set(case["set"])
        found = gray_test(
            columns["time"],
            columns["cause"],
            columns[case["group"]],
            cause_of_interest=case["cause"],
            rho=case["rho"],
            stratum=columns[case["stratum"]] if case["stratum"] else None,
        )
        name = str({key: case[key] for key in ("set", "group", "stratum", "rho", "cause")})
        assert found.df == case["df"], name
        assert_allclose(found.statistic, case["statistic"], rtol=1e-9, err_msg=name)
        # R takes 1 − pchisq, which leaves it an absolute precision.
        assert_allclose(found.p_value, case["p_value"], rtol=1e-9, atol=1e-14, err_msg=name)


def test_scores_of_all_groups_add_to_nothing(data_set):
    """What one group has too many the others have too few; so for the variance's rows."""
    columns = data_set("tied")
    found = gray_test(columns["time"], columns["cause"], columns["group"])
    assert_allclose(found.score.sum(), 0, atol=1e-12)
    assert_allclose(found.variance.sum(axis=0), 0, atol=1e-12)
    assert found.n_events.sum() == (columns["cause"] == 1).sum()


def test_two_patients_by_hand():
    """Of two, one of each group, the first has the event: score 1/2, variance 1/4, statistic 1."""
    found = gray_test([1, 2], [1, 0], ["a", "b"])
    assert found.score.tolist() == [0.5, -0.5]
    assert_allclose(found.variance, [[0.25, -0.25], [-0.25, 0.25]])
    assert found.statistic == pytest.approx(1)


@pytest.mark.parametrize(
    ("time", "cause", "group"),
    [
        ([1, 2, 3, 4], [1, 2, 0, 1], [1, 1, 1, 1]),
        ([1, 2, 3, 4], [0, 2, 0, 2], [1, 1, 2, 2]),
        ([1, 1, 2, 3], [0, 0, 1, 1], [1, 1, 2, 2]),
    ],
)
def test_no_comparison_is_no_estimate(time, cause, group):
    """One group, no event of the cause, or nobody of the other group at risk: a reason."""
    assert isinstance(gray_test(time, cause, group), NoEstimate)


def test_cause_zero_is_refused():
    """Censoring is no cause to be compared."""
    with pytest.raises(ValueError, match="censored"):
        gray_test([1, 2], [1, 0], [1, 2], cause_of_interest=0)
