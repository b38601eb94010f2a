"""How often to repeat: what a second, third and fourth test by the index assay still finds."""

from __future__ import annotations

import numpy as np
import pandas as pd

from incohort.analyses.assay_yield.question import Question
from incohort.cohort import pairing
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Margin,
    Measure,
    Row,
    Series,
    Table,
    clauses,
)
from incohort.shapes.making import Made
from incohort.stats import NoEstimate
from incohort.stats.assays.repeats import RepeatYield, yield_by_repeat

_SOURCES = (
    "antibody_tests.result", "antibody_tests.assay", "antibody_tests.taken_on",
    "antibody_tests.sample_id",
)  # fmt: skip
_LISTED = 4  # tests that are told of even where nobody had so many
_MOST = 8  # tests that are told of: later ones are had by few


def repeats(question: Question) -> Findings:
    """What each repeat of the index assay found in patients still negative."""
    made = Made(scope=question.scope, sources=_SOURCES)
    label = question.label(question.index)
    tests = tests_of(question)
    steps = (
        NoEstimate(question.absent)
        if question.absent
        else yield_by_repeat(
            tests["n_tests"].to_numpy(dtype=np.int64),
            tests["is_positive"].to_numpy(dtype=bool),
            conf_level=made.scope.conf_level,
        )
    )
    known = () if isinstance(steps, NoEstimate) else steps[:_MOST]
    last = max(_LISTED, len(known)) if question.scope.lists_all else max(2, len(known))
    rows = []
    for number in range(1, last + 1):
        step = known[number - 1] if number <= len(known) else None
        none = steps.reason if isinstance(steps, NoEstimate) else _never(number)
        rows.append(_row(made, number, step, question.absent, none))
    key = question.scope.key
    cumulative = [key(f"repeats/{number}/cumulative/proportion") for number in range(1, last + 1)]
    drawn = cumulative if question.scope.lists_all else cumulative[: len(known)]
    layout = Layout(
        tables=(
            Table(
                key=key("repeats/table"),
                caption=f"{label} repeated in patients still negative",
                stub_head="Test",
                columns=(
                    Column("Newly positive / tested (%)"),
                    Column(f"% ({question.level} CI)"),
                    Column(f"Positive so far, % ({question.level} CI)"),
                ),
                rows=tuple(rows),
                notes=(
                    (
                        "Per patient, whatever is counted elsewhere; in the order of the "
                        "samples' dates, undated ones by their numbers. A result neither "
                        "positive nor negative is no test. Positive so far: Kaplan–Meier over "
                        "the tests; patients not tested again are taken to have been as likely "
                        "to turn positive as those who were."
                    ),
                ),
            ),
        ),
        figures=_figure(question, drawn) if len(known) > 1 or question.scope.lists_all else (),
        cautions=(
            (
                "Where doctors repeat the test in those in whom they suspect antibodies, a repeat "
                "finds more than it would in all."
            ),
        ),
        margins=_margins(question, last),
    )
    return question.scope.findings("repeats", "Repeated tests", made, layout)


def tests_of(question: Question) -> pd.DataFrame:
    """The number of tests up to the first positive one, of each patient described."""
    if question.absent:
        return pd.DataFrame({"patient_id": [], "n_tests": [], "is_positive": []})
    samples = pairing.on_samples(question.cohort.tables["antibody_tests"], (question.index,))
    found: pd.DataFrame = pairing.repeats(samples, question.index).execute()
    return found[found["patient_id"].isin(question.population.frame["patient_id"])]


def _never(number: int) -> str:
    return f"nobody still negative was tested {_times(number)}"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _row(made: Made, number: int, step: RepeatYield | None, absent: str, reason: str) -> Row:
    """One test: who turned positive, of those tested so often, and all found by then."""
    name, tail = f"Test {number}", f"repeats/{number}"
    keys = [f"{tail}/positive/count", f"{tail}/proportion", f"{tail}/cumulative/proportion"]
    if step is None:
        n = None if absent else 0
        full = [made.none(key, name, absent or reason, n=n) for key in keys]
    else:
        made.rests_on = tuple(
            made.scope.key(f"repeats/{k}/proportion") for k in range(1, number + 1)
        )
        few = min(step.n_new, step.n_tested - step.n_new)
        full = [
            made.count(keys[0], f"{name}: newly positive", step.n_new, n=step.n_tested),
            made.proportion(keys[1], f"{name}: newly positive", step.n_new, step.n_tested),
            made.interval(keys[2], name, Measure.PROPORTION, step.cumulative, smallest=few),
        ]
    return Row(
        name,
        (
            Cell(CellKind.FRACTION_PERCENT, (full[1],)),
            Cell(CellKind.PERCENT_CI, (full[1],)),
            Cell(CellKind.PERCENT_CI, (full[2],)),
        ),
    )


def _figure(question: Question, keys: list[str]) -> tuple[Figure, ...]:
    told = clauses(*(f"after test {n} {{{key}:percent_ci}}" for n, key in enumerate(keys, start=1)))
    return (
        Figure(
            key=question.scope.key("repeats/figure"),
            kind=FigureKind.LINES,
            caption=f"Positive so far by {question.label(question.index)}, test by test",
            alt=f"Share positive so far: {told}.",
            series=(Series("Positive so far", tuple(keys)),),
            x_label="Tests of the same patient",
            y_label="Positive so far, %",
        ),
    )


def _margins(question: Question, last: int) -> tuple[Margin, ...]:
    """Each repeat's count and share are of the same patients; the first test is of all tested."""
    same = question.scope.same
    first, share = "repeats/1/positive/count", f"positive/{question.index}/proportion"
    found = [same(share, first), same(f"{share}#n", f"{first}#n")]  # where each has one sample
    for number in range(1, last + 1):
        tail = f"repeats/{number}"
        found.append(same(f"{tail}/proportion", f"{tail}/positive/count"))
        found.append(same(f"{tail}/proportion#n", f"{tail}/positive/count#n"))
    each = (f"repeats/{number}/positive/count" for number in range(1, last + 1))
    return (*found, question.scope.sum(share, *each))
