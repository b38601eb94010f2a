"""How many recover and how many die first: cumulative incidence, and Gray's test between groups."""

from __future__ import annotations

from incohort.analyses.anc_recovery.covariates import Group, Known, group_sources, groups_of
from incohort.analyses.anc_recovery.curves import WEEKS
from incohort.analyses.anc_recovery.duration import of_the_lost
from incohort.analyses.anc_recovery.question import Question
from incohort.analyses.anc_recovery.tally import Tally, sources_of, tally
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
from incohort.shapes.times import DIED, RECOVERED, Times, persons_at
from incohort.stats import HypothesisTest, NoEstimate
from incohort.stats.competing import AalenJohansen, aalen_johansen, gray_test

_CAUSES = (("recovered", "Recovered", RECOVERED), ("died", "Died before recovery", DIED))


def incidence(question: Question) -> Findings:
    """Cumulative incidence of recovery and of death, for all and by group."""
    made = tally(question)
    times = question.times
    answer = _incidence(question, times)
    key = question.scope.key
    curves = [
        _curve(question, made, f"incidence/all/{name}/curve", label, cause, answer, times)
        for name, label, cause in _CAUSES
    ]
    days = sorted({*WEEKS, question.design.horizon_days})
    rows = tuple(_day_row(question, made, answer, day) for day in days)
    made.sources = tuple(dict.fromkeys((*made.sources, *group_sources(question))))
    groups = groups_of(question, Known(question))
    grouped = [_group_curve(question, made, group) for group in groups]
    tests = _tests(question, made, groups)
    last = days[-1]
    recovered = key(f"incidence/all/recovered/by_day_{last}/proportion")
    died = key(f"incidence/all/died/by_day_{last}/proportion")
    estimated, how = of_the_lost(question, times)
    layout = Layout(
        sentences=(
            Sentence(
                f"By day {last} from {question.zero_label}, {estimated}{{{recovered}:percent_ci}} "
                "of all "
                f"{question.noun} analysed had recovered and {{{died}:percent_ci}} had died "
                f"before recovery{how}.",
                holds=question.is_told,
            ),
        ),
        tables=(_table(question, rows), *((tests,) if tests else ())),
        figures=_figures(question, made, curves, grouped),
        cautions=(
            (
                "A difference between groups in the incidence of recovery can come from death "
                "alone: who dies can't recover. The models below hold the two apart."
            ),
        ),
    )
    title = "How many recover, and how many die first?"
    return question.scope.findings("incidence", title, made, layout)


def _incidence(question: Question, times: Times) -> AalenJohansen | NoEstimate:
    if not times.n:
        return NoEstimate(question.reason(times) or "nobody was followed")
    return aalen_johansen(times.time, times.cause, conf_level=question.conf_level)


def _curve(
    question: Question,
    made: Tally,
    tail: str,
    label: str,
    cause: int,
    answer: AalenJohansen | NoEstimate,
    times: Times,
) -> str:
    one = answer if isinstance(answer, NoEstimate) else answer.of(cause)
    if isinstance(one, NoEstimate):
        word = "nobody died before recovery" if cause == DIED else "nobody recovered"
        reason = question.reason(times) or word
        return made.none(tail, label, reason, n=None if question.absent else 0)
    key = question.scope.key(tail)
    sources = sources_of(made)
    made.drawn(
        Curve(
            key=key,
            label=label,
            x=tuple(one.time.tolist()),
            y=tuple(one.cumulative_incidence.tolist()),
            ci_low=tuple(one.ci_low.tolist()),
            ci_high=tuple(one.ci_high.tolist()),
            conf_level=question.conf_level,
            x_label=question.days,
            y_label="Cumulative incidence",
            measure="cumulative incidence",
            n_at_risk=tuple(one.n_at_risk.tolist()),
            n_events=tuple(one.n_events.tolist()),
            n_persons=persons_at(times, one.time),
            n=times.persons(),
            method=one.method,
            sources=sources,
            origin=question.cohort.origin_of(key, sources),
        )
    )
    return made.of_whom(key, f"{question.days}, incidence {cause}", times.whose)


def _group_curve(question: Question, made: Tally, group: Group) -> str:
    times = question.times.where(group.rows)
    tail = f"incidence/{group.name}/recovered/curve"
    answer = _incidence(question, times)
    return _curve(question, made, tail, group.label, RECOVERED, answer, times)


def _day_row(question: Question, made: Tally, answer: AalenJohansen | NoEstimate, day: int) -> Row:
    keys = [
        _by_day(question, made, answer, day, (name, label, cause)) for name, label, cause in _CAUSES
    ]
    return Row(f"Day {day}", tuple(Cell(CellKind.PERCENT_CI, (key,)) for key in keys))


def _by_day(
    question: Question,
    made: Tally,
    answer: AalenJohansen | NoEstimate,
    day: int,
    cause: tuple[str, str, int],
) -> str:
    """The cumulative incidence of a cause at a day; without an interval where it is 0 or 1."""
    name, label, code = cause
    tail, text = f"incidence/all/{name}/by_day_{day}/proportion", f"{label} by day {day}"
    times = question.times
    if isinstance(answer, NoEstimate):
        reason = question.reason() or answer.reason
        return made.none(tail, text, reason, n=None if question.absent else 0)
    if day > float(answer.time[-1]) and answer.survival[-1] > 0:
        return made.none(tail, text, "nobody was followed that long", n=times.persons())
    had = (times.cause == code) & (times.time <= day)
    one = answer.of(code)
    value, limits = 0.0, None
    if not isinstance(one, NoEstimate):
        at = one.at([float(day)])
        value = float(at.cumulative_incidence[0])
        if had.any() and at.has_limits[0]:
            limits = (float(at.ci_low[0]), float(at.ci_high[0]), question.conf_level)
    return made.estimate(
        tail,
        text,
        Measure.PROPORTION,
        value,
        n=times.persons(),
        ci=limits,
        method=answer.method,
        smallest=times.smallest(had, ~had),
    )


def _table(question: Question, rows: tuple[Row, ...]) -> Table:
    return Table(
        key=question.scope.key("incidence/table"),
        caption="Recovered and died by a day, each competing with the other",
        stub_head=question.days,
        columns=tuple(Column(f"{label} ({question.level} CI)") for _, label, _ in _CAUSES),
        rows=rows,
        notes=(
            (
                "Aalen and Johansen's estimate, of all who are analysed, those among them whose "
                "neutropenia began only later. Where anybody died it lies below one minus Kaplan "
                "and Meier's curve, which would have the dead recover."
            ),
        ),
    )


def _tests(question: Question, made: Tally, groups: tuple[Group, ...]) -> Table | None:
    if not groups:
        return None
    used = groups[0].rows | groups[1].rows
    times = question.times.where(used)
    rows = []
    for name, label, cause in _CAUSES:
        found = (
            gray_test(times.time, times.cause, groups[0].rows[used], cause_of_interest=cause)
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
        few = min(question.times.persons(g.rows & (question.times.cause == cause)) for g in groups)
        made_key = made.p_value(
            f"incidence/{name}/gray_p_value", f"{label}, by group: P (Gray)", test,
            n=None if question.absent else times.persons(),
            smallest=None if question.absent else few,
        )  # fmt: skip
        rows.append(Row(label, (Cell(CellKind.P_VALUE, (made_key,)),)))
    return Table(
        key=question.scope.key("incidence/tests/table"),
        caption="Do the groups differ?",
        stub_head="Cumulative incidence",
        columns=(Column("P (Gray's test)"),),
        rows=tuple(rows),
        notes=(f"Groups: {groups[0].label}; {groups[1].label}.",),
    )


def _figures(
    question: Question, made: Tally, curves: list[str], grouped: list[str]
) -> tuple[Figure, ...]:
    key = question.scope.key
    figures = []
    drawn = [one for one in curves if made.has_curve(one)]
    if drawn:
        figures.append(
            Figure(
                key=key("incidence/figure"),
                kind=FigureKind.CURVES,
                caption="Cumulative incidence of recovery and of death before it",
                alt="Rising curves: the share recovered, and the share that died first; what is "
                "left between their sum and 100 % had done neither yet.",
                series=tuple(Series(made.results[one].label, (one,)) for one in curves),
                x_label=question.days,
                y_label="Cumulative incidence",
            )
        )
    drawn = [one for one in grouped if made.has_curve(one)]
    if drawn:
        figures.append(
            Figure(
                key=key("incidence/groups/figure"),
                kind=FigureKind.CURVES,
                caption="Cumulative incidence of recovery, by group",
                alt="Rising curves of the share recovered, one a group.",
                series=tuple(Series(made.results[one].label, (one,)) for one in grouped),
                x_label=question.days,
                y_label="Recovered",
            )
        )
    return tuple(figures)
