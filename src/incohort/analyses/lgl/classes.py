"""Who has a leukaemia of large granular lymphocytes by the rule that was chosen, and by others."""

from __future__ import annotations

from incohort.analyses.lgl.question import Question
from incohort.results import Findings, Layout, Sentence
from incohort.shapes import recorded
from incohort.shapes.classified import Classified, class_table, classified
from incohort.shapes.sets import NO, YES
from incohort.shapes.telling import Draft, telling

_NO_CODE = (
    "There is no code for LGL leukaemia: ICD-10 C91.7 and ICD-10-CM C91.Z0 are other lymphoid "
    "leukaemias. An extract of coded diagnoses can't find it."
)
_ON_QUESTIONS = (
    "Asked in this order: size, phenotype, duration, clonality. What a patient lacks is the first "
    "item whose being known could change the class. An expansion of NK cells "
    "needs no clone of T cells. Of some who can't be classified it may be known that they have no "
    "T-LGL leukaemia: only other classes are open."
)


def classes(question: Question) -> Findings:
    """How many have T-LGL leukaemia, a disorder of NK cells, or none, and what the others lack."""
    draft = telling(question.scope, "patients.patient_id")
    described = draft.count_in("class/described/count", "Described", question.everybody)
    draft.absent = question.absent
    total = draft.count_in("class/n/count", "With a row of clonality", question.assessed)
    counted = classified(draft, question.classes, question.assessed)
    table = class_table(
        draft, counted, total, caption=f"Classes by the rule: {question.rule}", head="Class",
        notes=(_ON_QUESTIONS,),
    )  # fmt: skip
    layout = Layout(
        sentences=(
            *recorded.instead(question.absent),
            Sentence(
                f"Lymphocytes or clones were looked at in {{{total}:count}} of the "
                f"{{{described}:count}} described."
            ),
            *_answers(question, draft, counted, total),
        ),
        tables=(table,),
        cautions=(_NO_CODE,),
    )
    return draft.findings("class", "Who has LGL leukaemia?", layout)


def _by_the_clinic(question: Question, draft: Draft) -> Sentence:
    """What the rule makes of those in whom the clinic settled on T-LGL leukaemia as the cause."""
    draft.sources = (*question.classes.sources, "patients.aetiology")
    clinic = question.assessed.where("aetiology", "t_lgl")
    asked = {
        "n": ("Cause settled on: T-LGL", clinic),
        "met": ("Of these T-LGL leukaemia by the rule", clinic.where(question.t_lgl, YES)),
        "open": ("Of these neither by the rule nor ruled out", clinic.unknown(question.t_lgl)),
    }
    n, met, left = (
        draft.count_in(f"class/clinic/{name}/count", label, members, of=clinic)
        for name, (label, members) in asked.items()
    )
    return Sentence(
        f"Of {{{n}:count}} in whom the clinic settled on T-LGL leukaemia as the cause, "
        f"{{{met}:count}} meet the rule and {{{left}:count}} can't be checked.",
        holds=len(clinic) > 0,
        is_key=True,
    )


def _answers(
    question: Question, draft: Draft, counted: Classified, total: str
) -> tuple[Sentence, ...]:
    """How many have it, how many may, and for want of what the others can't be told.

    Where somebody may have it, a share of the classified misleads: it stands after the bounds.
    """
    axis, t_lgl = question.classes.axis, counted.shares["t_lgl"]
    draft.sources = question.classes.sources
    met, open_to_it = (
        question.assessed.where(question.t_lgl, YES),
        question.assessed.outside(question.t_lgl, NO),
    )
    settled = draft.count_in(
        "class/t_lgl/settled/count", "T-LGL leukaemia settled", met, of=question.assessed
    )
    possible = draft.count_in(
        "class/t_lgl/possible/count", "T-LGL leukaemia not ruled out", open_to_it,
        of=question.assessed,
    )  # fmt: skip
    is_bounded = len(open_to_it) > len(met)
    has_open = len(question.assessed.where(axis, question.classes.open_word)) > 0
    rule = f"By the rule ({question.rule})"
    bounds = (
        f"between {{{settled}:count}} and {{{possible}:count}} of {{{total}:count}} have T-LGL "
        "leukaemia, depending on what the missing items would say."
    )
    if not len(met):
        bounds = (
            f"T-LGL leukaemia is settled in {{{settled}:count}} and cannot be ruled out in "
            f"{{{possible}:count}} of {{{total}:count}}."
        )
    return (
        Sentence(f"{rule}, {bounds}", needs=(t_lgl,), holds=is_bounded, is_key=True),
        _by_the_clinic(question, draft),
        Sentence(
            f"{rule}, {{{t_lgl}:fraction_percent_ci}} of those who can be classified have T-LGL "
            "leukaemia.",
            needs=(possible,),
            is_key=not is_bounded,
        ),
        Sentence(
            f"{{{counted.left}:count}} of {{{total}:count}} can't be classified; what they lack "
            f"first: {counted.lacking}.",
            holds=has_open,
            is_key=True,
        ),
    )
