"""Recurrent infections in thyroid disease and in all other causes."""

from __future__ import annotations

from incohort.analyses.thyroid_antibodies.question import Question
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Findings,
    Layout,
    Margin,
    Measure,
    Row,
    Sentence,
    Table,
    clauses,
)
from incohort.shapes.making import Made
from incohort.shapes.recorded import as_sentence, first_reason
from incohort.stats import NoEstimate
from incohort.stats.contingency import ChiSquare, chi_square, fisher_exact
from incohort.stats.proportions import proportion_difference


def infections(question: Question) -> Findings:
    """Recurrent infections in thyroid disease and in all other causes."""
    made = Made(scope=question.scope, sources=("events.event", *question.thyroid_sources))
    is_known = question.everybody["has_recurrent_infections"].notna()
    reason = first_reason(
        question.population.unrecorded.get("has_recurrent_infections", ""), question.unrecorded
    )
    counts = {}
    keys = {}
    for name, label, frame in (
        ("thyroid", "Thyroid disease", question.thyroid),
        ("other", "Other causes", question.other),
    ):
        known = frame[is_known[frame.index]]
        events, total = int(known["has_recurrent_infections"].eq(other=True).sum()), len(known)
        counts[name] = (events, total)
        tail, text = f"infections/{name}/proportion", f"Recurrent infections, {label}"
        keys[name] = made.proportion(
            tail, text, events, total, nobody="there are no such patients", absent=reason
        )
    (a, n_1), (c, n_2) = counts["thyroid"], counts["other"]
    table = [[a, n_1 - a], [c, n_2 - c]]
    n = None if reason else n_1 + n_2
    smallest = None if reason else min(map(min, table))
    level = made.scope.conf_level
    made.rests_on = tuple(keys.values())
    none = NoEstimate(reason) if reason else None
    pearsons = none or chi_square(table)
    difference = made.interval(
        "infections/difference",
        "Recurrent infections: thyroid disease minus other causes",
        Measure.DIFFERENCE,
        none or proportion_difference(a, n_1, c, n_2, conf_level=level),
        n=n,
        unit="proportion",
        smallest=smallest,
    )
    notes: tuple[str, ...] = ()
    if isinstance(pearsons, ChiSquare):
        below = pearsons.n_expected_below_5
        notes = (
            (f"{below} of 4 expected counts below 5",) if below else ("no expected count below 5",)
        )
    chi = made.p_value(
        "infections/chi_square_p_value",
        "Recurrent infections: chi-square P",
        pearsons,
        n=n,
        smallest=smallest,
        notes=notes,
    )
    fisher = made.p_value(
        "infections/fisher_p_value",
        "Recurrent infections: exact P",
        none or fisher_exact(table),
        n=n,
        smallest=smallest,
    )
    rows = tuple(
        Row(
            label,
            (
                Cell(CellKind.FRACTION_PERCENT, (keys[name],)),
                Cell(CellKind.PERCENT_CI, (keys[name],)),
            ),
        )
        for name, label in (("thyroid", "Thyroid disease"), ("other", "Other causes"))
    )
    layout = Layout(
        sentences=(
            Sentence(
                "The difference between thyroid disease and all other causes was "
                f"{{{difference}:percent_ci}}."
            ),
            Sentence(
                "Tests of it: "
                + clauses(f"chi-square P {{{chi}:p_value}}", f"exact P {{{fisher}:p_value}}")
                + "."
            ),
        ),
        tables=(
            Table(
                key=question.scope.key("infections/table"),
                caption="Recurrent infections",
                stub_head="Cause",
                columns=(Column("With / all (%)"), Column(f"% ({question.level} CI)")),
                rows=rows,
                notes=(
                    (
                        "Recurrent as the clinic recorded it, or from as many infections on as "
                        "the parameter says; patients with nothing of the kind recorded count as "
                        "without. Difference: Newcombe's interval. Chi-square without continuity "
                        "correction."
                    ),
                ),
            ),
        ),
        margins=() if reason else _infection_margins(made, keys, counts),
    )
    if reason:
        layout = Layout(sentences=(Sentence(as_sentence(reason)),))
    return question.scope.findings("infections", "Recurrent infections", made, layout)


def _infection_margins(
    made: Made, keys: dict[str, str], counts: dict[str, tuple[int, int]]
) -> tuple[Margin, ...]:
    """Both groups together make up all in whom it is recorded; so do those with infections."""
    total = made.count(
        "infections/total/count",
        "With recurrent infections, all causes",
        sum(events for events, _ in counts.values()),
        n=sum(n for _, n in counts.values()),
    )
    same = made.scope.same
    return (
        Margin(total=total, parts=tuple(keys.values())),
        same("frequency/thyroid_disease/proportion#n", "infections/total/count#n"),
        same("frequency/thyroid_disease/proportion", "infections/thyroid/proportion#n"),
        same("frequency/thyroid_disease/proportion#others", "infections/other/proportion#n"),
    )
