"""Accuracy where only some patients had the reference: corrected, and how far it could be off."""

from __future__ import annotations

import math
from dataclasses import dataclass

from numpy.typing import ArrayLike
from scipy import special

from incohort.stats._quantiles import z_of
from incohort.stats.assays.paired import cells
from incohort.stats.outcome import Interval, NoEstimate, check_conf_level


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedAccuracy:
    """Sensitivity and specificity corrected for who was verified.

    The bounds hold whatever the unverified patients have: a verification that depended on more
    than the assay's result can't leave them. `n_unverified` counts these patients.
    """

    sensitivity: Interval | NoEstimate
    specificity: Interval | NoEstimate
    sensitivity_bounds: tuple[float, float] | NoEstimate
    specificity_bounds: tuple[float, float] | NoEstimate
    n_verified: int
    n_unverified: int


def begg_greenes(
    verified: ArrayLike, unverified: tuple[int, int], *, conf_level: float = 0.95
) -> VerifiedAccuracy:
    """Sensitivity and specificity where the assay's result decided who got the reference.

    Patients positive by the assay are verified more often, which flatters its sensitivity. Within
    each result the verified are taken to stand for the unverified (verification at random given
    the result). Intervals are of the log odds.

    Args:
        verified: Counts [[true_positive, false_positive], [false_negative, true_negative]] of
            those with the reference.
        unverified: How many more were positive, and negative, without the reference.
        conf_level: In (0, 1).

    Returns:
        The corrected accuracy with its bounds; a reason where nobody of a result was verified.

    Raises:
        ValueError: A count is negative.

    Source: Begg & Greenes 1983, Biometrics 39:207; tests/validation/assays/verification.R.

    >>> found = begg_greenes([[231, 32], [27, 54]], (166, 140))  # their liver scans
    >>> round(found.sensitivity.estimate, 2), round(found.specificity.estimate, 2)
    (0.84, 0.74)
    """
    check_conf_level(conf_level)
    tp, fp, fn, tn = cells(verified)
    more_positive, more_negative = unverified
    if min(unverified) < 0:
        msg = f"unverified counts can't be negative: {unverified}"
        raise ValueError(msg)
    n_positive, n_negative = tp + fp + more_positive, fn + tn + more_negative
    return VerifiedAccuracy(
        sensitivity=_corrected((tp, fp), (fn, tn), (n_positive, n_negative), conf_level),
        specificity=_corrected((tn, fn), (fp, tp), (n_negative, n_positive), conf_level),
        sensitivity_bounds=_bounds(tp, fn, more_positive, more_negative),
        specificity_bounds=_bounds(tn, fp, more_negative, more_positive),
        n_verified=tp + fp + fn + tn,
        n_unverified=more_positive + more_negative,
    )


def _corrected(
    same: tuple[int, int], other: tuple[int, int], n: tuple[int, int], conf_level: float
) -> Interval | NoEstimate:
    """The share of this result among those with this status.

    Args:
        same: Verified patients with the result: with the status, without.
        other: Verified patients with the other result: with the status, without.
        n: All patients with the result, and with the other.
        conf_level: In (0, 1).
    """
    if n[0] + n[1] == 0:
        return NoEstimate("nobody was tested")
    for verified, tested in ((sum(same), n[0]), (sum(other), n[1])):
        if tested and not verified:
            return NoEstimate("no patient with one of the assay's results was verified")
    if same[0] == 0 and other[0] == 0:
        return NoEstimate("no verified patient has the status that this share is of")
    if same[0] == 0 or other[0] == 0:
        return NoEstimate(
            "all verified patients of this status had one result, so the log odds have no interval"
        )
    # P(T) P(D|T) against P(T̄) P(D|T̄): their log odds, a sum of three independent estimates
    share_same, share_other = same[0] / sum(same), other[0] / sum(other)
    log_odds = math.log(n[0] * share_same) - math.log(n[1] * share_other)
    variance = 1 / n[0] + 1 / n[1]
    variance += (1 - share_same) / same[0] + (1 - share_other) / other[0]
    half = z_of(conf_level) * math.sqrt(variance)
    return Interval(
        estimate=float(special.expit(log_odds)),
        ci_low=float(special.expit(log_odds - half)),
        ci_high=float(special.expit(log_odds + half)),
        conf_level=conf_level,
        method="Begg–Greenes correction, log-odds interval",
    )


def _bounds(
    hit: int, missed: int, could_hit: int, could_miss: int
) -> tuple[float, float] | NoEstimate:
    """Smallest and largest share over all statuses the unverified might have."""
    if hit + missed + could_hit + could_miss == 0:
        return NoEstimate("nobody has or could have the status that this share is of")
    low = hit / (hit + missed + could_miss) if hit else 0.0
    high = (hit + could_hit) / (hit + could_hit + missed) if hit + could_hit else 0.0
    return low, high
