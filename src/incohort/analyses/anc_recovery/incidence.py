"""How many recover and how many die first: cumulative incidence, and Gray's test between groups."""

from __future__ import annotations

from dataclasses import replace

from incohort.analyses.anc_recovery.duration import of_the_lost
from incohort.analyses.anc_recovery.grouping import compared, everybody
from incohort.analyses.anc_recovery.question import Question
from incohort.results import Findings, Sentence
from incohort.shapes.incidence import Incidence

_CAUTION = (
    "A difference between groups in the incidence of recovery can come from death alone: who dies "
    "can't recover. The models below hold the two apart."
)


def incidence(question: Question) -> Findings:
    """Cumulative incidence of recovery and of death, for all and by group."""
    told, sides = question.telling(), compared(question)
    shape = Incidence(
        told=told, name="incidence", groups=(everybody(question), *sides.groups),
        group_sources=sides.sources,
    )  # fmt: skip
    last = told.days[-1]
    recovered, died = (
        told.scope.key(f"incidence/all/{name}/by_day_{last}/proportion")
        for name in ("recovered", "died")
    )
    estimated, how = of_the_lost(question, question.times)
    sentence = Sentence(
        f"By day {last} from {question.zero.label}, {estimated}{{{recovered}:percent_ci}} of all "
        f"{question.noun} analysed had recovered and {{{died}:percent_ci}} had died before "
        f"recovery{how}.",
        holds=question.is_told,
    )
    layout = replace(shape.layout(), sentences=(sentence,), cautions=(_CAUTION,))
    return told.findings("incidence", "How many recover, and how many die first?", layout)
