"""What is asked of the thyroid study: the sets of patients that its clinical choices lead to."""

from __future__ import annotations

from incohort.analyses.asking import Asking
from incohort.analyses.thyroid_antibodies.parameters import ThyroidParameters
from incohort.shapes import vocabulary
from incohort.shapes.characteristics import Variable, flagged, result_of
from incohort.shapes.groups import sources_of
from incohort.shapes.people import (
    DIAGNOSED,
    INFECTED,
    SUBTYPE,
    THYROID_DISEASE,
    assay_column,
    words_of,
)
from incohort.shapes.recorded import first_reason, no_table
from incohort.shapes.sets import Members
from incohort.shapes.telling import Draft, telling

SUBTYPES = ("hashimoto", "graves", "ttm", "ntmg", "an_shp")
TESTED = ("positive", "negative")
TESTS = sources_of(assay_column("gift"))  # the columns that say who is positive


class Question(Asking[ThyroidParameters]):
    """One cohort, one design: the sets of patients that every answer is counted from."""

    def telling(self, *sources: str) -> Draft:
        """Results in the making, of the columns that say who has thyroid disease, and of these."""
        return telling(self.scope, *self.thyroid_sources, *sources)

    @property
    def by_cause(self) -> bool:
        """Whether thyroid disease is that which was settled on as the cause, and not any."""
        return self.design.thyroid_by == "aetiology"

    @property
    def thyroid_axis(self) -> str:
        """The column that says who has thyroid disease."""
        return "aetiology" if self.by_cause else DIAGNOSED

    @property
    def thyroid_words(self) -> tuple[str, ...]:
        """How that column says so."""
        return words_of(self.thyroid_axis, THYROID_DISEASE)

    @property
    def thyroid(self) -> Members:
        """Patients with thyroid disease."""
        return self.everybody.where(self.thyroid_axis, *self.thyroid_words)

    @property
    def other(self) -> Members:
        """Patients known not to have thyroid disease."""
        return self.everybody.but(self.thyroid_axis, *self.thyroid_words)

    @property
    def assay(self) -> str:
        """The column of the index assay's results."""
        return assay_column(self.design.index_assay)

    @property
    def uses(self) -> tuple[Variable, ...]:
        """Also the index assay's results, and who has recurrent infections."""
        infected = flagged(INFECTED, "Recurrent infections")
        return (result_of(self.design.index_assay), infected)

    @property
    def tested(self) -> Members:
        """Patients with thyroid disease whom the index assay found positive or negative."""
        return self.thyroid.where(self.assay, *TESTED)

    @property
    def with_subtype(self) -> Members:
        """Those of the tested who are in one of the groups that are compared."""
        return self.tested.where(SUBTYPE, *SUBTYPES, *self.design.autoimmune)

    @property
    def unrecorded(self) -> str:
        """Why it is known of nobody whether they have thyroid disease; empty where it is."""
        return self.population.unrecorded.get(self.thyroid_axis, "")

    @property
    def untested(self) -> str:
        """Why nothing is known of antibodies in thyroid disease; empty where something may be."""
        return first_reason(no_table(self.cohort, "antibody_tests"), self.unrecorded)

    @property
    def thyroid_sources(self) -> tuple[str, ...]:
        """The columns of the data that say who has thyroid disease."""
        return sources_of(self.thyroid_axis)

    @property
    def assay_label(self) -> str:
        """The index assay's name."""
        return vocabulary.labels("antibody_tests", "assay")[self.design.index_assay]
