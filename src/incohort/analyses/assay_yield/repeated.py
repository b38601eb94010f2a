"""How often to repeat: what a second, third and fourth test by the index assay still finds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from incohort.analyses.assay_yield.question import TESTS, Question
from incohort.cohort.assays import repeated_tests
from incohort.results import Figure, Findings, Layout, Measure, Row
from incohort.shapes.making import part_of
from incohort.shapes.sets import Members
from incohort.shapes.tabular import cell, figure, phrases, row, share, table
from incohort.shapes.telling import Draft
from incohort.shapes.tested import NEGATIVE, POSITIVE
from incohort.stats import NoEstimate
from incohort.stats.assays.repeats import RepeatYield, yield_by_repeat

_SOURCES = (*TESTS, "antibody_tests.taken_on", "antibody_tests.sample_id")
_LISTED = 4  # tests that are told of even where nobody had so many
_MOST = 8  # tests that are told of: later ones are had by few
_LATER = "later"
_WORDS = (*map(str, range(1, _MOST + 1)), _LATER)  # how many tests, as categories
_METHODS = (
    "Per patient, whatever is counted elsewhere; in the order of the samples' dates, undated ones "
    "by their numbers. A result neither positive nor negative is no test. Positive so far: "
    "Kaplan–Meier over the tests; patients not tested again are taken to have been as likely to "
    "turn positive as those who were."
)
_CAUTION = (
    "Where doctors repeat the test in those in whom they suspect antibodies, a repeat finds more "
    "than it would in all."
)


def repeats(question: Question) -> Findings:
    """What each repeat of the index assay found in patients still negative."""
    draft, tests = question.telling(*_SOURCES), Repeats(question)
    steps, lists_all = tests.yields, question.scope.lists_all
    known = () if isinstance(steps, NoEstimate) else steps[:_MOST]
    rows = []
    for number in range(1, max(_LISTED if lists_all else 2, len(known)) + 1):
        never = f"nobody still negative was tested {_times(number)}"
        none = NoEstimate(steps.reason if isinstance(steps, NoEstimate) else never)
        step = known[number - 1] if number <= len(known) else none
        rows.append(_row(draft, tests, number, step))
    label, level = question.label(question.index), question.scope.level
    heads = ("Newly positive / tested (%)", f"% ({level} CI)", f"Positive so far, % ({level} CI)")
    by_test = table(
        question.scope, "repeats", f"{label} repeated in patients still negative", "Test",
        heads, rows, _METHODS,
    )  # fmt: skip
    drawn = rows if lists_all else rows[: len(known)]
    layout = Layout(
        tables=(by_test,),
        figures=(_figure(question, drawn),) if len(known) > 1 or lists_all else (),
        cautions=(_CAUTION,),
    )
    return draft.findings("repeats", "Repeated tests", layout)


@dataclass(frozen=True, eq=False)
class Repeats:
    """The tests of each patient by the index assay, up to the first positive one."""

    question: Question

    @cached_property
    def _tests(self) -> pd.DataFrame:
        """The number of tests and whether the last was positive, a row for each patient."""
        question = self.question
        ids = question.everybody.base.frame["patient_id"]
        if question.absent:
            return pd.DataFrame({"n_tests": pd.NA, "is_positive": pd.NA}, index=ids.index)
        tests = repeated_tests(question.cohort, question.index)
        return tests.set_index("patient_id").reindex(ids).reset_index(drop=True)

    @cached_property
    def yields(self) -> tuple[RepeatYield, ...] | NoEstimate:
        """What each test found, of the patients described."""
        tests = self._tests[self.question.everybody.mask].dropna()
        return yield_by_repeat(
            tests["n_tests"].to_numpy(dtype=np.int64),
            tests["is_positive"].to_numpy(dtype=bool),
            conf_level=self.question.scope.conf_level,
        )

    @cached_property
    def _columns(self) -> dict[str, str]:
        """At which test the first positive was, and how many tests were all negative."""
        tests, index = self.question.patients, self.question.index
        n_tests = self._tests["n_tests"].map(
            lambda n: None if pd.isna(n) else _word(int(n)), na_action=None
        )
        return {
            result: tests.base.cut(
                f"{index} {name}", n_tests, _WORDS,
                tests.with_result(index, result, of=tests.base.everybody),
            )
            for result, name in ((POSITIVE, "positive at test"), (NEGATIVE, "negative tests"))
        }  # fmt: skip

    def _with(self, result: str, *numbers: str) -> Members:
        """Those with this result of the index assay, after one of these numbers of tests."""
        members = self.question.patients.with_result(self.question.index, result)
        return members.where(self._columns[result], *numbers)

    def found_at(self, number: int) -> Members:
        """Those whose first positive test was that one."""
        return self._with(POSITIVE, _word(number))

    def tested_at(self, number: int) -> Members:
        """Those still negative who were tested so often."""
        return self._with(POSITIVE, *_from(number)) | self._with(NEGATIVE, *_from(number))

    def left_at(self, number: int) -> Members:
        """Those whom that test did not find either."""
        return self._with(POSITIVE, *_from(number + 1)) | self._with(NEGATIVE, *_from(number))

    def share(self, draft: Draft, tail: str, label: str, number: int, nobody: str) -> str:
        """The share of those tested so often whom that test found."""
        members = self.found_at(number), self.tested_at(number)
        return draft.share_in(tail, label, *members, nobody=nobody)


def _word(number: int) -> str:
    return str(number) if number <= _MOST else _LATER


def _from(number: int) -> tuple[str, ...]:
    return _WORDS[number - 1 :]


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def _row(draft: Draft, tests: Repeats, number: int, step: RepeatYield | NoEstimate) -> Row:
    """One test: who turned positive, of those tested so often, and all found by then."""
    name, tail = f"Test {number}", f"repeats/{number}"
    new, tested = f"{name}: newly positive", tests.tested_at(number)
    behind = [
        members(k) for k in range(1, number + 1) for members in (tests.found_at, tests.left_at)
    ]
    if isinstance(step, NoEstimate):
        draft.share_as(f"{tail}/positive/count", name, step, tests.found_at(number), tested)
        newly = tests.share(draft, f"{tail}/proportion", name, number, step.reason)
    else:
        draft.count_in(f"{tail}/positive/count", new, tests.found_at(number), tested)
        newly = tests.share(draft, f"{tail}/proportion", new, number, "")
    so_far = draft.statistic_in(
        f"{tail}/cumulative/proportion", name, Measure.PROPORTION, part_of(step, "cumulative"),
        behind, n=0 if isinstance(step, NoEstimate) else None,
    )  # fmt: skip
    return row(name, *share(newly), cell("percent_ci", so_far))


def _figure(question: Question, rows: list[Row]) -> Figure:
    keys = {f"after test {n}": line.cells[-1].keys[0] for n, line in enumerate(rows, start=1)}
    return figure(
        question.scope, "repeats", "lines",
        f"Positive so far by {question.label(question.index)}, test by test",
        f"Share positive so far: {phrases(keys, 'percent_ci')}.",
        {"Positive so far": keys.values()},
        x_label="Tests of the same patient", y_label="Positive so far, %",
    )  # fmt: skip
