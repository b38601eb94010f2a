"""What is shown, rounded where the profile says so; totals are the sums of their rounded parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from incohort.disclosure.persons import EVENTS, N, parts
from incohort.disclosure.profiles import Profile
from incohort.results import Estimate, Margin, Measure, Result
from incohort.stats import NoEstimate
from incohort.stats.proportions import ProportionMethod, proportion

_METHODS: Mapping[str, ProportionMethod] = {
    "Wilson score interval": "wilson",
    "Clopper–Pearson exact interval": "clopper_pearson",
    "Jeffreys interval": "jeffreys",
}
_MEASURED = {Measure.MEAN, Measure.SD, Measure.MEDIAN, Measure.QUANTILE}
_POINTS = "proportion"  # the unit of a difference of proportions

Counts = dict[str, dict[str, int]]


def rounded_counts(
    shown: Mapping[str, Result], margins: tuple[Margin, ...], profile: Profile
) -> Counts:
    """The counts of each shown result as they are printed.

    A total is the sum of its rounded parts in the first margin whose parts are all shown; the
    denominator of a share follows its distribution, so that no share exceeds 1.
    """
    base = profile.base
    counts = {
        key: {part: (value + base // 2) // base * base for part, value in parts(result).items()}
        for key, result in shown.items()
    }
    if profile.is_rounding:
        exact = {key: parts(result) for key, result in shown.items()}
        _add_up(counts, exact, margins)
    return counts


def _add_up(counts: Counts, exact: Counts, margins: tuple[Margin, ...]) -> None:
    whole = [m for m in margins if _is_whole(m, exact)]
    done: dict[str, Margin] = {}
    for margin in whole:
        done.setdefault(margin.total, margin)
    # A total can be a part of another one: each pass carries the sums one step further up.
    for _ in done:
        for margin in done.values():
            _add_up_one(counts, exact, margin)


def _add_up_one(counts: Counts, exact: Counts, margin: Margin) -> None:
    own = exact[margin.total]
    for part in (EVENTS, N):
        has_all = part in own and all(part in exact[key] for key in margin.parts)
        if has_all and own[part] == sum(exact[key][part] for key in margin.parts):
            counts[margin.total][part] = sum(counts[key][part] for key in margin.parts)
    for key in margin.parts:  # shares of this very total
        if N not in own and exact[key].get(N) == own[EVENTS]:
            counts[key][N] = counts[margin.total][EVENTS]


def _is_whole(margin: Margin, exact: Counts) -> bool:
    """Whether a margin's total and parts are all shown here, and add up."""
    keys = (margin.total, *margin.parts)
    if len(margin.parts) < 2 or not all(exact.get(key) for key in keys):
        return False
    return exact[margin.total][EVENTS] == sum(exact[key][EVENTS] for key in margin.parts)


def as_shown(estimate: Estimate, counts: Mapping[str, int], profile: Profile) -> Estimate:
    """The estimate without what only the gate may know, from the counts as they are printed.

    The exact number behind another statistic is not told: a missing value could be counted
    from it. Its value is cut where counts are rounded, because an odds ratio with its limits, or a
    correlation with them, gives the exact counts back.
    """
    plain = replace(estimate, smallest=None, residual_df=None, rests_on=(), notes=())
    if not counts:
        alone = replace(plain, n=None)
        return _cut(alone) if profile.is_rounding else alone
    if not profile.is_rounding:
        return plain
    if estimate.measure is Measure.COUNT:
        n = None if estimate.n is None else counts.get(N, counts[EVENTS])
        return replace(plain, value=float(counts[EVENTS]), n=n)
    return _recomputed(plain, counts[EVENTS], counts[N])


def _cut(estimate: Estimate) -> Estimate:
    """The estimate with 2 significant digits, 3 where a value was measured."""
    is_measured = estimate.measure in _MEASURED or (
        estimate.measure is Measure.DIFFERENCE and estimate.unit != _POINTS
    )
    digits = 3 if is_measured else 2

    def cut(value: float | None) -> float | None:
        return None if value is None else float(f"{value:.{digits}g}")

    return replace(
        estimate,
        value=float(f"{estimate.value:.{digits}g}"),
        ci_low=cut(estimate.ci_low),
        ci_high=cut(estimate.ci_high),
    )


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
