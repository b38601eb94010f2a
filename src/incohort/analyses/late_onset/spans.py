"""How long after the last dose neutropenia comes, how long it lasts, and whether it comes again."""

from __future__ import annotations

import numpy as np
import pandas as pd

from incohort.analyses.late_onset.question import NAMES, Question
from incohort.results import Findings, Layout, Measure, Row, Sentence
from incohort.shapes.recorded import instead
from incohort.shapes.sets import YES, Members
from incohort.shapes.tabular import cell, cells, row, table
from incohort.shapes.telling import Draft
from incohort.stats import NoEstimate
from incohort.stats.location import summarise

_DELAY = "How long after the last dose, and for how long"
_RECURRENCE = "Does it come back"
_FIRST = "the patient's first late-onset episode"
_FEW = 5  # episodes, from which on it is said how often somebody is counted
_FEW_GIVEN = 10  # patients given the drug again, from which on a percentage is told
_NO_DATE = "no such episode has both dates"
_DURATION = (
    "Durations of late-onset neutropenia run from 5 to 100 days between published series, and are "
    "never pooled here with neutropenia while a drug is taken."
)
_DEPTH = "How deep or how long it is proves no immune mechanism."


def episodes(question: Question) -> Findings:
    """Days from the last dose to the onset, and from the onset to recovery."""
    draft = question.telling()
    if question.absent:
        return draft.findings("delay", _DELAY, Layout(sentences=instead(question.absent)))
    draft.noun = "episodes"
    every, first = question.episodes, _first(question)
    n = draft.count_in("delay/episodes/count", "Late-onset episodes", every)
    rows = [
        _span(draft, "delay", "Last dose to onset, first episodes", "delay", first),
        _span(draft, "delay/all", "Last dose to onset, all episodes", "delay", every),
        _span(draft, "delay/window", "Count before to onset, all episodes", "window", every),
        _span(draft, "duration/seen", "Onset to recovery, where seen", "well_after", every),
    ]
    between, soonest = _between(draft, every)
    key, limit = draft.scope.key, question.design.recovery_threshold
    name = NAMES[question.design.definition]
    sentences = (
        Sentence(
            f"By {name} definition the first episode began a median of "
            f"{{{key('delay/median')}:estimate}} days after the last dose (from "
            f"{{{key('delay/minimum')}:estimate}} to {{{key('delay/maximum')}:estimate}}).",
        ),
        Sentence(
            "Of the onsets with a count before, half are known to within "
            f"{{{key('delay/window/median')}:estimate}} days or less.",
            holds=int(every.frame["window"].notna().sum()) >= _FEW, needs=(n,),
        ),
        *_recovered(f"Half had recovered to {limit:g} × 10⁹/L by a day", between, soonest),
    )  # fmt: skip
    heads = ("Median (quartiles), days", "Shortest", "Longest")
    tables = (
        table(
            draft.scope, "delay", f"Days, by {name} definition", "Span", heads, rows,
            "The onset is the first count that meets the definition. The delay is missing where "
            "other doses may have lain between, and the duration where no recovery was seen.",
        ),
    )  # fmt: skip
    layout = Layout(sentences=sentences, tables=tables, cautions=(_DURATION, _DEPTH))
    return draft.findings("delay", _DELAY, layout)


def _first(question: Question) -> Members:
    every, base = question.episodes, question.episodes.base
    base.flag(_FIRST, base.frame["order"].eq(1))
    return every.where(_FIRST, YES)


def _span(draft: Draft, name: str, label: str, column: str, members: Members) -> Row:
    """Quartiles and extremes of some days; an extreme is of those alone who have it."""
    base = members.base
    days = base.frame[column].astype("float64")
    known = members.where(base.flag(f"{name} known", days.notna()), YES)
    values = days[known.mask]
    answer = summarise(values.tolist())
    keys = []
    for part in ("median", "q1", "q3", "minimum", "maximum"):
        is_end, sets = part in {"minimum", "maximum"}, [known]
        value: float | NoEstimate = NoEstimate(_NO_DATE)
        if not isinstance(answer, NoEstimate):
            value = float(getattr(values, part[:3])() if is_end else getattr(answer, part))
            if is_end:
                has_it = base.flag(f"{name} {part}", days == value, known)
                sets.insert(0, known.where(has_it, YES))
        measure = Measure.MEDIAN if part == "median" else Measure.QUANTILE
        keys.append(
            draft.statistic_in(
                f"{name}/{part}", f"{label}: {part}", measure, value, sets, n=known.n_persons,
                method="" if is_end else "sample quantile, type 7", unit="d",
                quantity=f"{name}/{part}",
            )
        )  # fmt: skip
    return row(label, cell("median_iqr", *keys[:3]), *cells(("estimate", "estimate"), keys[3:]))


def _recovered(half: str, keys: tuple[str, str], soonest: float) -> tuple[Sentence, ...]:
    """Between which days half had recovered; who was low on day 0 had not recovered on it."""
    low, high = keys
    between = f"and day {{{high}:estimate}}"
    each = ": each recovery lies between two counts."
    return (
        Sentence(
            f"{half} between the onset {between} after it{each}", needs=(low,), holds=soonest == 0
        ),
        Sentence(
            f"{half} between day {{{low}:estimate}} {between} from the onset{each}",
            holds=soonest != 0,
        ),
    )


def _between(draft: Draft, every: Members) -> tuple[tuple[str, str], float]:
    """The soonest and the latest day by which half can have recovered, and the soonest itself."""
    frame = every.frame
    columns = {"low": frame["low_for"], "high": frame["well_after"].fillna(np.inf)}
    keys = []
    for name, words in (("low", "at the soonest"), ("high", "at the latest")):
        value: float | NoEstimate = NoEstimate("there is no late-onset episode")
        if len(frame):
            half = float(columns[name].astype(float).median())
            value = (
                half if np.isfinite(half) else NoEstimate("fewer than half were seen to recover")
            )
        keys.append(
            draft.statistic_in(
                f"duration/median_{name}", f"Median days to recovery, {words}", Measure.MEDIAN,
                value, (every,), n=every.n_persons, unit="d", quantity=f"duration/median_{name}",
            )
        )  # fmt: skip
    soonest = float(columns["low"].astype(float).median()) if len(frame) else np.nan
    return (keys[0], keys[1]), soonest


def recurrence(question: Question) -> Findings:
    """How many of those dosed again after a recovery had another episode."""
    draft = question.telling()
    if question.absent:
        return draft.findings("recurrence", _RECURRENCE, Layout(sentences=instead(question.absent)))
    first, base = _first(question), question.episodes.base
    frame, is_soon = base.frame, question.design.reexposure == "within_365_d"
    dosed = frame["dosed_again_soon" if is_soon else "dosed_again"]
    base.flag("given again after recovery and counted since", dosed.astype(bool))
    again = frame["again"].where(dosed.astype(bool))
    given = first.where("given again after recovery and counted since", YES)
    whole = base.everybody.where(_FIRST, YES).where(
        "given again after recovery and counted since", YES
    )
    base.flag("another late-onset episode after it", pd.Series(again, dtype=object), whole)
    events = given.where("another late-onset episode after it", YES)
    recovered = base.flag("seen to recover", frame["end"].notna())
    n = draft.count_in("recurrence/episodes/count", "Patients with a late onset", first)
    seen = draft.count_in(
        "recurrence/recovered/count", "Seen to recover", first.where(recovered, YES), first
    )
    total = draft.count_in("recurrence/given/count", "Given again and counted since", given, first)
    share = draft.share_in(
        "recurrence/proportion", "Another episode after that", events, given,
        nobody="nobody with a late onset was given the drug again after a recovery and counted",
    )  # fmt: skip
    back = draft.count_in("recurrence/again/count", "Another late-onset episode", events, given)
    is_few = len(given) < _FEW_GIVEN
    came = "After recovery and another dose late-onset neutropenia came back in"
    sentences = (
        Sentence(
            f"{came} {{{share}:fraction_percent_ci}} of those counted since.",
            needs=(total,), holds=not is_few, is_key=True,
        ),
        Sentence(
            f"{came} {{{back}:count}} of {{{total}:count}} counted since.",
            needs=(share,), holds=is_few, is_key=True,
        ),
    )  # fmt: skip
    last = cell("count", back) if is_few else cell("fraction_percent_ci", share)
    rows = [
        row("Patients with a late onset", cell("count", n)),
        row("Seen to recover", cell("count", seen), level=1),
        row("Given the drug again and counted since", cell("count", total), level=1),
        row("Another late-onset episode", last, level=2),
    ]
    note = (
        "Published: 13 of 62 (Zonozi 2021), 2 of 25 (Monaco 2016); at these sizes they don't "
        "contradict each other. Who was not counted after that dose is in no share."
    )
    tables = (table(draft.scope, "recurrence", _RECURRENCE, "Patients", ("n",), rows, note),)
    return draft.findings("recurrence", _RECURRENCE, Layout(sentences=sentences, tables=tables))
