"""What is asked of the thyroid study: every clinical choice, and the patients it leads to."""

from __future__ import annotations

from functools import cached_property

import pandas as pd

from incohort.analyses.thyroid_antibodies.parameters import ThyroidParameters
from incohort.analyses.thyroid_antibodies.printed import PREFIX
from incohort.cohort import Choices, Cohort
from incohort.shapes import vocabulary
from incohort.shapes.making import Scope
from incohort.shapes.population import Population, Selection, select
from incohort.shapes.recorded import first_reason

SUBTYPES = ("hashimoto", "graves", "ttm", "ntmg", "an_shp")
THYROID = "thyroid_disease"
TESTS = ("antibody_tests.result", "antibody_tests.assay")  # the columns that say who is positive


class Question:
    """One cohort, one design: the groups of patients that every answer is counted from."""

    def __init__(self, cohort: Cohort, design: ThyroidParameters) -> None:
        """Keep the question; rows are read when the first answer is asked for."""
        self.cohort = cohort
        self.design = design

    @cached_property
    def population(self) -> Population:
        """Who is described."""
        return select(self.cohort, self.design.part(Choices), self.design.part(Selection))

    @cached_property
    def scope(self) -> Scope:
        """What all numbers share."""
        return Scope(
            cohort=self.cohort,
            prefix=PREFIX,
            conf_level=self.design.conf_level,
            interval=self.design.interval,
            restricted_by=self.population.restricted_by,
            asked=self.design.asked,
        )

    @cached_property
    def everybody(self) -> pd.DataFrame:
        """All patients described, with `is_thyroid`, `is_other` and `status` by the index assay.

        Of whom it is not recorded whether they have thyroid disease is neither.
        """
        frame = self.population.frame.copy()
        if self.design.thyroid_by == "aetiology":
            frame["is_thyroid"] = (frame["aetiology"] == THYROID).astype(bool)
        else:
            frame["is_thyroid"] = frame["has_thyroid_diagnosis"].eq(other=True)
        frame["is_other"] = frame[self._thyroid_column].notna() & ~frame["is_thyroid"]
        frame["status"] = frame[f"assay_{self.design.index_assay}"]
        return frame

    @property
    def _thyroid_column(self) -> str:
        by_cause = self.design.thyroid_by == "aetiology"
        return "aetiology" if by_cause else "has_thyroid_diagnosis"

    @property
    def unrecorded(self) -> str:
        """Why it is known of nobody whether they have thyroid disease; empty where it is."""
        return self.population.unrecorded.get(self._thyroid_column, "")

    @property
    def untested(self) -> str:
        """Why nothing is known of antibodies in thyroid disease; empty where something may be."""
        return first_reason(self.no_table("antibody_tests"), self.unrecorded)

    @property
    def other(self) -> pd.DataFrame:
        """Patients known not to have thyroid disease."""
        return self.everybody[self.everybody["is_other"]]

    @property
    def thyroid(self) -> pd.DataFrame:
        """Patients with thyroid disease."""
        return self.everybody[self.everybody["is_thyroid"]]

    @property
    def tested(self) -> pd.DataFrame:
        """Patients with thyroid disease whom the index assay found positive or negative."""
        return self.thyroid[self.thyroid["status"].isin(["positive", "negative"])]

    @property
    def thyroid_sources(self) -> tuple[str, ...]:
        """The columns that say who has thyroid disease."""
        by_cause = self.design.thyroid_by == "aetiology"
        return ("patients.aetiology",) if by_cause else ("diagnoses.condition",)

    @property
    def assay_label(self) -> str:
        """The index assay's name."""
        return vocabulary.labels("antibody_tests", "assay")[self.design.index_assay]

    @property
    def level(self) -> str:
        """The confidence level as it is printed."""
        return f"{100 * self.design.conf_level:g} %"

    def no_table(self, *tables: str) -> str:
        """Which tables are missing, as a reason; empty where all are there."""
        absent = [table for table in tables if not self.cohort.has(table)]
        if not absent:
            return ""
        noun = "table" if len(absent) == 1 else "tables"
        return f"the cohort has no {noun} {' or '.join(absent)}"
