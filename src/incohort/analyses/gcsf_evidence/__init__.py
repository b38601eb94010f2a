"""G-CSF and the time to recovery: published comparisons and the reader's cohort side by side."""

from __future__ import annotations

from collections.abc import Callable

from incohort.analyses.gcsf_evidence.benchmark import benchmark
from incohort.analyses.gcsf_evidence.beside import answer, beside
from incohort.analyses.gcsf_evidence.own import own
from incohort.analyses.gcsf_evidence.pooled import pooled
from incohort.analyses.gcsf_evidence.published import published
from incohort.analyses.gcsf_evidence.question import EvidenceDesign, Question
from incohort.analyses.gcsf_evidence.series import series
from incohort.analyses.population import Selection
from incohort.cohort import Cohort, RecoveryChoices
from incohort.results import Findings, Result

__all__ = ["EvidenceDesign", "GcsfEvidence"]

_Part = Callable[[Question], Findings]
_TOLD_AGAIN: tuple[_Part, ...] = (pooled, benchmark, own)


class GcsfEvidence:
    """What the published comparisons say of G-CSF, and what one cohort looks like beside them.

    What rests on publications alone is open whatever the cohort; what rests on its patients
    passes the disclosure gate.

    Args:
        cohort: From `open_cohort`.
        choices: Threshold, time zero, and the other choices of the cohort's episodes.
        selection: Who of the cohort is described; everybody where not given.
        design: Which published comparisons are pooled, and how.
        conf_level: Of every interval that is worked out here, in (0, 1).

    Source: tests/spec/test_gcsf_evidence.py.
    """

    def __init__(
        self,
        cohort: Cohort,
        choices: RecoveryChoices | None = None,
        selection: Selection | None = None,
        design: EvidenceDesign | None = None,
        *,
        conf_level: float = 0.95,
    ) -> None:
        """Keep the question; rows are read when the first answer about the cohort is asked for."""
        self._question = Question(
            cohort,
            choices or RecoveryChoices(),
            selection or Selection(),
            design or EvidenceDesign(),
            conf_level,
        )
        self._found: dict[_Part, Findings] = {}

    def _of(self, part: _Part) -> Findings:
        """What one part found; worked out once, since later parts tell it again."""
        if part not in self._found:
            self._found[part] = part(self._question)
        return self._found[part]

    def _results(self) -> dict[str, Result]:
        """What is told again, under its keys."""
        parts = [self._of(part) for part in _TOLD_AGAIN]
        return {key: result for found in parts for key, result in found.by_key.items()}

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
        return beside(self._question, self._results())

    def answer(self) -> Findings:
        """The answer in sentences."""
        return answer(self._question, self._results())
