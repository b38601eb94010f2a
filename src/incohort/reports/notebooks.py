"""A notebook as it is kept: its name, its title, its source's hash and its typed parameters."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from incohort.analyses.studies import model_of
from incohort.dictionary.files import (
    bundled,
    is_regular,
    is_writable,
    read_regular,
    typed_path,
)
from incohort.dictionary.nearest import brief, unknown_name
from incohort.errors import UsageError
from incohort.params.cell import RARE_TAG
from incohort.params.parameter import Parameter, Value
from incohort.reports.identity import BUNDLED, changed_values, place_of
from incohort.reports.parameters_cell import parse_parameters
from incohort.reports.study_cells import study_of, study_parameters

_SUFFIX = ".ipynb"
_NBFORMAT = 4
_CELL_TYPES = ("code", "markdown", "raw")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notebook:
    """One notebook, read and not run.

    `study` is the one that it asks, empty where it is a reader's own and asks none; `parameters`
    have the values of the file as their defaults. `place` tells it from another of its name.
    """

    name: str
    path: Path
    title: str
    sha256: str
    parameters: tuple[Parameter, ...]
    study: str = ""
    place: str = BUNDLED

    @property
    def defaults(self) -> dict[str, Value]:
        """What parameters are unless changed: the study's defaults, whatever the file says."""
        declared = {parameter.name: parameter.default for parameter in self.parameters}
        return declared | (model_of(self.study).defaults() if self.study else {})

    @property
    def own_defaults(self) -> tuple[str, ...]:
        """The parameters whose default in the file is another than the study's."""
        values = {parameter.name: parameter.default for parameter in self.parameters}
        return tuple(name for name, _ in changed_values(values, self.defaults))


def bundled_notebooks() -> tuple[str, ...]:
    """The names of the notebooks that come with incohort, in their order."""
    return tuple(sorted(path.stem for path in bundled("notebooks").glob(f"*{_SUFFIX}")))


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
    study = study_of(_text(cell) for cell in cells if cell.get("cell_type") == "code")
    return Notebook(
        name=path.stem,
        path=path.resolve(),
        title=_title(cells) or path.stem,
        sha256=hashlib.sha256(content).hexdigest(),
        parameters=_parameters(cells, study, path.stem),
        study=study,
        place=_place(path.resolve(), cells),
    )


def _parameters(cells: list[dict[str, Any]], study: str, name: str) -> tuple[Parameter, ...]:
    """The study's parameters, or those that the cell of a reader's own notebook declares."""
    sources = [_text(cell) for cell in cells if _declares(cell)]
    if study:
        return study_parameters(study, sources, name)
    declared = [parameter for source in sources for parameter in parse_parameters(source, name)]
    names = [parameter.name for parameter in declared]
    if len(set(names)) < len(names):
        raise UsageError(f"Notebook {name!r} declares a parameter in two cells; once is enough.")
    return tuple(declared)


def _declares(cell: dict[str, Any]) -> bool:
    """Whether a cell is one of the parameters: the tagged one, or the folded one above it."""
    return bool({"parameters", RARE_TAG} & {*cell.get("metadata", {}).get("tags", [])})


def _place(path: Path, cells: list[dict[str, Any]]) -> str:
    """That of the suite's own notebook too where a copy asks the same with other parameters."""
    suite = bundled("notebooks")
    file = suite / path.name
    if file.is_file() and _questions(_cells(file.read_bytes(), file.stem)) == _questions(cells):
        return BUNDLED
    return place_of(path, suite)


def _questions(cells: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """What the cells but those with the parameters say."""
    return [
        (str(cell.get("cell_type")), _text(cell).strip()) for cell in cells if not _declares(cell)
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
