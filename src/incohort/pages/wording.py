"""Each kind of dictionary entry in words, once: for the page and the terminal alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from incohort.dictionary.models import (
    AcceptedUnit,
    Analyte,
    Certainty,
    Code,
    ColumnSpec,
    ColumnType,
    Grade,
    Range,
    Threshold,
)
from incohort.dictionary.wording import in_unit, unit_words

CODE_HEADS = ("Code", "Means", "Beware")
CERTAINTY: dict[Certainty, str] = {
    "primary": "read in the paper",
    "secondary": "read in another paper",
    "lecture": "lecture only",
    "derived": "worked out here",
    "standard": "published standard",
    "choice": "choice without a source",
}
CODE_CERTAINTY: dict[Certainty, str] = {
    "secondary": "as others use it; its own list was not read",
    "standard": "well known; its own list was not read",
}
_TYPES = {
    ColumnType.STRING: "text",
    ColumnType.INTEGER: "whole number",
    ColumnType.NUMBER: "number",
    ColumnType.BOOLEAN: "true or false",
    ColumnType.DATE: "date (2015-03-02)",
    ColumnType.DATETIME: "date, with or without a time",
    ColumnType.CATEGORY: "one of a list",
}
_COMPARISONS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least"}
_SPANS = {"d": "days", "wk": "weeks", "mo": "months", "a": "years"}
_ONE_SPAN = {"d": "day", "wk": "week", "mo": "month", "a": "year"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """Rows under heads, as plain text; `text` says what the reader has to know first."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    text: str = ""

    def without_empty_columns(self) -> Listing:
        """The same without the columns that are empty in every row."""
        kept = [i for i in range(len(self.heads)) if any(row[i] for row in self.rows)]
        return replace(
            self,
            heads=tuple(self.heads[i] for i in kept),
            rows=tuple(tuple(row[i] for i in kept) for row in self.rows),
        )


def amount_words(value: float, unit: str) -> str:
    """A value with its unit; spans of time in words.

    >>> amount_words(1.0, "10*9/L"), amount_words(3, "mo"), amount_words(1, "mo")
    ('1.0 × 10⁹/L', '3 months', '1 month')
    """
    if unit in _SPANS:
        return f"{value:.15g} {(_ONE_SPAN if value == 1 else _SPANS)[unit]}"
    return in_unit(_count(value) if unit.startswith("10*") else f"{value:.15g}", unit)


def _count(value: float) -> str:
    """A cell count with the decimal that a neutrophil count is spoken of with: 1.0, 1.21, 150."""
    return f"{value:.1f}" if value < 10 and value == round(value, 1) else f"{value:g}"


def range_words(limits: Range | None) -> str:
    """What lies inside a range, both ends allowed; empty where there is none.

    >>> range_words(Range(low=0, high=50)), range_words(Range(low=0)), range_words(None)
    ('0 to 50', '0 or more', '')
    """
    if limits is None or (limits.low is None and limits.high is None):
        return ""
    if limits.high is None:
        return f"{limits.low:.15g} or more"
    if limits.low is None:
        return f"{limits.high:.15g} or less"
    return f"{limits.low:.15g} to {limits.high:.15g}"


def threshold_words(threshold: Threshold) -> str:
    """A threshold as it is compared: `below 1.8 × 10⁹/L`."""
    words = _COMPARISONS[threshold.comparison]
    if threshold.unit in _SPANS and words == "above":
        words = "more than"
    return f"{words} {amount_words(threshold.value, threshold.unit)}"


def grade_words(grade: Grade, upper_limit: float) -> str:
    """The counts that a grade holds, its lower bound included; the limit ends the uppermost.

    >>> grade_words(Grade(name="mild", label="Mild", low=1.0, high=1.8), 1.8)
    '1.0 to below 1.8'
    """
    high = upper_limit if grade.high is None or grade.high > upper_limit else grade.high
    below = f"below {_count(high)}"
    return below if grade.low is None else f"{_count(grade.low)} to {below}"


def factor_words(analyte: Analyte, accepted: AcceptedUnit) -> str:
    """What one of an accepted unit is in the canonical one."""
    if accepted.factor == 1:
        return "canonical" if accepted.unit == analyte.unit else "the same number"
    return f"× {accepted.factor:g}"


def code_words(code: Code) -> str:
    """A code with its system; codes that carry their system already are not given it twice.

    >>> code_words(Code(system="LOINC", code="751-8", display="Neutrophils"))
    'LOINC 751-8'
    >>> code_words(Code(system="HPO", code="HP:0001875", display="Neutropenia"))
    'HP:0001875'
    """
    return code.code if ":" in code.code else f"{code.system} {code.code}"


def codes_words(codes: Iterable[Code]) -> str:
    """Codes one after another; what was not read in a code's own list is said behind it.

    >>> codes_words([Code(system="ICD-10", code="C81", display="…", certainty="standard")])
    'ICD-10 C81 (well known; its own list was not read)'
    """
    doubts = ((code_words(code), CODE_CERTAINTY.get(code.certainty)) for code in codes)
    return ", ".join(f"{code} ({doubt})" if doubt else code for code, doubt in doubts)


def what_may_stand(column: ColumnSpec) -> str:
    """What a cell of a column may hold: type, unit, ranges, missing codes, whether it must."""
    kind = column.pattern_text or _TYPES[column.type]
    if column.categories_from:
        kind = f"one of the {column.categories_from}"
    unit = _SPANS.get(column.unit or "") or unit_words(column.unit or "")
    parts = [f"{kind} in {unit}" if unit else kind]
    if column.hard:
        parts.append(f"accepted {range_words(column.hard)}")
    if column.plausible:
        parts.append(f"plausible {range_words(column.plausible)}")
    if column.default:
        parts.append(f"{column.default} if empty")
    if column.missing_codes:
        parts.append(f"missing if {' or '.join(column.missing_codes)}")
    return "; ".join(parts)


def required_words(column: ColumnSpec) -> str:
    """Whether each row must have a value: `yes`, `with value`, or nothing."""
    if column.required:
        return "yes"
    return f"with {column.required_with}" if column.required_with else ""


def sentence(*parts: str) -> str:
    """Non-empty parts as one text, each ended by a full stop.

    >>> sentence("Titre", "", "Such as 1:8.")
    'Titre. Such as 1:8.'
    """
    return " ".join(
        part if part.endswith((".", "?", "!")) else f"{part}." for part in parts if part
    )


def code_rows(codes: Iterable[Code]) -> tuple[tuple[str, str, str], ...]:
    """One row per code: the code, what it means, what to beware of."""
    return tuple(
        (
            code_words(code),
            code.display,
            sentence(code.note, CODE_CERTAINTY.get(code.certainty, "").capitalize()),
        )
        for code in codes
    )
