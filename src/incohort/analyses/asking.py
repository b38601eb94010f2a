"""What a study of a cohort's patients is asked: whom it describes, and what its numbers share."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from incohort.cohort import Choices, Cohort
from incohort.params.model import Parameters
from incohort.shapes.characteristics import Variable
from incohort.shapes.making import Scope
from incohort.shapes.population import Population, Selection, select
from incohort.shapes.sets import Members

_P = TypeVar("_P", bound=Parameters)


@dataclass(frozen=True, eq=False)
class Asking(Generic[_P]):
    """One cohort, one design; rows are read when the first answer is asked for."""

    cohort: Cohort
    design: _P

    @cached_property
    def choices(self) -> Choices:
        """By whose limits counts are graded, and what else the design defines."""
        return self.design.part(Choices)

    @cached_property
    def population(self) -> Population:
        """Who is described."""
        return select(self.cohort, self.choices, self.design.part(Selection))

    @property
    def uses(self) -> tuple[Variable, ...]:
        """What its numbers rest on besides characteristics and laboratory values."""
        return ()

    @property
    def everybody(self) -> Members:
        """The patients described."""
        return self.population.members

    @cached_property
    def scope(self) -> Scope:
        """What all numbers share."""
        values = self.design.values
        return Scope(
            cohort=self.cohort,
            prefix=self.design.study,
            conf_level=values["conf_level"],
            interval=values["interval"],
            restricted_by=self.population.restricted_by,
            asked=self.design.asked,
        )
