"""What each assay found in the same patients, and how far the assays overlap."""

from __future__ import annotations

from incohort.analyses.thyroid_antibodies.question import TESTED, TESTS, Question
from incohort.results import Figure, FigureKind, Findings, Layout, Series, clauses
from incohort.shapes import tabular, vocabulary
from incohort.shapes.fractions import Fraction, fractions
from incohort.shapes.overlap import overlap
from incohort.shapes.people import assay_column

_ASSAYS = ("gift", "gat", "lift")  # shown even where nobody was tested
_GIFT, _GAT = assay_column("gift"), assay_column("gat")


def assays(question: Question) -> Findings:
    """What each assay found in the same patients, and how far the assays overlap."""
    told = question.telling()
    told.sources = (*told.sources, *TESTS)
    known, scope = vocabulary.labels("antibody_tests", "assay"), question.scope
    thyroid = question.thyroid
    whole = thyroid.base.everybody if scope.lists_all else thyroid
    done = [assay for assay in known if len(whole.known(assay_column(assay)))]
    asked = [
        Fraction(
            tail=f"assays/{assay}/proportion",
            label=f"Positive by {known[assay]}",
            head=known[assay],
            events=thyroid.where(assay_column(assay), "positive"),
            of=thyroid.where(assay_column(assay), *TESTED),
            nobody=f"nobody with thyroid disease was tested by {known[assay]}",
        )
        for assay in dict.fromkeys((*_ASSAYS, *done))
    ]
    both = thyroid.where(_GIFT, "positive").where(_GAT, *TESTED)
    within = Fraction(
        tail="assays/gat_within_gift/proportion",
        label="Positive by GAT, of those positive by GIFT",
        head="GAT, of those positive by GIFT",
        events=both.where(_GAT, "positive"),
        of=both,
        nobody="nobody positive by GIFT was tested by GAT",
    )
    found = fractions(told, "Positive / tested (%)", (*asked, within), absent=question.untested)
    table = tabular.table(
        scope, "assays", "Positive results by assay, in thyroid disease", "Assay", found.columns,
        found.rows, "A patient is positive by an assay where any of their samples was.",
    )  # fmt: skip
    crossed = _ASSAYS if scope.lists_all else done
    keys = overlap(told, "assays/overlap", {assay: known[assay] for assay in crossed}, thyroid)
    said = clauses(*(f"{label} {{{key}:count}}" for label, key in keys.items()))
    figure = Figure(
        key=scope.key("assays/figure"),
        kind=FigureKind.OVERLAP,
        caption="Which assays were positive in the same patient, of those tested by all",
        alt=f"Patients by the set of assays that were positive: {said}.",
        series=(Series("Patients", tuple(keys.values())),),
        y_label="Patients",
    )
    layout = Layout(tables=(table,), figures=(figure,) if keys else ())
    return told.findings("assays", "Overlap of the assays", layout)
