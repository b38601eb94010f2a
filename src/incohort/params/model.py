"""What a study's model is made of: pydantic fields, with what else there is to say of each.

    recovery_threshold: Annotated[
        float,
        Field(ge=0.1, le=10, description="the count from which a patient has recovered"),
        Unit("10⁹/L"),
        Picks("recovery_count"),
    ] = 1.5

Name, type, default and range are pydantic's; the small classes below say the rest. Of two that say
the same thing the later one counts, so that a study can take a shared field and add its own word.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import NoneType, UnionType
from typing import Any, ClassVar, Literal, Self, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic.fields import FieldInfo

from incohort.dictionary import load
from incohort.params.parameter import EVERYTHING, Kind, Parameter, checked

_Part = TypeVar("_Part")


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of a number, as a clinician writes it."""

    unit: str

    @property
    def said(self) -> dict[str, Any]:
        """What it says of a parameter."""
        return {"unit": self.unit}


@dataclass(frozen=True, slots=True)
class Acts:
    """Where a parameter acts, if not everywhere: `acts only …`."""

    where: str

    @property
    def said(self) -> dict[str, Any]:
        """What it says of a parameter."""
        return {"acts": self.where}


@dataclass(frozen=True, slots=True)
class Picks:
    """The definition of the dictionary that a parameter chooses from, or whose value it takes."""

    definition: str

    @property
    def said(self) -> dict[str, Any]:
        """What it says of a parameter."""
        return {"picks": self.definition}


@dataclass(frozen=True, slots=True, init=False)
class Bears:
    """The beginnings of the keys, without the study, of the figures that a parameter bears on.

    `Bears()` bears on none of them; without one a parameter bears on every figure of its study.
    """

    keys: tuple[str, ...]

    def __init__(self, *keys: str) -> None:
        """Keep the beginnings."""
        object.__setattr__(self, "keys", keys)

    @property
    def said(self) -> dict[str, Any]:
        """What it says of a parameter."""
        return {"bears": self.keys}


@dataclass(frozen=True, slots=True)
class Rare:
    """A parameter that few change: it stands folded, above the others."""

    @property
    def said(self) -> dict[str, Any]:
        """What it says of a parameter."""
        return {"is_rare": True}


@dataclass(frozen=True, slots=True, init=False)
class Names:
    """The names that a text may hold: written here, and those of a column of the dictionary.

    Of the column those alone that may stand `beside` another column's value, where one is given.
    """

    first: tuple[str, ...]
    column: tuple[str, str] | None
    beside: tuple[str, str] | None

    def __init__(
        self,
        *first: str,
        column: tuple[str, str] | None = None,
        beside: tuple[str, str] | None = None,
    ) -> None:
        """Keep the names, and where more of them stand."""
        object.__setattr__(self, "first", first)
        object.__setattr__(self, "column", column)
        object.__setattr__(self, "beside", beside)

    @property
    def all(self) -> tuple[str, ...]:
        """Every name, in order."""
        return (*self.first, *(_categories(*self.column, self.beside) if self.column else ()))


class OneOf(Names):
    """A text that is one of these names."""

    @property
    def said(self) -> dict[str, Any]:
        """What it says of a parameter."""
        return {"kind": Kind.LITERAL, "choices": self.all}


class AnyOf(Names):
    """A text that lists some of these names, separated by commas."""

    @property
    def said(self) -> dict[str, Any]:
        """What it says of a parameter."""
        return {"choices": self.all}


class CostsOf(Names):
    """A text such as `gift=30, gat=20`, of these names."""

    @property
    def said(self) -> dict[str, Any]:
        """What it says of a parameter."""
        return {"costs_of": self.all}


@cache
def _categories(table: str, column: str, beside: tuple[str, str] | None) -> tuple[str, ...]:
    return tuple(category.value for category in load().table(table).may_be(column, beside))


class Parameters(BaseModel):
    """What one study may be asked: every value checked, whichever door it came through.

    `study` begins the keys of the study's figures; `notebook` asks it. `needs` are the tables of a
    cohort without which it has little to say.
    """

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    study: ClassVar[str]
    notebook: ClassVar[str]
    needs: ClassVar[tuple[str, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def _in_our_words(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Refuse what the command line refuses, in the same words."""
        return dict(checked(cls.parameters(), values))

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Self:
        """The study's parameters with these values, and defaults for the rest.

        Raises:
            UsageError: A name is unknown, or a value is refused.
        """
        return cls(**dict(values))

    @classmethod
    @cache
    def parameters(cls) -> tuple[Parameter, ...]:
        """Each field as a parameter, in order."""
        return tuple(_parameter(name, info) for name, info in cls.model_fields.items())

    @classmethod
    def defaults(cls) -> dict[str, Any]:
        """Every parameter's default."""
        return {parameter.name: parameter.default for parameter in cls.parameters()}

    @property
    def values(self) -> dict[str, Any]:
        """Every parameter's value."""
        return {name: getattr(self, name) for name in type(self).model_fields}

    def shared_with(self, other: type[Parameters]) -> dict[str, Any]:
        """The values of the parameters that another study has, too."""
        return {name: value for name, value in self.values.items() if name in other.model_fields}

    def but(self, **changes: object) -> Self:
        """The same but for what is changed; None changes nothing.

        Raises:
            UsageError: A value is refused.
        """
        changed = {name: value for name, value in changes.items() if value is not None}
        return type(self).of({**self.values, **changed}) if changed else self

    @property
    def asked(self) -> tuple[str, ...]:
        """The parameters at another value than their default; the cohort is none of them."""
        return tuple(
            parameter.name
            for parameter in self.parameters()
            if parameter.name != "cohort"
            and _plain(getattr(self, parameter.name)) != _plain(parameter.default)
        )

    def part(self, kind: type[_Part]) -> _Part:
        """Those of the parameters that a dataclass has fields for, as that dataclass."""
        names = {entry.name for entry in fields(kind)}  # type: ignore[arg-type]  # a dataclass
        return kind(**{name: getattr(self, name) for name in names & {*type(self).model_fields}})


def _parameter(name: str, info: FieldInfo) -> Parameter:
    kind, choices, is_optional = _type(info.annotation)
    said: dict[str, Any] = {"kind": kind, "choices": choices, "bears": EVERYTHING}
    for note in info.metadata:
        for limit, word in (("ge", "low"), ("le", "high")):
            if hasattr(note, limit):
                said[word] = float(getattr(note, limit))
        if isinstance(note, Unit | Acts | Picks | Bears | Rare | OneOf | AnyOf | CostsOf):
            said |= note.said
    help_ = info.description or ""
    return Parameter(name=name, default=info.default, help=help_, is_optional=is_optional, **said)


def _type(annotation: Any) -> tuple[Kind, tuple[str | int, ...], bool]:
    """The kind of a field's type, its choices, and whether it may be None."""
    if get_origin(annotation) in {Union, UnionType}:
        (inner,) = (part for part in get_args(annotation) if part is not NoneType)
        return (*_type(inner)[:2], True)
    if get_origin(annotation) is Literal:
        return Kind.LITERAL, get_args(annotation), False
    return Kind(annotation.__name__), (), False


def _plain(value: object) -> object:
    """A comma-separated list as its names, so that spaces make no difference."""
    return [part.strip() for part in value.split(",")] if isinstance(value, str) else value
