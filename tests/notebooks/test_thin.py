"""Notebooks are thin: questions for people who know medicine, and no programming."""

from __future__ import annotations

import ast

import pytest

from incohort.reports.notebooks import bundled_notebooks, read_notebook

NOTEBOOKS = bundled_notebooks()
MOST_CELLS, MOST_LINES = 12, 6
NOT_HERE = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If,
    ast.Try, ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp,
)  # fmt: skip


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_has_few_short_cells(code_cells, name):
    """Beside the parameters at most twelve code cells, of at most six lines each."""
    cells = [c for c in code_cells(name) if "parameters" not in c["metadata"].get("tags", [])]
    lines = ["".join(cell["source"]).strip().count("\n") + 1 for cell in cells]

    assert len(cells) <= MOST_CELLS
    assert max(lines) <= MOST_LINES


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_computes_nothing_itself(code_cells, name):
    """No function, loop, condition or clinical number stands outside the parameters cell."""
    cells = [c for c in code_cells(name) if "parameters" not in c["metadata"].get("tags", [])]
    nodes = [node for c in cells for node in ast.walk(ast.parse("".join(c["source"])))]
    constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
    imports = [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]

    assert not [node for node in nodes if isinstance(node, NOT_HERE)]
    assert not [value for value in constants if isinstance(value, int | float)]
    assert not [value for value in constants if isinstance(value, str) and "/" in value]
    assert [ast.unparse(node) for node in imports] == ["import incohort as ic"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_every_parameter_is_used_and_explained(code_cells, name):
    """Nobody changes a parameter that does nothing, or that isn't told what it does."""
    rest = [c for c in code_cells(name) if "parameters" not in c["metadata"].get("tags", [])]
    used = {
        node.id
        for cell in rest
        for node in ast.walk(ast.parse("".join(cell["source"])))
        if isinstance(node, ast.Name)
    }
    for parameter in read_notebook(name).parameters:
        assert parameter.name in used, parameter.name
        assert len(parameter.help) > 10, parameter.name
