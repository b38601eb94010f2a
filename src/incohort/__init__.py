"""incohort: research cohorts of immune neutropenia.

`import incohort as ic` is all that a notebook says. The names below are imported when they are
first used, so the import itself costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module

TYPE_CHECKING = False  # as type checkers take it; importing `typing` costs half of the import
if TYPE_CHECKING:
    from typing import Any

    from incohort.analyses.anc_recovery import AncRecovery, RecoveryDesign
    from incohort.analyses.assay_yield import AssayDesign, AssayYield
    from incohort.analyses.gcsf_evidence import EvidenceDesign, GcsfEvidence
    from incohort.analyses.overview import CohortOverview
    from incohort.analyses.population import Selection
    from incohort.analyses.thyroid_antibodies import Design, ThyroidAntibodies
    from incohort.cohort import Choices, Cohort, RecoveryChoices
    from incohort.jupyter.opening import open_cohort
    from incohort.results import Findings

__all__ = [
    "AncRecovery",
    "AssayDesign",
    "AssayYield",
    "Choices",
    "Cohort",
    "CohortOverview",
    "Design",
    "EvidenceDesign",
    "Findings",
    "GcsfEvidence",
    "RecoveryChoices",
    "RecoveryDesign",
    "Selection",
    "ThyroidAntibodies",
    "open_cohort",
]

_HOMES = {
    "AncRecovery": "incohort.analyses.anc_recovery",
    "AssayDesign": "incohort.analyses.assay_yield",
    "AssayYield": "incohort.analyses.assay_yield",
    "Choices": "incohort.cohort",
    "Cohort": "incohort.cohort",
    "CohortOverview": "incohort.analyses.overview",
    "Design": "incohort.analyses.thyroid_antibodies",
    "EvidenceDesign": "incohort.analyses.gcsf_evidence",
    "Findings": "incohort.results",
    "GcsfEvidence": "incohort.analyses.gcsf_evidence",
    "RecoveryChoices": "incohort.cohort",
    "RecoveryDesign": "incohort.analyses.anc_recovery",
    "Selection": "incohort.analyses.population",
    "ThyroidAntibodies": "incohort.analyses.thyroid_antibodies",
    "open_cohort": "incohort.jupyter.opening",
}


def __getattr__(name: str) -> Any:
    """A public name, from the room that it lives in."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 — reads files; seldom asked for

        return version("incohort")
    if name not in _HOMES:
        msg = f"module 'incohort' has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    """The public names, for completion in a notebook."""
    return [*__all__, "__version__"]


def load_ipython_extension(shell: Any) -> None:
    """Let findings show themselves in this shell: what `%load_ext incohort` calls."""
    import_module("incohort.jupyter.display").register(shell)


def _register_where_interactive() -> None:
    """In a notebook, importing incohort is enough; elsewhere it costs nothing."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        load_ipython_extension(shell)


_register_where_interactive()
