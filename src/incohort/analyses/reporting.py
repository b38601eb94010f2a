"""The reporting guidelines that a study's report fills, as far as a run can."""

from __future__ import annotations

from typing import Any

from incohort.results import Findings
from incohort.shapes import checklist


def reporting(question: Any) -> Findings:
    """Each item of the guidelines, where this report answers it, and what is the authors' to do."""
    return checklist.reporting(question.scope)
