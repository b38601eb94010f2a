"""Titres of two assays in the same sera: which is higher, and by how many dilution steps."""

from __future__ import annotations

from itertools import combinations
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from incohort.results import Estimate, Figure, Measure, Row, Table
from incohort.shapes.sets import Members
from incohort.shapes.tabular import BLANK, cell, cells, figure, row, table
from incohort.shapes.telling import Told
from incohort.shapes.tested import Tested
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
    told: Told, units: Tested, measured: HasTitres
) -> tuple[tuple[Table, ...], tuple[Figure, ...]]:
    """Titres of every two assays that have them: order, limits of agreement, weighted kappa."""
    told.sources = _SOURCES
    pairs = list(combinations(measured.with_titres, 2))
    if not pairs:
        reason = told.absent or "no two of the assays have titres"
        key = told.none_in("titres/none", "Titres of two assays", reason, units.described)
        return (_table(told, [row("Any two assays", cell("count", key), *[BLANK] * 6)]),), ()
    rows, kappas, figures = [], [], []
    for first, second in pairs:
        line, kappa, figure = _pair(told, units, measured, first, second)
        rows.append(line)
        kappas.append(kappa)
        figures += figure
    return (_table(told, rows), _kappa_table(told, kappas)), tuple(figures)


def _pair(
    told: Told, units: Tested, measured: HasTitres, first: str, second: str
) -> tuple[Row, Row, list[Figure]]:
    label = f"{units.label(first)} and {units.label(second)}"
    tail = f"titres/{first}_{second}"
    values, signs = zip(*map(measured.titre, (first, second)), strict=True)
    column = _order_column(units, (first, second), values, signs)
    members = units.described.known(column)
    rows = units.order[units.flags(members)]
    a, b = (value.to_numpy()[rows] for value in values)
    below = [(sign == "<").to_numpy(dtype=bool)[rows] for sign in signs]
    level, logs = told.scope.conf_level, (np.log2(a), np.log2(b))
    parts = {name: members.where(column, name) for name in _ORDER}
    counts = [
        _count(told, f"{tail}/{name}/count", f"{label}: {_ORDER[name]}", own, members)
        for name, own in parts.items()
    ]
    _count(told, f"{tail}/n/count", f"{label}: titrated by both", members, members)
    limits = bland_altman(*logs, censored=below[0] | below[1], conf_level=level)
    keys = told.parts_in(
        tail, label, _LIMITS, Measure.COEFFICIENT, limits, (members,), unit="steps"
    )
    crossed = titre_table(a, below[0], b, below[1])
    kappas = [
        told.statistic_in(
            f"{tail}/kappa_{weights}", f"{label}: kappa of titres, {weights} weights",
            Measure.COEFFICIENT,
            crossed
            if isinstance(crossed, NoEstimate)
            else cohen_kappa(crossed, conf_level=level, weights=weights),
            (members, *parts.values()), n=len(members),
        )
        for weights in _WEIGHTS
    ]  # fmt: skip
    line = row(label, *cells(["count"] * len(counts), counts), *cells(["estimate_ci"] * 3, keys))
    kappa = row(label, *cells(["estimate_ci"] * len(kappas), kappas))
    return line, kappa, _figure(told, members, (tail, label), logs, keys)


def _order_column(
    units: Tested, names: tuple[str, str], values: tuple[pd.Series, ...],
    signs: tuple[pd.Series, ...],
) -> str:  # fmt: skip
    """A column of which titre is the higher, where both assays have one.

    A titre above its last dilution has no place in either comparison.
    """
    x, y = (value.reset_index(drop=True) for value in values)
    x_sign, y_sign = (sign.reset_index(drop=True) for sign in signs)
    keep = x.notna() & y.notna() & (x_sign != ">") & (y_sign != ">")
    below = [(sign[keep] == "<").to_numpy(dtype=bool) for sign in (x_sign, y_sign)]
    words = pd.Series(None, index=x.index, dtype="object")
    words[keep] = titre_kinds(x[keep], below[0], y[keep], below[1])
    return units.base.cut(f"titre by {names[0]} and {names[1]}", words, KINDS)


def _count(told: Told, tail: str, label: str, own: Members, members: Members) -> str:
    if len(members):
        return told.count_in(tail, label, own, members)
    none = NoEstimate("no serum was titrated by both methods")
    return told.share_as(tail, label, none, own, members)


def _kappa_table(told: Told, rows: list[Row]) -> Table:
    ci = f"({told.scope.level} CI)"
    return table(
        told.scope, "titres/kappa", "Agreement of titres beyond chance", _HEAD,
        (
            (f"Linear weights {ci}", "Weighted kappa"),
            (f"Quadratic weights {ci}", "Weighted kappa"),
        ),
        rows,
        "The categories are the twofold dilution steps; below the first dilution is the lowest. "
        "Linear weights: a miss of two steps counts twice one of one step; quadratic: four times.",
    )  # fmt: skip


def _figure(
    told: Told, members: Members, named: tuple[str, str],
    logs: tuple[Vector, Vector], limits: list[str],
) -> list[Figure]:  # fmt: skip
    """Differences over means, with bias and limits, where the limits could be worked out."""
    if not all(isinstance(told.results[key], Estimate) for key in limits):
        return []
    (tail, label), (a, b), (bias, lower, upper) = named, logs, limits
    points = zip((a + b) / 2, a - b, strict=True)
    key = told.points_in(f"{tail}/points", label, points, _AXES, members)
    return [
        figure(
            told.scope, tail, "bland_altman",
            f"Titres of {label}: difference over mean, with limits of agreement",
            f"{label} differ by {{{bias}:estimate_ci}} dilution steps on average; limits of "
            f"agreement {{{lower}:estimate}} and {{{upper}:estimate}}.",
            {label: (key, *limits)}, x_label=_AXES[0], y_label=_AXES[1],
        )
    ]  # fmt: skip


def _table(told: Told, rows: list[Row]) -> Table:
    ci, steps = f"({told.scope.level} CI)", "Dilution steps, first minus second"
    heads = ("Mean difference", "Lower limit", "Upper limit")
    return table(
        told.scope, "titres", "Titres of two assays in the same sera", _HEAD,
        (
            *((words.capitalize(), "Which titre is higher") for words in _ORDER.values()),
            *((f"{head} {ci}", steps) for head in heads),
        ),
        rows,
        "A titre below its first dilution is a bound: it counts where the bound decides, and where "
        "one is among them no limits of agreement are given. A titre above its last dilution is "
        "left out. Limits: Bland and Altman, of log₂ titres.",
    )  # fmt: skip
