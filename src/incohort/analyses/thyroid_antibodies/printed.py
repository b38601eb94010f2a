"""What the printed correlations imply by themselves; no cohort is needed for it."""

from __future__ import annotations

import math

from incohort.dictionary import Claim, study
from incohort.stats import NoEstimate
from incohort.stats.correlation import implied_n

PREFIX = "thyroid_antibodies"
STUDY = "kyritsi2015"
IMPLIED_METHOD = "P of Pearson's r as a function of n"


def implied_sizes(name: str) -> tuple[int, int] | NoEstimate:
    """Fewest and most patients for which the printed r and P, both rounded, fit each other."""
    r, p = _printed(f"{name}/pearson"), _printed(f"{name}/pearson_p_value")
    if not (r and p) or r.value is None or p.value is None:
        return NoEstimate("no P value was printed")
    return implied_n(r.value, p.value, p_digits=_digits(p), r_digits=_digits(r))


def as_printed(name: str) -> str:
    """A correlation in the study's own figures."""
    claim = _printed(f"{name}/r_squared") or _printed(f"{name}/pearson")
    p_value = _printed(f"{name}/pearson_p_value")
    parts = (
        claim.as_printed if claim else "",
        p_value.as_printed if p_value else "P not available",
    )
    return ", ".join(filter(None, parts))


def _printed(tail: str) -> Claim | None:
    """What the study printed as the value of a correlation's estimate."""
    key = f"{PREFIX}/correlations/{tail}"
    return next((c for c in study(STUDY).claims if c.key == key and c.field == "value"), None)


def _digits(claim: Claim) -> int:
    """How many decimals a figure was printed with: its tolerance is half a unit of the last."""
    return round(-math.log10(2 * claim.tolerance))
