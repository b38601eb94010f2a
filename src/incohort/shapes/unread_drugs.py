"""Treatments of which nobody can tell whether they are G-CSF: counted, never taken for none."""

from __future__ import annotations

from incohort.cohort import Cohort, unread_treatments
from incohort.results import Sentence
from incohort.shapes.episodes import rows_of
from incohort.shapes.population import Population
from incohort.shapes.sets import YES, Base
from incohort.shapes.telling import Draft


def unread_gcsf(
    draft: Draft, cohort: Cohort, population: Population, tail: str
) -> tuple[Sentence, ...]:
    """What is said of treatments whose drug can't be read; nothing where there are none.

    Args:
        draft: Takes the counts of their rows and patients.
        cohort: Whose medications are asked.
        population: The patients described.
        tail: Where the counts' keys begin, after the prefix.
    """
    if not cohort.has("medications"):
        return ()
    people = population.members.base
    treatments = Base("treatments under an unknown name", unread_treatments(cohort))
    has_one = people.frame["patient_id"].isin(treatments.frame["patient_id"])
    axis = people.flag("treatment under an unknown name", has_one)
    patients = population.members.where(axis, YES)
    if not len(patients) and not draft.scope.lists_all:
        return ()
    before, draft.sources = draft.sources, ("medications.drug", "medications.role")
    label = "treatments without a code, under a name that is not known"
    n = draft.count_in(f"{tail}/patients/count", f"Patients with {label}", patients)
    described = rows_of(population.members, treatments)
    rows = draft.count_in(f"{tail}/rows/count", f"Rows: {label}", described)
    draft.sources = before
    return (
        Sentence(
            f"In {{{n}:count}} of the patients a treatment stands under a name that is not known "
            f"({{{rows}:count}} rows): whether it was G-CSF can't be told, so they do not count as "
            "not given it.",
            holds=len(patients) > 0,
        ),
    )
