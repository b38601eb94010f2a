"""A notebook as it is kept: its name, its title, its source's hash and its typed parameters."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from incohort.dictionary.files import bundled
from incohort.dictionary.nearest import unknown_name
from incohort.errors import UsageError
from incohort.reports.identity import BUNDLED, changed_values, place_of
from incohort.reports.parameters import Parameter, Value
from incohort.reports.parameters_cell import parse_parameters

DEFAULTS = "defaults.json"  # beside the notebooks; `python -m incohort.reports.notebooks` writes it

_SUFFIX = ".ipynb"
_NBFORMAT = 4


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


if __name__ == "__main__":
    (bundled("notebooks") / DEFAULTS).write_text(declared_defaults(), encoding="utf-8")
