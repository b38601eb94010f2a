"""What each assay found, what they found together, and what a negative result leaves open."""

from __future__ import annotations

from collections.abc import Mapping

from incohort.analyses.assay_yield.question import TESTS, Question
from incohort.results import (
    Figure,
    FigureKind,
    Findings,
    Layout,
    Sentence,
    Series,
    Table,
    clauses,
)
from incohort.shapes.positive_sets import positive_sets
from incohort.shapes.tabular import BLANK, cell, row, table
from incohort.shapes.telling import Told

ALONE = "one assay has nothing to be compared with"


def yields(question: Question) -> Findings:
    """The share positive by each assay, the overlap of the assays, and what a negative misses."""
    told = question.telling(*TESTS)
    keys = {name: _positive(question, told, name) for name in question.assays}
    missed = {name: _missed_share(question, told, name) for name in question.panel}
    index = keys.get(question.index)
    layout = Layout(
        sentences=(
            (Sentence(f"{question.label(question.index)} found {{{index}:fraction_percent_ci}}."),)
            if index
            else ()
        ),
        tables=(_table(question, keys, missed),),
        figures=(_bars(question, keys), *positive_sets(told, question.units, question.panel)),
        cautions=(
            (
                "A negative result that another assay contradicts is only a lower bound of what "
                "an assay misses: what all assays miss stays unseen."
            ),
        ),
    )
    return told.findings("positive", "What each assay found", layout)


def _positive(question: Question, told: Told, name: str) -> str:
    label = question.label(name)
    return told.share_in(
        f"positive/{name}/proportion",
        f"Positive by {label}",
        question.units.positive(name),
        question.units.counting(name),
        nobody=f"nobody has a result of {label}",
    )


def _missed_share(question: Question, told: Told, name: str) -> str:
    """Of those negative by an assay of the panel, the share found by another one of it."""
    label = question.label(name)
    tail = f"negative/{name}/missed/proportion"
    text = f"Negative by {label} and positive by another assay"
    negative = question.units.negative(name, question.complete)
    others = [other for other in question.panel if other != name]
    if not others:
        return told.none_in(tail, text, question.absent or ALONE, negative)
    return told.share_in(
        tail,
        text,
        question.units.any_positive(others, negative),
        negative,
        nobody=f"nobody with all assays of the panel is negative by {label}",
    )


def _table(question: Question, keys: Mapping[str, str], missed: Mapping[str, str]) -> Table:
    rows = [
        row(
            question.label(name),
            cell("fraction_percent", key),
            cell("percent_ci", key),
            cell("fraction_percent_ci", missed[name]) if name in missed else BLANK,
        )
        for name, key in keys.items()
    ]
    heads = (
        "Positive / tested (%)",
        f"% ({question.scope.level} CI)",
        "Found by another assay, of those negative",
    )
    caption = "Positive results by assay"
    return table(question.scope, "positive", caption, "Assay", heads, rows, *_notes(question))


def _notes(question: Question) -> tuple[str, ...]:
    """How results were joined, and which assays are compared with each other."""
    joined = {
        "patient": "A patient is positive by an assay where any sample that counts was.",
        "sample": "Counted are samples, of which one patient may have several; intervals take "
        "them as independent.",
    }[question.design.unit]
    rule = {
        "excluded": "Indeterminate results are left out.",
        "as_negative": "Indeterminate results count as negative.",
        "as_positive": "Indeterminate results count as positive.",
    }[question.design.indeterminate]
    panel, outside = (
        ", ".join(map(question.label, names)) for names in (question.panel, question.outside_panel)
    )
    left_out = (
        f"Not in the panel, as fewer than half would have had it beside the others: {outside}."
    )
    return (
        f"{joined} {rule}",
        f"Panel of assays compared all together: {panel}.",
        left_out if outside else "",
    )


def _bars(question: Question, keys: Mapping[str, str]) -> Figure:
    said = clauses(
        *(f"{question.label(name)} {{{key}:fraction_percent_ci}}" for name, key in keys.items())
    )
    return Figure(
        key=question.scope.key("positive/figure"),
        kind=FigureKind.BARS,
        caption=f"Share positive by each assay, with {question.scope.level} intervals",
        alt=f"Share positive: {said}.",
        series=(Series("Positive", tuple(keys.values())),),
        y_label="Positive, %",
    )
