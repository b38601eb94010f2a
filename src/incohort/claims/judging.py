"""Each printed figure of a study held against the results of one report."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import assert_never

from incohort.analyses.bearing import bearing
from incohort.claims.by_itself import judged_beside
from incohort.claims.origins import is_of_publications, origin_of
from incohort.claims.rebuilt import of_own_cohort, of_publication
from incohort.claims.samples import CONF_LEVEL, compare
from incohort.claims.verdicts import (
    Finding,
    Reason,
    Verdict,
    VerdictKind,
    VerdictOrigin,
    not_testable,
)
from incohort.dictionary import Claim, Study
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

_FEW = 10  # as a percentage of fewer is printed whole
_BY_SIZE = {Measure.COUNT, Measure.P_VALUE, Measure.STATISTIC}


@dataclass(frozen=True, slots=True)
class _Asked:
    """The study, the cohort, and the parameters that were changed, by analysis."""

    study: Study
    card: CohortCard
    changed: Mapping[str, tuple[str, ...]]
    is_rounded: bool

    @property
    def is_own(self) -> bool:
        """Whether the cohort is the study's own, as recorded or rebuilt."""
        return self.card.study == self.study.name


def judge(
    results: Mapping[str, Result], study: Study, card: CohortCard, *, is_rounded: bool = False
) -> tuple[Verdict, ...]:
    """A verdict on each figure of the study that belongs to an analysis among the results.

    Args:
        results: Results under their keys, as they left the disclosure gate. A figure is judged
            where some result comes from the same analysis (the first part of its key), so that
            one notebook is not asked for another's.
        study: What was printed.
        card: Tells whether the cohort is the study's own, or another one.
        is_rounded: Whether the disclosure profile rounds counts; then the study's own cohort that
            misses a printed figure may do so by the rounding alone, and is not blamed.

    Returns:
        Verdicts in the order in which the figures stand in the dictionary. Those with
        `needs_cohort` False rest on publications alone, whatever the cohort.
    """
    analyses = {_analysis(key) for key in results}
    claims = [claim for claim in study.claims if _analysis(claim.key) in analyses]
    return judge_claims(claims, results, study, card, is_rounded=is_rounded)


def judge_claims(
    claims: Iterable[Claim],
    results: Mapping[str, Result],
    study: Study,
    card: CohortCard,
    *,
    is_rounded: bool = False,
) -> tuple[Verdict, ...]:
    """A verdict on each of some figures of the study, whichever analysis they belong to."""
    changed: dict[str, tuple[str, ...]] = {}
    for key, result in results.items():
        more = result.asked if isinstance(result, Estimate) else ()
        known = changed.get(_analysis(key), ())
        changed[_analysis(key)] = tuple(dict.fromkeys((*known, *more)))
    asked = _Asked(study, card, changed, is_rounded)
    return tuple(_verdict(claim, results.get(claim.key), asked) for claim in claims)


def told_in_report(
    verdicts: Iterable[Verdict], study: Study, card: CohortCard, alone: Iterable[str]
) -> tuple[Verdict, ...]:
    """The verdicts that belong into a report on a cohort.

    What publications alone decide is no verdict on anybody's patients: it is told once, in the
    register of published figures. A figure that can't be as printed stands in the reports on the
    study's own cohort, too.

    Args:
        verdicts: What `judge` answered.
        study: Whose figures they are.
        card: The report's cohort.
        alone: Keys of what publications alone decide, whether this report could estimate it or not.
    """
    keys = set(alone)
    is_own = card.study == study.name
    return tuple(
        v
        for v in verdicts
        if (v.needs_cohort and v.claim_key not in keys)
        or (is_own and v.verdict is VerdictKind.IMPOSSIBLE)
    )


def _analysis(key: str) -> str:
    return key.partition("/")[0]


def _verdict(claim: Claim, result: Result | None, asked: _Asked) -> Verdict:
    estimate = result if isinstance(result, Estimate) else None
    ours = ours_of(claim, estimate)
    origin = origin_of(claim, estimate, asked.card, is_own=asked.is_own)
    finding = _finding(claim, result, asked, origin)
    is_cut = estimate is not None and estimate.digits is not None
    if (asked.is_rounded or is_cut) and finding.verdict is VerdictKind.NOT_REPRODUCED:
        words = (
            "The disclosure rules leave it too few digits."
            if is_cut
            else "The disclosure rules round the counts that it rests on."
        )
        finding = not_testable(Reason.ROUNDED, words)
    if finding.verdict is VerdictKind.NOT_REPRODUCED:
        finding = replace(finding, explanation=_with_reading(finding.explanation, claim, asked))
    return Verdict(
        claim_key=claim.key,
        field=claim.field,
        label=claim.label,
        as_printed=claim.as_printed,
        printed_value=claim.value,
        tolerance=claim.tolerance,
        ours=ours,
        difference=ours - claim.value if ours is not None and claim.value is not None else None,
        difference_low=finding.limits[0] if finding.limits else None,
        difference_high=finding.limits[1] if finding.limits else None,
        n=estimate.n if estimate else None,
        ci_low=estimate.ci_low if estimate else None,
        ci_high=estimate.ci_high if estimate else None,
        conf_level=estimate.conf_level if estimate else None,
        measure=_measure(claim, estimate),
        unit=estimate.unit if estimate else "",
        verdict=finding.verdict,
        origin=origin,
        reason=finding.reason,
        explanation=finding.explanation,
        certainty=claim.certainty,
        is_printed=claim.is_printed,
        needs_cohort=not (claim.impossible or is_of_publications(estimate)),
        population="" if asked.is_own else asked.study.population,
        location=claim.location,
        note=claim.note,
    )


def _with_reading(explanation: str, claim: Claim, asked: _Asked) -> str:
    """Why ours is another, and what the figures beside it say of the printed one."""
    judged = judged_beside(claim, asked.study)
    if judged is None or not judged.is_exception:
        return explanation
    fits = f" Would fit: {'; '.join(judged.readings)}." if judged.readings else ""
    return f"{explanation} {judged.sentence}{fits}"


def ours_of(claim: Claim, estimate: Estimate | None) -> float | None:
    """The part of the estimate that the claim is about."""
    if estimate is None:
        return None
    part: float | None = getattr(estimate, claim.field)
    return None if part is None else float(part)


def _measure(claim: Claim, estimate: Estimate | None) -> Measure | None:
    if estimate is None:
        return None
    return Measure.COUNT if claim.field in {"n", "events"} else estimate.measure


def _finding(claim: Claim, result: Result | None, asked: _Asked, origin: VerdictOrigin) -> Finding:
    if claim.impossible:
        return Finding(VerdictKind.IMPOSSIBLE, Reason.IMPOSSIBLE, claim.impossible)
    if isinstance(result, Estimate) and is_of_publications(result):
        ours = ours_of(claim, result)
        return _obstacle(claim, result, ours) or of_publication(claim, ours, origin)
    changed = bearing(claim.key, asked.changed.get(_analysis(claim.key), ()))
    if changed:
        return not_testable(Reason.ANOTHER_QUESTION, _another_question(changed))
    match result:
        case None | PatientPoints() | Curve() | Band() | PatientTracks():
            return not_testable(Reason.NO_ESTIMATE, "This report makes no estimate of it.")
        case NotEstimable():
            reason = Reason.NOT_RECORDED if result.n is None else Reason.NO_SUCH_ROWS
            return not_testable(reason, _sentence(result.reason))
        case Suppressed():
            words = f"Withheld by the disclosure rules: {result.reason}"
            return not_testable(Reason.WITHHELD, _sentence(words))
        case Estimate():
            if words := _another_estimand(claim, result):
                return not_testable(Reason.ANOTHER_QUESTION, words)
            if asked.is_own:
                ours = ours_of(claim, result)
                return _obstacle(claim, result, ours) or of_own_cohort(claim, ours, origin)
            return _of_another_cohort(claim, result, asked.study)
        case _:
            assert_never(result)


def _another_question(changed: tuple[str, ...]) -> str:
    is_one = len(changed) == 1
    names = changed[0] if is_one else f"{', '.join(changed[:-1])} and {changed[-1]}"
    return f"The study asked otherwise: here {names} {'is' if is_one else 'are'} changed."


def _another_estimand(claim: Claim, estimate: Estimate) -> str:
    """In what our estimate is of something else than the figure; empty where it is not known."""
    if claim.estimand is None or estimate.estimand is None:
        return ""
    printed, ours = claim.estimand, estimate.estimand
    said = [
        f"{name} is {getattr(printed, name)!r} there and {getattr(ours, name)!r} here"
        for name in printed.differs_from(ours)
    ]
    return f"The study estimated something else: {'; '.join(said)}." if said else ""


def _sentence(words: str) -> str:
    """A reason as a sentence."""
    text = words.strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}"


def _obstacle(claim: Claim, estimate: Estimate, ours: float | None) -> Finding | None:
    """Why this estimate can't be compared with the claim; None where it can."""
    if ours is None:
        return not_testable(Reason.NO_ESTIMATE, "The estimate was made without this number.")
    if estimate.bound and claim.field == "value":
        words = "Ours is known only as a limit, since values were recorded with < or >."
        return not_testable(Reason.NO_ESTIMATE, words)
    if claim.field not in {"ci_low", "ci_high"}:
        return None
    if estimate.conf_level is None or not math.isclose(estimate.conf_level, CONF_LEVEL):
        words = "The limit is for 95 % confidence, and ours was asked for at another level."
        return not_testable(Reason.ANOTHER_INTERVAL, words)
    if claim.method.casefold() not in estimate.method.casefold():
        words = f"The limit is by {claim.method}'s method, and ours was asked for by another one."
        return not_testable(Reason.ANOTHER_INTERVAL, words)
    return None


def _of_another_cohort(claim: Claim, estimate: Estimate, study: Study) -> Finding:
    """Whether a cohort that is not the study's may be a second sample of the same."""
    if claim.field != "value":
        words = "It describes the study's own patients; another cohort has its own number."
        return not_testable(Reason.OWN_PATIENTS, words)
    if estimate.measure in _BY_SIZE:
        words = "It depends on how many patients a study has, so it can't recur."
        return not_testable(Reason.DEPENDS_ON_SIZE, words)
    if estimate.n is not None and estimate.n < _FEW:
        words = f"Fewer than {_FEW} stand behind ours: too few to agree or to differ."
        return not_testable(Reason.TOO_FEW, words)
    low, high = estimate.ci_low, estimate.ci_high
    if low is None or high is None:
        words = "Our estimate has no interval, so that it can't be compared."
        return not_testable(Reason.NO_SPREAD, words)
    if claim.value is None:
        return _direction(claim, low, high)
    difference = compare(claim, study, estimate)
    if difference is None and low - claim.tolerance <= claim.value <= high + claim.tolerance:
        words = "The printed figure lies inside our interval."
        return Finding(VerdictKind.CONSISTENT_WITH, Reason.INSIDE, words)
    if difference is None:
        words = (
            "The printed figure lies outside our interval, but neither its counts nor its own "
            "interval is known, so that it can't be said to differ."
        )
        return not_testable(Reason.NO_SPREAD, words)
    if difference.is_apart:
        words = "Two samples: the 95 % interval of their difference excludes 0."
        kind, reason = VerdictKind.DIFFERS_FROM, Reason.DIFFERENCE_EXCLUDES_0
    else:
        words = "Two samples: the 95 % interval of their difference includes 0."
        kind, reason = VerdictKind.CONSISTENT_WITH, Reason.DIFFERENCE_HOLDS_0
    return Finding(kind, reason, words, difference.limits)


def _direction(claim: Claim, low: float, high: float) -> Finding:
    if low <= 0 <= high:
        words = "Our interval includes no difference, so it tells no direction."
        return not_testable(Reason.NO_DIRECTION, words)
    sign = -1 if claim.direction == "lower" else 1
    if sign * low > 0:
        words = f"The whole of our interval is {claim.direction}, too."
        return Finding(VerdictKind.CONSISTENT_WITH, Reason.SAME_DIRECTION, words)
    words = "The whole of our interval lies on the other side."
    return Finding(VerdictKind.DIFFERS_FROM, Reason.OTHER_DIRECTION, words)
