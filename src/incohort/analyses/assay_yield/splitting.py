"""Two populations of one cohort: who is in which, by what the design names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

import numpy as np
import pandas as pd

from incohort.analyses.assay_yield.question import Flags, Question

_TWO = 2


@dataclass(frozen=True, kw_only=True)
class Split:
    """Two populations: their names, who is in which, and the columns that told.

    `reason` says why there are no two, and is empty where there are.
    """

    labels: tuple[str, str]
    first: Flags
    second: Flags
    sources: tuple[str, ...]
    reason: str = ""


def split_of(question: Question) -> Split:
    """Who is in which population; whom the column does not place is in neither."""
    people = question.population.frame.set_index("patient_id")
    ids = question.units["patient_id"]

    def column(name: str) -> pd.Series:
        return people[name].reindex(ids).reset_index(drop=True)

    def flags(mask: pd.Series) -> Flags:
        return mask.fillna(value=False).to_numpy(dtype=bool)

    def lacking(name: str) -> str:
        return question.population.unrecorded.get(name, "")

    match question.design.populations:
        case "none":
            nobody = np.zeros(len(ids), dtype=bool)
            return Split(labels=("–", "–"), first=nobody, second=nobody, sources=())
        case "sex":
            sex = column("sex")
            return Split(
                labels=("Female", "Male"),
                first=flags(sex == "female"),
                second=flags(sex == "male"),
                sources=("patients.sex",),
                reason=lacking("sex"),
            )
        case "age":
            limit, ages = question.design.population_age, pd.to_numeric(column("age_years"))
            return Split(
                labels=(f"Younger than {limit:g} years", f"{limit:g} years or older"),
                first=flags(ages < limit),
                second=flags(ages >= limit),
                sources=("patients.age_years", "patients.birth_date"),
                reason=lacking("age_years"),
            )
        case "centre":
            return _by_centre(column("centre"), sorted(people["centre"].dropna().unique()))
        case "cause":
            cause = column("aetiology")
            return Split(
                labels=("With an immune cause", "With another cause"),
                first=flags(cause.isin(question.immune)),
                second=flags(cause.isin(question.not_immune)),
                sources=("patients.aetiology",),
                reason=lacking("aetiology"),
            )
        case never:
            assert_never(never)


def _by_centre(own: pd.Series, names: list[str]) -> Split:
    if len(names) != _TWO:
        nobody = np.zeros(len(own), dtype=bool)
        return Split(
            labels=("One centre", "The other"),
            first=nobody,
            second=nobody,
            sources=("patients.centre",),
            reason="those described are not of exactly two centres, so there are no two to compare",
        )
    one, other = ((own == name).fillna(value=False).to_numpy(dtype=bool) for name in names)
    return Split(
        labels=(f"Centre {names[0]}", f"Centre {names[1]}"),
        first=one,
        second=other,
        sources=("patients.centre",),
    )
