"""What each assay found, what they found together, and what a negative result leaves open."""

from __future__ import annotations

import itertools

import numpy as np

from incohort.analyses.assay_yield.question import Flags, Question, all_of
from incohort.analyses.assay_yield.tally import Tally, any_but, tally
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Margin,
    Row,
    Sentence,
    Series,
    Table,
    clauses,
)

_MOST_SETS = 5  # assays whose every set is listed of a restricted cohort


def yields(question: Question) -> Findings:
    """The share positive by each assay, the overlap of the assays, and what a negative misses."""
    made = tally(question)
    keys = {name: _positive(question, made, name) for name in question.assays}
    missed = {name: _missed(question, made, name) for name in question.panel}
    overlap, margins = _overlap(question, made)
    rows = tuple(
        Row(
            question.label(name),
            (
                Cell(CellKind.FRACTION_PERCENT, (key,)),
                Cell(CellKind.PERCENT_CI, (key,)),
                Cell(CellKind.FRACTION_PERCENT_CI, (missed[name],))
                if name in missed
                else Cell(CellKind.TEXT),
            ),
        )
        for name, key in keys.items()
    )
    index = keys.get(question.index)
    layout = Layout(
        sentences=(
            (Sentence(f"{question.label(question.index)} found {{{index}:fraction_percent_ci}}."),)
            if index
            else ()
        ),
        tables=(
            Table(
                key=question.scope.key("positive/table"),
                caption="Positive results by assay",
                stub_head="Assay",
                columns=(
                    Column("Positive / tested (%)"),
                    Column(f"% ({question.level} CI)"),
                    Column("Found by another assay, of those negative"),
                ),
                rows=rows,
                notes=_notes(question),
            ),
        ),
        figures=(_bars(question, keys), *_upset(question, made, overlap)),
        cautions=(
            (
                "A negative result that another assay contradicts is only a lower bound of what "
                "an assay misses: what all assays miss stays unseen."
            ),
        ),
        margins=margins,
    )
    return question.scope.findings("positive", "What each assay found", made, layout)


def _positive(question: Question, made: Tally, name: str) -> str:
    positive, tested = question.results(name)
    return made.share(
        f"positive/{name}/proportion",
        f"Positive by {question.label(name)}",
        positive,
        tested,
        question,
        nobody=f"nobody has a result of {question.label(name)}",
    )


def _missed(question: Question, made: Tally, name: str) -> str:
    """Of those negative by an assay of the panel, the share found by another one of it."""
    tail, label = f"negative/{name}/missed/proportion", question.label(name)
    text = f"Negative by {label} and positive by another assay"
    others = [other for other in question.panel if other != name]
    if not others:
        reason = question.absent or "one assay has nothing to be compared with"
        return made.none(tail, text, reason, n=None)
    positive, is_complete = question.panel_rows
    own = question.panel.index(name)
    return made.share(
        tail,
        text,
        any_but(positive, own),
        is_complete & ~positive[:, own],
        question,
        nobody=f"nobody with all assays of the panel is negative by {label}",
    )


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
    panel = ", ".join(map(question.label, question.panel))
    notes = [f"{joined} {rule}", f"Panel of assays compared all together: {panel}."]
    if question.outside_panel:
        names = ", ".join(map(question.label, question.outside_panel))
        notes.append(
            f"Not in the panel, as fewer than half would have had it beside the others: {names}."
        )
    return tuple(notes)


def _bars(question: Question, keys: dict[str, str]) -> Figure:
    told = clauses(
        *(f"{question.label(name)} {{{key}:fraction_percent_ci}}" for name, key in keys.items())
    )
    return Figure(
        key=question.scope.key("positive/figure"),
        kind=FigureKind.BARS,
        caption=f"Share positive by each assay, with {question.level} intervals",
        alt=f"Share positive: {told}.",
        series=(Series("Positive", tuple(keys.values())),),
        y_label="Positive, %",
    )


def _overlap(question: Question, made: Tally) -> tuple[list[str], tuple[Margin, ...]]:
    """How many each set of positive assays found, of whoever had the whole panel."""
    panel = question.panel
    positive, among = question.panel_rows
    if len(panel) < 2 or not among.any():
        return [], ()
    sets = _sets(question, positive, among)
    keys: dict[tuple[str, ...], str] = {}
    for found in sets:
        flags = np.array([name in found for name in panel])
        keys[found] = made.of(
            f"overlap/{_tail(found)}/count",
            " & ".join(map(question.label, found)) or "None",
            all_of(positive == flags),
            among,
            question,
        )
    total = made.of("overlap/total/count", "With the whole panel", among, among, question)
    key = question.scope.key
    return list(keys.values()), (
        Margin(total=total, parts=tuple(keys.values())),
        *(
            Margin(
                total=key(f"positive/{name}/proportion"),
                parts=tuple(part for found, part in keys.items() if name in found),
            )
            for name in panel
        ),
        *(Margin(total=key(f"positive/{name}/proportion#n"), parts=(total,)) for name in panel),
        *_missed_margins(question, keys),
    )


def _missed_margins(question: Question, keys: dict[tuple[str, ...], str]) -> tuple[Margin, ...]:
    """Those negative by an assay are in the sets without it."""
    key = question.scope.key
    margins = []
    for name in question.panel:
        without = [part for found, part in keys.items() if name not in found]
        share = key(f"negative/{name}/missed/proportion")
        margins.append(Margin(total=f"{share}#n", parts=tuple(without)))
        found_by_others = [part for found, part in keys.items() if found and name not in found]
        if found_by_others:
            margins.append(Margin(total=share, parts=tuple(found_by_others)))
        if () in keys:
            margins.append(Margin(total=f"{share}#others", parts=(keys[()],)))
    return tuple(margins)


def _sets(question: Question, positive: Flags, among: Flags) -> list[tuple[str, ...]]:
    """The sets that occur, the largest first; of a restricted cohort all that can occur."""
    panel = question.panel
    if question.scope.lists_all and len(panel) <= _MOST_SETS:
        sizes = (*range(1, len(panel) + 1), 0)
        return [found for size in sizes for found in itertools.combinations(panel, size)]
    patterns, counts = np.unique(positive[among], axis=0, return_counts=True)
    sets = [
        (tuple(name for name, hit in zip(panel, pattern, strict=True) if hit), int(count))
        for pattern, count in zip(patterns, counts, strict=True)
    ]
    sets.sort(key=lambda entry: (not entry[0], -entry[1], entry[0]))
    return [found for found, _ in sets]


def _tail(found: tuple[str, ...]) -> str:
    if not found:
        return "none"
    return f"{found[0]}_only" if len(found) == 1 else "_and_".join(found)


def _upset(question: Question, made: Tally, overlap: list[str]) -> tuple[Figure, ...]:
    if not overlap:
        return ()
    told = clauses(*(f"{made.results[key].label} {{{key}:count}}" for key in overlap))
    noun = question.noun.capitalize()
    return (
        Figure(
            key=question.scope.key("overlap/figure"),
            kind=FigureKind.OVERLAP,
            caption=f"Which assays were positive together, in {question.noun} with the whole panel",
            alt=f"{noun} by the set of assays that were positive: {told}.",
            series=(Series(noun, tuple(overlap)),),
            y_label=noun,
        ),
    )
