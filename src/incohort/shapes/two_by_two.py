"""Two groups and an outcome: the four cells as sets, and what can be said of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

from incohort.results import Measure
from incohort.results.groups import FromCounts
from incohort.shapes.sets import Members, grid
from incohort.shapes.telling import Draft, number_behind
from incohort.stats import HypothesisTest, Interval, NoEstimate
from incohort.stats.contingency import (
    ChiSquare,
    OddsRatioMethod,
    chi_square,
    fisher_exact,
    odds_ratio,
)
from incohort.stats.proportions import proportion_difference, risk_ratio

_Counts = list[list[int]]


@dataclass(frozen=True, kw_only=True)
class TwoByTwo:
    """What compares two groups in an outcome; everything rests on the four cells.

    Those of whom the outcome is not recorded are in no cell.

    Args:
        draft: Takes the results.
        first: The group that stands first: a ratio above 1 says that the outcome is more frequent
            in it.
        second: The group that it is held against.
        axis: The column of the outcome.
        events: Its categories that count as the outcome.
        whole: Both groups, of whom the outcome is known.
        reason: Why there is no number, where that lies in no patient.
    """

    draft: Draft
    first: Members
    second: Members
    axis: str
    events: tuple[str, ...]
    whole: Members
    reason: str = ""

    @cached_property
    def cells(self) -> tuple[Members, Members, Members, Members]:
        """With and without the outcome, in the first group, then in the second."""
        a, c = (g.known(self.axis).where(self.axis, *self.events) for g in self._groups)
        b, d = (group.but(self.axis, *self.events) for group in self._groups)
        return a, b, c, d

    def difference(self, tail: str, label: str) -> str:
        """The risk in the first group minus that in the second."""
        return self._worked_out(
            tail, label, Measure.DIFFERENCE,
            partial(proportion_difference, conf_level=self._level), unit="proportion",
        )  # fmt: skip

    def risk_ratio(self, tail: str, label: str) -> str:
        """The risk in the first group by that in the second."""
        answer = partial(risk_ratio, conf_level=self._level)
        return self._worked_out(tail, label, Measure.RISK_RATIO, answer)

    def odds_ratio(
        self, tail: str, label: str, method: OddsRatioMethod = "conditional_exact"
    ) -> str:
        """The odds in the first group by those in the second."""

        def answer(a: int, n_1: int, c: int, n_2: int) -> Interval | NoEstimate:
            return odds_ratio(_cells(a, n_1, c, n_2), conf_level=self._level, method=method)

        return self._worked_out(tail, label, Measure.ODDS_RATIO, answer)

    def fisher(self, tail: str, label: str) -> str:
        """The P value of Fisher's exact test."""
        return self._tested(tail, label, lambda *risks: fisher_exact(_cells(*risks)))

    def chi_square(self, tail: str, label: str, *, continuity: bool = False) -> str:
        """The P value of Pearson's test, noting how many expected counts are small.

        With `continuity` it is that with Yates' correction.
        """
        asked = partial(chi_square, continuity=continuity)
        answer = asked(self.counts)
        notes: tuple[str, ...] = ()
        if isinstance(answer, ChiSquare):
            below = answer.n_expected_below_5
            notes = (f"{below} of 4 expected counts below 5" if below else
                     "no expected count below 5",)  # fmt: skip
        return self._tested(tail, label, lambda *risks: asked(_cells(*risks)), notes)

    @property
    def _behind(self) -> tuple[Members, ...]:
        """What everything rests on: the four cells, and how many each group has."""
        return (*self.cells, *(group.known(self.axis) for group in self._groups))

    @property
    def counts(self) -> _Counts:
        """How many are in each cell, a row a group."""
        return grid(self.cells)

    @property
    def _groups(self) -> tuple[Members, Members]:
        return self.first, self.second

    @property
    def _risks(self) -> tuple[int, int, int, int]:
        """How many have the outcome, and of how many, in the first group and in the second."""
        (a, b), (c, d) = self.counts
        return a, a + b, c, c + d

    @property
    def _level(self) -> float:
        return self.draft.scope.conf_level

    def _worked_out(
        self, tail: str, label: str, measure: Measure, answer: Callable[..., Interval | NoEstimate],
        unit: str = "",
    ) -> str:  # fmt: skip
        if self.reason:
            return self.draft.none_in(tail, label, self.reason, self.whole)
        result = answer(*self._risks)
        key = self.draft.statistic_in(
            tail, label, measure, result, self._behind, of=self.whole, unit=unit,
            n=number_behind(result, self.cells),
        )  # fmt: skip
        return self._from_risks(key, answer)

    def _tested(
        self, tail: str, label: str, answer: Callable[..., HypothesisTest | ChiSquare | NoEstimate],
        notes: tuple[str, ...] = (),
    ) -> str:  # fmt: skip
        if self.reason:
            return self.draft.none_in(tail, label, self.reason, self.whole)
        result = answer(*self._risks)
        key = self.draft.test_in(
            tail,
            label,
            result,
            self._behind,
            of=self.whole,
            notes=notes,
            n=number_behind(result, self.cells),
        )
        return self._from_risks(key, answer)

    def _from_risks(self, key: str, answer: Callable[..., object]) -> str:
        def possible(a: int, n_1: int, c: int, n_2: int) -> object:
            is_none = a > n_1 or c > n_2
            return NoEstimate("more than there are") if is_none else answer(a, n_1, c, n_2)

        self.draft.from_counts[key] = FromCounts(counts=self._risks, answer=possible)
        return key


def _cells(a: int, n_1: int, c: int, n_2: int) -> _Counts:
    """The four cells of two risks."""
    return [[a, n_1 - a], [c, n_2 - c]]
