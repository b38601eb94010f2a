"""Two yes-or-no results of the same patients: which is positive more often, and how far they agree.

Two assays, two raters, one test before and after. Asked are the four cells of the paired table, the
difference and odds ratio of pairs with McNemar's tests, agreement, and agreement beyond chance.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import TypeVar

from incohort.results import Cell, Measure
from incohort.shapes.making import part_of
from incohort.shapes.sets import Members, grid
from incohort.shapes.tabular import cells
from incohort.shapes.telling import Draft
from incohort.stats import HypothesisTest, Interval, NoEstimate
from incohort.stats.assays.agreement import cohen_kappa, gwet_ac1, kappa_paradox, pabak
from incohort.stats.assays.paired import (
    agreement,
    mcnemar,
    paired_difference,
    paired_odds_ratio,
)
from incohort.stats.multiplicity import holm

T = TypeVar("T")
Table = list[list[int]]
_BEYOND_CHANCE: tuple[tuple[str, str, Callable[..., Interval | NoEstimate]], ...] = (
    ("kappa", "kappa", cohen_kappa), ("pabak", "PABAK", pabak), ("ac1", "AC1", gwet_ac1),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Paired:
    """Two results in the same rows.

    Args:
        tail: Begins the keys.
        label: The two, as they are printed.
        cells: Those with both positive, only the first, only the second, both negative.
        reason: Why nothing can be compared; empty where something can.
    """

    tail: str
    label: str
    cells: tuple[Members, Members, Members, Members]
    reason: str = ""

    @property
    def table(self) -> Table:
        """[[both, only the first], [only the second, neither]]."""
        return grid(self.cells)

    @property
    def members(self) -> Members:
        """All with both results."""
        both, first, second, neither = self.cells
        return both | first | second | neither

    @property
    def same(self) -> Members:
        """Those in whom the two are the same."""
        return self.cells[0] | self.cells[3]

    def reasoned(self, answer: T | NoEstimate) -> T | NoEstimate:
        """An estimator's answer, or why there was nothing to ask it of."""
        return NoEstimate(self.reason) if self.reason else answer

    def from_cells(self, draft: Draft, key: str, estimator: Callable[[Table], object]) -> None:
        """Says of a number that it follows from the four cells alone."""
        draft.from_sets(key, self.cells, lambda a, b, c, d: estimator([[a, b], [c, d]]))


def paired_counts(
    draft: Draft, pair: Paired, names: Sequence[tuple[str, str]], members: Members
) -> tuple[Cell, ...]:
    """The four cells, each under its name and words, and all in whom both are known."""
    keys = [
        draft.count_in(f"{pair.tail}/{name}/count", f"{pair.label}: {words}", cell, members)
        for (name, words), cell in zip(names, pair.cells, strict=True)
    ]
    keys.append(draft.count_in(f"{pair.tail}/n/count", f"{pair.label}: with both", members))
    return cells(["count"] * len(keys), keys)


def paired_indices(draft: Draft, pair: Paired) -> tuple[Cell, ...]:
    """How rare positives are, and how far apart the two shares: what kappa is to be read beside."""
    answer = pair.reasoned(kappa_paradox(pair.table))
    words = {name: name.replace("_", " ") for name in ("prevalence_index", "bias_index")}
    keys = draft.parts_in(
        pair.tail, pair.label, words, Measure.COEFFICIENT, answer, pair.cells,
        method="Byrt, Bishop and Carlin 1993",
    )  # fmt: skip
    for name, key in zip(words, keys, strict=True):
        pair.from_cells(draft, key, partial(_part, kappa_paradox, name))
    return cells(("estimate", "estimate"), keys)


def _part(estimator: Callable[[Table], object], name: str, table: Table) -> object:
    """One part of what an estimator answers."""
    return part_of(estimator(table), name)


def comparisons(draft: Draft, pairs: Sequence[Paired]) -> list[tuple[Cell, ...]]:
    """Difference, odds ratio and three P values of each pair; Holm's correction is for all pairs.

    Holm's P of a pair may be that of one with a smaller P, and so rests on these, too.
    """
    tests = [pair.reasoned(mcnemar(pair.table)) for pair in pairs]
    p_values = [1.0 if isinstance(test, NoEstimate) else test.p_value for test in tests]
    rows = []
    for pair, test, p, p_holm in zip(pairs, tests, p_values, holm(p_values), strict=True):
        before = [
            o.cells for o, other in zip(pairs, p_values, strict=True) if other <= p and o != pair
        ]
        rows.append(_compared(draft, pair, test, (p_holm, [*chain.from_iterable(before)])))
        draft.from_sets(
            rows[-1][-1].keys[0], (*pair.cells, *chain.from_iterable(before)),
            partial(_corrected, len(pairs)),
        )  # fmt: skip
    return rows


def _corrected(n_pairs: int, *counts: int) -> HypothesisTest:
    """Holm's P of the first of some tables; those of all other pairs are larger."""
    tables = [counts[place : place + 4] for place in range(0, len(counts), 4)]
    tests = [mcnemar([table[:2], table[2:]]) for table in tables]
    p_values = [1.0 if isinstance(test, NoEstimate) else test.p_value for test in tests]
    p_holm = holm([*p_values, *[1.0] * (n_pairs - len(tests))])[0]
    return HypothesisTest(statistic=None, p_value=p_holm, df=None, method="")


def _compared(
    draft: Draft,
    pair: Paired,
    test: HypothesisTest | NoEstimate,
    corrected: tuple[float, Sequence[Members]],
) -> tuple[Cell, ...]:
    level, tail, label, sets = draft.scope.conf_level, pair.tail, pair.label, pair.cells
    mid_p = pair.reasoned(mcnemar(pair.table, method="mid_p"))
    (p_holm, behind), by_holm, n = corrected, test, None
    if isinstance(test, HypothesisTest):
        method, n = f"{test.method}, Holm's correction for all pairs", len(pair.members)
        by_holm = replace(test, statistic=None, p_value=p_holm, df=None, method=method)
    keys = (
        draft.statistic_in(
            f"{tail}/difference", f"{label}: share positive, first minus second",
            Measure.DIFFERENCE, pair.reasoned(paired_difference(pair.table, conf_level=level)),
            sets, unit="proportion",
        ),
        draft.statistic_in(
            f"{tail}/odds_ratio", f"{label}: odds ratio of pairs", Measure.ODDS_RATIO,
            pair.reasoned(paired_odds_ratio(pair.table, conf_level=level)), sets,
        ),
        draft.test_in(f"{tail}/mcnemar_exact_p_value", f"{label}: exact McNemar P", test, sets),
        draft.test_in(f"{tail}/mcnemar_mid_p_value", f"{label}: mid-P McNemar P", mid_p, sets),
        draft.test_in(
            f"{tail}/mcnemar_holm_p_value", f"{label}: exact McNemar P, Holm", by_holm,
            (*sets, *behind), n=n,
        ),
    )  # fmt: skip
    estimators: tuple[Callable[[Table], object], ...] = (
        partial(paired_difference, conf_level=level), partial(paired_odds_ratio, conf_level=level),
        mcnemar, partial(mcnemar, method="mid_p"),
    )  # fmt: skip
    for key, estimator in zip(keys, estimators, strict=False):  # Holm's P is of several pairs
        pair.from_cells(draft, key, estimator)
    return cells(("percent_ci", "estimate_ci", "p_value", "p_value", "p_value"), keys)


def agreements(draft: Draft, pair: Paired, members: Members) -> tuple[Cell, ...]:
    """Agreement: plain, of positives, of negatives; beyond chance: kappa, PABAK, Gwet's AC1."""
    level, tail, label = draft.scope.conf_level, pair.tail, pair.label
    answer = pair.reasoned(agreement(pair.table, conf_level=level))
    plain = part_of(answer, "overall")
    keys = [draft.share_as(f"{tail}/agreement", f"{label}: same result", plain, pair.same, members)]
    for name in ("positive", "negative"):
        key, words = f"{tail}/{name}_agreement", f"{label}: {name} agreement"
        specific = part_of(answer, name)
        keys.append(draft.statistic_in(key, words, Measure.PROPORTION, specific, pair.cells))
        pair.from_cells(draft, keys[-1], partial(_part, partial(agreement, conf_level=level), name))
    for name, measure, estimator in _BEYOND_CHANCE:
        beyond = pair.reasoned(estimator(pair.table, conf_level=level))
        key, words = f"{tail}/{name}", f"{label}: {measure}"
        keys.append(draft.statistic_in(key, words, Measure.COEFFICIENT, beyond, pair.cells))
        pair.from_cells(draft, keys[-1], partial(estimator, conf_level=level))
    kinds = ("fraction_percent", "percent_ci", "percent_ci", *["estimate_ci"] * 3)
    return cells(kinds, keys)
