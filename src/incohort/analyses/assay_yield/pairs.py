"""Every two assays on the same patients or samples: cross tabulation, comparison, agreement."""

from __future__ import annotations

from itertools import combinations

from incohort.analyses.assay_yield.agreeing import agreement_tables, heat_map, several_table
from incohort.analyses.assay_yield.assumed import with_assumptions
from incohort.analyses.assay_yield.paired_counts import Pair, counted, margins
from incohort.analyses.assay_yield.question import Question
from incohort.analyses.assay_yield.tally import Tally, tally
from incohort.analyses.assay_yield.unassumed import bounds
from incohort.results import Cell, CellKind, Column, Findings, Layout, Measure, Row, Table
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.assays.paired import mcnemar, paired_difference, paired_odds_ratio
from incohort.stats.multiplicity import holm


def pairs(question: Question) -> Findings:
    """Cross tabulations of every two assays, their comparison and their agreement."""
    made = tally(question)
    found = [counted(question, made, a, b) for a, b in combinations(question.assays, 2)]
    layout = Layout(
        tables=(
            *((_cross_table(question, found),) if found else ()),
            *((_comparison_table(question, made, found),) if found else ()),
            *(agreement_tables(question, made, found) if found else ()),
            several_table(question, made),
            *bounds(question, made, found),
        ),
        figures=heat_map(question, made, found),
        cautions=(
            (
                "Kappa is low where nearly all results are positive, or nearly none, even if the "
                "assays agree. Where the prevalence index is far from 0, read kappa beside PABAK "
                "and AC1."
            ),
            ("Agreement is not truth: two assays that share an antigen or a reading err together."),
        ),
        margins=tuple(margin for pair in found for margin in margins(question, pair)),
    )
    findings = question.scope.findings("pair", "Every two assays compared", made, layout)
    return with_assumptions(question, findings)


def _cross_table(question: Question, found: list[Pair]) -> Table:
    """The four cells of each pair, a row a pair."""
    key = question.scope.key
    rows = []
    for pair in found:
        counts = (*pair.cells, key(f"{pair.tail}/n/count"))
        indices = (key(f"{pair.tail}/{name}") for name in ("prevalence_index", "bias_index"))
        cells = (
            *(Cell(CellKind.COUNT, (count,)) for count in counts),
            *(Cell(CellKind.ESTIMATE, (index,)) for index in indices),
        )
        rows.append(Row(pair.label, cells))
    heads = ("Both positive", "Only the first", "Only the second", "Both negative", "With both")
    return Table(
        key=key("pair/table"),
        caption=f"Cross tabulation of every two assays ({question.noun})",
        stub_head="First and second assay",
        columns=(*map(Column, heads), Column("Prevalence", "Index"), Column("Bias", "Index")),
        rows=tuple(rows),
        notes=(
            (
                "Prevalence index: (both − neither) / n. Bias index: (only the first − only the "
                "second) / n."
            ),
        ),
    )


def _comparison_table(question: Question, made: Tally, found: list[Pair]) -> Table:
    """Does one assay find more than the other?"""
    tests = [pair.reasoned(mcnemar(pair.table)) for pair in found]
    p_values = [1.0 if isinstance(test, NoEstimate) else test.p_value for test in tests]
    corrected = holm(p_values)
    rows = tuple(
        _compare(made, pair, test, p_holm)
        for pair, test, p_holm in zip(found, tests, corrected, strict=True)
    )
    return Table(
        key=question.scope.key("pair/comparison/table"),
        caption="Does one assay find more than the other?",
        stub_head="First and second assay",
        columns=(
            Column(f"First minus second ({question.level} CI)"),
            Column(f"Odds ratio of pairs ({question.level} CI)"),
            Column("Exact", "McNemar P"),
            Column("Mid-P", "McNemar P"),
            Column("Exact, Holm", "McNemar P"),
        ),
        rows=rows,
        notes=(
            (
                "Difference: Tango's score interval. Odds ratio: those whom only the first "
                "finds per one whom only the second does, exact interval. Two-sided; Holm's "
                "correction is for all pairs in the table."
            ),
        ),
    )


def _compare(made: Tally, pair: Pair, test: HypothesisTest | NoEstimate, p_holm: float) -> Row:
    level = made.scope.conf_level
    made.rests_on = pair.cells
    n, few = pair.behind
    keys = (
        made.interval(
            f"{pair.tail}/difference", f"{pair.label}: share positive, first minus second",
            Measure.DIFFERENCE, pair.reasoned(paired_difference(pair.table, conf_level=level)),
            n=n, unit="proportion", smallest=few,
        ),
        made.interval(
            f"{pair.tail}/odds_ratio", f"{pair.label}: odds ratio of pairs", Measure.ODDS_RATIO,
            pair.reasoned(paired_odds_ratio(pair.table, conf_level=level)), n=n, smallest=few,
        ),
        made.p_value(
            f"{pair.tail}/mcnemar_exact_p_value", f"{pair.label}: exact McNemar P", test,
            n=n, smallest=few,
        ),
        made.p_value(
            f"{pair.tail}/mcnemar_mid_p_value", f"{pair.label}: mid-P McNemar P",
            pair.reasoned(mcnemar(pair.table, method="mid_p")), n=n, smallest=few,
        ),
        made.p_value(
            f"{pair.tail}/mcnemar_holm_p_value", f"{pair.label}: exact McNemar P, Holm",
            _corrected(test, p_holm), n=n, smallest=few,
        ),
    )  # fmt: skip
    kinds = (CellKind.PERCENT_CI, CellKind.ESTIMATE_CI, *[CellKind.P_VALUE] * 3)
    return Row(pair.label, tuple(Cell(kind, (key,)) for kind, key in zip(kinds, keys, strict=True)))


def _corrected(test: HypothesisTest | NoEstimate, p_holm: float) -> HypothesisTest | NoEstimate:
    if isinstance(test, NoEstimate):
        return test
    method = f"{test.method}, Holm's correction for all pairs"
    return HypothesisTest(statistic=None, p_value=p_holm, df=None, method=method)
