"""Reading the parameters cell: what it declares, without running it."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from math import isfinite

from incohort.dictionary.files import is_writable
from incohort.errors import UsageError
from incohort.reports.parameters import NUMBER, Kind, Parameter, Value

_IMPORTS = {("typing", "Literal"), ("datetime", "date")}
_RANGE = re.compile(
    rf"(?P<low>{NUMBER}) to (?P<high>{NUMBER})"
    rf"|at least (?P<least>{NUMBER})|at most (?P<most>{NUMBER})"
)
_RULE = re.compile(r"\((?P<rule>[^()]*)\)\s*(?P<rest>.*)", re.DOTALL)


def parse_parameters(source: str, notebook: str) -> tuple[Parameter, ...]:
    """The parameters that the source of a parameters cell declares, in its order.

    Raises:
        UsageError: A line has another form than the one described above.
    """
    try:
        body = ast.parse(source).body
        helps = _comments(source)
    except SyntaxError as error:
        raise _unfit(notebook, error.lineno or 1, "is no Python") from None
    except (ValueError, RecursionError, MemoryError, tokenize.TokenError):
        raise _unfit(notebook, 1, "is no Python that one can read") from None
    found: dict[str, Parameter] = {}
    for line in body:
        if _is_allowed_import(line):
            continue
        parameter = _parameter(line, helps.get(line.end_lineno or line.lineno, ""), notebook)
        if parameter.name in found:
            raise _unfit(notebook, line.lineno, f"declares {parameter.name!r} again")
        found[parameter.name] = parameter
    return tuple(found.values())


def with_default(source: str, name: str, text: str) -> str:
    """A parameters cell's source in which a parameter's default is another text."""
    lines = source.encode().split(b"\n")  # the parser counts bytes
    for line in ast.parse(source).body:
        match line:
            case ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as old) if found == name:
                first, last = lines[old.lineno - 1], lines[(old.end_lineno or old.lineno) - 1]
                new = first[: old.col_offset] + _quoted(text).encode() + last[old.end_col_offset :]
                lines[old.lineno - 1 : old.end_lineno] = [new]
                break
    return b"\n".join(lines).decode()


def _quoted(text: str) -> str:
    """A text as Python writes it: in double quotes, or as it must where it is not quite text."""
    try:
        text.encode()
    except UnicodeEncodeError:  # a file's name in another encoding
        return repr(text)
    return json.dumps(text, ensure_ascii=False)


def names_a_place(text: str) -> bool:
    """Whether a cohort's name is a path."""
    return "/" in text or "\\" in text or text.startswith("~")


def _unfit(notebook: str, line: int, what: str) -> UsageError:
    return UsageError(
        f"Notebook {notebook!r}: line {line} of its parameters cell {what}. "
        "Each line reads `name: type = value  # help`."
    )


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string.lstrip("#").strip() for t in tokens if t.type == tokenize.COMMENT}


def _is_allowed_import(line: ast.stmt) -> bool:
    return isinstance(line, ast.ImportFrom) and all(
        (line.module, alias.name) in _IMPORTS and alias.asname is None for alias in line.names
    )


def _parameter(line: ast.stmt, comment: str, notebook: str) -> Parameter:
    match line:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as v):
            pass
        case _:
            raise _unfit(notebook, line.lineno, "declares no parameter")
    kind, choices, is_optional = _type(annotation)
    if kind is None:
        raise _unfit(notebook, line.lineno, f"has the unknown type `{ast.unparse(annotation)}`")
    rule = _rule(comment, kind)
    if rule is None:
        raise _unfit(notebook, line.lineno, "begins its help with a rule that can't be read")
    is_written, default = _default(v, kind)
    parameter = Parameter(
        name=name,
        kind=kind,
        default=default,
        help=rule.help,
        is_optional=is_optional,
        low=rule.low,
        high=rule.high,
        choices=choices or rule.names,
        costs_of=rule.costs_of,
    )
    if not (is_written and _fits(default, parameter) and parameter.allows(default)):
        raise _unfit(notebook, line.lineno, f"has a default that is not {parameter.describes}")
    return parameter


def _type(node: ast.expr) -> tuple[Kind | None, tuple[str | int, ...], bool]:
    match node:
        case ast.Name(id=("bool" | "int" | "float" | "str" | "date") as name):
            return Kind(name), (), False
        case ast.BinOp(left=left, op=ast.BitOr(), right=ast.Constant(value=None)):
            kind, choices, _ = _type(left)
            return kind, choices, True
        case ast.Subscript(value=ast.Name(id="Literal"), slice=inside):
            items = inside.elts if isinstance(inside, ast.Tuple) else [inside]
            values = tuple(item.value for item in items if isinstance(item, ast.Constant))
            choices = tuple(v for v in values if isinstance(v, str | int))
            return (Kind.LITERAL if len(choices) == len(items) else None), choices, False
        case _:
            return None, (), False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    """What a comment says of its parameter: the help, and what is enforced."""

    help: str
    low: float | None = None
    high: float | None = None
    names: tuple[str, ...] = ()
    costs_of: tuple[str, ...] = ()


def _rule(comment: str, kind: Kind) -> _Rule | None:
    """The rule and the help of a comment; None where its rule can't be read."""
    parts = _RULE.fullmatch(comment)
    if parts is None:
        return _Rule(help=comment)
    rule, rest = parts["rule"].strip(), parts["rest"].strip()
    limits = _RANGE.fullmatch(rule)
    if limits and kind in {Kind.INT, Kind.FLOAT}:
        low, high = limits["low"] or limits["least"], limits["high"] or limits["most"]
        return _Rule(help=rest, low=float(low) if low else None, high=float(high) if high else None)
    if rule.startswith("any of ") and kind is Kind.STR:
        return _Rule(help=rest, names=_names(rule.removeprefix("any of ")))
    if rule.startswith("costs of ") and kind is Kind.STR:
        return _Rule(help=rest, costs_of=_names(rule.removeprefix("costs of ")))
    return None


def _names(listing: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in listing.split(","))


def _default(node: ast.expr, kind: Kind) -> tuple[bool, Value]:
    """Whether the default is written out rather than computed, and the default."""
    match node:
        case ast.Call(func=ast.Name(id="date"), args=arguments, keywords=[]):
            make: Callable[..., Value] = date
        case _:
            arguments, make = [node], lambda value: value
    try:
        value = make(*(ast.literal_eval(argument) for argument in arguments))
        value = float(value) if kind is Kind.FLOAT and type(value) is int else value
    except (ValueError, TypeError, ArithmeticError, RecursionError, MemoryError):
        return False, None
    is_finite = not isinstance(value, float) or isfinite(value)
    return is_finite and not (isinstance(value, str) and not is_writable(value)), value


def _fits(value: Value, parameter: Parameter) -> bool:
    """Whether a default is of the declared type: `True` is no int, and 1 no bool."""
    types: dict[Kind, type] = {
        Kind.BOOL: bool,
        Kind.INT: int,
        Kind.FLOAT: float,
        Kind.STR: str,
        Kind.DATE: date,
    }
    if value is None:
        return parameter.is_optional
    if parameter.kind is Kind.LITERAL:
        return value in parameter.choices
    return type(value) is types[parameter.kind]
