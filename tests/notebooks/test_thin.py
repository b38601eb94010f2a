"""Notebooks are thin: questions for people who know medicine, and no programming."""

from __future__ import annotations

import ast

import pytest

from incohort.analyses.studies import STUDIES, model_of
from incohort.params.cell import RARE_TAG, WIDTH
from incohort.reports.notebooks import bundled_notebooks, read_notebook

NOTEBOOKS = bundled_notebooks()
MOST_CELLS, MOST_LINES = 14, 6
NOT_HERE = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If,
    ast.Try, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp,
)  # fmt: skip


def is_of_parameters(cell: dict) -> bool:
    """Whether a cell holds parameters: the tagged one, or the folded one above it."""
    return bool({"parameters", RARE_TAG} & {*cell["metadata"].get("tags", [])})


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_has_few_short_cells(code_cells, name):
    """Beside the parameters at most fourteen code cells, of at most six lines each."""
    cells = [cell for cell in code_cells(name) if not is_of_parameters(cell)]
    lines = ["".join(cell["source"]).strip().count("\n") + 1 for cell in cells]

    assert len(cells) <= MOST_CELLS
    assert max(lines) <= MOST_LINES


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_no_line_runs_out_of_the_screen(code_cells, name):
    """A reader beside JupyterLab's panels sees each line of code whole."""
    lines = [line.rstrip("\n") for cell in code_cells(name) for line in cell["source"]]

    assert max(map(len, lines)) <= WIDTH


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_computes_nothing_itself(code_cells, name):
    """No function, loop, condition or clinical number stands outside the parameters cells."""
    cells = [cell for cell in code_cells(name) if not is_of_parameters(cell)]
    nodes = [node for c in cells for node in ast.walk(ast.parse("".join(c["source"])))]
    constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]

    assert not [node for node in nodes if isinstance(node, NOT_HERE)]
    assert not [value for value in constants if isinstance(value, int | float)]
    assert not [value for value in constants if isinstance(value, str) and "/" in value]
    assert [ast.unparse(node) for node in imports] == ["import incohort as ic"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_what_few_change_stands_folded_above_the_rest(code_cells, name):
    """Below the tagged cell a value would overwrite what papermill put after that one."""
    tags = [cell["metadata"].get("tags", []) for cell in code_cells(name)]
    folded = [n for n, own in enumerate(tags) if RARE_TAG in own]
    (tagged,) = (n for n, own in enumerate(tags) if "parameters" in own)

    assert folded in ([], [tagged - 1])
    for number in folded:
        assert code_cells(name)[number]["metadata"]["jupyter"] == {"source_hidden": True}


@pytest.mark.parametrize("study", STUDIES)
def test_a_notebook_asks_its_study(study):
    """What a notebook calls is the study whose model wrote its cells; each parameter is told."""
    notebook = read_notebook(model_of(study).notebook)

    assert notebook.study == study
    assert notebook.parameters == model_of(study).parameters()
    assert all(len(parameter.help) > 10 for parameter in notebook.parameters)
