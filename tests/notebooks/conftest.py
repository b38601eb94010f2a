"""Notebooks run cell by cell in this process: the same source, no kernel, findings in hand."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from incohort.jupyter import asking, given, opening
from incohort.jupyter.assigned import CellRun
from incohort.reports.notebooks import read_notebook
from incohort.results import Findings, spoken
from incohort.tables import sentence_text

for _name in ("answers", "reading"):
    _spec = importlib.util.spec_from_file_location(_name, Path(__file__).with_name(f"{_name}.py"))
    sys.modules[_name] = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(sys.modules[_name])


def source(cell: dict) -> str:
    """A cell's text."""
    return "".join(cell["source"])


def shown_by(name: str, **overrides: object) -> list[Findings]:
    """What each cell of a notebook shows when these parameters are changed.

    Overrides go where papermill puts them: right after the parameters cell. `ic.parameters()` reads
    the cells that were run here, as it reads those that a kernel ran.
    """
    path = read_notebook(name).path
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    names: dict[str, object] = {}
    shown = []
    runs: list[CellRun] = []
    for cell in cells:
        if cell["cell_type"] != "code":
            continue
        body = ast.parse(source(cell))
        runs.append(CellRun(text=source(cell)))
        _NOW.so_far = (tuple(runs), names)
        last = body.body[-1] if body.body else None
        if isinstance(last, ast.Expr):
            exec(compile(ast.Module(body.body[:-1], []), name, "exec"), names)  # noqa: S102
            shown.append(eval(compile(ast.Expression(last.value), name, "eval"), names))  # noqa: S307
        else:
            exec(compile(body, name, "exec"), names)  # noqa: S102
        if "parameters" in cell["metadata"].get("tags", []):
            names |= overrides
            runs.append(CellRun(text="\n".join(f"{name} = None" for name in overrides)))
    return shown


class _Now:
    """What the notebook that is being run has run, and its names."""

    so_far: tuple[tuple[CellRun, ...], dict[str, object]] = ((), {})


_NOW = _Now()


_opened = cache(opening.open_cohort)


@pytest.fixture(scope="module", autouse=True)
def _each_cohort_is_read_once() -> Iterator[None]:
    """Opening a cohort takes longer than all that is asked of it; and no kernel is needed.

    For these modules alone: whatever runs after them in this process has neither.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(asking, "open_cohort", _opened)
        patch.setattr(given, "runs_so_far", lambda: _NOW.so_far)
        yield


@pytest.fixture(scope="session")
def run_cells() -> Callable[..., list[Findings]]:
    """The findings that a notebook's cells show, for changed parameters."""
    return shown_by


@pytest.fixture(scope="session")
def code_cells() -> Callable[[str], list[dict]]:
    """The code cells of a notebook that comes along."""

    def cells(name: str) -> list[dict]:
        document = json.loads(read_notebook(name).path.read_text(encoding="utf-8"))
        return [cell for cell in document["cells"] if cell["cell_type"] == "code"]

    return cells


@pytest.fixture(scope="session")
def half_said() -> Callable[[list[Findings]], list[str]]:
    """The sentences and alternative texts in which a reason stands for a number, or nothing."""

    def found_in(findings: list[Findings]) -> list[str]:
        told = [
            sentence_text(template, found)
            for found in findings
            for layout in (spoken(found.layout, found.by_key),)
            for template in (
                *(sentence.template for sentence in layout.sentences),
                *(figure.alt for figure in layout.figures),
            )
        ]
        broken = re.compile(r"not estimable|withheld|[{}]|–\s|\bnan\b")
        return [text for text in told if not text or broken.search(text)]

    return found_in
