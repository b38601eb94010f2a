"""How fast something happens: events in the time that groups of episodes were observed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
import pandas as pd

from incohort.results import Cell, Layout, Measure, Row, Series, Table, clauses
from incohort.shapes.clock import TimesDraft
from incohort.shapes.episodes import ended
from incohort.shapes.groups import Group
from incohort.shapes.making import Details
from incohort.shapes.sets import Members
from incohort.shapes.tabular import BLANK, cell, forest, row, table
from incohort.shapes.times import RECOVERED, times_of
from incohort.stats import Interval, NoEstimate
from incohort.stats.rates import poisson_rate, rate_ratio, rate_test

PER = 100  # days
_UNIT = f"per {PER} days"
_STARTS = ("onset_on", "time_zero")
_ENDS = "recovery, death or the last count ends observation"
# With its interval a rate gives the exact count behind it back, as a rounded share can't.
_FOR_THE_STUDY_TEAM = "with its interval it would give an exact count back"
_CONSTANT = (
    "A rate takes each day to be as likely to bring recovery as any other; where the curves bend, "
    "it is a mean over days that differ."
)
_INDEPENDENT = "Intervals take episodes of one patient to be as independent as those of two."


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Recoveries per 100 days at risk in groups of timed episodes, and each against the first.

    Of a restricted cohort counts are told, and rates are for the study team.

    Args:
        draft: Takes the results.
        name: Begins the keys.
        groups: Everybody, then the groups that are compared.
        is_open: Whether rates may be told.
    """

    draft: TimesDraft
    name: str
    groups: Sequence[Group]
    is_open: bool

    def layout(self) -> Layout:
        """A row for each group, and a forest plot of the rates."""
        rows = [self.row(group) for group in self.groups]
        keys = [self.draft.scope.key(self._tail(group, "rate")) for group in self.groups]
        said = (
            f"{group.label} {{{key}:estimate_ci}}"
            for group, key in zip(self.groups, keys, strict=True)
        )
        whole, *others = keys
        series = [Series("Groups", tuple(others))] if others else []
        series.append(Series("Together", (whole,), is_summary=bool(others)))
        figure = forest(
            self.draft.scope, self.name, f"Recoveries {_UNIT}",
            f"Recoveries {_UNIT}: {clauses(*said)}.", series, f"Recoveries {_UNIT}",
        )  # fmt: skip
        return Layout(
            tables=(self._table(rows),),
            figures=(figure,) if self.is_open else (),
            cautions=(_CONSTANT, *self._of_repeats()) if self.is_open else (),
        )

    def _of_repeats(self) -> tuple[str, ...]:
        members = self.groups[0].members
        return (_INDEPENDENT,) if members.n_persons < len(members) else ()

    def row(self, group: Group) -> Row:
        """How many, how many of them recovered, in how many days, how fast, and against whom."""
        draft, members = self.draft, group.members
        recovered = ended(members, "recovered")
        label, n, events = group.label, "n/count", "recovered/count"
        keys = [
            draft.count_in(self._tail(group, n), f"{label}: episodes", members),
            draft.count_in(self._tail(group, events), f"{label}: recovered", recovered, members),
        ]
        days, rate = self._days(group), self._rate(group)
        compared = self._compared(group)
        cells = [*(cell("count", key) for key in keys), cell("estimate", days)]
        cells += [cell("estimate_ci", rate), *compared]
        return row(group.label, *cells, level=int(group is not self.groups[0]))

    def _days(self, group: Group) -> str:
        answer = self._reason(group.members) or self._events(group.members)[1]
        return self._number(
            group, ("days", "days at risk"), Measure.STATISTIC, answer, (group.members,), unit="d"
        )

    def _rate(self, group: Group) -> str:
        members, level = group.members, self.draft.scope.conf_level
        answer = self._reason(members) or _per(
            poisson_rate(*self._events(members), conf_level=level)
        )
        sets = (members, ended(members, "recovered"))
        return self._number(
            group, ("rate", f"recoveries {_UNIT}"), Measure.RATE, answer, sets, unit=_UNIT,
            n=members.n_persons,
        )  # fmt: skip

    def _compared(self, group: Group) -> tuple[Cell, ...]:
        """The ratio to the first of the groups, and the test; blank in that row and in all's."""
        compared = self.groups[1:]
        if len(compared) < 2:
            return ()
        if group is self.groups[0] or group is compared[0]:
            return BLANK, BLANK
        first, draft = compared[0], self.draft
        both = (group.members, first.members)
        sets = (*both, *(ended(members, "recovered") for members in both))
        counts = (*self._events(both[0]), *self._events(both[1]))
        reason = next(filter(None, map(self._reason, both)), None)
        ratio = reason or rate_ratio(*counts, conf_level=draft.scope.conf_level)
        label = f"rate against {first.label}"
        n = sum(members.n_persons for members in both)
        key = self._number(group, ("rate_ratio", label), Measure.RATE_RATIO, ratio, sets, n=n)
        p_value = draft.test_in(
            self._tail(group, "rate_p_value"), f"{group.label}: {label}, P",
            reason or rate_test(*counts), sets, n=n,
        )  # fmt: skip
        return cell("estimate_ci", key), cell("p_value", p_value)

    def _number(
        self, group: Group, what: tuple[str, str], measure: Measure,
        answer: float | Interval | NoEstimate, sets: Sequence[Members], **details: Unpack[Details],
    ) -> str:  # fmt: skip
        """A number of a group; `what` is its name in keys and its label."""
        name, label = what
        self.draft.ends = _ENDS
        key = self.draft.statistic_in(
            self._tail(group, name), f"{group.label}: {label}", measure, answer, sets, **details
        )
        self.draft.ends = ""
        return key

    def _reason(self, members: Members) -> NoEstimate | None:
        """Why no rate is told of a set."""
        if not self.is_open:
            return NoEstimate(_FOR_THE_STUDY_TEAM)
        reason = self.draft.reason(members)
        return NoEstimate(reason) if reason else None

    @staticmethod
    def _events(members: Members) -> tuple[int, float]:
        """How many recovered, and on how many days anybody could have."""
        frame = members.frame
        times, starts = times_of(frame), [pd.to_datetime(frame[name]) for name in _STARTS]
        before = (starts[0] - starts[1]).dt.days.clip(lower=0).to_numpy(dtype=np.float64)
        at_risk = np.maximum(times.time - before, 0)
        return int((times.cause == RECOVERED).sum()), float(at_risk.sum())

    def _tail(self, group: Group, name: str) -> str:
        return f"{self.name}/{group.name}/{name}"

    def _table(self, rows: Sequence[Row]) -> Table:
        draft, level = self.draft, self.draft.scope.level
        compared = self.groups[1:]
        heads = ["Episodes", "Recovered", "Days at risk", f"Recoveries {_UNIT} ({level} CI)"]
        if len(compared) > 1:
            heads += [f"Ratio to {compared[0].label} ({level} CI)", "P"]
        return table(
            draft.scope, self.name,
            f"How fast neutrophils reach {draft.clock.threshold}, from {draft.clock.zero}", "Who",
            heads, rows,
            "Exact intervals of Poisson rates; a ratio's takes the events of both groups as given.",
            "Days at risk begin with the first low count where that comes after time zero: before "
            "it nobody can recover.",
            "" if self.is_open else "Rates of a restricted cohort are for the study team.",
        )  # fmt: skip


def _per(answer: Interval | NoEstimate) -> Interval | NoEstimate:
    """A rate per day as one per `PER` days."""
    if isinstance(answer, NoEstimate):
        return answer
    return Interval(
        estimate=PER * answer.estimate, ci_low=PER * answer.ci_low, ci_high=PER * answer.ci_high,
        conf_level=answer.conf_level, method=answer.method,
    )  # fmt: skip
