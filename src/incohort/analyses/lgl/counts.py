"""The counts of large granular lymphocytes of each patient over time."""

from __future__ import annotations

import numpy as np
import pandas as pd

from incohort.analyses.lgl.question import Question
from incohort.cohort import lgl_counts, patient_numbers
from incohort.results import Figure, Findings, Layout, PatientTracks, Sentence, Track
from incohort.shapes import recorded
from incohort.shapes.sets import YES, Members
from incohort.shapes.tabular import figure
from incohort.shapes.telling import Draft

_LEAST, _MOST_LINES, _LINES = 0.01, 24, 12
_DAYS, _COUNT = "Days from the first count", "LGL, 10⁹/L"


def counts(question: Question) -> Findings:
    """How the counts of large granular lymphocytes ran, against the limit of the rule."""
    draft = question.telling("clonality.lgl_count", "clonality.taken_on")
    title = "The counts over time"
    if question.absent:
        layout = Layout(sentences=recorded.instead(question.absent))
        return draft.findings("counts", title, layout)
    frame = lgl_counts(question.cohort)
    base, ids = question.everybody.base, frame["patient_id"].unique()
    base.flag("has_lgl_series", base.frame["patient_id"].isin(ids))
    members = question.everybody.where("has_lgl_series", YES)
    n = draft.count_in("counts/n/count", "With LGL counts on several days", members,
                       of=question.everybody)  # fmt: skip
    limit = f"{question.design.lgl.t_limit:g} × 10⁹/L"
    said = f"LGL were counted on several days in {{{n}:count}} of those described."
    figures: tuple[Figure, ...] = ()
    if len(members):
        key = _drawn(question, draft, members, frame)
        figures = (
            figure(
                draft.scope, "counts", "tracks", f"LGL by day, with a guide at {limit}",
                f"LGL counts by day. {said}", [("LGL", [key])], x_label=_DAYS, y_label=_COUNT,
                reference=question.design.lgl.t_limit, is_log=True,
            ),
        )  # fmt: skip
    return draft.findings("counts", title, Layout(sentences=(Sentence(said),), figures=figures))


def _drawn(question: Question, draft: Draft, members: Members, frame: pd.DataFrame) -> str:
    """The series of each patient; of many some lines over the quartiles of all."""
    numbers = patient_numbers(question.cohort)
    who = set(members.frame["patient_id"])
    tracks = [
        Track(
            x=tuple(part["day"].astype(float)), y=tuple(part["lgl_count"].clip(lower=_LEAST)),
            name=str(numbers[str(patient)]),
        )
        for patient, part in frame.groupby("patient_id") if patient in who
    ]  # fmt: skip
    tracks.sort(key=lambda track: (track.x, track.y))
    shown: tuple[int, ...] = ()
    if len(tracks) > _MOST_LINES:
        by_height = sorted(range(len(tracks)), key=lambda place: max(tracks[place].y))
        places = np.linspace(0, len(tracks) - 1, _LINES).round().astype(int)
        shown = tuple(by_height[place] for place in places)
    key = draft.scope.key("counts/series")
    series = PatientTracks(
        key=key, label="LGL counts", tracks=tuple(tracks), shown=shown,
        choice=f"{_LINES} of {len(tracks)} patients, spread evenly by height" if shown else "",
        x_label=_DAYS, y_label=_COUNT, sources=draft.all_sources,
        origin=draft.scope.cohort.origin_of(key, draft.all_sources),
    )  # fmt: skip
    return draft.drawn_in(series, members)
