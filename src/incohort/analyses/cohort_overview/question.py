"""What the overview is asked: the patients described, their grades, and what can't be told."""

from __future__ import annotations

import pandas as pd

from incohort.analyses.asking import Asking
from incohort.analyses.cohort_overview.parameters import OverviewParameters
from incohort.cohort import severity_system
from incohort.dictionary import SeveritySystem
from incohort.shapes import vocabulary
from incohort.shapes.recorded import first_reason, no_table


class Question(Asking[OverviewParameters]):
    """One cohort, one way to grade its counts."""

    @property
    def system(self) -> SeveritySystem:
        """By which grades are given."""
        return severity_system(self.choices)

    @property
    def grades(self) -> dict[str, str]:
        """The grades as they are printed."""
        limit, infants = self.system.upper_limit, self.population.infant_limit
        return vocabulary.severity_labels(self.choices.severity_system, limit, infants)

    @property
    def no_counts(self) -> str:
        """Why no grade can be told of anybody; empty where somebody has a count.

        That a cohort has no such table is no secret; that nobody in a table has a count may be.
        """
        is_told = self.scope.lists_all or self.population.frame["anc"].notna().any()
        return first_reason(
            no_table(self.cohort, "labs"), "" if is_told else "no patient has a neutrophil count"
        )

    def untold(self, values: pd.Series, otherwise: str, absent: str = "") -> str:
        """Why something can be told of nobody described; empty where it can of somebody.

        Of a restricted cohort only what the whole cohort does not record is a reason (`absent`):
        that nobody described happens to be known may be a secret.
        """
        if self.no_counts or not len(values) or not (values == vocabulary.UNKNOWN).all():
            return self.no_counts
        return first_reason(absent, "" if self.scope.lists_all else otherwise)
