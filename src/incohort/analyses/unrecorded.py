"""What is not recorded of the patients that a study describes."""

from __future__ import annotations

from typing import Any

from incohort.analyses.asking import Asking
from incohort.results import Findings
from incohort.shapes.characteristics import analyte, described_variables
from incohort.shapes.missing import missing
from incohort.shapes.telling import telling

_OTHERS = ("FT3", "FT4", "TSH", "ANTI_TPO", "ANTI_TG", "CD4", "C3", "C4", "CRP")


def unrecorded(question: Asking[Any]) -> Findings:
    """Of each characteristic, of how many of those described it is recorded, and is not."""
    members, lists_all = question.population.members, question.scope.lists_all
    frame = members.frame
    others = [
        variable
        for variable in map(analyte, _OTHERS)
        if variable.column in frame and (lists_all or frame[variable.column].notna().any())
    ]
    variables = (*described_variables(frame, lists_all=lists_all), *others, *question.uses)
    return missing(telling(question.scope, "patients.patient_id"), members, variables)
