"""Recovery known only to lie between two counts: what that leaves open, beside guessing the day."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from incohort.analyses.anc_recovery.grouping import compared
from incohort.analyses.anc_recovery.question import Question
from incohort.results import Figure, Findings, Layout, Measure, Row, Sentence, Table, clauses
from incohort.shapes.clock import Steps, TimesDraft, survival_of
from incohort.shapes.episodes import ended
from incohort.shapes.sentences import sentence
from incohort.shapes.tabular import cell, cells, row, table
from incohort.shapes.times import persons_at, placed
from incohort.stats import NoEstimate, then
from incohort.stats.interval import Npmle, Placement, interval_score_test, npmle, npmle_quantile

# Where each number of the sentences stands.
MEDIANS = {
    "counts_low": "intervals/counts/median_low",
    "counts_high": "intervals/counts/median_high",
    "soonest": "intervals/npmle/median_low",
    "latest": "intervals/npmle/median_high",
    "limit_low": "intervals/npmle/median_ci_low",
    "limit_high": "intervals/npmle/median_ci_high",
    "deaths/n": "intervals/died/count",
}
_MOST_RESAMPLES = 200  # each is a curve of its own, and the limits are whole days
_GUESSES: dict[str, tuple[str, Placement]] = {
    "midpoint": ("Middle of the interval", "midpoint"),
    "endpoint": ("First count that shows it", "right"),
}
_CAUTION = (
    "A curve of the first counts that show a recovery is late by up to the gap between counts, and "
    "who is counted rarely seems to recover late. The middle of the gap is right on average only "
    "where counts are regular; both pretend to know a day."
)


def intervals(question: Question) -> Findings:
    """The nonparametric curve of interval-censored times, its ambiguity, and two imputations."""
    draft, times, analysed = question.telling(), question.times, question.sets.analysed
    level = draft.scope.level
    answer = npmle(times.left, times.right)
    bounds = [_bound(question, draft, answer, end) for end in ("lower", "upper")]
    days = [
        draft.day_in(
            f"intervals/{tail}", f"Median days{words}", Measure.MEDIAN, day, analysed, method=how
        )
        for tail, words, day, how in _days(question, answer)
    ]
    ranges = ("All that the counts allow", "Nonparametric estimate", f"Its {level} interval")
    rows = [
        row(label, *cells(("estimate", "estimate"), pair))
        for label, *pair in zip(ranges, days[::2], days[1::2], strict=True)
    ]
    guesses = {name: _guess(question, draft, name) for name in _GUESSES}
    facts = _facts(question, draft, answer)
    died = draft.count_in(
        "intervals/died/count", "Died before recovery", ended(analysed, "died"), analysed
    )
    keys = dict(zip(MEDIANS, (*days, died), strict=True))
    layout = Layout(
        sentences=sentences(question, keys),
        tables=(
            table(
                draft.scope, "intervals",
                f"Median days from {question.zero.label}, if nobody had died", "What",
                ("Days, at least", "Days, at most"), rows,
            ),
            table(
                draft.scope, "intervals/guesses", "The same with a guessed day of recovery", "What",
                (f"Median days ({level} CI)",),
                [row(_GUESSES[name][0], cell("estimate_ci", median))
                 for name, (_, median) in guesses.items()],
            ),
            facts,
        ),
        figures=_figures(draft, bounds, [curve for curve, _ in guesses.values()]),
        cautions=(_CAUTION,),
    )  # fmt: skip
    return draft.findings("intervals", "When between two counts did they recover?", layout)


def sentences(question: Question, keys: Mapping[str, str]) -> tuple[Sentence, ...]:
    """What the counts leave open of the day by which half had recovered.

    Args:
        question: What was asked.
        keys: Of the results by their names in `MEDIANS`.
    """
    condition = question.if_nobody_died
    return (
        sentence(
            f"The day by which half had recovered{condition} is by the counts any from "
            "{counts_low:estimate} to {counts_high:estimate}: each recovery lies after the last "
            "low count, and no later than the first that shows it.",
            keys, holds=question.is_told,
        ),
        sentence(
            "The nonparametric estimate of it is from {soonest:estimate} to {latest:estimate}; "
            "chance and the gaps between counts leave open {limit_low:estimate} to "
            f"{{limit_high:estimate}} ({question.scope.level} interval).",
            keys, needs=("counts_low", "counts_high"), holds=question.is_told,
        ),
    )  # fmt: skip


def _bound(question: Question, draft: TimesDraft, answer: Npmle | NoEstimate, end: str) -> str:
    """The curve with every mass at its left end, or at its right end."""
    tail, times, analysed = f"intervals/npmle/{end}", question.times, draft.analysed
    label = f"{draft.clock.below}, {end} edge of the estimate"
    if isinstance(answer, NoEstimate):
        return draft.no_steps_in(tail, label, answer.reason, analysed)
    if not len(answer.time):
        reason = "nobody was seen to recover"
        return draft.no_steps_in(tail, label, reason, ended(analysed, "recovered"), of=analysed)
    values, ends = answer.survival_low, times.left
    if end == "upper":
        values = answer.survival_high
        ends = np.where(np.isinf(times.right), times.left, times.right)
    steps = Steps(
        time=answer.time, values=np.clip(values, 0, 1), method=answer.method,
        n_persons=persons_at(times, answer.time, ends),
    )  # fmt: skip
    return draft.steps_in(tail, label, steps, analysed, tail)


_Day = tuple[str, str, float | NoEstimate, str]  # the tail of a key, a label, days and the method


def _days(question: Question, answer: Npmle | NoEstimate) -> Iterator[_Day]:
    """From which to which day the median may be: by the counts, as estimated, and its limits."""
    places: tuple[tuple[str, str, Placement], ...] = (
        ("low", "early", "left"), ("high", "late", "right"),
    )  # fmt: skip
    for end, word, place in places:
        curve = survival_of(placed(question.times, place), question.conf_level)
        half = then(curve, lambda by_day: by_day.quantile(0.5))
        yield (
            f"counts/median_{end}", f" were each recovery as {word} as can be",
            then(half, lambda day: day.estimate),
            f"Kaplan–Meier quantile, each recovery at the {place} end of its interval",
        )  # fmt: skip
    bounds, method = then(answer, lambda curve: curve.quantile(0.5)), getattr(answer, "method", "")
    reason = "more than half were not seen to recover"
    for end, word in (("low", "at least"), ("high", "at most")):
        yield f"npmle/median_{end}", f" to recovery, {word}", _finite(bounds, end, reason), method
    times, design = question.times, question.design
    limits = then(
        answer,
        lambda _: npmle_quantile(
            times.left, times.right, seed=design.seed, conf_level=question.conf_level,
            n_resamples=min(design.resamples, _MOST_RESAMPLES),
        ),
    )  # fmt: skip
    reason, method = "the counts set no limit to it", getattr(limits, "method", "")
    for end, word in (("low", "lower"), ("high", "upper")):
        day = _finite(limits, f"ci_{end}", reason)
        yield f"npmle/median_ci_{end}", f", {word} limit", day, method


def _finite(answer: object, name: str, otherwise: str) -> float | NoEstimate:
    """A part of an answer, or why there is none."""
    if isinstance(answer, NoEstimate):
        return answer
    value = float(getattr(answer, name))
    return value if math.isfinite(value) else NoEstimate(otherwise)


def _guess(question: Question, draft: TimesDraft, name: str) -> tuple[str, str]:
    """The Kaplan–Meier curve of guessed days, and its median."""
    label, placement = _GUESSES[name]
    guessed, analysed = placed(question.times, placement), draft.analysed
    curve = survival_of(guessed, draft.scope.conf_level)
    tail, quantity = f"intervals/{name}/curve", f"{name} curve"
    return (
        draft.curve_in(tail, label, curve, analysed, guessed, quantity),
        draft.span_in(
            f"intervals/{name}/median", f"{label}: median days", Measure.MEDIAN,
            then(curve, lambda by_day: by_day.quantile(0.5)), analysed, quantity=f"{name} median",
        ),
    )  # fmt: skip


def _facts(question: Question, draft: TimesDraft, answer: Npmle | NoEstimate) -> Table:
    """How wide the intervals are, how sure the maximum is, and whether groups differ."""
    times, recovered = question.times, ended(draft.analysed, "recovered")
    label = "Days between the last low count and the one that shows recovery"
    widths = draft.quartiles_of(
        "intervals/width", label, (times.right - times.left)[times.event].tolist(), recovered,
        unit="d", quantity="width",
    )  # fmt: skip
    if draft.absent:
        for part in ("median", "q1", "q3"):
            draft.none_in(f"intervals/width/{part}", f"{label}, {part}", draft.absent, recovered)
    label = "Duality gap: how much higher the log likelihood could be at most"
    gap = draft.day_in(
        "intervals/npmle/gap", label, Measure.STATISTIC, then(answer, lambda curve: curve.gap),
        draft.analysed, method=getattr(answer, "method", ""), unit="",
    )  # fmt: skip
    head = "Days between the two counts, median (quartiles)"
    rows = [row(head, cell("median_iqr", *widths)), row(label, cell("estimate", gap))]
    rows += _test_row(question, draft)
    return table(draft.scope, "intervals/facts", "The intervals", "What", ("Value",), rows)


def _test_row(question: Question, draft: TimesDraft) -> list[Row]:
    """Whether the groups differ, by a score test that knows the intervals."""
    sides = compared(question)
    if not sides.groups:
        return []
    draft.sources = tuple(dict.fromkeys((*draft.sources, *sides.sources)))
    key = draft.difference_in(
        "intervals/score_p_value", "Groups compared, interval-censored score test, P",
        [group.members for group in sides.groups],
        lambda times, which: interval_score_test(times.left, times.right, which == 0),
    )  # fmt: skip
    return [row(f"{sides.groups[0].label} against the rest, P (score test)", cell("p_value", key))]


def _figures(
    draft: TimesDraft, bounds: Sequence[str], guesses: Sequence[str]
) -> tuple[Figure, ...]:
    """The estimate as a ribbon, and the two curves of guessed days."""
    if not draft.has_curve(*bounds, *guesses):
        return ()
    key = draft.scope.key
    low, high = (key(MEDIANS[end]) for end in ("soonest", "latest"))
    guessed = (
        f"{label.lower()} {{{key(f'intervals/{name}/median')}:estimate_ci}}"
        for name, (label, _) in _GUESSES.items()
    )
    said = clauses(
        f"by the nonparametric estimate from {{{low}:estimate}} to {{{high}:estimate}}", *guessed
    )
    series = [("Nonparametric estimate", bounds)]
    series += [(draft.results[key].label, [key]) for key in guesses]
    return (
        draft.curves_figure(
            "intervals", "The nonparametric estimate between counts, and two with a guessed day",
            f"Day by which half have recovered: {said}.",
            series,
        ),
    )  # fmt: skip
