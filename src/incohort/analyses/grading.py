"""What stands beside the grades: by whose limit they were given, and who is Duffy-null."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from incohort.analyses import vocabulary
from incohort.analyses.making import Made, Scope
from incohort.analyses.population import Population
from incohort.analyses.recorded import as_sentence
from incohort.cohort import Choices, infant_limit, severity_system
from incohort.results import Cell, CellKind, Column, Findings, Margin, Row, Sentence, Table

_NO_DUFFY = "Duffy status is recorded of nobody with a count below the limit"


def with_limits(
    found: Findings, scope: Scope, population: Population, choices: Choices
) -> Findings:
    """How many were held against the limit of infants, and how many have no known age.

    Without a word on the ages of a public cohort in which all are known and nobody is an infant:
    whoever reads of adults needs none.
    """
    own = infant_limit(choices)
    held = population.frame["limit_of"]
    if own is None or not (scope.lists_all or held.isin(["infant", "unknown_age"]).any()):
        return found
    made = Made(scope=scope, sources=("labs.ANC", "patients.age_years", "patients.birth_date"))
    labels = vocabulary.limit_labels(severity_system(choices).upper_limit, own, choices.infants)
    keys = {
        name: made.count(f"severity/limit_of/{name}/count", label, int((held == name).sum()))
        for name, label in labels.items()
    }
    table = Table(
        key=scope.key("severity/limit_of/table"),
        caption="By whose limit the counts are graded",
        stub_head="Age on the day of the count",
        columns=(Column("Patients"),),
        rows=tuple(Row(labels[name], (Cell(CellKind.COUNT, (k,)),)) for name, k in keys.items()),
        notes=(vocabulary.limit_note(),),
    )
    step = "neutropenic" if population.describe == "neutropenic" else "counted"
    total = scope.key(f"attrition/{step}/count")
    layout = replace(
        found.layout,
        tables=(*found.layout.tables, table),
        margins=(*found.layout.margins, Margin(total=total, parts=tuple(keys.values()))),
    )
    return replace(found, results=(*found.results, *made.results.values()), layout=layout)


def _within_reference(
    made: Made, duffy_null: pd.DataFrame, key: str, reason: str
) -> tuple[Sentence, list[Margin]]:
    """How many of the Duffy-null have a count within the reference range of the Duffy-null."""
    low, high = vocabulary.duffy_null_range()
    own = made.proportion(
        "severity/duffy_null/within_reference/proportion",
        f"Of the Duffy-null with a count below the limit: {low:g} to {high:g} × 10⁹/L",
        int(duffy_null["anc"].between(low, high).sum()),
        len(duffy_null),
        nobody="nobody with a count below the limit is known to be Duffy-null",
        absent=reason,
    )
    words = vocabulary.duffy_null_words(f"{{{own}:fraction_percent}}")
    return Sentence(words), [Margin(total=f"{own}#n", parts=(key,))]


def with_duffy_null(found: Findings, scope: Scope, population: Population) -> Findings:
    """How many with a low count are Duffy-null, of those in whom it was determined.

    They have a low count without illness, and are graded as everybody is: the sources disagree on
    their lower limit. In whom it was not determined is told apart. Where it was in nobody, a line
    says so.
    """
    low = population.frame[population.frame["is_neutropenic"].eq(other=True)]
    known = low["duffy_null"].dropna()
    made = Made(scope=scope, sources=(*population.grading_sources, "patients.duffy_null"))
    reason = population.unrecorded.get("duffy_null", "")
    key = made.proportion(
        "severity/duffy_null/proportion",
        "Duffy-null, of those with a count below the limit in whom it was determined",
        int(known.eq(other=True).sum()),
        len(known),
        nobody=_NO_DUFFY,
        absent=reason,
    )
    total, own = "attrition/neutropenic/count", "severity/duffy_null"
    margins = [scope.same(total, f"{own}/proportion#n")]
    said = [
        f"Duffy-null: {{{key}:fraction_percent}} of those with a low count in whom it is known."
    ]
    if not reason and len(known) < len(low):
        absent = made.count(
            f"{own}/not_recorded/count",
            "Duffy status not recorded, of those with a count below the limit",
            len(low) - len(known),
            n=len(low),
        )
        margins = [scope.sum(total, f"{own}/proportion#n", f"{own}/not_recorded/count")]
        said.append(f"In {{{absent}:count}} with a low count Duffy status is not recorded.")
    if not len(known):
        said = [as_sentence(reason or _NO_DUFFY)]
    usual, tied = _within_reference(made, low[low["duffy_null"].eq(other=True)], key, reason)
    margins += tied
    layout = replace(
        found.layout,
        sentences=(*found.layout.sentences, *map(Sentence, said), usual),
        margins=(*found.layout.margins, *(() if reason else margins)),
    )
    return replace(found, results=(*found.results, *made.results.values()), layout=layout)
