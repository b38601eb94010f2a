"""Patients or samples by what their tests found: the sets that questions about assays are of.

What an assay found is a column with a category a result; where several assays are asked of
together, a set is cut by a column of each. All that any of them found is several such sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from itertools import chain
from operator import or_
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from incohort.cohort import pairing
from incohort.results.groups import NOT_RECORDED
from incohort.shapes.overlap import ResultColumn
from incohort.shapes.sets import YES, Base, Members

Rule = Literal["excluded", "as_negative", "as_positive"]

POSITIVE, NEGATIVE = (pairing.RESULTS[place] for place in (pairing.POSITIVE, pairing.NEGATIVE))
INDETERMINATE = pairing.RESULTS[pairing.INDETERMINATE]
# Which results count as positive and which as negative, by what becomes of those that are neither.
_COUNTED: Mapping[Rule, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "excluded": ((POSITIVE,), (NEGATIVE,)),
    "as_negative": ((POSITIVE,), (NEGATIVE, INDETERMINATE)),
    "as_positive": ((POSITIVE, INDETERMINATE), (NEGATIVE,)),
}

Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, kw_only=True)
class Tested:
    """All that may be asked of one unit, a column of results for each assay.

    Args:
        described: Whom the report describes.
        tested: Those of them with a test by any of the assays.
        order: The rows with a test, in the order of patients and samples: what is drawn again is
            drawn in this order.
        rule: How results count that are neither positive nor negative.
        labels: The assays as they are printed.
        which: Which results count, in the names of the columns; empty where all do.
    """

    described: Members
    tested: Members
    order: NDArray[np.intp]
    rule: Rule
    labels: Mapping[str, str]
    which: str = ""

    @property
    def base(self) -> Base:
        """All rows of the unit."""
        return self.described.base

    @property
    def noun(self) -> str:
        """What is counted, in the plural."""
        return self.base.unit

    def label(self, assay: str) -> str:
        """An assay's name as it is printed."""
        return self.labels[assay]

    @property
    def counted(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The results that count as positive, and those that count as negative."""
        return _COUNTED[self.rule]

    @property
    def others(self) -> tuple[str, ...]:
        """What may stand in a column in place of a result that counts."""
        return tuple({*pairing.RESULTS, NOT_RECORDED} - {*chain(*self.counted)})

    def column(self, assay: str) -> str:
        """The column of an assay's results."""
        return f"{assay}{self.which}"

    def result_columns(self, assays: Iterable[str]) -> dict[str, ResultColumn]:
        """The columns of some assays, with the results that count."""
        positive, negative = self.counted
        return {
            name: ResultColumn(
                label=self.label(name), column=self.column(name),
                positive=positive, negative=negative,
            )
            for name in assays
        }  # fmt: skip

    def with_result(self, assay: str, *words: str, of: Members | None = None) -> Members:
        """Those with one of these results of an assay; `of` are those asked, else the described."""
        asked = self.described if of is None else of
        return asked.where(self.column(assay), *words)

    def has_any(self, assay: str, *words: str) -> bool:
        """Whether anybody in the whole cohort has one of these results of an assay."""
        return len(self.with_result(assay, *words, of=self.base.everybody)) > 0

    def positive(
        self, assay: str, of: Members | None = None, *, rule: Rule | None = None
    ) -> Members:
        """Those positive by an assay."""
        return self.with_result(assay, *_COUNTED[rule or self.rule][0], of=of)

    def negative(
        self, assay: str, of: Members | None = None, *, rule: Rule | None = None
    ) -> Members:
        """Those negative by an assay."""
        return self.with_result(assay, *_COUNTED[rule or self.rule][1], of=of)

    def counting(
        self, assay: str, of: Members | None = None, *, rule: Rule | None = None
    ) -> Members:
        """Those with a result of an assay that counts."""
        positive, negative = _COUNTED[rule or self.rule]
        return self.with_result(assay, *positive, *negative, of=of)

    def without(self, assay: str, of: Members) -> Members:
        """Those tested of whom no result of an assay counts."""
        return self.with_result(assay, *self.others, of=of)

    def counting_all(self, assays: Iterable[str]) -> Members:
        """Those with a result of each assay that counts."""
        members = self.described
        for assay in assays:
            members = self.counting(assay, members)
        return members

    def with_both(self, first: str, second: str) -> Members:
        """Those of whom results of both assays count."""
        return self.counting(second, self.counting(first))

    def none_positive(self, assays: Iterable[str], of: Members) -> Members:
        """Those negative by each of the assays."""
        for assay in assays:
            of = self.negative(assay, of)
        return of

    def any_positive(self, assays: Iterable[str], of: Members) -> Members:
        """Those of a set, with results of all the assays, who are positive by any of them."""
        newly_positive, left = [], of
        for assay in assays:
            newly_positive.append(self.positive(assay, left))
            left = self.negative(assay, left)
        return reduce(or_, newly_positive)

    def fourfold(
        self, first: str, second: str, of: Members | None = None, *, rule: Rule | None = None
    ) -> tuple[Members, Members, Members, Members]:
        """Of two assays: both positive, only the first, only the second, both negative."""
        positive, negative = (
            self.positive(first, of, rule=rule),
            self.negative(first, of, rule=rule),
        )
        return (
            self.positive(second, positive, rule=rule),
            self.negative(second, positive, rule=rule),
            self.positive(second, negative, rule=rule),
            self.negative(second, negative, rule=rule),
        )

    def cell_names(self, first: str, second: str) -> tuple[tuple[str, str], ...]:
        """Those four in keys and in words."""
        return (
            ("both", "both positive"),
            (f"only_{first}", f"only {self.label(first)} positive"),
            (f"only_{second}", f"only {self.label(second)} positive"),
            ("neither", "both negative"),
        )

    def flags(self, members: Members) -> Flags:
        """Which of the tested rows are in a set, in order."""
        inside: Flags = members.mask.to_numpy(dtype=bool)[self.order]
        return inside

    def matrix(self, assays: Iterable[str], of: Members) -> Flags:
        """Which assays are positive, a row for each member of a set, in order."""
        columns = [self.flags(self.positive(assay)) for assay in assays]
        rows: Flags = np.column_stack(columns)[self.flags(of)]
        return rows


def of_patients(
    described: Members, results: pd.DataFrame, assays: Mapping[str, str], *, rule: Rule,
    which: str = "",
) -> Tested:  # fmt: skip
    """Each patient's results, of all patients whether tested or not.

    Args:
        described: A set of all the cohort's patients.
        results: From `pairing.execute`, one row for each tested patient.
        assays: The assays and their labels.
        rule: As in `Tested`.
        which: As in `Tested`.
    """
    base = described.base
    ids = pd.Index(base.frame["patient_id"])
    aligned = results.set_index("patient_id").reindex(ids).reset_index(drop=True)
    is_tested = pd.Series(ids.isin(results["patient_id"])).map({True: YES, False: None})
    column = base.cut(f"tested{which}", is_tested, (YES,))
    tested = base.everybody.where(column, YES)
    _cut(base, aligned, assays, which, tested)
    return Tested(
        described=described,
        tested=described.where(column, YES),
        order=ids.get_indexer(results["patient_id"]),
        rule=rule,
        labels=assays,
        which=which,
    )


def of_samples(
    described: Members, results: pd.DataFrame, assays: Mapping[str, str], *, rule: Rule
) -> Tested:
    """Each sample's results, one row for each tested sample; arguments as in `of_patients`."""
    base = Base("samples", results.reset_index(drop=True))
    for box in described.name.boxes:
        for column in box.by_axis:
            base.borrow(column, described.base)
    _cut(base, base.frame, assays, "", None)
    members = Members(base, described.name)
    return Tested(
        described=members,
        tested=members,
        order=np.arange(len(results)),
        rule=rule,
        labels=assays,
    )


def _cut(
    base: Base, results: pd.DataFrame, assays: Iterable[str], which: str, within: Members | None
) -> None:
    for assay in assays:
        base.cut(f"{assay}{which}", results[f"assay_{assay}"], pairing.RESULTS, within)
    for name in ("contradictory", "repeated"):
        numbers = results[f"n_{name}"]
        base.flag(f"{name}{which}", (numbers > 0).where(numbers.notna()), within)
