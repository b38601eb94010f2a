"""Who was given a drug of the class, and who of them was counted afterwards."""

from __future__ import annotations

from incohort.analyses.late_onset.question import Question
from incohort.results import Findings, Layout, Sentence
from incohort.shapes.recorded import instead
from incohort.shapes.tabular import cell, row, table
from incohort.shapes.telling import Draft

_TITLE = "Who was dosed, and who was counted"


def who(question: Question) -> Findings:
    """How many were given a drug of the class, and how many have a count after the first dose."""
    draft = question.telling("patients.patient_id")
    draft.absent = ""
    everybody = draft.count_in("who/total/count", "Patients described", question.everybody)
    if question.absent:
        return _untold(question, draft)
    given, counted, drugs = question.given, question.counted, question.drugs
    uncounted, undated = question.uncounted, question.undated
    dosed = draft.count_in("who/given/count", f"Given {drugs}", given, question.everybody)
    seen = draft.count_in("who/counted/count", "Counted after the first dose", counted, given)
    unseen = draft.share_in(
        "who/uncounted/proportion", "No count after the first dose", uncounted, given,
        nobody=f"nobody described was given {drugs}",
    )  # fmt: skip
    no_day = draft.count_in("who/undated/count", "Dose not dated", undated, given)
    rows = [
        row("Described", cell("count", everybody)),
        row(f"Given {drugs}", cell("count", dosed)),
        row("Counted after the first dose", cell("count", seen)),
        row("No count after the first dose", cell("count", unseen)),
        row("Dose not dated", cell("count", no_day)),
    ]
    sentences = (
        Sentence(
            f"Nobody here was given {drugs}; the published series stand alone.",
            needs=(dosed,), holds=not len(given),
        ),
        Sentence(
            f"{{{unseen}:fraction_percent}} of those given {drugs} have no count after the first "
            "dose: nothing is known of them, and they are in no share below.",
            holds=len(uncounted) > 0, is_key=True,
        ),
        Sentence(
            f"Dose not dated: {{{no_day}:count}} of those given {drugs}. They were counted, but "
            "whether after the first dose can't be told, and they are in no share below.",
            holds=len(undated) > 0, is_key=True,
        ),
    )  # fmt: skip
    tables = (table(draft.scope, "who", _TITLE, "Patients", ("n",), rows),)
    return draft.findings("who", _TITLE, Layout(sentences=sentences, tables=tables))


def _untold(question: Question, draft: Draft) -> Findings:
    """Why nobody is known to have been given a drug of the class."""
    draft.absent = question.absent
    dosed = draft.count_in("who/given/count", f"Given {question.drugs}", question.everybody)
    sentences = (
        *instead(question.absent),
        Sentence(f"{{{dosed}:count}} were given {question.drugs}.", is_key=True),
    )
    return draft.findings("who", _TITLE, Layout(sentences=sentences))
