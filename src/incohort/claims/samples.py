"""A printed figure and ours as two samples: the difference, and whether it may be none.

A printed figure has a spread of its own. Shares are compared by their counts (Newcombe 1998, Stat
Med 17:873, method 10), everything else by the two intervals (MOVER: Zou & Donner 2008, Stat Med
27:1693), ratios on the logarithm. A printed point without counts, limits or a standard deviation
can't differ from anything.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from incohort.dictionary import Claim, Study
from incohort.results import Estimate, Measure
from incohort.stats import Interval, NoEstimate
from incohort.stats.assays.agreement import cohen_kappa
from incohort.stats.location import mean_interval
from incohort.stats.printed import read_printed
from incohort.stats.proportions import proportion_difference

CONF_LEVEL = 0.95  # of every interval that a study printed so far, and of the difference
_RATIOS = {
    Measure.RISK_RATIO,
    Measure.ODDS_RATIO,
    Measure.HAZARD_RATIO,
    Measure.TIME_RATIO,
    Measure.RATE_RATIO,
}
_CELLS = 4  # of a paired table
_MOST = 1_000  # counts that a rounded share allows; more than that tell nothing

Printed = Mapping[str, Claim]  # a study's figures under one key, by field


@dataclass(frozen=True, slots=True)
class Difference:
    """Ours less the printed one: its 95 % limits, where its scale has them, and the verdict."""

    is_apart: bool
    limits: tuple[float, float] | None


def printed_at(study: Study, key: str) -> Printed:
    """What the study printed under a key, by field; what can't be as printed is left out."""
    return {c.field: c for c in study.claims if c.key == key and not c.impossible}


def compare(claim: Claim, study: Study, ours: Estimate) -> Difference | None:
    """Ours against the printed value as two samples; None where one of them has no spread."""
    printed = printed_at(study, claim.key)
    if ours.measure is Measure.PROPORTION and ours.events is not None and ours.n:
        samples = printed_samples(printed)
        if samples:
            return _by_counts((ours.events, ours.n), samples)
    theirs = _printed_limits(claim, printed) or _limits_of_kappa(study, claim.key)
    if theirs is None or claim.value is None:
        return None
    if ours.ci_low is None or ours.ci_high is None or ours.conf_level is None:
        return None
    if not math.isclose(ours.conf_level, CONF_LEVEL):
        return None
    our_interval = (ours.value, ours.ci_low, ours.ci_high)
    return _by_limits(our_interval, (claim.value, *theirs), is_ratio=ours.measure in _RATIOS)


def printed_samples(printed: Printed) -> list[tuple[int, int]]:
    """Every (events, n) that the printed counts and the printed share allow; empty if unknown.

    Where one of the two counts was not printed the share, as it was rounded, leaves a few.
    """
    events, n, share = (_number(printed.get(name)) for name in ("events", "n", "value"))
    beside = printed["value"].share if "value" in printed else None
    if beside is not None and beside.is_count and beside.exact_n:
        events = beside.events if events is None else events
        n = beside.n if n is None else n
    if events is not None and n is not None:
        return [(round(events), round(n))]
    half = printed["value"].tolerance if "value" in printed else 0.0
    if share is None or (events is None and n is None):
        return []
    low, high = max(share - half, 0.0), min(share + half, 1.0)
    if n is not None:
        first, last = math.ceil(low * n - 1e-9), math.floor(high * n + 1e-9)
        return [(k, round(n)) for k in range(first, last + 1)]
    if not events or low <= 0 or events / low - events / high > _MOST:
        return []
    first, last = math.ceil(events / high - 1e-9), math.floor(events / low + 1e-9)
    return [(round(events), size) for size in range(first, last + 1)]


def _by_counts(ours: tuple[int, int], samples: list[tuple[int, int]]) -> Difference | None:
    """Apart where they are whichever of the counts the study had; the limits hold all of them."""
    differences = [
        proportion_difference(*ours, *sample, conf_level=CONF_LEVEL) for sample in samples
    ]
    limits = [
        (interval.ci_low, interval.ci_high)
        for interval in differences
        if isinstance(interval, Interval)
    ]
    if not limits:
        return None
    low, high = min(pair[0] for pair in limits), max(pair[1] for pair in limits)
    return Difference(not low <= 0 <= high, (low, high))


def _printed_limits(claim: Claim, printed: Printed) -> tuple[float, float] | None:
    """The printed value's 95 % limits: as printed, or by its standard deviation and n."""
    low, high = _number(printed.get("ci_low")), _number(printed.get("ci_high"))
    beside = claim.rate or claim.ratio
    if (low is None or high is None) and beside is not None and beside.ci is not None:
        low, high = (float(read_printed(limit).value) for limit in beside.ci)
    if low is not None and high is not None:
        return low, high
    n = _number(printed.get("n"))
    if claim.sd is None or n is None or claim.value is None:
        return None
    interval = mean_interval(claim.value, claim.sd, round(n), conf_level=CONF_LEVEL)
    return (interval.ci_low, interval.ci_high) if isinstance(interval, Interval) else None


def _limits_of_kappa(study: Study, key: str) -> tuple[float, float] | None:
    """The 95 % limits of a kappa whose four counts are known."""
    pair, _, measure = key.rpartition("/")
    if measure != "kappa":
        return None
    counts = {
        claim.key.removeprefix(f"{pair}/").removesuffix("/count"): claim.value
        for claim in study.claims
        if claim.key.startswith(f"{pair}/") and claim.key.endswith("/count")
    }
    cells = [counts.get("both"), *(v for k, v in counts.items() if k.startswith("only_"))]
    cells.append(counts.get("neither"))
    known = [round(cell) for cell in cells if cell is not None]
    if len(known) != _CELLS:
        return None
    both, first, second, neither = known
    kappa = cohen_kappa([[both, first], [second, neither]], conf_level=CONF_LEVEL)
    if isinstance(kappa, NoEstimate) or kappa.no_interval:
        return None
    return kappa.ci_low, kappa.ci_high


def _by_limits(
    ours: tuple[float, float, float], theirs: tuple[float, float, float], *, is_ratio: bool
) -> Difference | None:
    if is_ratio:
        if min(*ours, *theirs) <= 0:
            return None
        low, high = _mover(*(tuple(map(math.log, side)) for side in (ours, theirs)))
        return Difference(not low <= 0 <= high, None)
    low, high = _mover(ours, theirs)
    is_closed = math.isfinite(low) and math.isfinite(high)
    return Difference(not low <= 0 <= high, (low, high) if is_closed else None)


def _mover(ours: tuple[float, ...], theirs: tuple[float, ...]) -> tuple[float, float]:
    """Limits of a difference from the limits of its two parts."""
    (a, a_low, a_high), (b, b_low, b_high) = ours, theirs
    difference = a - b
    return (
        difference - math.hypot(a - a_low, b_high - b),
        difference + math.hypot(a_high - a, b - b_low),
    )


def _number(claim: Claim | None) -> float | None:
    return None if claim is None else claim.value
