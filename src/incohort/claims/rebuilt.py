"""Whether a study's own figures come out again: of its own cohort, or of publications alone."""

from __future__ import annotations

from incohort.claims.verdicts import Finding, Reason, VerdictKind, VerdictOrigin, not_testable
from incohort.dictionary import Claim

_ROUNDING_NOISE = 1e-9  # a difference of exactly half a unit still counts as equal
_MADE = "The rows were made from this figure, so that it can't but come out: nothing is tested."


def of_own_cohort(claim: Claim, ours: float | None, origin: VerdictOrigin) -> Finding:
    """Whether the study's own cohort gives the printed figure again.

    What the cohort was made from agrees with itself; only what was recomputed is reproduced, be it
    rounded or cut.
    """
    if ours is None:
        return not_testable(Reason.NO_ESTIMATE, "The estimate was made without this number.")
    reason, words = _same(claim, ours)
    if not words:
        missed = _missed(claim, ours)
        if missed.reason is not Reason.CUT:
            return missed
        reason, words = missed.reason, missed.explanation
    if origin is VerdictOrigin.QUOTED:
        return Finding(VerdictKind.AGREES_WITH_ITSELF, Reason.QUOTED, _MADE)
    return Finding(VerdictKind.REPRODUCED, reason, words)


def of_publication(claim: Claim, ours: float | None, origin: VerdictOrigin) -> Finding:
    """Whether what was printed fits what else was printed; judged without any patient."""
    if origin is VerdictOrigin.QUOTED:
        words = "Quoted: the data behind it are not at hand, so that it can't be worked out again."
        return not_testable(Reason.QUOTED, words)
    if ours is None:
        return not_testable(Reason.NO_ESTIMATE, "The estimate was made without this number.")
    reason, words = _same(claim, ours)
    if words:
        return Finding(VerdictKind.AGREES_WITH_ITSELF, reason, words)
    missed = _missed(claim, ours)
    if missed.reason is Reason.CUT:
        return Finding(VerdictKind.AGREES_WITH_ITSELF, missed.reason, missed.explanation)
    words = "The other printed figures give another number."
    return Finding(VerdictKind.DOES_NOT_AGREE, missed.reason, words)


def _same(claim: Claim, ours: float) -> tuple[Reason, str]:
    """In which way ours is the printed figure, in words; no words where it is another."""
    if claim.value is None:
        sign = -1 if claim.direction == "lower" else 1
        words = f"Ours is {claim.direction}, too; no number was printed."
        return Reason.SAME_DIRECTION, words if sign * ours > 0 else ""
    if abs(ours - claim.value) > claim.tolerance + _ROUNDING_NOISE:
        return Reason.ANOTHER_NUMBER, ""
    if claim.tolerance:
        words = "Ours, rounded to the digits that were printed, is the same number."
        return Reason.SAME_WHEN_ROUNDED, words
    return Reason.SAME_NUMBER, "Ours is the same number."


def _missed(claim: Claim, ours: float) -> Finding:
    """Why the figure does not come out, as far as it can be told."""
    kind = VerdictKind.NOT_REPRODUCED
    if claim.value is None:
        return Finding(kind, Reason.OTHER_DIRECTION, f"Ours is not {claim.direction}.")
    if claim.if_missed == "another test":
        words = "Ours is another number; the printed one fits another test."
        return Finding(kind, Reason.ANOTHER_TEST, words)
    if claim.tolerance and _is_cut(claim.value, ours, 2 * claim.tolerance):
        words = "Ours has the printed digits, but rounds to others: it was cut, not rounded."
        return Finding(kind, Reason.CUT, words)
    if claim.field in {"n", "events"}:
        return Finding(kind, Reason.ANOTHER_COUNT, "The rows give another count.")
    return Finding(kind, Reason.ANOTHER_NUMBER, "Ours is another number.")


def _is_cut(printed: float, ours: float, unit: float) -> bool:
    """Whether ours without its further digits is what was printed."""
    return printed * ours >= 0 and 0 <= abs(ours) - abs(printed) < unit - _ROUNDING_NOISE
