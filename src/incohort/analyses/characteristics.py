"""What a table of characteristics is made of: groups of patients, and what is known of each."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from incohort.analyses import vocabulary
from incohort.analyses.parameters.shared import GroupBy
from incohort.analyses.recorded import LABEL, NOT_RECORDED

OVERALL = "overall"
# Who is in no group: of whom the property can't be asked, which is not that it was not recorded.
_WITHOUT = {
    "severity": "No neutrophil count",
    "course": "No dated count below the limit",
    "cytopenia": "No count below the limit",
}
_ANALYTES = ("ANC", "WBC", "LYMPH", "HB", "PLT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One column of the table: its name in keys, its head, its patients."""

    name: str
    label: str
    frame: pd.DataFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Variable:
    """One characteristic: a column of the frame, continuous unless it has categories."""

    name: str
    column: str
    label: str
    sources: tuple[str, ...]
    unit: str = ""
    categories: Mapping[str, str] | None = None


def standard_variables() -> tuple[Variable, ...]:
    """Age, sex and the blood count."""
    return (
        Variable(
            name="age",
            column="age_years",
            label="Age",
            unit="years",
            sources=("patients.age_years",),
        ),
        Variable(
            name="sex",
            column="sex",
            label="Sex",
            sources=("patients.sex",),
            categories=vocabulary.labels("patients", "sex"),
        ),
        *(analyte(name) for name in _ANALYTES),
    )


def analyte(name: str) -> Variable:
    """A laboratory value: the neutrophil count that grades, any other nearest the index date."""
    return Variable(
        name=name.lower(),
        column=vocabulary.value_column(name),
        label=vocabulary.analyte_label(name),
        unit=vocabulary.analyte_unit(name),
        sources=(f"labs.{name}",),
    )


def described_variables(frame: pd.DataFrame, *, lists_all: bool = False) -> list[Variable]:
    """What Table 1 shows: the standard characteristics, and those others that anybody has.

    With `lists_all` the others are there in any case, so that their absence tells nothing.
    """
    variables = list(standard_variables())
    for name, label in (("ancestry", "Ancestry"), ("aetiology", "Cause")):
        if lists_all or frame[name].notna().any():
            variables.append(
                Variable(
                    name=name,
                    column=name,
                    label=label,
                    sources=(f"patients.{name}",),
                    categories=vocabulary.labels("patients", name),
                )
            )
    return variables


def groups_of(
    frame: pd.DataFrame,
    group_by: GroupBy,
    grades: Mapping[str, str],
    *,
    lists_all: bool = False,
) -> list[Group]:
    """Everybody, then one group per value of a column, in the dictionary's order.

    Args:
        frame: One row per patient.
        group_by: The column that makes the groups, or `none`.
        grades: Labels of the severity system in use.
        lists_all: Whether groups of the dictionary are listed even where nobody is in them.
    """
    overall = Group(name=OVERALL, label="All", frame=frame)
    if group_by == "none":
        return [overall]
    known: Mapping[str, str] = {
        "severity": grades,
        "course": vocabulary.COURSES,
        "cytopenia": vocabulary.CYTOPENIAS,
    }.get(group_by, {})
    if group_by in {"aetiology", "sex", "ancestry"}:
        known = vocabulary.labels("patients", group_by)
    values = frame[group_by].astype("string")
    seen = [name for name in known if lists_all or (values == name).any()]
    own = sorted(set(values.dropna()) - set(seen))
    names = {name: name for name in seen} | _names_in_keys(own, taken=seen)
    groups = [
        Group(name=names[value], label=known.get(value, value), frame=frame[values == value])
        for value in (*seen, *own)
    ]
    if lists_all or values.isna().any():
        label = _WITHOUT.get(group_by, LABEL)
        groups.append(Group(name=NOT_RECORDED, label=label, frame=frame[values.isna()]))
    return [overall, *groups]


def _names_in_keys(values: Sequence[str], taken: Sequence[str]) -> dict[str, str]:
    """A plain name for each value that a user wrote: what stands in a key is never free text."""
    names: dict[str, str] = {}
    for value in values:
        plain = re.sub(r"\W+", "_", value.casefold()).strip("_") or "unnamed"
        used = {OVERALL, NOT_RECORDED, *taken, *names.values()}
        numbered = (f"{plain}_{number}" for number in range(2, len(values) + 3))
        names[value] = next(name for name in (plain, *numbered) if name not in used)
    return names
