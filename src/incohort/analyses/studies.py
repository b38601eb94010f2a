"""Where a study is registered: here, and nowhere else.

A study is a folder of this room with its model in `parameters.py` and what it answers in
`study.py`. Its name begins its keys, and is what a notebook calls: `ic.anc_recovery(…)`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from types import MappingProxyType
from typing import Any

from incohort.params.model import Parameters

# Study: the model in its `parameters`, and the class in its `study`.
STUDIES = MappingProxyType(
    {
        "cohort_overview": ("OverviewParameters", "CohortOverview"),
        "thyroid_antibodies": ("ThyroidParameters", "ThyroidAntibodies"),
        "assay_yield": ("AssayParameters", "AssayYield"),
        "anc_recovery": ("RecoveryParameters", "AncRecovery"),
        "gcsf_evidence": ("EvidenceParameters", "GcsfEvidence"),
    }
)


@cache
def model_of(study: str) -> type[Parameters]:
    """A study's parameters; none of its analyses is imported."""
    found = import_module(f"{__package__}.{study}.parameters")
    model: type[Parameters] = getattr(found, STUDIES[study][0])
    return model


def class_of(study: str) -> Any:
    """What answers a study's questions."""
    return getattr(import_module(f"{__package__}.{study}.study"), STUDIES[study][1])
