"""The best order of several assays, and the smallest panel that finds nearly as many."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from incohort.stats.assays._panels import NOBODY, found_by_panel, pattern_counts, share_of
from incohort.stats.outcome import Interval, NoEstimate, check_conf_level

Flags = NDArray[np.bool_]
Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelChoice:
    """The smallest panel that finds the wanted share of those found by all assays.

    Of the panels of this size that do it is the one that finds most; the earlier columns win a
    tie. `n_panels` of this size do. In resamples of patients the same panel was chosen with the
    share `chosen_again`, and still kept the wanted share with `kept_again`.
    """

    assays: tuple[int, ...]
    n: int
    n_found: int
    n_found_by_all: int
    found: Interval
    kept: Interval
    wanted: float
    n_panels: int
    chosen_again: float
    kept_again: float
    resamples: int
    seed: int


def best_order(
    positive: ArrayLike, tested: ArrayLike | None = None
) -> tuple[int, ...] | NoEstimate:
    """The order of assays whose cumulative yields have the largest sum: most found earliest.

    Exact, by dynamic programming over all panels; earlier columns come first in a tie.

    Args:
        positive: True for positive, shape (n patients, k assays), k ≤ 12.
        tested: True where the assay has a result, shape (n, k); everywhere where not given.

    Source: Held & Karp 1962 (recursion); tests/validation/assays/panels.R.
    """
    counts, k = pattern_counts(positive, tested)
    if counts.sum() == 0:
        return NoEstimate(NOBODY)
    yields = found_by_panel(counts).tolist()
    # best[S] is the largest sum of cumulative yields from S, already run, to the full panel
    full = len(yields) - 1
    best, following = [0] * len(yields), [0] * len(yields)
    for panel in range(full - 1, -1, -1):
        choices = [j for j in range(k) if not panel >> j & 1]
        worth = [yields[panel | 1 << j] + best[panel | 1 << j] for j in choices]
        best[panel] = max(worth)
        following[panel] = choices[worth.index(best[panel])]
    order, panel = [], 0
    while panel != full:
        order.append(following[panel])
        panel |= 1 << following[panel]
    return tuple(order)


def smallest_panel(
    positive: ArrayLike,
    tested: ArrayLike | None = None,
    *,
    wanted: float = 0.95,
    conf_level: float = 0.95,
    resamples: int = 1000,
    seed: int = 1,
) -> PanelChoice | NoEstimate:
    """The fewest assays that find the wanted share of the patients found by all of them.

    All panels are compared. How far the choice depends on these very patients is told by
    resampling them.

    Args:
        positive: True for positive, shape (n patients, k assays), k ≤ 12.
        tested: True where the assay has a result, shape (n, k); everywhere where not given.
        wanted: Share of the yield of all assays to keep, in (0, 1].
        conf_level: In (0, 1).
        resamples: How many resamples of patients.
        seed: Of NumPy's default generator: the same seed gives the same result.

    Source: set counts; Efron & Tibshirani 1993; tests/validation/assays/panels.R.
    """
    check_conf_level(conf_level)
    if not 0.0 < wanted <= 1.0:
        msg = f"wanted is {wanted}; it must lie above 0 and at most at 1"
        raise ValueError(msg)
    counts, k = pattern_counts(positive, tested)
    n = int(counts.sum())
    if n == 0:
        return NoEstimate(NOBODY)
    yields = found_by_panel(counts)
    if yields[-1] == 0:
        return NoEstimate("no assay found anybody")
    sizes = np.array([panel.bit_count() for panel in range(2**k)])
    chosen = int(_choose(yields[None], sizes, wanted)[0])
    reaches = _reaches(yields[None], wanted)[0] & (sizes == sizes[chosen])
    drawn = found_by_panel(np.random.default_rng(seed).multinomial(n, counts / n, size=resamples))
    return PanelChoice(
        assays=tuple(j for j in range(k) if chosen >> j & 1),
        n=n,
        n_found=int(yields[chosen]),
        n_found_by_all=int(yields[-1]),
        found=share_of(int(yields[chosen]), n, conf_level),
        kept=share_of(int(yields[chosen]), int(yields[-1]), conf_level),
        wanted=wanted,
        n_panels=int(reaches.sum()),
        chosen_again=float((_choose(drawn, sizes, wanted) == chosen).mean()),
        kept_again=float(_reaches(drawn, wanted)[:, chosen].mean()),
        resamples=resamples,
        seed=seed,
    )


def _reaches(yields: Counts, wanted: float) -> Flags:
    reached: Flags = yields >= wanted * yields[:, -1:] - 1e-9
    return reached


def _choose(yields: Counts, sizes: Counts, wanted: float) -> Counts:
    """The smallest panel that reaches the wanted share; then the one that finds most."""
    rank = sizes * (yields[:, -1:].max() + 1) - yields
    rank = np.where(_reaches(yields, wanted), rank, np.iinfo(np.int64).max)
    chosen: Counts = rank.argmin(axis=1)
    return chosen
