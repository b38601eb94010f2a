"""How long patients are neutropenic, death competing: of all, and by when it began.

Who became neutropenic only after time zero was not so from day 0. So the answer is given of all
from time zero, of those who were neutropenic then, and of the others from their first low count.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from incohort.analyses.anc_recovery.question import LATE_ONSETS, LEAST_TOLD, Question
from incohort.analyses.anc_recovery.tally import Tally
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Margin,
    Measure,
    Row,
    Sentence,
    Table,
    clauses,
)
from incohort.shapes.times import CENSORED, RECOVERED, Flags, Times
from incohort.stats import Interval, NoEstimate
from incohort.stats.competing import aalen_johansen
from incohort.stats.survival import Rmst, rmst

# Where each number of the sentences stands.
DURATION = {
    "all/n": "km/all/n/count",
    "all/median": "state/all/median",
    "all/days": "state/all/days",
    "begun/n": "state/begun/n/count",
    "begun/median": "state/begun/median",
    "begun/days": "state/begun/days",
    "late/n": "state/late/n/count",
    "late/median": "state/late/median",
    "late/days": "state/late/days",
}
_NOBODY = "nobody is in this group"
_NOT_HALF = "fewer than half had recovered while they were followed"
_COUNTS = ("n", "recovered")
_SPANS = ("median", "days")


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """Some of the analysed episodes, and the times from where their clock starts."""

    name: str
    label: str
    rows: Flags
    times: Times


def sets_of(question: Question) -> tuple[Set, Set, Set]:
    """All from time zero, those neutropenic then, and the others from their first low count."""
    times, begun = question.times, question.has_begun
    whole = np.ones(times.n, dtype=np.bool_)
    late = times.where(~begun).sooner_by(question.onset_days[~begun])
    return (
        Set(name="all", label="All analysed", rows=whole, times=times),
        Set(name="begun", label="Neutropenic at time zero", rows=begun, times=times.where(begun)),
        Set(name="late", label="Neutropenic only later, from the first low count", rows=~begun,
            times=late),
    )  # fmt: skip


def duration_table(question: Question, made: Tally) -> tuple[Table, tuple[Margin, ...]]:
    """By which day half have recovered, and how long they are alive and have not."""
    rows = tuple(_row(question, made, one) for one in sets_of(question))
    days = question.design.horizon_days
    table = Table(
        key=question.scope.key("state/table"),
        caption=f"How long until the count is {question.threshold} or more, death competing",
        stub_head=question.noun.capitalize(),
        columns=(
            Column("Number"),
            Column("Recovered"),
            Column(f"Half recovered by day ({question.level} CI)"),
            Column(f"Of the first {days} days, alive and not recovered ({question.level} CI)"),
        ),
        rows=rows,
        notes=(
            (
                "By Aalen and Johansen: who died had not recovered, and is not neutropenic any "
                f"longer either. Days are counted from {question.zero_label}"
                f"{_of_the_late(question)}"
            ),
        ),
    )
    key = question.scope.key
    margins = [
        Margin(
            total=key(f"km/all/{part}/count"),
            parts=tuple(key(f"state/{name}/{part}/count") for name in ("begun", "late")),
        )
        for part in _COUNTS
    ]
    same = question.scope.same
    return table, (*margins, same("gcsf/not_begun/count", "state/late/n/count"))


def _of_the_late(question: Question) -> str:
    """How days are counted where the neutropenia began after the clock, if it can."""
    if question.choices.time_zero not in LATE_ONSETS:
        return "."
    return (
        "; where the neutropenia began only later, from the first low count. Among all, the days "
        "before it count as not recovered."
    )


def of_the_lost(question: Question, times: Times) -> tuple[str, str]:
    """Words before and after an estimate in which some were lost to follow-up before its days end.

    Of a restricted cohort they stand always: that somebody was lost may be withheld.
    """
    lost = (times.cause == CENSORED) & (times.time < question.design.horizon_days)
    if not (lost.any() or question.scope.lists_all):
        return "", ""
    return "an estimated ", "; whoever was lost to follow-up counts as going on like the others"


def sentences(question: Question, key: Callable[[str], str]) -> tuple[Sentence, ...]:
    """How long it took, and of whom that is said.

    Args:
        question: What was asked.
        key: Gives the key of a result of `duration_table` by its name, such as `all/median`.
    """
    zero, threshold, noun = question.zero_label, question.threshold, question.noun
    days, begun = question.design.horizon_days, question.has_begun
    # of a restricted cohort the gate decides, not these counts
    is_open = question.scope.lists_all and question.choices.time_zero in LATE_ONSETS
    is_split = is_open or not begun.all()
    persons = question.times.persons
    lost = {one.name: of_the_lost(question, one.times) for one in sets_of(question)}

    def told(name: str, before: str, state: str) -> str:
        estimated, how = lost[name]
        parts = clauses(
            f"{estimated}half had recovered to {threshold} by day "
            f"{{{key(f'{name}/median')}:estimate_ci}} "
            f"from {before}",
            f"{{{key(f'{name}/days')}:estimate_ci}} of the first {days} days were spent {state}",
        )
        return f"{parts}{how}."

    below = f"alive and below {threshold}"
    return (
        Sentence(
            f"Of all {{{key('all/n')}:count}} {noun} analysed, "
            + told("all", zero, "alive and not yet recovered" if is_split else below),
            holds=question.is_told,
        ),
        Sentence(
            f"With {{{key('all/n')}:count}} analysed, no day is told by which half had recovered: "
            f"fewer than {LEAST_TOLD} patients are too few for it.",
            holds=0 < persons() < LEAST_TOLD,
        ),
        Sentence(
            f"Of the {{{key('begun/n')}:count}} who were neutropenic at time zero, "
            + told("begun", zero, below),
            holds=is_split and persons(begun) >= LEAST_TOLD,
        ),
        Sentence(
            f"{'In' if begun.any() or is_open else 'In all'} {{{key('late/n')}:count}} the "
            f"neutropenia began only after {zero}: of them, "
            + told("late", "their first low count", below),
            holds=is_split and persons(~begun) >= LEAST_TOLD,
        ),
        Sentence(
            f"Days from {zero} would hold the days before the neutropenia, so no time from it is "
            "told of all; with time_zero = first_low the clock starts at the first low count.",
            needs=(key("late/n"),),
            holds=not question.is_mostly_begun,
        ),
    )


def _row(question: Question, made: Tally, one: Set) -> Row:
    counts = [_count(question, made, one, part) for part in _COUNTS]
    key = question.scope.key
    of_all = tuple(key(f"km/all/{part}/count") for part in _COUNTS)
    apart = (f"state/{name}/{part}/count" for name in ("begun", "late") for part in _COUNTS)
    made.rests_on = of_all[1:] if one.name == "all" else tuple(map(key, apart))
    spans = [_span(question, made, one, part) for part in _SPANS]
    made.rests_on = ()
    kinds = (CellKind.COUNT, CellKind.COUNT, CellKind.ESTIMATE_CI, CellKind.ESTIMATE_CI)
    keys = (*counts, *spans)
    cells = tuple(Cell(kind, (key,)) for kind, key in zip(kinds, keys, strict=True))
    return Row(one.label, cells, level=int(one.name != "all"))


def _count(question: Question, made: Tally, one: Set, part: str) -> str:
    """How many are in a set, or recovered; of all the count that stands elsewhere already."""
    if one.name == "all":
        return question.scope.key(f"km/all/{part}/count")
    tail = f"state/{one.name}/{part}/count"
    label = f"{one.label}: {'episodes' if part == 'n' else 'recovered'}"
    if question.absent:
        return made.none(tail, label, question.absent)
    frame = question.timed
    rows = one.rows if part == "n" else one.rows & question.times.event
    return made.of(tail, label, pd.Series(rows, index=frame.index, dtype=bool), frame)


def _span(question: Question, made: Tally, one: Set, part: str) -> str:
    tail = f"state/{one.name}/{part}"
    days = question.design.horizon_days
    label = {
        "median": f"{one.label}: half recovered by day",
        "days": f"{one.label}: days alive and not recovered, of the first {days}",
    }[part]
    answer = _half_by(question, one.times) if part == "median" else _days_in(question, one.times)
    behind = one.times.smallest(one.times.event)
    if isinstance(answer, NoEstimate):
        reason = question.reason(one.times) or answer.reason
        return made.none(tail, label, reason, n=None if question.absent else behind)
    measure = Measure.MEDIAN if part == "median" else Measure.MEAN
    key = made.estimate(
        tail, label, measure, answer.estimate, n=one.times.persons(), unit="d", smallest=behind,
        ci=(answer.ci_low, answer.ci_high, answer.conf_level), method=answer.method,
    )  # fmt: skip
    return made.of_whom(key, f"{question.days}, {measure}", one.times.whose)


def _half_by(question: Question, times: Times) -> Interval | NoEstimate:
    """The first day by which half had recovered, the dead among those who had not."""
    if not times.n:
        return NoEstimate(_NOBODY)
    curves = aalen_johansen(times.time, times.cause, conf_level=question.conf_level)
    one = curves if isinstance(curves, NoEstimate) else curves.of(RECOVERED)
    if isinstance(one, NoEstimate):
        return NoEstimate(_NOT_HALF)
    found = one.quantile(0.5)
    return NoEstimate(_NOT_HALF) if isinstance(found, NoEstimate) else found


def _days_in(question: Question, times: Times) -> Rmst | NoEstimate:
    """The mean time without recovery or death: the area under the curve of either."""
    if not times.n:
        return NoEstimate(_NOBODY)
    tau = float(question.design.horizon_days)
    return rmst(times.time, times.cause > 0, tau, conf_level=question.conf_level)
