"""How many have T-LGL leukaemia by each rule, of the same patients."""

from __future__ import annotations

from dataclasses import replace

from incohort.analyses.lgl.question import COUNTED, TESTS, Question
from incohort.cohort import LglChoices
from incohort.results import Findings, Layout, Row, Sentence
from incohort.shapes import recorded, tabular
from incohort.shapes.telling import Draft

_ORIGINAL = "original"
_CLONE = "clone_uncertain_significance"
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
    axis, label = _by(question, name), _RULES[name][0]
    asked = {"t_lgl": "T-LGL leukaemia", _CLONE: "clone of uncertain significance",
             question.classes.open_word: "not classified"}  # fmt: skip
    keys = [
        draft.count_in(
            f"rules/{name}/{word}/count", f"{label}: {words}",
            question.assessed.where(axis, word), of=question.assessed,
        )
        for word, words in asked.items()
    ]  # fmt: skip
    return tabular.row(label, *tabular.cells(["count"] * 3, keys))


def _moved(question: Question, draft: Draft) -> tuple[Sentence, ...]:
    """How many with T-LGL leukaemia have an uncertain clone by the original limit."""
    t_lgl = question.assessed.where(question.classes.axis, "t_lgl")
    moved = draft.count_in(
        "rules/moved/count", "T-LGL leukaemia that the original limit makes an uncertain clone",
        t_lgl.where(_by(question, _ORIGINAL), _CLONE), of=t_lgl,
    )  # fmt: skip
    whole = draft.count_in("rules/chosen/count", "T-LGL leukaemia by the rule chosen", t_lgl)
    chosen = question.design.lgl
    return (
        Sentence(
            f"Raising the limit to 2.0 × 10⁹/L moves {{{moved}:count}} of the {{{whole}:count}} "
            "with T-LGL leukaemia to ‘clone of uncertain significance’.",
            holds=len(t_lgl) > 0 and chosen.t_limit < 2 and chosen.lgl_rule != "e5998",
            is_key=True,
        ),
    )
