"""What is shown, rounded where the profile says so; totals are the sums of their rounded parts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from statistics import NormalDist
from typing import Any

from incohort.disclosure.persons import EVENTS, N, parts
from incohort.disclosure.profiles import Profile
from incohort.results import Estimate, Measure, Result
from incohort.results.groups import FromCounts
from incohort.stats import NoEstimate
from incohort.stats.proportions import ProportionMethod, proportion

_METHODS: Mapping[str, ProportionMethod] = {
    "Wilson score interval": "wilson",
    "Clopper–Pearson exact interval": "clopper_pearson",
    "Jeffreys interval": "jeffreys",
}
_RATIOS = {
    Measure.RISK_RATIO, Measure.ODDS_RATIO, Measure.HAZARD_RATIO, Measure.TIME_RATIO,
    Measure.RATE_RATIO,
}  # fmt: skip
_NEAR_ONE = 0.9
_MANY = 100  # patients whose sum three digits don't give away
_USUAL = 0.95  # confidence level
_POINTS = "proportion"  # the unit of a difference of proportions
# A share by a curve, to two digits with a narrow interval, gives back how many were at risk, and so
# how few were censored before: the interval is told outward to the next twentieth.
ESTIMATED_DIGITS = 2
_TWENTIETHS = 20
_NOISE = 1e-9

Counts = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Addition:
    """What a reader adds up, by its key and those of its parts: counts, or shares' events."""

    total: str
    parts: tuple[str, ...]


def rounded_counts(
    shown: Mapping[str, Result], additions: Iterable[Addition], profile: Profile
) -> Counts:
    """The counts of each shown result as they are printed.

    A total is the sum of its rounded parts in the first addition whose parts are all shown; the
    denominator of a share follows its distribution, so that no share exceeds 1.
    """
    base = profile.base
    counts = {
        key: {part: (value + base // 2) // base * base for part, value in parts(result).items()}
        for key, result in shown.items()
    }
    if profile.is_rounding:
        exact = {key: parts(result) for key, result in shown.items()}
        _add_up(counts, exact, additions)
    return counts


def _add_up(counts: Counts, exact: Counts, additions: Iterable[Addition]) -> None:
    first: dict[str, Addition] = {}
    for addition in additions:
        if _is_whole(addition, exact):
            first.setdefault(addition.total, addition)
    # A total can be a part of another one: each pass carries the sums one step further up.
    for _ in first:
        for addition in first.values():
            _add_up_one(counts, exact, addition)


def _add_up_one(counts: Counts, exact: Counts, addition: Addition) -> None:
    whole = exact[addition.total]
    for part in (EVENTS, N):
        has_all = part in whole and all(part in exact[key] for key in addition.parts)
        if has_all and whole[part] == sum(exact[key][part] for key in addition.parts):
            counts[addition.total][part] = sum(counts[key][part] for key in addition.parts)
    for key in addition.parts:  # shares of this very total
        if N not in whole and exact[key].get(N) == whole[EVENTS]:
            counts[key][N] = counts[addition.total][EVENTS]


def _is_whole(addition: Addition, exact: Counts) -> bool:
    """Whether a total and its parts, of which there are several, are all shown here and add up."""
    keys = (addition.total, *addition.parts)
    if len(addition.parts) < 2 or not all(exact.get(key) for key in keys):
        return False
    return exact[addition.total][EVENTS] == sum(exact[key][EVENTS] for key in addition.parts)


def as_shown(estimate: Estimate, counts: Mapping[str, int], profile: Profile) -> Estimate:
    """The estimate without what only the gate may know, from the counts as they are printed.

    The exact number behind another statistic is not told: a missing value could be counted
    from it. Its value is cut under every profile: an odds ratio with its limits, or a correlation
    with them, gives the exact counts back, and the means of all and of all but one the one.
    """
    plain = replace(estimate, residual_df=None, notes=(), no_interval="")
    if not counts:
        return replace(_cut(plain, estimate, profile), n=None)
    if not profile.is_rounding:
        return _by_a_curve(plain) if _is_by_a_curve(plain) else plain
    if estimate.measure is Measure.COUNT:
        n = None if estimate.n is None else counts.get(N, counts[EVENTS])
        return replace(plain, value=float(counts[EVENTS]), n=n)
    return _recomputed(plain, counts[EVENTS], counts[N])


def cut(value: float, digits: int) -> float:
    """A number with so many significant digits."""
    return float(f"{value:.{digits}g}")


def outward(low: float, high: float) -> tuple[float, float]:
    """The limits of a share, each to the next twentieth away from the other."""
    down, up = math.floor(low * _TWENTIETHS + _NOISE), math.ceil(high * _TWENTIETHS - _NOISE)
    return down / _TWENTIETHS, up / _TWENTIETHS


def _is_by_a_curve(estimate: Estimate) -> bool:
    """Whether a share was estimated and not counted."""
    return estimate.measure is Measure.PROPORTION and estimate.events is None


def _by_a_curve(estimate: Estimate) -> Estimate:
    shown = replace(estimate, value=cut(estimate.value, ESTIMATED_DIGITS), digits=ESTIMATED_DIGITS)
    if estimate.ci_low is None or estimate.ci_high is None:
        return shown
    low, high = outward(estimate.ci_low, estimate.ci_high)
    return replace(shown, ci_low=low, ci_high=high)


def _cut(plain: Estimate, estimate: Estimate, profile: Profile) -> Estimate:
    """The estimate with as many digits as its patients support, its limits outward.

    2 significant digits, of a median or quartile too: a third would tell how far it lies between
    two patients' values, and so of how many it is the quartile. 3 of a mean or deviation of 100
    patients or more: then the sum over all of them is uncertain by more than one patient's value.
    Between 0.9 and 1.1 a ratio has two decimals, so that 1.04 does not become 1.
    """
    low, high = estimate.ci_low, estimate.ci_high
    if estimate.measure is Measure.MEDIAN and not _has_many_beyond(estimate, profile):
        low = high = None
    digits = _digits(estimate)
    return replace(
        plain, digits=digits, value=_told(estimate, estimate.value, digits, ROUND_HALF_EVEN),
        ci_low=None if low is None else _told(estimate, low, digits, ROUND_FLOOR),
        ci_high=None if high is None else _told(estimate, high, digits, ROUND_CEILING),
    )  # fmt: skip


def _digits(estimate: Estimate) -> int:
    if estimate.digits is not None:  # cut before
        return estimate.digits
    is_measured = estimate.measure in {Measure.MEAN, Measure.SD} or (
        estimate.measure is Measure.DIFFERENCE and estimate.unit != _POINTS
    )
    return 3 if is_measured and (estimate.n or 0) >= _MANY else 2


def _has_many_beyond(estimate: Estimate, profile: Profile) -> bool:
    """Whether enough patients lie beyond the limits of a median: they are single patients' days.

    The limits lie about half the root of n to either side of the middle one, by z.
    """
    n = estimate.n
    if n is None:
        return True
    z = NormalDist().inv_cdf((1 + (estimate.conf_level or _USUAL)) / 2)
    return n / 2 - z * math.sqrt(n) / 2 > profile.few


def _told(estimate: Estimate, value: float, digits: int, rounding: str) -> float:
    if not math.isfinite(value) or not value:
        return value
    exact = Decimal(repr(float(value)))  # of numpy, too
    place = exact.adjusted() - digits + 1
    if estimate.measure in _RATIOS and _NEAR_ONE < value < 1 / _NEAR_ONE:
        place = -2
    return float(exact.quantize(Decimal(1).scaleb(place), rounding=rounding))


def from_rounded(result: Result, from_counts: FromCounts, profile: Profile) -> Result | None:
    """A number that comes from counts, worked out of the rounded ones; None where there is none.

    It tells nothing that the rounded counts don't, and agrees with the shares beside it.
    """
    if not isinstance(result, Estimate):
        return result
    base = profile.base
    answer: Any = from_counts.answer(
        *((count + base // 2) // base * base for count in from_counts.counts)
    )
    if isinstance(answer, NoEstimate):
        return None
    if result.measure is Measure.P_VALUE:
        return as_shown(replace(result, value=answer.p_value), {}, profile)
    if isinstance(answer, float | int):
        return as_shown(replace(result, value=float(answer)), {}, profile)
    if not math.isfinite(answer.estimate):
        return None
    has_limits = result.ci_low is not None and not getattr(answer, "no_interval", "")
    whole = replace(
        result, value=answer.estimate, ci_low=answer.ci_low if has_limits else None,
        ci_high=answer.ci_high if has_limits else None,
    )  # fmt: skip
    return as_shown(whole, {}, profile)


def _recomputed(estimate: Estimate, events: int, n: int) -> Estimate:
    """A proportion and its interval from rounded counts, so that no exact one can be worked out."""
    method = _METHODS.get(estimate.method)
    plain = replace(estimate, value=events / n, events=events, n=n, ci_low=None, ci_high=None)
    if method is None or estimate.conf_level is None:
        return plain
    answer = proportion(events, n, conf_level=estimate.conf_level, method=method)
    if isinstance(answer, NoEstimate):
        return plain
    return replace(plain, ci_low=answer.ci_low, ci_high=answer.ci_high)
