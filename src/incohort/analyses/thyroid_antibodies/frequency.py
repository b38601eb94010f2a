"""Who has thyroid disease, and who of them was tested for anti-PMN antibodies."""

from __future__ import annotations

from incohort.analyses import vocabulary
from incohort.analyses.characteristics import Group, Variable, analyte, standard_variables
from incohort.analyses.making import Made
from incohort.analyses.table_one import compare
from incohort.analyses.thyroid_antibodies.question import TESTS, Question
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


def frequency(question: Question) -> Findings:
    """How many patients have thyroid disease, and each other cause."""
    frame = question.everybody
    made = Made(scope=question.scope, sources=("patients.patient_id",))
    total = made.count("frequency/total/count", "Patients described", len(frame))
    made.sources = question.thyroid_sources
    n_thyroid = int(frame["is_thyroid"].sum())
    nobody = "there are no patients"
    keys = {
        "thyroid_disease": made.proportion(
            "frequency/thyroid_disease/proportion",
            "Thyroid disease",
            n_thyroid,
            len(frame),
            nobody=nobody,
        )
    }
    labels = {"thyroid_disease": "Thyroid disease"}
    if question.design.thyroid_by == "aetiology":
        made.sources = ("patients.aetiology",)
        known = vocabulary.labels("patients", "aetiology")
        values = frame["aetiology"].fillna("unknown")
        for name, label in known.items():
            is_listed = question.scope.lists_all or (values == name).any()
            if name != "thyroid_disease" and is_listed:
                labels[name] = label
                keys[name] = made.proportion(
                    f"frequency/{name}/proportion", label, int((values == name).sum()), len(frame)
                )
    else:
        labels["rest"] = "No diagnosis of thyroid disease"
        keys["rest"] = made.proportion(
            "frequency/rest/proportion", labels["rest"], len(frame) - n_thyroid, len(frame)
        )
    rows = tuple(
        Row(labels[name], (Cell(CellKind.N_PERCENT, (key,)), Cell(CellKind.PERCENT_CI, (key,))))
        for name, key in keys.items()
    )
    first = keys["thyroid_disease"]
    layout = Layout(
        sentences=(
            Sentence(
                f"Thyroid disease was found in {{{first}:fraction_percent_ci}} of the patients."
            ),
        ),
        tables=(
            Table(
                key=question.scope.key("frequency/table"),
                caption="Causes of neutropenia",
                stub_head="Cause",
                columns=(Column("n (%)"), Column(f"% ({question.level} CI)")),
                rows=(*rows, Row("All", (Cell(CellKind.COUNT, (total,)), Cell(CellKind.TEXT)))),
            ),
        ),
        margins=(Margin(total=total, parts=tuple(keys.values())),),
    )
    return question.scope.findings("frequency", "Frequency of thyroid disease", made, layout)


def selection(question: Question) -> Findings:
    """Who of those with thyroid disease was tested, and how the others differ."""
    made = Made(scope=question.scope, sources=(*question.thyroid_sources, *TESTS))
    thyroid, tested = question.thyroid, question.tested
    reason = question.no_table("antibody_tests")
    label = f"Tested by {question.assay_label}, of those with thyroid disease"
    key = made.proportion(
        "anti_pmn/tested/proportion",
        label,
        len(tested),
        len(thyroid),
        nobody="nobody described here has thyroid disease",
        absent=reason,
    )
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
                "Who was tested was not left to chance. Where testing depended on what the "
                "clinician suspected, the share of positives among the tested is not that of all "
                "patients (verification bias); a small standardised difference in what is listed "
                "here does not rule that out."
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
    return question.scope.findings("selection", "Who was tested and who was not", made, layout)
