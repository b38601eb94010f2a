"""Each patient's counts against days from time zero, and each episode as a bar."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from incohort.analyses.anc_recovery.covariates import Known
from incohort.analyses.anc_recovery.question import Question
from incohort.cohort import patient_numbers
from incohort.cohort.derived import once
from incohort.results import Findings, Layout, PatientTracks, Sentence, Track, clauses
from incohort.shapes.clock import TimesDraft
from incohort.shapes.tabular import figure
from incohort.shapes.times import DIED, RECOVERED, Vector, days_between

_BEFORE_DAYS, _AFTER_DAYS = 14, 14
_LEAST = 0.01  # 10⁹/L: where a count of 0 stands on a logarithmic axis
_HORIZONS, _MOST_SHOWN = 2, 0.75
_COUNTS = "Neutrophils, 10⁹/L"
_SHOWN = 60  # bars that can still be told apart
_MOST_LINES, _LINES = 24, 12  # more are drawn as quartiles, with so many over them
# When a drug was started and stopped.
_DRUGS = {
    "suspect_drug": ("suspect_started_on", "withdrawn_on"),
    "gcsf": ("gcsf_started_on", "gcsf_stopped_on"),
}


def trajectories(question: Question) -> Findings:
    """The counts of each analysed episode, and a swimmer plot of the episodes."""
    draft = question.telling("medications.started_on", "medications.stopped_on")
    tracks = [] if question.absent else _tracks(question)
    counts, episodes = _counts(draft, tracks), _bars(draft, tracks)
    ends = _ends(draft)
    note = Sentence(
        f"Counts are shown from {_BEFORE_DAYS} days before time zero, or the onset, to "
        f"{_AFTER_DAYS} days after the end of the episode. A count of 0 stands at {_LEAST:g}, and "
        "one known on one side only at its limit. Where at least three in four episodes are over "
        f"by day {_HORIZONS * question.design.horizon_days}, twice the horizon, nothing later is "
        "shown, and what lasts longer is marked as going on.",
        needs=(counts,),
    )
    figures = (
        figure(
            draft.scope, "tracks", "tracks",
            f"Neutrophil counts against days from {question.zero.label}",
            f"Neutrophil counts by day, with a guide at {question.clock.threshold}. {ends}",
            [("Neutrophil counts", [counts])], x_label=question.clock.days, y_label=_COUNTS,
            reference=question.choices.recovered_from, is_log=True,
        ),
        figure(
            draft.scope, "tracks/swimmer", "swimmer",
            "Episodes as bars; a drug of which only the start or the stop is known is a mark on "
            "that day",
            f"Episodes as bars, with the suspect drug and G-CSF in them. {ends}",
            [("Episodes", [episodes])], x_label=question.clock.days,
        ),
    )  # fmt: skip
    layout = Layout(figures=figures if tracks else (), sentences=(note,))
    return draft.findings("tracks", "How did the counts run?", layout)


def _choice(chosen: Sequence[int], n_all: int) -> str:
    """How some of many were chosen; empty of all."""
    if len(chosen) == n_all:
        return ""
    return f"{len(chosen)} of {n_all} episodes, spread evenly over all by length"


def _ends(draft: TimesDraft) -> str:
    """How the episodes ended, as a template: those numbers of it that may be told."""
    n, recovered, died, censored = draft.outcomes_in("tracks", "Episodes", draft.analysed)
    how = clauses(
        f"{{{recovered}:count}} ended in recovery",
        f"{{{died}:count}} in death before it",
        f"{{{censored}:count}} were censored",
    )
    return f"Of {{{n}:count}} episodes {how}."


def _counts(draft: TimesDraft, tracks: list[Track]) -> str:
    """The counts of each episode, and which episodes have a line where they are many."""
    lines = _spread(tracks, _LINES) if len(tracks) > _MOST_LINES else []
    choice = _choice(lines, len(tracks)) if lines else ""
    return _drawn(draft, "tracks/counts", "Neutrophil counts", tracks, tuple(lines), choice)


def _bars(draft: TimesDraft, tracks: list[Track]) -> str:
    """When drugs were given in each episode and how it ended; of many episodes of some."""
    places = _spread(tracks, _SHOWN)
    bars = [replace(tracks[place], x=(), y=()) for place in places]
    return _drawn(draft, "tracks/episodes", "Episodes", bars, choice=_choice(places, len(tracks)))


def _drawn(
    draft: TimesDraft, tail: str, label: str, tracks: list[Track], shown: tuple[int, ...] = (),
    choice: str = "",
) -> str:  # fmt: skip
    """Patients' series as a result, or why there are none."""
    if not tracks:
        return draft.no_steps_in(tail, label, "", draft.analysed)
    key, sources = draft.scope.key(tail), draft.all_sources
    series = PatientTracks(
        key=key, label=label, tracks=tuple(tracks), shown=shown, choice=choice,
        x_label=draft.clock.days, y_label=_COUNTS, sources=sources,
        origin=draft.scope.cohort.origin_of(key, sources),
    )  # fmt: skip
    return draft.drawn_in(series, draft.analysed, "")


def _spread(tracks: list[Track], most: int) -> list[int]:
    """The places of the episodes, the longest first; of too many an even choice by length."""
    ordered = sorted(
        range(len(tracks)), reverse=True,
        key=lambda n: (
            max((day for _, day in tracks[n].marks), default=0.0), *sorted(tracks[n].y)
        ),
    )  # fmt: skip
    if len(ordered) <= most:
        return ordered
    return [ordered[place] for place in np.linspace(0, len(ordered) - 1, most).round().astype(int)]


def _tracks(question: Question) -> list[Track]:
    """One track an episode, ordered by what they show and not by who they are."""
    counts = question.counts
    day = pd.to_numeric(counts["day"]).to_numpy(dtype=np.float64, na_value=np.nan)
    value = counts["anc"].to_numpy(dtype=np.float64)
    places = counts.groupby(["patient_id", "episode"], sort=False).indices
    numbers, reach = once(question.cohort, patient_numbers), _reach(question)
    frame = question.timed.assign(infected=Known(question).infected_on)
    for dated in ("onset_on", *chain(*_DRUGS.values())):
        frame[dated] = days_between(frame["time_zero"], frame[dated])
    tracks = []
    for episode in frame.to_dict("records"):
        name = str(numbers[episode["patient_id"]])
        if question.design.episodes == "all":
            name = f"{name}, episode {episode['episode']}"
        place = places.get((episode["patient_id"], episode["episode"]), [])
        track = _track(episode, (day[place], value[place]), reach)
        tracks.append(replace(track, name=name))
    return sorted(tracks, key=lambda track: (track.x, track.y, track.marks))


def _reach(question: Question) -> float:
    """The last day shown: twice the horizon, so that a few late ones don't press all together.

    Where more than a quarter of the episodes last longer than that, they are shown whole.
    """
    last, time = _HORIZONS * question.design.horizon_days, question.times.time
    return float(last) if (time <= last).sum() >= _MOST_SHOWN * len(time) else math.inf


def _track(row: Mapping[Any, Any], counts: tuple[Vector, Vector], reach: float) -> Track:
    """An episode's counts as far as they are shown, its drugs, its infection and its end."""
    time, infected = float(row["time"]), float(row["infected"])
    first, last = min(-float(_BEFORE_DAYS), row["onset_on"]), min(time + _AFTER_DAYS, reach)
    day, value = counts
    shown = (day >= first) & (day <= last)
    end = {RECOVERED: "recovered", DIED: "death"}.get(row["cause"], "censored")
    marks = [(end, time)] if time <= reach else [("goes_on", reach)]
    shown_to = min(time, reach)
    if infected <= shown_to:
        marks.insert(0, ("severe_infection", infected))
    spans, ends = _given(row, first, shown_to)
    return Track(
        x=tuple(day[shown].tolist()), y=tuple(np.maximum(value[shown], _LEAST).tolist()),
        spans=spans, marks=(*ends, *marks),
    )  # fmt: skip


def _given(
    row: Mapping[Any, Any], first: float, time: float
) -> tuple[tuple[tuple[str, float, float], ...], tuple[tuple[str, float], ...]]:
    """When the suspect and G-CSF were given, as far as the figure reaches.

    A span where both ends are known; where one is, a mark there, since the other would be made up.
    """
    given = {"suspect_drug": row["suspect_drug"] is not None, "gcsf": row["has_gcsf"] is True}
    spans, marks = [], []
    for kind, dates in _DRUGS.items():
        start, stop = (row[dated] for dated in dates)
        if not given[kind]:
            continue
        if math.isnan(start) or math.isnan(stop):
            days = {f"{kind}_started": start, f"{kind}_stopped": stop}
            marks += [(name, day) for name, day in days.items() if first <= day <= time]
        elif max(start, first) <= min(stop, time):
            spans.append((kind, max(start, first), min(stop, time)))
    return tuple(spans), tuple(marks)
