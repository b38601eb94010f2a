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
        absent=question.no_frequency,
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
    beside = (*_undated(question, draft), *_explained(question, draft))
    if question.no_frequency:
        return (_counts(question, draft, chosen, other), *beside)
    shares = [key(f"definition/{name}/proportion") for name in (chosen, other)]
    return (
        Sentence(
            f"By {NAMES[chosen]} definition {{{shares[0]}:fraction_percent_ci}} of those given "
            f"{question.drugs} and counted afterwards had late-onset neutropenia in their "
            f"first episode; by {NAMES[other]} {{{shares[1]}:fraction_percent}}.",
            is_key=True,
        ),
        *beside,
    )


def _counts(question: Question, draft: Draft, chosen: str, other: str) -> Sentence:
    """The same where a share would be no frequency."""
    pairs = []
    for name in (chosen, other):
        told = draft.count_in(
            f"definition/{name}/told/count", f"{DEFINITIONS[name]}: can be told",
            question.told(name, is_first=True), question.counted,
        )  # fmt: skip
        late = draft.scope.key(f"definition/{name}/count")
        pairs.append(f"{{{late}:count}} of {{{told}:count}}")
    return Sentence(
        f"By {NAMES[chosen]} definition {pairs[0]} given {question.drugs} and counted afterwards "
        f"had late-onset neutropenia in their first episode, by {NAMES[other]} {pairs[1]}; "
        f"{question.no_frequency}.",
        is_key=True,
    )


def _undated(question: Question, draft: Draft) -> tuple[Sentence, ...]:
    """Of how many the chosen definition can't tell for want of the day of the last dose."""
    chosen = question.design.definition
    axis = question.base.flag(
        f"last dose not dated, by {NAMES[chosen]} definition",
        question.by_patient(question.answers.loc[chosen]["first_missing"].eq("last_dose")),
        question.whole(question.counted),
    )
    untold = question.untold(chosen, is_first=True)
    key = draft.count_in(
        "definitions/undated/count", "Can't be told: the last dose is not dated",
        untold.where(axis, YES), untold,
    )  # fmt: skip
    return (
        Sentence(
            f"Of {{{key}:count}} {NAMES[chosen]} definition can't tell: the last dose before a low "
            "count is not dated.",
            holds=len(untold.where(axis, YES)) > 0,
        ),
    )


def _explained(question: Question, draft: Draft) -> tuple[Sentence, ...]:
    """Of those late by the chosen definition, in how many something else may explain it."""
    chosen, base, within = question.design.definition, question.base, question.whole
    answers = question.answers.loc[chosen]
    late = question.late_by(chosen, is_first=True)
    low = base.flag(
        "already low before the first dose",
        question.by_patient(answers["baseline_low"]),
        within(question.counted),
    )
    rival = base.flag(
        f"cytotoxic drug recorded near the low count, by {NAMES[chosen]} definition",
        question.by_patient(answers["rival"].notna()),
        within(question.counted),
    )
    n, before, drug, unknown = (
        draft.count_in(f"definitions/late/{tail}", f"Late by the chosen: {words}", part, late)
        for tail, words, part in (
            ("count", "all", late),
            ("low_before/count", "low before the first dose", late.where(low, YES)),
            ("rival/count", "a cytotoxic drug near", late.where(rival, YES)),
            ("unclear/count", "no count before that tells", late.unknown(low)),
        )
    )  # fmt: skip
    return (
        Sentence(
            f"Of these {{{n}:count}} late by {NAMES[chosen]} definition, {{{before}:count}} were "
            f"low before the first dose, {{{drug}:count}} had a cytotoxic drug recorded near the "
            f"low count, and {{{unknown}:count}} had no count before that tells.",
            holds=len(late) > 0,
        ),
    )
