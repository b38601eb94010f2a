"""Who never had the reference, and two assays held against it in the same patients."""

from __future__ import annotations

from functools import partial

from incohort.analyses.assay_yield.held import Held
from incohort.analyses.assay_yield.question import Question
from incohort.results import Cell, Measure, Row, Table
from incohort.shapes.sets import grid
from incohort.shapes.tabular import BLANK, cell, cells, row, table
from incohort.shapes.telling import Draft
from incohort.stats import NoEstimate
from incohort.stats.assays.accuracy import compare_accuracy
from incohort.stats.assays.predictive import compare_predictive_values
from incohort.stats.assays.verification import begg_greenes

_VERIFICATION = (
    "Verification bias: where the assay's result decided whose cause was settled, the plain "
    "figures mislead. The correction takes those with the reference to stand for those without it "
    "who had the same result; the last two columns hold whatever those without it have."
)
_COMPARED = (
    "Difference: Tango's interval; P: McNemar's exact test. Predictive values: weighted "
    "generalised score test (Kosinski), as McNemar's does not apply."
)
_SHARES = {"sensitivity": "sensitivity", "specificity": "specificity"}
_VALUES = {"ppv": "positive predictive value", "npv": "negative predictive value"}


def verification_table(question: Question, draft: Draft, held: list[Held]) -> Table:
    """The index assay's accuracy, had all whom it tested had the reference."""
    index = next((assay for assay in held if assay.assay == question.index), None)
    return table(
        question.scope, "accuracy/verification",
        f"{question.label(question.index)}, corrected for patients without the reference",
        "Measure",
        (f"Begg–Greenes ({question.scope.level} CI)", "Lowest possible", "Highest possible"),
        [row(name.capitalize(), *_verified(question, draft, index, name)) for name in _SHARES],
        _VERIFICATION,
    )  # fmt: skip


def _verified(question: Question, draft: Draft, index: Held | None, name: str) -> tuple[Cell, ...]:
    """A share of the index assay as it is corrected, and its limits."""
    tail = f"accuracy/{question.index}/corrected/{name}"
    text = f"{question.label(question.index)}: {name}, corrected"
    reason = _nothing_to_correct(question, index)
    if index is None or reason:
        none = draft.none_in(tail, text, reason, question.everybody)
        return (cell("percent_ci", none), BLANK, BLANK)
    without = (question.unverified(index.positive), question.unverified(index.negative))
    n_without = (len(without[0]), len(without[1]))
    answer = begg_greenes(index.table, n_without, conf_level=question.scope.conf_level)
    limits = getattr(answer, f"{name}_bounds")
    lowest, highest = (limits, limits) if isinstance(limits, NoEstimate) else limits
    sets, measure = (*index.cells, *without), Measure.PROPORTION
    keys = (
        draft.statistic_in(tail, text, measure, getattr(answer, name), sets),
        draft.statistic_in(f"{tail}_lowest", f"{text}, lowest", measure, lowest, sets),
        draft.statistic_in(f"{tail}_highest", f"{text}, highest", measure, highest, sets),
    )
    for key, place in zip(keys, (None, 0, 1), strict=True):
        draft.from_sets(key, sets, partial(_corrected, question.scope.conf_level, name, place))
    return cells(("percent_ci", "estimate", "estimate"), keys)


def _corrected(conf_level: float, name: str, place: int | None, *counts: int) -> object:
    """A corrected share, or one of its limits, from how many are in each cell, and without."""
    a, b, c, d, positive, negative = counts
    answer = begg_greenes([[a, b], [c, d]], (positive, negative), conf_level=conf_level)
    if place is None:
        return getattr(answer, name)
    limits = getattr(answer, f"{name}_bounds")
    return limits if isinstance(limits, NoEstimate) else limits[place]


def _nothing_to_correct(question: Question, index: Held | None) -> str:
    if index is None:
        return question.absent or f"the cohort has no result of {question.label(question.index)}"
    if index.reason or question.scope.lists_all:
        return index.reason
    if not len(question.unverified(question.units.counting(index.assay))):
        return "the reference is known of all whom the assay tested, so nothing needs correcting"
    return ""


def comparison_table(question: Question, draft: Draft, held: list[Held]) -> tuple[Table, ...]:
    """The index assay against each other one, in the same patients with the reference."""
    known = {assay.assay: assay for assay in held if not assay.reason}
    index = known.pop(question.index, None)
    if index is None or not known:
        return ()
    label = question.label(question.index)
    return (
        table(
            question.scope, "accuracy/comparison",
            f"{label} minus each other assay, in the same {question.noun}",
            "Other assay, and what is compared",
            (f"Difference ({question.scope.level} CI)", "P"),
            [line for name in known for line in _contrast(question, draft, name)], _COMPARED,
        ),
    )  # fmt: skip


def _contrast(question: Question, draft: Draft, name: str) -> list[Row]:
    """The index assay against another one: two shares with their differences, two values."""
    fourfold = question.units.fourfold(question.index, name)
    diseased, healthy = (
        tuple(by_reference(members) for members in fourfold)
        for by_reference in (question.diseased, question.healthy)
    )
    grids, sets = (grid(diseased), grid(healthy)), (*diseased, *healthy)
    level = question.scope.conf_level
    shares = compare_accuracy(*grids, conf_level=level)
    values = compare_predictive_values(*grids, conf_level=level)
    label = f"{question.label(question.index)} against {question.label(name)}"
    tail, rows = f"accuracy/compared/{question.index}_{name}", []
    for part, words in (_SHARES | _VALUES).items():
        contrast, difference = getattr(shares if part in _SHARES else values, part), BLANK
        if part in _SHARES:
            key = draft.statistic_in(
                f"{tail}/{part}_difference", f"{label}: {part}, first minus second",
                Measure.DIFFERENCE, contrast.difference, sets, unit="proportion",
            )  # fmt: skip
            draft.from_sets(key, sets, partial(_compared, level, part, "difference"))
            difference = cell("percent_ci", key)
        p = draft.test_in(f"{tail}/{part}_p_value", f"{label}: {part}, P", contrast.test, sets)
        draft.from_sets(p, sets, partial(_compared, level, part, "test"))
        rows.append(row(f"{question.label(name)}: {words}", difference, cell("p_value", p)))
    return rows


def _compared(conf_level: float, part: str, of: str, *counts: int) -> object:
    """The difference or the test of one comparison, from the cells of diseased and healthy."""
    a, b, c, d, e, f, g, h = counts
    compare = compare_accuracy if part in _SHARES else compare_predictive_values
    answer = compare([[a, b], [c, d]], [[e, f], [g, h]], conf_level=conf_level)
    return getattr(getattr(answer, part), of)
