"""What a kernel shows once a restricted cohort was opened in it: only what passed the gate.

Frames forget where they come from, so from then on no frame, plot or page of another library is
shown there, nor saved into the notebook. Computing with them is free. It guards against accidents,
not against intent: `print` writes what it is told to.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from incohort.results import Findings

_INSTEAD = (
    "Not shown: this has not passed the disclosure gate. Of a restricted cohort only results are "
    "shown (table_one, shares, flow, a notebook's own); `incohort lab FOLDER --internal` shows all "
    "within the study team."
)
_ROWS = ("pandas.", "polars.", "pyarrow.", "ibis.", "numpy.")
_Formatted = tuple[dict[str, Any], dict[str, Any]]


def guard_here() -> None:
    """Guard the shell that this runs in, where there is one."""
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython else None
    if shell is not None:
        guard(shell)


def guard(shell: Any) -> None:
    """Let this IPython shell show nothing of rows any more; once is enough."""
    formatter = shell.display_formatter
    if getattr(formatter, "incohort_guards", False):
        return
    usual: Callable[..., _Formatted] = formatter.format

    def guarded(obj: Any, include: Any = None, exclude: Any = None) -> _Formatted:
        if isinstance(obj, Findings):
            return usual(obj, include, exclude)
        if f"{type(obj).__module__}.".startswith(_ROWS):
            return {"text/plain": _INSTEAD}, {}
        data, metadata = usual(obj, include, exclude)
        if data.keys() - {"text/plain"}:
            return {"text/plain": _INSTEAD}, {}
        return data, metadata

    formatter.format = guarded
    formatter.incohort_guards = True
