"""Accuracy without a reference from two assays in two populations, by Hui and Walter's model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from incohort.results import Cell, Measure, Row, Table
from incohort.shapes.sets import Members, grid
from incohort.shapes.tabular import cell, row, table
from incohort.shapes.telling import Told
from incohort.shapes.tested import Tested
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.assays.hui_walter import HuiWalter, hui_walter
from incohort.stats.contingency import ChiSquare, chi_square, fisher_exact

_GROUPS = ("first", "second", "neither")  # the third keeps those whom the split does not place
_ASSAYS = ("First assay", "Second assay")

Counts = list[list[int]]
Words = tuple[str, ...]
Parted = tuple[tuple[Members, ...], ...]  # the four cells of two assays, in each group


@dataclass(frozen=True, slots=True)
class Drawn:
    """How often patients are drawn anew, and where the random numbers begin."""

    resamples: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class Split:
    """Two populations: their names, the column and categories that part them, their sources.

    `reason` says why there are no two, and is empty where there are; `caution` is what the reader
    has to know of the way in which they are parted.
    """

    labels: tuple[str, str]
    column: str
    first: Words
    second: Words
    sources: tuple[str, ...]
    reason: str = ""
    caution: str = ""

    def parted(self, members: Members) -> tuple[Members, Members, Members]:
        """Those of a set in either population, and in neither."""
        return (
            members.where(self.column, *self.first),
            members.where(self.column, *self.second),
            members.outside(self.column, *self.first, *self.second),
        )


def two_populations(
    told: Told, units: Tested, panel: Sequence[str], split: Split, drawn: Drawn
) -> tuple[tuple[Table, ...], tuple[str, ...]]:
    """Prevalence in both populations, and the accuracy of every two assays.

    The counts in both populations come first: from them all the rest is worked out. What the reader
    has to know of it comes beside the tables.
    """
    before, told.sources = told.sources, (*told.sources[:2], *split.sources)
    counted, estimated, at_edge = [], [], []
    for first, second in combinations(panel, 2):
        label = f"{units.label(first)} and {units.label(second)}"
        parted = tuple(zip(*map(split.parted, units.fourfold(first, second)), strict=True))
        counted += _count_rows(told, units, split, (first, second), parted)
        fit, line = _estimates(told, units, (split, drawn), (first, second), parted)
        estimated.append(row(label, *line))
        if isinstance(fit, HuiWalter) and not fit.is_closed_form and not told.scope.lists_all:
            at_edge.append(label)
    if not counted:
        reason = told.absent or "one assay is no pair: Hui and Walter's model takes two assays"
        label = "Two assays in two populations"
        key = told.none_in("populations/none", label, reason, units.described)
        estimated.append(row("Any two assays", cell("p_value", key)))
    told.sources = before
    tables = (
        *((_count_table(told, units, counted),) if counted else ()),
        _share_table(told, split, drawn, estimated),
        *((_error_table(told, estimated),) if counted else ()),
    )
    return tables, _cautions(split, at_edge)


def _count_rows(
    told: Told, units: Tested, split: Split, pair: tuple[str, str], parted: Parted
) -> list[Row]:
    """The four cells of two assays in each population, and in neither."""
    one, other = map(units.label, pair)
    groups = zip(
        _GROUPS, (*split.labels, "In neither population"), split.parted(units.with_both(*pair)),
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
            for (name, text), hit in zip(units.cell_names(*pair), own, strict=True)
        ]
        rows.append(row(head, *(cell("count", key) for key in keys), level=1))
    return rows


def _estimates(
    told: Told, units: Tested, by: tuple[Split, Drawn], pair: tuple[str, str], parted: Parted
) -> tuple[HuiWalter | NoEstimate, list[Cell]]:
    """Whether the populations differ; two prevalences, two sensitivities, two specificities."""
    split, drawn = by
    label, tail = " and ".join(map(units.label, pair)), f"populations/{pair[0]}_{pair[1]}"
    tables, sets = tuple(map(grid, parted[:2])), [*parted[0], *parted[1]]
    differ = _differ(split, tables)
    fit = _fit(told, split, drawn, tables, differ)
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
    told: Told,
    split: Split,
    drawn: Drawn,
    tables: tuple[Counts, ...],
    differ: HypothesisTest | ChiSquare | NoEstimate,
) -> HuiWalter | NoEstimate:
    """The model's numbers, unless nothing shows that the prevalences differ.

    Equal prevalences leave the model without a solution, and chance differences give it one that
    means nothing; resampling does not show that, as it keeps the difference that was seen.
    """
    level = told.scope.conf_level
    if split.reason:
        return NoEstimate(split.reason)
    if not isinstance(differ, NoEstimate) and differ.p_value > 1 - level:
        return NoEstimate(
            "nothing shows that the two populations differ, and where they are alike "
            "prevalence and errors can't be told apart"
        )
    return hui_walter(*tables, conf_level=level, resamples=drawn.resamples, seed=drawn.seed)


def _count_table(told: Told, units: Tested, rows: list[Row]) -> Table:
    heads = ("Both positive", "Only the first", "Only the second", "Both negative")
    caption = f"Two assays in two populations ({units.noun})"
    return table(told.scope, "populations/counts", caption, "Population", heads, rows)


def _share_table(told: Told, split: Split, drawn: Drawn, rows: list[Row]) -> Table:
    """Whether the populations differ, and the shares with antibodies in both."""
    shared = [(label, "Share with antibodies") for label in split.labels]
    return table(
        told.scope, "populations",
        "Two assays in two populations, without a reference (Hui and Walter)",
        "First and second assay", ("Do they differ? P", *shared),
        [row(line.label, *line.cells[:3]) for line in rows],
        "The shares with antibodies have to differ: where the counts don't show that they do (P by "
        "Fisher's exact test, of large counts by chi-square), nothing is estimated. Intervals: "
        f"{drawn.resamples} resamples (seed {drawn.seed}).",
    )  # fmt: skip


def _error_table(told: Told, rows: list[Row]) -> Table:
    """Each assay's sensitivity and specificity by the same model."""
    return table(
        told.scope, "populations/accuracy",
        "Accuracy of two assays, without a reference (Hui and Walter)", "First and second assay",
        [(which, part) for part in ("Sensitivity", "Specificity") for which in _ASSAYS],
        [row(line.label, *line.cells[3:]) for line in rows],
        "Each assay is taken to err as often in one population as in the other, and given that a "
        "patient has the antibody or not, the two to err independently. As many numbers are "
        "estimated as the counts give, so nothing is left to test that by.",
    )  # fmt: skip


def _cautions(split: Split, at_edge: list[str]) -> tuple[str, ...]:
    said = [
        f"{label}: the model's equations have no solution between 0 and 100 %, so the estimates "
        "lie at an edge. That is a sign that the assays err together, or not alike in the two "
        "populations."
        for label in at_edge
    ]
    return (*said, *filter(None, (split.caution,)))
