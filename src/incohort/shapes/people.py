"""The patients of a cohort as a base: every column by which a report tells them apart."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd

from incohort.cohort import Choices
from incohort.dictionary import load
from incohort.shapes import vocabulary
from incohort.shapes.sets import NO, YES, Base, Members

# A grade that is open because the count was printed with < or >: known to be low, or not.
OPEN_AND_LOW = "unknown_but_low"
NOT_LOW = "none"
_LABELLED = ("sex", "ancestry", "aetiology")
THYROID_DISEASE, REST = "thyroid_disease", "rest"
DIAGNOSED, INFECTED, SUBTYPE = (
    "has_thyroid_diagnosis", "has_recurrent_infections", "thyroid_subtype",
)  # fmt: skip
_FLAGS = (DIAGNOSED, INFECTED)
# Of a column, what is printed as one category though it is another word or several.
_WORDS = {
    ("severity", vocabulary.UNKNOWN): (vocabulary.UNKNOWN, OPEN_AND_LOW),
    (DIAGNOSED, THYROID_DISEASE): (YES,),
    (DIAGNOSED, REST): (NO,),
}


def people(frame: pd.DataFrame, choices: Choices) -> Base:
    """All patients of a cohort, cut by the columns that the dictionary has categories for.

    Args:
        frame: From `patient_frame`, in which an open grade has a word of its own.
        choices: Those that it was made by.
    """
    base = Base("patients", frame)
    for name in _LABELLED:
        base.cut(name, frame[name], vocabulary.labels("patients", name))
    base.cut("age", age_bands(frame["age_years"]), band_names())
    base.cut("centre", frame["centre"], sorted(frame["centre"].dropna().unique()))
    base.flag("duffy_null", frame["duffy_null"])
    base.cut(
        "severity", _grades(frame), (*grades(choices), NOT_LOW, vocabulary.UNKNOWN, OPEN_AND_LOW)
    )
    base.recorded_as("anc", "severity")
    base.cut("limit_of", frame["limit_of"], ("infant", "system", "unknown_age"), counted(base))
    # a dated low count is a count, so whoever has a course has one
    has_count = not (frame["course"].notna() & frame["severity"].isna()).any()
    base.cut("course", frame["course"], vocabulary.COURSES, counted(base) if has_count else None)
    base.cut("cytopenia", frame["cytopenia"], vocabulary.CYTOPENIAS, low(base, choices))
    for name in _FLAGS:
        base.flag(name, frame[name])
    base.cut(SUBTYPE, frame[SUBTYPE], vocabulary.thyroid_subtypes())
    for assay in vocabulary.labels("antibody_tests", "assay"):
        name = assay_column(assay)
        base.cut(name, frame[name], vocabulary.labels("antibody_tests", "result"))
    return base


def assay_column(assay: str) -> str:
    """The column of what an assay found in a patient."""
    return f"assay_{assay}"


def grades(choices: Choices) -> tuple[str, ...]:
    """The names of a system's grades of low counts."""
    return tuple(grade.name for grade in load().severity_system(choices.severity_system).grades)


def age_edges() -> tuple[float, ...]:
    """The limits of the dictionary's bands of age, years, upwards."""
    bands = load().definition("age_bands").alternatives
    return tuple(sorted(band.value for band in bands))


def band_names() -> tuple[str, ...]:
    """The bands of age, in years, from the youngest."""
    edges = [f"{edge:g}" for edge in age_edges()]
    between = (f"{low} to below {high}" for low, high in pairwise(edges))
    return (f"below {edges[0]}", *between, f"{edges[-1]} or older")


def age_bands(ages: pd.Series) -> pd.Series:
    """The band of each age; missing where the age is."""
    years = pd.to_numeric(ages).astype(float)
    places = np.searchsorted(age_edges(), years.fillna(0.0), side="right")
    return pd.Series(np.array(band_names())[places], index=ages.index).where(years.notna())


def counted(base: Base) -> Members:
    """Those with a neutrophil count."""
    return base.everybody.known("severity")


def low(base: Base, choices: Choices) -> Members:
    """Those whose count is below the limit."""
    return base.everybody.where("severity", *grades(choices), OPEN_AND_LOW)


def words_of(axis: str, category: str) -> tuple[str, ...]:
    """The words of a column that are printed as one category."""
    return _WORDS.get((axis, category), (category,))


def _grades(frame: pd.DataFrame) -> pd.Series:
    """The grade; an open one by whether the count is low all the same."""
    is_open = frame["severity"] == vocabulary.UNKNOWN
    is_low = frame["is_neutropenic"].eq(other=True)
    return frame["severity"].mask(is_open & is_low, OPEN_AND_LOW)
