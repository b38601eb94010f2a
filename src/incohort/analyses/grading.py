"""What stands beside the grades: by whose limit they were given, and who is Duffy-null."""

from __future__ import annotations

from incohort.cohort import Choices, infant_limit, severity_system
from incohort.results import Sentence, Table
from incohort.shapes import vocabulary
from incohort.shapes.population import Population
from incohort.shapes.recorded import as_sentence
from incohort.shapes.tabular import cell, row, table
from incohort.shapes.telling import Draft

_NO_DUFFY = "Duffy status is recorded of nobody with a count below the limit"


def limits_table(draft: Draft, population: Population, choices: Choices) -> tuple[Table, ...]:
    """How many were held against the limit of infants, and how many have no known age.

    Without a word on the ages of a public cohort in which all are known and nobody is an infant:
    whoever reads of adults needs none.
    """
    infants, limit_of = infant_limit(choices), population.frame["limit_of"]
    is_told = draft.scope.lists_all or limit_of.isin(["infant", "unknown_age"]).any()
    if infants is None or not is_told:
        return ()
    draft.sources = ("labs.ANC", "patients.age_years", "patients.birth_date")
    limit = severity_system(choices).upper_limit
    labels = vocabulary.limit_labels(limit, infants, choices.infants)
    rows, everybody = [], population.members.base.everybody
    for name, label in labels.items():
        if draft.scope.lists_all and not len(everybody.where("limit_of", name)):
            continue
        members = population.counted.where("limit_of", name)
        key = draft.count_in(f"severity/limit_of/{name}/count", label, members)
        rows.append(row(label, cell("count", key)))
    return (
        table(
            draft.scope, "severity/limit_of", "By whose limit the counts are graded",
            "Age on the day of the count", ("Patients",), rows, vocabulary.limit_note(),
        ),
    )  # fmt: skip


def duffy_null_sentences(draft: Draft, population: Population) -> tuple[Sentence, ...]:
    """How many with a low count are Duffy-null, of those in whom it was determined.

    They have a low count without illness, and are graded as everybody is: the sources disagree on
    their lower limit. In whom it was not determined is told apart. Where it was in nobody, a line
    says so.
    """
    draft.sources = (*population.grading_sources, "patients.duffy_null")
    reason = population.unrecorded.get("duffy_null", "")
    known = population.low.known("duffy_null")
    key = draft.share_in(
        "severity/duffy_null/proportion",
        "Duffy-null, of those with a count below the limit in whom it was determined",
        known.where("duffy_null", "yes"),
        known,
        nobody=_NO_DUFFY,
        absent=reason,
    )
    said = [
        f"Duffy-null: {{{key}:fraction_percent}} of those with a low count in whom it is known."
    ]
    unknown = population.low.unknown("duffy_null")
    if not reason and len(unknown):
        absent = draft.count_in(
            "severity/duffy_null/not_recorded/count",
            "Duffy status not recorded, of those with a count below the limit",
            unknown,
            of=population.low,
        )
        said.append(f"In {{{absent}:count}} with a low count Duffy status is not recorded.")
    if not len(known):
        said = [as_sentence(reason or _NO_DUFFY)]
    return (*map(Sentence, said), _within_reference(draft, population, reason))


def _within_reference(draft: Draft, population: Population, reason: str) -> Sentence:
    """How many of the Duffy-null have a count within the reference range of the Duffy-null."""
    low, high = vocabulary.duffy_null_range()
    base, members = population.low.base, population.low.where("duffy_null", "yes")
    inside = base.frame["anc"].between(low, high).where(base.frame["anc"].notna())
    axis = base.flag("within the reference range of the Duffy-null", inside)
    within = draft.share_in(
        "severity/duffy_null/within_reference/proportion",
        f"Of the Duffy-null with a count below the limit: {low:g} to {high:g} × 10⁹/L",
        members.where(axis, "yes"),
        members,
        nobody="nobody with a count below the limit is known to be Duffy-null",
        absent=reason,
    )
    return Sentence(vocabulary.duffy_null_words(f"{{{within}:fraction_percent}}"))
