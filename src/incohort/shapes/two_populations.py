"""Accuracy without a reference from two assays in two populations, by Hui and Walter's model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import combinations

import numpy as np

from incohort.results import Cell, Measure, Row, Table
from incohort.shapes.sets import Members, grid
from incohort.shapes.tabular import cell, cells, row, table
from incohort.shapes.telling import Draft
from incohort.shapes.tested import Tested
from incohort.stats import HypothesisTest, Interval, NoEstimate
from incohort.stats.assays.hui_walter import HuiWalter, hui_walter
from incohort.stats.contingency import ChiSquare, chi_square, fisher_exact

_GROUPS = ("first", "second", "neither")  # the third keeps those whom the split does not place
_ASSAYS = ("First assay", "Second assay")
_PARTS = {"prevalence": "population", "sensitivity": "assay", "specificity": "assay"}

Counts = list[list[int]]
Words = tuple[str, ...]
Pair = tuple[str, str]
Parted = tuple[tuple[Members, ...], ...]  # the four cells of two assays, in each group


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


@dataclass(frozen=True, kw_only=True)
class TwoPopulations:
    """Every two of some assays in two populations, by the model of Hui and Walter.

    Args:
        draft: Takes the results.
        units: The patients or samples and what their tests found.
        split: Who is in which population.
        resamples: How often patients are drawn anew for the intervals.
        seed: Where the random numbers begin.
    """

    draft: Draft
    units: Tested
    split: Split
    resamples: int
    seed: int

    def of(self, panel: Sequence[str]) -> tuple[tuple[Table, ...], tuple[str, ...]]:
        """Prevalence in both populations, and the accuracy of every two assays.

        The counts in both populations come first: from them all the rest is worked out. What the
        reader has to know of it comes beside the tables.
        """
        draft, before = self.draft, self.draft.sources
        draft.sources = (*draft.sources[:2], *self.split.sources)
        counted, estimated, at_edge = [], [], []
        for pair in combinations(panel, 2):
            parted = tuple(zip(*map(self.split.parted, self.units.fourfold(*pair)), strict=True))
            counted += self._count_rows(pair, parted)
            fit, cells = self._estimates(pair, parted)
            estimated.append(row(self._label(pair), *cells))
            if isinstance(fit, HuiWalter) and not fit.is_closed_form and not draft.scope.lists_all:
                at_edge.append(self._label(pair))
        if not counted:
            reason = draft.absent or "one assay is no pair: Hui and Walter's model takes two assays"
            label = "Two assays in two populations"
            key = draft.none_in("populations/none", label, reason, self.units.described)
            estimated.append(row("Any two assays", cell("p_value", key)))
        draft.sources = before
        shares = self._share_table(estimated)
        both = (self._count_table(counted), shares, self._error_table(estimated))
        return both if counted else (shares,), self._cautions(at_edge)

    def _label(self, pair: Pair) -> str:
        return " and ".join(map(self.units.label, pair))

    def _count_rows(self, pair: Pair, parted: Parted) -> list[Row]:
        """The four cells of two assays in each population, and in neither."""
        label, tail = self._label(pair), f"populations/{pair[0]}_{pair[1]}"
        names = (*self.split.labels, "In neither population")
        heads = (*self.split.labels, "In neither, left out")
        both = self.split.parted(self.units.with_both(*pair))
        rows = [Row(label, (), is_heading=True)]
        for group, name, head, members, four in zip(
            _GROUPS, names, heads, both, parted, strict=True
        ):
            keys = [
                self.draft.count_in(
                    f"{tail}/{group}/{part}/count", f"{name}: {label}, {words}", of_cell, members
                )
                for (part, words), of_cell in zip(self.units.cell_names(*pair), four, strict=True)
            ]
            rows.append(row(head, *cells(["count"] * len(keys), keys), level=1))
        return rows

    def _estimates(self, pair: Pair, parted: Parted) -> tuple[HuiWalter | NoEstimate, list[Cell]]:
        """Whether the populations differ; two prevalences, sensitivities and specificities."""
        label, tail = self._label(pair), f"populations/{pair[0]}_{pair[1]}"
        tables, sets = tuple(map(grid, parted[:2])), [*parted[0], *parted[1]]
        fit = self._fit(tables)

        @cache
        def again(*counts: int) -> HuiWalter | NoEstimate:
            return self._fit(_tables(*counts))

        text = f"{label}: results differ between the populations, P"
        key = self.draft.test_in(f"{tail}/differ_p_value", text, self._differ(tables), sets)
        self.draft.from_sets(key, sets, lambda *counts: self._differ(_tables(*counts)))
        line = [cell("p_value", key)]
        for part, noun in _PARTS.items():
            for place, which in enumerate(_GROUPS[:2]):
                share = partial(_share, part, place)
                key = self.draft.statistic_in(
                    f"{tail}/{part}/{which}", f"{label}: {part}, {which} {noun}, Hui and Walter",
                    Measure.PROPORTION, share(fit), sets,
                )  # fmt: skip
                self.draft.from_sets(key, sets, lambda *counts, share=share: share(again(*counts)))
                line.append(cell("percent_ci", key))
        return fit, line

    def _differ(self, tables: tuple[Counts, ...]) -> HypothesisTest | ChiSquare | NoEstimate:
        """Whether the pattern of results differs: where the prevalences are equal it can't."""
        if self.split.reason:
            return NoEstimate(self.split.reason)
        counts = np.array(tables).reshape(2, 4)
        seen = counts[:, counts.sum(axis=0) > 0]
        exact = fisher_exact(seen)
        # the exact test gives up where there are too many tables, and then counts are large
        return chi_square(seen) if isinstance(exact, NoEstimate) else exact

    def _fit(self, tables: tuple[Counts, ...]) -> HuiWalter | NoEstimate:
        """The model's numbers, unless nothing shows that the prevalences differ.

        Equal prevalences leave the model without a solution, and chance differences give it one
        that means nothing; resampling does not show that, as it keeps the difference that was seen.
        """
        level, differ = self.draft.scope.conf_level, self._differ(tables)
        if self.split.reason:
            return NoEstimate(self.split.reason)
        if not isinstance(differ, NoEstimate) and differ.p_value > 1 - level:
            return NoEstimate(
                "nothing shows that the two populations differ, and where they are alike "
                "prevalence and errors can't be told apart"
            )
        return hui_walter(*tables, conf_level=level, resamples=self.resamples, seed=self.seed)

    def _count_table(self, rows: list[Row]) -> Table:
        heads = ("Both positive", "Only the first", "Only the second", "Both negative")
        caption = f"Two assays in two populations ({self.units.noun})"
        return table(self.draft.scope, "populations/counts", caption, "Population", heads, rows)

    def _share_table(self, rows: list[Row]) -> Table:
        """Whether the populations differ, and the shares with antibodies in both."""
        shared = [(label, "Share with antibodies") for label in self.split.labels]
        return table(
            self.draft.scope, "populations",
            "Two assays in two populations, without a reference (Hui and Walter)",
            "First and second assay", ("Do they differ? P", *shared),
            [row(line.label, *line.cells[:3]) for line in rows],
            "The shares with antibodies have to differ: where the counts don't show that they do "
            "(P by Fisher's exact test, of large counts by chi-square), nothing is estimated. "
            f"Intervals: {self.resamples} resamples (seed {self.seed}).",
        )  # fmt: skip

    def _error_table(self, rows: list[Row]) -> Table:
        """Each assay's sensitivity and specificity by the same model."""
        return table(
            self.draft.scope, "populations/accuracy",
            "Accuracy of two assays, without a reference (Hui and Walter)",
            "First and second assay",
            [(which, part) for part in ("Sensitivity", "Specificity") for which in _ASSAYS],
            [row(line.label, *line.cells[3:]) for line in rows],
            "Each assay is taken to err as often in one population as in the other, and given that "
            "a patient has the antibody or not, the two to err independently. As many numbers are "
            "estimated as the counts give, so nothing is left to test that by.",
        )  # fmt: skip

    def _cautions(self, at_edge: list[str]) -> tuple[str, ...]:
        said = [
            f"{label}: the model's equations have no solution between 0 and 100 %, so the "
            "estimates lie at an edge. That is a sign that the assays err together, or not alike "
            "in the two populations."
            for label in at_edge
        ]
        return (*said, *filter(None, (self.split.caution,)))


def _share(part: str, place: int, fit: HuiWalter | NoEstimate) -> Interval | NoEstimate:
    """A population's prevalence, an assay's sensitivity or specificity."""
    if isinstance(fit, NoEstimate):
        return fit
    shares: tuple[Interval | NoEstimate, ...] = getattr(fit, part)
    return shares[place]


def _tables(*counts: int) -> tuple[Counts, Counts]:
    """Two assays crossed, in the first population and in the second."""
    a, b, c, d, e, f, g, h = counts
    return [[a, b], [c, d]], [[e, f], [g, h]]
