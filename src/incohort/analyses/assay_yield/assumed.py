"""Results that a study did not print and a cohort has by assumption: said beside each number."""

from __future__ import annotations

from dataclasses import dataclass, replace

from incohort.analyses.assay_yield.question import Question
from incohort.dictionary import studies, study
from incohort.results import Estimate, Findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """An assay whose negatives were taken for granted where another one was negative."""

    assay: str
    where_negative: str


# What the cards of the rebuilt cohorts say in words (their notices), in a form that a bound can be
# worked out from. The study printed GAT for the GIFT-positive patients only.
_COMPLETED = {"kyritsi2015": Completed(assay="gat", where_negative="gift")}


def completed(question: Question) -> Completed | None:
    """How the cohort's table of results was completed, if it was and is asked about."""
    found = _COMPLETED.get(question.cohort.card.study or "")
    if found is None or not {found.assay, found.where_negative} <= set(question.assays):
        return None
    return found


def with_assumptions(question: Question, findings: Findings) -> Findings:
    """The findings, each number with what its study's printed figure assumes.

    The assumptions stand in the register of published figures, as notes of figures that were worked
    out and not printed; each is also told once beside the findings.
    """
    name = question.cohort.card.study
    notes = _notes(name) if name else {}
    results = tuple(
        replace(result, notes=(*result.notes, notes[result.key]))
        if isinstance(result, Estimate) and result.key in notes
        else result
        for result in findings.results
    )
    every = dict.fromkeys(notes[r.key] for r in findings.results if r.key in notes)
    told = tuple(
        note for note in every if not any(note in other for other in every if other != note)
    )
    layout = replace(findings.layout, cautions=(*findings.layout.cautions, *told))
    return replace(findings, results=results, layout=layout)


def _notes(name: str) -> dict[str, str]:
    """The assumptions of a study's worked-out figures, by key."""
    if name not in studies():
        return {}
    return {
        claim.key: claim.note
        for claim in study(name).claims
        if claim.note.startswith("Assumes") and claim.certainty == "derived"
    }
