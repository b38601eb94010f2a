"""Every two assays on the same patients or samples: cross tabulation, comparison, agreement."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from incohort.analyses.assay_yield.assumed import bounds, with_assumptions
from incohort.analyses.assay_yield.question import TESTS, Question
from incohort.analyses.assay_yield.yields import ALONE
from incohort.results import Cell, Estimate, Figure, Findings, Layout, Measure, Table
from incohort.shapes.paired import Paired, agreements, comparisons, paired_counts, paired_indices
from incohort.shapes.tabular import cell, figure, phrases, row, table
from incohort.shapes.telling import Draft
from incohort.shapes.tested import Flags
from incohort.stats import HypothesisTest, Interval, NoEstimate
from incohort.stats.assays.several import cochran_q, fleiss_kappa

_FEW_RESULTS = 24  # Cochran 1950: with fewer results that differ, the exact test
_LEAST_DRAWN = 3  # assays of which a map says more than the table
_ON_INDICES = (
    "Prevalence index: (both − neither) / n. Bias index: (only the first − only the second) / n."
)
_ON_COMPARISON = (
    "Difference: Tango's score interval. Odds ratio: those whom only the first finds per one whom "
    "only the second does, exact interval. Two-sided; Holm's correction is for all pairs in the "
    "table."
)
_ON_AGREEMENT = (
    "Positive agreement: of a result positive by one assay, picked at random, how likely the other "
    "is positive; negative agreement: the chance that the other assay is negative when one is."
)
_ON_CHANCE = (
    "PABAK: kappa as it would be with as many positives as negatives. AC1: Gwet's. To be read "
    "beside the prevalence index of the cross tabulation."
)
_ON_KAPPA = (
    "Kappa is low where nearly all results are positive, or nearly none, even if the assays agree. "
    "Where the prevalence index is far from 0, read kappa beside PABAK and AC1."
)
_ON_TRUTH = "Agreement is not truth: two assays that share an antigen or a reading err together."

_Cells = list[tuple[Cell, ...]]  # of each pair


def pairs(question: Question) -> Findings:
    """Cross tabulations of every two assays, their comparison and their agreement."""
    draft = question.telling(*TESTS)
    names = list(combinations(question.assays, 2))
    asked = [paired(question, *both) for both in names]
    counts = [_counts(question, draft, *pair) for pair in zip(asked, names, strict=True)]
    layout = Layout(
        tables=(
            *(_pair_tables(question, draft, asked, counts) if asked else ()),
            _several_table(question, draft),
            *bounds(question, draft, asked),
        ),
        figures=_heat_map(question, draft, asked),
        cautions=(_ON_KAPPA, _ON_TRUTH),
    )
    return with_assumptions(question, draft.findings("pair", "Every two assays compared", layout))


def paired(question: Question, first: str, second: str) -> Paired:
    """Two assays in those in whom both have a result that counts."""
    label, other = question.label(first), question.label(second)
    cells = question.units.fourfold(first, second)
    where = {"patient": "in the same patient", "sample": "on the same sample"}
    never = f"{label} and {other} never both gave a result {where[question.design.unit]}"
    return Paired(
        tail=f"pair/{first}_{second}",
        label=f"{label} against {other}",
        cells=cells,
        reason="" if any(map(len, cells)) else never,
    )


def _counts(
    question: Question, draft: Draft, pair: Paired, both: tuple[str, str]
) -> tuple[Cell, ...]:
    """The four cells of two assays and who had both, beside those who had only one of the two."""
    units = question.units
    for assay, other in (both, both[::-1]):
        if not question.is_told(other, *units.others):
            continue
        for sign, members_by in (("positive", units.positive), ("negative", units.negative)):
            draft.count_in(
                f"{pair.tail}/without_the_other/{assay}/{sign}/count",
                f"{question.label(assay)} {sign}, no result of {question.label(other)}",
                units.without(other, members_by(assay)),
                units.without(other, units.counting(assay)),
            )
    return paired_counts(draft, pair, units.cell_names(*both), units.with_both(*both))


def _pair_tables(
    question: Question, draft: Draft, asked: list[Paired], counts: _Cells
) -> tuple[Table, ...]:
    """Cross tabulation, comparison, agreement and agreement beyond chance, a row a pair."""
    ci = f"({question.scope.level} CI)"
    indices = [paired_indices(draft, pair) for pair in asked]
    compared = comparisons(draft, asked)
    agreed = [
        agreements(draft, pair, question.units.with_both(*both))
        for pair, both in zip(asked, combinations(question.assays, 2), strict=True)
    ]
    tables = (
        ("pair", f"Cross tabulation of every two assays ({question.noun})",
         [(*four, *two) for four, two in zip(counts, indices, strict=True)],
         ("Both positive", "Only the first", "Only the second", "Both negative", "With both",
          ("Prevalence", "Index"), ("Bias", "Index")), _ON_INDICES),
        ("pair/comparison", "Does one assay find more than the other?", compared,
         (f"First minus second {ci}", f"Odds ratio of pairs {ci}", ("Exact", "McNemar P"),
          ("Mid-P", "McNemar P"), ("Exact, Holm", "McNemar P")), _ON_COMPARISON),
        ("pair/agreement", "How often every two assays give the same result",
         [cells[:3] for cells in agreed],
         ("Same result", (f"Positive {ci}", "Agreement"), (f"Negative {ci}", "Agreement")),
         _ON_AGREEMENT),
        ("pair/beyond_chance", "Agreement of every two assays beyond chance",
         [cells[3:] for cells in agreed], (f"Kappa {ci}", f"PABAK {ci}", f"AC1 {ci}"), _ON_CHANCE),
    )  # fmt: skip
    return tuple(
        table(
            question.scope, name, caption, "First and second assay", heads,
            [row(pair.label, *cells) for pair, cells in zip(asked, rows, strict=True)], note,
        )
        for name, caption, rows, heads, note in tables
    )  # fmt: skip


def _heat_map(question: Question, draft: Draft, asked: list[Paired]) -> tuple[Figure, ...]:
    """Kappa of every two assays as a map, where there are assays enough."""
    kappas = {pair.label: question.scope.key(f"{pair.tail}/kappa") for pair in asked}
    lists_all = question.scope.lists_all  # what is left out would tell that it can't be estimated
    drawn = {
        f"{label}: kappa": key
        for label, key in kappas.items()
        if lists_all or isinstance(draft.results[key], Estimate)
    }
    if len(question.assays) < _LEAST_DRAWN or not drawn:
        return ()
    assays, key = question.assays, question.scope.key
    by_second = {
        question.label(second): [key(f"pair/{first}_{second}/kappa") for first in assays[:place]]
        for place, second in enumerate(assays)
        if place
    }
    return (
        figure(
            question.scope, "pair", "heatmap", "Kappa of every two assays",
            f"Agreement beyond chance: {phrases(drawn, 'estimate')}.", by_second,
            columns=tuple(map(question.label, question.assays[:-1])),
        ),
    )  # fmt: skip


def _several_table(question: Question, draft: Draft) -> Table:
    """The whole panel at once: equal shares, and agreement."""
    q, fleiss = _several(question, draft)
    return table(
        question.scope, "several", f"The panel as a whole: {question.labels(question.panel)}",
        "Question", ("Answer",),
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


def _several(question: Question, draft: Draft) -> tuple[str, str]:
    """Cochran's Q and Fleiss' kappa of the panel, or that one assay has nothing beside it."""
    rows, patterns = question.panel_rows, question.panel_patterns
    k, sets = rows.shape[1], (*question.by_panel_assay, *patterns)
    named = (
        ("several/cochran_q_p_value",
         "All assays of the panel positive equally often, Cochran's Q, P"),
        ("several/fleiss_kappa", "Agreement of all assays of the panel, Fleiss' kappa"),
    )  # fmt: skip
    if k == 1 and not question.absent:
        q, fleiss = (draft.none_in(*words, ALONE, question.complete) for words in named)
        return q, fleiss
    level = question.scope.conf_level
    test, kappa = _equal_shares(rows), _agreement(level, rows)
    # of all who had the panel; where there is no answer, of the smallest group
    n_test, n_kappa = (
        None if isinstance(answer, NoEstimate) else len(question.complete)
        for answer in (test, kappa)
    )
    q = draft.test_in(*named[0], test, sets, n=n_test)
    draft.from_sets(q, patterns, lambda *counts: _equal_shares(question.rows_of(*counts)))
    fleiss = draft.statistic_in(*named[1], Measure.COEFFICIENT, kappa, sets, n=n_kappa)
    draft.from_sets(fleiss, patterns, lambda *counts: _agreement(level, question.rows_of(*counts)))
    return q, fleiss


def _equal_shares(rows: Flags) -> HypothesisTest | NoEstimate:
    """Cochran's Q, exact where few results carry it."""
    disagreeing = int((rows.any(axis=1) & ~rows.all(axis=1)).sum())
    is_exact = disagreeing * rows.shape[1] < _FEW_RESULTS
    return cochran_q(rows, method="exact" if is_exact else "asymptotic")


def _agreement(conf_level: float, rows: Flags) -> Interval | NoEstimate:
    """Fleiss' kappa."""
    positives, k = rows.sum(axis=1), rows.shape[1]
    return fleiss_kappa(np.column_stack([positives, k - positives]), conf_level=conf_level)
