"""A study's notebook, read and not run: which study it asks, and with which values."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import replace

from incohort.analyses.studies import STUDIES, model_of
from incohort.errors import UsageError
from incohort.params.parameter import Parameter, known_name
from incohort.reports.parameters_cell import (
    is_allowed_import,
    parsed,
    unfit,
    written_value,
)

_OURS = {"ic", "incohort"}


def study_of(sources: Iterable[str]) -> str:
    """The study that a notebook's code cells ask, as in `ic.anc_recovery(…)`; empty: none."""
    for source in sources:
        for node in ast.walk(_tree(source)):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=module), attr=name)) if (
                    module in _OURS and name in STUDIES
                ):
                    return name
    return ""


def study_parameters(study: str, sources: Iterable[str], notebook: str) -> tuple[Parameter, ...]:
    """The study's parameters, with what the notebook's cells say as their defaults.

    Raises:
        UsageError: A cell names a parameter that the study doesn't have, or a value is refused.
    """
    known = {parameter.name: parameter for parameter in model_of(study).parameters()}
    for source in sources:
        for name, value in _values(source, notebook):
            parameter = known[_known(name, known, notebook)]
            try:
                known[name] = replace(parameter, default=parameter.checked(value))
            except UsageError as error:
                raise UsageError(f"Notebook {notebook!r}: {error}") from None
    return tuple(known.values())


def _known(name: str, known: Iterable[str], notebook: str) -> str:
    try:
        return known_name(name, known)
    except UsageError as error:
        raise UsageError(f"Notebook {notebook!r}: {error}") from None


def _values(source: str, notebook: str) -> Iterator[tuple[str, object]]:
    seen: set[str] = set()
    for line in parsed(source, notebook):
        match line:
            case (
                ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as node)
                | ast.Assign(targets=[ast.Name(id=name)], value=node)
            ):
                pass
            case _ if is_allowed_import(line):
                continue
            case _:
                raise unfit(notebook, line.lineno, "declares no parameter")
        if name in seen:
            raise unfit(notebook, line.lineno, f"declares {name!r} again")
        seen.add(name)
        is_written, value = written_value(node)
        if not is_written:
            raise unfit(notebook, line.lineno, f"computes {name!r}; write its value")
        yield name, value


def _tree(source: str) -> ast.AST:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # a magic, or no Python
        return ast.Module([], [])
