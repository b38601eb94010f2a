"""Words for what is counted: labels of categories and analytes from the dictionary."""

from __future__ import annotations

from functools import cache

from incohort.dictionary import load

COURSES = {"acute": "Acute", "chronic": "Chronic", "unknown": "Cannot be told"}
CYTOPENIAS = {
    "isolated": "Neutropenia alone",
    "with_anaemia": "With anaemia",
    "with_thrombocytopenia": "With thrombocytopenia",
    "pancytopenia": "With both",
    "unknown": "Cannot be told",
}
UNKNOWN = "unknown"


@cache
def labels(table: str, column: str, beside: tuple[str, str] | None = None) -> dict[str, str]:
    """The labels of a category column's values, as `TableSpec.may_be` lists them."""
    known = load().table(table).may_be(column, beside)
    return {category.value: category.label for category in known}


def thyroid_subtypes() -> dict[str, str]:
    """The labels of the subtypes that a thyroid disease may have."""
    return labels("diagnoses", "subtype", ("condition", "thyroid_disease"))


@cache
def analyte_label(name: str) -> str:
    """An analyte's label."""
    return load().analyte(name).label


@cache
def analyte_unit(name: str) -> str:
    """An analyte's canonical unit."""
    return load().analyte(name).unit


@cache
def value_column(name: str) -> str:
    """The column of the patient frame that holds an analyte.

    The neutrophil count is the one that grades the patient; all others are nearest the index date.
    """
    return "anc" if name == "ANC" else f"lab_{name}"


def severity_labels(
    system: str, upper_limit: float, infant_limit: float | None = None
) -> dict[str, str]:
    """The labels of a severity system's grades with their bounds, deepest last.

    `infant_limit` is given where infants may be among those graded.
    """
    entries = load().severity_system(system).grades
    named = {}
    for entry in entries:
        is_top = entry.high == load().severity_system(system).upper_limit
        high = upper_limit if is_top else entry.high
        low = f"{entry.low:g} to below " if entry.low is not None else "below "
        named[entry.name] = f"{entry.label} ({low}{high:g})"
    infants = "" if infant_limit is None else f", in infants {infant_limit:g} or above"
    return named | {
        "none": f"Not neutropenic ({upper_limit:g} or above{infants})",
        UNKNOWN: "Open: count given with < or >",
    }


def limit_labels(upper_limit: float, infant_limit: float, begins: str) -> dict[str, str]:
    """By whose limit a count is graded, in words; `begins` is of `infant_limit_begins`."""
    start = load().threshold("infant_limit_begins", begins).label
    return {
        "infant": f"{start} to the first birthday (below {infant_limit:g})",
        "system": f"Any other known age (below {upper_limit:g})",
        "unknown_age": f"Age not recorded (below {upper_limit:g})",
    }


def limit_note() -> str:
    """What the limit of infants is, where it comes from, and what it leaves open."""
    infant = load().threshold("neutropenia", "infant")
    return (
        f"In the first year the lower limit of normal is {infant.value:g} × 10⁹/L "
        f"({infant.source}); at or above it an infant's count is in no grade. Newborns before that "
        "age have no limit of their own in the sources read and are graded as adults, and so is "
        "everybody whose age is not recorded."
    )


def duffy_null_range() -> tuple[float, float]:
    """The reference range of the Duffy-null, 10⁹/L."""
    low, high = (load().threshold("duffy_null", f"{end}_reference") for end in ("lower", "upper"))
    return low.value, high.value


def duffy_null_words(share: str) -> str:
    """What a low count means in the Duffy-null, and how far the source is to be trusted.

    Args:
        share: The place of the number in a sentence: how many have a count within the range.
    """
    source = load().threshold("duffy_null", "lower_reference").source
    low, high = duffy_null_range()
    return (
        f"The reference range of the Duffy-null is {low:g} to {high:g} × 10⁹/L ({source}): in "
        f"{share} of these the count lies within it, and the grade need not be an illness."
    )


def chronic_words(choice: str) -> str:
    """From which length on a neutropenia is chronic, inside a sentence."""
    return load().threshold("chronic", choice).label.lower()
