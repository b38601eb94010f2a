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
- `(any of NAME, NAME, …)` for a `str` that is a comma-separated list of names;
- `(costs of NAME, NAME, …)` for a `str` such as `NAME=30, NAME=20`, or empty.

Beside these lines the cell may hold `from typing import Literal` and `from datetime import date`,
and nothing that is computed: papermill puts what a user changes into a cell after it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from math import isfinite
from typing import assert_never

from incohort.dictionary.costs import COSTS_FORM, costs_in
from incohort.dictionary.files import is_writable
from incohort.dictionary.nearest import brief, nearest, unknown_name
from incohort.errors import UsageError, folded

Value = bool | int | float | str | date | None

_MOST = 60  # choices listed
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"


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

    `choices` are the values of a `Literal`, or the names that a comma-separated list may hold;
    `costs_of` are the names that a list of costs may hold.
    """

    name: str
    kind: Kind
    default: Value
    help: str = ""
    is_optional: bool = False
    low: float | None = None
    high: float | None = None
    choices: tuple[str | int, ...] = ()
    costs_of: tuple[str, ...] = ()

    @property
    def describes(self) -> str:
        """The type and its rule in words, as `incohort params` and the refusals print them."""
        match self.kind:
            case Kind.LITERAL:
                words = f"one of {folded([*map(str, self.choices)], _MOST)}"
            case Kind.STR if self.choices:
                words = f"any of {folded([*map(str, self.choices)], _MOST)}, separated by commas"
            case Kind.STR if self.costs_of:
                words = f"{COSTS_FORM}, or empty"
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
            return f"from {self.low:.15g} to {self.high:.15g}"
        if self.low is not None:
            return f"of at least {self.low:.15g}"
        return f"of at most {self.high:.15g}" if self.high is not None else ""

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
            case str() if self.costs_of:
                return not self._cost_fault(value)
            case str():
                names = value.split(",") if self.kind is Kind.STR and self.choices else []
                return all(name.strip() in self.choices for name in names)
            case None:
                return self.is_optional
            case _:
                assert_never(value)

    def _refusal(self, text: str) -> str:
        sentence = f"Parameter {self.name!r} must be {self.describes}; got {brief(text)!r}."
        if self.costs_of:
            return f"{sentence} {self._cost_fault(text)}"
        if self.kind is Kind.FLOAT and "," in text:
            return f"{sentence} Write decimals with a point."
        wrong = [part.strip() for part in text.split(",") if part.strip() not in self.choices]
        match = nearest(wrong[0], map(str, self.choices)) if self.choices and wrong else None
        return f"{sentence} Did you mean {match!r}?" if match else sentence

    def _cost_fault(self, text: str) -> str:
        """What is wrong with a list of costs; empty where nothing is."""
        try:
            costs_in(text, self.costs_of)
        except UsageError as fault:
            return str(fault)
        return ""


_NOUNS = {
    Kind.BOOL: "true or false",
    Kind.INT: "a whole number",
    Kind.FLOAT: "a number",
    Kind.STR: "text",
    Kind.DATE: "a date like 2024-01-31",
}
_FORMS = {
    Kind.INT: re.compile(r"[-+]?\d+", re.ASCII),
    Kind.FLOAT: re.compile(NUMBER, re.ASCII),
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
        if not is_writable(text):
            raise UsageError(f"Parameter {name!r} must be text; got {text!r}.")
        if name in overrides:
            raise UsageError(f"Parameter {name!r} is given twice; give it once.")
        overrides[name] = known[name].read(text)
    return overrides


def effective(parameters: Iterable[Parameter], overrides: Mapping[str, Value]) -> dict[str, Value]:
    """Every parameter with the value it runs with."""
    return {p.name: overrides.get(p.name, p.default) for p in parameters}
