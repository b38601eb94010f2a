"""How long patients are neutropenic, death competing: of all, and by when it began.

Who became neutropenic only after time zero was not so from day 0. So the answer is given of all
from time zero, of those who were neutropenic then, and of the others from their first low count.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from incohort.analyses.anc_recovery.question import LEAST_TOLD, Question
from incohort.results import Measure, Row, Sentence, Table, clauses
from incohort.shapes.clock import COMPETING, TimesDraft
from incohort.shapes.episodes import ended
from incohort.shapes.sentences import sentence
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.tabular import cells, row, table
from incohort.shapes.times import CENSORED, RECOVERED, Times
from incohort.stats import NoEstimate, then
from incohort.stats.competing import aalen_johansen
from incohort.stats.survival import rmst

# Where each number of the sentences stands.
DURATION = {"all/n": "km/all/n/count"} | {
    f"{part}/{number}": f"state/{part}/{'n/count' if number == 'n' else number}"
    for part in ("all", "begun", "late")
    for number in ("n", "median", "days")
    if (part, number) != ("all", "n")
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Some of the analysed episodes, and the times from where their clock starts."""

    name: str
    label: str
    members: Members
    times: Times


def parts_of(question: Question) -> tuple[Part, Part, Part]:
    """All from time zero, those neutropenic then, and the others from their first low count."""
    analysed, times, begun = question.sets.analysed, question.times, question.has_begun
    since, after = (analysed.where(question.begun, word) for word in (YES, NO))
    late = times.where(~begun).sooner_by(question.onset_days[~begun])
    label = "Neutropenic only later, from the first low count"
    return (
        Part(name="all", label="All analysed", members=analysed, times=times),
        Part(name="begun", label="Neutropenic at time zero", members=since,
             times=times.where(begun)),
        Part(name="late", label=label, members=after, times=late),
    )  # fmt: skip


def duration_table(question: Question, draft: TimesDraft) -> Table:
    """By which day half have recovered, and how long they are alive and have not."""
    days, level = question.design.horizon_days, draft.scope.level
    late = (
        "; where the neutropenia began only later, from the first low count. Among all, the days "
        "before it count as not recovered."
    )
    from_where = f"{question.zero.label}{late if question.zero.may_precede else '.'}"
    return table(
        draft.scope, "state",
        f"How long until the count is {question.clock.threshold} or more, death competing",
        question.noun.capitalize(),
        ("Number", "Recovered", f"Half recovered by day ({level} CI)",
         f"Of the first {days} days, alive and not recovered ({level} CI)"),
        [_row(question, draft, part) for part in parts_of(question)],
        "By Aalen and Johansen: who died had not recovered, and is not neutropenic any longer "
        f"either. Days are counted from {from_where}",
    )  # fmt: skip


def of_the_lost(question: Question, times: Times) -> tuple[str, str]:
    """Words before and after an estimate in which some were lost to follow-up before its days end.

    Of a restricted cohort they stand always: that somebody was lost may be withheld.
    """
    lost = (times.cause == CENSORED) & (times.time < question.design.horizon_days)
    if not (lost.any() or question.scope.lists_all):
        return "", ""
    return "an estimated ", "; whoever was lost to follow-up counts as going on like the others"


LATE = 3  # the place of the sentence on those who were neutropenic only later


def sentences(question: Question, keys: Mapping[str, str]) -> tuple[Sentence, ...]:
    """How long it took, and of whom that is said.

    Args:
        question: What was asked.
        keys: Of the results of `duration_table` by their names in `DURATION`.
    """
    zero, begun, persons = question.zero.label, question.has_begun, question.times.persons
    # of a restricted cohort the gate decides, not these counts
    is_open = question.scope.lists_all and question.zero.may_precede
    is_split = is_open or not begun.all()
    said = {part.name: _said(question, part, is_split=is_split) for part in parts_of(question)}
    return (
        sentence(
            f"Of all {{all/n:count}} {question.noun} analysed, {said['all']}",
            keys, holds=question.is_told,
        ),
        sentence(
            "With {all/n:count} analysed, no day is told by which half had recovered: fewer than "
            f"{LEAST_TOLD} patients are too few for it.",
            keys, holds=0 < persons() < LEAST_TOLD,
        ),
        sentence(
            f"Of the {{begun/n:count}} who were neutropenic at time zero, {said['begun']}",
            keys, holds=is_split and persons(begun) >= LEAST_TOLD,
        ),
        sentence(
            f"{'In' if begun.any() or is_open else 'In all'} {{late/n:count}} the neutropenia "
            f"began only after {zero}: of them, {said['late']}",
            keys, holds=is_split and persons(~begun) >= LEAST_TOLD,
        ),
        sentence(
            f"Days from {zero} would hold the days before the neutropenia, so no time from it is "
            "told of all; with time_zero = first_low the clock starts at the first low count.",
            keys, needs=("late/n",), holds=not question.is_mostly_begun,
        ),
    )  # fmt: skip


def _said(question: Question, part: Part, *, is_split: bool) -> str:
    """By which day half of a part had recovered, and how its days were spent."""
    estimated, how = of_the_lost(question, part.times)
    start = "their first low count" if part.name == "late" else question.zero.label
    is_open = part.name == "all" and is_split  # some were not below the threshold from the start
    state = (
        "alive and not yet recovered" if is_open else f"alive and below {question.clock.threshold}"
    )
    parts = clauses(
        f"{estimated}half had recovered to {question.clock.threshold} by day "
        f"{{{part.name}/median:estimate_ci}} from {start}",
        f"{{{part.name}/days:estimate_ci}} of the first {question.design.horizon_days} days were "
        f"spent {state}",
    )
    return f"{parts}{how}."


def _row(question: Question, draft: TimesDraft, part: Part) -> Row:
    """How many are in a part and recovered, the day by which half had, and the mean time."""
    head, label, members = f"state/{part.name}", part.label, part.members
    days, times, level = question.design.horizon_days, part.times, question.conf_level
    if part.name == "all":  # they stand with the curves
        counts = [draft.scope.key(f"km/all/{name}/count") for name in ("n", "recovered")]
    else:
        analysed = question.sets.analysed
        recovered = ended(members, "recovered")
        counts = [
            draft.count_in(f"{head}/n/count", f"{label}: episodes", members, analysed),
            draft.count_in(f"{head}/recovered/count", f"{label}: recovered", recovered, analysed),
        ]
    curves = aalen_johansen(times.time, times.cause, conf_level=level)
    half = then(curves, lambda both: then(both.of(RECOVERED), lambda risk: risk.quantile(0.5)))
    if isinstance(half, NoEstimate):  # the dead are among those who had not
        half = NoEstimate("fewer than half had recovered while they were followed")
    mean = rmst(times.time, times.cause > 0, float(days), conf_level=level)
    spans = [
        draft.span_in(
            f"{head}/median", f"{label}: half recovered by day", Measure.MEDIAN,
            half, members, ends=COMPETING, quantity="half by",
        ),
        draft.span_in(
            f"{head}/days", f"{label}: days alive and not recovered, of the first {days}",
            Measure.MEAN, mean, members, ends=COMPETING, quantity="days in state",
        ),
    ]  # fmt: skip
    kinds = ("count", "count", "estimate_ci", "estimate_ci")
    return row(label, *cells(kinds, (*counts, *spans)), level=int(part.name != "all"))
