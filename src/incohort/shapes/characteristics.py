"""What a table of characteristics shows of its groups: the columns, with their words and units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from incohort.shapes import vocabulary
from incohort.shapes.groups import sources_of
from incohort.shapes.people import assay_column
from incohort.shapes.sets import NO, YES

_ANALYTES = ("ANC", "WBC", "LYMPH", "HB", "PLT")


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
    age = Variable(
        name="age", column="age_years", label="Age", unit="years", sources=("patients.age_years",)
    )
    return (age, _category("sex", "Sex"), *map(analyte, _ANALYTES))


def _category(name: str, label: str) -> Variable:
    """A column of the patients with categories."""
    categories = vocabulary.labels("patients", name)
    sources = (f"patients.{name}",)
    return Variable(name=name, column=name, label=label, sources=sources, categories=categories)


def analyte(name: str) -> Variable:
    """A laboratory value: the neutrophil count that grades, any other nearest the index date."""
    return Variable(
        name=name.lower(),
        column=vocabulary.value_column(name),
        label=vocabulary.analyte_label(name),
        unit=vocabulary.analyte_unit(name),
        sources=(f"labs.{name}",),
    )


def result_of(assay: str) -> Variable:
    """What an assay found, whatever it was."""
    return Variable(
        name=assay_column(assay),
        column=assay_column(assay),
        label=f"Result of {vocabulary.labels('antibody_tests', 'assay')[assay]}",
        sources=sources_of(assay_column(assay)),
        categories=vocabulary.labels("antibody_tests", "result"),
    )


def flagged(column: str, label: str) -> Variable:
    """A column of yes and no."""
    words = {YES: "yes", NO: "no"}
    return Variable(
        name=column, column=column, label=label, sources=sources_of(column), categories=words
    )


def described_variables(frame: pd.DataFrame, *, lists_all: bool = False) -> list[Variable]:
    """What Table 1 shows: the standard characteristics, and those others that anybody has.

    With `lists_all` the others are there in any case, so that their absence tells nothing.
    """
    others = (_category("ancestry", "Ancestry"), _category("aetiology", "Cause"))
    seen = (v for v in others if lists_all or frame[v.column].notna().any())
    return [*standard_variables(), *seen]
