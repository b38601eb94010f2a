"""One parameter: what it is called, what it may be, and one refusal for whatever else is given.

Every door asks here: the command line with a text, a notebook and Python with a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from math import isfinite
from typing import assert_never

from incohort.dictionary.costs import COSTS_FORM, costs_in
from incohort.dictionary.files import is_writable
from incohort.dictionary.nearest import brief, nearest
from incohort.errors import UsageError, folded
from incohort.params.renamed import refusal_of_name

Value = bool | int | float | str | date | None

_MOST = 60  # choices listed
_LONG = 200  # bits of a number that a message can bear
NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?"
EVERYTHING: tuple[str, ...] = ("",)  # the beginning of every key


class Kind(StrEnum):
    """What a parameter's value is."""

    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    STR = "str"
    DATE = "date"
    LITERAL = "Literal"


class _Unfit:
    """Stands for a value that is not of the type."""


_UNFIT = _Unfit()


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter: its name, what it may be, its default, what it does.

    `choices` are the values of a choice, or the names that a comma-separated list may hold;
    `costs_of` are the names that a list of costs may hold. `acts` says where it acts, if not
    everywhere; `picks` which definition of the dictionary it chooses from; `bears` are the
    beginnings of the keys, without the study, of the figures that it bears on. What is `is_rare`
    stands folded.
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
    unit: str = ""
    acts: str = ""
    picks: str = ""
    bears: tuple[str, ...] = EVERYTHING
    is_rare: bool = False

    @property
    def describes(self) -> str:
        """The type and its rule in words, as every list and refusal has them."""
        match self.kind:
            case Kind.LITERAL:
                words = f"one of {folded([*map(str, self.choices)], _MOST)}"
            case Kind.STR if self.choices:
                words = f"any of {folded([*map(str, self.choices)], _MOST)}, separated by commas"
            case Kind.STR if self.costs_of:
                words = f"{COSTS_FORM}, or empty"
            case Kind.INT | Kind.FLOAT:
                words = " ".join(filter(None, (_NOUNS[self.kind], self._range)))
                words += f", in {self.unit}" if self.unit else ""
            case Kind.BOOL | Kind.STR | Kind.DATE:
                words = _NOUNS[self.kind]
            case _:
                assert_never(self.kind)
        return f"{words}, or None" if self.is_optional else words

    @property
    def does(self) -> str:
        """What it does, and where, if not everywhere."""
        return f"{self.help}; acts only {self.acts}" if self.acts else self.help

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
        if isinstance(value, _Unfit):
            raise UsageError(self._refusal(text))
        if not self.allows(value):
            raise UsageError(self._refusal(value))
        return value

    def checked(self, value: object) -> Value:
        """A value that Python or a notebook hands over, as this parameter's type.

        Raises:
            UsageError: It is of another type, out of range, or no known name.
        """
        typed = self._typed(value)
        if isinstance(typed, _Unfit):
            hint = _unquoted(value) if self.kind not in {Kind.STR, Kind.LITERAL} else ""
            raise UsageError(self._refusal(value) + hint)
        if not self.allows(typed):
            raise UsageError(self._refusal(typed))
        return typed

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
                return is_writable(value) and all(n.strip() in self.choices for n in names)
            case None:
                return self.is_optional
            case _:
                assert_never(value)

    def _typed(self, value: object) -> Value | _Unfit:
        match self.kind, value:
            case _, None:
                return None
            case Kind.LITERAL, str() | int():
                same = [c for c in self.choices if type(c) is type(value) and c == value]
                return same[0] if same else _UNFIT
            case (Kind.INT | Kind.FLOAT, bool()) | (Kind.DATE, datetime()):
                return _UNFIT
            case Kind.BOOL, bool(flag):
                return flag
            case Kind.STR, str(text):
                return text
            case Kind.INT, int(number):
                return number
            case Kind.DATE, date() as day:
                return day
            case Kind.FLOAT, (int() | float()) as number:
                return float(number) if _is_finite(number) else _UNFIT
            case _:
                return _UNFIT

    def _refusal(self, value: object) -> str:
        sentence = f"Parameter {self.name!r} must be {self.describes}; got {_told(value)}."
        if not isinstance(value, str):
            return sentence
        if self.costs_of:
            return f"{sentence} {self._cost_fault(value)}"
        if self.kind is Kind.FLOAT and "," in value:
            return f"{sentence} Write decimals with a point."
        parts = value.split(",") if self.kind is Kind.STR else [value]
        wrong = [part.strip() for part in parts if part.strip() not in self.choices]
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


def as_typed(value: Value) -> str:
    """A parameter's value as one types it after `-p name=`."""
    match value:
        case bool() | None:
            return str(value).lower()
        case float():
            short = f"{value:.15g}"
            return short if float(short) == value else repr(value)
        case date():
            return value.isoformat()
        case _:
            return str(value)


def known_name(name: str, known: Iterable[str]) -> str:
    """The name, where a parameter has it.

    Raises:
        UsageError: It has another name by now, or none has it.
    """
    names = tuple(known)
    if name not in names:
        raise refusal_of_name(name, names)
    return name


def checked(parameters: Iterable[Parameter], given: Mapping[str, object]) -> dict[str, Value]:
    """Values by name as Python or a notebook hands them over, each of its parameter's type.

    Raises:
        UsageError: A name is unknown, or a value is refused.
    """
    known = {parameter.name: parameter for parameter in parameters}
    return {name: known[known_name(name, known)].checked(value) for name, value in given.items()}


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
        parameter = known[known_name(name, known)]
        if not is_writable(text):
            raise UsageError(f"Parameter {name!r} must be text; got {text!r}.")
        if name in overrides:
            raise UsageError(f"Parameter {name!r} is given twice; give it once.")
        overrides[name] = parameter.read(text)
    return overrides


def effective(parameters: Iterable[Parameter], overrides: Mapping[str, Value]) -> dict[str, Value]:
    """Every parameter with the value it runs with."""
    return {p.name: overrides.get(p.name, p.default) for p in parameters}


def _read(kind: Kind, text: str, choices: tuple[str | int, ...]) -> Value | _Unfit:
    """The typed value of a text, or a mark where the text is not of that type."""
    if kind in _FORMS and not _FORMS[kind].fullmatch(text):
        return _UNFIT
    try:
        match kind:
            case Kind.BOOL:
                return {"true": True, "false": False}.get(text.casefold(), _UNFIT)
            case Kind.INT:
                return int(text)
            case Kind.FLOAT:
                return float(text) if isfinite(float(text)) else _UNFIT
            case Kind.STR:
                return text
            case Kind.DATE:
                return date.fromisoformat(text)
            case Kind.LITERAL:
                return {str(choice): choice for choice in choices}.get(text, _UNFIT)
            case _:
                assert_never(kind)
    except ValueError:  # a day that no calendar has, a number beyond Python's digits
        return _UNFIT


def _is_finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # a whole number beyond what a float holds
        return False


def _told(value: object) -> str:
    """What was given, as one types it; a number looks the same whichever door it came through."""
    match value:
        case str():
            return repr(brief(value))
        case bool() | None:
            return repr(str(value))
        case int() if value.bit_length() > _LONG:
            return "a number of very many digits"
        case int() | float():
            return repr(as_typed(value))
        case date():
            return repr(value.isoformat())
        case _:
            return f"{brief(ascii(value))} ({type(value).__name__})"


def _unquoted(value: object) -> str:
    return " It is given as text; write it without quotation marks." * isinstance(value, str)
