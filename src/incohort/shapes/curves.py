"""Times to recovery by group: Kaplan and Meier's curves, their medians, and whether they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incohort.results import Layout, Row, Table, clauses
from incohort.shapes.clock import TimesDraft
from incohort.shapes.groups import Group
from incohort.shapes.tabular import BLANK, cell, cells, row, table
from incohort.stats.survival import logrank

_COUNTED = ("Episodes", "Recovered", "Died", "Censored")
_NET = (
    "Kaplan and Meier's curve takes a death as the end of observation, as if the dead could still "
    "recover: its median is that which would be if nobody had died."
)


@dataclass(frozen=True, kw_only=True)
class Curves:
    """Curves of those not yet recovered, with those at risk, for groups of timed episodes.

    Args:
        draft: Takes the results.
        name: Begins the keys.
        groups: Everybody, then the groups that are compared.
        horizon: To which day the restricted mean is told; None: it is not.
        is_net: Whether numbers say that they are those if nobody had died, whoever died.
    """

    draft: TimesDraft
    name: str
    groups: Sequence[Group]
    horizon: int | None = None
    is_net: bool = False

    def layout(self) -> Layout:
        """A row and a curve for each group, and the test of their difference."""
        draft, clock = self.draft, self.draft.clock
        rows = [self.row(group) for group in self.groups]
        rows += self.test()
        keys = [self.curve(group) for group in self.groups]
        medians = (draft.scope.key(f"{self.name}/{group.name}/median") for group in self.groups)
        said = clauses(
            *(
                f"{group.label} {{{median}:estimate_ci}}"
                for group, median in zip(self.groups, medians, strict=True)
            )
        )
        return Layout(
            tables=(self.table(rows),),
            figures=draft.curves_drawn(
                self.name, "Not yet recovered, by Kaplan and Meier",
                f"Days by which half have recovered, death ending observation: {said}.", keys,
                "Not yet recovered, %",
            ),
            cautions=(_NET,) if draft.scope.lists_all or clock.has_died else (),
        )  # fmt: skip

    @property
    def _net(self) -> str:
        """Whether death is said to be left out: where somebody died, or may have."""
        is_said = self.is_net or self.draft.scope.lists_all or self.draft.clock.has_died
        return ", if nobody had died" if is_said else ""

    def row(self, group: Group) -> Row:
        """How many took part, what became of them, the median, and the restricted mean."""
        draft, head, members = self.draft, f"{self.name}/{group.name}", group.members
        keys = draft.outcomes_in(head, group.label, members)
        label = f"{group.label}: median days to recovery{self._net}"
        keys.append(draft.median_in(f"{head}/median", label, members))
        if self.horizon is not None:
            label = f"{group.label}: mean days without recovery within {self.horizon} days"
            keys.append(draft.mean_in(f"{head}/rmst", f"{label}{self._net}", members, self.horizon))
        kinds = (*["count"] * 4, *["estimate_ci"] * 2)
        return row(
            group.label, *cells(kinds[: len(keys)], keys), level=int(group is not self.groups[0])
        )

    def curve(self, group: Group) -> str:
        """The key of a group's curve, or of why there is none."""
        tail = f"{self.name}/{group.name}/curve"
        return self.draft.curve_in(
            tail, group.label, self.draft.survival(group.members), group.members
        )

    def test(self, compared: Sequence[Group] | None = None) -> list[Row]:
        """Whether the groups' curves differ, by log-rank.

        Args:
            compared: The groups; where not given, those that somebody is in.
        """
        if compared is None:
            compared = [group for group in self.groups[1:] if len(group.members)]
        if len(compared) < 2:
            return []
        key = self.draft.difference_in(
            f"{self.name}/logrank_p_value", "Curves by group, log-rank P",
            [group.members for group in compared],
            lambda times, which: logrank(times.time, times.event, which),
        )  # fmt: skip
        last = (BLANK,) * (self.horizon is not None)
        blank = (BLANK,) * len(_COUNTED)
        return [row("Groups compared, P (log-rank)", *blank, cell("p_value", key), *last)]

    def table(self, rows: Sequence[Row], *notes: str) -> Table:
        """The rows as a table."""
        level, clock = self.draft.scope.level, self.draft.clock
        mean = () if self.horizon is None else (f"Restricted mean, days ({level} CI)",)
        return table(
            self.draft.scope, self.name,
            f"Time to a count of {clock.threshold} or more, from {clock.zero}{self._net}",
            "Who", (*_COUNTED, f"Median days ({level} CI)", *mean), rows, *notes,
        )  # fmt: skip
