"""G-CSF and the time to recovery: published comparisons and the reader's cohort side by side."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

from incohort.analyses.gcsf_evidence.benchmark import benchmark
from incohort.analyses.gcsf_evidence.beside import answer, beside
from incohort.analyses.gcsf_evidence.own import own
from incohort.analyses.gcsf_evidence.parameters import EvidenceParameters
from incohort.analyses.gcsf_evidence.pooled import pooled
from incohort.analyses.gcsf_evidence.published import published
from incohort.analyses.gcsf_evidence.question import Question
from incohort.analyses.gcsf_evidence.series import series
from incohort.analyses.study import Study
from incohort.results import Findings

_Part = Callable[[Question], Findings]
_TOLD_AGAIN: tuple[_Part, ...] = (pooled, benchmark, own)


class GcsfEvidence(Study[EvidenceParameters]):
    """What the published comparisons say of G-CSF, and what one cohort looks like beside them.

    What rests on publications alone is open whatever the cohort; what rests on its patients
    passes the disclosure gate.

    Source: tests/spec/test_gcsf_evidence.py.
    """

    parameters = EvidenceParameters

    @cached_property
    def _question(self) -> Question:
        return Question(self._cohort, self.asked)

    def published(self) -> Findings:
        """Every published comparison, as printed, with its difference where one can be made."""
        return self._of(published)

    def pooled(self) -> Findings:
        """The pooled difference by three methods, heterogeneity, prediction, leave-one-out."""
        return self._of(pooled)

    def benchmark(self) -> Findings:
        """The published meta-analysis, and what is odd in its figures."""
        return self._of(benchmark)

    def series(self) -> Findings:
        """Other series as printed; late onset after rituximab apart."""
        return self._of(series)

    def cohort(self) -> Findings:
        """Days to recovery in this cohort with and without G-CSF."""
        return self._of(own)

    def beside(self) -> Findings:
        """The cohort as a further row of the forest plot."""
        return beside(self._question, self._parts(*_TOLD_AGAIN))

    def answer(self) -> Findings:
        """The answer in sentences."""
        return answer(self._question, self._parts(*_TOLD_AGAIN))
