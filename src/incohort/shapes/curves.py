"""Times to recovery by group: Kaplan and Meier's curves, their medians, and whether they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from incohort.results import (
    Cell,
    CellKind,
    Column,
    Curve,
    Figure,
    FigureKind,
    Layout,
    Measure,
    NotEstimable,
    Row,
    Series,
    Table,
    clauses,
)
from incohort.shapes.episodes import ended
from incohort.shapes.groups import OVERALL, Group
from incohort.shapes.telling import Told
from incohort.shapes.times import Times, persons_at, times_of
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.survival import kaplan_meier, logrank

RECOVERY, DEATH, CENSORED = "recovered", "died", "censored"
_LABELS = {RECOVERY: "recovered", DEATH: "died before recovery", CENSORED: "censored"}
_NET = (
    "Kaplan and Meier's curve takes a death as the end of observation, as if the dead could still "
    "recover: its median is that which would be if nobody had died."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """What recovery is and where the days are counted from, in words.

    `threshold` is the count from which a patient has recovered, `zero` where the clock starts,
    `days` the axis. `has_died` says whether anybody died before recovery.
    """

    threshold: str
    zero: str
    days: str
    has_died: bool


@dataclass(frozen=True, kw_only=True)
class Curves:
    """Curves of those not yet recovered, with those at risk, for groups of timed episodes.

    Args:
        told: Takes the results.
        clock: What recovery is and where the days are counted from.
        name: Begins the keys.
        groups: Everybody, then the groups that are compared.
    """

    told: Told
    clock: Clock
    name: str
    groups: Sequence[Group]

    def layout(self) -> Layout:
        """A row and a curve for each group, and the test of their difference."""
        rows = [self._row(group) for group in self.groups]
        rows += self._test()
        keys = [self._curve(group) for group in self.groups]
        drawn = [key for key in keys if not isinstance(self.told.results[key], NotEstimable)]
        return Layout(
            tables=(self._table(rows),),
            figures=(self._figure(drawn),) if drawn else (),
            cautions=(_NET,) if self._net else (),
        )

    @property
    def _net(self) -> str:
        """Whether death is said to be left out: where somebody died, or may have."""
        is_told = self.told.scope.lists_all or self.clock.has_died
        return ", if nobody had died" if is_told else ""

    def _times(self, group: Group) -> Times:
        return times_of(group.members.frame.reset_index(drop=True))

    def _row(self, group: Group) -> Row:
        """How many took part, what became of them, and the median."""
        head = f"{self.name}/{group.name}"
        keys = [self.told.count_in(f"{head}/n/count", f"{group.label}: episodes", group.members)]
        for outcome, label in _LABELS.items():
            members = ended(group.members, outcome)
            text = f"{group.label}: {label}"
            keys.append(self.told.count_in(f"{head}/{outcome}/count", text, members, group.members))
        keys.append(self._median(group))
        kinds = (*[CellKind.COUNT] * 4, CellKind.ESTIMATE_CI)
        cells = tuple(Cell(kind, (key,)) for kind, key in zip(kinds, keys, strict=True))
        return Row(group.label, cells, level=int(group.name != OVERALL))

    def _median(self, group: Group) -> str:
        times = self._times(group)
        answer = kaplan_meier(times.time, times.event, conf_level=self.told.scope.conf_level)
        return self.told.interval_in(
            f"{self.name}/{group.name}/median",
            f"{group.label}: median days to recovery{self._net}",
            Measure.MEDIAN,
            answer if isinstance(answer, NoEstimate) else answer.quantile(0.5),
            group.members,
            rests_on=(ended(group.members, RECOVERY),),
            unit="d",
            quantity=f"{self.clock.days}, median",
        )

    def _curve(self, group: Group) -> str:
        times, tail = self._times(group), f"{self.name}/{group.name}/curve"
        answer = kaplan_meier(times.time, times.event, conf_level=self.told.scope.conf_level)
        if isinstance(answer, NoEstimate):
            return self.told.no_curve_in(tail, group.label, answer.reason, group.members)
        key = self.told.scope.key(tail)
        curve = Curve(
            key=key,
            label=group.label,
            x=tuple(answer.time.tolist()),
            y=tuple(answer.survival.tolist()),
            ci_low=tuple(answer.ci_low.tolist()),
            ci_high=tuple(answer.ci_high.tolist()),
            conf_level=self.told.scope.conf_level,
            x_label=self.clock.days,
            y_label=f"Not yet recovered to {self.clock.threshold}",
            measure="survival",
            n_at_risk=tuple(answer.n_at_risk.tolist()),
            n_events=tuple(answer.n_events.tolist()),
            n_censored=tuple(answer.n_censored.tolist()),
            n_persons=persons_at(times, answer.time),
            n=times.persons(),
            method=answer.method,
            sources=self.told.sources,
            origin=self.told.scope.cohort.origin_of(key, self.told.sources),
        )
        return self.told.drawn_in(curve, group.members, f"{self.clock.days}, curve")

    def _test(self) -> list[Row]:
        """Whether the groups' curves differ, by log-rank, of those groups that somebody is in."""
        compared = [group for group in self.groups if group.name != OVERALL and len(group.members)]
        if len(compared) < 2:
            return []
        each = [self._times(group) for group in compared]
        time, event = (
            np.concatenate([getattr(t, part) for t in each]) for part in ("time", "event")
        )
        which = np.repeat(np.arange(len(each)), [t.n for t in each])
        answer = logrank(time, event, which)
        test: HypothesisTest | NoEstimate = (
            answer
            if isinstance(answer, NoEstimate)
            else HypothesisTest(
                statistic=answer.statistic, p_value=answer.p_value, df=answer.df,
                method=answer.method,
            )
        )  # fmt: skip
        recovered = [ended(group.members, RECOVERY) for group in compared]
        key = self.told.test_in(
            f"{self.name}/logrank_p_value",
            "Curves by group, log-rank P",
            test,
            recovered,
            len(time),
        )
        blank = (Cell(CellKind.TEXT),) * 4
        return [Row("Groups compared, P (log-rank)", (*blank, Cell(CellKind.P_VALUE, (key,))))]

    def _table(self, rows: Sequence[Row]) -> Table:
        level = self.told.scope.level
        return Table(
            key=self.told.scope.key(f"{self.name}/table"),
            caption=f"Time to a count of {self.clock.threshold} or more, from "
            f"{self.clock.zero}{self._net}",
            stub_head="Who",
            columns=(
                Column("Episodes"), Column("Recovered"), Column("Died"), Column("Censored"),
                Column(f"Median days ({level} CI)"),
            ),
            rows=tuple(rows),
        )  # fmt: skip

    def _figure(self, curves: Sequence[str]) -> Figure:
        medians = {
            group.label: self.told.scope.key(f"{self.name}/{group.name}/median")
            for group in self.groups
        }
        said = clauses(
            *(f"{label}: half by day {{{key}:estimate}}" for label, key in medians.items())
        )
        return Figure(
            key=self.told.scope.key(f"{self.name}/figure"),
            kind=FigureKind.CURVES,
            caption="Not yet recovered, by Kaplan and Meier",
            alt=f"Curves of those not yet recovered. {said}.",
            series=tuple(Series(self.told.results[key].label, (key,)) for key in curves),
            x_label=self.clock.days,
            y_label="Not yet recovered, %",
        )
