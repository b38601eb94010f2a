"""Two populations of one cohort: who is in which, by what the design names."""

from __future__ import annotations

import pandas as pd

from incohort.analyses.assay_yield.parameters import AETIOLOGY
from incohort.analyses.assay_yield.question import Question
from incohort.shapes.population import Selection, refuse_other_ages
from incohort.shapes.two_populations import Split

_YOUNGER, _OLDER = "younger", "older"
_CENTRES = ("One centre", "The other")  # where there are not two


def split_of(question: Question) -> Split | None:
    """Who is in which population, where the design names two; the others are in neither."""
    if question.design.populations == "none":
        return None
    ways = {"sex": _by_sex, "age": _by_age, "centre": _by_centre, "cause": _by_cause}
    split = ways[question.design.populations](question)
    question.units.base.borrow(split.column, question.everybody.base)
    return split


def _by_sex(question: Question) -> Split:
    return Split(
        labels=("Female", "Male"),
        column="sex",
        first=("female",),
        second=("male",),
        sources=("patients.sex",),
        reason=question.population.unrecorded.get("sex", ""),
    )


def _by_age(question: Question) -> Split:
    limit, base = question.design.population_age, question.everybody.base
    refuse_other_ages(question.cohort, Selection(age_below=limit))
    ages = pd.to_numeric(base.frame["age_years"])
    words = (ages < limit).map({True: _YOUNGER, False: _OLDER}).where(ages.notna())
    return Split(
        labels=(f"Younger than {limit:g} years", f"{limit:g} years or older"),
        column=base.cut(f"age below {limit:g}", words, (_YOUNGER, _OLDER)),
        first=(_YOUNGER,),
        second=(_OLDER,),
        sources=("patients.age_years", "patients.birth_date"),
        reason=question.population.unrecorded.get("age_years", ""),
    )


def _by_centre(question: Question) -> Split:
    names = sorted(question.population.frame["centre"].dropna().unique())
    is_pair = len(names) == 2
    labels = (f"Centre {names[0]}", f"Centre {names[1]}") if is_pair else _CENTRES
    why = "those described are not of exactly two centres, so there are no two to compare"
    return Split(
        labels=labels,
        column="centre",
        first=(names[0],) if is_pair else (),
        second=(names[1],) if is_pair else (),
        sources=("patients.centre",),
        reason="" if is_pair else why,
    )


def _by_cause(question: Question) -> Split:
    return Split(
        labels=("With an immune cause", "With another cause"),
        column=AETIOLOGY,
        first=question.design.immune,
        second=question.design.not_immune,
        sources=("patients.aetiology",),
        reason=question.population.unrecorded.get(AETIOLOGY, ""),
        caution="The populations are split by the cause: where antibodies took part in settling "
        "it, the assays do not err alike in both, and the model does not hold.",
    )
