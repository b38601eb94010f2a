"""Accuracy without a reference from two assays in two populations, by Hui and Walter's model."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from incohort.analyses.assay_yield.pairs import with_both
from incohort.analyses.assay_yield.question import Question
from incohort.analyses.assay_yield.splitting import Split, split_of
from incohort.results import Cell, Measure, Row, Table
from incohort.shapes.sets import Members
from incohort.shapes.tabular import cell, row, table
from incohort.shapes.telling import Told
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.assays.hui_walter import HuiWalter, hui_walter
from incohort.stats.contingency import ChiSquare, chi_square, fisher_exact

_GROUPS = ("first", "second", "neither")  # the third keeps those whom the split does not place
_ASSAYS = ("First assay", "Second assay")

Counts = list[list[int]]
Parted = tuple[tuple[Members, ...], ...]  # the four cells of two assays, in each group


def two_populations(question: Question, told: Told) -> tuple[tuple[Table, ...], tuple[str, ...]]:
    """Prevalence in both, and the accuracy of every two assays of the panel, if a split was asked.

    The counts in both populations come first: from them all the rest is worked out. What the reader
    has to know of it comes beside the tables.
    """
    if question.design.populations == "none":
        return (), ()
    split = split_of(question)
    before, told.sources = told.sources, (*told.sources[:2], *split.sources)
    counted, estimated, at_edge = [], [], []
    for first, second in combinations(question.panel, 2):
        label = f"{question.label(first)} and {question.label(second)}"
        parted = tuple(zip(*map(split.parted, question.units.fourfold(first, second)), strict=True))
        counted += _count_rows(question, told, split, (first, second), parted)
        fit, line = _estimates(question, told, split, (first, second), parted)
        estimated.append(row(label, *line))
        if isinstance(fit, HuiWalter) and not fit.is_closed_form and not question.scope.lists_all:
            at_edge.append(label)
    if not counted:
        reason = question.absent or "one assay is no pair: Hui and Walter's model takes two assays"
        label = "Two assays in two populations"
        key = told.none_in("populations/none", label, reason, question.described)
        estimated.append(row("Any two assays", cell("p_value", key)))
    told.sources = before
    tables = (
        *((_count_table(question, counted),) if counted else ()),
        _share_table(question, split, estimated),
        *((_error_table(question, estimated),) if counted else ()),
    )
    return tables, _cautions(question, at_edge)


def _count_rows(
    question: Question, told: Told, split: Split, pair: tuple[str, str], parted: Parted
) -> list[Row]:
    """The four cells of two assays in each population, and in neither."""
    one, other = map(question.label, pair)
    cells = (
        ("both", "both positive"),
        (f"only_{pair[0]}", f"only {one} positive"),
        (f"only_{pair[1]}", f"only {other} positive"),
        ("neither", "both negative"),
    )
    groups = zip(
        _GROUPS, (*split.labels, "In neither population"), split.parted(with_both(question, *pair)),
        parted, strict=True,
    )  # fmt: skip
    heads = (*split.labels, "In neither, left out")
    rows = [Row(f"{one} and {other}", (), is_heading=True)]
    for head, (group, words, members, own) in zip(heads, groups, strict=True):
        keys = [
            told.count_in(
                f"populations/{pair[0]}_{pair[1]}/{group}/{name}/count",
                f"{words}: {one} and {other}, {text}",
                hit,
                members,
            )
            for (name, text), hit in zip(cells, own, strict=True)
        ]
        rows.append(row(head, *(cell("count", key) for key in keys), level=1))
    return rows


def _estimates(
    question: Question, told: Told, split: Split, pair: tuple[str, str], parted: Parted
) -> tuple[HuiWalter | NoEstimate, list[Cell]]:
    """Whether the populations differ; two prevalences, two sensitivities, two specificities."""
    label, tail = " and ".join(map(question.label, pair)), f"populations/{pair[0]}_{pair[1]}"
    tables, sets = tuple(map(_table, parted[:2])), [*parted[0], *parted[1]]
    differ = _differ(split, tables)
    fit = _fit(question, split, tables, differ)
    text = f"{label}: results differ between the populations, P"
    line = [cell("p_value", told.test_in(f"{tail}/differ_p_value", text, differ, sets))]
    for part in ("prevalence", "sensitivity", "specificity"):
        for place, own in enumerate(_GROUPS[:2]):
            of = f"{own} {'population' if part == 'prevalence' else 'assay'}"
            key = told.statistic_in(
                f"{tail}/{part}/{own}", f"{label}: {part}, {of}, Hui and Walter",
                Measure.PROPORTION,
                fit if isinstance(fit, NoEstimate) else getattr(fit, part)[place], sets,
            )  # fmt: skip
            line.append(cell("percent_ci", key))
    return fit, line


def _table(cells: tuple[Members, ...]) -> Counts:
    a, b, c, d = map(len, cells)
    return [[a, b], [c, d]]


def _differ(split: Split, tables: tuple[Counts, ...]) -> HypothesisTest | ChiSquare | NoEstimate:
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
    tables: tuple[Counts, ...],
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
    design = question.design
    return hui_walter(*tables, conf_level=level, resamples=design.resamples, seed=design.seed)


def _count_table(question: Question, rows: list[Row]) -> Table:
    heads = ("Both positive", "Only the first", "Only the second", "Both negative")
    caption = f"Two assays in two populations ({question.noun})"
    return table(question.scope, "populations/counts", caption, "Population", heads, rows)


def _share_table(question: Question, split: Split, rows: list[Row]) -> Table:
    """Whether the populations differ, and the shares with antibodies in both."""
    shared = [(label, "Share with antibodies") for label in split.labels]
    return table(
        question.scope, "populations",
        "Two assays in two populations, without a reference (Hui and Walter)",
        "First and second assay", ("Do they differ? P", *shared),
        [row(line.label, *line.cells[:3]) for line in rows],
        "The shares with antibodies have to differ: where the counts don't show that they do (P by "
        "Fisher's exact test, of large counts by chi-square), nothing is estimated. Intervals: "
        f"{question.design.resamples} resamples (seed {question.design.seed}).",
    )  # fmt: skip


def _error_table(question: Question, rows: list[Row]) -> Table:
    """Each assay's sensitivity and specificity by the same model."""
    return table(
        question.scope, "populations/accuracy",
        "Accuracy of two assays, without a reference (Hui and Walter)", "First and second assay",
        [(which, part) for part in ("Sensitivity", "Specificity") for which in _ASSAYS],
        [row(line.label, *line.cells[3:]) for line in rows],
        "Each assay is taken to err as often in one population as in the other, and given that a "
        "patient has the antibody or not, the two to err independently. As many numbers are "
        "estimated as the counts give, so nothing is left to test that by.",
    )  # fmt: skip


def _cautions(question: Question, at_edge: list[str]) -> tuple[str, ...]:
    said = [
        f"{label}: the model's equations have no solution between 0 and 100 %, so the estimates "
        "lie at an edge. That is a sign that the assays err together, or not alike in the two "
        "populations."
        for label in at_edge
    ]
    if question.design.populations == "cause":
        said.append(
            "The populations are split by the cause: where antibodies took part in settling it, "
            "the assays do not err alike in both, and the model does not hold."
        )
    return tuple(said)
