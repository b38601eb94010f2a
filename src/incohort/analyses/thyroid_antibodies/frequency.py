"""Who has thyroid disease, and who of them was tested for anti-PMN antibodies."""

from __future__ import annotations

import pandas as pd

from incohort.analyses.thyroid_antibodies.question import TESTS, THYROID, Question
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Findings,
    Layout,
    Margin,
    Row,
    Sentence,
    Table,
)
from incohort.shapes import recorded, vocabulary
from incohort.shapes.characteristics import Group, Variable, analyte, standard_variables
from incohort.shapes.making import Made
from incohort.shapes.table_one import compare

_REST = "rest"
_SELECTION = "Who was tested and who was not"


def frequency(question: Question) -> Findings:
    """How many patients have thyroid disease, and each other cause."""
    made = Made(scope=question.scope, sources=("patients.patient_id",))
    n_described = len(question.everybody)
    total = made.count("frequency/total/count", "Patients described", n_described)
    made.sources = question.thyroid_sources
    found = recorded.shares(
        made,
        "frequency",
        _causes(question),
        _labels(question),
        nobody="it is recorded of nobody described whether they have thyroid disease",
        reason=question.unrecorded,
    )
    table = Table(
        key=question.scope.key("frequency/table"),
        caption="Causes of neutropenia",
        stub_head="Cause",
        columns=(Column("n (%)"), Column(f"% ({question.level} CI)")),
        rows=(*found.rows, Row("All", (Cell(CellKind.COUNT, (total,)), Cell(CellKind.TEXT)))),
        notes=(recorded.SHARES_NOTE,) if found.absent or question.scope.lists_all else (),
    )
    layout = Layout(
        sentences=(*_said(question, found), *_otherwise(question, made)),
        tables=() if question.unrecorded else (table,),
        margins=found.margins,
    )
    return question.scope.findings("frequency", "Frequency of thyroid disease", made, layout)


def _said(question: Question, found: recorded.Shares) -> tuple[Sentence, ...]:
    """How many have thyroid disease, and of how many it is not recorded."""
    if question.unrecorded:
        return (Sentence(recorded.as_sentence(question.unrecorded)),)
    is_cause = question.design.thyroid_by == "aetiology"
    what = "the cause settled on" if is_cause else "among the diagnoses"
    among = "the patients in whom it is recorded" if found.absent else "the patients"
    share = f"{{{found.keys[THYROID]}:fraction_percent_ci}}"
    sentences = [Sentence(f"Thyroid disease was {what} in {share} of {among}.")]
    if found.absent:
        noun = "cause" if is_cause else "diagnosis"
        sentences.append(Sentence(f"No {noun} is recorded in {{{found.absent}:count}}."))
    return tuple(sentences)


def _otherwise(question: Question, made: Made) -> tuple[Sentence, ...]:
    """Who has thyroid disease by the other way of telling it, and is not counted here."""
    frame = question.everybody
    is_cause = question.design.thyroid_by == "aetiology"
    other = frame["has_thyroid_diagnosis"] if is_cause else frame["aetiology"].eq(THYROID)
    also = int((other.eq(other=True) & ~frame["is_thyroid"]).sum())
    if not also and not question.scope.lists_all:
        return ()
    made.sources = ("patients.aetiology", "diagnoses.condition")
    tail = "diagnosed" if is_cause else "as_cause"
    label = (
        "Thyroid disease diagnosed, and not the cause"
        if is_cause
        else ("Thyroid disease the cause, and not among the diagnoses")
    )
    key = made.count(f"frequency/{tail}_only/count", label, also, n=len(frame))
    words = (
        "thyroid disease is among the diagnoses, beside another cause or none: with thyroid_by = "
        "diagnosis they count."
        if is_cause
        else "thyroid disease is the cause without being among the diagnoses: with thyroid_by = "
        "aetiology they count."
    )
    return (Sentence(f"In {{{key}:count}} patients not counted here {words}"),)


def _causes(question: Question) -> pd.Series:
    """Each patient's cause; or whether thyroid disease was diagnosed."""
    frame = question.everybody
    if question.design.thyroid_by == "aetiology":
        return frame["aetiology"]
    words = frame["is_thyroid"].map({True: THYROID, False: _REST})
    return words.where(frame["is_thyroid"] | frame["is_other"])


def _labels(question: Question) -> dict[str, str]:
    """Thyroid disease, then the other causes that somebody has."""
    known = vocabulary.labels("patients", "aetiology")
    first = {THYROID: "Thyroid disease"}
    if question.design.thyroid_by != "aetiology":
        return first | {_REST: "No thyroid disease recorded"}
    values = question.everybody["aetiology"]
    is_told = {name: question.scope.lists_all or (values == name).any() for name in known}
    return first | {name: label for name, label in known.items() if is_told[name]}


def selection(question: Question) -> Findings:
    """Who of those with thyroid disease was tested, and how the others differ."""
    made = Made(scope=question.scope, sources=(*question.thyroid_sources, *TESTS))
    thyroid, tested = question.thyroid, question.tested
    reason = question.untested
    label = f"Tested by {question.assay_label}, of those with thyroid disease"
    key = made.proportion(
        "anti_pmn/tested/proportion",
        label,
        len(tested),
        len(thyroid),
        nobody="nobody described here has thyroid disease",
        absent=reason,
    )
    if reason:
        return _of_nobody(question, made)
    untested = thyroid[~thyroid.index.isin(tested.index)]
    variables: list[Variable] = [
        *standard_variables(),
        analyte("FT3"),
        analyte("TSH"),
        analyte("ANTI_TPO"),
    ]
    if not question.scope.lists_all:
        variables = [v for v in variables if thyroid[v.column].notna().any()]
    table = compare(
        question.scope,
        "selection",
        "Tested and not tested patients with thyroid disease",
        (
            Group(name="tested", label="Tested", frame=tested),
            Group(name="not_tested", label="Not tested", frame=untested),
        ),
        variables,
        group_sources=(*question.thyroid_sources, *TESTS),
    )
    made.results |= table.by_key
    n_tested, n_untested = (
        question.scope.key(f"selection/{g}/n/count") for g in ("tested", "not_tested")
    )
    total = made.count("selection/total/count", "Patients with thyroid disease", len(thyroid))
    layout = Layout(
        sentences=(
            Sentence(
                f"Of the patients with thyroid disease, {{{key}:fraction_percent_ci}} were tested."
            ),
        ),
        tables=table.layout.tables,
        cautions=(
            (
                "Where testing depended on what the clinician suspected, the share of positives "
                "among the tested is not that of all patients (verification bias). A small "
                "standardised difference in what is listed here does not rule that out."
            ),
        ),
        margins=(
            *table.layout.margins,
            Margin(total=total, parts=(n_tested, n_untested)),
            Margin(total=n_tested, parts=(key,)),
            Margin(total=n_untested, parts=(f"{key}#others",)),
            question.scope.same("frequency/thyroid_disease/proportion", "selection/total/count"),
        ),
    )
    return question.scope.findings("selection", _SELECTION, made, layout)


def _of_nobody(question: Question, made: Made) -> Findings:
    """Why nobody can be compared, where thyroid disease or the tests are recorded of nobody."""
    reason = question.untested
    for group, label in (("tested", "Tested"), ("not_tested", "Not tested")):
        made.none(f"selection/{group}/n/count", f"{label}: patients", reason)
    label = "Patients with thyroid disease"
    margins: tuple[Margin, ...] = ()
    if question.unrecorded:
        made.none("selection/total/count", label, question.unrecorded)
    else:
        made.count("selection/total/count", label, len(question.thyroid))
        share = "frequency/thyroid_disease/proportion"
        margins = (question.scope.same(share, "selection/total/count"),)
    layout = Layout(sentences=(Sentence(recorded.as_sentence(reason)),), margins=margins)
    return question.scope.findings("selection", _SELECTION, made, layout)
