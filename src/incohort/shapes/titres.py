"""Titres of two assays in the same sera: which is higher, and by how many dilution steps."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from incohort.results import Estimate, Figure, Measure, Row, Table
from incohort.shapes.sets import Members
from incohort.shapes.tabular import BLANK, cell, cells, figure, row, table
from incohort.shapes.telling import Draft
from incohort.shapes.tested import Flags, Tested
from incohort.stats import NoEstimate
from incohort.stats.assays.agreement import KappaWeights, cohen_kappa
from incohort.stats.assays.method_comparison import bland_altman
from incohort.stats.assays.titres import KINDS, titre_kinds, titre_table

_SOURCES = ("antibody_tests.titre", "antibody_tests.assay")
# Which titre is the higher, as it is known; the last where the bounds leave it open.
_ORDER = {
    "first_higher": "first higher",
    "second_higher": "second higher",
    "equal": "equal",
    "undecided": "not decided by the bounds",
}
_WEIGHTS: tuple[KappaWeights, ...] = ("linear", "quadratic")
_LIMITS = {
    "bias": "mean difference, dilution steps",
    "lower": "lower limit, dilution steps",
    "upper": "upper limit, dilution steps",
}
_HEAD = "First and second assay"
_AXES = ("Mean of the two titres, log₂", "First minus second, dilution steps")

Vector = NDArray[np.float64]


class HasTitres(Protocol):
    """Where the titres come from."""

    @property
    def with_titres(self) -> tuple[str, ...]:
        """The assays compared that have titres."""

    def titre(self, assay: str) -> tuple[pd.Series, pd.Series]:
        """The titre or its bound of each row, and the comparator of a bound."""


def titre_results(
    draft: Draft, units: Tested, measured: HasTitres
) -> tuple[tuple[Table, ...], tuple[Figure, ...]]:
    """Titres of every two assays that have them: order, limits of agreement, weighted kappa."""
    draft.sources = _SOURCES
    pairs = [_pair(units, measured, *both) for both in combinations(measured.with_titres, 2)]
    if not pairs:
        reason = draft.absent or "no two of the assays have titres"
        key = draft.none_in("titres/none", "Titres of two assays", reason, units.described)
        return (_table(draft, [row("Any two assays", cell("count", key), *[BLANK] * 6)]),), ()
    rows, kappas, figures = [], [], list[Figure]()
    for pair in pairs:
        counts, limits, weighted = pair.counts(draft), pair.limits(draft), pair.kappas(draft)
        kinds = ["count"] * len(counts) + ["estimate_ci"] * len(limits)
        rows.append(row(pair.label, *cells(kinds, counts + limits)))
        kappas.append(row(pair.label, *cells(["estimate_ci"] * len(weighted), weighted)))
        figures += pair.figure(draft, limits)
    return (_table(draft, rows), _kappa_table(draft, kappas)), tuple(figures)


@dataclass(frozen=True, eq=False, kw_only=True)
class _Pair:
    """The titres of two assays in those titrated by both.

    Args:
        tail: Begins the keys.
        label: The two, as they are printed.
        members: Those titrated by both.
        column: Which of the titres is the higher.
        first: The titres of the first assay, or their bounds.
        second: Those of the second.
        below: Which of them are below the first dilution, of either assay.
    """

    tail: str
    label: str
    members: Members
    column: str
    first: Vector
    second: Vector
    below: tuple[Flags, Flags]

    @property
    def _parts(self) -> dict[str, Members]:
        return {name: self.members.where(self.column, name) for name in _ORDER}

    @property
    def _logs(self) -> tuple[Vector, Vector]:
        return np.log2(self.first), np.log2(self.second)

    def counts(self, draft: Draft) -> list[str]:
        """In how many the one is higher, the other, neither; and of how many, which is no cell."""
        keys = [self._count(draft, name, _ORDER[name], part) for name, part in self._parts.items()]
        self._count(draft, "n", "titrated by both", self.members)
        return keys

    def _count(self, draft: Draft, name: str, words: str, part: Members) -> str:
        tail, label = f"{self.tail}/{name}/count", f"{self.label}: {words}"
        if len(self.members):
            return draft.count_in(tail, label, part, self.members)
        none = NoEstimate("no serum was titrated by both methods")
        return draft.share_as(tail, label, none, part, self.members)

    def limits(self, draft: Draft) -> list[str]:
        """The mean difference and the limits of agreement, in dilution steps."""
        is_bound = self.below[0] | self.below[1]
        answer = bland_altman(*self._logs, censored=is_bound, conf_level=draft.scope.conf_level)
        sets, measure = (self.members,), Measure.COEFFICIENT
        return draft.parts_in(self.tail, self.label, _LIMITS, measure, answer, sets, unit="steps")

    def kappas(self, draft: Draft) -> list[str]:
        """Kappa by each way to weigh a miss."""
        crossed = titre_table(self.first, self.below[0], self.second, self.below[1])
        sets, keys = (self.members, *self._parts.values()), []
        for weights in _WEIGHTS:
            kappa = (
                crossed
                if isinstance(crossed, NoEstimate)
                else cohen_kappa(crossed, conf_level=draft.scope.conf_level, weights=weights)
            )
            tail = f"{self.tail}/kappa_{weights}"
            label = f"{self.label}: kappa of titres, {weights} weights"
            n = len(self.members)
            keys.append(draft.statistic_in(tail, label, Measure.COEFFICIENT, kappa, sets, n=n))
        return keys

    def figure(self, draft: Draft, limits: list[str]) -> list[Figure]:
        """Differences over means, with bias and limits, where the limits could be worked out."""
        if not all(isinstance(draft.results[key], Estimate) for key in limits):
            return []
        (a, b), (bias, lower, upper), label = self._logs, limits, self.label
        points = zip((a + b) / 2, a - b, strict=True)
        key = draft.points_in(f"{self.tail}/points", label, points, _AXES, self.members)
        return [
            figure(
                draft.scope, self.tail, "bland_altman",
                f"Titres of {label}: difference over mean, with limits of agreement",
                f"{label} differ by {{{bias}:estimate_ci}} dilution steps on average; limits of "
                f"agreement {{{lower}:estimate}} and {{{upper}:estimate}}.",
                {label: (key, *limits)}, x_label=_AXES[0], y_label=_AXES[1],
            )
        ]  # fmt: skip


def _pair(units: Tested, measured: HasTitres, first: str, second: str) -> _Pair:
    """Two assays in those of whom both have a titre that can be compared.

    A titre above its last dilution has no place in either comparison.
    """
    (x, x_sign), (y, y_sign) = (
        tuple(part.reset_index(drop=True) for part in measured.titre(name))
        for name in (first, second)
    )
    keep = x.notna() & y.notna() & (x_sign != ">") & (y_sign != ">")
    below = [(sign == "<").to_numpy(dtype=bool) for sign in (x_sign, y_sign)]
    words = pd.Series(None, index=x.index, dtype="object")
    words[keep] = titre_kinds(x[keep], below[0][keep], y[keep], below[1][keep])
    column = units.base.cut(f"titre by {first} and {second}", words, KINDS)
    members = units.described.known(column)
    rows = units.order[units.flags(members)]
    return _Pair(
        tail=f"titres/{first}_{second}",
        label=f"{units.label(first)} and {units.label(second)}",
        members=members,
        column=column,
        first=x.to_numpy()[rows],
        second=y.to_numpy()[rows],
        below=(below[0][rows], below[1][rows]),
    )


def _kappa_table(draft: Draft, rows: list[Row]) -> Table:
    ci = f"({draft.scope.level} CI)"
    return table(
        draft.scope, "titres/kappa", "Agreement of titres beyond chance", _HEAD,
        (
            (f"Linear weights {ci}", "Weighted kappa"),
            (f"Quadratic weights {ci}", "Weighted kappa"),
        ),
        rows,
        "The categories are the twofold dilution steps; below the first dilution is the lowest. "
        "Linear weights: a miss of two steps counts twice one of one step; quadratic: four times.",
    )  # fmt: skip


def _table(draft: Draft, rows: list[Row]) -> Table:
    ci, steps = f"({draft.scope.level} CI)", "Dilution steps, first minus second"
    heads = ("Mean difference", "Lower limit", "Upper limit")
    return table(
        draft.scope, "titres", "Titres of two assays in the same sera", _HEAD,
        (
            *((words.capitalize(), "Which titre is higher") for words in _ORDER.values()),
            *((f"{head} {ci}", steps) for head in heads),
        ),
        rows,
        "A titre below its first dilution is a bound: it counts where the bound decides, and where "
        "one is among them no limits of agreement are given. A titre above its last dilution is "
        "left out. Limits: Bland and Altman, of log₂ titres.",
    )  # fmt: skip
