"""Counts and shares of patients or samples; the gate is told how many persons stand behind them."""

from __future__ import annotations

import numpy as np

from incohort.analyses.assay_yield.question import TESTS, Flags, Question, any_of
from incohort.results import Measure
from incohort.shapes.making import Made
from incohort.stats import NoEstimate
from incohort.stats.proportions import proportion


class Tally(Made):
    """Results of one question in the making, counted from rows of `question.units`."""

    def of(self, tail: str, label: str, rows: Flags, among: Flags, question: Question) -> str:
        """How many of some rows are in a group, as a count."""
        hit, rest = rows & among, among & ~rows
        if question.design.unit == "patient":
            return self.count(tail, label, int(hit.sum()), n=int(among.sum()))
        return self.estimate(
            tail,
            label,
            Measure.COUNT,
            float(hit.sum()),
            n=int(among.sum()),
            smallest=_fewest(question, hit, rest),
        )

    def share(
        self,
        tail: str,
        label: str,
        rows: Flags,
        among: Flags,
        question: Question,
        *,
        nobody: str,
    ) -> str:
        """The share of some rows in a group, with its interval."""
        hit, n = rows & among, int(among.sum())
        if question.absent:
            return self.none(tail, label, question.absent)
        if question.design.unit == "patient":
            return self.proportion(tail, label, int(hit.sum()), n, nobody=nobody)
        scope = question.scope
        answer = proportion(int(hit.sum()), n, conf_level=scope.conf_level, method=scope.interval)
        if isinstance(answer, NoEstimate):
            return self.none(tail, label, nobody, n=0)
        fewest = _fewest(question, hit, among & ~rows)
        return self.interval(
            tail, label, Measure.PROPORTION, answer, n=n, events=int(hit.sum()), smallest=fewest
        )


def _fewest(question: Question, hit: Flags, rest: Flags) -> int:
    """The smaller number of patients behind the two parts of a group of samples."""
    return min(question.persons(hit), question.persons(rest))


def tally(question: Question, *more: str) -> Tally:
    """An empty list of results that rest on the antibody tests and these columns."""
    return Tally(scope=question.scope, sources=(*TESTS, *more))


def any_but(flags: Flags, column: int) -> Flags:
    """Whether any other column than this one holds, row by row."""
    return any_of(np.delete(flags, column, axis=1))
