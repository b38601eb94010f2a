"""What a cohort says of itself in `datapackage.json`: its privacy, its origin, what is invented."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from incohort.dictionary import collectable, load, nearest, studies
from incohort.dictionary.files import is_regular, read_regular
from incohort.dictionary.nearest import nearest_name
from incohort.errors import Fault
from incohort.results import Origin
from incohort.sources.stray import stray_statements
from incohort.sources.telling import MOST, capped

FILE_NAME = "datapackage.json"
_LARGEST = 4 * 2**20  # bytes
_REMEDIES = {
    "incohort": "Write an object in curly brackets, or take it out: the cohort is then restricted.",
    "incohort.privacy": "Write public or restricted, in small letters and without spaces.",
}


class _About(BaseModel):
    """The descriptor's own `incohort` object."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    privacy: Literal["public", "restricted"] = "restricted"
    study: str | None = None
    origin: Literal["observed", "reconstructed", "synthetic"] = "observed"
    notices: tuple[str, ...] = ()
    synthetic_columns: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    collected: tuple[str, ...] | None = None
    unit: Literal["patient", "course"] = "patient"
    n_patients: Annotated[int, Field(ge=1)] | None = None
    made_for: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Descriptor:
    """A cohort's word on itself; restricted and observed where it says nothing.

    `collected` are names of `dictionary.collectable`, None where the cohort says nothing of it.
    `unit` is what a row of `patients` is: a course of treatment where nobody knows which courses
    were one patient's; `n_patients` says then how many patients are behind them. `made_for` are the
    studies that a drawn cohort was made for, which alone the demo asks of it.
    """

    title: str
    licence: str = ""
    is_public: bool = False
    study: str | None = None
    origin: Origin = Origin.OBSERVED
    notices: tuple[str, ...] = ()
    synthetic_columns: tuple[str, ...] = ()
    held: tuple[str, ...] = ()
    collected: frozenset[str] | None = None
    unit: Literal["patient", "course"] = "patient"
    n_patients: int | None = None
    made_for: tuple[str, ...] = ()


def read_descriptor(folder: Path) -> tuple[Descriptor, tuple[Fault, ...]]:
    """The descriptor of a folder, and what is wrong with it."""
    fallback = Descriptor(title=folder.name)
    path = folder / FILE_NAME
    if not os.path.lexists(path):
        return fallback, ()
    content = _content(path)
    if isinstance(content, Fault):
        return fallback, (content,)
    strays = tuple(stray_statements(content, _About.model_fields, FILE_NAME))
    try:
        about = _About.model_validate(content.get("incohort", {}))
    except ValidationError as error:
        return fallback, (*strays, *(_of_pydantic(dict(item)) for item in error.errors()))
    faults = (
        *strays,
        *_strange_resources(folder, content),
        *_strange_columns(about.synthetic_columns),
        *_not_collected(folder, about.collected or ()),
        *_without_number(about),
    )
    if about.study is not None and about.study not in studies():
        match = nearest_name(about.study, studies())
        hint = f" Did you mean {match!r}?" if match else ""
        remedy = f"Name one of {', '.join(studies())}, or leave it out.{hint}"
        rule = "the study is one of the dictionary's"
        faults += (
            Fault(
                table=FILE_NAME,
                column="incohort.study",
                value=about.study,
                rule=rule,
                remedy=remedy,
            ),
        )
    descriptor = Descriptor(
        title=str(content.get("title") or content.get("name") or folder.name),
        licence=_licence(content),
        is_public=about.privacy == "public",
        study=about.study,
        origin=Origin(about.origin),
        notices=about.notices,
        synthetic_columns=about.synthetic_columns,
        held=about.held,
        collected=None if about.collected is None else frozenset(about.collected),
        unit=about.unit,
        n_patients=about.n_patients,
        made_for=about.made_for,
    )
    return descriptor, faults


def _content(path: Path) -> dict[str, Any] | Fault:
    """What the descriptor says, or why it can't be read."""
    try:
        text = read_regular(path, most=_LARGEST).decode("utf-8-sig")
        content: Any = json.loads(text, object_pairs_hook=_without_twins)
        json.dumps(content, ensure_ascii=False).encode("utf-8")
    except OSError as error:
        return _fault("can't be read", error.strerror or type(error).__name__)
    except UnicodeDecodeError as error:
        return _fault("can't be read as UTF-8 text", type(error).__name__)
    except UnicodeEncodeError:
        return _fault("holds half of a letter, which is no text", "a lone surrogate, as \\ud800")
    except json.JSONDecodeError as error:
        return _fault("is not JSON", f"{error.msg} at line {error.lineno}, column {error.colno}")
    except RecursionError:
        return _fault("is not JSON that one can read", "nested too deeply")
    except _TwinKeyError as error:
        return _fault("gives each key once", str(error))
    except ValueError:  # Python reads no number of more than 4,300 digits
        return _fault("is not JSON that one can read", "a number of too many digits")
    if not isinstance(content, dict):
        return _fault("is not a JSON object", type(content).__name__)
    return content


class _TwinKeyError(ValueError):
    """A key that stands twice in one JSON object: `privacy` could be read either way."""


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members: dict[str, Any] = {}
    for key, value in pairs:
        if key in members:
            raise _TwinKeyError(key)
        members[key] = value
    return members


def _strange_resources(folder: Path, content: dict[str, Any]) -> Iterator[Fault]:
    """The tables that the descriptor names and that don't lie in the folder."""
    resources = content.get("resources", [])
    for resource in resources if isinstance(resources, list) else []:
        path = resource.get("path") if isinstance(resource, dict) else None
        name = path if isinstance(path, str) else json.dumps(path)
        is_beside = Path(name) == Path(Path(name).name)
        if path is None or (is_beside and is_regular(folder / name)):
            continue
        yield Fault(
            table=FILE_NAME,
            column="resources",
            value=name,
            rule="each resource is one file in the cohort's folder",
            remedy=f"Put it beside {FILE_NAME}, or take it off the list; it was not read.",
        )


def _strange_columns(columns: tuple[str, ...]) -> Iterator[Fault]:
    """Invented columns that don't exist: a mistyped one would pass for observed."""
    known = {f"labs.{analyte}" for analyte in load().analytes}
    known |= {f"{t.name}.{c.name}" for t in load().tables.values() for c in t.columns}
    strange = [column for column in columns if column not in known]
    faults = [_strange_column(column, known) for column in strange[:MOST]]
    yield from capped(faults, len(strange))


def _strange_column(column: str, known: set[str]) -> Fault:
    match = nearest(column, known)
    # behind its table, too, an analyte's code is no slip for another one: AMC is not ANC
    if match and not nearest(column.rpartition(".")[2], [match.rpartition(".")[2]]):
        match = None
    hint = f" Did you mean {match!r}?" if match else ""
    return Fault(
        table=FILE_NAME,
        column="incohort.synthetic_columns",
        value=column,
        rule="the column is in the data dictionary",
        remedy=f"Write table.column, or labs. and an analyte.{hint}",
    )


def _without_number(about: _About) -> Iterator[Fault]:
    """How many patients there are is said where a row is none of them, and only there."""
    if (about.unit == "course") == (about.n_patients is not None):
        return
    yield Fault(
        table=FILE_NAME,
        column="incohort.n_patients",
        value="" if about.n_patients is None else str(about.n_patients),
        rule="the number of patients is said where a row is a course, and only there",
        remedy="Say how many patients are behind the courses, or take unit and n_patients out.",
    )


def _not_collected(folder: Path, names: tuple[str, ...]) -> Iterator[Fault]:
    """What a cohort says it collected and nobody knows, or for which it has no table."""
    known = collectable()
    faults = []
    for name in names:
        table = known[name].table if name in known else None
        if table is None:
            match = nearest_name(name, known)
            hint = f" Did you mean {match!r}?" if match else ""
            rule = "what was collected is in the data dictionary"
            remedy = f"Known are {', '.join(known)}.{hint}"
        elif any(is_regular(folder / f"{table}.{kind}") for kind in ("csv", "parquet")):
            continue
        else:
            rule = f"what was collected has its table, {table}"
            remedy = (
                f"Add {table}.csv, which may have a header and no row, or take it off the list."
            )
        faults.append(
            Fault(
                table=FILE_NAME, column="incohort.collected", value=name, rule=rule, remedy=remedy
            )
        )
    yield from capped(faults[:MOST], len(faults))


def _licence(content: dict[str, Any]) -> str:
    licences = content.get("licenses")
    first = licences[0] if isinstance(licences, list) and licences else {}
    return str(first.get("name") or first.get("title") or "") if isinstance(first, dict) else ""


def _fault(rule: str, value: str) -> Fault:
    return Fault(
        table=FILE_NAME,
        value=value,
        rule=f"{FILE_NAME} {rule}",
        remedy="Correct the file, or remove it: the cohort is then restricted.",
    )


def _of_pydantic(detail: dict[str, Any]) -> Fault:
    name = ".".join(("incohort", *(str(step) for step in detail["loc"])))
    if detail["type"] == "extra_forbidden":
        match = nearest(str(detail["loc"][-1]), _About.model_fields)
        hint = f" Did you mean {match!r}?" if match else ""
        return Fault(
            table=FILE_NAME,
            column=name,
            rule="the key is known",
            remedy=f"Known are {', '.join(_About.model_fields)}.{hint}",
        )
    return Fault(
        table=FILE_NAME,
        column=name,
        value=str(detail["input"])[:80],
        rule=str(detail["msg"])[:1].lower() + str(detail["msg"])[1:],
        remedy=_REMEDIES.get(name, "Correct the entry."),
    )
