"""What each assay found in the same patients, and how far the assays overlap."""

from __future__ import annotations

import itertools

import pandas as pd

from incohort.analyses.thyroid_antibodies.question import TESTS, Question
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
from incohort.shapes import vocabulary
from incohort.shapes.making import Made

_ASSAYS = ("gift", "gat", "lift")  # shown even where nobody was tested


def assays(question: Question) -> Findings:
    """What each assay found in the same patients, and how far the assays overlap."""
    made = Made(scope=question.scope, sources=(*question.thyroid_sources, *TESTS))
    known = vocabulary.labels("antibody_tests", "assay")
    thyroid = question.thyroid
    lists_all = question.scope.lists_all
    done = [a for a in known if lists_all or thyroid[f"assay_{a}"].notna().any()]
    shown = list(dict.fromkeys((*_ASSAYS, *done)))
    reason = question.untested
    keys, rows = [], []
    for assay in shown:
        status = thyroid[f"assay_{assay}"]
        n = int(status.isin(["positive", "negative"]).sum())
        key = made.proportion(
            f"assays/{assay}/proportion",
            f"Positive by {known[assay]}",
            int((status == "positive").sum()),
            n,
            nobody=f"nobody with thyroid disease was tested by {known[assay]}",
            absent=reason,
        )
        keys.append(key)
        rows.append(
            Row(
                known[assay],
                (Cell(CellKind.FRACTION_PERCENT, (key,)), Cell(CellKind.PERCENT_CI, (key,))),
            )
        )
    gift, gat = thyroid["assay_gift"] == "positive", thyroid["assay_gat"]
    both = gift & gat.isin(["positive", "negative"])
    within = made.proportion(
        "assays/gat_within_gift/proportion",
        "Positive by GAT, of those positive by GIFT",
        int((both & (gat == "positive")).sum()),
        int(both.sum()),
        nobody="nobody positive by GIFT was tested by GAT",
        absent=reason,
    )
    rows.append(
        Row(
            "GAT, of those positive by GIFT",
            (Cell(CellKind.FRACTION_PERCENT, (within,)), Cell(CellKind.PERCENT_CI, (within,))),
        )
    )
    overlap, margin = _overlap(made, thyroid, list(_ASSAYS) if lists_all else done)
    figures = (
        (
            Figure(
                key=question.scope.key("assays/figure"),
                kind=FigureKind.OVERLAP,
                caption="Which assays were positive in the same patient, of those tested by all",
                alt="Patients by the set of assays that were positive: "
                + clauses(*(f"{made.results[key].label} {{{key}:count}}" for key in overlap))
                + ".",
                series=(Series("Patients", tuple(overlap)),),
                y_label="Patients",
            ),
        )
        if overlap
        else ()
    )
    layout = Layout(
        tables=(
            Table(
                key=question.scope.key("assays/table"),
                caption="Positive results by assay, in thyroid disease",
                stub_head="Assay",
                columns=(Column("Positive / tested (%)"), Column(f"% ({question.level} CI)")),
                rows=tuple(rows),
                notes=("A patient is positive by an assay where any of their samples was.",),
            ),
        ),
        figures=figures,
        margins=margin,
    )
    return question.scope.findings("assays", "Overlap of the assays", made, layout)


def _overlap(
    made: Made, thyroid: pd.DataFrame, done: list[str]
) -> tuple[list[str], tuple[Margin, ...]]:
    """Counts of each set of positive assays, in patients tested by all of them."""
    if len(done) < 2:
        return [], ()
    known = vocabulary.labels("antibody_tests", "assay")
    status = thyroid[[f"assay_{assay}" for assay in done]]
    complete = status[status.isin(["positive", "negative"]).all(axis=1)]
    if complete.empty:
        return [], ()
    sets: dict[tuple[str, ...], int] = {}
    for row in complete.itertuples(index=False, name=None):
        found = tuple(assay for assay, value in zip(done, row, strict=True) if value == "positive")
        sets[found] = sets.get(found, 0) + 1
    keys: dict[tuple[str, ...], str] = {}
    order = sorted(sets, key=lambda found: (len(found) == 0, -sets[found], found))
    if made.scope.lists_all:  # every set in a fixed order, which tells nothing of their sizes
        order = [found for size in (1, 2, 3, 0) for found in itertools.combinations(done, size)]
    for found in order:
        tail = "none" if not found else "_and_".join(found) + ("_only" if len(found) == 1 else "")
        label = " & ".join(known[assay] for assay in found) or "None"
        n = sets.get(found, 0)
        keys[found] = made.count(f"assays/overlap/{tail}/count", label, n, n=len(complete))
    total = made.count("assays/overlap/total/count", "Tested by all of these assays", len(complete))
    return list(keys.values()), _overlap_margins(made, done, keys, total)


def _overlap_margins(
    made: Made, done: list[str], keys: dict[tuple[str, ...], str], total: str
) -> tuple[Margin, ...]:
    """The sets make up all, and each assay's share where all were tested by all of them."""

    def holding(*assays: str) -> tuple[str, ...]:
        return tuple(key for found, key in keys.items() if set(assays) <= set(found))

    share = made.scope.key
    return (
        Margin(total=total, parts=tuple(keys.values())),
        *(Margin(total=share(f"assays/{a}/proportion"), parts=holding(a)) for a in done),
        *(Margin(total=share(f"assays/{a}/proportion#n"), parts=(total,)) for a in done),
        Margin(total=share("assays/gat_within_gift/proportion"), parts=holding("gift", "gat")),
        made.scope.same("assays/gift/proportion", "assays/gat_within_gift/proportion#n"),
        made.scope.same("anti_pmn/all/proportion", "assays/gift/proportion"),
        made.scope.same("anti_pmn/all/proportion#n", "assays/gift/proportion#n"),
    )
