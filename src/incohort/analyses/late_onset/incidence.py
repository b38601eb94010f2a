"""How many become neutropenic late, and when: incidence and rates from the first dose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from incohort.analyses.late_onset.courses import LATE, OFTEN
from incohort.analyses.late_onset.question import NAMES, Question
from incohort.results import Findings, Layout, Measure, Row, Sentence, Table
from incohort.shapes.clock import Clock, Steps
from incohort.shapes.groups import Group, overall
from incohort.shapes.recorded import instead
from incohort.shapes.sets import NO, YES, Members
from incohort.shapes.tabular import BLANK, cell, cells, figure, row, table
from incohort.shapes.telling import Draft
from incohort.stats import HypothesisTest, Interval, NoEstimate, then
from incohort.stats.competing import AalenJohansen, GrayTest, aalen_johansen, gray_test
from incohort.stats.rates import poisson_rate, rate_ratio
from incohort.synthetic.late_onset_truth import NAME, LateOnsetTruth

_TITLE = "How many, and when"
_YEAR = 365.25
# By which time shares are told: its name in keys, in words, and in days.
TIMES = {
    "half_year": ("half a year", _YEAR / 2), "one_year": ("one year", _YEAR),
    "two_years": ("two years", 2 * _YEAR), "five_years": ("five years", 5 * _YEAR),
}  # fmt: skip
_AXIS = "first late onset"
_BANDS = tuple(f"within {words}" for words, _ in TIMES.values())
_LATER, _NONE = "later than that", "none seen"
_NOBODY = "nobody described was counted before the first dose and afterwards"
_NOT_THAT_LONG = "nobody was followed that long"
_ENDS = "death competes with late onset"
_CLOCK = Clock(threshold="", zero="the first dose", days="Days from the first dose", has_died=True)
_SPARSE = (
    "Who is counted rarely seems to have fewer: neutropenia that comes and goes between two counts "
    "is not seen. The share among those counted often is nearer the truth, if how often somebody "
    "is counted says nothing about who they are."
)
_PERIODS = ("year_1", "later")


def incidence(question: Question) -> Findings:
    """The share with a late onset by half a year, one, two and five years, and the rates."""
    draft = question.telling()
    if question.absent:
        return draft.findings("incidence", _TITLE, Layout(sentences=instead(question.absent)))
    draft.ends = _ENDS
    _bands(question)
    groups = [overall(question.analysed), *_groups(question)]
    rows = [_row(question, draft, group) for group in groups]
    n = draft.count_in(
        "incidence/unclear/count", "Not counted both before and after", _left(question),
        question.given,
    )  # fmt: skip
    level = draft.scope.level
    heads = (
        "Patients",
        "Late onset seen",
        *(f"By {words} ({level} CI)" for words, _ in TIMES.values()),
    )
    name = f"By {NAMES[question.design.definition]} definition"
    tables = (
        table(
            draft.scope, "incidence", f"{name}: cumulative incidence from the first dose",
            "Patients", heads, rows,
            "Aalen and Johansen's estimate, of those counted before the first dose and after it.",
        ),
        *_rates(question, draft),
    )  # fmt: skip
    curves = [_curve(question, draft, group) for group in groups]
    drawn = (
        figure(
            draft.scope, "incidence", "curves", "Cumulative incidence of late onset, by group",
            _said_alt(draft), [(g.label, [key]) for g, key in zip(groups, curves, strict=True)],
            x_label=_CLOCK.days, y_label="Cumulative incidence",
        ),
    ) if len(question.analysed) or draft.scope.lists_all else ()  # fmt: skip
    sentences = (
        *_said(question, draft, groups, n), *_tested(question, draft, groups[1:]),
        *_truth(question, draft),
    )  # fmt: skip
    layout = Layout(sentences=sentences, tables=tables, figures=drawn, cautions=(_SPARSE,))
    return draft.findings("incidence", _TITLE, layout)


def _truth(question: Question, draft: Draft) -> tuple[Sentence, ...]:
    """What the made-up patients were drawn with; nothing of any other cohort."""
    is_drawn = question.cohort.card.name == NAME and not question.population.restricted_by
    if not is_drawn or question.design.definition not in {"tesfa", "monaco"}:
        return ()
    if question.design.drug_class != "anti-CD20":
        return ()
    key = draft.given.number(
        "incidence/truth/proportion", "Late onset within one year, as the patients were drawn",
        Measure.PROPORTION, LateOnsetTruth().incidence(round(_YEAR)),
    )  # fmt: skip
    words = (
        f"These patients are made up. In truth {{{key}:percent_ci}} have a late onset within a "
        "year, whether or not anybody counted."
    )
    return (Sentence(words),)


def _left(question: Question) -> Members:
    return question.given.less(question.counted) | question.counted.less(question.analysed)


def _bands(question: Question) -> None:
    """Make known by when each patient's first late onset came."""
    rows, edges = question.courses, [days for _, days in TIMES.values()]
    words = np.array([*_BANDS, _LATER], dtype=object)
    place = np.searchsorted(edges, rows["time"].fillna(0), side="left")
    bands = pd.Series(words[place], index=rows.index).where(rows["cause"].eq(LATE), _NONE)
    question.base.cut(_AXIS, bands, (*words, _NONE), question.whole(question.analysed))


def _groups(question: Question) -> list[Group]:
    """The groups that the design asks for."""
    match question.design.group_by:
        case "counts":
            is_often = question.courses["gap"].le(OFTEN)
            axis = f"counted at least every {OFTEN} days"
            question.base.flag(axis, is_often, question.whole(question.analysed))
            labels = {YES: "Counted about monthly or oftener", NO: "Counted more rarely"}
            names = {YES: "often", NO: "rarely"}
        case "sex":
            axis, labels = "sex", {"female": "Female", "male": "Male"}
            names = {"female": "female", "male": "male"}
        case _:
            return []
    return [
        Group(name=names[word], label=label, members=question.analysed.where(axis, word))
        for word, label in labels.items()
    ]


def _estimate(question: Question, members: Members) -> AalenJohansen | NoEstimate:
    rows = question.courses[members.mask]
    if rows.empty:
        return NoEstimate(_NOBODY)
    return aalen_johansen(rows["time"], rows["cause"], conf_level=question.scope.conf_level)


def _row(question: Question, draft: Draft, group: Group) -> Row:
    head, members = f"incidence/{group.name}", group.members
    seen = members.outside(_AXIS, _NONE)
    n = draft.count_in(f"{head}/n/count", f"{group.label}: patients", members)
    events = draft.count_in(f"{head}/seen/count", f"{group.label}: late onset", seen, members)
    answer = _estimate(question, members)
    shares = [_share(draft, group, name, answer) for name in TIMES]
    return row(group.label, *cells(("count", "count"), (n, events)),
               *(cell("percent_ci", key) for key in shares))  # fmt: skip


def _share(draft: Draft, group: Group, name: str, answer: AalenJohansen | NoEstimate) -> str:
    """The share of a group with a late onset by a time."""
    words, days = TIMES[name]
    members, tail = group.members, f"incidence/{group.name}/{name}/proportion"
    label = f"{group.label}: late onset within {words}"
    by_then = _BANDS[: list(TIMES).index(name) + 1]
    had = members.where(_AXIS, *by_then)
    sets = (had, members.less(had))
    if not isinstance(answer, NoEstimate) and days > answer.time[-1] and answer.survival[-1] > 0:
        answer = NoEstimate(_NOT_THAT_LONG)
    if isinstance(answer, NoEstimate):
        n = members.n_persons
        return draft.statistic_in(tail, label, Measure.PROPORTION, answer, (members,), n=n)
    risk = then(answer.of(LATE), lambda curve: curve.at([days]))
    value, limits = 0.0, None
    if not isinstance(risk, NoEstimate):
        value = float(risk.cumulative_incidence[0])
        if risk.has_limits[0] and len(had):
            limits = (float(risk.ci_low[0]), float(risk.ci_high[0]), draft.scope.conf_level)
    key = draft.estimate(
        tail, label, Measure.PROPORTION, value, n=members.n_persons, method=answer.method,
        ci=limits, no_interval="" if limits else "nobody had a late onset by then",
    )  # fmt: skip
    return draft.worked_out(key, sets, of=members)


def _curve(question: Question, draft: Draft, group: Group) -> str:
    tail, members = f"incidence/{group.name}/curve", group.members
    answer = _estimate(question, members)
    curve = then(answer, lambda curves: curves.of(LATE))
    if isinstance(curve, NoEstimate):
        return draft.no_curve_in(tail, group.label, curve.reason, members.outside(_AXIS, _NONE))
    time = question.courses["time"][members.mask].to_numpy()
    place = np.minimum(np.searchsorted(curve.time, time), len(curve.time) - 1)
    ended = tuple(np.bincount(place, minlength=len(curve.time)).tolist())
    steps = Steps.of(curve, ended)
    drawn = steps.drawn(draft, _CLOCK, tail, group.label, members.n_persons)
    return draft.drawn_in(drawn, members, f"{_CLOCK.days}, incidence of late onset")


def _tested(question: Question, draft: Draft, groups: Sequence[Group]) -> tuple[Sentence, ...]:
    """Whether the groups differ, by Gray's test."""
    if len(groups) < 2:
        return ()
    both = groups[0].members | groups[1].members
    rows = question.courses[both.mask]
    which = groups[1].members.mask[both.mask].astype(int)
    answer: HypothesisTest | NoEstimate = NoEstimate(_NOBODY)
    if len(rows):
        gray = gray_test(rows["time"], rows["cause"], which, cause_of_interest=LATE)
        answer = then(gray, _plain)
    seen = [group.members.outside(_AXIS, _NONE) for group in groups]
    key = draft.test_in(
        "incidence/gray_p_value", "Late onset, by group: P (Gray)", answer, (both, *seen),
        n=None if isinstance(answer, NoEstimate) else both.n_persons,
    )  # fmt: skip
    return (Sentence(f"Gray's test of a difference between the two: P {{{key}:p_value}}."),)


def _plain(test: GrayTest) -> HypothesisTest:
    return HypothesisTest(
        statistic=test.statistic, p_value=test.p_value, df=test.df, method=test.method
    )


def _rates(question: Question, draft: Draft) -> tuple[Table, ...]:
    """Late onsets in 100 patient-years, in the first period and later."""
    if not question.cohort.is_open:
        return ()
    analysed, cut = question.analysed, question.design.rate_cut_days
    rows = question.courses
    period = pd.Series(_PERIODS[0], index=rows.index).where(rows["time"] <= cut, _PERIODS[1])
    axis = question.base.cut(
        f"first late onset up to day {cut} or later", period.where(rows["cause"].eq(LATE), _NONE),
        (*_PERIODS, _NONE), question.whole(analysed),
    )  # fmt: skip
    time = rows["time"][analysed.mask].astype(float)
    days = (time.clip(upper=cut).sum(), (time - cut).clip(lower=0).sum())
    labels = (f"To day {cut}", f"After day {cut}")
    lines, spans = [], []
    for name, label, spent in zip(_PERIODS, labels, days, strict=True):
        events = analysed.where(axis, name)
        spans.append((len(events), float(spent) / _YEAR))
        lines.append(_rate(draft, (name, label), analysed, events, spans[-1][1]))
    ratio = rate_ratio(*spans[1], *spans[0], conf_level=draft.scope.conf_level)
    key = draft.statistic_in(
        "rate_ratio/later", "Rate later against the first period", Measure.RATE_RATIO, ratio,
        (analysed,), n=analysed.n_persons,
    )  # fmt: skip
    lines.append(row("Later against first", BLANK, BLANK, cell("estimate_ci", key)))
    heads = ("Late onsets", "Patient-years", f"In 100 patient-years ({draft.scope.level} CI)")
    caption = "How fast: rates of a first late onset"
    note = "Exact Poisson intervals; time ends with the first late onset."
    return (table(draft.scope, "rate", caption, "Period", heads, lines, note),)


def _rate(
    draft: Draft, period: tuple[str, str], analysed: Members, events: Members, years: float
) -> Row:
    """How many in a period, in how much time, and the rate."""
    (name, label), n = period, analysed.n_persons
    level = draft.scope.conf_level
    answer: Interval | NoEstimate = poisson_rate(len(events), years / 100, conf_level=level)
    count = draft.count_in(f"rate/{name}/events/count", f"{label}: late onsets", events, analysed)
    spent = draft.statistic_in(
        f"rate/{name}/years", f"{label}: patient-years", Measure.STATISTIC,
        years if n else NoEstimate(_NOBODY), (analysed,), n=n, unit="a",
    )  # fmt: skip
    rate = draft.statistic_in(
        f"rate/{name}", f"{label}: in 100 patient-years", Measure.RATE, answer, (analysed, events),
        n=n, unit="per 100 patient-years",
    )  # fmt: skip
    return row(label, *cells(("count", "estimate", "estimate_ci"), (count, spent, rate)))


def _said_alt(draft: Draft) -> str:
    key = draft.scope.key("incidence/overall/one_year/proportion")
    return f"Within one year {{{key}:percent_ci}} had a late onset."


def _said(
    question: Question, draft: Draft, groups: Sequence[Group], unclear: str
) -> tuple[Sentence, ...]:
    """The share within a year, of all and of those counted often."""
    key = draft.scope.key
    whole, count = key("incidence/overall/one_year/proportion"), key("incidence/overall/n/count")
    name = NAMES[question.design.definition]
    sentences = [
        Sentence(
            f"By {name} definition late-onset neutropenia was seen within one year of the first "
            f"dose in {{{whole}:percent_ci}} of the {{{count}:count}} who were counted before it "
            "and afterwards.", is_key=True, holds=not question.no_frequency,
        ),
        Sentence(
            f"{{{unclear}:count}} of those given {question.drugs} were not counted both before and "
            "after the first dose, and are in no incidence.", holds=len(_left(question)) > 0,
        ),
    ]  # fmt: skip
    if question.design.group_by == "counts":
        often, rarely = (key(f"incidence/{g.name}/one_year/proportion") for g in groups[1:])
        sentences.append(
            Sentence(
                f"Of those counted at least every {OFTEN} days it was seen within a year in "
                f"{{{often}:percent_ci}}, of those counted more rarely in "
                f"{{{rarely}:percent_ci}}: what comes and goes between two counts is not seen.",
                holds=all(len(group.members) for group in groups[1:]), is_key=True,
            )
        )  # fmt: skip
    return tuple(sentences)
