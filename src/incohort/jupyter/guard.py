"""What a kernel shows once a restricted cohort was opened in it: only what passed the gate.

Frames forget where they come from, so from then on nothing else is shown there, nor saved into the
notebook: no frame, no plot, no number, list or text. Computing with them is free. It guards against
accidents, not against intent: `print` writes what it is told to, and what somebody writes into
`because=…` or a title is theirs.
"""

from __future__ import annotations

import sys
from collections import deque
from collections.abc import Callable
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType, NoneType
from typing import Any

from incohort.analyses.own import ColumnsTold, Episodes, Patients
from incohort.results import Findings

_INSTEAD = (
    "Not shown: this has not passed the disclosure gate. Of a restricted cohort only results are "
    "shown (table_one, shares, flow, a notebook's own); `incohort lab FOLDER --internal` shows all "
    "within the study team."
)
# What shows no number of a patient: its text has none, or comes from the dictionary.
_SHOWN = (
    Findings, Patients, Episodes, ColumnsTold, bool, NoneType, type, ModuleType, FunctionType,
    MethodType, BuiltinFunctionType,
)  # fmt: skip
_LAST = 20  # bundles of which it is remembered that they were formatted here
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

    passed: deque[dict[str, Any]] = deque(maxlen=_LAST)

    def guarded(obj: Any, include: Any = None, exclude: Any = None) -> _Formatted:
        is_shown = isinstance(obj, _SHOWN)
        bundle = usual(obj, include, exclude) if is_shown else ({"text/plain": _INSTEAD}, {})
        passed.append(bundle[0])
        return bundle

    formatter.format = guarded
    formatter.incohort_guards = True
    publish: Callable[..., None] = shell.display_pub.publish

    def published(data: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        if not any(data is each for each in passed):  # not formatted here: a raw bundle
            data, args = {"text/plain": _INSTEAD}, ()
            kwargs = {name: kwargs[name] for name in ("transient", "update") if name in kwargs}
        publish(data, *args, **kwargs)

    shell.display_pub.publish = published
