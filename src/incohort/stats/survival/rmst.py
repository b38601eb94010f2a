"""Restricted mean survival time: the mean time without the event, up to a horizon."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from incohort.stats._checked import labels_of
from incohort.stats._quantiles import z_of
from incohort.stats.outcome import NoEstimate, check_conf_level
from incohort.stats.survival.inputs import TIE_TOLERANCE
from incohort.stats.survival.kaplan_meier import SurvivalCurve, kaplan_meier


@dataclass(frozen=True, slots=True, kw_only=True)
class Rmst:
    """Mean time without the event within (0, tau], in the unit of the times."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    conf_level: float
    tau: float
    n: int
    n_events: int
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RmstContrast:
    """Two groups' restricted means compared, the second label against the first."""

    estimate: float
    se: float
    ci_low: float
    ci_high: float
    p_value: float
    conf_level: float
    tau: float
    groups: tuple[object, object]
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RmstComparison:
    """The restricted mean of each group, their difference and their ratio.

    The standard error of the ratio is that of its logarithm.
    """

    first: Rmst
    second: Rmst
    difference: RmstContrast
    ratio: RmstContrast


def rmst(
    time: ArrayLike,
    event: ArrayLike,
    tau: float,
    *,
    time_enter: ArrayLike | None = None,
    conf_level: float = 0.95,
) -> Rmst | NoEstimate:
    """The area under the Kaplan–Meier curve up to tau.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        tau: The horizon, above 0. The curve must reach it.
        time_enter: When each came under observation, shape (n,).
        conf_level: In (0, 1).

    Raises:
        ValueError: As `follow_up`, or tau is not positive.

    Source: Royston & Parmar 2013, BMC Med Res Methodol 13:152; variance as Klein & Moeschberger
        2003, eq. 4.5.2; tests/validation/survival/test_rmst.py.

    >>> rmst([2, 4, 6, 7], [1, 1, 0, 0], 6).estimate
    4.5
    """
    check_conf_level(conf_level)
    if not 0 < tau < math.inf:
        msg = f"tau is {tau}; it must be positive"
        raise ValueError(msg)
    curve = kaplan_meier(time, event, time_enter=time_enter)
    if isinstance(curve, NoEstimate):
        return curve
    if curve.time[-1] + TIE_TOLERANCE < tau and curve.survival[-1] > 0:
        return NoEstimate(
            f"nobody was followed up to {tau:g}, so the mean up to then can't be known"
        )
    estimate, variance = _area(curve, tau)
    if variance == 0:
        return NoEstimate(f"there is no spread in the times up to {tau:g} to judge by")
    se = math.sqrt(variance)
    half = z_of(conf_level) * se
    return Rmst(
        estimate=estimate,
        se=se,
        ci_low=estimate - half,
        ci_high=estimate + half,
        conf_level=conf_level,
        tau=tau,
        n=curve.n,
        n_events=int(curve.n_events[curve.time <= tau].sum()),
        method="restricted mean survival time, Greenwood-type variance",
    )


def rmst_comparison(
    time: ArrayLike, event: ArrayLike, group: ArrayLike, tau: float, *, conf_level: float = 0.95
) -> RmstComparison | NoEstimate:
    """The restricted means of two independent groups, their difference and ratio.

    Args:
        time: When follow-up ended, from 0, shape (n,).
        event: True or 1 for the event, shape (n,).
        group: Two labels, shape (n,); the second in their order is compared with the first.
        tau: The horizon; both curves must reach it.
        conf_level: In (0, 1).

    Raises:
        ValueError: As `rmst`, or more than two labels.

    Source: Uno et al. 2014, J Clin Oncol 32:2380; R's survRM2 in
        tests/validation/survival/rmst_survRM2.json.
    """
    exits, events = np.asarray(time), np.asarray(event)
    labels, code = labels_of(group, len(exits), "group")
    if len(labels) > 2:
        raise ValueError("restricted means are compared between two groups")
    if len(labels) < 2:
        return NoEstimate("there are fewer than two groups to compare")
    arms = []
    for k in range(2):
        arm = rmst(exits[code == k], events[code == k], tau, conf_level=conf_level)
        if isinstance(arm, NoEstimate):
            return NoEstimate(f"in group {labels[k]}, {arm.reason}")
        arms.append(arm)
    first, second = arms
    names = (labels[0].item(), labels[1].item())
    return RmstComparison(
        first=first,
        second=second,
        difference=_difference(first, second, names),
        ratio=_ratio(first, second, names),
    )


def _area(curve: SurvivalCurve, tau: float) -> tuple[float, float]:
    """∫ S over (0, tau], and its variance Σ (∫ S from t to tau)² d / (n (n − d))."""
    within = curve.time <= tau + TIE_TOLERANCE
    steps = np.concatenate([[0.0], curve.time[within], [tau]])
    height = np.concatenate([[1.0], curve.survival[within]])
    areas = np.diff(steps) * height
    rest = np.cumsum(areas[::-1])[::-1][1:]  # from each time on
    d, n = curve.n_events[within], curve.n_at_risk[within]
    stay = n - d  # where nobody stays, the curve is 0 and nothing is left to vary
    greenwood = np.divide(d, n * stay.astype(float), out=np.zeros(len(d)), where=stay > 0)
    return float(areas.sum()), float((rest**2 * greenwood).sum())


def _difference(first: Rmst, second: Rmst, names: tuple[object, object]) -> RmstContrast:
    estimate = second.estimate - first.estimate
    se = math.hypot(first.se, second.se)
    half = z_of(first.conf_level) * se
    return RmstContrast(
        estimate=estimate,
        se=se,
        ci_low=estimate - half,
        ci_high=estimate + half,
        p_value=2 * float(special.ndtr(-abs(estimate) / se)),
        conf_level=first.conf_level,
        tau=first.tau,
        groups=names,
        method="difference of restricted means, normal interval",
    )


def _ratio(first: Rmst, second: Rmst, names: tuple[object, object]) -> RmstContrast:
    """By the delta method: var(log μ) = var(μ) / μ²."""
    log_ratio = math.log(second.estimate / first.estimate)
    se = math.hypot(first.se / first.estimate, second.se / second.estimate)
    half = z_of(first.conf_level) * se
    return RmstContrast(
        estimate=math.exp(log_ratio),
        se=se,
        ci_low=math.exp(log_ratio - half),
        ci_high=math.exp(log_ratio + half),
        p_value=2 * float(special.ndtr(-abs(log_ratio) / se)),
        conf_level=first.conf_level,
        tau=first.tau,
        groups=names,
        method="ratio of restricted means, log interval",
    )
