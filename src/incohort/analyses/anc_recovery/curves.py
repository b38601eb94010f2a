"""How long until half have recovered: Kaplan and Meier's curve, its median and restricted mean."""

from __future__ import annotations

import math

import numpy as np

from incohort.analyses.anc_recovery.covariates import Group, Known, group_sources, groups_of
from incohort.analyses.anc_recovery.duration import DURATION, duration_table, sentences
from incohort.analyses.anc_recovery.question import LATE_ONSETS, Question
from incohort.analyses.anc_recovery.tally import Tally, survival_curve, tally
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Margin,
    Measure,
    Row,
    Series,
    Table,
    clauses,
)
from incohort.shapes.times import DIED, RECOVERED, Times
from incohort.stats import HypothesisTest, Interval, NoEstimate
from incohort.stats.survival import (
    LogRank,
    Rmst,
    SurvivalCurve,
    bootstrap_quantile,
    kaplan_meier,
    logrank,
    median_follow_up,
    rmst,
)

WEEKS = (7, 14, 28)
_WHY_NEITHER = {
    "low_count": "In neither: no count from the onset on by time zero",
    "infection": "In neither: whether infected is not known",
    "sex": "In neither: sex not recorded",
    "gcsf": "In neither: when G-CSF was given is not known",
}
_IMMORTAL = (
    "Whoever was given G-CSF had to be neutropenic until then: the two curves by G-CSF are not a "
    "comparison of treatments."
)
_LATE = (
    "Where the neutropenia began only after the clock had started, as in late onset after a "
    "biologic, the curve counts the days before it as days without recovery."
)


def recovery(question: Question) -> Findings:
    """The curve of those still below the threshold, for all and by group."""
    made = tally(question)
    everybody = _all(question)
    groups = groups_of(question, Known(question))
    rows, curves = [_row(question, made, everybody)], []
    curves.append(_curve(question, made, everybody))
    boot = _bootstrapped(question, made)
    shares = _shares_table(question, made)
    durations, linked = duration_table(question, made)
    made.sources = tuple(dict.fromkeys((*made.sources, *group_sources(question))))
    rows += [_row(question, made, group) for group in groups]
    rows += _rest_row(question, made, groups)
    curves += [_curve(question, made, group) for group in groups]
    test = _logrank(question, made, groups)
    key = question.scope.key
    layout = Layout(
        sentences=sentences(question, lambda name: key(DURATION[name])),
        tables=(durations, _table(question, rows, boot, test), shares),
        figures=_figures(question, made, groups, curves),
        cautions=(
            (
                "Kaplan and Meier's curve takes a death as the end of observation, as if the dead "
                "could still recover: its median and mean are those that would be if nobody had "
                "died."
            ),
            *((_LATE,) if question.choices.time_zero in LATE_ONSETS else ()),
            *((_IMMORTAL,) if question.design.group_by == "gcsf" else ()),
        ),
        margins=(*_margins(question, groups), *linked),
    )
    return question.scope.findings("km", "How long until the neutrophils are back?", made, layout)


def _all(question: Question) -> Group:
    return Group(name="all", label="All", rows=np.ones(question.times.n, dtype=bool))


def _curve(question: Question, made: Tally, group: Group) -> str:
    times = question.times.where(group.rows)
    answer = kaplan_meier(times.time, times.event, conf_level=question.conf_level)
    return survival_curve(question, made, f"km/{group.name}/curve", group.label, answer, times)


def _counts(question: Question, made: Tally, group: Group) -> list[str]:
    """How many of a group took part, and what became of them."""
    frame = question.timed[group.rows].reset_index(drop=True)
    counts = []
    for name, label, rows in (
        ("n", "episodes", frame["cause"].notna()),
        ("recovered", "recovered", frame["cause"] == RECOVERED),
        ("died", "died before recovery", frame["cause"] == DIED),
        ("censored", "censored", frame["cause"] == 0),
    ):
        tail = f"km/{group.name}/{name}/count"
        text = f"{group.label}: {label}"
        if question.absent:
            counts.append(made.none(tail, text, question.absent))
        else:
            counts.append(made.of(tail, text, rows.astype(bool), frame))
    return counts


def _row(question: Question, made: Tally, group: Group) -> Row:
    """How many took part, recovered and died; the median and the restricted mean."""
    times = question.times.where(group.rows)
    counts = _counts(question, made, group)
    made.rests_on = tuple(counts[1:2])
    keys = (*counts, _median(question, made, group, times), _rmst(question, made, group, times))
    made.rests_on = ()
    kinds = (*[CellKind.COUNT] * 4, CellKind.ESTIMATE_CI, CellKind.ESTIMATE_CI)
    cells = tuple(Cell(kind, (key,)) for kind, key in zip(kinds, keys, strict=True))
    return Row(group.label, cells, level=int(group.name != "all"))


def _rest_row(question: Question, made: Tally, groups: tuple[Group, ...]) -> list[Row]:
    """Those in neither group, so that it is told why the groups make less than all."""
    rest = _rest(groups)
    if rest is None or not (rest.rows.any() or question.scope.lists_all):
        return []
    cells = tuple(Cell(CellKind.COUNT, (key,)) for key in _counts(question, made, rest))
    return [Row(_WHY_NEITHER[question.design.group_by], cells, level=1)]


def _rest(groups: tuple[Group, ...]) -> Group | None:
    """Whoever is in none of the groups."""
    if not groups:
        return None
    rows = np.asarray(~(groups[0].rows | groups[1].rows), dtype=bool)
    return Group(name="neither", label="In neither group", rows=rows)


def _median(question: Question, made: Tally, group: Group, times: Times) -> str:
    curve = kaplan_meier(times.time, times.event, conf_level=question.conf_level)
    answer: Interval | NoEstimate = curve if isinstance(curve, NoEstimate) else curve.quantile(0.5)
    return interval_of(
        question, made, f"km/{group.name}/median",
        f"{group.label}: median days to recovery, if nobody had died",
        Measure.MEDIAN, answer, times,
    )  # fmt: skip


def _rmst(question: Question, made: Tally, group: Group, times: Times) -> str:
    tail, tau = f"km/{group.name}/rmst", float(question.design.horizon_days)
    label = f"{group.label}: mean days without recovery within {tau:g} days, if nobody had died"
    answer: Rmst | NoEstimate = (
        rmst(times.time, times.event, tau, conf_level=question.conf_level)
        if times.n
        else NoEstimate("nobody is in this group")
    )
    return interval_of(question, made, tail, label, Measure.MEAN, answer, times)


def interval_of(  # noqa: PLR0913 — the parts of an estimate, each by its name
    question: Question,
    made: Tally,
    tail: str,
    label: str,
    measure: Measure,
    answer: Interval | Rmst | NoEstimate,
    times: Times,
    *,
    unit: str = "d",
    notes: tuple[str, ...] = (),
) -> str:
    """An estimate of times with its interval, resting on those who recovered."""
    behind = times.smallest(times.event)
    if isinstance(answer, NoEstimate):
        reason = question.reason(times) or answer.reason
        return made.none(tail, label, reason, n=None if question.absent else behind)
    if not math.isfinite(answer.estimate):
        return made.none(tail, label, "the curve does not come down that far", n=behind)
    key = made.estimate(
        tail,
        label,
        measure,
        answer.estimate,
        n=times.persons(),
        ci=(answer.ci_low, answer.ci_high, answer.conf_level),
        unit=unit,
        method=answer.method,
        smallest=behind,
        notes=notes,
    )
    return made.of_whom(key, f"{question.days}, {measure}", times.whose)


def _bootstrapped(question: Question, made: Tally) -> tuple[Row, Row]:
    """The median with bootstrap limits, and how long patients were followed."""
    times, design = question.times, question.design
    level = question.conf_level
    nobody = NoEstimate("nobody is in this group")
    boot = (
        bootstrap_quantile(
            times.time,
            times.event,
            seed=design.seed,
            n_resamples=design.resamples,
            conf_level=level,
        )
        if times.n
        else nobody
    )
    follow_up = median_follow_up(times.time, times.event, conf_level=level) if times.n else nobody
    keys = (
        interval_of(
            question, made, "km/all/median_bootstrap", "Median days, bootstrap limits",
            Measure.MEDIAN, boot, times,
        ),
        interval_of(
            question, made, "km/all/follow_up", "Median follow-up in days, reverse Kaplan–Meier",
            Measure.MEDIAN, follow_up, times,
        ),
    )  # fmt: skip
    blank = Cell(CellKind.TEXT)
    first, second = (
        Row(label, (*[blank] * 4, Cell(CellKind.ESTIMATE_CI, (key,)), blank))
        for label, key in zip(("All, bootstrap limits", "Median follow-up"), keys, strict=True)
    )
    return first, second


def _shares_table(question: Question, made: Tally) -> Table:
    """The share recovered by chosen days, by Kaplan and Meier's curve."""
    times = question.times
    curve = kaplan_meier(times.time, times.event, conf_level=question.conf_level)
    days = sorted({*WEEKS, question.design.horizon_days})
    rows = tuple(
        Row(f"Day {day}", (Cell(CellKind.PERCENT_CI, (_share(question, made, curve, day),)),))
        for day in days
    )
    return Table(
        key=question.scope.key("km/shares/table"),
        caption="Recovered by a day, if nobody had died (Kaplan and Meier)",
        stub_head=question.days,
        columns=(Column(f"Recovered ({question.level} CI)"),),
        rows=rows,
    )


def _share(question: Question, made: Tally, curve: SurvivalCurve | NoEstimate, day: int) -> str:
    tail, label = f"km/all/by_day_{day}/proportion", f"Recovered by day {day}"
    times = question.times
    if isinstance(curve, NoEstimate):
        return made.none(tail, label, question.reason() or curve.reason,
                         n=None if question.absent else 0)  # fmt: skip
    if day > float(curve.time[-1]) and curve.survival[-1] > 0:
        return made.none(tail, label, "nobody was followed that long", n=times.persons())
    at = curve.at([float(day)])
    done = times.event & (times.time <= day)
    still = times.time > day
    limits = (1 - float(at.ci_high[0]), 1 - float(at.ci_low[0]), question.conf_level)
    # before the first event and once all have recovered the curve has no spread
    has_limits = bool(done.any() and at.has_limits[0])
    return made.estimate(
        tail,
        label,
        Measure.PROPORTION,
        1 - float(at.survival[0]),
        n=times.persons(),
        ci=limits if has_limits else None,
        method=curve.method,
        smallest=times.smallest(done, still),
    )


def _logrank(question: Question, made: Tally, groups: tuple[Group, ...]) -> Row | None:
    if not groups:
        return None
    used = groups[0].rows | groups[1].rows
    times = question.times.where(used)
    answer: LogRank | NoEstimate = (
        logrank(times.time, times.event, groups[0].rows[used])
        if times.n
        else NoEstimate("nobody is in either group")
    )
    reason = question.reason()
    test: HypothesisTest | NoEstimate
    if isinstance(answer, NoEstimate) or reason:
        test = NoEstimate(reason or getattr(answer, "reason", ""))
    else:
        test = HypothesisTest(
            statistic=answer.statistic, p_value=answer.p_value, df=answer.df, method=answer.method
        )
    persons = [question.times.persons(group.rows & question.times.event) for group in groups]
    key = made.p_value(
        "km/logrank_p_value", "Curves by group, log-rank P", test,
        n=None if question.absent else times.persons(),
        smallest=None if question.absent else min(persons),
    )  # fmt: skip
    blank = Cell(CellKind.TEXT)
    return Row(
        "Groups compared, P (log-rank)", (*[blank] * 4, Cell(CellKind.P_VALUE, (key,)), blank)
    )


def _table(question: Question, rows: list[Row], boot: tuple[Row, Row], test: Row | None) -> Table:
    notes = [
        (
            "Days are those of the counts: a recovery is dated at the first count that shows it, "
            "so that with rare counts it looks late (see the part on intervals). The restricted "
            f"mean is that of the first {question.design.horizon_days} days."
        ),
    ]
    if question.may_repeat:
        notes.append(
            "Every episode counts; intervals and the log-rank test take them as independent, "
            "though some may be of one patient."
        )
    return Table(
        key=question.scope.key("km/table"),
        caption=f"Time to a count of {question.threshold} or more, from {question.zero_label}, if "
        "nobody had died",
        stub_head="Who",
        columns=(
            Column("Episodes"), Column("Recovered"), Column("Died"), Column("Censored"),
            Column(f"Median days ({question.level} CI)"),
            Column(f"Restricted mean, days ({question.level} CI)"),
        ),
        rows=(rows[0], *boot, *rows[1:], *((test,) if test else ())),
        notes=tuple(notes),
    )  # fmt: skip


def _figures(
    question: Question, made: Tally, groups: tuple[Group, ...], curves: list[str]
) -> tuple[Figure, ...]:
    key = question.scope.key
    across, up = question.days, f"Not yet recovered to {question.threshold}"
    figures = []
    if made.has_curve(curves[0]):
        figures.append(
            Figure(
                key=key("km/figure"),
                kind=FigureKind.CURVES,
                caption=f"Not yet recovered to {question.threshold}, by Kaplan and Meier",
                alt="A falling curve of those who had not recovered yet; by it half have recovered "
                f"after {{{key('km/all/median')}:estimate_ci}} days.",
                series=(Series("All", (curves[0],)),),
                x_label=across,
                y_label=up,
            )
        )
    drawn = [one for one in curves[1:] if made.has_curve(one)]
    if drawn:
        told = clauses(
            *(
                f"{group.label}: median {{{key(f'km/{group.name}/median')}:estimate_ci}} days"
                for group in groups
            )
        )
        figures.append(
            Figure(
                key=key("km/groups/figure"),
                kind=FigureKind.CURVES,
                caption=f"Not yet recovered to {question.threshold}, by group",
                alt=f"Falling curves of two groups, by Kaplan and Meier. {told}.",
                series=tuple(Series(made.results[one].label, (one,)) for one in curves[1:]),
                x_label=across,
                y_label=up,
            )
        )
    return tuple(figures)


def _margins(question: Question, groups: tuple[Group, ...]) -> tuple[Margin, ...]:
    """Recovered, died and censored make all; the groups make no more than all."""
    names = ["all", *(group.name for group in groups)]
    same = question.scope.sum
    found = [
        same(f"km/{name}/n/count", *(f"km/{name}/{end}/count" for end in
                                     ("recovered", "died", "censored")))
        for name in names
    ]  # fmt: skip
    if groups:  # who is in no group because the neutropenia had not begun
        of_groups = (f"km/{group.name}/n/count" for group in groups)
        found.append(same("gcsf/not_begun/count#others", *of_groups))
    if groups:
        found.append(
            same("km/neither/n/count", *(f"km/neither/{end}/count" for end in
                                         ("recovered", "died", "censored")))
        )  # fmt: skip
        rest = _rest(groups)
        has_rest = rest is not None and (rest.rows.any() or question.scope.lists_all)
        parts = [*(group.name for group in groups), *(("neither",) if has_rest else ())]
        found += [
            same(f"km/all/{part}/count", *(f"km/{name}/{part}/count" for name in parts))
            for part in ("n", "recovered", "died", "censored")
        ]
    return tuple(found)
