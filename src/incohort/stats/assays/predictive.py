"""Predictive values of two assays compared in the same patients."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, assert_never, get_args

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from incohort.stats._checked import check_option
from incohort.stats._quantiles import z_of
from incohort.stats.assays.paired import cells
from incohort.stats.outcome import HypothesisTest, Interval, NoEstimate, check_conf_level
from incohort.stats.proportions import proportion

PredictiveMethod = Literal["weighted_score", "score"]
Value = Interval | NoEstimate
Cells = tuple[int, int, int]  # with the result by both assays, by the first only, the second only


@dataclass(frozen=True, slots=True, kw_only=True)
class RelativeContrast:
    """One predictive value of two assays on the same patients; `ratio` is first over second."""

    first: Value
    second: Value
    ratio: Value
    test: HypothesisTest | NoEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class PredictiveContrast:
    """Positive and negative predictive values of two assays on the same patients."""

    ppv: RelativeContrast
    npv: RelativeContrast


def compare_predictive_values(
    diseased: ArrayLike,
    healthy: ArrayLike,
    *,
    conf_level: float = 0.95,
    method: PredictiveMethod = "weighted_score",
) -> PredictiveContrast:
    """Positive and negative predictive values of two assays compared within the same patients.

    McNemar's test does not apply: who is positive differs between the assays.

    Args:
        diseased: Paired counts [[both, first_only], [second_only, neither]] of positives among the
            diseased.
        healthy: The same among the healthy.
        conf_level: In (0, 1).
        method: `weighted_score` (Kosinski, keeps to its level) or `score` (Leisenring, Alonzo and
            Pepe).

    Returns:
        The ratio of the predictive values, first over second, with Moskowitz and Pepe's log
        interval, and the test of their equality.

    Source: Leisenring, Alonzo & Pepe 2000, Biometrics 56:345; Kosinski 2013, Stat Med 32:964;
        Moskowitz & Pepe 2006, Clin Trials 3:272; tests/validation/assays/predictive.R.
    """
    check_option("method", method, get_args(PredictiveMethod))
    check_conf_level(conf_level)
    a, b, c, d = cells(diseased)
    e, f, g, h = cells(healthy)
    return PredictiveContrast(
        ppv=_relative((a, b, c), (e, f, g), conf_level, method, "positive"),
        npv=_relative((h, g, f), (d, c, b), conf_level, method, "negative"),
    )


def _relative(
    right: Cells, wrong: Cells, conf_level: float, method: PredictiveMethod, sign: str
) -> RelativeContrast:
    """Predictive values from those with the result whom the reference proves right or wrong."""
    right_1, right_2 = right[0] + right[1], right[0] + right[2]
    n_1, n_2 = right_1 + wrong[0] + wrong[1], right_2 + wrong[0] + wrong[2]
    first = proportion(right_1, n_1, conf_level=conf_level)
    second = proportion(right_2, n_2, conf_level=conf_level)
    if isinstance(first, NoEstimate) or isinstance(second, NoEstimate):
        none = NoEstimate(f"one of the assays was {sign} in nobody")
        return RelativeContrast(
            first=none if isinstance(first, NoEstimate) else first,
            second=none if isinstance(second, NoEstimate) else second,
            ratio=none,
            test=none,
        )
    return RelativeContrast(
        first=first,
        second=second,
        ratio=_ratio(right, wrong, (n_1, n_2), conf_level),
        test=_score_test(right, wrong, (n_1, n_2), method),
    )


def _ratio(right: Cells, wrong: Cells, n: tuple[int, int], conf_level: float) -> Value:
    """Moskowitz and Pepe: the delta method, patients with the result in both assays shared."""
    p_1, p_2 = (right[0] + right[1]) / n[0], (right[0] + right[2]) / n[1]
    if min(p_1, p_2) == 0:
        return NoEstimate("one of the predictive values is 0, so their ratio has no log interval")
    shared = right[0] * (1 - p_1) * (1 - p_2) + wrong[0] * p_1 * p_2
    variance = (1 - p_1) / (n[0] * p_1) + (1 - p_2) / (n[1] * p_2)
    variance -= 2 * shared / (n[0] * n[1] * p_1 * p_2)
    if variance <= 1e-15:
        return NoEstimate("the assays' predictive values rest on the same patients, or both are 1")
    half = z_of(conf_level) * math.sqrt(variance)
    return Interval(
        estimate=p_1 / p_2,
        ci_low=p_1 / p_2 * math.exp(-half),
        ci_high=p_1 / p_2 * math.exp(half),
        conf_level=conf_level,
        method="ratio of paired predictive values, Moskowitz–Pepe log interval",
    )


def _score_test(
    right: Cells, wrong: Cells, n: tuple[int, int], method: PredictiveMethod
) -> HypothesisTest | NoEstimate:
    p = (2 * right[0] + right[1] + right[2]) / (n[0] + n[1])  # under the null: all results pooled
    match method:
        case "weighted_score":
            # Kosinski: variance of p₁ − p₂ at the pooled p, less the part shared by both assays
            shared = (right[0] * (1 - p) ** 2 + wrong[0] * p**2) / (n[0] + n[1])
            variance = (p * (1 - p) - 2 * shared) * (1 / n[0] + 1 / n[1])
            gap = (right[0] + right[1]) / n[0] - (right[0] + right[2]) / n[1]
            name = "weighted generalised score test"
        case "score":
            # Leisenring: residuals of the reference times those of the assay's indicator, summed
            # over a patient's results; z is 1 for the second assay
            z = n[1] / (n[0] + n[1])
            weights = np.array([1 - 2 * z, -z, 1 - z])
            gap = float(weights @ np.array(right))
            variance = float(weights**2 @ (np.array(right) * (1 - p) ** 2 + np.array(wrong) * p**2))
            name = "generalised score test"
        case _:
            assert_never(method)
    if variance <= 1e-15:
        return NoEstimate("the two predictive values rest on the same patients, or none was wrong")
    statistic = gap * gap / variance
    return HypothesisTest(
        statistic=statistic, p_value=float(special.chdtrc(1, statistic)), df=1, method=name
    )
