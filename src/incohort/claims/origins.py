"""Where the number beside a printed one comes from."""

from __future__ import annotations

from incohort.claims.verdicts import VerdictOrigin
from incohort.dictionary import Claim
from incohort.results import AS_PRINTED, CohortCard, Estimate, Measure, Origin


def is_of_publications(estimate: Estimate | None) -> bool:
    """Whether it was worked out from publications alone: no column stands behind it."""
    return estimate is not None and not estimate.sources


def origin_of(
    claim: Claim, estimate: Estimate | None, card: CohortCard, *, is_own: bool
) -> VerdictOrigin:
    """Where our number comes from, or would come from.

    A rebuilt cohort was made from the counts that were printed, from the figures that the
    dictionary says it was made to give, and from every correlation and invented value: there the
    printed figure meets itself. What follows from them is recomputed from printed figures.
    """
    if claim.impossible:
        return VerdictOrigin.PRINTED
    if estimate is not None and is_of_publications(estimate):
        is_quote = estimate.method == AS_PRINTED
        return VerdictOrigin.QUOTED if is_quote else VerdictOrigin.PRINTED
    if card.origin is not Origin.RECONSTRUCTED:
        return VerdictOrigin.ROWS
    is_made = is_own and _is_made(claim, estimate)
    return VerdictOrigin.QUOTED if is_made else VerdictOrigin.PRINTED


def _is_made(claim: Claim, estimate: Estimate | None) -> bool:
    """Whether a rebuilt cohort was made from the figure."""
    measure = estimate.measure if estimate else None
    is_count = claim.field in {"n", "events"} or measure is Measure.COUNT
    # of chosen patients nothing holds by construction
    is_whole = estimate is not None and not estimate.asked
    is_invented = is_whole and estimate is not None and estimate.origin is Origin.SYNTHETIC
    return (
        claim.made_from
        or (is_count and claim.is_printed)
        or measure is Measure.CORRELATION
        or is_invented
    )
