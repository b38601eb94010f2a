"""Accuracy without a reference from two assays in two populations, by Hui and Walter's model."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from incohort.analyses.assay_yield.question import Question
from incohort.analyses.assay_yield.splitting import Split, split_of
from incohort.analyses.assay_yield.tally import Tally
from incohort.results import Cell, CellKind, Column, Margin, Measure, Row, Table
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.assays.hui_walter import HuiWalter, hui_walter
from incohort.stats.contingency import ChiSquare, chi_square, fisher_exact

_GROUPS = ("first", "second", "neither")  # the third keeps those whom the split does not place
_NEEDED = 2

Counts = list[list[int]]
Keys = dict[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The tables and what the gate and the reader have to know of them."""

    tables: tuple[Table, ...] = ()
    margins: tuple[Margin, ...] = ()
    cautions: tuple[str, ...] = ()


def two_populations(question: Question, made: Tally) -> Answers:
    """Prevalence in both, and the accuracy of every two assays of the panel, if a split was asked.

    The counts in both populations come first: from them all the rest is worked out.
    """
    if question.design.populations == "none":
        return Answers()
    split = split_of(question)
    before, made.sources = made.sources, (*made.sources[:2], *split.sources)
    counted, estimated, margins, at_edge = [], [], [], []
    for first, second in combinations(question.panel, _NEEDED):
        label = f"{question.label(first)} and {question.label(second)}"
        tail = f"populations/{first}_{second}"
        tables, keys, few = _counts(question, made, split, (first, second))
        counted += _count_rows(label, split, keys)
        margins += _margins(question, (first, second), keys)
        made.rests_on = tuple(key for name in _GROUPS[:2] for key in keys[name])
        differ = _differ(split, tables)
        fit = _fit(question, split, tables, differ)
        p = made.p_value(
            f"{tail}/differ_p_value", f"{label}: results differ between the populations, P",
            differ, smallest=few,
        )  # fmt: skip
        row = _estimates(made, tail, label, fit, few)
        estimated.append(Row(label, (Cell(CellKind.P_VALUE, (p,)), *row)))
        if isinstance(fit, HuiWalter) and not fit.is_closed_form and not made.scope.lists_all:
            at_edge.append(label)
    if not counted:
        reason = question.absent or "one assay is no pair: Hui and Walter's model takes two assays"
        key = made.none("populations/none", "Two assays in two populations", reason)
        estimated.append(Row("Any two assays", (Cell(CellKind.P_VALUE, (key,)),)))
    made.sources, made.rests_on = before, ()
    tables_made = (
        *((_count_table(question, counted),) if counted else ()),
        _share_table(question, split, estimated),
        *((_error_table(question, estimated),) if counted else ()),
    )
    cautions = _cautions(question, at_edge)
    return Answers(tables=tables_made, margins=tuple(margins), cautions=cautions)


def _counts(
    question: Question, made: Tally, split: Split, pair: tuple[str, str]
) -> tuple[tuple[Counts, Counts], Keys, int]:
    """The fourfold tables, the keys of all counts, and how many stand behind the smallest cell."""
    (x, had_x), (y, had_y) = (question.results(name) for name in pair)
    both = had_x & had_y
    one, other = map(question.label, pair)
    cells = (
        ("both", "both positive", x & y),
        (f"only_{pair[0]}", f"only {one} positive", x & ~y),
        (f"only_{pair[1]}", f"only {other} positive", ~x & y),
        ("neither", "both negative", ~x & ~y),
    )
    groups = (split.first, split.second, ~(split.first | split.second))
    labels = (*split.labels, "In neither population")
    keys: Keys = {}
    for group, words, rows in zip(_GROUPS, labels, groups, strict=True):
        keys[group] = tuple(
            made.of(
                f"populations/{pair[0]}_{pair[1]}/{group}/{name}/count",
                f"{words}: {one} and {other}, {text}",
                hit,
                both & rows,
                question,
            )
            for name, text, hit in cells
        )
    tables = []
    for rows in groups[:2]:
        a, b, c, d = (int((hit & both & rows).sum()) for *_, hit in cells)
        tables.append([[a, b], [c, d]])
    few = min(question.persons(hit & both & rows) for rows in groups[:2] for *_, hit in cells)
    return (tables[0], tables[1]), keys, few


def _differ(split: Split, tables: tuple[Counts, Counts]) -> HypothesisTest | ChiSquare | NoEstimate:
    """Whether the pattern of results differs: where the prevalences are equal it can't."""
    if split.reason:
        return NoEstimate(split.reason)
    cells = np.array(tables).reshape(2, 4)
    seen = cells[:, cells.sum(axis=0) > 0]
    exact = fisher_exact(seen)
    # the exact test gives up where there are too many tables, and then counts are large
    return chi_square(seen) if isinstance(exact, NoEstimate) else exact


def _fit(
    question: Question,
    split: Split,
    tables: tuple[Counts, Counts],
    differ: HypothesisTest | ChiSquare | NoEstimate,
) -> HuiWalter | NoEstimate:
    """The model's numbers, unless nothing shows that the prevalences differ.

    Equal prevalences leave the model without a solution, and chance differences give it one that
    means nothing; resampling does not show that, as it keeps the difference that was seen.
    """
    level = question.scope.conf_level
    if split.reason:
        return NoEstimate(split.reason)
    if not isinstance(differ, NoEstimate) and differ.p_value > 1 - level:
        return NoEstimate(
            "nothing shows that the two populations differ, and where they are alike "
            "prevalence and errors can't be told apart"
        )
    return hui_walter(
        *tables, conf_level=level, resamples=question.design.resamples, seed=question.design.seed
    )


def _estimates(
    made: Tally, tail: str, label: str, fit: HuiWalter | NoEstimate, few: int
) -> tuple[Cell, ...]:
    """Six numbers: two prevalences, two sensitivities, two specificities."""
    cells = []
    for part in ("prevalence", "sensitivity", "specificity"):
        for place, own in enumerate(_GROUPS[:2]):
            of = f"{own} {'population' if part == 'prevalence' else 'assay'}"
            answer = fit if isinstance(fit, NoEstimate) else getattr(fit, part)[place]
            key = made.interval(
                f"{tail}/{part}/{own}", f"{label}: {part}, {of}, Hui and Walter",
                Measure.PROPORTION, answer, smallest=few,
            )  # fmt: skip
            cells.append(Cell(CellKind.PERCENT_CI, (key,)))
    return tuple(cells)


def _count_rows(label: str, split: Split, keys: Keys) -> list[Row]:
    names = zip(_GROUPS, (*split.labels, "In neither, left out"), strict=True)
    return [
        Row(label, (), is_heading=True),
        *(
            Row(words, tuple(Cell(CellKind.COUNT, (key,)) for key in keys[group]), level=1)
            for group, words in names
        ),
    ]


def _margins(question: Question, pair: tuple[str, str], keys: Keys) -> list[Margin]:
    """The populations and those in neither make up the cross tabulation of the pair."""
    whole = f"pair/{pair[0]}_{pair[1]}"
    names = ("both", f"only_{pair[0]}", f"only_{pair[1]}", "neither")
    return [
        Margin(
            total=question.scope.key(f"{whole}/{name}/count"),
            parts=tuple(keys[group][place] for group in _GROUPS),
        )
        for place, name in enumerate(names)
    ]


def _count_table(question: Question, rows: list[Row]) -> Table:
    heads = ("Both positive", "Only the first", "Only the second", "Both negative")
    return Table(
        key=question.scope.key("populations/counts/table"),
        caption=f"Two assays in two populations ({question.noun})",
        stub_head="Population",
        columns=tuple(map(Column, heads)),
        rows=tuple(rows),
    )


def _share_table(question: Question, split: Split, rows: list[Row]) -> Table:
    """Whether the populations differ, and the shares with antibodies in both."""
    one, other = split.labels
    return Table(
        key=question.scope.key("populations/table"),
        caption="Two assays in two populations, without a reference (Hui and Walter)",
        stub_head="First and second assay",
        columns=(
            Column("Do they differ? P"),
            Column(one, "Share with antibodies"),
            Column(other, "Share with antibodies"),
        ),
        rows=tuple(Row(row.label, row.cells[:3]) for row in rows),
        notes=(
            (
                "The shares with antibodies have to differ: where the counts don't show that they "
                "do (P by Fisher's exact test, of large counts by chi-square), nothing is "
                f"estimated. Intervals: {question.design.resamples} resamples (seed "
                f"{question.design.seed})."
            ),
        ),
    )


def _error_table(question: Question, rows: list[Row]) -> Table:
    """Each assay's sensitivity and specificity by the same model."""
    return Table(
        key=question.scope.key("populations/accuracy/table"),
        caption="Accuracy of two assays, without a reference (Hui and Walter)",
        stub_head="First and second assay",
        columns=tuple(
            Column(which, part)
            for part in ("Sensitivity", "Specificity")
            for which in ("First assay", "Second assay")
        ),
        rows=tuple(Row(row.label, row.cells[3:]) for row in rows),
        notes=(
            (
                "Each assay is taken to err as often in one population as in the other, and given "
                "that a patient has the antibody or not, the two to err independently. As many "
                "numbers are estimated as the counts give, so nothing is left to test that by."
            ),
        ),
    )


def _cautions(question: Question, at_edge: list[str]) -> tuple[str, ...]:
    found = [
        f"{label}: the model's equations have no solution between 0 and 100 %, so the estimates "
        "lie at an edge. That is a sign that the assays err together, or not alike in the two "
        "populations."
        for label in at_edge
    ]
    if question.design.populations == "cause":
        found.append(
            "The populations are split by the cause: where antibodies took part in settling it, "
            "the assays do not err alike in both, and the model does not hold."
        )
    return tuple(found)
