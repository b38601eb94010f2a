"""How strong an unmeasured confounder would have to be to explain a hazard ratio away."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EValue:
    """The E-value of an estimate and of the limit nearer to 1, both risk ratios from 1 on.

    `limit` is 1 where the interval holds 1: no confounder is needed then. `risk_ratio` is what the
    estimate was taken for.
    """

    estimate: float
    limit: float
    risk_ratio: float
    method: str


def e_value(risk_ratio: float, ci_low: float, ci_high: float) -> EValue:
    """The E-value of a risk ratio and its interval.

    An unmeasured confounder that is associated with both treatment and outcome by less than this
    risk ratio, beyond what was adjusted for, can't explain the estimate away.

    Args:
        risk_ratio: Above 0.
        ci_low: Its lower limit, from 0.
        ci_high: Its upper limit.

    Raises:
        ValueError: The three are not in order.

    Source: VanderWeele & Ding 2017, Ann Intern Med 167:268; tests/validation/causal/causal.R.

    Their example, infants not breastfed and death by respiratory infection:

    >>> found = e_value(3.9, 1.8, 8.7)
    >>> round(found.estimate, 2), round(found.limit, 1)
    (7.26, 3.0)
    """
    return _e_value((risk_ratio, ci_low, ci_high), "E-value of a risk ratio")


def e_value_of_hazard_ratio(
    hazard_ratio: float, ci_low: float, ci_high: float, *, is_rare: bool
) -> EValue:
    """The E-value of a hazard ratio and its interval.

    Args:
        hazard_ratio: Above 0.
        ci_low: Its lower limit, from 0.
        ci_high: Its upper limit.
        is_rare: Whether fewer than 15 % had the event by the end of follow-up: the hazard ratio is
            then a risk ratio. Recovery is common, and the ratio is turned into an approximate one.

    Raises:
        ValueError: The three are not in order.

    Source: VanderWeele & Ding 2017: RR ≈ (1 − 0.5^√HR)/(1 − 0.5^√(1/HR));
        tests/validation/causal/causal.R.
    """
    given = (hazard_ratio, ci_low, ci_high)
    if is_rare:
        return _e_value(given, "E-value of a hazard ratio, rare outcome")
    _check(given)
    estimate, low, high = (_as_risk_ratio(ratio) for ratio in given)
    return _e_value((estimate, low, high), "E-value of a hazard ratio, common outcome")


def _e_value(ratios: tuple[float, float, float], method: str) -> EValue:
    _check(ratios)
    estimate, low, high = ratios
    nearer = max(low, 1.0) if estimate > 1 else min(high, 1.0)
    return EValue(
        estimate=_bound(estimate), limit=_bound(nearer), risk_ratio=estimate, method=method
    )


def _bound(ratio: float) -> float:
    """RR + √(RR (RR − 1)), of the inverse where RR is below 1."""
    above = max(ratio, 1 / ratio)
    return above + math.sqrt(above) * math.sqrt(above - 1)


def _as_risk_ratio(hazard_ratio: float) -> float:
    if hazard_ratio == 0:
        return 0.0
    if math.isinf(hazard_ratio):
        return math.inf
    root = math.sqrt(hazard_ratio)
    log_half = math.log(0.5)
    # 1 − 0.5^x without cancellation where x is small
    return math.expm1(log_half * root) / math.expm1(log_half / root)


def _check(ratios: tuple[float, float, float]) -> None:
    estimate, low, high = ratios
    if not (0 < estimate < math.inf and 0 <= low <= estimate <= high):
        msg = f"a ratio of {estimate} with limits {low} and {high} is not in order"
        raise ValueError(msg)
