"""Results that are neither positive nor negative: three ways to count them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from incohort.analyses.assay_yield.question import TESTS, Question
from incohort.results import Estimate, Findings, Layout, Sentence
from incohort.shapes.sets import grid
from incohort.shapes.tabular import cells, row, table
from incohort.shapes.telling import Draft
from incohort.shapes.tested import INDETERMINATE, Rule
from incohort.stats.assays.paired import mcnemar

RULES: tuple[Rule, ...] = get_args(Rule)
_HEADS = {
    "excluded": "Left out",
    "as_negative": "As negative",
    "as_positive": "As positive",
}
_LEVEL = 0.05  # the conventional one, to tell whether a conclusion turns
_KeysOf = Mapping[str, list[str]]  # by assay, one for each rule


def indeterminates(question: Question) -> Findings:
    """The shares of positives and the comparisons under each way to count them."""
    draft, label = question.telling(*TESTS), question.label(question.index)
    others = [name for name in question.assays if name != question.index]
    shares = {name: [_share(question, draft, name, r) for r in RULES] for name in question.assays}
    tests = {name: [_test(question, draft, name, r) for r in RULES] for name in others}
    asked = (
        ("{}, positive", "fraction_percent", shares),
        (f"{label} against {{}}, exact McNemar P", "p_value", tests),
    )
    rows = [
        row(words.format(question.label(name)), *cells([kind] * len(RULES), keys))
        for words, kind, keys_of in asked
        for name, keys in keys_of.items()
    ]
    compared = table(
        question.scope, "indeterminates",
        "Indeterminate results left out, as negative and as positive", "What is asked",
        _HEADS.values(), rows,
        "Contradictory results of one assay on one sample are among them.",
    )  # fmt: skip
    sentence = Sentence(_conclusion(question, draft, shares, tests))
    layout = Layout(sentences=(sentence,), tables=(compared,))
    return draft.findings("indeterminates", "Results neither positive nor negative", layout)


def _share(question: Question, draft: Draft, name: str, rule: Rule) -> str:
    label = question.label(name)
    return draft.share_in(
        f"indeterminates/{rule}/{name}/proportion",
        f"Positive by {label}, indeterminate results {_HEADS[rule].lower()}",
        question.units.positive(name, rule=rule),
        question.units.counting(name, rule=rule),
        nobody=f"nobody has a result of {label}",
    )


def _test(question: Question, draft: Draft, name: str, rule: Rule) -> str:
    sets = question.units.fourfold(question.index, name, rule=rule)
    label = f"{question.label(question.index)} against {question.label(name)}"
    key = draft.test_in(
        f"indeterminates/{rule}/{question.index}_{name}/mcnemar_exact_p_value",
        f"{label}, indeterminate results {_HEADS[rule].lower()}: exact McNemar P",
        mcnemar(grid(sets)),
        sets,
    )
    return draft.from_sets(key, sets, lambda a, b, c, d: mcnemar([[a, b], [c, d]]))


def _conclusion(question: Question, draft: Draft, shares: _KeysOf, tests: _KeysOf) -> str:
    """Whether the conclusions turn; of a restricted cohort the reader has to see for herself.

    A sentence that depends on counts would tell of those that the gate withholds.
    """
    if question.absent:
        return "There are no tests here, so nothing depends on indeterminate results."
    if question.scope.lists_all:
        return "The conclusions hold as far as the three columns agree."
    if not any(len(question.units.with_result(a, INDETERMINATE)) for a in question.assays):
        return "No result was indeterminate, so nothing depends on how such results are counted."
    if len(question.assays) < 2:
        return "How indeterminate results are counted changes the shares in the table."
    leaders = {_leader(draft, keys) for keys in zip(*shares.values(), strict=True)}
    first = (
        "However indeterminate results are counted, the same assay finds most"
        if len(leaders) == 1
        else "Which assay finds most depends on how indeterminate results are counted"
    )
    turns = [
        question.label(name)
        for name, keys in tests.items()
        if len({_value(draft, key, 1.0) < _LEVEL for key in keys}) > 1
    ]
    if not turns:
        return f"{first}, and each P stays on its side of 0.05."
    label = question.label(question.index)
    return f"{first}; the P of {label} against {' and '.join(turns)} is below 0.05 or not by that."


def _leader(draft: Draft, keys: tuple[str, ...]) -> int:
    """Which assay's share is the largest, the first of several."""
    values = [_value(draft, key, -1.0) for key in keys]
    return values.index(max(values))


def _value(draft: Draft, key: str, otherwise: float) -> float:
    result = draft.results[key]
    return result.value if isinstance(result, Estimate) else otherwise
