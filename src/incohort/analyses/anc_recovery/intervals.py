"""Recovery known only to lie between two counts: what that leaves open, beside guessing the day."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from incohort.analyses.anc_recovery.covariates import Known, group_sources, groups_of
from incohort.analyses.anc_recovery.curves import interval_of
from incohort.analyses.anc_recovery.question import Question
from incohort.analyses.anc_recovery.tally import Tally, sources_of, survival_curve, tally
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Curve,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Measure,
    Row,
    Sentence,
    Series,
    Table,
)
from incohort.shapes.times import DIED, Times, Vector
from incohort.stats import HypothesisTest, NoEstimate
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


def intervals(question: Question) -> Findings:
    """The nonparametric curve of interval-censored times, its ambiguity, and two imputations."""
    made = tally(question)
    times = question.times
    answer: Npmle | NoEstimate = (
        npmle(times.left, times.right) if times.n else NoEstimate("nobody was followed")
    )
    bounds = [_bound(question, made, answer, end) for end in ("lower", "upper")]
    low, high = (_median_bound(question, made, answer, end) for end in ("low", "high"))
    limits = _median_limits(question, made, answer)
    ends = tuple(_median_end(question, made, placement) for placement in ("left", "right"))
    rows = [
        Row(label, tuple(Cell(CellKind.ESTIMATE, (key,)) for key in keys))
        for label, keys in (
            ("All that the counts allow", ends),
            ("Nonparametric estimate", (low, high)),
            (f"Its {question.level} interval", limits),
        )
    ]
    guessed, guess_rows = [], []
    for name, label, placement in _GUESSES:
        curve, median = _guess(question, made, name, label, placement)
        guessed.append(curve)
        guess_rows.append(Row(label, (Cell(CellKind.ESTIMATE_CI, (median,)),)))
    facts = _facts(question, made, answer)
    told = dict(zip(MEDIANS, (*ends, low, high, *limits, _died(question, made)), strict=True))
    layout = Layout(
        sentences=sentences(question, told.__getitem__),
        tables=(
            _table(
                question, "intervals/table", _median_caption(question),
                ("Days, at least", "Days, at most"), rows,
            ),
            _table(
                question, "intervals/guesses/table", "The same with a guessed day of recovery",
                (f"Median days ({question.level} CI)",), guess_rows,
            ),
            facts,
        ),
        figures=_figures(question, made, bounds, guessed),
        cautions=(
            (
                "A curve of the first counts that show a recovery is late by up to the gap between "
                "counts, and who is counted rarely seems to recover late. The middle of the gap is "
                "right on average only where counts are regular; both pretend to know a day."
            ),
        ),
        margins=(question.scope.same("km/all/died/count", "intervals/died/count"),),
    )  # fmt: skip
    title = "When between two counts did they recover?"
    return question.scope.findings("intervals", title, made, layout)


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
            f"({question.level} interval).",
            needs=tuple(map(key, ("counts_low", "counts_high"))),
            holds=question.is_told,
        ),
    )


def _died(question: Question, made: Tally) -> str:
    """How many died before recovery, on which it rests whether that is spoken of."""
    tail, label = "intervals/died/count", "Died before recovery"
    if question.absent:
        return made.none(tail, label, question.absent)
    frame = question.timed
    return made.of(tail, label, (frame["cause"] == DIED).astype(bool), frame)


def _median_caption(question: Question) -> str:
    return f"Median days from {question.zero_label}, if nobody had died"


def _bound(question: Question, made: Tally, answer: Npmle | NoEstimate, end: str) -> str:
    """The curve with every mass at its left end, or at its right end."""
    tail, times = f"intervals/npmle/{end}", question.times
    label = f"Not yet recovered to {question.threshold}, {end} edge of the estimate"
    if isinstance(answer, NoEstimate):
        reason = question.reason() or answer.reason
        return made.none(tail, label, reason, n=None if question.absent else times.n)
    if not len(answer.time):
        return made.none(tail, label, "nobody was seen to recover", n=0)
    key, sources = question.scope.key(tail), sources_of(made)
    values = answer.survival_low if end == "lower" else answer.survival_high
    return made.drawn(
        Curve(
            key=key,
            label=label,
            x=tuple(answer.time.tolist()),
            y=tuple(np.clip(values, 0, 1).tolist()),
            x_label=question.days,
            y_label=f"Not yet recovered to {question.threshold}",
            measure="survival",
            n_persons=_persons(answer.time, times, is_lower=end == "lower"),
            n=times.persons(),
            method=answer.method,
            sources=sources,
            origin=question.cohort.origin_of(key, sources),
        )
    )


def _persons(points: Vector, times: Times, *, is_lower: bool) -> tuple[int, ...]:
    """How many patients' intervals end, or begin, at each point or since the one before."""
    end = times.left if is_lower else np.where(np.isinf(times.right), times.left, times.right)
    place = np.minimum(np.searchsorted(points, end), len(points) - 1)
    pairs = np.unique(np.column_stack([place, times.patient]), axis=0)
    counted: list[int] = np.bincount(pairs[:, 0], minlength=len(points)).tolist()
    return tuple(counted)


def _median_bound(question: Question, made: Tally, answer: Npmle | NoEstimate, end: str) -> str:
    tail = f"intervals/npmle/median_{end}"
    word = {"low": "at least", "high": "at most"}[end]
    label = f"Median days to recovery, {word}"
    times = question.times
    behind = times.smallest(times.event)
    found = answer if isinstance(answer, NoEstimate) else answer.quantile(0.5)
    if isinstance(found, NoEstimate):
        reason = question.reason() or found.reason
        return made.none(tail, label, reason, n=None if question.absent else behind)
    value = float(getattr(found, end))
    if not math.isfinite(value):
        return made.none(tail, label, "more than half were not seen to recover", n=behind)
    method = answer.method if isinstance(answer, Npmle) else ""
    return made.estimate(
        tail, label, Measure.MEDIAN, value, n=times.persons(), unit="d", method=method,
        smallest=behind,
    )  # fmt: skip


def _median_limits(question: Question, made: Tally, answer: Npmle | NoEstimate) -> tuple[str, str]:
    """What chance and the gaps between counts leave open of the median: patients drawn anew."""
    times, design = question.times, question.design
    behind = times.smallest(times.event)
    found = (
        answer
        if isinstance(answer, NoEstimate)
        else npmle_quantile(
            times.left, times.right, seed=design.seed, conf_level=question.conf_level,
            n_resamples=min(design.resamples, _MOST_RESAMPLES),
        )
    )  # fmt: skip
    keys = []
    for end, word in (("low", "lower"), ("high", "upper")):
        tail, label = f"intervals/npmle/median_ci_{end}", f"Median days, {word} limit"
        value = math.nan if isinstance(found, NoEstimate) else float(getattr(found, f"ci_{end}"))
        if isinstance(found, NoEstimate):
            reason = question.reason() or found.reason
            keys.append(made.none(tail, label, reason, n=None if question.absent else behind))
        elif not math.isfinite(value):
            keys.append(made.none(tail, label, "the counts set no limit to it", n=behind))
        else:
            keys.append(
                made.estimate(
                    tail, label, Measure.MEDIAN, value, n=times.persons(), unit="d",
                    method=found.method, smallest=behind,
                )
            )  # fmt: skip
    return keys[0], keys[1]


def _median_end(question: Question, made: Tally, placement: Placement) -> str:
    """The median were every recovery as early, or as late, as the counts allow."""
    times = question.times
    tail = f"intervals/counts/median_{'low' if placement == 'left' else 'high'}"
    label = (
        f"Median days were each recovery as {'early' if placement == 'left' else 'late'} as can be"
    )
    time, event = imputed_times(times.left, times.right, placement=placement)
    behind = times.smallest(times.event)
    curve = kaplan_meier(time, event, conf_level=question.conf_level)
    found = curve if isinstance(curve, NoEstimate) else curve.quantile(0.5)
    if isinstance(found, NoEstimate):
        reason = question.reason() or found.reason
        return made.none(tail, label, reason, n=None if question.absent else behind)
    return made.estimate(
        tail, label, Measure.MEDIAN, found.estimate, n=times.persons(), unit="d", smallest=behind,
        method=f"Kaplan–Meier quantile, each recovery at the {placement} end of its interval",
    )  # fmt: skip


def _guess(
    question: Question, made: Tally, name: str, label: str, placement: Placement
) -> tuple[str, str]:
    """The Kaplan–Meier curve of guessed days, and its median."""
    times = question.times
    time, event = imputed_times(times.left, times.right, placement=placement)
    curve = kaplan_meier(time, event, conf_level=question.conf_level)
    own = Times(
        patient=times.patient, time=time, cause=event.astype(np.int64), left=times.left,
        right=times.right, treated_at=times.treated_at, whose=times.whose,
    )  # fmt: skip
    median = curve if isinstance(curve, NoEstimate) else curve.quantile(0.5)
    return (
        survival_curve(question, made, f"intervals/{name}/curve", label, curve, own),
        interval_of(
            question, made, f"intervals/{name}/median", f"{label}: median days",
            Measure.MEDIAN, median, own,
        ),
    )  # fmt: skip


def _facts(question: Question, made: Tally, answer: Npmle | NoEstimate) -> Table:
    """How wide the intervals are, how sure the maximum is, and whether groups differ."""
    times = question.times
    width = (times.right - times.left)[times.event]
    widths = made.quartiles(
        "intervals/width", "Days between the last low count and the one that shows recovery",
        width.tolist(), unit="d", rows=times.where(times.event).whose,
    )  # fmt: skip
    if question.absent:
        for part, key in zip(("median", "q1", "q3"), widths, strict=True):
            made.none(f"intervals/width/{part}", made.results[key].label, question.absent)
    label = "Duality gap: how much higher the log likelihood could be at most"
    behind = times.smallest(times.event)
    if isinstance(answer, NoEstimate):
        reason = question.reason() or answer.reason
        gap = made.none("intervals/npmle/gap", label, reason, n=None if question.absent else 0)
    else:
        gap = made.estimate(
            "intervals/npmle/gap", label, Measure.STATISTIC, answer.gap, n=times.persons(),
            method=answer.method, smallest=behind,
        )  # fmt: skip
    rows = [
        Row(
            "Days between the two counts, median (quartiles)", (Cell(CellKind.MEDIAN_IQR, widths),)
        ),
        Row(label, (Cell(CellKind.ESTIMATE, (gap,)),)),
    ]
    rows += _test_row(question, made)
    return _table(question, "intervals/facts/table", "The intervals", ("Value",), rows)


def _test_row(question: Question, made: Tally) -> list[Row]:
    groups = groups_of(question, Known(question))
    if not groups:
        return []
    before = made.sources
    made.sources = tuple(dict.fromkeys((*made.sources, *group_sources(question))))
    used = groups[0].rows | groups[1].rows
    times = question.times.where(used)
    found = (
        interval_score_test(times.left, times.right, groups[0].rows[used])
        if times.n
        else NoEstimate("nobody is in either group")
    )
    test: HypothesisTest | NoEstimate
    if question.reason():
        test = NoEstimate(question.reason())
    elif isinstance(found, NoEstimate):
        test = found
    else:
        test = HypothesisTest(
            statistic=found.statistic, p_value=found.p_value, df=found.df, method=found.method
        )
    few = min(question.times.persons(g.rows & question.times.event) for g in groups)
    key = made.p_value(
        "intervals/score_p_value", "Groups compared, interval-censored score test, P", test,
        n=None if question.absent else times.persons(),
        smallest=None if question.absent else few,
    )  # fmt: skip
    made.sources = before
    label = f"{groups[0].label} against the rest, P (score test)"
    return [Row(label, (Cell(CellKind.P_VALUE, (key,)),))]


def _table(
    question: Question, tail: str, caption: str, heads: tuple[str, ...], rows: list[Row]
) -> Table:
    return Table(
        key=question.scope.key(tail),
        caption=caption,
        stub_head="What",
        columns=tuple(map(Column, heads)),
        rows=tuple(rows),
    )


def _figures(
    question: Question, made: Tally, bounds: list[str], guessed: list[str]
) -> tuple[Figure, ...]:
    if not made.has_curve(*bounds, *guessed):
        return ()
    return (
        Figure(
            key=question.scope.key("intervals/figure"),
            kind=FigureKind.CURVES,
            caption="The nonparametric estimate between counts, and two with a guessed day",
            alt="A falling shaded ribbon in which the nonparametric estimate lies, and two curves "
            "with guessed days: the middle between the two counts, and the first that shows it.",
            series=(
                Series("Nonparametric estimate", tuple(bounds)),
                *(Series(made.results[one].label, (one,)) for one in guessed),
            ),
            x_label=question.days,
            y_label=f"Not yet recovered to {question.threshold}",
        ),
    )
