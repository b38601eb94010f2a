"""Design and flow of the tests: who was tested by what, and which results tell nothing."""

from __future__ import annotations

from incohort.analyses.assay_yield.question import TESTS, Question
from incohort.results import Cell, Figure, Findings, Layout, Table, clauses
from incohort.results.groups import NOT_RECORDED
from incohort.shapes.sets import YES, Members
from incohort.shapes.tabular import BLANK, cell, figure, row, table, text
from incohort.shapes.telling import Draft
from incohort.shapes.tested import INDETERMINATE, NEGATIVE, POSITIVE

NOT_DONE = "not_done"
# What may become of an assay in a patient: its name in keys, its head, and the results.
_ENDS = (
    ("conclusive", "Positive or negative", (POSITIVE, NEGATIVE)),
    ("indeterminate", "Indeterminate", (INDETERMINATE,)),
    ("not_done", "Not done", (NOT_DONE,)),
    ("none", "No such test", (NOT_RECORDED,)),
)
_CONTRADICTIONS = {
    "contradictory": "Positive and negative by one assay on one sample",
    "repeated": "More than one result of one assay on one sample",
}
_CAUTION = (
    "Where doctors tested those in whom they suspected antibodies, shares among the tested are not "
    "those of all patients."
)

_Step = tuple[str, str, str, Members, Members]  # name, label, why left out, who is left, who isn't


def design(question: Question) -> Findings:
    """The flow of patients through the tests, and what became of each assay's results."""
    draft = question.telling(*TESTS, "patients.patient_id")
    layout = Layout(
        figures=(_flow(question, draft),),
        tables=(_results_table(question, draft), _contradictions_table(question, draft)),
        cautions=(_CAUTION,),
    )
    return draft.findings("flow", "Design and flow of the tests", layout)


def _flow(question: Question, draft: Draft) -> Figure:
    """Who is left at each step, and who is left out; always in patients."""
    draft.absent = ""  # those described are there whether or not they were tested
    described = draft.count_in("flow/described/count", "Patients described", question.everybody)
    draft.absent = question.absent
    included, excluded, within = [described], [], []
    for name, label, reason, kept, left_out in _steps(question):
        key = draft.count_in(f"flow/{name}/count", label, kept)
        included.append(key)
        within.append(f"{{{key}:count}} {label[0].lower()}{label[1:]}")
        why = f"Left out: {reason}"
        excluded.append(draft.count_in(f"flow/{name}/excluded/count", why, left_out))
    return figure(
        question.scope, "flow", "flow", "Flow of patients through the tests (STARD)",
        f"Of {{{described}:count}} described patients {clauses(*within)}.",
        {"Included": included, "Left out": excluded},
    )  # fmt: skip


def _steps(question: Question) -> list[_Step]:
    """The steps from those described to those with a result and a reference.

    Of a restricted cohort a step is told only where somebody in the whole cohort is left out by it.
    """
    if question.absent:
        return []
    tests, index = question.patients, question.index
    label = question.label(index)
    untested = question.everybody.outside(f"tested{tests.which}", YES)
    steps = [("tested", "With an antibody test", "no antibody test", tests.tested, untested)]
    if question.is_told(index, NOT_DONE, NOT_RECORDED):
        done = tests.with_result(index, POSITIVE, NEGATIVE, INDETERMINATE)
        not_done = tests.with_result(index, NOT_DONE, NOT_RECORDED)
        steps.append(("index", f"Tested by {label}", f"not tested by {label}", done, not_done))
    conclusive = tests.counting(index)
    if question.is_told(index, INDETERMINATE):
        by_index, others = (
            f"Positive or negative by {label}",
            tests.with_result(index, INDETERMINATE),
        )
        steps.append(("conclusive", by_index, "indeterminate", conclusive, others))
    if not question.no_reference:
        with_it = f"With the reference: {question.reference_label}"
        known = question.verified(conclusive, tests)
        unknown = question.unverified(conclusive, tests)
        steps.append(("reference", with_it, "nothing known by the reference", known, unknown))
    return steps


def _results_table(question: Question, draft: Draft) -> Table:
    """How each assay ended in those tested by any."""
    tested = question.units.tested
    rows = [
        row(question.label(name), *(_end(question, draft, name, *end) for end in _ENDS))
        for name in question.assays
    ]
    total = draft.count_in("tests/total/count", f"{question.noun.capitalize()} tested", tested)
    rows.append(row("All that were tested", cell("count", total), BLANK, BLANK, BLANK))
    unused = question.labels(n for n in question.design.named if n not in question.assays)
    days = question.design.pairing_days
    within_days = (
        f"Results count that lie at most {days} days from the patient's first sample by "
        f"{question.label(question.index)}; an undated one is taken to be of that day."
    )
    return table(
        question.scope, "tests", "What became of the results, by assay", "Assay",
        [head for _, head, _ in _ENDS], rows,
        f"Counted are {question.noun} with any of these tests.",
        f"Not compared, as nobody or too few were tested by them: {unused}." if unused else "",
        within_days if days is not None and question.design.unit == "patient" else "",
    )  # fmt: skip


def _end(
    question: Question, draft: Draft, name: str, end: str, head: str, words: tuple[str, ...]
) -> Cell:
    """How many an assay ended in so, where that is told."""
    if not question.is_told(name, *words):
        return text("0")
    units, label = question.units, f"{question.label(name)}: {head.lower()}"
    members = units.with_result(name, *words)
    return cell("count", draft.count_in(f"tests/{name}/{end}/count", label, members, units.tested))


def _contradictions_table(question: Question, draft: Draft) -> Table:
    """Results that contradict each other on one sample; they count as indeterminate."""
    units, rows = question.units, []
    for name, label in _CONTRADICTIONS.items():
        column = f"{name}{units.which}"
        if question.scope.lists_all and not len(units.base.everybody.where(column, YES)):
            rows.append(row(label, text("0")))  # as for a result that nobody in the cohort has
            continue
        members = units.described.where(column, YES)
        key = draft.count_in(f"tests/{name}/count", label, members, units.tested)
        rows.append(row(label, cell("count", key)))
    return table(
        question.scope, "tests/contradictions", "Results that contradict each other",
        "What was found", (question.noun.capitalize(),), rows,
        "Two rows of one assay on one sample are one direct and one indirect, or repetitions. "
        "Where they contradict each other the sample is indeterminate by that assay, and the part "
        "on indeterminate results says what depends on it.",
    )  # fmt: skip
