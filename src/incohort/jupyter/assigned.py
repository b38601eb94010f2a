"""What the cells of a notebook assign, as far as their text tells."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property

_EDITED = 0.6  # how alike two texts are of which one is the other one edited
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)


@dataclass(frozen=True, kw_only=True)
class CellRun:
    """One run of a cell: its text, and which cell it was where that is known.

    `calls` is how often `ic.parameters()` was called before.
    """

    text: str
    cell: str = ""
    calls: int = 0

    @cached_property
    def _statements(self) -> list[ast.stmt]:
        """The statements; in the cell that asks for the parameters those before it does."""
        try:
            body = ast.parse(self.text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):  # no Python: it never ran
            return []
        asking = (place for place, statement in enumerate(body) if _asks(statement))
        return body[: next(asking, len(body))]

    @cached_property
    def names(self) -> frozenset[str]:
        """Every name that it assigns."""
        return frozenset(name for statement in self._statements for name in _stored(statement))

    @cached_property
    def written(self) -> tuple[str, ...]:
        """The names that it gives a written value, as a parameter has one, in order."""
        return tuple(name for statement in self._statements for name, _ in _written(statement))

    @cached_property
    def declared(self) -> frozenset[str]:
        """Those of them that have a type, too: a parameters cell's, and none that papermill put."""
        written = (_written(statement) for statement in self._statements)
        return frozenset(name for pairs in written for name, is_typed in pairs if is_typed)

    def is_replaced_by(self, later: CellRun) -> bool:
        """Whether a later run is certainly of the same cell, so that only its text counts."""
        if self.cell and later.cell:
            return self.cell == later.cell
        both = self.declared & later.declared
        return 2 * len(both) > len(self.declared | later.declared)

    def may_be_replaced_by(self, later: CellRun) -> bool:
        """Whether a later run may be of the same cell, edited after its names were refused."""
        if self.cell and later.cell:
            return self.cell == later.cell
        alike = SequenceMatcher(None, self.text, later.text, autojunk=False)
        return later.calls > self.calls and alike.ratio() > _EDITED


def _asks(statement: ast.stmt) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "parameters"
        for node in ast.walk(statement)
    )


def _stored(node: ast.AST) -> Iterator[str]:
    """The names that a statement assigns in the notebook itself, and not in a function."""
    if isinstance(node, _SCOPES):
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
        yield node.id
    for child in ast.iter_child_nodes(node):
        yield from _stored(child)


def _written(statement: ast.stmt) -> list[tuple[str, bool]]:
    """The names to which a statement assigns a written value, each with whether it has a type."""
    match statement:
        case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
            return [(name, True)] if _is_written(value) else []
        case ast.Assign(targets=targets, value=value) if _is_written(value):
            return [(target.id, False) for target in targets if isinstance(target, ast.Name)]
        case _:
            return []


def _is_written(value: ast.expr) -> bool:
    match value:
        case ast.Call(func=ast.Name(id="date"), args=arguments, keywords=[]):
            return all(_is_written(argument) for argument in arguments)
        case _:
            pass
    try:
        ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return False
    return True
