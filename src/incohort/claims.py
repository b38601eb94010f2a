"""A study's printed figures held against our estimates: one verdict each, with its reason.

Judged after the disclosure gate: what the gate withheld is not testable here, never compared in
secret. A cohort that reconstructs the study has to give the printed figures again; any other
cohort can only be consistent with them or differ.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, assert_never

from incohort.dictionary import Claim, Study
from incohort.dictionary.models import Certainty
from incohort.results import (
    Band,
    CohortCard,
    Curve,
    Estimate,
    Measure,
    NotEstimable,
    PatientPoints,
    PatientTracks,
    Result,
    Suppressed,
)

_PRINTED_CONF_LEVEL = 0.95  # of every interval that a study printed so far
_ROUNDING_NOISE = 1e-9  # a difference of exactly half a unit still counts as equal


class VerdictKind(StrEnum):
    """What came of one printed figure."""

    REPRODUCED = "reproduced"
    NOT_REPRODUCED = "not reproduced"
    CONSISTENT_WITH = "consistent with"
    DIFFERS_FROM = "differs from"
    IMPOSSIBLE = "impossible as printed"
    NOT_TESTABLE = "not testable here"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One printed figure beside ours.

    Numbers are at full precision and in the estimate's own scale (proportions in [0, 1]); `measure`
    tells how to set `ours`, which is the part of the estimate that `field` names. `ci_low` and
    `ci_high` belong to the estimate's value, `difference` is ours minus the printed figure. None
    stands where there is no number. `is_printed` is False for what was worked out from printed
    figures. `explanation` is a sentence without any number of ours: nothing is rounded here.
    """

    claim_key: str
    field: str
    label: str
    as_printed: str
    printed_value: float | None
    tolerance: float
    ours: float | None
    difference: float | None
    n: int | None
    ci_low: float | None
    ci_high: float | None
    conf_level: float | None
    measure: Measure | None
    unit: str
    verdict: VerdictKind
    explanation: str
    certainty: Certainty
    is_printed: bool
    location: str
    note: str


@dataclass(frozen=True, slots=True)
class _Finding:
    """What is decided about one claim, and why."""

    verdict: VerdictKind
    explanation: str


def judge(
    results: Mapping[str, Result], study: Study, card: CohortCard, *, is_rounded: bool = False
) -> tuple[Verdict, ...]:
    """A verdict on each figure of the study that belongs to an analysis among the results.

    Args:
        results: Results under their keys, as they left the disclosure gate. A figure is judged
            where some result comes from the same analysis (the first part of its key), so that
            one notebook is not asked for another's.
        study: What was printed.
        card: Tells whether the cohort is the study's own, rebuilt, or another one.
        is_rounded: Whether the disclosure profile rounds counts; then a rebuilt cohort that
            misses a printed figure may do so by the rounding alone, and is not blamed.

    Returns:
        Verdicts in the order in which the figures stand in the dictionary.
    """
    analyses = {_analysis(key) for key in results}
    is_reconstruction = card.study == study.name
    verdicts = []
    for claim in study.claims:
        if _analysis(claim.key) in analyses:
            result = results.get(claim.key)
            finding = _finding(claim, result, is_reconstruction=is_reconstruction)
            if is_rounded and finding.verdict is VerdictKind.NOT_REPRODUCED:
                finding = _not_testable("The disclosure rules round the counts that it rests on.")
            verdicts.append(_verdict(claim, result, finding))
    return tuple(verdicts)


def verdicts_to_json(verdicts: Sequence[Verdict]) -> list[dict[str, Any]]:
    """Verdicts as plain JSON values, numbers at full precision; `claim_key` is called `key`."""
    return [
        {"key": verdict.claim_key}
        | {
            name: str(value) if isinstance(value, StrEnum) else value
            for name, value in asdict(verdict).items()
            if name != "claim_key"
        }
        for verdict in verdicts
    ]


def _analysis(key: str) -> str:
    return key.partition("/")[0]


def _verdict(claim: Claim, result: Result | None, finding: _Finding) -> Verdict:
    estimate = result if isinstance(result, Estimate) else None
    ours = _ours(claim, estimate)
    return Verdict(
        claim_key=claim.key,
        field=claim.field,
        label=claim.label,
        as_printed=claim.as_printed,
        printed_value=claim.value,
        tolerance=claim.tolerance,
        ours=ours,
        difference=ours - claim.value if ours is not None and claim.value is not None else None,
        n=estimate.n if estimate else None,
        ci_low=estimate.ci_low if estimate else None,
        ci_high=estimate.ci_high if estimate else None,
        conf_level=estimate.conf_level if estimate else None,
        measure=_measure(claim, estimate),
        unit=estimate.unit if estimate else "",
        verdict=finding.verdict,
        explanation=finding.explanation,
        certainty=claim.certainty,
        is_printed=claim.certainty != "derived",
        location=claim.location,
        note=claim.note,
    )


def _ours(claim: Claim, estimate: Estimate | None) -> float | None:
    """The part of the estimate that the claim is about."""
    if estimate is None:
        return None
    part: float | None = getattr(estimate, claim.field)
    return None if part is None else float(part)


def _measure(claim: Claim, estimate: Estimate | None) -> Measure | None:
    if estimate is None:
        return None
    return Measure.COUNT if claim.field in {"n", "events"} else estimate.measure


def _finding(claim: Claim, result: Result | None, *, is_reconstruction: bool) -> _Finding:
    if claim.impossible:
        return _Finding(VerdictKind.IMPOSSIBLE, claim.impossible)
    match result:
        case None | PatientPoints() | Curve() | Band() | PatientTracks():
            return _not_testable("This report makes no estimate of it.")
        case NotEstimable():
            return _not_testable(result.reason)
        case Suppressed():
            return _not_testable(f"Withheld by the disclosure rules: {result.reason}")
        case Estimate():
            # What was worked out from publications alone has to give the printed figure again.
            is_bound = is_reconstruction or not result.sources
            return (
                _of_reconstruction(claim, result) if is_bound else _of_another_cohort(claim, result)
            )
        case _:
            assert_never(result)


def _not_testable(reason: str) -> _Finding:
    return _Finding(VerdictKind.NOT_TESTABLE, reason)


def _of_reconstruction(claim: Claim, estimate: Estimate) -> _Finding:
    """Whether the study's own cohort, rebuilt, gives the printed figure again."""
    ours = _ours(claim, estimate)
    obstacle = _obstacle(claim, estimate, ours)
    if obstacle or ours is None:
        return _not_testable(obstacle)
    if claim.value is None:
        return _direction_of_reconstruction(claim, estimate)
    if abs(ours - claim.value) <= claim.tolerance + _ROUNDING_NOISE:
        exact = "Ours is the same number."
        rounded = "Ours, rounded to the digits that were printed, is the same number."
        return _Finding(VerdictKind.REPRODUCED, rounded if claim.tolerance else exact)
    return _Finding(
        VerdictKind.NOT_REPRODUCED,
        "Ours is another number. Where a parameter was changed from its default, or a row of the "
        "cohort was, the question is no longer the study's.",
    )


def _obstacle(claim: Claim, estimate: Estimate, ours: float | None) -> str:
    """Why this estimate can't be compared with the claim; empty where it can."""
    if ours is None:
        return "The estimate was made without this number."
    if claim.field not in {"ci_low", "ci_high"}:
        return ""
    if estimate.conf_level is None or not math.isclose(estimate.conf_level, _PRINTED_CONF_LEVEL):
        return "The limit is for 95 % confidence, and ours was asked for at another level."
    if claim.method.casefold() not in estimate.method.casefold():
        return f"The limit is by {claim.method}'s method, and ours was asked for by another one."
    return ""


def _direction_of_reconstruction(claim: Claim, estimate: Estimate) -> _Finding:
    sign = _sign(claim)
    if sign * estimate.value > 0:
        return _Finding(
            VerdictKind.REPRODUCED, f"Ours is {claim.direction}, too; no number was printed."
        )
    return _Finding(VerdictKind.NOT_REPRODUCED, f"Ours is not {claim.direction}.")


def _of_another_cohort(claim: Claim, estimate: Estimate) -> _Finding:
    """Whether the printed figure lies inside the interval of a cohort that is not the study's."""
    if claim.field != "value":
        return _not_testable(
            "It describes the study's own patients; another cohort has its own number."
        )
    if estimate.measure in {Measure.COUNT, Measure.P_VALUE, Measure.STATISTIC}:
        return _not_testable("It depends on how many patients a study has, so it can't recur.")
    low, high = estimate.ci_low, estimate.ci_high
    if low is None or high is None:
        return _not_testable("Our estimate has no interval to hold the printed figure against.")
    if claim.value is None:
        return _direction_of_another_cohort(claim, low, high)
    if low - claim.tolerance <= claim.value <= high + claim.tolerance:
        return _Finding(VerdictKind.CONSISTENT_WITH, "The printed figure lies inside our interval.")
    side = "below" if claim.value < low else "above"
    return _Finding(
        VerdictKind.DIFFERS_FROM, f"The printed figure lies {side} the whole of our interval."
    )


def _direction_of_another_cohort(claim: Claim, low: float, high: float) -> _Finding:
    if low <= 0 <= high:
        return _not_testable("Our interval includes no difference, so it tells no direction.")
    if _sign(claim) * low > 0:
        return _Finding(
            VerdictKind.CONSISTENT_WITH, f"The whole of our interval is {claim.direction}, too."
        )
    return _Finding(VerdictKind.DIFFERS_FROM, "The whole of our interval lies on the other side.")


def _sign(claim: Claim) -> int:
    """+1 where the claim says higher, −1 where it says lower."""
    return -1 if claim.direction == "lower" else 1
