"""What each assay found, what they found together, and what a negative result leaves open."""

from __future__ import annotations

from collections.abc import Mapping

from incohort.analyses.assay_yield.question import TESTS, Question
from incohort.results import Figure, Findings, Layout, Sentence, Table
from incohort.shapes.overlap import overlap, overlap_figure
from incohort.shapes.tabular import BLANK, cell, figure, phrases, row, share, table
from incohort.shapes.telling import Draft

ALONE = "one assay has nothing to be compared with"
_CAUTION = (
    "A negative result that another assay contradicts is only a lower bound of what an assay "
    "misses: what all assays miss stays unseen."
)
_JOINED = {
    "patient": "A patient is positive by an assay where any sample that counts was.",
    "sample": "Counted are samples, of which one patient may have several; intervals take them as "
    "independent.",
}
_RULES = {
    "excluded": "Indeterminate results are left out.",
    "as_negative": "Indeterminate results count as negative.",
    "as_positive": "Indeterminate results count as positive.",
}


def yields(question: Question) -> Findings:
    """The share positive by each assay, the overlap of the assays, and what a negative misses."""
    draft, units = question.telling(*TESTS), question.units
    keys = {name: _positive(question, draft, name) for name in question.assays}
    missed = {name: _missed(question, draft, name) for name in question.panel}
    together = overlap(
        draft, "overlap", units.result_columns(question.panel), units.described,
        "With the whole panel",
    )  # fmt: skip
    caption = f"Which assays were positive together, in {question.noun} with the whole panel"
    index = keys.get(question.index)
    said = f"{question.label(question.index)} found {{{index}:fraction_percent_ci}}."
    layout = Layout(
        sentences=(Sentence(said),) if index else (),
        tables=(_table(question, keys, missed),),
        figures=(_bars(question, keys), *overlap_figure(draft, "overlap", caption, together)),
        cautions=(_CAUTION,),
    )
    return draft.findings("positive", "What each assay found", layout)


def _positive(question: Question, draft: Draft, name: str) -> str:
    label, units = question.label(name), question.units
    return draft.share_in(
        f"positive/{name}/proportion", f"Positive by {label}",
        units.positive(name), units.counting(name), nobody=f"nobody has a result of {label}",
    )  # fmt: skip


def _missed(question: Question, draft: Draft, name: str) -> str:
    """Of those negative by an assay of the panel, the share found by another one of it."""
    label = question.label(name)
    negative = question.units.negative(name, question.complete)
    others = [other for other in question.panel if other != name]
    return draft.share_in(
        f"negative/{name}/missed/proportion",
        f"Negative by {label} and positive by another assay",
        question.units.any_positive(others, negative) if others else negative,
        negative,
        nobody=f"nobody with all assays of the panel is negative by {label}",
        absent=question.absent or ("" if others else ALONE),
    )


def _table(question: Question, keys: Mapping[str, str], missed: Mapping[str, str]) -> Table:
    rows = [
        row(
            question.label(name),
            *share(key),
            cell("fraction_percent_ci", missed[name]) if name in missed else BLANK,
        )
        for name, key in keys.items()
    ]
    design = question.design
    outside = question.labels(name for name in question.assays if name not in question.panel)
    left_out = (
        f"Not in the panel, as fewer than half would have had it beside the others: {outside}."
    )
    return table(
        question.scope, "positive", "Positive results by assay", "Assay",
        (
            "Positive / tested (%)", f"% ({question.scope.level} CI)",
            "Found by another assay, of those negative",
        ),
        rows, f"{_JOINED[design.unit]} {_RULES[design.indeterminate]}",
        f"Panel of assays compared all together: {question.labels(question.panel)}.",
        left_out if outside else "",
    )  # fmt: skip


def _bars(question: Question, keys: Mapping[str, str]) -> Figure:
    said = phrases(question.by_label(keys), "fraction_percent_ci")
    return figure(
        question.scope, "positive", "bars",
        f"Share positive by each assay, with {question.scope.level} intervals",
        f"Share positive: {said}.", {"Positive": keys.values()}, y_label="Positive, %",
    )  # fmt: skip
