"""Typed results of a study, long and keyed, and the layouts that name them."""

from incohort.results.estimates import (
    Estimate,
    Measure,
    NotEstimable,
    Origin,
    PatientPoints,
    Result,
    Suppressed,
)
from incohort.results.findings import CohortCard, Findings, InputFile
from incohort.results.layout import (
    Cell,
    CellKind,
    Column,
    Figure,
    FigureKind,
    Layout,
    Margin,
    Row,
    Sentence,
    Series,
    Table,
)
from incohort.results.serialise import findings_from_json, findings_to_json

__all__ = [
    "Cell",
    "CellKind",
    "CohortCard",
    "Column",
    "Estimate",
    "Figure",
    "FigureKind",
    "Findings",
    "InputFile",
    "Layout",
    "Margin",
    "Measure",
    "NotEstimable",
    "Origin",
    "PatientPoints",
    "Result",
    "Row",
    "Sentence",
    "Series",
    "Suppressed",
    "Table",
    "findings_from_json",
    "findings_to_json",
]
