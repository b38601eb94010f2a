"""A share as it would be if every group had the strata of all together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from incohort.stats._checked import binary, labels_of
from incohort.stats.outcome import Interval, NoEstimate, check_conf_level
from incohort.stats.proportions import wilson_limits

_METHOD = "direct standardisation, Wilson score interval with the effective number"


def standardised_share(
    event: ArrayLike, is_group: ArrayLike, stratum: ArrayLike, *, conf_level: float = 0.95
) -> Interval | NoEstimate:
    """The share with the event in a group, each stratum weighing as it does in all together.

    Where nothing but the stratum led to the group, that is the share if all had been in it. The
    strata are those that were drawn, so the variance has a part of the shares and one of the
    weights. Wilson's interval takes the number of plain observations that would tell as much.

    Args:
        event: True or 1 for the event, shape (n,).
        is_group: Who is in the group, shape (n,).
        stratum: Each one's stratum, shape (n,).
        conf_level: In (0, 1).

    Raises:
        ValueError: Shapes differ, or a value is missing.

    Source: Hernán & Robins 2020, section 2.3 (standardisation); delta method in van der Vaart 1998,
        chapter 3; tests/validation/test_standardised.py.
    """
    check_conf_level(conf_level)
    flags, inside = binary(event, "event"), binary(is_group, "is_group") == 1
    if len(inside) != len(flags):
        raise ValueError("event and is_group must have the same length")
    labels, codes = labels_of(stratum, len(flags), "stratum")
    n = len(flags)
    if not n:
        return NoEstimate("there is nobody in the denominator")
    sizes = np.bincount(codes, minlength=len(labels))
    seen = np.bincount(codes[inside], minlength=len(labels))
    if (seen == 0).any():
        return NoEstimate("in a stratum nobody is in the group, so nothing tells of it there")
    shares = np.bincount(codes[inside], weights=flags[inside], minlength=len(labels)) / seen
    weights = sizes / n
    share = float(weights @ shares)
    of_shares = float((weights**2) @ (shares * (1 - shares) / seen))
    variance = of_shares + float(weights @ (shares - share) ** 2) / n
    size = share * (1 - share) / variance if variance > 0 else float(seen.sum())
    low, high = wilson_limits(share, size, conf_level)
    return Interval(estimate=share, ci_low=low, ci_high=high, conf_level=conf_level, method=_METHOD)
