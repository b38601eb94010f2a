"""How many recover and how many die first: cumulative incidence by Aalen and Johansen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incohort.results import Layout, Row, Table, clauses
from incohort.shapes.clock import COMPETING, TimesDraft
from incohort.shapes.groups import Group
from incohort.shapes.tabular import cell, cells, row, table
from incohort.shapes.times import DIED, RECOVERED, times_of
from incohort.stats import NoEstimate
from incohort.stats.competing import AalenJohansen, aalen_johansen, gray_test

CAUSES = (("recovered", "Recovered", RECOVERED), ("died", "Died before recovery", DIED))
_OF_DEATH = (
    "A difference between groups in the incidence of recovery can come from death alone: who dies "
    "can't recover."
)


@dataclass(frozen=True, kw_only=True)
class Incidence:
    """The share who recovered and who died first, each competing with the other, by day.

    Args:
        draft: Takes the results.
        name: Begins the keys.
        groups: Everybody, then the groups that are compared.
        group_sources: The columns of the data that make the groups.
    """

    draft: TimesDraft
    name: str
    groups: Sequence[Group]
    group_sources: tuple[str, ...] = ()

    def layout(self) -> Layout:
        """The shares by day of all, the curves of all and of each group, and the tests."""
        both, by_day = self.curves(), self.by_day()
        self.draft.sources = tuple(dict.fromkeys((*self.draft.sources, *self.group_sources)))
        each = self.curves_of_groups()
        return Layout(
            tables=(by_day, *self.tests(self.groups[1:])),
            figures=(
                *self.draft.curves_drawn(
                    self.name, "Cumulative incidence of recovery and of death before it",
                    self._said(), both, "Cumulative incidence",
                ),
                *self.draft.curves_drawn(
                    f"{self.name}/groups", "Cumulative incidence of recovery, by group",
                    f"Share recovered by group: {self._differ()}.", each, "Recovered",
                ),
            ),
            cautions=(_OF_DEATH,),
        )  # fmt: skip

    def _said(self) -> str:
        """The shares by each day, as a template."""
        key, head = self.draft.scope.key, f"{self.name}/{self.groups[0].name}"
        said = []
        for day in sorted(self.draft.days):
            recovered, died = (
                key(f"{head}/{name}/by_day_{day}/proportion") for name, _, _ in CAUSES
            )
            said.append(
                f"by day {day} {{{recovered}:percent_ci}} had recovered and {{{died}:percent_ci}} "
                "had died before"
            )
        return f"Of all, {clauses(*said)}."

    def _differ(self) -> str:
        """Whether the groups differ in recovery, as a template; their names where none asks."""
        labels = ", ".join(group.label for group in self.groups[1:])
        if len(self.groups) < 3:
            return labels
        key = self.draft.scope.key(f"{self.name}/{CAUSES[0][0]}/gray_p_value")
        return f"{labels}; Gray's test of a difference, P {{{key}:p_value}}"

    def estimate(self, group: Group) -> AalenJohansen | NoEstimate:
        """Aalen and Johansen's curves of a group."""
        times = times_of(group.members.frame)
        return aalen_johansen(times.time, times.cause, conf_level=self.draft.scope.conf_level)

    def curves(self) -> list[str]:
        """The keys of the curves of all, of recovery and of death."""
        return [self._curve(self.groups[0], *cause) for cause in CAUSES]

    def curves_of_groups(self) -> list[str]:
        """The keys of each group's curve of recovery."""
        name, _, cause = CAUSES[0]
        return [self._curve(group, name, group.label, cause) for group in self.groups[1:]]

    def _curve(self, group: Group, name: str, label: str, cause: int) -> str:
        tail, answer = f"{self.name}/{group.name}/{name}/curve", self.estimate(group)
        return self.draft.incidence_in(tail, label, cause, answer, group.members)

    def by_day(self) -> Table:
        """The share of all who recovered, and who died, by each day."""
        whole, draft = self.groups[0], self.draft
        answer = self.estimate(whole)
        rows = []
        for day in sorted(draft.days):
            keys = [
                draft.share_by(
                    f"{self.name}/{whole.name}/{name}/by_day_{day}/proportion",
                    f"{label} by day {day}", answer, day, whole.members, cause,
                )
                for name, label, cause in CAUSES
            ]  # fmt: skip
            rows.append(row(f"Day {day}", *cells(("percent_ci", "percent_ci"), keys)))
        return table(
            draft.scope, self.name, "Recovered and died by a day, each competing with the other",
            draft.clock.days, [f"{label} ({draft.scope.level} CI)" for _, label, _ in CAUSES], rows,
            "Aalen and Johansen's estimate, of all who are analysed, those among them whose "
            "neutropenia began only later. Where anybody died it lies below one minus Kaplan and "
            "Meier's curve, which would have the dead recover.",
        )  # fmt: skip

    def tests(self, compared: Sequence[Group]) -> tuple[Table, ...]:
        """Whether the groups differ in either, by Gray's test; none where there are no two."""
        if len(compared) < 2:
            return ()
        labels = "; ".join(group.label for group in compared)
        rows = [self._test(compared, *cause) for cause in CAUSES]
        return (
            table(
                self.draft.scope, f"{self.name}/tests", "Do the groups differ?",
                "Cumulative incidence", ("P (Gray's test)",), rows, f"Groups: {labels}.",
            ),
        )  # fmt: skip

    def _test(self, compared: Sequence[Group], name: str, label: str, cause: int) -> Row:
        key = self.draft.difference_in(
            f"{self.name}/{name}/gray_p_value", f"{label}, by group: P (Gray)",
            [group.members for group in compared],
            lambda times, which: gray_test(
                times.time, times.cause, which, cause_of_interest=cause
            ),
            name, ends=COMPETING,
        )  # fmt: skip
        return row(label, cell("p_value", key))
