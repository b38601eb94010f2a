"""Antibody assays compared: which to run, in which order, how often, and what a negative says."""

from __future__ import annotations

from functools import cached_property

from incohort.analyses.assay_yield.accuracy import accuracy
from incohort.analyses.assay_yield.consequences import consequences
from incohort.analyses.assay_yield.design import design
from incohort.analyses.assay_yield.indeterminates import indeterminates
from incohort.analyses.assay_yield.laboratory import laboratory
from incohort.analyses.assay_yield.order import order
from incohort.analyses.assay_yield.pairs import pairs
from incohort.analyses.assay_yield.parameters import AssayParameters
from incohort.analyses.assay_yield.question import Question
from incohort.analyses.assay_yield.readings import readings
from incohort.analyses.assay_yield.repeated import repeats
from incohort.analyses.assay_yield.yields import yields
from incohort.analyses.study import Study
from incohort.results import Findings


class AssayYield(Study[AssayParameters]):
    """A laboratory's questions about its assays, asked of one cohort.

    Source: STARD 2015; tests/spec/test_assay_yield.py.
    """

    parameters = AssayParameters

    @cached_property
    def _question(self) -> Question:
        return Question(self._cohort, self.asked)

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
