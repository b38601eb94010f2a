"""What stands beside the grades: by whose limit they were given, and who is Duffy-null."""

from __future__ import annotations

from dataclasses import replace

from incohort.analyses import vocabulary
from incohort.analyses.making import Made, Scope
from incohort.analyses.population import Population
from incohort.cohort import Choices, infant_limit, severity_system
from incohort.results import Cell, CellKind, Column, Findings, Margin, Row, Sentence, Table


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


def with_duffy_null(found: Findings, scope: Scope, population: Population) -> Findings:
    """How many with a low count are known to be Duffy-null, who have one without illness.

    They are graded as everybody is: the sources disagree on their lower limit.
    """
    low = population.frame[population.frame["is_neutropenic"].eq(other=True)]
    n_duffy_null = int(low["duffy_null"].eq(other=True).sum())
    if not n_duffy_null and not scope.lists_all:
        return found
    made = Made(scope=scope, sources=(*population.grading_sources, "patients.duffy_null"))
    key = made.proportion(
        "severity/duffy_null/proportion",
        "Known to be Duffy-null, of those with a count below the limit",
        n_duffy_null,
        len(low),
        nobody="nobody described has a count below the limit",
    )
    words = f"Known to be Duffy-null: {{{key}:fraction_percent}} of those with a low count. "
    layout = replace(
        found.layout,
        sentences=(*found.layout.sentences, Sentence(words + vocabulary.duffy_null_words())),
        margins=(
            *found.layout.margins,
            scope.same("attrition/neutropenic/count", "severity/duffy_null/proportion#n"),
        ),
    )
    return replace(found, results=(*found.results, *made.results.values()), layout=layout)
