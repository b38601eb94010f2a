"""Antibody assays compared: which to run, in which order, how often, and what a negative says."""

from __future__ import annotations

from incohort.analyses.assay_yield.accuracy import accuracy
from incohort.analyses.assay_yield.asked import AssayDesign
from incohort.analyses.assay_yield.consequences import consequences
from incohort.analyses.assay_yield.design import design
from incohort.analyses.assay_yield.indeterminates import indeterminates
from incohort.analyses.assay_yield.laboratory import laboratory
from incohort.analyses.assay_yield.order import order
from incohort.analyses.assay_yield.pairs import pairs
from incohort.analyses.assay_yield.question import Question
from incohort.analyses.assay_yield.readings import readings
from incohort.analyses.assay_yield.repeated import repeats
from incohort.analyses.assay_yield.yields import yields
from incohort.analyses.population import Selection
from incohort.cohort import Cohort
from incohort.results import Findings
from incohort.stats.proportions import ProportionMethod

__all__ = ["AssayDesign", "AssayYield"]


class AssayYield:
    """A laboratory's questions about its assays, asked of one cohort.

    Args:
        cohort: From `open_cohort`.
        selection: Who is described; everybody where not given.
        asked: Which assays, what they are held against, and how their results are joined.
        conf_level: Of every interval, in (0, 1).
        interval: Method of every proportion's interval.

    Raises:
        UsageError: An assay or a cause is not in the dictionary, or the costs can't be read.

    Source: STARD 2015; tests/spec/test_assay_yield.py.
    """

    def __init__(
        self,
        cohort: Cohort,
        selection: Selection | None = None,
        asked: AssayDesign | None = None,
        *,
        conf_level: float = 0.95,
        interval: ProportionMethod = "wilson",
    ) -> None:
        """Keep the question; rows are read when the first answer is asked for."""
        self._question = Question(
            cohort, selection or Selection(), asked or AssayDesign(), conf_level, interval
        )

    def design(self) -> Findings:
        """The flow of patients through the tests, and what became of each assay's results."""
        return design(self._question)

    def yields(self) -> Findings:
        """What each assay found, how the assays overlap, and what a negative misses."""
        return yields(self._question)

    def pairs(self) -> Findings:
        """Cross tabulations of every two assays, their comparison and their agreement."""
        return pairs(self._question)

    def order(self) -> Findings:
        """What each assay adds to those before it, and which assays would do."""
        return order(self._question)

    def repeats(self) -> Findings:
        """What each repeat of the index assay found in patients still negative."""
        return repeats(self._question)

    def accuracy(self) -> Findings:
        """Accuracy of each assay against the reference, and by latent classes without one."""
        return accuracy(self._question)

    def readings(self) -> Findings:
        """ROC curves, cut-offs at the wanted specificity, and two methods on the same samples."""
        return readings(self._question)

    def indeterminates(self) -> Findings:
        """The shares and comparisons under each way to count indeterminate results."""
        return indeterminates(self._question)

    def consequences(self) -> Findings:
        """Antigens named, what each assay can see, and events by antibody status."""
        return consequences(self._question)

    def answer(self) -> Findings:
        """A few sentences for the laboratory, the items of STARD 2015, and the evidence table."""
        return laboratory(self._question)
