"""Who recovers, how long it takes, and who dies first."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from incohort.analyses.checkpoint.question import (
    CAUSES,
    COUNTS,
    DEATHS,
    DRUGS,
    UNRECORDED,
    Question,
)
from incohort.results import Findings, Layout, Row, Sentence, Table, clauses
from incohort.shapes import recorded
from incohort.shapes.clock import TimesDraft
from incohort.shapes.episodes import ended
from incohort.shapes.fractions import Fraction, fractions
from incohort.shapes.groups import OVERALL, Group
from incohort.shapes.incidence import Incidence
from incohort.shapes.recorded import first_reason
from incohort.shapes.sets import Members
from incohort.shapes.spans import span
from incohort.shapes.tabular import BLANK, cell, row, table
from incohort.shapes.telling import Draft
from incohort.shapes.times import days_between

_FEWEST = 5  # episodes, from which on shares by a day are worth a sentence
_CASES = (
    "Case reports over-represent the severe and the cured: shares among published cases are not "
    "those of patients."
)
_TREATED = (
    "Who was given a growth factor, corticosteroids or immunoglobulin was decided at the bedside: "
    "times are those of the neutropenia as it was treated."
)
_TITLE = "Who recovers, and who dies first?"


def recovery(question: Question) -> Findings:
    """The share who recovered and who died, how long it lasted, and both by day."""
    draft = question.timing()
    members = question.described
    shares, outcomes = _outcomes(question, draft, members)
    spans = _spans(question, draft, members)
    everybody = Group(name=OVERALL, label="All", members=members)
    shape = Incidence(draft=draft, name="recovery", groups=(everybody,))
    draft.absent = first_reason(question.absent, question.no_pairing)
    by_day = shape.by_day()
    figures = draft.curves_drawn(
        "recovery", _caption(question), _curves_said(question), shape.curves(),
        "Cumulative incidence",
    )  # fmt: skip
    horizon = question.design.horizon_days
    mean = draft.mean_in(
        "recovery/rmst", f"Mean days not yet recovered within {horizon} days, if nobody had died",
        members, horizon,
    )  # fmt: skip
    by_day = _with_mean(by_day, mean, horizon, question.scope.level)
    layout = Layout(
        sentences=(
            *recorded.instead(question.unasked),
            *_said(question, shares),
            *recorded.instead("" if question.absent else question.no_pairing),
            *recorded.instead("" if question.absent else question.no_deaths),
        ),
        tables=() if question.absent else (outcomes, spans, *(() if draft.absent else (by_day,))),
        figures=figures,
        cautions=(_CASES, _TREATED),
    )
    return draft.findings("recovery", _TITLE, layout)


def _caption(question: Question) -> str:
    """What the curves are of, and why one may end above the share who were seen to recover."""
    caption = "Recovered, and died before recovery"
    if question.design.unknown_recovery == "not_recovered":
        return caption
    return (
        f"{caption}; whoever was neither seen to recover nor to die counts up to the last count "
        "only (to day 0 where there is none later), so that the curve of recovery can end above "
        "the share of all who were seen to recover"
    )


def _with_mean(by_day: Table, mean: str, horizon: int, level: str) -> Table:
    """The table of shares with the restricted mean under it."""
    label = f"Mean of the first {horizon} days not yet recovered, if nobody had died ({level} CI)"
    return replace(by_day, rows=(*by_day.rows, row(label, cell("estimate_ci", mean), BLANK)))


def _outcomes(
    question: Question, draft: TimesDraft, members: Members
) -> tuple[dict[str, str], Table]:
    """What became of the episodes, and which patients died at any time."""
    nobody = "there are no such episodes"
    people = question.with_episode
    asked = (
        Fraction(
            tail="recovered", label="Seen to recover", head="Episodes seen to recover",
            events=ended(members, "recovered"), of=members, nobody=nobody,
        ),
        Fraction(
            tail="died_first/proportion", label="Died before recovery",
            head="Died before recovery", events=ended(members, "died"), of=members, nobody=nobody,
        ),
        Fraction(
            tail="open/proportion", label="Neither seen to recover nor to die",
            head="Neither was seen", events=ended(members, "censored"), of=members, nobody=nobody,
        ),
    )  # fmt: skip
    of_episodes = fractions(draft, "With / all (%)", asked[:1])
    of_both = fractions(draft, "", asked[1:], absent=question.no_pairing)
    died = question.died
    of_patients = (
        Fraction(
            tail="died", label="Patients whose death is recorded",
            head="Patients: a death is recorded", events=people.where(died, *CAUSES),
            of=people, nobody=nobody, sources=("events.cause",),
        ),
        Fraction(
            tail="irae_death", label="Patients who died of an immune-related event",
            head="known to be of an immune-related event", events=people.where(died, "irae"),
            of=people, nobody=nobody, level=1, sources=("events.cause",),
        ),
    )  # fmt: skip
    of_people = fractions(draft, "", of_patients[:1], absent=question.no_deaths)
    of_irae = fractions(draft, "", of_patients[1:], absent=question.no_causes)
    rows = (
        *of_episodes.rows, *of_both.rows, *of_people.rows, *of_irae.rows,
        *_unknown_causes(question, draft),
    )  # fmt: skip
    told = table(
        question.scope, "outcome", f"What became of {question.whose}", "Outcome",
        of_episodes.columns, rows,
        "A patient may recover and die later, so that shares do not add up.",
    )  # fmt: skip
    return dict(of_episodes.keys), told


def _unknown_causes(question: Question, draft: Draft) -> list[Row]:
    """Of how many deaths the cause is not recorded, or was asked for and not found, if of any."""
    if question.no_deaths:
        return []
    words = {UNRECORDED: UNRECORDED, "unknown": "cause not found"}
    rows, before = [], draft.sources
    draft.sources = (*before, "events.cause")
    for word, label in words.items():
        members = question.with_episode.where(question.died, word)
        if question.scope.lists_all or len(members):
            tail = f"died/{word.replace(' ', '_')}/count"
            key = draft.count_in(tail, f"Patients who died, {label}", members)
            rows.append(row(label, cell("count", key), BLANK, level=1))
    draft.sources = before
    return rows


def _spans(question: Question, draft: Draft, members: Members) -> Table:
    """How long the neutropenia lasted, and how long after the last dose it began."""
    frame = members.base.frame
    lasted = days_between(frame["onset_on"], frame["recovered_on"])
    draft.sources = COUNTS
    label = "Days from the first low count to recovery"
    duration = span(draft, "duration", label, lasted, members)
    waited = pd.to_numeric(question.of_rows("days_since_dose")).astype("float64")
    draft.sources = (*COUNTS, *DRUGS)
    delay = span(draft, "delay", "Days from the last dose to the first low count", waited, members)
    draft.sources = (*COUNTS, *DEATHS, *DRUGS)
    return table(
        question.scope, "spans", "How long it lasted, and how soon it came", "Span",
        ("Median (quartiles), days", "Shortest", "Longest"), (duration, delay),
        "The duration is of those alone who were seen to recover; whoever died or was lost has "
        "none, so that it is too short for all.",
    )  # fmt: skip


def _curves_said(question: Question) -> str:
    key, day = question.scope.key, question.design.horizon_days
    recovered, died = (
        key(f"recovery/{OVERALL}/{name}/by_day_{day}/proportion") for name in ("recovered", "died")
    )
    return (
        f"By day {day} {{{recovered}:percent_ci}} had recovered and {{{died}:percent_ci}} had died "
        "before."
    )


def _said(question: Question, shares: dict[str, str]) -> tuple[Sentence, ...]:
    """What became of them, and how many had recovered or died first by the horizon."""
    key, day, members = question.scope.key, question.design.horizon_days, question.described
    recovered, died = (
        key(f"recovery/{OVERALL}/{name}/by_day_{day}/proportion") for name in ("recovered", "died")
    )
    lists_all = question.scope.lists_all
    return (
        Sentence(
            clauses(
                f"Of {question.whose}, {{{shares['recovered']}:fraction_percent_ci}} were seen to "
                f"recover to {question.clock.threshold}",
                _lasted(question),
            )
            + ".",
            needs=(shares["recovered"],),
            is_key=True,
            holds=len(members) > 0 or lists_all,
        ),
        Sentence(
            f"By day {day}, {{{recovered}:percent_ci}} had recovered and {{{died}:percent_ci}} had "
            "died first.",
            is_key=True,
            holds=len(members) >= _FEWEST and not (question.no_deaths or question.no_pairing),
        ),
    )


def _lasted(question: Question) -> str:
    """How many days it took, as a template: of one patient alone no quartiles."""
    key = question.scope.key
    n_ended = len(ended(question.described, "recovered"))
    if n_ended == 1 and not question.scope.lists_all:
        return f"it took {{{key('duration/median')}:estimate}} days"
    median = "|".join(key(f"duration/{part}") for part in ("median", "q1", "q3"))
    return f"in these it took a median of {{{median}:median_iqr}} days"
