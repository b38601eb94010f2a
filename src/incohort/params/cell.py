"""The parameters cells of a study's notebook, written from its model.

The rare ones stand folded above the tagged cell: papermill puts a reader's values after that one,
so that a cell below it would overwrite them in silence.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from textwrap import wrap

from incohort.params.parameter import Kind, Parameter, Value

RARE_TAG = "rare-parameters"
WIDTH = 88  # characters of a line

_HEAD = "# what few change; the other parameters follow\n"


def cell_of(parameters: Iterable[Parameter]) -> str:
    """The source of a cell: above each parameter what it does and may be."""
    return "\n".join(_lines(parameter) for parameter in parameters)


def cells_of(parameters: tuple[Parameter, ...]) -> tuple[str, str]:
    """The sources of the folded cell, which may be empty, and of the tagged one."""
    rare = [parameter for parameter in parameters if parameter.is_rare]
    usual = [parameter for parameter in parameters if not parameter.is_rare]
    return (_HEAD + cell_of(rare) if rare else ""), cell_of(usual)


def _lines(parameter: Parameter) -> str:
    said = ": ".join(filter(None, (parameter.does, rule(parameter))))
    comment = wrap(
        said, WIDTH, initial_indent="# ", subsequent_indent="# ", break_on_hyphens=False,
        break_long_words=False,
    )  # fmt: skip
    return "\n".join([*comment, _assignment(parameter)])


def rule(parameter: Parameter) -> str:
    """What a parameter may be beyond its type, as the cell says it; empty where all may be."""
    names = ", ".join(map(str, parameter.choices or parameter.costs_of))
    unit = f", in {parameter.unit}" if parameter.unit else ""
    match parameter.kind:
        case Kind.LITERAL:
            return f"one of {names}"
        case Kind.STR if parameter.choices:
            return f"any of {names}"
        case Kind.STR if parameter.costs_of:
            return f"costs of {names}"
        case _:
            pass
    low, high = parameter.low, parameter.high
    if low is not None and high is not None:
        return f"{low:.15g} to {high:.15g}{unit}"
    if low is not None:
        return f"at least {low:.15g}{unit}"
    return f"at most {high:.15g}{unit}" if high is not None else ""


def _assignment(parameter: Parameter) -> str:
    kind = "str" if parameter.kind is Kind.LITERAL else parameter.kind.value
    optional = " | None" if parameter.is_optional else ""
    head = f"{parameter.name}: {kind}{optional} = "
    line = head + literal(parameter.default)
    if len(line) <= WIDTH:
        return line
    parts = wrap(str(parameter.default), WIDTH - 8, drop_whitespace=False)
    return "\n".join([f"{head}(", *(f"    {literal(part)}" for part in parts), ")"])


def literal(value: Value) -> str:
    """A value as Python writes it, texts in double quotes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return repr(value)
