"""What a completed table could be without the assumption that completed it."""

from __future__ import annotations

from collections.abc import Sequence

from incohort.analyses.assay_yield.assumed import Completed, completed
from incohort.analyses.assay_yield.question import Question
from incohort.results import Measure, Table
from incohort.shapes.paired import Paired
from incohort.shapes.tabular import cell, row, table
from incohort.shapes.telling import Told
from incohort.stats import Interval, NoEstimate
from incohort.stats.assays.agreement import KAPPA_OF_A_CONSTANT, cohen_kappa
from incohort.stats.assays.paired import mcnemar

_NO_KAPPA = NoEstimate("kappa is not defined for any table that is possible")
Counts = list[list[int]]


def bounds(question: Question, told: Told, pairs: Sequence[Paired]) -> tuple[Table, ...]:
    """The limits of what rests on results that were taken to be negative, pair by pair."""
    how = completed(question)
    if how is None:
        return ()
    names = [name for name in question.assays if name in {how.assay, how.where_negative}]
    pair = next(pair for pair in pairs if pair.tail == f"pair/{'_'.join(names)}")
    return () if pair.reason else (_bounds_of(question, told, pair, how),)


def _bounds_of(question: Question, told: Told, pair: Paired, how: Completed) -> Table:
    """Any number from none to all of the assumed negatives may in truth be positive."""
    possible = _possible(pair, is_second=pair.tail.endswith(how.assay))
    kappas = [kappa for counts in possible if (kappa := _kappa(counts)) is not None]
    p_values = [
        1.0 if isinstance(test := mcnemar(counts), NoEstimate) else test.p_value
        for counts in possible
    ]
    assumed, other = question.label(how.assay), question.label(how.where_negative)
    tail, label, negative = f"{pair.tail}/unassumed", pair.label, pair.cells[3]
    most, share = (
        f"{label}: most that only {assumed} may find",
        f"{label}: most that {assumed} may add",
    )
    count = told.count_in(f"{tail}/only_{how.assay}/count", most, negative, pair.members)
    added = told.share_in(f"{tail}/incremental/proportion", share, negative, pair.members)
    rows = [
        row(f"Only {assumed} positive, at most", cell("count", count)),
        row(f"Added by {assumed}, at most", cell("fraction_percent", added)),
    ]
    for name, text, choose in (("lowest", "at least", min), ("highest", "at most", max)):
        key = told.statistic_in(
            f"{tail}/kappa_{name}", f"{label}: kappa, {text}", Measure.COEFFICIENT,
            choose(kappas) if kappas else _NO_KAPPA, pair.cells,
        )  # fmt: skip
        rows.append(row(f"Kappa, {text}", cell("estimate", key)))
    p_value = told.statistic_in(
        f"{tail}/mcnemar_exact_p_value", f"{label}: exact McNemar P, at most", Measure.P_VALUE,
        max(p_values), pair.cells,
    )  # fmt: skip
    rows.append(row("Exact McNemar P, at most", cell("p_value", p_value)))
    return table(
        question.scope, tail,
        f"Without the assumption that who is {other}-negative is {assumed}-negative",
        "Bound", ("Value",), rows,
        f"Over all tables in which any number of those negative by {other} are positive by "
        f"{assumed}.",
    )  # fmt: skip


def _kappa(counts: Counts) -> float | None:
    """Kappa as a bound, which needs no interval: 0 where one assay never varied."""
    answer = cohen_kappa(counts)
    if isinstance(answer, Interval):
        return answer.estimate
    return 0.0 if answer.reason == KAPPA_OF_A_CONSTANT else None


def _possible(pair: Paired, *, is_second: bool) -> list[Counts]:
    """The paired tables in which 0, 1, 2 … of the assumed negatives are positive."""
    (both, only_first), (only_second, neither) = pair.table
    if is_second:
        return [[[both, only_first], [only_second + u, neither - u]] for u in range(neither + 1)]
    return [[[both, only_first + u], [only_second, neither - u]] for u in range(neither + 1)]
