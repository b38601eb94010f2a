"""Thyroid antibodies in patients with and without anti-PMN antibodies."""

from __future__ import annotations

import itertools

import pandas as pd

from incohort.analyses.thyroid_antibodies.question import Question
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Findings,
    Layout,
    Measure,
    Row,
    Table,
)
from incohort.shapes import vocabulary
from incohort.shapes.making import Made
from incohort.stats.location import mann_whitney

_TITRES = {"anti_tpo": "ANTI_TPO", "anti_tg": "ANTI_TG"}


def autoantibodies(question: Question) -> Findings:
    """Thyroid antibodies in patients with and without anti-PMN antibodies."""
    made = Made(scope=question.scope)
    tested = question.tested
    rows = []
    for name, analyte in _TITRES.items():
        made.sources = (f"labs.{analyte}", "antibody_tests.result", *question.thyroid_sources)
        label, unit = vocabulary.analyte_label(analyte), vocabulary.analyte_unit(analyte)
        samples = {
            status: pd.to_numeric(tested.loc[tested["status"] == status, f"lab_{analyte}"]).dropna()
            for status in ("positive", "negative")
        }
        quartiles = [
            made.quartiles(
                f"autoantibodies/{name}/{status}",
                f"{label}, anti-PMN {status}",
                values,
                unit=unit,
                quantity=name,
                rows=[(str(one), 0) for one in tested.loc[values.index, "patient_id"]],
            )
            for status, values in samples.items()
        ]
        numbers = [
            _numbered(made, f"autoantibodies/{name}/{status}", f"{label}, {status}", len(values))
            for status, values in samples.items()
        ]
        n, smallest = sum(map(len, samples.values())), min(map(len, samples.values()))
        test = mann_whitney(
            samples["positive"].to_numpy(),
            samples["negative"].to_numpy(),
            conf_level=made.scope.conf_level,
        )
        shift = made.interval(
            f"autoantibodies/{name}/difference",
            f"{label}: positive minus negative",
            Measure.DIFFERENCE,
            test,
            n=n,
            unit=unit,
            smallest=smallest,
        )
        p_value = made.p_value(
            f"autoantibodies/{name}/mann_whitney_p_value",
            f"{label}: P",
            test,
            n=n,
            smallest=smallest,
        )
        rows.append(
            Row(
                f"{label}, {vocabulary.printed_unit(analyte)}",
                (
                    *itertools.chain.from_iterable(
                        (*counted, Cell(CellKind.MEDIAN_IQR, keys))
                        for counted, keys in zip(numbers, quartiles, strict=True)
                    ),
                    Cell(CellKind.ESTIMATE_CI, (shift,)),
                    Cell(CellKind.P_VALUE, (p_value,)),
                ),
            )
        )
    layout = Layout(
        tables=(
            Table(
                key=question.scope.key("autoantibodies/table"),
                caption="Thyroid antibodies by anti-PMN antibody status, in those tested",
                stub_head="Antibody",
                columns=(
                    *_columns(question, "Anti-PMN positive"),
                    *_columns(question, "Anti-PMN negative"),
                    Column(f"Difference ({question.level} CI)"),
                    Column("P"),
                ),
                rows=tuple(rows),
                notes=(
                    (
                        "Median (first to third quartile) of the value nearest the index date. "
                        "Difference: Hodges–Lehmann shift. P: Mann–Whitney, two-sided."
                    ),
                ),
            ),
        ),
    )
    return question.scope.findings("autoantibodies", "Thyroid antibodies", made, layout)


def _columns(question: Question, label: str) -> tuple[Column, ...]:
    """The columns of one group, its number before its median unless the cohort is restricted."""
    if question.scope.lists_all:
        return (Column(label),)
    return (Column("n", label), Column("Median (IQR)", label))


def _numbered(made: Made, tail: str, label: str, n: int) -> tuple[Cell, ...]:
    """How many have a value; of a restricted cohort that would tell of the few who have none."""
    if made.scope.lists_all:
        return ()
    return (Cell(CellKind.COUNT, (made.count(f"{tail}/n/count", f"{label}: patients", n),)),)
