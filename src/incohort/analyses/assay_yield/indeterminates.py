"""Results that are neither positive nor negative: three ways to count them."""

from __future__ import annotations

from typing import get_args

from incohort.analyses.assay_yield.parameters import Rule
from incohort.analyses.assay_yield.question import Question
from incohort.analyses.assay_yield.tally import Tally, tally
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Estimate,
    Findings,
    Layout,
    Margin,
    Row,
    Sentence,
    Table,
)
from incohort.stats import NoEstimate
from incohort.stats.assays.paired import mcnemar, paired_table

RULES: tuple[Rule, ...] = get_args(Rule)
_HEADS = {
    "excluded": "Left out",
    "as_negative": "As negative",
    "as_positive": "As positive",
}
_TWO = 2
_LEVEL = 0.05  # the conventional one, to tell whether a conclusion turns


def indeterminates(question: Question) -> Findings:
    """The shares of positives and the comparisons under each way to count them."""
    made = tally(question)
    shares = {name: [_share(question, made, name, r) for r in RULES] for name in question.assays}
    others = [name for name in question.assays if name != question.index]
    tests = {name: [_test(question, made, name, r) for r in RULES] for name in others}
    label = question.label(question.index)
    rows = [
        Row(
            f"{question.label(name)}, positive",
            tuple(Cell(CellKind.FRACTION_PERCENT, (key,)) for key in keys),
        )
        for name, keys in shares.items()
    ]
    rows += [
        Row(
            f"{label} against {question.label(name)}, exact McNemar P",
            tuple(Cell(CellKind.P_VALUE, (key,)) for key in keys),
        )
        for name, keys in tests.items()
    ]
    layout = Layout(
        sentences=(Sentence(_conclusion(question, made, shares, tests)),),
        tables=(
            Table(
                key=question.scope.key("indeterminates/table"),
                caption="Indeterminate results left out, as negative and as positive",
                stub_head="What is asked",
                columns=tuple(Column(_HEADS[rule]) for rule in RULES),
                rows=tuple(rows),
                notes=("Contradictory results of one assay on one sample are among them.",),
            ),
        ),
        margins=_margins(question),
    )
    title = "Results neither positive nor negative"
    return question.scope.findings("indeterminates", title, made, layout)


def _share(question: Question, made: Tally, name: str, rule: Rule) -> str:
    positive, tested = question.results(name, rule)
    label = question.label(name)
    return made.share(
        f"indeterminates/{rule}/{name}/proportion",
        f"Positive by {label}, indeterminate results {_HEADS[rule].lower()}",
        positive,
        tested,
        question,
        nobody=f"nobody has a result of {label}",
    )


def _test(question: Question, made: Tally, name: str, rule: Rule) -> str:
    (x, had_x), (y, had_y) = (question.results(a, rule) for a in (question.index, name))
    both = had_x & had_y
    label = f"{question.label(question.index)} against {question.label(name)}"
    table = paired_table(x[both], y[both])
    made.rests_on = tuple(
        made.scope.key(f"indeterminates/{rule}/{a}/proportion") for a in (question.index, name)
    )
    answer = NoEstimate(question.absent) if question.absent else mcnemar(table)
    few = min(question.persons(both & rows) for rows in (x & y, x & ~y, ~x & y, ~x & ~y))
    is_absent = bool(question.absent)
    return made.p_value(
        f"indeterminates/{rule}/{question.index}_{name}/mcnemar_exact_p_value",
        f"{label}, indeterminate results {_HEADS[rule].lower()}: exact McNemar P",
        answer,
        n=None if is_absent else int(both.sum()),
        smallest=None if is_absent else few,
    )


def _conclusion(
    question: Question, made: Tally, shares: dict[str, list[str]], tests: dict[str, list[str]]
) -> str:
    """Whether the conclusions turn; of a restricted cohort the reader has to see for herself.

    A sentence that depends on counts would tell of those that the gate withholds.
    """
    if question.absent:
        return "There are no tests here, so nothing depends on indeterminate results."
    if question.scope.lists_all:
        return "The conclusions hold as far as the three columns agree."
    if not any(_indeterminate(question, name) for name in question.assays):
        return "No result was indeterminate, so nothing depends on how such results are counted."
    if len(question.assays) < _TWO:
        return "How indeterminate results are counted changes the shares in the table."
    leaders = {_leader(made, keys) for keys in zip(*shares.values(), strict=True)}
    turns = [
        question.label(name)
        for name, keys in tests.items()
        if len({_is_below(made, key) for key in keys}) > 1
    ]
    first = (
        "However indeterminate results are counted, the same assay finds most"
        if len(leaders) == 1
        else "Which assay finds most depends on how indeterminate results are counted"
    )
    if not turns:
        return f"{first}, and each P stays on its side of 0.05."
    label = question.label(question.index)
    return f"{first}; the P of {label} against {' and '.join(turns)} is below 0.05 or not by that."


def _indeterminate(question: Question, name: str) -> bool:
    return bool((question.units[f"assay_{name}"] == "indeterminate").any())


def _leader(made: Tally, keys: tuple[str, ...]) -> int:
    """Which assay's share is the largest, the first of several."""
    found = [made.results[key] for key in keys]
    values = [result.value if isinstance(result, Estimate) else -1.0 for result in found]
    return values.index(max(values))


def _is_below(made: Tally, key: str) -> bool:
    result = made.results[key]
    return isinstance(result, Estimate) and result.value < _LEVEL


def _margins(question: Question) -> tuple[Margin, ...]:
    """Each way differs from the next by the indeterminate results alone."""
    key, found = question.scope.key, []
    for name in question.assays:
        out, low, high = (key(f"indeterminates/{rule}/{name}/proportion") for rule in RULES)
        between = key(f"tests/{name}/indeterminate/count")
        own = {"excluded": out, "as_negative": low, "as_positive": high}
        found += [
            Margin(total=low, parts=(out,)),
            Margin(total=f"{low}#n", parts=(f"{out}#n", between)),
            Margin(total=high, parts=(out, between)),
            Margin(total=f"{high}#n", parts=(f"{low}#n",)),
        ]
        chosen, share = own[question.design.indeterminate], key(f"positive/{name}/proportion")
        found += [
            Margin(total=share, parts=(chosen,)),
            Margin(total=f"{share}#n", parts=(f"{chosen}#n",)),
        ]
    return tuple(found)
