"""Recovery known only to lie between two counts: what that leaves open, beside guessing the day."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from incohort.analyses.anc_recovery.grouping import compared
from incohort.analyses.anc_recovery.question import Question
from incohort.results import Figure, Findings, Layout, Measure, Row, Sentence, Series, Table
from incohort.shapes.clock import TimesTold
from incohort.shapes.episodes import ended
from incohort.shapes.tabular import cell, row, table
from incohort.shapes.times import Times, Vector
from incohort.stats import NoEstimate
from incohort.stats.interval import (
    Npmle,
    Placement,
    imputed_times,
    interval_score_test,
    npmle,
    npmle_quantile,
)
from incohort.stats.survival import kaplan_meier

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
_GUESSES: tuple[tuple[str, str, Placement], ...] = (
    ("midpoint", "Middle of the interval", "midpoint"),
    ("endpoint", "First count that shows it", "right"),
)
_ENDS: tuple[tuple[str, str, Placement], ...] = (
    ("low", "early", "left"),
    ("high", "late", "right"),
)
_CAUTION = (
    "A curve of the first counts that show a recovery is late by up to the gap between counts, and "
    "who is counted rarely seems to recover late. The middle of the gap is right on average only "
    "where counts are regular; both pretend to know a day."
)


def intervals(question: Question) -> Findings:
    """The nonparametric curve of interval-censored times, its ambiguity, and two imputations."""
    told, times = question.telling(), question.times
    answer: Npmle | NoEstimate = (
        npmle(times.left, times.right) if times.n else NoEstimate("nobody was followed")
    )
    bounds = [_bound(told, answer, times, end) for end in ("lower", "upper")]
    days = [
        *_by_the_counts(told, times),
        *_estimated(told, answer),
        *_limits(question, told, answer),
    ]
    labels = (
        "All that the counts allow", "Nonparametric estimate", f"Its {told.scope.level} interval",
    )  # fmt: skip
    rows = [
        row(label, cell("estimate", low), cell("estimate", high))
        for label, low, high in zip(labels, days[::2], days[1::2], strict=True)
    ]
    guesses = {label: _guess(told, times, *guess) for guess in _GUESSES for label in guess[1:2]}
    facts = _facts(question, told, answer)
    analysed = question.sets.analysed
    died = told.number_in(
        "intervals/died/count", "Died before recovery", ended(analysed, "died"), analysed
    )
    keys = dict(zip(MEDIANS, (*days, died), strict=True))
    guess_rows = [row(label, cell("estimate_ci", median)) for label, (_, median) in guesses.items()]
    layout = Layout(
        sentences=sentences(question, keys.__getitem__),
        tables=(
            table(
                told.scope, "intervals",
                f"Median days from {question.zero_label}, if nobody had died", "What",
                ("Days, at least", "Days, at most"), rows,
            ),
            table(
                told.scope, "intervals/guesses", "The same with a guessed day of recovery", "What",
                (f"Median days ({told.scope.level} CI)",), guess_rows,
            ),
            facts,
        ),
        figures=_figures(told, bounds, [curve for curve, _ in guesses.values()]),
        cautions=(_CAUTION,),
    )  # fmt: skip
    return told.findings("intervals", "When between two counts did they recover?", layout)


def sentences(question: Question, key: Callable[[str], str]) -> tuple[Sentence, ...]:
    """What the counts leave open of the day by which half had recovered.

    Args:
        question: What was asked.
        key: Gives the key of a result by its name in `MEDIANS`.
    """

    def allowed(condition: str, *, holds: bool) -> Sentence:
        return Sentence(
            f"The day by which half had recovered{condition} is by the counts any from "
            f"{{{key('counts_low')}:estimate}} to {{{key('counts_high')}:estimate}}: each recovery "
            "lies after the last low count, and no later than the first that shows it.",
            holds=question.is_told and holds,
        )

    # of a restricted cohort whether anybody died may be withheld: these words are true of both
    is_open, has_died = question.scope.lists_all, question.has_died
    return (
        allowed(", a death taken as the end of observation,", holds=is_open),
        allowed(", if nobody had died,", holds=has_died and not is_open),
        allowed("", holds=not (has_died or is_open)),
        Sentence(
            f"The nonparametric estimate of it is from {{{key('soonest')}:estimate}} to "
            f"{{{key('latest')}:estimate}}; chance and the gaps between counts leave open "
            f"{{{key('limit_low')}:estimate}} to {{{key('limit_high')}:estimate}} "
            f"({question.scope.level} interval).",
            needs=tuple(map(key, ("counts_low", "counts_high"))),
            holds=question.is_told,
        ),
    )


def _bound(told: TimesTold, answer: Npmle | NoEstimate, times: Times, end: str) -> str:
    """The curve with every mass at its left end, or at its right end."""
    tail, analysed = f"intervals/npmle/{end}", told.analysed
    label = f"{told.clock.below}, {end} edge of the estimate"
    if isinstance(answer, NoEstimate):
        return told.no_steps_in(tail, label, answer.reason, analysed)
    if not len(answer.time):
        reason = "nobody was seen to recover"
        return told.no_steps_in(tail, label, reason, ended(analysed, "recovered"), of=analysed)
    values = answer.survival_low if end == "lower" else answer.survival_high
    return told.steps_in(
        tail, label, answer.time, np.clip(values, 0, 1), analysed,
        _persons(answer.time, times, is_lower=end == "lower"), answer.method, quantity=tail,
    )  # fmt: skip


def _persons(points: Vector, times: Times, *, is_lower: bool) -> tuple[int, ...]:
    """How many patients' intervals end, or begin, at each point or since the one before."""
    end = times.left if is_lower else np.where(np.isinf(times.right), times.left, times.right)
    place = np.minimum(np.searchsorted(points, end), len(points) - 1)
    pairs = np.unique(np.column_stack([place, times.patient]), axis=0)
    counted: list[int] = np.bincount(pairs[:, 0], minlength=len(points)).tolist()
    return tuple(counted)


def _by_the_counts(told: TimesTold, times: Times) -> Iterable[str]:
    """The median were every recovery as early, or as late, as the counts allow."""
    for name, word, placement in _ENDS:
        time, event = imputed_times(times.left, times.right, placement=placement)
        curve = kaplan_meier(time, event, conf_level=told.scope.conf_level)
        half = curve if isinstance(curve, NoEstimate) else curve.quantile(0.5)
        yield told.day_in(
            f"intervals/counts/median_{name}",
            f"Median days were each recovery as {word} as can be", Measure.MEDIAN,
            half if isinstance(half, NoEstimate) else half.estimate, told.analysed,
            method=f"Kaplan–Meier quantile, each recovery at the {placement} end of its interval",
        )  # fmt: skip


def _estimated(told: TimesTold, answer: Npmle | NoEstimate) -> Iterable[str]:
    """The days between which the nonparametric estimate of the median lies."""
    half = answer if isinstance(answer, NoEstimate) else answer.quantile(0.5)
    for end, word in (("low", "at least"), ("high", "at most")):
        yield told.day_in(
            f"intervals/npmle/median_{end}", f"Median days to recovery, {word}", Measure.MEDIAN,
            _finite(half, end, "more than half were not seen to recover"), told.analysed,
            method=getattr(answer, "method", ""),
        )  # fmt: skip


def _limits(question: Question, told: TimesTold, answer: Npmle | NoEstimate) -> Iterable[str]:
    """What chance and the gaps between counts leave open of the median: patients drawn anew."""
    times, design = question.times, question.design
    limits = (
        answer
        if isinstance(answer, NoEstimate)
        else npmle_quantile(
            times.left, times.right, seed=design.seed, conf_level=question.conf_level,
            n_resamples=min(design.resamples, _MOST_RESAMPLES),
        )
    )  # fmt: skip
    for end, word in (("low", "lower"), ("high", "upper")):
        yield told.day_in(
            f"intervals/npmle/median_ci_{end}", f"Median days, {word} limit", Measure.MEDIAN,
            _finite(limits, f"ci_{end}", "the counts set no limit to it"), told.analysed,
            method=getattr(limits, "method", ""),
        )  # fmt: skip


def _finite(answer: object, name: str, otherwise: str) -> float | NoEstimate:
    """A part of an answer, or why there is none."""
    if isinstance(answer, NoEstimate):
        return answer
    value = float(getattr(answer, name))
    return value if math.isfinite(value) else NoEstimate(otherwise)


def _guess(
    told: TimesTold, times: Times, name: str, label: str, placement: Placement
) -> tuple[str, str]:
    """The Kaplan–Meier curve of guessed days, and its median."""
    time, event = imputed_times(times.left, times.right, placement=placement)
    curve = kaplan_meier(time, event, conf_level=told.scope.conf_level)
    guessed = replace(times, time=time, cause=event.astype(np.int64))
    half = curve if isinstance(curve, NoEstimate) else curve.quantile(0.5)
    return (
        told.curve_in(
            f"intervals/{name}/curve", label, curve, told.analysed, guessed, f"{name} curve"
        ),
        told.span_in(
            f"intervals/{name}/median", f"{label}: median days", Measure.MEDIAN, half,
            told.analysed, quantity=f"{name} median",
        ),
    )  # fmt: skip


def _facts(question: Question, told: TimesTold, answer: Npmle | NoEstimate) -> Table:
    """How wide the intervals are, how sure the maximum is, and whether groups differ."""
    times, recovered = question.times, ended(told.analysed, "recovered")
    label = "Days between the last low count and the one that shows recovery"
    widths = told.quartiles_of(
        "intervals/width", label, (times.right - times.left)[times.event].tolist(), recovered,
        unit="d", quantity="width",
    )  # fmt: skip
    if question.absent:
        for part in ("median", "q1", "q3"):
            told.none_in(f"intervals/width/{part}", f"{label}, {part}", question.absent, recovered)
    label = "Duality gap: how much higher the log likelihood could be at most"
    gap = told.day_in(
        "intervals/npmle/gap", label, Measure.STATISTIC,
        answer if isinstance(answer, NoEstimate) else answer.gap, told.analysed,
        method=getattr(answer, "method", ""), unit="",
    )  # fmt: skip
    head = "Days between the two counts, median (quartiles)"
    rows = [row(head, cell("median_iqr", *widths)), row(label, cell("estimate", gap))]
    rows += _test_row(question, told)
    return table(told.scope, "intervals/facts", "The intervals", "What", ("Value",), rows)


def _test_row(question: Question, told: TimesTold) -> list[Row]:
    sides = compared(question)
    if not sides.groups:
        return []
    told.sources = tuple(dict.fromkeys((*told.sources, *sides.sources)))
    members = [group.members for group in sides.groups]
    times, which = told.together(members)
    answer = (
        interval_score_test(times.left, times.right, which == 0)
        if times.n
        else NoEstimate("nobody is in either group")
    )
    key = told.difference_in(
        "intervals/score_p_value", "Groups compared, interval-censored score test, P", answer,
        members, [ended(own, "recovered") for own in members],
    )  # fmt: skip
    return [row(f"{sides.groups[0].label} against the rest, P (score test)", cell("p_value", key))]


def _figures(told: TimesTold, bounds: list[str], guessed: list[str]) -> tuple[Figure, ...]:
    if not told.has_curve(*bounds, *guessed):
        return ()
    estimate = Series("Nonparametric estimate", tuple(bounds))
    guesses = (Series(told.results[key].label, (key,)) for key in guessed)
    return (
        told.curves_figure(
            "intervals", "The nonparametric estimate between counts, and two with a guessed day",
            "A falling shaded ribbon in which the nonparametric estimate lies, and two curves with "
            "guessed days: the middle between the two counts, and the first that shows it.",
            (estimate, *guesses),
        ),
    )  # fmt: skip
