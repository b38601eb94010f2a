"""A notebook as it is kept: its name, its title, its source's hash and its typed parameters."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incohort.dictionary.files import bundled
from incohort.dictionary.nearest import unknown_name
from incohort.errors import UsageError
from incohort.reports.parameters import Parameter
from incohort.reports.parameters_cell import parse_parameters

_SUFFIX = ".ipynb"
_NBFORMAT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """One notebook, read and not run."""

    name: str
    path: Path
    title: str
    sha256: str
    parameters: tuple[Parameter, ...]


def bundled_notebooks() -> tuple[str, ...]:
    """The names of the notebooks that come with incohort, in their order."""
    return tuple(sorted(path.stem for path in bundled("notebooks").glob(f"*{_SUFFIX}")))


def read_notebook(name_or_path: str) -> Notebook:
    """The notebook of that name, or in that file.

    Raises:
        UsageError: There is none, it is no notebook, or its parameters cell is not in order.
    """
    path = _find(name_or_path)
    content = path.read_bytes()
    cells = _cells(content, path.stem)
    tagged = [c for c in cells if "parameters" in c.get("metadata", {}).get("tags", [])]
    if len(tagged) != 1 or tagged[0].get("cell_type") != "code":
        raise UsageError(
            f"Notebook {path.stem!r} must have one code cell with the tag 'parameters'; "
            f"it has {len(tagged)} cells with that tag."
        )
    return Notebook(
        name=path.stem,
        path=path.resolve(),
        title=_title(cells) or path.stem,
        sha256=hashlib.sha256(content).hexdigest(),
        parameters=parse_parameters(_text(tagged[0]), path.stem),
    )


def _find(name_or_path: str) -> Path:
    path = Path(name_or_path).expanduser()
    if path.suffix == _SUFFIX and path.is_file():
        return path
    name = name_or_path.removesuffix(_SUFFIX)
    shipped = bundled("notebooks") / f"{name}{_SUFFIX}"
    if name in bundled_notebooks():
        return shipped
    raise unknown_name("notebook", name_or_path, bundled_notebooks())


def _cells(content: bytes, name: str) -> list[dict[str, Any]]:
    try:
        document = json.loads(content)
        is_current = document["nbformat"] == _NBFORMAT
        cells = document["cells"] if is_current else []
    except (ValueError, KeyError, TypeError):
        is_current, cells = False, []
    if not is_current or not isinstance(cells, list):
        raise UsageError(f"{name!r} is not a notebook of format 4; save it again from JupyterLab.")
    return cells


def _text(cell: dict[str, Any]) -> str:
    source = cell.get("source", "")
    return "".join(source) if isinstance(source, list) else str(source)


def _title(cells: list[dict[str, Any]]) -> str:
    """The first heading of the highest level: what the report is called."""
    for cell in cells:
        if cell.get("cell_type") == "markdown":
            for line in _text(cell).splitlines():
                if line.startswith("# "):
                    return line.removeprefix("# ").strip()
    return ""
