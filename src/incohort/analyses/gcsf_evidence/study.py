"""G-CSF and the time to recovery: published comparisons and the reader's cohort side by side."""

from __future__ import annotations

from incohort.analyses.gcsf_evidence.benchmark import benchmark
from incohort.analyses.gcsf_evidence.beside import answer, beside
from incohort.analyses.gcsf_evidence.own import in_cohort
from incohort.analyses.gcsf_evidence.parameters import EvidenceParameters
from incohort.analyses.gcsf_evidence.pooled import pooled
from incohort.analyses.gcsf_evidence.published import published
from incohort.analyses.gcsf_evidence.question import Question
from incohort.analyses.gcsf_evidence.series import series
from incohort.analyses.reporting import reporting
from incohort.analyses.study import Study, part

_TOLD_AGAIN = (pooled, benchmark, in_cohort)


class GcsfEvidence(Study[EvidenceParameters]):
    """What the published comparisons say of G-CSF, and what one cohort looks like beside them.

    What rests on publications alone is open whatever the cohort; what rests on its patients
    passes the disclosure gate.

    Source: tests/spec/test_gcsf_evidence.py.
    """

    parameters = EvidenceParameters
    question = Question

    published = part(published)
    pooled = part(pooled)
    benchmark = part(benchmark)
    series = part(series)
    cohort = part(in_cohort)
    beside = part(beside, after=_TOLD_AGAIN)
    reporting = part(reporting)
    answer = part(answer, after=_TOLD_AGAIN)
