"""What delays recovery: who can be in the models of it, and by which covariates."""

from __future__ import annotations

from incohort.analyses.anc_recovery.covariates import COVARIATES, Known
from incohort.analyses.anc_recovery.question import Question
from incohort.results import Findings
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.telling import Draft, telling
from incohort.shapes.time_models import Term, TimeModels


def models(question: Question) -> Findings:
    """Cause-specific Cox, Fine–Gray and interval-censored AFT models of recovery."""
    known = Known(question)
    draft = telling(question.scope, *question.sources, *known.sources)
    layout = models_of(draft, question, known, question.sets.analysed).layout()
    return draft.findings("models", "What delays recovery?", layout)


def models_of(
    draft: Draft, question: Question, known: Known, members: Members, name: str = "models"
) -> TimeModels:
    """The models of some analysed episodes by some covariates, or why there are none."""
    complete = members.where(*known.is_complete)
    rows = known.baseline[question.inside(complete)]
    is_absent = bool(question.absent or known.absent or not known.names)
    has_begun = question.has_begun[question.inside(members)]
    reason, told_of = question.reason() or known.absent, []
    if not reason and not known.chosen:
        reason = "no covariate was chosen"
    if not reason and 2 * has_begun.sum() < len(members):
        reason = "fewer than half were neutropenic at time zero"
        told_of = [members.where(question.begun, word) for word in (YES, NO)]
    if not reason and not len(complete):
        nobody = "nobody has all covariates known at time zero"
        reason = nobody if has_begun.any() else "nobody was neutropenic at time zero yet"
    return TimeModels(
        draft=draft,
        members=members,
        complete=complete,
        terms=[
            Term(
                name=covariate,
                label=COVARIATES[covariate].label,
                values=rows[:, place],
                halves=known.halves(covariate, complete),
                constant=known.constant(covariate),
            )
            for place, covariate in enumerate(known.names)
        ],
        left_out={name: (COVARIATES[name].label, why) for name, why in known.left_out.items()},
        reason=reason,
        is_absent=is_absent,
        absent=question.absent,
        told_of=told_of,
        is_clustered=question.may_repeat,
        note=known.left_out_words,
        name=name,
    )
