"""Titres of two assays in the same sera: which is higher, and by how many dilution steps."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Protocol

import numpy as np
import pandas as pd

from incohort.analyses.assay_yield.question import Question
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Estimate,
    Figure,
    FigureKind,
    Margin,
    Measure,
    PatientPoints,
    Row,
    Series,
    Table,
)
from incohort.shapes.making import Made
from incohort.stats import NoEstimate
from incohort.stats.assays.agreement import KappaWeights, cohen_kappa
from incohort.stats.assays.method_comparison import LimitsOfAgreement, bland_altman
from incohort.stats.assays.titres import TitreOrder, titre_order, titre_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SOURCES = ("antibody_tests.titre", "antibody_tests.assay")
_COUNTS = (
    ("first_higher", "first higher"),
    ("second_higher", "second higher"),
    ("equal", "equal"),
    ("undecided", "not decided by the bounds"),
)
_WEIGHTS: tuple[KappaWeights, ...] = ("linear", "quadratic")
_LIMITS = ("bias", "lower", "upper")


class HasTitres(Protocol):
    """Where the titres come from."""

    @property
    def with_titres(self) -> tuple[str, ...]:
        """The assays compared that have titres."""

    def titre(self, assay: str) -> tuple[pd.Series, pd.Series]:
        """Each unit's titre or its bound, and the comparator of a bound."""


def titre_results(
    question: Question, made: Made, measured: HasTitres
) -> tuple[tuple[Table, ...], tuple[Figure, ...], tuple[Margin, ...]]:
    """Titres of every two assays that have them: order, limits of agreement, weighted kappa."""
    made.sources = _SOURCES
    pairs = list(combinations(measured.with_titres, 2))
    if not pairs:
        reason = question.absent or "no two of the assays have titres"
        key = made.none("titres/none", "Titres of two assays", reason)
        blank = Cell(CellKind.TEXT)
        row = Row("Any two assays", (Cell(CellKind.COUNT, (key,)), *[blank] * 6))
        return (_table(question, [row]),), (), ()
    rows, kappas, figures, margins = [], [], [], []
    for first, second in pairs:
        row, kappa, figure, margin = _pair(question, made, measured, first, second)
        rows.append(row)
        kappas.append(kappa)
        figures += figure
        margins.append(margin)
    tables = (_table(question, rows), _kappa_table(question, kappas))
    return tables, tuple(figures), tuple(margins)


def _pair(
    question: Question, made: Made, measured: HasTitres, first: str, second: str
) -> tuple[Row, Row, list[Figure], Margin]:
    (x, x_sign), (y, y_sign) = measured.titre(first), measured.titre(second)
    # a titre above its last dilution has no place in either comparison
    keep = (x.notna() & y.notna() & (x_sign != ">") & (y_sign != ">")).to_numpy(dtype=bool)
    a, b = x.to_numpy()[keep], y.to_numpy()[keep]
    below = [(sign == "<").to_numpy(dtype=bool)[keep] for sign in (x_sign, y_sign)]
    label = f"{question.label(first)} and {question.label(second)}"
    tail = f"titres/{first}_{second}"
    found = titre_order(a, below[0], b, below[1], conf_level=made.scope.conf_level)
    counts = _counts(made, tail, label, found)
    log_a, log_b = np.log2(a), np.log2(b)
    limits = bland_altman(
        log_a, log_b, censored=below[0] | below[1], conf_level=made.scope.conf_level
    )
    keys = [_limit(made, tail, label, limits, name, len(a)) for name in _LIMITS]
    cells = (
        *(Cell(CellKind.COUNT, (key,)) for key in counts),
        *(Cell(CellKind.ESTIMATE_CI, (key,)) for key in keys),
    )
    kappa = _kappas(made, tail, label, titre_table(a, below[0], b, below[1]), counts, len(a))
    figure = _figure(question, made, (tail, label), (log_a, log_b), keys)
    margin = Margin(total=question.scope.key(f"{tail}/n/count"), parts=tuple(counts))
    return Row(label, cells), kappa, figure, margin


def _counts(made: Made, tail: str, label: str, found: TitreOrder | NoEstimate) -> list[str]:
    """How often either titre is the higher, of all sera titrated by both."""
    keys = []
    if isinstance(found, NoEstimate):
        for name, words in _COUNTS:
            keys.append(made.none(f"{tail}/{name}/count", f"{label}: {words}", found.reason, n=0))
        made.none(f"{tail}/n/count", f"{label}: titrated by both", found.reason, n=0)
        return keys
    values = [getattr(found, f"n_{name}") for name, _ in _COUNTS]
    n = sum(values)
    made.count(f"{tail}/n/count", f"{label}: titrated by both", n)
    return [
        made.count(f"{tail}/{name}/count", f"{label}: {words}", value, n=n)
        for (name, words), value in zip(_COUNTS, values, strict=True)
    ]


def _kappas(
    made: Made, tail: str, label: str, table: NDArray[np.int64] | NoEstimate,
    counts: list[str], n: int,
) -> Row:  # fmt: skip
    """Agreement beyond chance in which a near miss counts in part."""
    before, made.rests_on = made.rests_on, tuple(counts)
    keys = []
    for weights in _WEIGHTS:
        answer = (
            table
            if isinstance(table, NoEstimate)
            else cohen_kappa(table, conf_level=made.scope.conf_level, weights=weights)
        )
        keys.append(
            made.interval(
                f"{tail}/kappa_{weights}", f"{label}: kappa of titres, {weights} weights",
                Measure.COEFFICIENT, answer, n=n,
            )
        )  # fmt: skip
    made.rests_on = before
    return Row(label, tuple(Cell(CellKind.ESTIMATE_CI, (key,)) for key in keys))


def _kappa_table(question: Question, rows: list[Row]) -> Table:
    ci = f"({question.level} CI)"
    return Table(
        key=question.scope.key("titres/kappa/table"),
        caption="Agreement of titres beyond chance",
        stub_head="First and second assay",
        columns=(
            Column(f"Linear weights {ci}", "Weighted kappa"),
            Column(f"Quadratic weights {ci}", "Weighted kappa"),
        ),
        rows=tuple(rows),
        notes=(
            (
                "The categories are the twofold dilution steps; below the first dilution is the "
                "lowest. Linear weights: a miss of two steps counts twice one of one step; "
                "quadratic: four times."
            ),
        ),
    )


def _limit(
    made: Made, tail: str, label: str, limits: LimitsOfAgreement | NoEstimate, name: str, n: int
) -> str:
    text = f"{label}: {'mean difference' if name == 'bias' else f'{name} limit'}, dilution steps"
    answer = limits if isinstance(limits, NoEstimate) else getattr(limits, name)
    return made.interval(f"{tail}/{name}", text, Measure.COEFFICIENT, answer, n=n, unit="steps")


def _figure(
    question: Question,
    made: Made,
    named: tuple[str, str],
    logs: tuple[NDArray[np.float64], NDArray[np.float64]],
    limits: list[str],
) -> list[Figure]:
    """Differences over means, with bias and limits, where the limits could be worked out."""
    if not all(isinstance(made.results[key], Estimate) for key in limits):
        return []
    (tail, label), (a, b) = named, logs
    key, means, gaps = question.scope.key(f"{tail}/points"), (a + b) / 2, a - b
    order = np.lexsort((gaps, means))  # an order that tells nothing of who
    made.results[key] = PatientPoints(
        key=key,
        label=label,
        x=tuple(means[order].tolist()),
        y=tuple(gaps[order].tolist()),
        group=("",) * len(a),
        x_label="Mean of the two titres, log₂",
        y_label="First minus second, dilution steps",
        sources=made.sources,
        origin=question.scope.cohort.origin_of(
            key, made.sources, is_whole=not question.scope.restricted_by
        ),
    )
    bias, lower, upper = limits
    return [
        Figure(
            key=question.scope.key(f"{tail}/figure"),
            kind=FigureKind.BLAND_ALTMAN,
            caption=f"Titres of {label}: difference over mean, with limits of agreement",
            alt=f"{label} differ by {{{bias}:estimate_ci}} dilution steps on average; limits of "
            f"agreement {{{lower}:estimate}} and {{{upper}:estimate}}.",
            series=(Series(label, (key, *limits)),),
            x_label="Mean of the two titres, log₂",
            y_label="First minus second, dilution steps",
        )
    ]


def _table(question: Question, rows: list[Row]) -> Table:
    ci = f"({question.level} CI)"
    return Table(
        key=question.scope.key("titres/table"),
        caption="Titres of two assays in the same sera",
        stub_head="First and second assay",
        columns=(
            *(Column(words.capitalize(), "Which titre is higher") for _, words in _COUNTS),
            Column(f"Mean difference {ci}", "Dilution steps, first minus second"),
            Column(f"Lower limit {ci}", "Dilution steps, first minus second"),
            Column(f"Upper limit {ci}", "Dilution steps, first minus second"),
        ),
        rows=tuple(rows),
        notes=(
            (
                "A titre below its first dilution is a bound: it counts where the bound decides, "
                "and where one is among them no limits of agreement are given. A titre above its "
                "last dilution is left out. Limits: Bland and Altman, of log₂ titres."
            ),
        ),
    )
