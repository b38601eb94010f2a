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

    from incohort.analyses.own import columns
    from incohort.cohort import Cohort
    from incohort.jupyter.exporting import export
    from incohort.jupyter.given import parameters
    from incohort.jupyter.judging import judge
    from incohort.jupyter.opening import episodes, open_cohort, patients
    from incohort.results import Findings

__all__ = [
    "Cohort",
    "Findings",
    "columns",
    "episodes",
    "export",
    "judge",
    "open_cohort",
    "parameters",
    "patients",
]

_HOMES = {
    "Cohort": "incohort.cohort",
    "Findings": "incohort.results",
    "columns": "incohort.analyses.own",
    "episodes": "incohort.jupyter.opening",
    "export": "incohort.jupyter.exporting",
    "judge": "incohort.jupyter.judging",
    "open_cohort": "incohort.jupyter.opening",
    "parameters": "incohort.jupyter.given",
    "patients": "incohort.jupyter.opening",
}
# Until version 0.1 a notebook packed its parameters into these.
_GONE = {
    *("AncRecovery", "AssayDesign", "AssayYield", "Choices", "CohortOverview", "Design"),
    *("EvidenceDesign", "GcsfEvidence", "RecoveryChoices", "RecoveryDesign", "Selection"),
    "ThyroidAntibodies",
}


def __getattr__(name: str) -> Any:
    """A public name, from the room that it lives in."""
    if name == "__version__":
        from importlib.metadata import version  # noqa: PLC0415 — reads files; seldom asked for

        return version("incohort")
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    if not name.startswith("_") and name in _studies():
        return import_module("incohort.jupyter.asking").asker(name)
    msg = f"module 'incohort' has no attribute {name!r}"
    if name in _GONE:
        msg += (
            "; since version 0.2 a study is asked by one call, as in "
            "ic.anc_recovery(ic.parameters()). See docs/migration.md"
        )
    raise AttributeError(msg)


def _studies() -> tuple[str, ...]:
    """The names of the studies, each of which is a function here."""
    return tuple(import_module("incohort.analyses.studies").STUDIES)


def __dir__() -> list[str]:
    """The public names, for completion in a notebook."""
    return [*__all__, *_studies(), "__version__"]


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
