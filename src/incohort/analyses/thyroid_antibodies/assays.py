"""What each assay found in the same patients, and how far the assays overlap."""

from __future__ import annotations

from incohort.analyses.thyroid_antibodies.question import TESTED, TESTS, Question
from incohort.results import Findings, Layout
from incohort.shapes import tabular, vocabulary
from incohort.shapes.fractions import Fraction, fractions
from incohort.shapes.overlap import ResultColumn, overlap, overlap_figure
from incohort.shapes.people import assay_column

_ASSAYS = ("gift", "gat", "lift")  # shown even where nobody was tested
_GIFT, _GAT = assay_column("gift"), assay_column("gat")
_CAPTION = "Which assays were positive in the same patient, of those tested by all"


def assays(question: Question) -> Findings:
    """What each assay found in the same patients, and how far the assays overlap."""
    draft = question.telling(*TESTS)
    scope, thyroid = question.scope, question.thyroid
    whole = thyroid.base.everybody if scope.lists_all else thyroid
    known = vocabulary.labels("antibody_tests", "assay")
    columns = {name: ResultColumn(label=known[name], column=assay_column(name)) for name in known}
    done = [name for name, assay in columns.items() if len(whole.known(assay.column))]
    asked = [
        Fraction(
            tail=f"assays/{name}/proportion",
            label=f"Positive by {known[name]}",
            head=known[name],
            events=thyroid.where(columns[name].column, "positive"),
            of=thyroid.where(columns[name].column, *TESTED),
            nobody=f"nobody with thyroid disease was tested by {known[name]}",
        )
        for name in dict.fromkeys((*_ASSAYS, *done))
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
    positive = fractions(draft, "Positive / tested (%)", (*asked, within), absent=question.untested)
    table = tabular.table(
        scope, "assays", "Positive results by assay, in thyroid disease", "Assay",
        positive.columns, positive.rows,
        "A patient is positive by an assay where any of their samples was.",
    )  # fmt: skip
    draft.absent = question.untested
    crossed = {name: columns[name] for name in (_ASSAYS if scope.lists_all else done)}
    total = "Tested by all of these assays"
    keys = overlap(draft, "assays/overlap", crossed, thyroid, total)
    layout = Layout(tables=(table,), figures=overlap_figure(draft, "assays", _CAPTION, keys))
    return draft.findings("assays", "Overlap of the assays", layout)
