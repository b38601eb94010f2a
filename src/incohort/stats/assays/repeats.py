"""What repeating an assay adds: the yield after one test, two, three, and each one's gain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from incohort.stats.outcome import Interval, NoEstimate, check_conf_level
from incohort.stats.proportions import proportion, wilson_limits


@dataclass(frozen=True, slots=True, kw_only=True)
class RepeatYield:
    """One repeat: of `n_tested` still negative patients, `n_new` turned positive.

    `gain` is that share; `cumulative` the share of all patients found by now, had everybody still
    negative been tested up to here.
    """

    repeat: int
    n_tested: int
    n_new: int
    gain: Interval
    cumulative: Interval


def first_positive_test(
    patient: ArrayLike, time: ArrayLike, positive: ArrayLike, n_patients: int
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """How many tests each patient had up to the first positive one, and whether there was one.

    Args:
        patient: Each test's patient, 0 to n_patients − 1, shape (tests,).
        time: When, as numbers or dates, shape (tests,); tests at one time are in the order given.
        positive: True for positive, shape (tests,); indeterminate results are left out before.
        n_patients: How many patients there are.

    Returns:
        n_tests and is_positive, both of shape (n_patients,); where no test was positive all tests
        count, and 0 stands for no test.

    Raises:
        ValueError: Lengths differ, a time is missing, or a patient's number is out of range.

    Source: counting; tests/validation/assays/test_repeats.py.
    """
    who, when, was_positive = np.asarray(patient), np.asarray(time), np.asarray(positive)
    if (
        who.ndim != 1
        or not who.shape == when.shape == was_positive.shape
        or was_positive.dtype != np.bool_
    ):
        msg = "patient, time and positive (booleans) must have one length"
        raise ValueError(msg)
    if len(who) and not (who.dtype.kind in "iu" and who.min() >= 0 and who.max() < n_patients):
        msg = f"patients are numbered from 0 to below their count ({n_patients})"
        raise ValueError(msg)
    if when.dtype.kind not in "iufM" or (when != when).any():  # noqa: PLR0124 — NaN and NaT
        msg = "times are numbers or dates, none missing"
        raise ValueError(msg)
    who = who.astype(np.int64)  # an empty list is one of floats
    n_tests = np.bincount(who, minlength=n_patients)
    is_positive = np.zeros(n_patients, dtype=bool)
    is_positive[who[was_positive]] = True
    if not was_positive.any():
        return n_tests, is_positive
    # without sorting: a patient's earliest positive time, the first row that has it, and how many
    # of her tests came before that row
    ticks = when.astype(np.int64) if when.dtype.kind == "M" else when
    earliest = np.full(n_patients, ticks.max(), dtype=ticks.dtype)
    np.minimum.at(earliest, who[was_positive], ticks[was_positive])
    row = np.arange(len(who))
    first_row = np.full(n_patients, len(who))
    is_first = was_positive & (ticks == earliest[who])
    np.minimum.at(first_row, who[is_first], row[is_first])
    is_before = ticks < earliest[who]
    is_before |= (ticks == earliest[who]) & (row <= first_row[who])
    up_to_first = np.bincount(who[is_before], minlength=n_patients)
    return np.where(is_positive, up_to_first, n_tests), is_positive


def yield_by_repeat(
    n_tests: ArrayLike, is_positive: ArrayLike, *, conf_level: float = 0.95
) -> tuple[RepeatYield, ...] | NoEstimate:
    """The cumulative yield over repeats, and what each repeat found in the still negative.

    Patients who were not tested again while negative are taken to have been as likely to turn
    positive as those who were (Kaplan–Meier over repeats). The cumulative interval is Wilson's
    with the sample size at which a plain proportion would have Greenwood's variance; where that is
    0 (nobody, or everybody left, was found) the size is that of the repeat.

    Args:
        n_tests: Tests up to the first positive or the last, shape (n,); 0 is not counted.
        is_positive: Whether the last of these was positive, shape (n,).
        conf_level: In (0, 1).

    Source: Kaplan & Meier 1958; Rothman 1978, J Chronic Dis 31:557; R's survfit;
        tests/validation/assays/repeats.R.

    >>> first, second = yield_by_repeat([1] * 12 + [2] * 32, [True] * 14 + [False] * 30)
    >>> round(second.cumulative.estimate, 3)  # Porretti 2018: 14 of 44 after two repeats
    0.318
    """
    check_conf_level(conf_level)
    tests, was_positive = np.asarray(n_tests), np.asarray(is_positive)
    if tests.ndim != 1 or tests.shape != was_positive.shape or was_positive.dtype != np.bool_:
        msg = "n_tests and is_positive (booleans) must have one length"
        raise ValueError(msg)
    if len(tests) and (tests.min() < 0 or tests.dtype.kind not in "iu"):
        msg = "numbers of tests are whole and not negative"
        raise ValueError(msg)
    was_positive, tests = was_positive[tests > 0], tests[tests > 0]
    if len(tests) == 0:
        return NoEstimate("nobody was tested")
    ended = np.bincount(tests)
    new = np.bincount(tests[was_positive], minlength=len(ended))
    tested = ended[::-1].cumsum()[::-1]  # who had at least so many tests
    steps = []
    negative, greenwood = 1.0, 0.0
    for repeat in range(1, len(ended)):
        at_risk, events = int(tested[repeat]), int(new[repeat])
        negative *= 1 - events / at_risk
        if events < at_risk:
            greenwood += events / (at_risk * (at_risk - events))
        variance = negative**2 * greenwood
        size = negative * (1 - negative) / variance if variance > 0 else float(at_risk)
        gain = proportion(events, at_risk, conf_level=conf_level)
        assert isinstance(gain, Interval)  # noqa: S101 — somebody is at risk
        steps.append(
            RepeatYield(
                repeat=repeat,
                n_tested=at_risk,
                n_new=events,
                gain=gain,
                cumulative=_wilson(1 - negative, size, conf_level),
            )
        )
    return tuple(steps)


def _wilson(share: float, n: float, conf_level: float) -> Interval:
    """Wilson's interval for a share of an effective, not whole, number of patients."""
    low, high = wilson_limits(share, n, conf_level)
    return Interval(
        estimate=share,
        ci_low=low,
        ci_high=high,
        conf_level=conf_level,
        method="Kaplan–Meier over repeats, Rothman–Wilson interval",
    )
