"""Who was treated, counted and low, and what explains it."""

from __future__ import annotations

from dataclasses import replace

from incohort.analyses.checkpoint.question import Question
from incohort.results import Findings, Layout, Row, Sentence
from incohort.shapes import recorded
from incohort.shapes.classified import Classified, class_table, classified
from incohort.shapes.flow import flow
from incohort.shapes.population import Steps
from incohort.shapes.tabular import BLANK, cell, row
from incohort.shapes.telling import Draft, telling

_NO_SOURCE = (
    "Choices without a source: the window after the last dose ({window} days), how recent "
    "chemotherapy ({rival} days) and an infection ({infection} days) are other causes, and that "
    "blood is drawn before the dose of its day."
)
_ON_ORDER = (
    "Asked in this order: was a checkpoint inhibitor given; was the count low before; was the last "
    "dose recent; was chemotherapy, another suspected drug, or a disease near. A patient with "
    "several low counts stands under immune-related if one is, and is left open if one may be."
)
_ON_STEROIDS = "Corticosteroids raise neutrophils by themselves, so that some lows are never seen."


def who(question: Question) -> Findings:
    """The steps from everybody in the cohort to those with a low count."""
    draft = telling(question.scope, "patients.patient_id")
    steps = Steps("In the cohort", question.everybody.base.everybody)
    for step in question.population.applied[1:]:
        steps.keep(step.name, step.label, step.members, step.reason)
    if question.everybody.name != steps.members.name:
        other = "the other row of a patient with two"
        steps.keep("rows", "One row a patient", question.everybody, other)
    asked = () if question.absent else question.steps
    for name, label, members, reason in asked:
        steps.keep(name, label, members, reason)
    open_rows = {} if question.absent else _open_rows(question, draft)
    findings = flow(
        draft, steps.taken, caption="From everybody in the cohort to those at risk",
        alt="From {} patients in the cohort, {} are at risk.",
        note="Whoever was never counted is not taken to have had no neutropenia.",
    )  # fmt: skip
    labels = {label: name for name, label, *_ in asked}
    told = findings.layout.tables[0]
    rows = [
        each
        for line in told.rows
        for each in (line, *open_rows.get(labels.get(line.label, ""), ()))
    ]
    layout = replace(findings.layout, tables=(replace(told, rows=tuple(rows)),))
    return replace(findings, layout=layout)


def _open_rows(question: Question, draft: Draft) -> dict[str, tuple[Row, ...]]:
    """Under each step those who are left though it is not known of them, where there are any."""
    return {
        name: (
            row(
                label,
                cell("count", draft.count_in(f"attrition/{name}/open/count", label, members)),
                BLANK, BLANK, level=1,
            ),
        )
        for name, label, members in question.not_known
        if question.scope.lists_all or len(members)
    }  # fmt: skip


def attribution(question: Question) -> Findings:
    """What explains the low counts, by patient and by episode, and what can't be told."""
    draft, rules = question.telling(), question.rules
    total = draft.count_in("class/n/count", "At risk", question.at_risk)
    asked = [name for name in question.classes.labels if name != "not_exposed"]
    patients = classified(draft, question.classes, question.at_risk, only=asked)
    draft.noun = "episodes"
    number = draft.count_in("attribution/n/count", "Episodes", question.sets.episodes)
    episodes = classified(draft, question.attributed, question.sets.episodes)
    notes = _NO_SOURCE.format(
        window=rules.after_dose_days, rival=rules.rival_days, infection=rules.infection_days
    )
    tables = (
        class_table(
            draft, patients, total, head="Class", notes=(_ON_ORDER, notes),
            caption=f"Patients at risk, by what explains a count of {question.grade}",
        ),
        class_table(
            draft, episodes, number, caption=f"Episodes of {question.grade}, of all described",
            head="Class", notes=(notes,),
        ),
    )  # fmt: skip
    layout = Layout(
        sentences=(
            *(replace(line, is_key=True) for line in recorded.instead(question.unasked)),
            *_said(question, patients, total),
            Sentence(
                f"{{{episodes.left}:count}} of {{{number}:count}} episodes can't be classified; "
                f"what they lack first: {episodes.lacking}.",
                holds=len(episodes.asked.open(question.sets.episodes)) > 0,
            ),
        ),
        tables=() if question.absent else tables,
        cautions=(_ON_STEROIDS,),
    )
    return draft.findings("attribution", "What explains the low count?", layout)


def _said(question: Question, patients: Classified, total: str) -> tuple[Sentence, ...]:
    """How many had it, how many another cause, how many can't be told; and the limit where none."""
    share, rival = (patients.shares[name] for name in ("immune_related", "rival_cause"))
    classed = question.classes.classed(question.at_risk)
    has_it = len(classed.where(question.classes.axis, "immune_related")) > 0
    lists_all = question.scope.lists_all
    n_rival = len(classed.where(question.classes.axis, "rival_cause"))
    rest = f"; in {{{rival}:count}} more another cause was near" if lists_all or n_rival else ""
    is_open = lists_all or len(question.classes.open(question.at_risk)) > 0
    said = (
        Sentence(
            f"{{{share}:fraction_percent_ci}} of the treated who can be classified had "
            f"immune-related neutropenia of grade {question.rules.grade} or deeper{rest}.",
            holds=has_it or lists_all,
            is_key=True,
        ),
        Sentence(
            f"Of {{{total}:count}} at risk {{{patients.left}:count}} can't be classified; what "
            f"they lack first: {patients.lacking}.",
            holds=is_open,
            is_key=True,
        ),
        Sentence(
            f"With {{{share}:fraction_percent_ci}} the frequency may still be as high as the upper "
            "limit.",
            holds=len(classed) > 0 and not has_it and not lists_all,
            is_key=True,
        ),
    )
    return tuple(sentence for sentence in said if sentence.holds)  # the answer takes so many
