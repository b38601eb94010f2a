"""Recurrent infections in thyroid disease and in all other causes."""

from __future__ import annotations

from incohort.analyses.thyroid_antibodies.question import Question
from incohort.results import Findings, Layout, Sentence
from incohort.shapes import tabular
from incohort.shapes.fractions import fractions, risks
from incohort.shapes.groups import Group
from incohort.shapes.people import INFECTED
from incohort.shapes.recorded import first_reason, instead
from incohort.shapes.telling import telling
from incohort.shapes.two_by_two import TwoByTwo

_TITLE = "Recurrent infections"
_METHODS = (
    "Recurrent as the clinic recorded it, or from as many infections on as the parameter says; "
    "patients with nothing of the kind recorded count as without. Difference: Newcombe's interval. "
    "Chi-square without continuity correction."
)


def infections(question: Question) -> Findings:
    """Recurrent infections in thyroid disease and in all other causes."""
    draft = telling(question.scope, "events.event", *question.thyroid_sources)
    reason = first_reason(question.population.unrecorded.get(INFECTED, ""), question.unrecorded)
    known = question.everybody.known(question.thyroid_axis).known(INFECTED)
    groups = (
        Group(name="thyroid", label="Thyroid disease", members=question.thyroid),
        Group(name="other", label="Other causes", members=question.other),
    )
    nobody = "there are no such patients"
    asked = risks(groups, INFECTED, ("yes",), name="infections", title=_TITLE, nobody=nobody)
    of_groups = fractions(draft, "With / all (%)", asked, absent=reason)
    compared = TwoByTwo(
        draft=draft, first=question.thyroid, second=question.other, axis=INFECTED, events=("yes",),
        whole=known, reason=reason,
    )  # fmt: skip
    minus = f"{_TITLE}: thyroid disease minus other causes"
    difference = compared.difference("infections/difference", minus)
    chi = compared.chi_square("infections/chi_square_p_value", f"{_TITLE}: chi-square P")
    fisher = compared.fisher("infections/fisher_p_value", f"{_TITLE}: exact P")
    if reason:
        return draft.findings("infections", _TITLE, Layout(sentences=instead(reason)))
    draft.count_in(
        "infections/total/count", "With recurrent infections, all causes",
        known.where(INFECTED, "yes"), of=known,
    )  # fmt: skip
    tests = tabular.phrases({"chi-square P": chi, "exact P": fisher}, "p_value")
    first, second = (of_groups.keys[group.tail] for group in asked)
    said = (
        f"Recurrent infections were recorded of {{{first}:fraction_percent}} with thyroid disease "
        f"and of {{{second}:fraction_percent}} with other causes, a difference of "
        f"{{{difference}:percent_ci}}."
    )
    table = tabular.table(
        question.scope, "infections", _TITLE, "Cause", of_groups.columns, of_groups.rows, _METHODS
    )
    sentences = (Sentence(said, is_key=True), Sentence(f"Tests of it: {tests}."))
    return draft.findings("infections", _TITLE, Layout(sentences=sentences, tables=(table,)))
