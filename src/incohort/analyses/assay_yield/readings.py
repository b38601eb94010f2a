"""Readings and titres: how well they tell who has the disease, and how two methods agree."""

from __future__ import annotations

from itertools import combinations

from incohort.analyses.assay_yield.held import held_of
from incohort.analyses.assay_yield.question import Question
from incohort.results import Cell, Findings, Layout, Measure, Row, Table
from incohort.shapes.measured import Measured
from incohort.shapes.recorded import first_reason
from incohort.shapes.roc import Judged, areas_compared, roc_cells, roc_figure, roc_none
from incohort.shapes.tabular import BLANK, cells, row, table
from incohort.shapes.telling import Draft
from incohort.shapes.titres import titre_results
from incohort.stats.assays.method_comparison import passing_bablok

SOURCES = ("antibody_tests.reading", "antibody_tests.assay")
_CAPTION = "Sensitivity and specificity at each cut-off of the readings"
_CAUTION = (
    "A cut-off that is found and judged on the same patients flatters the assay: the specificity "
    "was set beforehand, the cut-off is exploratory and has to be tried on others."
)


def readings(question: Question) -> Findings:
    """ROC curves, cut-offs at the wanted specificity, and two methods on the same samples."""
    draft = question.telling(*SOURCES, *question.reference_sources)
    measured = Measured(question.cohort, question.units, question.assays)
    assays = measured.with_readings or (question.index,)
    rows = [_roc_row(question, draft, measured, name) for name in assays]
    draft.sources = SOURCES
    lines = [_line_row(question, draft, measured, *pair) for pair in combinations(assays, 2)]
    titre_tables, titre_figures = titre_results(draft, question.units, measured)
    keys = [question.scope.key(f"roc/{name}/curve") for name in assays]
    curves = {key: draft.results[key].label for key in keys if key in draft.results}
    tables = (_roc_table(question, rows), *([_line_table(question, lines)] if lines else []))
    layout = Layout(
        tables=(*tables, *titre_tables),
        figures=(*roc_figure(question.scope, curves, _CAPTION), *titre_figures),
        cautions=(_CAUTION,),
    )
    return draft.findings("readings", "Readings and titres", layout)


def _roc_row(question: Question, draft: Draft, measured: Measured, name: str) -> Row:
    """Area, cut-off, and what the cut-off gives, of one assay's readings."""
    label, reason = question.label(name), _nothing_to_judge(question, measured, name)
    if reason:
        numbers = roc_none(draft, name, label, reason, question.everybody)
    else:
        judged = _judged(question, measured, name)
        numbers = roc_cells(draft, judged, question.design.specificity)
    return row(label, *numbers, _compared(question, draft, measured, name))


def _judged(question: Question, measured: Measured, name: str, *beside: str) -> Judged:
    """An assay's readings of those with the reference, and with readings of other assays."""
    members = question.verified(measured.having("reading", *beside, name))
    groups = (question.diseased(members), question.healthy(members))
    flags = question.units.flags
    return Judged(
        name=name,
        label=question.label(name),
        groups=groups,
        values=measured.of(name, members),
        diseased=flags(groups[0])[flags(members)],
        parted=lambda cut_off: measured.parted(name, groups, cut_off),
    )


def _nothing_to_judge(question: Question, measured: Measured, name: str) -> str:
    """Why an assay's readings can't be held against the reference; empty where they can."""
    has_none = name not in measured.with_readings
    none = f"the cohort has no readings of {question.label(name)}"
    return first_reason(held_of(question, name).reason, none if has_none else "")


def _compared(question: Question, draft: Draft, measured: Measured, name: str) -> Cell:
    """The assay's area against the index assay's; blank for the index itself."""
    index = question.index
    if name == index or index not in measured.with_readings or question.no_reference:
        return BLANK
    first, second = (_judged(question, measured, *pair) for pair in ((index, name), (name, index)))
    return areas_compared(draft, first, second, first.groups)


def _roc_table(question: Question, rows: list[Row]) -> Table:
    ci = f"({question.scope.level} CI)"
    return table(
        question.scope, "roc", f"Readings against the reference: {question.reference_label}",
        "Assay",
        (
            f"Area under the curve {ci}", f"Cut-off {ci}", f"Sensitivity there {ci}",
            "Specificity there", "Area against the index assay's, P",
        ),
        rows,
        "Area: DeLong's interval. Cut-off: the lowest that leaves "
        f"{100 * question.design.specificity:g} % of those without the disease at or below it; "
        "percentile bootstrap, computed over all resamples. Higher readings speak for antibodies.",
    )  # fmt: skip


def _line_row(question: Question, draft: Draft, measured: Measured, first: str, second: str) -> Row:
    """Passing and Bablok's line of one assay's readings on another's."""
    members = measured.having("reading", first, second)
    x, y = (measured.of(name, members) for name in (first, second))
    label = f"{question.label(first)} against {question.label(second)}"
    line = passing_bablok(x, y, conf_level=question.scope.conf_level)
    words = {"slope": "slope", "intercept": "intercept"}
    tail, sets = f"readings/{first}_{second}", (members,)
    keys = draft.parts_in(tail, label, words, Measure.COEFFICIENT, line, sets)
    return row(label, *cells(["estimate_ci"] * 2, keys))


def _line_table(question: Question, rows: list[Row]) -> Table:
    ci = f"({question.scope.level} CI)"
    return table(
        question.scope, "readings", "Readings of two assays on a line",
        "First (across) and second (up)", (f"Slope {ci}", f"Intercept {ci}"), rows,
        "Passing and Bablok's line. Each assay has readings in a unit of its own, so their "
        "differences mean nothing, and no limits of agreement are given.",
    )  # fmt: skip
