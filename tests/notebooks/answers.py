"""What notebooks answer: whether each result is whole, and what is told under each key."""

from __future__ import annotations

import math

from incohort.reports.notebooks import read_notebook
from incohort.results import (
    Curve,
    Estimate,
    NotEstimable,
    PatientPoints,
    PatientTracks,
    Result,
)

# What is drawn at random stands for itself with few draws: how many are drawn is told, and shown
# to act, by the case of `resamples` itself.
FEW = 100
DRAWS = dict.fromkeys(("resamples",), FEW)


def few_draws(notebook: str) -> dict[str, int]:
    """The draws of a notebook that draws."""
    names = {parameter.name for parameter in read_notebook(notebook).parameters}
    return {name: value for name, value in DRAWS.items() if name in names}


def unfit(findings) -> list[str]:
    """Keys of results that are neither finite numbers nor a reason in words."""
    results = (result for found in findings for result in found.results)
    return [result.key for result in results if not is_fit(result)]


def is_fit(result: Result) -> bool:
    """Whether a result is whole."""
    match result:
        case Estimate():
            limits = (result.ci_low, result.ci_high)
            nan = any(limit is not None and math.isnan(limit) for limit in limits)
            return math.isfinite(result.value) and not nan
        case NotEstimable():
            return 10 < len(result.reason) < 160 and "nan" not in result.reason.split()
        case PatientPoints():
            return len(result.x) == len(result.y) == len(result.group)
        case Curve():
            return fits(result)
        case PatientTracks():
            values = [v for track in result.tracks for v in (*track.x, *track.y)]
            return not any(math.isnan(value) for value in values)
        case _:
            return False


def fits(curve: Curve) -> bool:
    """Whether a curve has one entry of everything per point, goes forward, and is no gap."""
    parts = (curve.y, curve.ci_low, curve.ci_high, curve.n_at_risk, curve.n_persons)
    lengths = {len(part) for part in parts if part} | {len(curve.x)}
    is_number = not any(math.isnan(value) for value in (*curve.x, *curve.y))
    return len(lengths) == 1 and is_number and list(curve.x) == sorted(curve.x)


def told(findings) -> dict[str, object]:
    """What a report says under each key, but for which parameters were changed."""
    return {
        key: (result.value, result.ci_low, result.ci_high, result.n, result.label)
        if isinstance(result, Estimate)
        else result
        for found in findings
        for key, result in found.by_key.items()
    }
