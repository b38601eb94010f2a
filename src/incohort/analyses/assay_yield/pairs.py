"""Every two assays on the same patients or samples: cross tabulation, comparison, agreement."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from incohort.analyses.assay_yield.assumed import with_assumptions
from incohort.analyses.assay_yield.question import TESTS, Question
from incohort.analyses.assay_yield.unassumed import bounds
from incohort.analyses.assay_yield.yields import ALONE
from incohort.results import (
    Cell,
    Estimate,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Measure,
    Row,
    Series,
    Table,
    clauses,
)
from incohort.shapes.paired import Paired, agreements, comparisons, paired_counts, paired_indices
from incohort.shapes.tabular import cell, row, table
from incohort.shapes.telling import Told
from incohort.stats import NoEstimate
from incohort.stats.assays.several import cochran_q, fleiss_kappa

_FEW_RESULTS = 24  # Cochran 1950: with fewer results that differ, the exact test
_LEAST_DRAWN = 3  # assays of which a map says more than the table
_HEAD = "First and second assay"


def pairs(question: Question) -> Findings:
    """Cross tabulations of every two assays, their comparison and their agreement."""
    told = question.telling(*TESTS)
    both = list(combinations(question.assays, 2))
    asked = [paired(question, first, second) for first, second in both]
    counts = [
        _counts(question, told, pair, *names) for pair, names in zip(asked, both, strict=True)
    ]
    layout = Layout(
        tables=(
            *(_pair_tables(question, told, asked, counts) if asked else ()),
            _several_table(question, told),
            *bounds(question, told, asked),
        ),
        figures=_heat_map(question, told, asked),
        cautions=(
            (
                "Kappa is low where nearly all results are positive, or nearly none, even if the "
                "assays agree. Where the prevalence index is far from 0, read kappa beside PABAK "
                "and AC1."
            ),
            ("Agreement is not truth: two assays that share an antigen or a reading err together."),
        ),
    )
    return with_assumptions(question, told.findings("pair", "Every two assays compared", layout))


def tail_of(first: str, second: str) -> str:
    """The beginning of the keys of two assays, in the order in which they are compared."""
    return f"pair/{first}_{second}"


def paired(question: Question, first: str, second: str) -> Paired:
    """Two assays in those in whom both have a result that counts."""
    one, other = question.label(first), question.label(second)
    cells = question.units.fourfold(first, second)
    where = {"patient": "in the same patient", "sample": "on the same sample"}
    never = f"{one} and {other} never both gave a result {where[question.design.unit]}"
    return Paired(
        tail=tail_of(first, second),
        label=f"{one} against {other}",
        cells=cells,
        reason="" if any(map(len, cells)) else never,
    )


def _counts(
    question: Question, told: Told, pair: Paired, first: str, second: str
) -> tuple[Cell, ...]:
    """The four cells of two assays and who had both, beside those who had only one of the two."""
    units = question.units
    for own, other in ((first, second), (second, first)):
        if not question.is_told(other, *units.others):
            continue
        for sign, members in (("positive", units.positive(own)), ("negative", units.negative(own))):
            told.count_in(
                f"{pair.tail}/without_the_other/{own}/{sign}/count",
                f"{question.label(own)} {sign}, no result of {question.label(other)}",
                units.without(other, members),
                units.without(other, units.counting(own)),
            )
    names = (
        ("both", "both positive"),
        (f"only_{first}", f"only {question.label(first)} positive"),
        (f"only_{second}", f"only {question.label(second)} positive"),
        ("neither", "both negative"),
    )
    return paired_counts(told, pair, names, units.with_both(first, second))


def _pair_tables(
    question: Question, told: Told, asked: list[Paired], counts: list[tuple[Cell, ...]]
) -> tuple[Table, ...]:
    """Cross tabulation, comparison, agreement and agreement beyond chance, a row a pair."""
    scope, ci = question.scope, f"({question.scope.level} CI)"
    labels = [pair.label for pair in asked]
    indices = [paired_indices(told, pair) for pair in asked]
    crossed = [(*own, *more) for own, more in zip(counts, indices, strict=True)]
    compared = comparisons(told, asked)
    both = combinations(question.assays, 2)
    agreed = [
        agreements(told, pair, question.units.with_both(*names))
        for pair, names in zip(asked, both, strict=True)
    ]

    def rows(cells_of: list[tuple[Cell, ...]], part: slice = slice(None)) -> list[Row]:
        return [row(label, *own[part]) for label, own in zip(labels, cells_of, strict=True)]

    return (
        table(
            scope, "pair", f"Cross tabulation of every two assays ({question.noun})", _HEAD,
            (
                "Both positive", "Only the first", "Only the second", "Both negative", "With both",
                ("Prevalence", "Index"), ("Bias", "Index"),
            ),
            rows(crossed),
            "Prevalence index: (both − neither) / n. Bias index: (only the first − only the "
            "second) / n.",
        ),
        table(
            scope, "pair/comparison", "Does one assay find more than the other?", _HEAD,
            (
                f"First minus second {ci}", f"Odds ratio of pairs {ci}", ("Exact", "McNemar P"),
                ("Mid-P", "McNemar P"), ("Exact, Holm", "McNemar P"),
            ),
            rows(compared),
            "Difference: Tango's score interval. Odds ratio: those whom only the first finds per "
            "one whom only the second does, exact interval. Two-sided; Holm's correction is for "
            "all pairs in the table.",
        ),
        table(
            scope, "pair/agreement", "How often every two assays give the same result", _HEAD,
            (
                "Same result", (f"Positive {ci}", "Agreement"), (f"Negative {ci}", "Agreement"),
            ),
            rows(agreed, slice(3)),
            "Positive agreement: of a result positive by one assay, picked at random, how likely "
            "the other is positive; negative agreement: the chance that the other assay is "
            "negative when one is.",
        ),
        table(
            scope, "pair/beyond_chance", "Agreement of every two assays beyond chance", _HEAD,
            (f"Kappa {ci}", f"PABAK {ci}", f"AC1 {ci}"), rows(agreed, slice(3, None)),
            "PABAK: kappa as it would be with as many positives as negatives. AC1: Gwet's. To be "
            "read beside the prevalence index of the cross tabulation.",
        ),
    )  # fmt: skip


def _heat_map(question: Question, told: Told, asked: list[Paired]) -> tuple[Figure, ...]:
    """Kappa of every two assays as a map, where there are assays enough."""
    known = [question.scope.key(f"{pair.tail}/kappa") for pair in asked]
    lists_all = question.scope.lists_all  # what is left out would tell that it can't be estimated
    drawn = [key for key in known if lists_all or isinstance(told.results[key], Estimate)]
    if len(question.assays) < _LEAST_DRAWN or not drawn:
        return ()
    said = clauses(*(f"{told.results[key].label} {{{key}:estimate}}" for key in drawn))
    return (
        Figure(
            key=question.scope.key("pair/figure"),
            kind=FigureKind.HEATMAP,
            caption="Kappa of every two assays",
            alt=f"Agreement beyond chance: {said}.",
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


def _several_table(question: Question, told: Told) -> Table:
    """The whole panel at once: equal shares, and agreement."""
    rows, sets = question.panel_rows, question.by_panel_assay
    k = rows.shape[1]
    alone = "" if question.absent or k > 1 else ALONE
    disagreeing = int((rows.any(axis=1) & ~rows.all(axis=1)).sum())
    is_exact = disagreeing * k < _FEW_RESULTS
    positives = rows.sum(axis=1)
    label = "All assays of the panel positive equally often, Cochran's Q, P"
    text = "Agreement of all assays of the panel, Fleiss' kappa"
    if alone:
        q = told.none_in("several/cochran_q_p_value", label, alone, question.complete)
        fleiss = told.none_in("several/fleiss_kappa", text, alone, question.complete)
    else:
        test = cochran_q(rows, method="exact" if is_exact else "asymptotic")
        q = told.test_in("several/cochran_q_p_value", label, test, sets, _behind(test, question))
        answer = fleiss_kappa(
            np.column_stack([positives, k - positives]), conf_level=question.scope.conf_level
        )
        fleiss = told.statistic_in(
            "several/fleiss_kappa", text, Measure.COEFFICIENT, answer, sets,
            n=_behind(answer, question),
        )  # fmt: skip
    panel = ", ".join(map(question.label, question.panel))
    return table(
        question.scope, "several", f"The panel as a whole: {panel}", "Question", ("Answer",),
        (
            row("Are all assays positive equally often? Cochran's Q, P", cell("p_value", q)),
            row(
                f"How far do all agree? Fleiss' kappa ({question.scope.level} CI)",
                cell("estimate_ci", fleiss),
            ),
        ),
        f"On {question.noun} with every assay of the panel. Cochran's Q is exact where fewer than "
        "24 results carry it.",
    )  # fmt: skip


def _behind(answer: object, question: Question) -> int | None:
    """How many had the whole panel; None, where there is no answer, for the smallest group."""
    return None if isinstance(answer, NoEstimate) else len(question.complete)
