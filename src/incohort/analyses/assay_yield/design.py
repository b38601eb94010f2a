"""Design and flow of the tests: who was tested by what, and which results tell nothing."""

from __future__ import annotations

from incohort.analyses.assay_yield.question import TESTS, Question
from incohort.results import Figure, FigureKind, Findings, Layout, Series, Table, clauses
from incohort.results.groups import NOT_RECORDED
from incohort.shapes.sets import YES, Members
from incohort.shapes.tabular import BLANK, cell, row, table, text
from incohort.shapes.telling import Told
from incohort.shapes.tested import INDETERMINATE, NEGATIVE, POSITIVE

NOT_DONE = "not_done"
# What may become of an assay in a patient: its name in keys, its head, and the results.
_ENDS = (
    ("conclusive", "Positive or negative", (POSITIVE, NEGATIVE)),
    ("indeterminate", "Indeterminate", (INDETERMINATE,)),
    ("not_done", "Not done", (NOT_DONE,)),
    ("none", "No such test", (NOT_RECORDED,)),
)
_CONTRADICTIONS = (
    ("contradictory", "Positive and negative by one assay on one sample"),
    ("repeated", "More than one result of one assay on one sample"),
)


def design(question: Question) -> Findings:
    """The flow of patients through the tests, and what became of each assay's results."""
    told = question.telling(*TESTS, "patients.patient_id")
    flow = _flow(question, told)
    layout = Layout(
        tables=(_results_table(question, told), _contradictions_table(question, told)),
        figures=(flow,),
        cautions=(
            (
                "Where doctors tested those in whom they suspected antibodies, shares among the "
                "tested are not those of all patients."
            ),
        ),
    )
    return told.findings("flow", "Design and flow of the tests", layout)


def _flow(question: Question, told: Told) -> Figure:
    """Who is left at each step, and who is left out; always in patients."""
    included = [_described(question, told)]
    excluded = []
    for name, label, reason, kept, left_out in _steps(question):
        included.append(told.count_in(f"flow/{name}/count", label, kept))
        why = f"Left out: {reason}"
        excluded.append(told.count_in(f"flow/{name}/excluded/count", why, left_out))
    labels = (told.results[key].label for key in included[1:])
    within = (
        f"{{{key}:count}} {label[0].lower()}{label[1:]}"
        for key, label in zip(included[1:], labels, strict=True)
    )
    return Figure(
        key=question.scope.key("flow/figure"),
        kind=FigureKind.FLOW,
        caption="Flow of patients through the tests (STARD)",
        alt=f"Of {{{included[0]}:count}} described patients {clauses(*within)}.",
        series=(Series("Included", tuple(included)), Series("Left out", tuple(excluded))),
    )


def _described(question: Question, told: Told) -> str:
    """The number of patients described, which there is whether or not they were tested."""
    told.absent = ""
    key = told.count_in("flow/described/count", "Patients described", question.described)
    told.absent = question.absent
    return key


def _steps(question: Question) -> list[tuple[str, str, str, Members, Members]]:
    """Name, label, reason for being left out, who remains, and who is left out.

    Of a restricted cohort a step is told only where somebody in the whole cohort is left out by it.
    """
    if question.absent:
        return []
    tests, index = question.patients, question.index
    label = question.label(index)
    untested = question.described.outside(f"tested{tests.which}", YES)
    done = tests.with_result(index, POSITIVE, NEGATIVE, INDETERMINATE)
    not_done = tests.with_result(index, NOT_DONE, NOT_RECORDED)
    conclusive, indeterminate = tests.counting(index), tests.with_result(index, INDETERMINATE)
    steps = [("tested", "With an antibody test", "no antibody test", tests.tested, untested)]
    if question.is_told(index, NOT_DONE, NOT_RECORDED):
        steps.append(("index", f"Tested by {label}", f"not tested by {label}", done, not_done))
    if question.is_told(index, INDETERMINATE):
        by_index = f"Positive or negative by {label}"
        steps.append(("conclusive", by_index, "indeterminate", conclusive, indeterminate))
    if not question.no_reference:
        steps.append(
            (
                "reference",
                f"With the reference: {question.reference_label}",
                "nothing known by the reference",
                question.verified(conclusive, tests),
                question.unverified(conclusive, tests),
            )
        )
    return steps


def _results_table(question: Question, told: Told) -> Table:
    units = question.units
    rows = [
        row(
            question.label(name),
            *(
                cell(
                    "count",
                    told.count_in(
                        f"tests/{name}/{end}/count",
                        f"{question.label(name)}: {head.lower()}",
                        units.with_result(name, *words),
                        units.tested,
                    ),
                )
                if question.is_told(name, *words)
                else text("0")
                for end, head, words in _ENDS
            ),
        )
        for name in question.assays
    ]
    total = told.count_in("tests/total/count", f"{question.noun.capitalize()} tested", units.tested)
    rows.append(row("All that were tested", cell("count", total), BLANK, BLANK, BLANK))
    unused, design = ", ".join(map(question.label, question.unused)), question.design
    return table(
        question.scope, "tests", "What became of the results, by assay", "Assay",
        [head for _, head, _ in _ENDS], rows,
        f"Counted are {question.noun} with any of these tests.",
        f"Not compared, as nobody or too few were tested by them: {unused}." if unused else "",
        (
            f"Results count that lie at most {design.pairing_days} days from the "
            f"patient's first sample by {question.label(question.index)}; an undated one is taken "
            "to be of that day."
            if design.pairing_days is not None and design.unit == "patient"
            else ""
        ),
    )  # fmt: skip


def _contradictions_table(question: Question, told: Told) -> Table:
    """Results that contradict each other on one sample; they count as indeterminate."""
    units, rows = question.units, []
    for name, label in _CONTRADICTIONS:
        column = f"{name}{units.which}"
        if question.scope.lists_all and not len(units.base.everybody.where(column, YES)):
            rows.append(row(label, text("0")))  # as for a result that nobody in the cohort has
            continue
        members = units.described.where(column, YES)
        key = told.count_in(f"tests/{name}/count", label, members, units.tested)
        rows.append(row(label, cell("count", key)))
    return table(
        question.scope, "tests/contradictions", "Results that contradict each other",
        "What was found", (question.noun.capitalize(),), rows,
        "Two rows of one assay on one sample are one direct and one indirect, or repetitions. "
        "Where they contradict each other the sample is indeterminate by that assay, and the part "
        "on indeterminate results says what depends on it.",
    )  # fmt: skip
