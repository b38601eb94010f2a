"""Which libraries a kernel imported: it notes the names of its modules, the runner looks them up.

A kernel's word is a notebook's word, so the runner takes from it only names that this Python knows
as installed, and tells their versions itself: nothing else of a note comes into a report.
"""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, MutableMapping
from functools import cache
from importlib import import_module
from importlib.metadata import (
    PackageNotFoundError,
    packages_distributions,
    requires,
    version,
)
from pathlib import Path

_NAME = "INCOHORT_LIBRARIES"
_LOADED = "INCOHORT_LOADED"
_REQUIREMENT = re.compile(r"(?P<name>[\w.-]+)\s*(?:\[(?P<extras>[^\]]*)\])?")
_EXTRA = re.compile(r"extra\s*==\s*[\"'](?P<name>[\w.-]+)")
_INSTALLERS = {"pip", "setuptools", "wheel"}  # an environment has them for itself
RUNS_IT = "papermill"  # outside of the kernel


def environment(note: Path, loaded: Iterable[str] = ()) -> dict[str, str]:
    """The environment variables that tell a kernel where to note its modules, and which to load.

    A kernel that is forked has `loaded` from the start. One that is not loads them, too, so that
    both tell the same of the same notebook.
    """
    return {_NAME: str(note), _LOADED: " ".join(loaded)}


def take_note(variables: MutableMapping[str, str] = os.environ) -> Callable[[object], None] | None:
    """What is to be called after each cell, or None where no runner waits for it."""
    place = variables.pop(_NAME, "")
    for name in variables.pop(_LOADED, "").split():
        import_module(name)
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
    """What incohort asks for, and what comes with the extras that it asks for."""
    asked = _requirements("incohort")
    extras = (
        name for library, its_extras in asked.items() for name in _requirements(library, its_extras)
    )
    return frozenset((*asked, *extras))


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def software(modules: Collection[str]) -> dict[str, str]:
    """incohort, Python, what ran the notebook, and the libraries that its kernel imported.

    That is what incohort asks for, and what a notebook's own cells brought in; not what those
    libraries bring along themselves, which a kernel loads as it happens to be started.
    """
    versions = {"incohort": version("incohort"), "Python": platform.python_version()}
    known = installed()
    imported = {name for module in modules for name in known.get(module, ())} | {RUNS_IT}
    libraries = {name for name in imported if is_declared(name) or not _comes_along(name)}
    ordered = sorted(libraries - {"incohort"}, key=str.casefold)
    return versions | {name: version(name) for name in ordered}


def asked_for(versions: Mapping[str, str]) -> dict[str, str]:
    """Of the software, incohort itself, Python and what incohort asks for."""
    core = {"incohort", "Python"}
    return {name: number for name, number in versions.items() if name in core or is_declared(name)}


def listed(versions: Mapping[str, str]) -> str:
    """Software with its versions, in a line."""
    return ", ".join(f"{name} {number}" for name, number in versions.items())


def _comes_along(name: str) -> bool:
    return _canonical(name) in _required() | _INSTALLERS


@cache
def _required() -> frozenset[str]:
    """Every library that incohort needs, however far around."""
    extras_of: dict[str, frozenset[str]] = {}
    left: list[tuple[str, frozenset[str]]] = [("incohort", frozenset())]
    while left:
        name, extras = left.pop()
        for other, its_extras in _requirements(name, extras | {""}).items():
            if other not in extras_of or not its_extras <= extras_of[other]:
                extras_of[other] = extras_of.get(other, frozenset()) | its_extras
                left.append((other, extras_of[other]))
    return frozenset(extras_of)


def _requirements(name: str, extras: Iterable[str] = ("",)) -> dict[str, frozenset[str]]:
    """What a library needs, with the extras that it asks of each; nothing where it is not there.

    Args:
        name: The library.
        extras: Whose requirements are meant; the empty one's are those that it always has.
    """
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        return {}
    wanted = set(extras)
    requirements: dict[str, frozenset[str]] = {}
    for line in lines:
        parts, extra = _REQUIREMENT.match(line), _EXTRA.search(line)
        if parts and (extra["name"] if extra else "") in wanted:
            its_extras = frozenset(filter(None, re.split(r"[\s,]+", parts["extras"] or "")))
            requirements[_canonical(parts["name"])] = its_extras
    return requirements
