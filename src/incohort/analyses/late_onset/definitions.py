"""How many had late-onset neutropenia, by every definition side by side."""

from __future__ import annotations

from incohort.analyses.late_onset.question import DEFINITIONS, NAMES, Question
from incohort.results import Findings, Layout, Row, Sentence, Table
from incohort.shapes.recorded import instead
from incohort.shapes.sets import NO, YES
from incohort.shapes.tabular import cell, cells, row, table
from incohort.shapes.telling import Draft

_TITLE = "Late onset by each definition"
_FIRST = (
    "Shares are of those with a count after the first dose of whom the definition can tell. The "
    "first episode begins with the first count of 1.5 × 10⁹/L or lower after the first dose, and "
    "ends with the next that is not below 1.5. In the last but one column a later episode counts, "
    "too."
)
_CHOICES = (
    "Where B cells are depleted, and how recent a cytotoxic drug explains a low count, are choices "
    "without a source: parameters."
)
_DETECTED = (
    "Onset is the first low count that somebody took. Between counts neutropenia comes and goes "
    "unseen, so every share here is a lower bound."
)
_CASES = (
    "Where patients are in the cohort because they became neutropenic, as in case reports, shares "
    "tell how the definitions differ, and nothing of how often it happens."
)


def definitions(question: Question) -> Findings:
    """How many had late-onset neutropenia by each published definition, and by the lecture's."""
    draft = question.telling()
    if question.absent:
        return draft.findings("definitions", _TITLE, Layout(sentences=instead(question.absent)))
    rows = [_row(draft, question, name) for name in DEFINITIONS]
    level = draft.scope.level
    heads = (
        "First episode, n", f"% ({level} CI)", "Any episode, n", "Can't be told",
    )  # fmt: skip
    tables = (
        table(draft.scope, "definitions", _TITLE, "Definition", heads, rows, _FIRST, _CHOICES),
        _agreement(question, draft),
    )
    return draft.findings(
        "definitions", _TITLE,
        Layout(sentences=_said(question, draft), tables=tables, cautions=(_DETECTED, _CASES)),
    )  # fmt: skip


def _agreement(question: Question, draft: Draft) -> Table:
    """Of each other definition, how many first episodes it and the chosen one call late."""
    chosen = question.design.definition
    rows = []
    for name in DEFINITIONS:
        if name == chosen:
            continue
        told = question.told(chosen, is_first=True)
        both = question.late_by(chosen, is_first=True).where(
            question.axis(name, is_first=True), YES
        )
        parts = {
            "both": both,
            "chosen": question.late_by(chosen, is_first=True).where(
                question.axis(name, is_first=True), NO
            ),
            "other": told.where(question.axis(chosen, is_first=True), NO).where(
                question.axis(name, is_first=True), YES
            ),
        }
        words = {"both": "by both", "chosen": "by the chosen alone", "other": "by this alone"}
        keys = [
            draft.count_in(
                f"definition/{name}/agreement/{part}/count",
                f"{DEFINITIONS[name]}: late {words[part]}", members, question.counted,
            )
            for part, members in parts.items()
        ]  # fmt: skip
        rows.append(row(DEFINITIONS[name], *cells(("count",) * 3, keys)))
    heads = ("Late by both", "By the chosen alone", "By this alone")
    caption = f"First episodes that are late by {NAMES[chosen]} definition, and by another"
    return table(
        draft.scope, "definitions/agreement", caption, "Definition", heads, rows,
        "Of those of whom both can tell.",
    )  # fmt: skip


def _row(draft: Draft, question: Question, name: str) -> Row:
    tail, label = f"definition/{name}", DEFINITIONS[name]
    told, first = (
        question.told(name, is_first=True),
        question.late_by(name, is_first=True),
    )
    count = draft.count_in(f"{tail}/count", f"{label}: first episodes", first, told)
    share = draft.share_in(
        f"{tail}/proportion", f"{label}: share, first episodes", first, told,
        nobody="nobody described was given a drug of the class, counted, and can be told of",
    )  # fmt: skip
    anybody, known = question.late_by(name, is_first=False), question.told(name, is_first=False)
    ever = draft.count_in(f"{tail}/any/count", f"{label}: any episode", anybody, known)
    untold = draft.count_in(
        f"{tail}/untold/count", f"{label}: can't be told", question.untold(name, is_first=True),
        question.counted,
    )  # fmt: skip
    cells = (cell("count", count), cell("percent_ci", share))
    return row(label, *cells, cell("count", ever), cell("count", untold))


def _said(question: Question, draft: Draft) -> tuple[Sentence, ...]:
    """By the chosen definition so many, by the lecture's so many."""
    chosen = question.design.definition
    other = "lecture_3wk" if chosen != "lecture_3wk" else "tesfa"
    key = draft.scope.key
    shares = [key(f"definition/{name}/proportion") for name in (chosen, other)]
    return (
        Sentence(
            f"By {NAMES[chosen]} definition {{{shares[0]}:fraction_percent_ci}} of those given "
            f"{question.drugs} and counted afterwards had late-onset neutropenia in their "
            f"first episode; by {NAMES[other]} {{{shares[1]}:fraction_percent}}.",
            is_key=True,
        ),
    )
