"""How many have T-LGL leukaemia by each rule, of the same patients."""

from __future__ import annotations

from dataclasses import replace

from incohort.analyses.lgl.question import COUNTED, TESTS, Question
from incohort.cohort import LglChoices
from incohort.results import Findings, Layout, Row, Sentence
from incohort.shapes import recorded, tabular
from incohort.shapes.sets import Members
from incohort.shapes.telling import Draft

_ORIGINAL = "original"
_CLONE = "clone_uncertain_significance"
_COUNTED = {"t_lgl": "T-LGL leukaemia", _CLONE: "clone of uncertain significance"}
_RULES: dict[str, tuple[str, dict[str, str]]] = {
    "lamy": ("Above 0.5 for more than six months", {"lgl_rule": "lamy", "duration": "six_months"}),
    _ORIGINAL: (
        "Above 2.0 for more than six months", {"lgl_rule": "original", "duration": "six_months"},
    ),
    "no_duration": ("Above 0.5 at any time", {"lgl_rule": "lamy", "duration": "none"}),
    "e5998": ("Entry to the trial E5998", {"lgl_rule": "e5998"}),
}  # fmt: skip
_NOTE = (
    "LGL in 10⁹/L; each with a clone by the same tests. E5998 asks for CD3+CD57+ cells above 0.4 "
    "or CD8+ cells above 0.65 × 10⁹/L, once."
)


def rules(question: Question) -> Findings:
    """How many have T-LGL leukaemia by each of four rules, and how many can't be told of."""
    draft = question.telling(*COUNTED, *TESTS)
    table = tabular.table(
        question.scope, "rules", "The same patients by four rules", "Rule",
        ("T-LGL leukaemia", "Clone of uncertain significance", "Not classified"),
        [_row(question, draft, name) for name in _RULES], _NOTE,
    )  # fmt: skip
    layout = Layout(
        sentences=recorded.instead(question.absent) or _moved(question, draft), tables=(table,)
    )
    return draft.findings("rules", "By other rules", layout)


def _by(question: Question, name: str) -> str:
    """The column of the classes by a rule."""
    choices: LglChoices = replace(question.design.lgl, **_RULES[name][1])  # type: ignore[arg-type]  # its words
    return question.classes_by(name, choices)


def _row(question: Question, draft: Draft, name: str) -> Row:
    axis, label, everybody = _by(question, name), _RULES[name][0], question.assessed
    classed = everybody.where(axis, *question.classes.labels)
    keys = [
        draft.share_in(
            f"rules/{name}/{word}/proportion", f"{label}: {words}", classed.where(axis, word),
            classed, nobody="nobody described can be classified by this rule",
        )
        for word, words in _COUNTED.items()
    ]  # fmt: skip
    left = draft.count_in(
        f"rules/{name}/{question.classes.open_word}/count", f"{label}: not classified",
        everybody.where(axis, question.classes.open_word), of=everybody,
    )  # fmt: skip
    return tabular.row(label, *tabular.cells(["count"] * 3, [*keys, left]))


def _moved(question: Question, draft: Draft) -> tuple[Sentence, ...]:
    """What those with T-LGL leukaemia are by the original limit, most an uncertain clone."""
    axis, chosen = _by(question, _ORIGINAL), question.design.lgl
    t_lgl = question.assessed.where(question.classes.axis, "t_lgl")
    moved = draft.count_in(
        "rules/moved/count", "T-LGL leukaemia that the original limit makes an uncertain clone",
        t_lgl.where(axis, _CLONE), of=t_lgl,
    )  # fmt: skip
    whole = draft.count_in("rules/chosen/count", "T-LGL leukaemia by the rule chosen", t_lgl)
    longer = " for more than six months" if chosen.lasts_days is None else ""
    return (
        Sentence(
            f"Raising the limit to 2.0 × 10⁹/L{longer} moves {{{moved}:count}} of the "
            f"{{{whole}:count}} with T-LGL leukaemia to ‘clone of uncertain significance’"
            f"{_of_the_others(question, draft, t_lgl, axis)}.",
            holds=len(t_lgl) > 0 and chosen.t_limit < 2 and chosen.lgl_rule != "e5998",
            is_key=True,
        ),
    )


def _of_the_others(question: Question, draft: Draft, t_lgl: Members, axis: str) -> str:
    """Which other class each has; of a restricted cohort nothing, for the numbers are small."""
    words = {word: label[:1].lower() + label[1:] for word, label in question.classes.labels.items()}
    words |= {"t_lgl": "still T-LGL leukaemia", question.classes.open_word: "can't be classified"}
    if draft.scope.lists_all:
        return ""
    keys = {
        label: draft.count_in(
            f"rules/moved/{word}/count", f"T-LGL leukaemia, by the original limit: {label}",
            t_lgl.where(axis, word), of=t_lgl,
        )
        for word, label in words.items() if word != _CLONE and len(t_lgl.where(axis, word))
    }  # fmt: skip
    return "; the others: " + tabular.phrases(keys, "count") if keys else ""
