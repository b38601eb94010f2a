"""A notebook as it is kept: its name, its title, its source's hash and its typed parameters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from incohort.dictionary.files import (
    bundled,
    is_regular,
    is_writable,
    read_regular,
    typed_path,
)
from incohort.dictionary.nearest import brief, unknown_name
from incohort.errors import UsageError
from incohort.reports.identity import BUNDLED, changed_values, place_of
from incohort.reports.parameters import Parameter, Value
from incohort.reports.parameters_cell import parse_parameters

DEFAULTS = "defaults.json"  # beside the notebooks; `python -m incohort.reports.notebooks` writes it

_SUFFIX = ".ipynb"
_NBFORMAT = 4
_CELL_TYPES = ("code", "markdown", "raw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """One notebook, read and not run.

    `suite` are the defaults that the suite declares for the notebook of this name, whatever the
    file says; `place` tells it from another of its name.
    """

    name: str
    path: Path
    title: str
    sha256: str
    parameters: tuple[Parameter, ...]
    suite: Mapping[str, Value] = field(default_factory=dict)
    place: str = BUNDLED

    @property
    def defaults(self) -> dict[str, Value]:
        """What every parameter is where nobody has changed it."""
        return dict(self.suite) or {p.name: p.default for p in self.parameters}

    @property
    def own_defaults(self) -> tuple[str, ...]:
        """The parameters whose default in the file is another than the suite's."""
        values = {parameter.name: parameter.default for parameter in self.parameters}
        return tuple(name for name, _ in changed_values(values, self.defaults))


def bundled_notebooks() -> tuple[str, ...]:
    """The names of the notebooks that come with incohort, in their order."""
    return tuple(sorted(path.stem for path in bundled("notebooks").glob(f"*{_SUFFIX}")))


def suite_defaults(name: str) -> dict[str, Value]:
    """The defaults that the suite declares for its notebook of that name; empty: it has none.

    They are kept beside the notebooks, so that a default changed in JupyterLab is told as one.
    """
    path = bundled("notebooks") / DEFAULTS
    if name not in bundled_notebooks() or not path.is_file():
        return {}
    declared: dict[str, dict[str, Value]] = json.loads(path.read_text("utf-8"))
    return declared.get(name, {})


def declared_defaults() -> str:
    """The defaults of the suite's notebooks as their parameters cells have them, as JSON."""
    found = {}
    for name in bundled_notebooks():
        parameters = read_notebook(name).parameters
        found[name] = {
            p.name: p.default.isoformat() if isinstance(p.default, date) else p.default
            for p in parameters
        }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


def read_notebook(name_or_path: str) -> Notebook:
    """The notebook of that name, or in that file.

    Raises:
        UsageError: There is none, it is no notebook, or its parameters cell is not in order.
    """
    path = _find(name_or_path)
    try:
        content = read_regular(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(f"Notebook {brief(path.name)!r} can't be read: {reason}.") from None
    cells = _cells(content, path.stem)
    tagged = [c for c in cells if "parameters" in c["metadata"].get("tags", [])]
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
        suite=suite_defaults(path.stem),
        place=_place(path.resolve(), cells),
    )


def _place(path: Path, cells: list[dict[str, Any]]) -> str:
    """That of the suite's own notebook too where a copy asks the same with other parameters."""
    suite = bundled("notebooks")
    own = suite / path.name
    if own.is_file() and _questions(_cells(own.read_bytes(), own.stem)) == _questions(cells):
        return BUNDLED
    return place_of(path, suite)


def _questions(cells: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What the cells but the one with the parameters say."""
    return [
        (str(cell.get("cell_type")), _text(cell).strip())
        for cell in cells
        if "parameters" not in cell.get("metadata", {}).get("tags", [])
    ]


def _find(name_or_path: str) -> Path:
    path = typed_path(name_or_path, "notebook")
    if path.suffix == _SUFFIX and is_regular(path):
        return path
    name = name_or_path.removesuffix(_SUFFIX)
    shipped = bundled("notebooks") / f"{name}{_SUFFIX}"
    if name in bundled_notebooks():
        return shipped
    raise unknown_name("notebook", name_or_path, bundled_notebooks())


def _cells(content: bytes, name: str) -> list[dict[str, Any]]:
    """The cells of a notebook of format 4, each of the shape that the format gives it."""
    try:
        document = json.loads(content)
        is_current = document["nbformat"] == _NBFORMAT
        cells = document["cells"] if is_current else []
        is_current = is_current and isinstance(document.get("metadata"), dict)
    except (ValueError, KeyError, TypeError, RecursionError):
        is_current, cells = False, []
    if not is_current or not isinstance(cells, list):
        raise UsageError(
            f"{brief(name)!r} is not a notebook of format 4; save it again from JupyterLab."
        )
    for number, cell in enumerate(cells, 1):
        fault = _misshapen(cell)
        if fault:
            raise UsageError(
                f"Notebook {brief(name)!r}: {fault} of cell {number} is not as format 4 has it; "
                "save it again from JupyterLab."
            )
    return cells


def _misshapen(cell: Any) -> str:
    """Which part of a cell is not of the notebook format; empty where none is."""
    if not isinstance(cell, dict) or cell.get("cell_type") not in _CELL_TYPES:
        return "the type"
    metadata = cell.get("metadata")
    if not isinstance(metadata, dict):
        return "the metadata"
    if not _are_texts(metadata.get("tags", [])):
        return "the list of tags"
    source = cell.get("source", "")
    if not (isinstance(source, str) or _are_texts(source)):
        return "the source"
    if not is_writable(_text(cell)):
        return r"the source (it holds half of a letter, such as \ud800, which is no text)"
    outputs = cell.get("outputs", [])
    are_outputs = isinstance(outputs, list) and all(isinstance(each, dict) for each in outputs)
    return "" if are_outputs else "the list of outputs"


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


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


if __name__ == "__main__":
    (bundled("notebooks") / DEFAULTS).write_text(declared_defaults(), encoding="utf-8")
