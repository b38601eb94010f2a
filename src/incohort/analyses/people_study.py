"""A study of a cohort's patients that asks them what a reader's own notebook asks."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TypeVar

from incohort.analyses.cohort_overview.parameters import OverviewParameters
from incohort.analyses.own.patients import Patients, patients
from incohort.analyses.study import Study
from incohort.params.model import Parameters

_P = TypeVar("_P", bound=Parameters)


class PeopleStudy(Study[_P]):
    """A study whose answers are shapes, asked of the patients that its parameters describe."""

    @cached_property
    def people(self) -> Patients:
        """The patients described, under the study's keys."""
        shared = self.asked.shared_with(OverviewParameters)
        choices = {name: value for name, value in shared.items() if name != "cohort"}
        described = patients(self._cohort, **choices)
        return replace(described, prefix=self.asked.study, asked=self.asked.asked)
