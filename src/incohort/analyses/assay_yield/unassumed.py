"""What a completed table could be without the assumption that completed it."""

from __future__ import annotations

from incohort.analyses.assay_yield.assumed import Completed, completed
from incohort.analyses.assay_yield.paired_counts import Pair
from incohort.analyses.assay_yield.question import Question
from incohort.analyses.assay_yield.tally import Tally
from incohort.results import Cell, CellKind, Column, Measure, Row, Table
from incohort.stats import Interval, NoEstimate
from incohort.stats.assays.agreement import KAPPA_OF_A_CONSTANT, cohen_kappa
from incohort.stats.assays.paired import mcnemar


def bounds(question: Question, made: Tally, found: list[Pair]) -> tuple[Table, ...]:
    """The limits of what rests on results that were taken to be negative, pair by pair."""
    how = completed(question)
    if how is None:
        return ()
    pair = next((p for p in found if {p.first, p.second} == {how.assay, how.where_negative}), None)
    if pair is None or pair.reason:
        return ()
    return (_bounds_of(question, made, pair, how),)


def _bounds_of(question: Question, made: Tally, pair: Pair, how: Completed) -> Table:
    """Any number from none to all of the assumed negatives may in truth be positive."""
    possible = _possible(pair, how)
    kappas = [kappa for table in possible if (kappa := _kappa(table)) is not None]
    p_values = [
        1.0 if isinstance(test := mcnemar(table), NoEstimate) else test.p_value
        for table in possible
    ]
    assumed = question.label(how.assay)
    made.rests_on = pair.cells
    most = made.count(
        f"{pair.tail}/unassumed/only_{how.assay}/count",
        f"{pair.label}: most that only {assumed} may find",
        len(possible) - 1,
        n=pair.n,
    )
    share = made.proportion(
        f"{pair.tail}/unassumed/incremental/proportion",
        f"{pair.label}: most that {assumed} may add",
        len(possible) - 1,
        pair.n,
    )
    rows = [
        Row(f"Only {assumed} positive, at most", (Cell(CellKind.COUNT, (most,)),)),
        Row(f"Added by {assumed}, at most", (Cell(CellKind.FRACTION_PERCENT, (share,)),)),
    ]
    for name, text, choose in (("lowest", "at least", min), ("highest", "at most", max)):
        tail, label = f"{pair.tail}/unassumed/kappa_{name}", f"{pair.label}: kappa, {text}"
        key = (
            made.estimate(
                tail, label, Measure.COEFFICIENT, choose(kappas), n=pair.n, smallest=pair.smallest
            )
            if kappas
            else made.none(tail, label, "kappa is not defined for any table that is possible")
        )
        rows.append(Row(f"Kappa, {text}", (Cell(CellKind.ESTIMATE, (key,)),)))
    p_value = made.estimate(
        f"{pair.tail}/unassumed/mcnemar_exact_p_value",
        f"{pair.label}: exact McNemar P, at most",
        Measure.P_VALUE,
        max(p_values),
        n=pair.n,
        smallest=pair.smallest,
    )
    rows.append(Row("Exact McNemar P, at most", (Cell(CellKind.P_VALUE, (p_value,)),)))
    other = question.label(how.where_negative)
    return Table(
        key=question.scope.key(f"{pair.tail}/unassumed/table"),
        caption=f"Without the assumption that who is {other}-negative is {assumed}-negative",
        stub_head="Bound",
        columns=(Column("Value"),),
        rows=tuple(rows),
        notes=(
            (
                f"Over all tables in which any number of those negative by {other} are positive by "
                f"{assumed}."
            ),
        ),
    )


def _kappa(table: list[list[int]]) -> float | None:
    """Kappa as a bound, which needs no interval: 0 where one assay never varied."""
    answer = cohen_kappa(table)
    if isinstance(answer, Interval):
        return answer.estimate
    return 0.0 if answer.reason == KAPPA_OF_A_CONSTANT else None


def _possible(pair: Pair, how: Completed) -> list[list[list[int]]]:
    """The paired tables in which 0, 1, 2 … of the assumed negatives are positive."""
    (both, only_first), (only_second, neither) = pair.table
    if how.assay == pair.second:
        return [[[both, only_first], [only_second + u, neither - u]] for u in range(neither + 1)]
    return [[[both, only_first + u], [only_second, neither - u]] for u in range(neither + 1)]
