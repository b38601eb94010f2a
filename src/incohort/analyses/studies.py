"""Where a study is registered: here, and nowhere else.

A study is a folder of this room with its model in `parameters.py` and what it answers in
`study.py`; a small one is a single module with both. Its name begins its keys, and is what a
notebook calls: `ic.anc_recovery(…)`.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from importlib.util import find_spec
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
        "late_onset": ("LateOnsetParameters", "LateOnset"),
        "checkpoint": ("CheckpointParameters", "Checkpoint"),
        "lgl": ("LglParameters", "Lgl"),
        "autoimmune": ("AutoimmuneParameters", "AutoimmuneDisease"),
    }
)


@cache
def model_of(study: str) -> type[Parameters]:
    """A study's parameters; of a folder none of its analyses is imported."""
    home = import_module(home_of(study, "parameters"))
    model: type[Parameters] = getattr(home, STUDIES[study][0])
    return model


def needs_of(notebook: str) -> tuple[str, ...]:
    """The tables without which a cohort has little to say to a notebook; none of a reader's own."""
    models = map(model_of, STUDIES)
    return next((model.needs for model in models if model.notebook == notebook), ())


def class_of(study: str) -> Any:
    """What answers a study's questions."""
    return getattr(import_module(home_of(study)), STUDIES[study][1])


def home_of(study: str, part: str = "study") -> str:
    """The module that has a part of a study: in its folder, or its one module."""
    home = f"{__package__}.{study}"
    spec = find_spec(home)
    is_folder = spec is not None and spec.submodule_search_locations is not None
    return f"{home}.{part}" if is_folder else home
