"""How often to repeat: what a second, third and fourth test by the index assay still finds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from incohort.analyses.assay_yield.question import Question
from incohort.cohort import pairing
from incohort.results import (
    Figure,
    FigureKind,
    Findings,
    Layout,
    Measure,
    Row,
    Series,
    clauses,
)
from incohort.shapes.sets import Members
from incohort.shapes.tabular import cell, row, table
from incohort.shapes.telling import Told
from incohort.shapes.tested import NEGATIVE, POSITIVE
from incohort.stats import NoEstimate
from incohort.stats.assays.repeats import RepeatYield, yield_by_repeat

_SOURCES = (
    "antibody_tests.result", "antibody_tests.assay", "antibody_tests.taken_on",
    "antibody_tests.sample_id",
)  # fmt: skip
_LISTED = 4  # tests that are told of even where nobody had so many
_MOST = 8  # tests that are told of: later ones are had by few
_LATER = "later"


def repeats(question: Question) -> Findings:
    """What each repeat of the index assay found in patients still negative."""
    told, tests = question.telling(*_SOURCES), Repeats(question)
    label, key, level = question.label(question.index), question.scope.key, question.scope.level
    steps = tests.yields
    known = () if isinstance(steps, NoEstimate) else steps[:_MOST]
    lists_all = question.scope.lists_all
    last = max(_LISTED if lists_all else 2, len(known))
    rows = []
    for number in range(1, last + 1):
        step = known[number - 1] if number <= len(known) else None
        none = steps.reason if isinstance(steps, NoEstimate) else _never(number)
        rows.append(_row(told, tests, number, step, none))
    cumulative = [key(f"repeats/{number}/cumulative/proportion") for number in range(1, last + 1)]
    drawn = cumulative if lists_all else cumulative[: len(known)]
    layout = Layout(
        tables=(
            table(
                question.scope, "repeats", f"{label} repeated in patients still negative", "Test",
                (
                    "Newly positive / tested (%)", f"% ({level} CI)",
                    f"Positive so far, % ({level} CI)",
                ),
                rows,
                "Per patient, whatever is counted elsewhere; in the order of the samples' dates, "
                "undated ones by their numbers. A result neither positive nor negative is no test. "
                "Positive so far: Kaplan–Meier over the tests; patients not tested again are taken "
                "to have been as likely to turn positive as those who were.",
            ),
        ),
        figures=_figure(question, drawn) if len(known) > 1 or lists_all else (),
        cautions=(
            (
                "Where doctors repeat the test in those in whom they suspect antibodies, a repeat "
                "finds more than it would in all."
            ),
        ),
    )  # fmt: skip
    return told.findings("repeats", "Repeated tests", layout)


@dataclass(frozen=True, eq=False)
class Repeats:
    """The tests of each patient by the index assay, up to the first positive one."""

    question: Question

    @cached_property
    def _tests(self) -> pd.DataFrame:
        """The number of tests and whether the last was positive, a row for each patient."""
        question = self.question
        ids = question.described.base.frame["patient_id"]
        if question.absent:
            return pd.DataFrame({"n_tests": pd.NA, "is_positive": pd.NA}, index=ids.index)
        samples = pairing.on_samples(question.cohort.tables["antibody_tests"], (question.index,))
        found: pd.DataFrame = pairing.repeats(samples, question.index).execute()
        return found.set_index("patient_id").reindex(ids).reset_index(drop=True)

    @cached_property
    def yields(self) -> tuple[RepeatYield, ...] | NoEstimate:
        """What each test found, of the patients described."""
        own = self._tests[self.question.described.mask].dropna()
        return yield_by_repeat(
            own["n_tests"].to_numpy(dtype=np.int64),
            own["is_positive"].to_numpy(dtype=bool),
            conf_level=self.question.scope.conf_level,
        )

    @cached_property
    def _columns(self) -> tuple[str, str]:
        """At which test the first positive was, and how many tests were all negative."""
        tests, index = self.question.patients, self.question.index
        numbers = self._tests["n_tests"].map(
            lambda n: None if pd.isna(n) else _word(int(n)), na_action=None
        )
        words = [*map(str, range(1, _MOST + 1)), _LATER]
        every = tests.base.everybody
        return (
            tests.base.cut(f"{index} positive at test", numbers, words,
                           tests.with_result(index, POSITIVE, of=every)),
            tests.base.cut(f"{index} negative tests", numbers, words,
                           tests.with_result(index, NEGATIVE, of=every)),
        )  # fmt: skip

    def found_at(self, number: int) -> Members:
        """Those whose first positive test was that one."""
        tests, index = self.question.patients, self.question.index
        return tests.with_result(index, POSITIVE).where(self._columns[0], _word(number))

    def tested_at(self, number: int) -> Members:
        """Those still negative who were tested so often."""
        return self._from(number, number)

    def left_at(self, number: int) -> Members:
        """Those whom that test did not find either."""
        return self._from(number + 1, number)

    def _from(self, positive: int, negative: int) -> Members:
        tests, index = self.question.patients, self.question.index
        found = tests.with_result(index, POSITIVE).where(self._columns[0], *_words_from(positive))
        others = tests.with_result(index, NEGATIVE).where(self._columns[1], *_words_from(negative))
        return found | others

    def share(self, told: Told, tail: str, label: str, number: int, nobody: str) -> str:
        """The share of those tested so often whom that test found."""
        members = self.found_at(number), self.tested_at(number)
        return told.share_in(tail, label, *members, nobody=nobody)


def _word(number: int) -> str:
    return str(number) if number <= _MOST else _LATER


def _words_from(number: int) -> list[str]:
    return [*map(str, range(number, _MOST + 1)), _LATER]


def _never(number: int) -> str:
    return f"nobody still negative was tested {_times(number)}"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _row(told: Told, tests: Repeats, number: int, step: RepeatYield | None, reason: str) -> Row:
    """One test: who turned positive, of those tested so often, and all found by then."""
    name, tail = f"Test {number}", f"repeats/{number}"
    new, tested = f"{tail}/positive/count", tests.tested_at(number)
    if step is None and not told.absent:
        none = NoEstimate(reason)
        told.share_as(new, name, none, tests.found_at(number), tested)
    else:
        label = name if told.absent else f"{name}: newly positive"
        told.count_in(new, label, tests.found_at(number), tested)
    label = name if step is None else f"{name}: newly positive"
    share = tests.share(told, f"{tail}/proportion", label, number, reason)
    up_to = range(1, number + 1)
    behind = [own(k) for k in up_to for own in (tests.found_at, tests.left_at)]
    so_far = told.statistic_in(
        f"{tail}/cumulative/proportion", name, Measure.PROPORTION,
        NoEstimate(reason) if step is None else step.cumulative, behind,
        n=0 if step is None else None,
    )  # fmt: skip
    cells = (cell("fraction_percent", share), cell("percent_ci", share), cell("percent_ci", so_far))
    return row(name, *cells)


def _figure(question: Question, keys: list[str]) -> tuple[Figure, ...]:
    said = clauses(*(f"after test {n} {{{key}:percent_ci}}" for n, key in enumerate(keys, start=1)))
    return (
        Figure(
            key=question.scope.key("repeats/figure"),
            kind=FigureKind.LINES,
            caption=f"Positive so far by {question.label(question.index)}, test by test",
            alt=f"Share positive so far: {said}.",
            series=(Series("Positive so far", tuple(keys)),),
            x_label="Tests of the same patient",
            y_label="Positive so far, %",
        ),
    )
