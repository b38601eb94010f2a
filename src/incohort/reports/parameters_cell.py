"""Reading a parameters cell of a reader's own notebook: what it declares, without running it.

One code cell carries the tag `parameters`. It holds assignments, each with its help above it, and
runs in the notebook as it stands:

    # the cohort's name, or the folder that holds it
    cohort: str = "kyritsi2015"
    # how wide every interval is: 0.5 to 0.999
    conf_level: float = 0.95
    # below this count a patient is neutropenic: 0.1 to 5, in 10⁹/L
    anc_threshold: float = 1.8
    # fewest tested patients that a subtype needs: at least 1
    min_tested: int = 1
    # counted as autoimmune: any of hashimoto, graves, ttm
    subtypes: str = "hashimoto, graves"
    # the assay that decides who is positive: one of gift, gat
    index_assay: str = "gift"
    # the last index date that counts (None: no limit)
    until: date | None = None

Types are `bool`, `int`, `float`, `str`, `date`, `Literal[...]`, and each of them `| None`. What
stands behind the last colon is a rule where it reads like one, and is enforced:

- `LOW to HIGH`, `at least LOW`, `at most HIGH` for numbers, the limits allowed; a unit may follow;
- `one of NAME, NAME, …` and `any of NAME, NAME, …` for a `str`: a choice, a comma-separated list;
- `costs of NAME, NAME, …` for a `str` such as `NAME=30, NAME=20`, or empty.

The older form is read, too: the help behind the value, with its rule in parentheses before it:
`conf_level: float = 0.95  # (0.5 to 0.999) how wide every interval is`.

Beside these lines the cell may hold `from typing import Literal` and `from datetime import date`,
and nothing that is computed: papermill puts what a user changes into a cell after it.
"""

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
from typing import Any

from incohort.dictionary.files import is_writable
from incohort.errors import UsageError
from incohort.params.parameter import NUMBER, Kind, Parameter

_IMPORTS = {("typing", "Literal"), ("datetime", "date")}
_RANGE = re.compile(
    rf"(?P<low>{NUMBER}) to (?P<high>{NUMBER})"
    rf"|at least (?P<least>{NUMBER})|at most (?P<most>{NUMBER})"
)
_RULE = re.compile(r"\((?P<rule>[^()]*)\)\s*(?P<rest>.*)", re.DOTALL)
_RULE_BEHIND = re.compile(
    rf"(?:(?P<rest>.*): )?(?P<rule>(?:one|any|costs) of .*|at (?:least|most) .*|{NUMBER} to .*)",
    re.DOTALL,
)
_UNIT = re.compile(r"(?P<limits>.*?), in (?P<unit>.+)", re.DOTALL)


def parse_parameters(source: str, notebook: str) -> tuple[Parameter, ...]:
    """The parameters that the source of a parameters cell declares, in its order.

    Raises:
        UsageError: A line has another form than the one described above.
    """
    body = parsed(source, notebook)
    try:
        helps = _comments(source)
    except (SyntaxError, tokenize.TokenError):
        raise unfit(notebook, 1, "is no Python that one can read") from None
    parameters: dict[str, Parameter] = {}
    for line in body:
        if is_allowed_import(line):
            continue
        parameter = _parameter(line, _help(line, helps), notebook)
        if parameter.name in parameters:
            raise unfit(notebook, line.lineno, f"declares {parameter.name!r} again")
        parameters[parameter.name] = parameter
    return tuple(parameters.values())


def parsed(source: str, notebook: str) -> list[ast.stmt]:
    """The statements of a cell.

    Raises:
        UsageError: It is no Python.
    """
    try:
        return ast.parse(source).body
    except SyntaxError as error:
        raise unfit(notebook, error.lineno or 1, "is no Python") from None
    except (ValueError, RecursionError, MemoryError):
        raise unfit(notebook, 1, "is no Python that one can read") from None


def with_default(source: str, name: str, text: str) -> str:
    """A parameters cell's source in which a parameter's default is another text."""
    lines = source.encode().split(b"\n")  # the parser counts bytes
    for line in ast.parse(source).body:
        match line:
            case (
                ast.AnnAssign(target=ast.Name(id=found), value=ast.expr() as old)
                | ast.Assign(targets=[ast.Name(id=found)], value=old)
            ) if found == name:
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


def text_in(source: str, name: str) -> str:
    """The text that a cell assigns to a name; empty where it assigns none."""
    for line in ast.parse(source).body:
        match line:
            case (
                ast.AnnAssign(target=ast.Name(id=found), value=ast.Constant(value=str(text)))
                | ast.Assign(targets=[ast.Name(id=found)], value=ast.Constant(value=str(text)))
            ) if found == name:
                return text
    return ""


def names_a_place(text: str) -> bool:
    """Whether a cohort's name is a path."""
    return "/" in text or "\\" in text or text.startswith("~")


def unfit(notebook: str, line: int, what: str) -> UsageError:
    """The refusal of a parameters cell."""
    return UsageError(
        f"Notebook {notebook!r}: line {line} of its parameters cell {what}. "
        "Each line reads `name: type = value`, with its help in a comment above."
    )


def _comments(source: str) -> dict[int, tuple[str, bool]]:
    """The comments by line, each with whether it stands alone."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {
        t.start[0]: (t.string.lstrip("#").strip(), not t.line[: t.start[1]].strip())
        for t in tokens
        if t.type == tokenize.COMMENT
    }


def _help(line: ast.stmt, comments: dict[int, tuple[str, bool]]) -> str:
    """The comment behind a line, in the older form, or else the lines of comment right above it."""
    text, is_alone = comments.get(line.end_lineno or line.lineno, ("", True))
    if text and not is_alone:
        return text
    above: list[str] = []
    number = line.lineno - 1
    while comments.get(number, ("", False))[1]:
        above.insert(0, comments[number][0])
        number -= 1
    return " ".join(above)


def is_allowed_import(line: ast.stmt) -> bool:
    """Whether a line brings in a type that a parameter may have, and nothing else."""
    return isinstance(line, ast.ImportFrom) and all(
        (line.module, alias.name) in _IMPORTS and alias.asname is None for alias in line.names
    )


def _parameter(line: ast.stmt, comment: str, notebook: str) -> Parameter:
    match line:
        case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation, value=ast.expr() as v):
            pass
        case _:
            raise unfit(notebook, line.lineno, "declares no parameter")
    kind, choices, is_optional = _type(annotation)
    if kind is None:
        raise unfit(notebook, line.lineno, f"has the unknown type `{ast.unparse(annotation)}`")
    rule = _rule(comment, kind)
    if rule is None:
        raise unfit(notebook, line.lineno, "begins its help with a rule that can't be read")
    is_written, default = written_value(v)
    parameter = Parameter(
        name=name,
        kind=Kind.LITERAL if rule.is_choice else kind,
        default=default,
        help=rule.help,
        is_optional=is_optional,
        low=rule.low,
        high=rule.high,
        unit=rule.unit,
        choices=choices or rule.names,
        costs_of=rule.costs_of,
    )
    try:
        fits = is_written and parameter.checked(default) == default
    except UsageError:
        fits = False
    if not fits:
        raise unfit(notebook, line.lineno, f"has a default that is not {parameter.describes}")
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
    unit: str = ""
    names: tuple[str, ...] = ()
    costs_of: tuple[str, ...] = ()
    is_choice: bool = False


def _rule(comment: str, kind: Kind) -> _Rule | None:
    """The rule and the help of a comment; None where its rule can't be read."""
    parts = _RULE.fullmatch(comment) or _RULE_BEHIND.fullmatch(comment)
    if parts is None:
        return _Rule(help=comment)
    rule, help_text = parts["rule"].strip(), (parts["rest"] or "").strip()
    united = _UNIT.fullmatch(rule)
    limits = _RANGE.fullmatch(united["limits"] if united else rule)
    if limits and kind in {Kind.INT, Kind.FLOAT}:
        low, high = limits["low"] or limits["least"], limits["high"] or limits["most"]
        return _Rule(
            help=help_text,
            low=float(low) if low else None,
            high=float(high) if high else None,
            unit=united["unit"] if united else "",
        )
    if kind is not Kind.STR:
        return None
    word, _, listing = rule.partition(" of ")
    match word:
        case "one":
            return _Rule(help=help_text, names=_names(listing), is_choice=True)
        case "any":
            return _Rule(help=help_text, names=_names(listing))
        case "costs":
            return _Rule(help=help_text, costs_of=_names(listing))
        case _:
            return None


def _names(listing: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in listing.split(","))


def written_value(node: ast.expr) -> tuple[bool, Any]:
    """Whether a value is written out rather than computed, and the value."""
    match node:
        case ast.Call(func=ast.Name(id="date"), args=arguments, keywords=[]):
            make: Callable[..., Any] = date
        case _:
            arguments, make = [node], lambda value: value
    try:
        value = make(*(ast.literal_eval(argument) for argument in arguments))
    except (ValueError, TypeError, ArithmeticError, RecursionError, MemoryError):
        return False, None
    is_finite = not isinstance(value, float) or isfinite(value)
    return is_finite and not (isinstance(value, str) and not is_writable(value)), value
