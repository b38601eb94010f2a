"""Titres of two methods in the same sera, where some are only bounds (below the first dilution)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from incohort.stats.assays.paired import paired_odds_ratio
from incohort.stats.outcome import Interval, NoEstimate, check_conf_level

Flags = NDArray[np.bool_]
Titres = NDArray[np.float64]

# Which titre is the higher, as far as it is known; the last where the bounds leave it open.
KINDS = ("first_higher", "second_higher", "equal", "undecided")
_NO_SERUM = "no serum was titrated by both methods"
_OFF_STEP = 1e-6  # of a dilution step


@dataclass(frozen=True, slots=True, kw_only=True)
class TitreOrder:
    """Which of two methods gives the higher titre in the same serum, as far as titres decide.

    `n_undecided` are pairs of which the bounds leave the order open; both below their first
    dilution is the usual one. `odds` is first_higher per second_higher, by the exact interval.
    """

    n_first_higher: int
    n_second_higher: int
    n_equal: int
    n_undecided: int
    odds: Interval | NoEstimate


def titre_order(
    first: ArrayLike,
    first_below: ArrayLike,
    second: ArrayLike,
    second_below: ArrayLike,
    *,
    conf_level: float = 0.95,
) -> TitreOrder | NoEstimate:
    """How often one method's titre is the higher in the same serum, bounds taken as bounds.

    A titre below 8 is lower than one of 8 or more; against another bound, or a titre below 8, its
    order is open, and such pairs are counted apart and say nothing about the odds.

    Args:
        first: Titres, or the bound where below it, shape (n,), in the unit of `second`.
        first_below: True where the titre is below `first`, shape (n,).
        second: The other method's titres in the same sera, shape (n,).
        second_below: True where that titre is below `second`, shape (n,).
        conf_level: In (0, 1).

    Source: Dixon & Mood 1946 (sign test); R's binom.test in tests/validation/assays/titres.R.
    """
    check_conf_level(conf_level)
    kinds = titre_kinds(first, first_below, second, second_below)
    if len(kinds) == 0:
        return NoEstimate(_NO_SERUM)
    n_first, n_second, n_equal = (int((kinds == kind).sum()) for kind in KINDS[:3])
    odds = paired_odds_ratio([[0, n_first], [n_second, 0]], conf_level=conf_level)
    if isinstance(odds, NoEstimate):
        odds = NoEstimate("no pair of titres is known to differ")
    return TitreOrder(
        n_first_higher=n_first,
        n_second_higher=n_second,
        n_equal=n_equal,
        n_undecided=len(kinds) - n_first - n_second - n_equal,
        odds=odds,
    )


def titre_kinds(
    first: ArrayLike, first_below: ArrayLike, second: ArrayLike, second_below: ArrayLike
) -> NDArray[np.str_]:
    """Of each serum, which method's titre is the higher: one of `KINDS`; arguments as above.

    Source: tests/validation/assays/test_titres.py.
    """
    x, x_below, y, y_below = _checked(first, first_below, second, second_below)
    first_higher = ~x_below & np.where(y_below, x >= y, x > y)
    second_higher = ~y_below & np.where(x_below, y >= x, y > x)
    equal = ~x_below & ~y_below & (x == y)
    kinds: NDArray[np.str_] = np.select([first_higher, second_higher, equal], KINDS[:3], KINDS[3])
    return kinds


def titre_table(
    first: ArrayLike, first_below: ArrayLike, second: ArrayLike, second_below: ArrayLike
) -> NDArray[np.int64] | NoEstimate:
    """Sera by both methods' titres as ordered categories, one a dilution step, for weighted kappa.

    The categories are all steps from the lowest titre to the highest, also those that no serum had,
    so that a distance in categories is one in steps. What is below the first dilution is the lowest
    category, one step down, which needs one first dilution for all and no titre under it.

    Args:
        first: Titres, or the bound where below it, shape (n,), in the unit of `second`.
        first_below: True where the titre is below `first`, shape (n,).
        second: The other method's titres in the same sera, shape (n,).
        second_below: True where that titre is below `second`, shape (n,).

    Returns:
        Counts, shape (k, k): rows are the first method's categories, columns the second's.

    Source: tests/validation/assays/test_titres.py.
    """
    x, x_below, y, y_below = _checked(first, first_below, second, second_below)
    if len(x) == 0:
        return NoEstimate(_NO_SERUM)
    values, below = np.concatenate([x, y]), np.concatenate([x_below, y_below])
    if (values <= 0).any():
        return NoEstimate("a titre of 0 has no dilution step")
    if below.any() and (np.ptp(values[below]) > 0 or values.min() < values[below].min()):
        return NoEstimate("the first dilution is not the same for all sera, so bounds have no step")
    steps = np.log2(values / values.min())
    if not np.allclose(steps, np.rint(steps), rtol=0, atol=_OFF_STEP):
        return NoEstimate("the titres are no series of twofold dilutions")
    places = np.rint(steps).astype(np.int64) + np.where(below, 0, int(below.any()))
    k = int(places.max()) + 1
    if k == 1:
        return NoEstimate("all sera have the same titre by both methods")
    table = np.zeros((k, k), dtype=np.int64)
    np.add.at(table, (places[: len(x)], places[len(x) :]), 1)
    return table


def _checked(
    first: ArrayLike, first_below: ArrayLike, second: ArrayLike, second_below: ArrayLike
) -> tuple[Titres, Flags, Titres, Flags]:
    x, y = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    x_below, y_below = np.asarray(first_below), np.asarray(second_below)
    if x.ndim != 1 or not x.shape == y.shape == x_below.shape == y_below.shape:
        msg = "titres and flags must have one length"
        raise ValueError(msg)
    if x_below.dtype != np.bool_ or y_below.dtype != np.bool_ or not np.isfinite([x, y]).all():
        msg = "titres must be finite numbers and their flags booleans"
        raise ValueError(msg)
    return x, x_below, y, y_below
