"""What repeating an assay adds."""

from __future__ import annotations

import numpy as np
import pytest

from incohort.stats.assays.repeats import first_positive_test, yield_by_repeat
from incohort.stats.outcome import NoEstimate


def test_porretti_2018():
    """Indirect GIFT repeated in 44: 12 more, then 2 more: 27.3 %, then 31.8 % (20.0 to 46.6)."""
    first, second = yield_by_repeat([1] * 12 + [2] * 32, np.repeat([True, False], [14, 30]))
    assert first.gain.estimate == pytest.approx(0.273, abs=5e-4)
    assert (second.n_tested, second.n_new) == (32, 2)
    assert second.gain.estimate == pytest.approx(2 / 32)
    assert second.cumulative.estimate == pytest.approx(0.318, abs=5e-4)
    limits = (second.cumulative.ci_low, second.cumulative.ci_high)
    assert limits == pytest.approx((0.200, 0.466), abs=5e-4)


def test_agrees_with_r(recorded):
    """Numbers tested, new, gains and cumulative yields with limits equal survfit's."""
    for case in recorded("assays/repeats")["cases"]:
        found = yield_by_repeat(case["n_tests"], np.array(case["is_positive"], dtype=bool))
        assert [step.n_tested for step in found] == case["n_tested"]
        assert [step.n_new for step in found] == case["n_new"]
        assert [step.repeat for step in found] == list(range(1, len(found) + 1))
        for name, numbers in (
            ("cumulative", [step.cumulative.estimate for step in found]),
            ("low", [step.cumulative.ci_low for step in found]),
            ("high", [step.cumulative.ci_high for step in found]),
            ("gain_low", [step.gain.ci_low for step in found]),
            ("gain_high", [step.gain.ci_high for step in found]),
        ):
            assert numbers == pytest.approx(case[name], rel=1e-9, abs=1e-12), name


def test_all_or_nobody_found_keeps_an_interval():
    """Nobody found of 9, or all of 4: the limits are Wilson's of that repeat, not a point."""
    (nobody,) = yield_by_repeat([1] * 9, np.zeros(9, dtype=bool))
    z2 = 1.959963984540054**2
    assert (nobody.cumulative.estimate, nobody.cumulative.ci_low) == (0.0, 0.0)
    assert nobody.cumulative.ci_high == pytest.approx(z2 / (9 + z2))
    *_, last = yield_by_repeat([1, 2, 2, 2], np.ones(4, dtype=bool))
    assert (last.cumulative.estimate, last.cumulative.ci_high) == (1.0, 1.0)
    assert last.cumulative.ci_low == pytest.approx(3 / (3 + z2))


def test_tests_are_counted_in_the_order_of_time():
    """By hand: at the second test; never in two; not tested; a tie in the order given."""
    patient = [0, 0, 0, 1, 1, 3, 3, 3]
    time = [30, 10, 20, 5, 6, 7, 7, 7]
    positive = [False, False, True, False, False, False, True, True]
    n_tests, is_positive = first_positive_test(patient, time, positive, 4)
    assert n_tests.tolist() == [2, 2, 0, 2]
    assert is_positive.tolist() == [True, False, False, True]
    days = np.array(time, dtype="datetime64[D]")
    assert first_positive_test(patient, days, positive, 4)[0].tolist() == [2, 2, 0, 2]


def test_counting_agrees_with_a_plain_loop():
    """Over 3000 tests with ties in time, a loop over each patient's tests counts the same."""
    rng = np.random.default_rng(6)
    patient, time = rng.integers(0, 500, 3000), rng.integers(0, 20, 3000)
    positive = rng.random(3000) < 0.2
    n_tests, is_positive = first_positive_test(patient, time, positive, 500)
    for i in range(500):
        rows = sorted(np.flatnonzero(patient == i), key=lambda row: (time[row], row))
        until = next((j + 1 for j, row in enumerate(rows) if positive[row]), None)
        assert is_positive[i] == (until is not None)
        assert n_tests[i] == (len(rows) if until is None else until)


def test_reasons_and_refusals():
    """No tests have a reason; broken input is refused."""
    assert yield_by_repeat([0, 0], np.zeros(2, dtype=bool)) == NoEstimate("nobody was tested")
    assert first_positive_test([], [], np.zeros(0, dtype=bool), 2)[0].tolist() == [0, 0]
    with pytest.raises(ValueError, match="whole"):
        yield_by_repeat([1.5], [True])
    with pytest.raises(ValueError, match="one length"):
        yield_by_repeat([1, 2], [True])
    with pytest.raises(ValueError, match="numbered"):
        first_positive_test([5], [1], [True], 3)
    with pytest.raises(ValueError, match="numbered"):
        first_positive_test([0.5], [1], [True], 3)
    with pytest.raises(ValueError, match="none missing"):
        first_positive_test([0], [np.nan], [True], 3)
    with pytest.raises(ValueError, match="one length"):
        first_positive_test([0], [1, 2], [True], 3)
