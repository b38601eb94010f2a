"""How the patients fall into grades, courses, combinations and causes."""

from __future__ import annotations

from dataclasses import replace

from incohort.analyses.cohort_overview.question import Question
from incohort.analyses.grading import duffy_null_sentences, limits_table
from incohort.results import Findings, Layout
from incohort.shapes import recorded, vocabulary
from incohort.shapes.sets import Members
from incohort.shapes.shares import Asked, Shares, occurring, shares
from incohort.shapes.telling import telling

_COUNT_AT = {
    "index": "count nearest the index date",
    "nadir": "lowest count",
    "latest": "last count",
}
_CYTOPENIA = (
    "Of patients with a count below the limit, by haemoglobin and platelets nearest the index "
    "date. It cannot be told where either was not measured, or is known on one side of a limit "
    "only, or where haemoglobin lies between the limits of women and men and the sex is not "
    "recorded. Haemoglobin is held against the limits of adults at every age."
)


def severity(question: Question) -> Findings:
    """How many patients fall in each grade, and by whose limit."""
    population, system = question.population, question.system
    draft = telling(question.scope, *population.grading_sources)
    note = (
        f"By the {_COUNT_AT[question.choices.count_at]}; shares are of the patients with a count. "
        f"{system.label}. {system.source}"
    )
    asked = Asked(
        name="severity",
        title="Severity",
        axis="severity",
        labels=question.grades,
        nobody="nobody described has a neutrophil count",
        reason=question.untold(
            population.frame["severity"].dropna(),
            "every count is given with < or > so that its grade is open",
        ),
        notes=(note,),
    )
    graded = _layout(shares(draft, asked, population.members))
    limits = limits_table(draft, population, question.choices)
    layout = Layout(
        sentences=(*graded.sentences, *duffy_null_sentences(draft, population)),
        tables=(*graded.tables, *limits),
        figures=graded.figures,
    )
    return draft.findings("severity", "Severity", layout)


def course(question: Question) -> Findings:
    """How many neutropenias are acute, chronic, or too briefly observed to tell."""
    members = question.everybody.known("course")
    note = (
        "Of the first spell of counts below the limit. Chronic: low counts in it lie "
        f"{vocabulary.chronic_words(question.choices.chronic)} apart. Acute: it ended sooner. "
        "Otherwise it cannot be told. Patients without any dated low count are left out."
    )
    asked = Asked(
        name="course",
        title="Course",
        axis="course",
        labels=vocabulary.COURSES,
        nobody="nobody described has a dated count below the limit",
        reason=question.untold(
            members.frame["course"],
            "the counts are too few or too far apart to tell the course in anybody described",
            recorded.one_count_each(question.cohort),
        ),
        notes=(note,),
    )
    return _shares(question, asked, members, *question.population.grading_sources, "labs.taken_at")


def cytopenia(question: Question) -> Findings:
    """Whether the neutropenia comes alone or with anaemia or thrombocytopenia."""
    low, sources = question.population.low, question.population.grading_sources
    asked = Asked(
        name="cytopenia",
        title="Alone or combined",
        axis="cytopenia",
        labels=vocabulary.CYTOPENIAS,
        nobody="nobody described has a count below the limit",
        reason=question.untold(
            low.frame["cytopenia"],
            "haemoglobin and platelets tell of nobody described whether the neutropenia comes "
            "alone",
            recorded.no_other_lines(question.cohort),
        ),
        notes=(_CYTOPENIA,),
    )
    return _shares(question, asked, low, *sources, "labs.HB", "labs.PLT", "patients.sex")


def aetiology(question: Question) -> Findings:
    """The causes that the cohort's investigators settled on."""
    known, lists_all = vocabulary.labels("patients", "aetiology"), question.scope.lists_all
    seen = occurring(question.everybody, "aetiology", known, lists_all=lists_all)
    has_gaps = lists_all or len(question.everybody.unknown("aetiology")) > 0
    asked = Asked(
        name="aetiology",
        title="Causes",
        axis="aetiology",
        labels=seen or known,
        nobody="the cause is recorded of nobody described",
        reason=question.population.unrecorded.get("aetiology", ""),
        notes=(recorded.SHARES_NOTE,) if has_gaps else (),
    )
    return _shares(question, asked, question.everybody, "patients.aetiology")


def _shares(question: Question, asked: Asked, members: Members, *sources: str) -> Findings:
    """Each category's share as a table and as bars, or why there is none."""
    draft = telling(question.scope, *sources)
    return draft.findings(asked.name, asked.title, _layout(shares(draft, asked, members)))


def _layout(draft: Shares) -> Layout:
    """The shares as a sentence, a table and bars, or the line that says why there are none."""
    if draft.reason or draft.sentence is None:
        return draft.layout
    return replace(draft.layout, sentences=(draft.sentence,))
