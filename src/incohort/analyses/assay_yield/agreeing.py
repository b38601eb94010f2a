"""How far assays agree beyond chance, two by two and all together."""

from __future__ import annotations

import numpy as np

from incohort.analyses.assay_yield.paired_counts import Pair, tail_of
from incohort.analyses.assay_yield.question import Question
from incohort.analyses.assay_yield.tally import Tally
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Estimate,
    Figure,
    FigureKind,
    Measure,
    Row,
    Series,
    Table,
    clauses,
)
from incohort.stats import Interval, NoEstimate
from incohort.stats.assays.agreement import cohen_kappa, gwet_ac1, kappa_paradox, pabak
from incohort.stats.assays.paired import Agreement, agreement
from incohort.stats.assays.several import cochran_q, fleiss_kappa

_FEW_RESULTS = 24  # Cochran 1950: with fewer results that differ, the exact test
_LEAST_DRAWN = 3  # assays of which a map says more than the table


def agreement_tables(question: Question, made: Tally, found: list[Pair]) -> tuple[Table, Table]:
    """Agreement of every two assays: plain, and beyond chance."""
    ci, key = f"({question.level} CI)", question.scope.key
    rows = [_agree(made, pair) for pair in found]
    plain = Table(
        key=key("pair/agreement/table"),
        caption="How often every two assays give the same result",
        stub_head="First and second assay",
        columns=(
            Column("Same result"),
            Column(f"Positive {ci}", "Agreement"),
            Column(f"Negative {ci}", "Agreement"),
        ),
        rows=tuple(Row(pair.label, row[:3]) for pair, row in zip(found, rows, strict=True)),
        notes=(
            (
                "Positive agreement: of a result positive by one assay, picked at random, how "
                "likely the other is positive; negative agreement: the chance that the other "
                "assay is negative when one is."
            ),
        ),
    )
    beyond = Table(
        key=key("pair/beyond_chance/table"),
        caption="Agreement of every two assays beyond chance",
        stub_head="First and second assay",
        columns=(
            Column(f"Kappa {ci}"),
            Column(f"PABAK {ci}"),
            Column(f"AC1 {ci}"),
        ),
        rows=tuple(Row(pair.label, row[3:]) for pair, row in zip(found, rows, strict=True)),
        notes=(
            (
                "PABAK: kappa as it would be with as many positives as negatives. AC1: Gwet's. "
                "To be read beside the prevalence index of the cross tabulation."
            ),
        ),
    )
    return plain, beyond


def _agree(made: Tally, pair: Pair) -> tuple[Cell, ...]:
    level, tail, label = made.scope.conf_level, pair.tail, pair.label
    made.rests_on = pair.cells
    n, few = pair.behind
    parts = pair.reasoned(agreement(pair.table, conf_level=level))
    overall, positive, negative = (
        (parts.overall, parts.positive, parts.negative)
        if isinstance(parts, Agreement)
        else (parts, parts, parts)
    )
    (a, _), (_, d) = pair.table
    keys = [
        made.interval(
            f"{tail}/agreement", f"{label}: same result", Measure.PROPORTION, overall,
            n=n, events=None if pair.reason else a + d, smallest=few,
        )
    ]  # fmt: skip
    for name, answer in (("positive", positive), ("negative", negative)):
        keys.append(
            made.interval(
                f"{tail}/{name}_agreement", f"{label}: {name} agreement", Measure.PROPORTION,
                answer, smallest=few,
            )
        )  # fmt: skip
    for name, text, answer in (
        ("kappa", "kappa", cohen_kappa(pair.table, conf_level=level)),
        ("pabak", "PABAK", pabak(pair.table, conf_level=level)),
        ("ac1", "AC1", gwet_ac1(pair.table, conf_level=level)),
    ):
        keys.append(
            made.interval(
                f"{tail}/{name}", f"{label}: {text}", Measure.COEFFICIENT, pair.reasoned(answer),
                n=n, smallest=few,
            )
        )  # fmt: skip
    _add_indices(made, pair)
    kinds = (
        CellKind.FRACTION_PERCENT, CellKind.PERCENT_CI, CellKind.PERCENT_CI,
        *[CellKind.ESTIMATE_CI] * 3,
    )  # fmt: skip
    return tuple(Cell(kind, (key,)) for kind, key in zip(kinds, keys, strict=True))


def _add_indices(made: Tally, pair: Pair) -> None:
    """How rare positives are, and how far apart the two assays' shares."""
    found = pair.reasoned(kappa_paradox(pair.table))
    for name in ("prevalence_index", "bias_index"):
        tail, label = f"{pair.tail}/{name}", f"{pair.label}: {name.replace('_', ' ')}"
        if isinstance(found, NoEstimate):
            made.none(tail, label, found.reason, n=pair.behind[0])
            continue
        made.estimate(
            tail, label, Measure.COEFFICIENT, getattr(found, name), n=pair.n,
            method="Byrt, Bishop and Carlin 1993", smallest=pair.smallest,
        )  # fmt: skip


def heat_map(question: Question, made: Tally, found: list[Pair]) -> tuple[Figure, ...]:
    """Kappa of every two assays as a map, where there are assays enough."""
    known = [key for pair in found if (key := question.scope.key(f"{pair.tail}/kappa"))]
    lists_all = made.scope.lists_all  # what is left out would tell that it can't be estimated
    drawn = [key for key in known if lists_all or isinstance(made.results[key], Estimate)]
    if len(question.assays) < _LEAST_DRAWN or not drawn:
        return ()
    told = clauses(*(f"{made.results[key].label} {{{key}:estimate}}" for key in drawn))
    return (
        Figure(
            key=question.scope.key("pair/figure"),
            kind=FigureKind.HEATMAP,
            caption="Kappa of every two assays",
            alt=f"Agreement beyond chance: {told}.",
            series=tuple(
                Series(
                    question.label(second),
                    tuple(
                        question.scope.key(f"{tail_of(first, second)}/kappa")
                        for first in question.assays[:place]
                    ),
                )
                for place, second in enumerate(question.assays)
                if place
            ),
            columns=tuple(map(question.label, question.assays[:-1])),
        ),
    )


def several_table(question: Question, made: Tally) -> Table:
    """The whole panel at once: equal shares, and agreement."""
    rows = question.complete
    n, k = rows.shape
    by_assay = [int(column) for column in rows.sum(axis=0)]
    few = min([*by_assay, *(n - count for count in by_assay)], default=0)
    made.rests_on = tuple(question.scope.key(f"positive/{a}/proportion") for a in question.panel)
    reason = question.absent or ("one assay has nothing to be compared with" if k < 2 else "")
    none = NoEstimate(reason) if reason else None
    disagreeing = int((rows.any(axis=1) & ~rows.all(axis=1)).sum())
    method = "exact" if disagreeing * k < _FEW_RESULTS else "asymptotic"
    q = made.p_value(
        "several/cochran_q_p_value",
        "All assays of the panel positive equally often, Cochran's Q, P",
        none or cochran_q(rows, method="exact" if method == "exact" else "asymptotic"),
        n=None if none else n,
        smallest=None if none else few,
    )
    positives = rows.sum(axis=1)
    answer: Interval | NoEstimate = none or fleiss_kappa(
        np.column_stack([positives, k - positives]), conf_level=made.scope.conf_level
    )
    fleiss = made.interval(
        "several/fleiss_kappa",
        "Agreement of all assays of the panel, Fleiss' kappa",
        Measure.COEFFICIENT,
        answer,
        n=None if none else n,
        smallest=None if none else few,
    )
    panel = ", ".join(map(question.label, question.panel))
    return Table(
        key=question.scope.key("several/table"),
        caption=f"The panel as a whole: {panel}",
        stub_head="Question",
        columns=(Column("Answer"),),
        rows=(
            Row(
                "Are all assays positive equally often? Cochran's Q, P",
                (Cell(CellKind.P_VALUE, (q,)),),
            ),
            Row(
                f"How far do all agree? Fleiss' kappa ({question.level} CI)",
                (Cell(CellKind.ESTIMATE_CI, (fleiss,)),),
            ),
        ),
        notes=(
            (
                f"On {question.noun} with every assay of the panel. Cochran's Q is exact where "
                "fewer than 24 results carry it."
            ),
        ),
    )
