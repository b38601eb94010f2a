"""The typed parameters of a notebook: read from its source, enforced before a kernel starts.

One code cell carries the tag `parameters`. Each line is `name: type = value  # help`, and runs in
the notebook as it stands:

    from typing import Literal

    cohort: str = "kyritsi2015"  # the cohort's name, or the folder that holds it
    conf_level: float = 0.95  # (0.5 to 0.999) how wide every interval is
    anc_threshold: float = 1.8  # (0.1 to 5) below this ANC, in 10⁹/L, a patient is neutropenic
    min_tested: int = 1  # (at least 1) fewest tested patients that a subtype needs
    subtypes: str = "hashimoto, graves"  # (any of hashimoto, graves, ttm) counted as autoimmune
    index_assay: Literal["gift", "gat"] = "gift"  # the assay that decides who is positive
    until: date | None = None  # the last index date that counts; None: no limit

Types are `bool`, `int`, `float`, `str`, `date`, `Literal[...]`, and each of them `| None`. What
may stand in parentheses at the beginning of the help is a rule, and is enforced:

- `(LOW to HIGH)`, `(at least LOW)`, `(at most HIGH)` for numbers, the limits allowed;
- `(any of NAME, NAME, …)` for a `str` that is a comma-separated list of names.

Beside these lines the cell may hold `from typing import Literal` and `from datetime import date`,
and nothing that is computed: papermill puts what a user changes into a cell after it.
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite
from typing import assert_never

from incohort.dictionary.nearest import nearest, unknown_name
from incohort.errors import UsageError

Value = bool | int | float | str | date | None

_IMPORTS = {("typing", "Literal"), ("datetime", "date")}
_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
_RANGE = re.compile(
    rf"(?P<low>{_NUMBER}) to (?P<high>{_NUMBER})"
    rf"|at least (?P<least>{_NUMBER})|at most (?P<most>{_NUMBER})"
)
_RULE = re.compile(r"\((?P<rule>[^()]*)\)\s*(?P<rest>.*)", re.DOTALL)


class Kind(StrEnum):
    """What a parameter's value is."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    STR = "str"
    DATE = "date"
    LITERAL = "Literal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One line of the parameters cell: its name, what it may be, its default, what it does.

    `choices` are the values of a `Literal`, or the names that a comma-separated list may hold.
    """

    name: str
    kind: Kind
    default: Value
    help: str = ""
    is_optional: bool = False
    low: float | None = None
    high: float | None = None
    choices: tuple[str | int, ...] = ()

    @property
    def describes(self) -> str:
        """The type and its rule in words, as `incohort params` and the refusals print them."""
        match self.kind:
            case Kind.LITERAL:
                words = f"one of {', '.join(map(str, self.choices))}"
            case Kind.STR if self.choices:
                words = f"any of {', '.join(map(str, self.choices))}, separated by commas"
            case Kind.INT | Kind.FLOAT:
                words = " ".join(filter(None, (_NOUNS[self.kind], self._range)))
            case Kind.BOOL | Kind.STR | Kind.DATE:
                words = _NOUNS[self.kind]
            case _:
                assert_never(self.kind)
        return f"{words}, or None" if self.is_optional else words

    @property
    def _range(self) -> str:
        if self.low is not None and self.high is not None:
            return f"from {self.low:g} to {self.high:g}"
        if self.low is not None:
            return f"of at least {self.low:g}"
        return f"of at most {self.high:g}" if self.high is not None else ""

    def read(self, text: str) -> Value:
        """The value that `text` stands for, as it was typed after `-p name=`.

        Raises:
            UsageError: The text is of another type, out of range, or no known name.
        """
        if self.is_optional and text in {"None", "none"}:
            return None
        value = _read(self.kind, text, self.choices)
        if value is None or not self.allows(value):
            raise UsageError(self._refusal(text))
        return value

    def allows(self, value: Value) -> bool:
        """Whether a value of this parameter's type keeps to its rule."""
        match value:
            case bool() | date():
                return True
            case int() | float():
                low, high = self.low, self.high
                return (low is None or value >= low) and (high is None or value <= high)
            case str():
                names = value.split(",") if self.kind is Kind.STR and self.choices else []
                return all(name.strip() in self.choices for name in names)
            case None:
                return self.is_optional
            case _:
                assert_never(value)

    def _refusal(self, text: str) -> str:
        sentence = f"Parameter {self.name!r} must be {self.describes}; got {text!r}."
        if self.kind is Kind.FLOAT and "," in text:
            return f"{sentence} Write decimals with a point."
        wrong = [part.strip() for part in text.split(",") if part.strip() not in self.choices]
        match = nearest(wrong[0], map(str, self.choices)) if self.choices and wrong else None
        return f"{sentence} Did you mean {match!r}?" if match else sentence


_NOUNS = {
    Kind.BOOL: "true or false",
    Kind.INT: "a whole number",
    Kind.FLOAT: "a number",
    Kind.STR: "text",
    Kind.DATE: "a date like 2024-01-31",
}
_FORMS = {
    Kind.INT: re.compile(r"[-+]?\d+", re.ASCII),
    Kind.FLOAT: re.compile(_NUMBER, re.ASCII),
    Kind.DATE: re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII),
}


def _read(kind: Kind, text: str, choices: tuple[str | int, ...]) -> Value:
    """The typed value of a text, or None where the text is not of that type."""
    if kind in _FORMS and not _FORMS[kind].fullmatch(text):
        return None
    readers: dict[Kind, Callable[[str], Value]] = {
        Kind.BOOL: lambda word: {"true": True, "false": False}.get(word.casefold()),
        Kind.INT: int,
        Kind.FLOAT: lambda number: float(number) if isfinite(float(number)) else None,
        Kind.STR: str,
        Kind.DATE: date.fromisoformat,
        Kind.LITERAL: {str(choice): choice for choice in choices}.get,
    }
    try:
        return readers[kind](text)
    except ValueError:  # a day that no calendar has, a number beyond Python's digits
        return None


def read_overrides(parameters: Iterable[Parameter], assignments: Iterable[str]) -> dict[str, Value]:
    """What a user changes, typed, from the `name=value` texts of the command line.

    Raises:
        UsageError: A text has no `=`, a name is unknown or stands twice, or a value is refused.
    """
    known = {parameter.name: parameter for parameter in parameters}
    overrides: dict[str, Value] = {}
    for assignment in assignments:
        name, separator, text = assignment.partition("=")
        name = name.strip()
        if not separator:
            raise UsageError(f"-p takes name=value; got {assignment!r}.")
        if name == "cohort":
            raise UsageError("The cohort is chosen with --cohort, not with -p cohort=….")
        if name not in known:
            raise unknown_name("parameter", name, known)
        if name in overrides:
            raise UsageError(f"Parameter {name!r} is given twice; give it once.")
        overrides[name] = known[name].read(text)
    return overrides


def parse_parameters(source: str, notebook: str) -> tuple[Parameter, ...]:
    """The parameters that the source of a parameters cell declares, in its order.

    Raises:
        UsageError: A line has another form than the one described above.
    """
    try:
        body = ast.parse(source).body
    except SyntaxError as error:
        raise _unfit(notebook, error.lineno or 1, "is no Python") from None
    helps = _comments(source)
    found: dict[str, Parameter] = {}
    for line in body:
        if _is_allowed_import(line):
            continue
        parameter = _parameter(line, helps.get(line.end_lineno or line.lineno, ""), notebook)
        if parameter.name in found:
            raise _unfit(notebook, line.lineno, f"declares {parameter.name!r} again")
        found[parameter.name] = parameter
    return tuple(found.values())


def effective(parameters: Iterable[Parameter], overrides: Mapping[str, Value]) -> dict[str, Value]:
    """Every parameter with the value it runs with."""
    return {p.name: overrides.get(p.name, p.default) for p in parameters}


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
    low, high, names, text = _rule(comment, kind)
    if text is None:
        raise _unfit(notebook, line.lineno, "begins its help with a rule that can't be read")
    is_written, default = _default(v, kind)
    parameter = Parameter(
        name=name,
        kind=kind,
        default=default,
        help=text,
        is_optional=is_optional,
        low=low,
        high=high,
        choices=choices or names,
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


def _rule(
    comment: str, kind: Kind
) -> tuple[float | None, float | None, tuple[str, ...], str | None]:
    """Limits, names and help of a comment; the help is None where its rule can't be read."""
    parts = _RULE.fullmatch(comment)
    if parts is None:
        return None, None, (), comment
    rule, rest = parts["rule"].strip(), parts["rest"].strip()
    limits = _RANGE.fullmatch(rule)
    if limits and kind in {Kind.INT, Kind.FLOAT}:
        low, high = limits["low"] or limits["least"], limits["high"] or limits["most"]
        return (float(low) if low else None), (float(high) if high else None), (), rest
    if rule.startswith("any of ") and kind is Kind.STR:
        names = tuple(name.strip() for name in rule.removeprefix("any of ").split(","))
        return None, None, names, rest
    return None, None, (), None


def _default(node: ast.expr, kind: Kind) -> tuple[bool, Value]:
    """Whether the default is written out rather than computed, and the default."""
    match node:
        case ast.Call(func=ast.Name(id="date"), args=arguments, keywords=[]):
            make: Callable[..., Value] = date
        case _:
            arguments, make = [node], lambda value: value
    try:
        value = make(*(ast.literal_eval(argument) for argument in arguments))
    except (ValueError, TypeError):
        return False, None
    return True, float(value) if kind is Kind.FLOAT and type(value) is int else value


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
