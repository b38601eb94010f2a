"""A measured value in two groups: quartiles side by side, their difference and its test."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incohort.dictionary.wording import unit_words
from incohort.results import Cell, Measure, Row
from incohort.shapes import tabular
from incohort.shapes.characteristics import Variable
from incohort.shapes.groups import Group
from incohort.shapes.sets import Members
from incohort.shapes.telling import Draft
from incohort.stats.location import mann_whitney


@dataclass(frozen=True, kw_only=True)
class ValuesByGroup:
    """Values in two groups, by their medians and ranks.

    Args:
        draft: Takes the results.
        name: Begins the keys.
        groups: The two; the difference is the first minus the second.
        whole: Both together.
        group_sources: The columns of the data that make the groups.
    """

    draft: Draft
    name: str
    groups: tuple[Group, Group]
    whole: Members
    group_sources: tuple[str, ...] = ()

    def row(self, variable: Variable) -> Row:
        """Medians in each group, the shift between them, and whether it may be chance."""
        self.draft.sources = (*variable.sources, *self.group_sources)
        label, tail = variable.label, f"{self.name}/{variable.name}"
        first, second = self.groups
        axis = first.members.base.recorded(variable.column)
        known = [group.members.known(axis) for group in self.groups]
        whole = self.whole.known(axis)
        a, b = (members.frame[variable.column].to_numpy(dtype=float) for members in known)
        answer = mann_whitney(a, b, conf_level=self.draft.scope.conf_level)
        cells = [cell for group in self.groups for cell in self._of_group(variable, group, axis)]
        shift = self.draft.statistic_in(
            f"{tail}/difference", f"{label}: {first.name} minus {second.name}",
            Measure.DIFFERENCE, answer, known, of=whole, unit=variable.unit,
        )  # fmt: skip
        test = self.draft.test_in(
            f"{tail}/mann_whitney_p_value", f"{label}: P", answer, known, of=whole
        )
        cells += tabular.cells(("estimate_ci", "p_value"), (shift, test))
        return tabular.row(f"{label}, {unit_words(variable.unit)}", *cells)

    def _of_group(self, variable: Variable, group: Group, axis: str) -> Sequence[Cell]:
        """How many have a value, and its quartiles."""
        tail = f"{self.name}/{variable.name}/{group.name}"
        keys = self.draft.quartiles_in(
            tail, f"{variable.label}, {group.label}", variable.column, group.members,
            unit=variable.unit, quantity=variable.name,
        )  # fmt: skip
        label = f"{variable.label}, {group.name}: patients"
        n = self.draft.count_in(f"{tail}/n/count", label, group.members.known(axis))
        return tabular.cell("count", n), tabular.cell("median_iqr", *keys)

    def columns(self, *heads: str) -> tuple[str | tuple[str, str], ...]:
        """The heads over the cells of a row, the groups' as given."""
        of_groups = [(what, head) for head in heads for what in ("n", "Median (IQR)")]
        return (*of_groups, f"Difference ({self.draft.scope.level} CI)", "P")
