"""What a model says of each covariate: a ratio with its interval, and its P value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incohort.results import Figure, Measure, Row
from incohort.shapes import tabular
from incohort.shapes.making import part_of
from incohort.shapes.sets import Members
from incohort.shapes.telling import Draft
from incohort.stats import HypothesisTest, Interval, NoEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One term of a fitted model: its ratio with interval, and P where the model tests it."""

    interval: Interval
    p_value: float | None = None

    @property
    def test(self) -> HypothesisTest | NoEstimate:
        """Its test."""
        if self.p_value is None:
            return NoEstimate("this model has no test of it")
        method = self.interval.method
        return HypothesisTest(statistic=None, p_value=self.p_value, df=None, method=method)


@dataclass(frozen=True, kw_only=True)
class Ratios:
    """The ratios of one model under their keys: `name/covariate/kind` and `name/covariate/p_value`.

    Args:
        draft: Takes the results.
        name: Begins the keys.
        kind: What a ratio is, as its key ends: `odds_ratio`.
        measure: The same as a measure.
        of: Whom the model is of.
        n: How many patients they are.
        residual_df: What it leaves.
    """

    draft: Draft
    name: str
    kind: str
    measure: Measure
    of: Members
    n: int | None = None
    residual_df: int | None = None

    def row(
        self, covariate: str, label: str, answer: Ratio | NoEstimate, sets: Sequence[Members]
    ) -> Row:
        """The ratio of a covariate and its P value, or why there is none.

        Args:
            covariate: Its name in keys.
            label: As it is printed.
            answer: What the model found.
            sets: From whose numbers the ratio can be worked out: with and without the outcome.
        """
        no_model = isinstance(answer, NoEstimate)
        n, residual_df = (None, None) if no_model else (self.n, self.residual_df)
        ratio = self.draft.statistic_in(
            f"{self.name}/{covariate}/{self.kind}", label, self.measure,
            part_of(answer, "interval"), sets, of=self.of, n=n, residual_df=residual_df,
        )  # fmt: skip
        p_value = self.draft.test_in(
            f"{self.name}/{covariate}/p_value", f"{label}: P", part_of(answer, "test"), sets,
            of=self.of, n=n, residual_df=residual_df,
        )  # fmt: skip
        return _row(label, ratio, p_value)

    def left_out(self, covariate: str, label: str, reason: str) -> Row:
        """The row of a covariate that is in no model, for a reason that lies in no patient."""
        ratio, p_value = (
            self.draft.none_in(f"{self.name}/{covariate}/{tail}", text, reason, self.of)
            for tail, text in ((self.kind, label), ("p_value", f"{label}: P"))
        )
        return _row(label, ratio, p_value)

    def forest(self, rows: Sequence[Row], caption: str, alt: str, outcome: str) -> Figure:
        """The ratios of some rows as a forest; `alt` begins what it says of an outcome."""
        keys = tuple(row.cells[0].keys[0] for row in rows)
        said = tabular.phrases({self.draft.results[k].label: k for k in keys}, "estimate_ci")
        scope = self.draft.scope
        return tabular.forest(
            scope, self.name, caption, f"{alt} of {outcome}: {said}.", {alt: keys},
            f"{alt[:-1]} of {outcome}", is_ratio=True,
            low_means=f"{outcome} rarer", high_means=f"{outcome} more frequent",
        )  # fmt: skip


def _row(label: str, ratio: str, p_value: str) -> Row:
    return tabular.row(label, *tabular.cells(("estimate_ci", "p_value"), (ratio, p_value)))
