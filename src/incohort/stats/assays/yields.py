"""What each of several assays adds in an order, and what each further positive costs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from incohort.stats._checked import check_option
from incohort.stats.assays._panels import NOBODY, found_by_panel, pattern_counts, share_of
from incohort.stats.outcome import Interval, NoEstimate, check_conf_level

Flags = NDArray[np.bool_]
Strategy = Literal["everybody", "still_negative"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AssayYield:
    """One step of a sequence of assays on the same `n` patients.

    `alone` is the assay's own share of positives, `gain` the share it adds to the assays before
    it, `cumulative` that of all so far. `n_only` patients are found by no other assay at all.
    """

    assay: int
    n: int
    n_positive: int
    n_gained: int
    n_only: int
    alone: Interval
    gain: Interval
    cumulative: Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class StepCost:
    """What one more assay costs for each patient that only it adds.

    The estimate is infinite, with a finite lower limit, where it adds nobody.
    """

    assay: int
    n_tested: int
    n_gained: int
    cost: float
    per_extra_positive: Interval


def assay_matrix(
    patient: ArrayLike, assay: ArrayLike, positive: ArrayLike, n_patients: int, n_assays: int
) -> tuple[Flags, Flags]:
    """Who was positive by, and who had, each assay; positive is who ever was.

    Args:
        patient: Each test's patient, 0 to n_patients − 1, shape (tests,).
        assay: Its assay, 0 to n_assays − 1, shape (tests,).
        positive: True for positive, shape (tests,); indeterminate results are left out before.
        n_patients: How many patients there are.
        n_assays: How many assays.

    Returns:
        positive and tested, both of shape (n_patients, n_assays).

    Raises:
        ValueError: Lengths differ, or a number lies outside its range.

    Source: set counts; tests/validation/assays/test_yields.py.
    """
    rows, columns, is_positive = np.asarray(patient), np.asarray(assay), np.asarray(positive)
    if (
        rows.ndim != 1
        or not rows.shape == columns.shape == is_positive.shape
        or is_positive.dtype != np.bool_
    ):
        msg = "patient, assay and positive (booleans) must have one length"
        raise ValueError(msg)
    for numbers, limit in ((rows, n_patients), (columns, n_assays)):
        is_number = numbers.dtype.kind in "iu"
        if len(numbers) and not (is_number and numbers.min() >= 0 and numbers.max() < limit):
            msg = f"patients and assays are numbered from 0 to below their count ({limit})"
            raise ValueError(msg)
    cell = rows.astype(np.int64) * n_assays + columns.astype(np.int64)
    was_tested, was_positive = (np.zeros(n_patients * n_assays, dtype=bool) for _ in range(2))
    was_tested[cell] = True
    was_positive[cell[is_positive]] = True
    shape = (n_patients, n_assays)
    return was_positive.reshape(shape), was_tested.reshape(shape)


def yields_in_order(
    positive: ArrayLike,
    tested: ArrayLike | None = None,
    *,
    order: Sequence[int] | None = None,
    conf_level: float = 0.95,
) -> tuple[AssayYield, ...] | NoEstimate:
    """What each assay finds alone and adds to those before it, on the patients who had them all.

    Args:
        positive: True for positive, shape (n patients, k assays), k ≤ 12.
        tested: True where the assay has a result, shape (n, k); everywhere where not given.
        order: All columns in the order to add them; as they stand where not given.
        conf_level: In (0, 1).

    Returns:
        A step for each assay, in the order; shares with Wilson's intervals.

    Source: set counts; R's prop.test; tests/validation/assays/yields.R.
    """
    check_conf_level(conf_level)
    counts, k = pattern_counts(positive, tested)
    sequence = _sequence(order, k)
    n = int(counts.sum())
    if n == 0:
        return NoEstimate(NOBODY)
    yields = found_by_panel(counts)
    steps, panel = [], 0
    everyone = len(counts) - 1
    for assay in sequence:
        before, bit = panel, 1 << assay
        panel |= bit
        alone, total = int(yields[bit]), int(yields[panel])
        gained = total - int(yields[before])
        steps.append(
            AssayYield(
                assay=assay,
                n=n,
                n_positive=alone,
                n_gained=gained,
                n_only=int(yields[everyone] - yields[everyone ^ bit]),
                alone=share_of(alone, n, conf_level),
                gain=share_of(gained, n, conf_level),
                cumulative=share_of(total, n, conf_level),
            )
        )
    return tuple(steps)


def incremental_costs(
    positive: ArrayLike,
    costs: Sequence[float],
    tested: ArrayLike | None = None,
    *,
    order: Sequence[int] | None = None,
    strategy: Strategy = "still_negative",
    conf_level: float = 0.95,
) -> tuple[StepCost, ...] | NoEstimate:
    """What each further assay costs for one patient that the earlier ones missed.

    The cost per extra positive is the assay's price over the share of the tested that it adds, so
    Wilson's limits of that share give its own.

    Args:
        positive: True for positive, shape (n patients, k assays), k ≤ 12.
        costs: Each assay's price for one patient, at least 0, in the order of the columns.
        tested: True where the assay has a result, shape (n, k); everywhere where not given.
        order: All columns in the order to add them; as they stand where not given.
        strategy: Each assay for `everybody`, or only for who is `still_negative`.
        conf_level: In (0, 1).

    Source: tests/validation/assays/yields.R.
    """
    check_option("strategy", strategy, get_args(Strategy))
    steps = yields_in_order(positive, tested, order=order, conf_level=conf_level)
    if isinstance(steps, NoEstimate):
        return steps
    if len(costs) != len(steps) or any(not 0 <= cost < math.inf for cost in costs):
        msg = "costs must be one number of at least 0 for each assay"
        raise ValueError(msg)
    step_costs: list[StepCost] = []
    n_found_before = 0
    for step in steps:
        match strategy:
            case "everybody":
                n_tested = step.n
            case "still_negative":
                n_tested = step.n - n_found_before
            case _:
                assert_never(strategy)
        n_found_before += step.n_gained
        if n_tested == 0:
            return (*step_costs,)
        step_costs.append(_step_cost(step, n_tested, float(costs[step.assay]), conf_level))
    return (*step_costs,)


def _step_cost(step: AssayYield, n_tested: int, cost: float, conf_level: float) -> StepCost:
    share = share_of(step.n_gained, n_tested, conf_level)
    return StepCost(
        assay=step.assay,
        n_tested=n_tested,
        n_gained=step.n_gained,
        cost=cost * n_tested,
        per_extra_positive=Interval(
            estimate=cost / share.estimate if share.estimate else math.inf,
            ci_low=cost / share.ci_high,
            ci_high=cost / share.ci_low if share.ci_low else math.inf,
            conf_level=conf_level,
            method="cost over the share gained, Wilson interval of the share",
        ),
    )


def _sequence(order: Sequence[int] | None, k: int) -> tuple[int, ...]:
    sequence = tuple(range(k)) if order is None else tuple(order)
    if sorted(sequence) != list(range(k)):
        msg = f"order must name each of the {k} columns once: {sequence}"
        raise ValueError(msg)
    return sequence
