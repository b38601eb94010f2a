"""Design and flow of the tests: who was tested by what, and which results tell nothing."""

from __future__ import annotations

import numpy as np

from incohort.analyses.assay_yield.question import Flags, Question
from incohort.analyses.assay_yield.tally import Tally, tally
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Margin,
    Row,
    Series,
    Table,
    clauses,
)

_ENDS = ("conclusive", "indeterminate", "not_done", "none")
_HEADS = ("Positive or negative", "Indeterminate", "Not done", "No such test")


def design(question: Question) -> Findings:
    """The flow of patients through the tests, and what became of each assay's results."""
    made = tally(question, "patients.patient_id")
    included, excluded, flow_margins = _flow(question, made)
    keys = {name: _ends(question, made, name) for name in question.assays}
    total = _count(question, made, "tests/total/count", f"{question.noun.capitalize()} tested")
    told = f"{{{included[0]}:count}} described"
    layout = Layout(
        tables=(_results_table(question, keys, total), _contradictions_table(question, made)),
        figures=(
            Figure(
                key=question.scope.key("flow/figure"),
                kind=FigureKind.FLOW,
                caption="Flow of patients through the tests (STARD)",
                alt=f"Of {told} patients "
                + clauses(*(f"{{{key}:count}} {_within(made, key)}" for key in included[1:]))
                + ".",
                series=(Series("Included", tuple(included)), Series("Left out", tuple(excluded))),
            ),
        ),
        cautions=(
            (
                "Where doctors tested those in whom they suspected antibodies, shares among the "
                "tested are not those of all patients."
            ),
        ),
        margins=(
            *flow_margins,
            *_links(question),
            *(Margin(total=total, parts=parts) for parts in keys.values()),
            *(
                Margin(total=question.scope.key(f"positive/{name}/proportion#n"), parts=(parts[0],))
                for name, parts in keys.items()
            ),
        ),
    )
    return question.scope.findings("flow", "Design and flow of the tests", made, layout)


def _links(question: Question) -> tuple[Margin, ...]:
    """Which steps of the flow stand among the tests by the index assay, too."""
    own = f"tests/{question.index}"
    parts = {
        "conclusive": ("conclusive",),
        "conclusive/excluded": ("indeterminate",),
        "index": ("conclusive", "indeterminate"),
        "index/excluded": ("not_done", "none"),
    }
    same, total = question.scope.same, question.scope.sum
    return (
        same("flow/tested/count", "tests/total/count"),
        *(
            total(f"flow/{step}/count", *(f"{own}/{part}/count" for part in names))
            for step, names in parts.items()
        ),
    )


def _flow(question: Question, made: Tally) -> tuple[list[str], list[str], list[Margin]]:
    """Who is left at each step, and who is left out; always in patients."""
    described = made.count("flow/described/count", "Patients described", question.n_described)
    if question.absent:
        return [described], [], []
    included, excluded, margins = [described], [], []
    left = question.n_described
    for name, label, reason, kept in _steps(question):
        here = made.count(f"flow/{name}/count", label, kept)
        out = made.count(f"flow/{name}/excluded/count", f"Left out: {reason}", left - kept)
        margins.append(Margin(total=included[-1], parts=(here, out)))
        included.append(here)
        excluded.append(out)
        left = kept
    return included, excluded, margins


def _within(made: Tally, key: str) -> str:
    """A label within a sentence."""
    label = made.results[key].label
    return label[0].lower() + label[1:]


def _steps(question: Question) -> list[tuple[str, str, str, int]]:
    """Name, label, reason for being left out, and how many patients remain."""
    label = question.label(question.index)
    words = question.patients[f"assay_{question.index}"]
    done = words.isin(["positive", "negative", "indeterminate"]).to_numpy(dtype=bool)
    conclusive = words.isin(["positive", "negative"]).to_numpy(dtype=bool)
    steps = [
        ("tested", "With an antibody test", "no antibody test", len(question.patients)),
        ("index", f"Tested by {label}", f"not tested by {label}", int(done.sum())),
        (
            "conclusive",
            f"Positive or negative by {label}",
            "indeterminate",
            int(conclusive.sum()),
        ),
    ]
    if not question.no_reference:
        known = question.known_patients
        steps.append(
            (
                "reference",
                f"With the reference: {question.reference_label}",
                "nothing known by the reference",
                int((conclusive & known).sum()),
            )
        )
    return steps


def _ends(question: Question, made: Tally, name: str) -> tuple[str, ...]:
    """How many results of an assay are conclusive, indeterminate, not done, or missing."""
    words = question.units[f"assay_{name}"]
    is_conclusive = words.isin(["positive", "negative"]).to_numpy(dtype=bool)
    rows = {
        "conclusive": is_conclusive,
        "indeterminate": (words == "indeterminate").to_numpy(dtype=bool),
        "not_done": (words == "not_done").to_numpy(dtype=bool),
        "none": words.isna().to_numpy(dtype=bool),
    }
    return tuple(
        _count(
            question,
            made,
            f"tests/{name}/{end}/count",
            f"{question.label(name)}: {head.lower()}",
            rows[end],
        )
        for end, head in zip(_ENDS, _HEADS, strict=True)
    )


def _count(
    question: Question, made: Tally, tail: str, label: str, rows: Flags | None = None
) -> str:
    if question.absent:
        return made.none(tail, label, question.absent)
    everybody = np.ones(len(question.units), dtype=bool)
    return made.of(tail, label, everybody if rows is None else rows, everybody, question)


def _results_table(question: Question, keys: dict[str, tuple[str, ...]], total: str) -> Table:
    rows = [
        Row(question.label(name), tuple(Cell(CellKind.COUNT, (key,)) for key in parts))
        for name, parts in keys.items()
    ]
    blank = Cell(CellKind.TEXT)
    rows.append(Row("All that were tested", (Cell(CellKind.COUNT, (total,)), blank, blank, blank)))
    notes = [f"Counted are {question.noun} with any of these tests."]
    if question.unused:
        names = ", ".join(map(question.label, question.unused))
        notes.append(f"Not compared, as nobody or too few were tested by them: {names}.")
    if question.design.window_days is not None and question.design.unit == "patient":
        notes.append(
            f"Results count that lie at most {question.design.window_days} days from the "
            f"patient's first sample by {question.label(question.index)}; an undated one is taken "
            "to be of that day."
        )
    return Table(
        key=question.scope.key("tests/table"),
        caption="What became of the results, by assay",
        stub_head="Assay",
        columns=tuple(map(Column, _HEADS)),
        rows=tuple(rows),
        notes=tuple(notes),
    )


def _contradictions_table(question: Question, made: Tally) -> Table:
    """Results that contradict each other on one sample; they count as indeterminate."""
    rows = []
    for name, column, label in (
        ("contradictory", "n_contradictory", "Positive and negative by one assay on one sample"),
        ("repeated", "n_repeated", "More than one result of one assay on one sample"),
    ):
        flags = (question.units[column] > 0).to_numpy(dtype=bool)
        key = _count(question, made, f"tests/{name}/count", label, flags)
        rows.append(Row(label, (Cell(CellKind.COUNT, (key,)),)))
    return Table(
        key=question.scope.key("tests/contradictions/table"),
        caption="Results that contradict each other",
        stub_head="What was found",
        columns=(Column(question.noun.capitalize()),),
        rows=tuple(rows),
        notes=(
            (
                "Two rows of one assay on one sample are one direct and one indirect, or "
                "repetitions. Where they contradict each other the sample is indeterminate by "
                "that assay, and the part on indeterminate results says what depends on it."
            ),
        ),
    )
