"""How long until half have recovered, how many recover, and how many die first: the curves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from incohort.analyses.anc_recovery.duration import DURATION, duration_table, of_the_lost, sentences
from incohort.analyses.anc_recovery.grouping import compared, everybody
from incohort.analyses.anc_recovery.question import Question
from incohort.results import Figure, Findings, Layout, Measure, Row, Table, clauses
from incohort.shapes.clock import TimesDraft
from incohort.shapes.curves import Curves
from incohort.shapes.groups import Group
from incohort.shapes.incidence import Incidence
from incohort.shapes.sentences import sentence
from incohort.shapes.tabular import BLANK, cell, cells, row, table
from incohort.stats.survival import bootstrap_quantile, median_follow_up

_NET = (
    "Kaplan and Meier's curve takes a death as the end of observation, as if the dead could still "
    "recover: its median and mean are those that would be if nobody had died."
)
_IMMORTAL = (
    "Whoever was given G-CSF had to be neutropenic until then: the two curves by G-CSF are not a "
    "comparison of treatments."
)
LATE = (
    "Where the neutropenia began only after the clock had started, as in late onset after a "
    "biologic, the curve counts the days before it as days without recovery."
)
_OFTEN = (
    "Every episode counts; intervals and the log-rank test take them as independent, though some "
    "may be of one patient."
)
_OF_DEATH = (
    "A difference between groups in the incidence of recovery can come from death alone: who dies "
    "can't recover. The models below hold the two apart."
)


def recovery(question: Question) -> Findings:
    """The curve of those still below the threshold, for all and by group."""
    draft, whole, sides = question.telling(), everybody(question), compared(question)
    shape = Curves(
        draft=draft, name="km", groups=(whole, *sides.groups),
        horizon=question.design.horizon_days, is_net=True,
    )  # fmt: skip
    rows = [shape.row(whole), *_more_of_all(question, draft)]
    curves = [shape.curve(whole)]
    shares = _shares_table(draft, whole)
    durations = duration_table(question, draft)
    draft.sources = tuple(dict.fromkeys((*draft.sources, *sides.sources)))
    rows += [shape.row(group) for group in sides.groups]
    for group in sides.neither:
        keys = draft.outcomes_in(f"km/{group.name}", group.label, group.members)
        rows.append(row(sides.why_neither, *cells(["count"] * 4, keys), level=1))
    curves += [shape.curve(group) for group in sides.groups]
    rows += shape.test(sides.groups)
    cautions = {
        _NET: True,
        LATE: question.zero.may_precede,
        _IMMORTAL: question.design.group_by == "gcsf",
    }
    layout = Layout(
        sentences=sentences(question, {n: draft.scope.key(tail) for n, tail in DURATION.items()}),
        tables=(durations, shape.table(rows, *_notes(question)), shares),
        figures=_figures(draft, sides.groups, curves),
        cautions=tuple(caution for caution, holds in cautions.items() if holds),
    )
    return draft.findings("km", "How long until the neutrophils are back?", layout)


def _figures(
    draft: TimesDraft, groups: Sequence[Group], curves: Sequence[str]
) -> tuple[Figure, ...]:
    """The curve of all, and those of the groups with their medians."""
    key, caption = draft.scope.key, draft.clock.below
    shares = clauses(
        f"half by day {{{key('km/all/median')}:estimate_ci}}",
        *(
            f"{{{key(f'km/all/by_day_{day}/proportion')}:percent_ci}} by day {day}"
            for day in draft.days
        ),
    )
    differ = [f"log-rank P {{{key('km/logrank_p_value')}:p_value}}"] if len(groups) > 1 else []
    medians = clauses(
        *(f"{group.label} {{{key(f'km/{group.name}/median')}:estimate_ci}}" for group in groups),
        *differ,
    )  # fmt: skip
    return (
        *draft.curves_drawn(
            "km", f"{caption}, by Kaplan and Meier",
            f"Recovered to {draft.clock.threshold}, death ending observation: {shares}.",
            curves[:1],
        ),
        *draft.curves_drawn(
            "km/groups", f"{caption}, by group",
            "Days by which half have recovered, death ending observation: "
            f"{medians}.", curves[1:],
        ),
    )  # fmt: skip


def _more_of_all(question: Question, draft: TimesDraft) -> list[Row]:
    """The median with bootstrap limits, and how long patients were followed."""
    times, design, level = question.times, question.design, question.conf_level
    followed = median_follow_up(times.time, times.event, conf_level=level)
    boot = bootstrap_quantile(
        times.time, times.event, seed=design.seed, n_resamples=design.resamples, conf_level=level
    )
    tail, label = "km/all/median_bootstrap", "Median days, bootstrap limits"
    limits = draft.span_in(tail, label, Measure.MEDIAN, boot, draft.analysed)
    follow_up = draft.span_in(
        "km/all/follow_up", "Median follow-up in days, reverse Kaplan–Meier", Measure.MEDIAN,
        followed, draft.analysed, ends="", quantity="follow-up",
    )  # fmt: skip
    return [
        row(label, *[BLANK] * 4, cell("estimate_ci", key), BLANK)
        for label, key in (("All, bootstrap limits", limits), ("Median follow-up", follow_up))
    ]


def _shares_table(draft: TimesDraft, whole: Group) -> Table:
    """The share recovered by chosen days, by Kaplan and Meier's curve."""
    curve = draft.survival(whole.members)
    keys = {
        day: draft.share_by(
            f"km/all/by_day_{day}/proportion", f"Recovered by day {day}", curve, day, whole.members
        )
        for day in draft.days
    }
    return table(
        draft.scope, "km/shares", "Recovered by a day, if nobody had died (Kaplan and Meier)",
        draft.clock.days, (f"Recovered ({draft.scope.level} CI)",),
        [row(f"Day {day}", cell("percent_ci", key)) for day, key in keys.items()],
    )  # fmt: skip


def _notes(question: Question) -> tuple[str, ...]:
    """What the table's days are, and what follows where a patient may have several episodes."""
    days = (
        "Days are those of the counts: a recovery is dated at the first count that shows it, so "
        "that with rare counts it looks late (see the part on intervals). The restricted mean is "
        f"that of the first {question.design.horizon_days} days."
    )
    return (days, _OFTEN) if question.may_repeat else (days,)


def incidence(question: Question) -> Findings:
    """Cumulative incidence of recovery and of death, for all and by group."""
    draft, sides = question.telling(), compared(question)
    shape = Incidence(
        draft=draft, name="incidence", groups=(everybody(question), *sides.groups),
        group_sources=sides.sources,
    )  # fmt: skip
    estimated, how = of_the_lost(question, question.times)
    tail = f"by_day_{draft.days[-1]}/proportion"
    keys = {end: draft.scope.key(f"incidence/all/{end}/{tail}") for end in ("recovered", "died")}
    by_day = sentence(
        f"By day {draft.days[-1]} from {question.zero.label}, {estimated}{{recovered:percent_ci}} "
        f"of all {question.noun} analysed had recovered and {{died:percent_ci}} had died before "
        f"recovery{how}.",
        keys, holds=question.is_told,
    )  # fmt: skip
    layout = replace(shape.layout(), sentences=(by_day,), cautions=(_OF_DEATH,))
    return draft.findings("incidence", "How many recover, and how many die first?", layout)
