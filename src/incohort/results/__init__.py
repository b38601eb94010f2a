"""Typed results of a study, long and keyed, and the layouts that name them."""

from incohort.results.curves import Band, Curve, PatientTracks, Track
from incohort.results.estimands import Estimand
from incohort.results.estimates import (
    AS_PRINTED,
    Estimate,
    Measure,
    NotEstimable,
    Origin,
    PatientPoints,
    Suppressed,
)
from incohort.results.findings import CohortCard, Findings, InputFile
from incohort.results.kinds import Drawn, Result
from incohort.results.layout import (
    Cell,
    CellKind,
    Column,
    Figure,
    FigureKind,
    Layout,
    Row,
    Sentence,
    Series,
    SizedBy,
    Table,
)
from incohort.results.looks import Concern, Example, Look
from incohort.results.serialise import findings_from_json, findings_to_json
from incohort.results.wording import clauses, keys_in, places, renamed, said, spoken

__all__ = [
    "AS_PRINTED",
    "Band",
    "Cell",
    "CellKind",
    "CohortCard",
    "Column",
    "Concern",
    "Curve",
    "Drawn",
    "Estimand",
    "Estimate",
    "Example",
    "Figure",
    "FigureKind",
    "Findings",
    "InputFile",
    "Layout",
    "Look",
    "Measure",
    "NotEstimable",
    "Origin",
    "PatientPoints",
    "PatientTracks",
    "Result",
    "Row",
    "Sentence",
    "Series",
    "SizedBy",
    "Suppressed",
    "Table",
    "Track",
    "clauses",
    "findings_from_json",
    "findings_to_json",
    "keys_in",
    "places",
    "renamed",
    "said",
    "spoken",
]
