"""A reporting guideline as a table: each item, and where the report answers it."""

from __future__ import annotations

from collections.abc import Collection

from incohort.dictionary.checklists import Checklist, ChecklistItem, checklists_for
from incohort.results import Cell, CellKind, Findings, Layout, Row, Table
from incohort.shapes.making import Scope
from incohort.shapes.tabular import row, table, text
from incohort.shapes.telling import telling

TITLE = "For the report"
# A part of the page: its id there, and what it is called.
_PARTS = {
    "#question": ("question", "The question"),
    "#answer": ("the-answer", "The answer"),
    "#data": ("data", "What these data are, and the cautions of each section"),
    "#parameters": ("parameters", "Parameters of this run"),
    "#methods": ("methods", "Methods as they ran"),
    "#provenance": ("provenance", "How this report was made"),
}
# The section that a key stands in, by its first part.
_SECTIONS = {
    "attrition": "Who is here",
    "table_one": "Characteristics",
    "severity": "Severity",
    "missing": "What is not recorded",
    "class": "Classes, and what is missing first",
    "outcome": "What became of the episodes",
    "recovery": "Recovered and died, by day",
    "limits": "How often the count is low",
    "frequency": "How often thyroid disease is found",
    "selection": "Who was tested, and who was not",
    "infections": "Recurrent infections",
    "logistic": "A logistic model",
    "correlations": "Correlations",
    "flow": "Who is in: the diagram",
    "ends": "Who is in: how episodes ended",
    "criteria": "Who is in: the criteria",
    "state": "How long until the neutrophils are back",
    "incidence": "How many recover, and how many die first",
    "models": "What delays recovery",
    "gcsf": "Does G-CSF help",
    "multiverse": "How much each choice matters",
    "arms": "What was published",
    "pooled": "Pooled difference",
}
# The same where a study calls the section otherwise.
_SECTIONS_OF = {
    "late_onset": {
        "who": "Who was dosed, and who was counted",
        "definitions": "Late onset by each definition",
        "incidence": "How many, and when",
    },
}
_AUTHORS = "the authors’ to report"


def reporting(scope: Scope) -> Findings:
    """The reporting guidelines of a study, as far as a run can fill them.

    Args:
        scope: Of the study; its prefix is the study's name.
    """
    tables = tuple(_table(scope, checklist) for checklist in checklists_for(scope.prefix))
    return telling(scope).findings("reporting", TITLE, Layout(tables=tables))


def _table(scope: Scope, checklist: Checklist) -> Table:
    rows = [_row(scope, item) for item in checklist.items]
    return table(
        scope, f"reporting/{checklist.name.casefold()}", checklist.title, "Item",
        ("Where",), rows, f"In our own words, after {checklist.source}.",
    )  # fmt: skip


def _row(scope: Scope, item: ChecklistItem) -> Row:
    head, place = f"{item.item}: {item.asks}", item.place_in(scope.prefix)
    if not place:
        return row(head, text(item.absent or _AUTHORS))
    sections = _SECTIONS | _SECTIONS_OF.get(scope.prefix, {})
    section = sections.get(place.partition("/")[0], place)
    target, words = _PARTS.get(place, (scope.key(place), section))
    return row(head, Cell(CellKind.TEXT, text=words, target=target))


def places_of(study: str) -> Collection[str]:
    """The keys of tables and figures that a study's checklists lead to, without the study."""
    return {
        place
        for checklist in checklists_for(study)
        for item in checklist.items
        if (place := item.place_in(study)) and place not in _PARTS
    }
