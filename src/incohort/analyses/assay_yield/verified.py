"""Who never had the reference, and two assays held against it in the same patients."""

from __future__ import annotations

from incohort.analyses.assay_yield.held import Held
from incohort.analyses.assay_yield.question import Flags, Question
from incohort.analyses.assay_yield.tally import Tally
from incohort.results import Cell, CellKind, Column, Measure, Row, Table
from incohort.stats import HypothesisTest, Interval, NoEstimate
from incohort.stats.assays.accuracy import compare_accuracy
from incohort.stats.assays.predictive import compare_predictive_values
from incohort.stats.assays.verification import begg_greenes

Answer = Interval | NoEstimate
Grid = list[list[int]]


def verification_table(question: Question, made: Tally, held: list[Held]) -> Table:
    """The index assay's accuracy, had all whom it tested had the reference."""
    own = next((one for one in held if one.assay == question.index), None)
    rows = []
    for name in ("sensitivity", "specificity"):
        cells = _verified_cells(question, made, own, name)
        rows.append(Row(name.capitalize(), cells))
    label = question.label(question.index)
    return Table(
        key=question.scope.key("accuracy/verification/table"),
        caption=f"{label}, corrected for patients without the reference",
        stub_head="Measure",
        columns=(
            Column(f"Begg–Greenes ({question.level} CI)"),
            Column("Lowest possible"),
            Column("Highest possible"),
        ),
        rows=tuple(rows),
        notes=(
            (
                "Verification bias: where the assay's result decided whose cause was settled, the "
                "plain figures mislead. The correction takes those with the reference to stand for "
                "those without it who had the same result; the last two columns hold whatever "
                "those without it have."
            ),
        ),
    )


def _verified_cells(
    question: Question, made: Tally, own: Held | None, name: str
) -> tuple[Cell, ...]:
    tail = f"accuracy/{question.index}/corrected/{name}"
    text = f"{question.label(question.index)}: {name}, corrected"
    reason = _nothing_to_correct(question, own)
    if own is None or reason:
        none = made.none(tail, text, reason)
        return (Cell(CellKind.PERCENT_CI, (none,)), Cell(CellKind.TEXT), Cell(CellKind.TEXT))
    _, tested = question.results(own.assay)
    without = tested & ~own.among
    more = (int((without & own.positive).sum()), int((without & ~own.positive).sum()))
    found = begg_greenes(own.table, more, conf_level=made.scope.conf_level)
    made.rests_on = tuple(
        made.scope.key(f"accuracy/{own.assay}/{part}")
        for part in ("sensitivity", "specificity", "ppv", "npv")
    )
    few = min(*(min(row) for row in own.table), *more)
    keys = [
        made.interval(
            tail, text, Measure.PROPORTION, getattr(found, name), smallest=few
        )
    ]  # fmt: skip
    limits = getattr(found, f"{name}_bounds")
    for place, end in enumerate(("lowest", "highest")):
        if isinstance(limits, NoEstimate):
            keys.append(made.none(f"{tail}_{end}", f"{text}, {end}", limits.reason))
        else:
            keys.append(
                made.estimate(
                    f"{tail}_{end}", f"{text}, {end}", Measure.PROPORTION, limits[place],
                    smallest=few,
                )
            )  # fmt: skip
    kinds = (CellKind.PERCENT_CI, CellKind.ESTIMATE, CellKind.ESTIMATE)
    return tuple(Cell(kind, (key,)) for kind, key in zip(kinds, keys, strict=True))


def _nothing_to_correct(question: Question, own: Held | None) -> str:
    if own is None:
        return question.absent or f"the cohort has no result of {question.label(question.index)}"
    if own.reason:
        return own.reason
    _, tested = question.results(own.assay)
    if not (tested & ~own.among).any():
        return "the reference is known of all whom the assay tested, so nothing needs correcting"
    return ""


def comparison_table(question: Question, made: Tally, held: list[Held]) -> tuple[Table, ...]:
    """The index assay against each other one, in the same patients with the reference."""
    own = next((one for one in held if one.assay == question.index and not one.reason), None)
    others = [one for one in held if one.assay != question.index and not one.reason]
    if own is None or not others:
        return ()
    label = question.label(question.index)
    return (
        Table(
            key=question.scope.key("accuracy/comparison/table"),
            caption=f"{label} minus each other assay, in the same {question.noun}",
            stub_head="Other assay, and what is compared",
            columns=(Column(f"Difference ({question.level} CI)"), Column("P")),
            rows=tuple(row for other in others for row in _contrast(question, made, own, other)),
            notes=(
                (
                    "Difference: Tango's interval; P: McNemar's exact test. Predictive values: "
                    "weighted generalised score test (Kosinski), as McNemar's does not apply."
                ),
            ),
        ),
    )


def _contrast(question: Question, made: Tally, own: Held, other: Held) -> list[Row]:
    among = own.among & other.among
    diseased = _grid(own.positive, other.positive, among & own.diseased)
    healthy = _grid(own.positive, other.positive, among & ~own.diseased)
    level = made.scope.conf_level
    shares = compare_accuracy(diseased, healthy, conf_level=level)
    values = compare_predictive_values(diseased, healthy, conf_level=level)
    made.rests_on = tuple(
        made.scope.key(f"accuracy/{one.assay}/{part}")
        for one in (own, other)
        for part in ("sensitivity", "specificity")
    )
    label = f"{question.label(own.assay)} against {question.label(other.assay)}"
    tail = f"accuracy/compared/{own.assay}_{other.assay}"
    n, few = int(among.sum()), min(min(row) for grid in (diseased, healthy) for row in grid)

    def difference(name: str, answer: Answer) -> str:
        return made.interval(
            f"{tail}/{name}_difference", f"{label}: {name}, first minus second",
            Measure.DIFFERENCE, answer, n=n, unit="proportion", smallest=few,
        )  # fmt: skip

    def p_value(name: str, answer: HypothesisTest | NoEstimate) -> str:
        text = f"{label}: {name.replace('_', ' ')}, P"
        return made.p_value(f"{tail}/{name}_p_value", text, answer, n=n, smallest=few)

    other_label = question.label(other.assay)
    rows = []
    for name, contrast in (
        ("sensitivity", shares.sensitivity),
        ("specificity", shares.specificity),
    ):
        cells = (
            Cell(CellKind.PERCENT_CI, (difference(name, contrast.difference),)),
            Cell(CellKind.P_VALUE, (p_value(name, contrast.test),)),
        )
        rows.append(Row(f"{other_label}: {name}", cells))
    for name, words, value in (
        ("ppv", "positive predictive value", values.ppv),
        ("npv", "negative predictive value", values.npv),
    ):
        blank = Cell(CellKind.TEXT)
        cells = (blank, Cell(CellKind.P_VALUE, (p_value(name, value.test),)))
        rows.append(Row(f"{other_label}: {words}", cells))
    return rows


def _grid(x: Flags, y: Flags, among: Flags) -> Grid:
    return [
        [int((x & y & among).sum()), int((x & ~y & among).sum())],
        [int((~x & y & among).sum()), int((~x & ~y & among).sum())],
    ]
