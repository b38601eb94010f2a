"""What each assay found, what they found together, and what a negative result leaves open."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

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
from incohort.shapes.sets import Members
from incohort.shapes.tabular import BLANK, cell, row, table
from incohort.shapes.telling import Told

_MOST_SETS = 5  # assays whose every set is listed of a restricted cohort
_MANY = 10  # patients of the whole cohort in a set that is listed of one where there are more


def yields(question: Question) -> Findings:
    """The share positive by each assay, the overlap of the assays, and what a negative misses."""
    told = question.telling(*TESTS)
    keys = {name: _positive(question, told, name) for name in question.assays}
    missed = {name: missed_share(question, told, name) for name in question.panel}
    index = keys.get(question.index)
    layout = Layout(
        sentences=(
            (Sentence(f"{question.label(question.index)} found {{{index}:fraction_percent_ci}}."),)
            if index
            else ()
        ),
        tables=(_table(question, keys, missed),),
        figures=(_bars(question, keys), *_overlap(question, told)),
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


def missed_share(question: Question, told: Told, name: str, tail: str = "", text: str = "") -> str:
    """Of those negative by an assay of the panel, the share found by another one of it."""
    label = question.label(name)
    tail = tail or f"negative/{name}/missed/proportion"
    text = text or f"Negative by {label} and positive by another assay"
    negative = question.units.negative(name, question.complete)
    others = [other for other in question.panel if other != name]
    if not others:
        reason = question.absent or "one assay has nothing to be compared with"
        return told.none_in(tail, text, reason, negative)
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


def _overlap(question: Question, told: Told) -> tuple[Figure, ...]:
    """How many each set of positive assays found, of whoever had the whole panel."""
    complete = question.complete
    is_told = not question.absent and (question.scope.lists_all or len(complete))
    if len(question.panel) < 2 or not is_told:
        return ()
    keys = []
    for positive in _sets(question):
        label = " & ".join(map(question.label, positive)) or "None"
        members = _with_set(question, positive)
        keys.append(told.count_in(f"overlap/{_tail(positive)}/count", label, members, complete))
    told.count_in("overlap/total/count", "With the whole panel", complete)
    said = clauses(*(f"{told.results[key].label} {{{key}:count}}" for key in keys))
    noun = question.noun.capitalize()
    return (
        Figure(
            key=question.scope.key("overlap/figure"),
            kind=FigureKind.OVERLAP,
            caption=f"Which assays were positive together, in {question.noun} with the whole panel",
            alt=f"{noun} by the set of assays that were positive: {said}.",
            series=(Series(noun, tuple(keys)),),
            y_label=noun,
        ),
    )


def _with_set(question: Question, positive: tuple[str, ...]) -> Members:
    """Those with the whole panel in whom these assays were positive, and no others."""
    members = question.complete
    for name in question.panel:
        sign = question.units.positive if name in positive else question.units.negative
        members = sign(name, members)
    return members


def _sets(question: Question) -> list[tuple[str, ...]]:
    """The sets that occur, the largest first; of a restricted cohort all that can occur.

    Where these are too many, they are those that are common in the whole cohort, whoever is
    described.
    """
    panel = question.panel
    if question.scope.lists_all and len(panel) <= _MOST_SETS:
        sizes = (*range(1, len(panel) + 1), 0)
        return [found for size in sizes for found in itertools.combinations(panel, size)]
    rows, least = question.panel_rows, 1
    if question.scope.lists_all:
        whole = replace(question.units, described=question.units.base.everybody)
        rows, least = whole.matrix(panel, whole.counting_all(panel)), _MANY
    patterns, counts = np.unique(rows, axis=0, return_counts=True)
    sets = [
        (tuple(name for name, hit in zip(panel, pattern, strict=True) if hit), int(count))
        for pattern, count in zip(patterns, counts, strict=True)
        if count >= least
    ]
    sets.sort(key=lambda entry: (not entry[0], -entry[1], entry[0]))
    return [found for found, _ in sets]


def _tail(found: tuple[str, ...]) -> str:
    if not found:
        return "none"
    return f"{found[0]}_only" if len(found) == 1 else "_and_".join(found)
