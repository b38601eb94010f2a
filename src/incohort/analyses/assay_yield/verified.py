"""Who never had the reference, and two assays held against it in the same patients."""

from __future__ import annotations

from incohort.analyses.assay_yield.held import Held
from incohort.analyses.assay_yield.question import Question
from incohort.results import Cell, Measure, Row, Table
from incohort.shapes.sets import Members
from incohort.shapes.tabular import BLANK, cell, cells, row, table
from incohort.shapes.telling import Told
from incohort.stats import NoEstimate
from incohort.stats.assays.accuracy import compare_accuracy
from incohort.stats.assays.predictive import compare_predictive_values
from incohort.stats.assays.verification import begg_greenes


def verification_table(question: Question, told: Told, held: list[Held]) -> Table:
    """The index assay's accuracy, had all whom it tested had the reference."""
    own = next((assay for assay in held if assay.assay == question.index), None)
    rows = [
        row(name.capitalize(), *_verified_cells(question, told, own, name))
        for name in ("sensitivity", "specificity")
    ]
    return table(
        question.scope, "accuracy/verification",
        f"{question.label(question.index)}, corrected for patients without the reference",
        "Measure",
        (f"Begg–Greenes ({question.scope.level} CI)", "Lowest possible", "Highest possible"),
        rows,
        "Verification bias: where the assay's result decided whose cause was settled, the plain "
        "figures mislead. The correction takes those with the reference to stand for those without "
        "it who had the same result; the last two columns hold whatever those without it have.",
    )  # fmt: skip


def _verified_cells(
    question: Question, told: Told, own: Held | None, name: str
) -> tuple[Cell, ...]:
    tail = f"accuracy/{question.index}/corrected/{name}"
    text = f"{question.label(question.index)}: {name}, corrected"
    reason = _nothing_to_correct(question, own)
    if own is None or reason:
        none = told.none_in(tail, text, reason, question.described)
        return (cell("percent_ci", none), BLANK, BLANK)
    without = (question.unverified(own.positive), question.unverified(own.negative))
    positive, negative = map(len, without)
    answer = begg_greenes(own.table, (positive, negative), conf_level=question.scope.conf_level)
    limits = getattr(answer, f"{name}_bounds")
    lowest, highest = (limits, limits) if isinstance(limits, NoEstimate) else limits
    keys = [
        told.statistic_in(key, words, Measure.PROPORTION, value, (*own.cells, *without))
        for key, words, value in (
            (tail, text, getattr(answer, name)),
            (f"{tail}_lowest", f"{text}, lowest", lowest),
            (f"{tail}_highest", f"{text}, highest", highest),
        )
    ]
    return cells(("percent_ci", "estimate", "estimate"), keys)


def _nothing_to_correct(question: Question, own: Held | None) -> str:
    if own is None:
        return question.absent or f"the cohort has no result of {question.label(question.index)}"
    if own.reason or question.scope.lists_all:
        return own.reason
    if not len(question.unverified(question.units.counting(own.assay))):
        return "the reference is known of all whom the assay tested, so nothing needs correcting"
    return ""


def comparison_table(question: Question, told: Told, held: list[Held]) -> tuple[Table, ...]:
    """The index assay against each other one, in the same patients with the reference."""
    known = {assay.assay: assay for assay in held if not assay.reason}
    own = known.pop(question.index, None)
    if own is None or not known:
        return ()
    label = question.label(question.index)
    return (
        table(
            question.scope, "accuracy/comparison",
            f"{label} minus each other assay, in the same {question.noun}",
            "Other assay, and what is compared",
            (f"Difference ({question.scope.level} CI)", "P"),
            [line for other in known.values() for line in _contrast(question, told, own, other)],
            "Difference: Tango's interval; P: McNemar's exact test. Predictive values: weighted "
            "generalised score test (Kosinski), as McNemar's does not apply.",
        ),
    )  # fmt: skip


def _contrast(question: Question, told: Told, own: Held, other: Held) -> list[Row]:
    fourfold = question.units.fourfold(own.assay, other.assay)
    diseased, healthy = (
        tuple(by_reference(members) for members in fourfold)
        for by_reference in (question.diseased, question.healthy)
    )
    grids, sets = (_grid(diseased), _grid(healthy)), (*diseased, *healthy)
    level, other_label = question.scope.conf_level, question.label(other.assay)
    shares = compare_accuracy(*grids, conf_level=level)
    values = compare_predictive_values(*grids, conf_level=level)
    label = f"{question.label(own.assay)} against {other_label}"
    tail = f"accuracy/compared/{own.assay}_{other.assay}"
    rows = []
    for name, contrast in (
        ("sensitivity", shares.sensitivity),
        ("specificity", shares.specificity),
    ):
        difference = told.statistic_in(
            f"{tail}/{name}_difference", f"{label}: {name}, first minus second",
            Measure.DIFFERENCE, contrast.difference, sets, unit="proportion",
        )  # fmt: skip
        p = told.test_in(f"{tail}/{name}_p_value", f"{label}: {name}, P", contrast.test, sets)
        line = row(f"{other_label}: {name}", cell("percent_ci", difference), cell("p_value", p))
        rows.append(line)
    for name, words, value in (
        ("ppv", "positive predictive value", values.ppv),
        ("npv", "negative predictive value", values.npv),
    ):
        p = told.test_in(f"{tail}/{name}_p_value", f"{label}: {name}, P", value.test, sets)
        rows.append(row(f"{other_label}: {words}", BLANK, cell("p_value", p)))
    return rows


def _grid(sets: tuple[Members, ...]) -> list[list[int]]:
    a, b, c, d = map(len, sets)
    return [[a, b], [c, d]]
