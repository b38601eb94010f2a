"""Which libraries a kernel imported: it notes the names of its modules, the runner looks them up.

A kernel's word is a notebook's word, so the runner takes from it only names that this Python knows
as installed, and tells their versions itself: nothing else of a note comes into a report.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable, Collection, Mapping, MutableMapping
from functools import cache
from importlib.metadata import packages_distributions, requires, version
from pathlib import Path

_NAME = "INCOHORT_LIBRARIES"
_RUNS_IT = "papermill"  # outside of the kernel


def environment(note: Path) -> dict[str, str]:
    """The environment variable that tells a kernel where to note its modules."""
    return {_NAME: str(note)}


def take_note(told: MutableMapping[str, str] = os.environ) -> Callable[[object], None] | None:
    """What is to be called after each cell, or None where no runner waits for it."""
    place = told.pop(_NAME, "")
    if not place:
        return None
    noted: set[str] = set()

    def note(result: object) -> None:
        del result  # IPython's, of the cell
        names = {name.partition(".")[0] for name in list(sys.modules)}
        if not names <= noted:
            noted.update(names)
            Path(place).write_text("\n".join(sorted(noted)), encoding="utf-8")

    return note


def noted_in(note: Path) -> frozenset[str]:
    """The modules that a kernel noted; none where it came to no cell's end."""
    try:
        return frozenset(note.read_text(encoding="utf-8", errors="replace").split("\n"))
    except OSError:
        return frozenset()


@cache
def installed() -> Mapping[str, list[str]]:
    """The distributions that each importable name comes from: reads many files, so once."""
    return packages_distributions()


def is_declared(name: str) -> bool:
    """Whether incohort asks for a library itself; the others come along with those."""
    return _canonical(name) in _declared()


@cache
def _declared() -> frozenset[str]:
    asked = (re.match(r"[\w.-]+", line) for line in requires("incohort") or ())
    return frozenset(_canonical(found.group()) for found in asked if found)


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def software(modules: Collection[str]) -> dict[str, str]:
    """incohort, Python, what ran the notebook, and every library that its kernel imported."""
    found = {"incohort": version("incohort"), "Python": platform.python_version()}
    known = installed()
    imported = {name for module in modules for name in known.get(module, ())} | {_RUNS_IT}
    ordered = sorted(imported - {"incohort"}, key=str.casefold)
    return found | {name: version(name) for name in ordered}
