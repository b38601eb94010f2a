"""How often immune-related neutropenia comes by a day, with death and chemotherapy competing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from incohort.analyses.checkpoint.question import DEATHS, Question
from incohort.results import Figure, Findings, Layout, Measure, Row, Sentence, clauses
from incohort.shapes import recorded
from incohort.shapes.clock import Clock, Steps
from incohort.shapes.sets import Members
from incohort.shapes.tabular import cells, figure, row, table
from incohort.shapes.telling import Draft
from incohort.shapes.times import days_between
from incohort.stats import Interval, NoEstimate, then
from incohort.stats.competing import AalenJohansen, aalen_johansen

DAYS = (90, 180, 365)
CAUSES = {
    "immune": (1, "Immune-related neutropenia"), "death": (2, "Death before it"),
    "chemotherapy": (3, "Chemotherapy before it"),
}  # fmt: skip
_ENDS = "death and the start of chemotherapy compete; a low count that can't be classified ends it"
_AXIS = "first to come, and by when"
_OPEN = "observed without any"
_COMPETING = (
    "Aalen and Johansen's estimate from the first dose: whoever dies or begins chemotherapy can't "
    "have it afterwards. Low counts of another cause do not end observation; one that can't be "
    "classified does. Where no end of follow-up is recorded "
    "patients are observed to the last count, or to a later death or chemotherapy."
)
_UNSEEN = (
    "A low count that nobody took blood for is not seen: the share is no higher than how often "
    "patients were counted lets it be."
)


@dataclass(frozen=True, eq=False)
class FirstToCome:
    """Of whom it is asked, with days from the first dose and what came first, 0 for nothing."""

    members: Members
    time: pd.Series
    cause: pd.Series

    @classmethod
    def of(cls, question: Question) -> FirstToCome:
        """Those who were treated from a known day on, and not low before."""
        days = _days(question)
        order = ("immune", "death", "chemotherapy", "open", "end")
        time = days[list(order)].min(axis=1)
        first = np.select([days[name] == time for name in order], [1, 2, 3, 0, 0], default=0)
        cause = pd.Series(first, index=time.index).where(time.notna(), 0)
        words = [_word(t, c) for t, c in zip(time, cause, strict=True)]
        base = question.everybody.base
        axis = base.cut(_AXIS, pd.Series(words, dtype="object"), _WORDS)
        return cls(question.not_low.known(axis), time, cause)

    def had(self, name: str, day: int) -> Members:
        """Those to whom a cause had come by a day."""
        words = [f"{name}, {band}" for band, last in _BANDS.items() if last <= day]
        return self.members.where(_AXIS, *words)

    def estimate(self, conf_level: float) -> AalenJohansen | NoEstimate:
        """Aalen and Johansen's curves."""
        mask = self.members.mask
        time, cause = self.time[mask], self.cause[mask]
        return aalen_johansen(
            time.to_numpy(dtype=np.float64), cause.to_numpy(dtype=np.int64), conf_level=conf_level
        )


_EDGES = (0, *DAYS)
_BANDS = {
    **{f"day {low + 1} to {high}" if low else f"to day {high}": float(high)
       for low, high in pairwise(_EDGES)},
    f"after day {DAYS[-1]}": np.inf,
}  # fmt: skip
_WORDS = (*(f"{name}, {band}" for name in CAUSES for band in _BANDS), _OPEN)


def _word(time: float, cause: int) -> str | None:
    if pd.isna(time):
        return None
    if not cause:
        return _OPEN
    band = next(band for band, last in _BANDS.items() if time <= last)
    return f"{[*CAUSES][cause - 1]}, {band}"


def _days(question: Question) -> pd.DataFrame:
    """Days from the first dose to each of what may come, a row each patient of the cohort."""
    follow, frame = question.follow_up, question.frame
    zero = follow["first_dose_on"]

    def onset(name: str) -> pd.Series:
        own = frame[frame["attribution"].eq(name) & frame["onset_on"].notna()]
        first = own.groupby("patient_id")["onset_on"].min()
        return follow["patient_id"].map(first)

    columns = {
        "immune": onset("immune_related"),
        "open": onset("unclassified"),
        "death": follow["died_on"],
        "chemotherapy": follow["chemotherapy_on"],
        "last_count": follow["last_count_on"],
        "end": follow["followed_until"],
    }
    days = pd.DataFrame({name: days_between(zero, day) for name, day in columns.items()})
    days = days.where(days >= 0)
    other = days[["death", "chemotherapy"]].min(axis=1)
    until = days["last_count"].where(~(other > days["last_count"]), other).fillna(other)
    return days.assign(end=days["end"].fillna(until))


def incidence(question: Question) -> Findings:
    """The share with immune-related neutropenia by a day, and of what came before it."""
    draft = question.telling(*DEATHS)
    asked = FirstToCome.of(question)
    answer = asked.estimate(question.scope.conf_level)
    rows = [_row(draft, asked, answer, day) for day in DAYS]
    n = draft.count_in("incidence/n/count", "Treated from a known day on", asked.members)
    curves = [_curve(draft, asked, answer, name) for name in ("immune", "death")]
    uncounted = question.never_counted(asked.members)
    n_uncounted = draft.count_in(
        "incidence/uncounted/count", "Of these never counted after the first dose", uncounted
    )
    key, last = question.scope.key, DAYS[-1]
    layout = Layout(
        sentences=(
            *recorded.instead(question.absent),
            Sentence(
                clauses(
                    f"Within {last} days of the first dose "
                    f"{{{key(f'incidence/{last}')}:percent_ci}} of {{{n}:count}} treated had "
                    f"immune-related neutropenia of grade {question.rules.grade} or deeper, death "
                    "and chemotherapy competing",
                    *(
                        (f"{{{n_uncounted}:count}} of these were never counted after it",)
                        if question.scope.lists_all or len(uncounted)
                        else ()
                    ),
                )
                + ".",
                needs=(key(f"incidence/{last}"), n),
                is_key=True,
                holds=question.has_immune,
            ),
        ),
        tables=() if question.absent else (
            table(
                question.scope, "incidence", "What came first, by days from the first dose",
                "By day", [f"{label} ({question.scope.level} CI)" for _, label in CAUSES.values()],
                rows, _COMPETING, _UNSEEN,
            ),
        ),
        figures=_figures(question, draft, curves),
    )  # fmt: skip
    return draft.findings("incidence", "How often does it come?", layout)


def _row(draft: Draft, asked: FirstToCome, answer: AalenJohansen | NoEstimate, day: int) -> Row:
    keys = []
    for name, (cause, label) in CAUSES.items():
        tail = f"incidence/{day}" if name == "immune" else f"incidence/{name}/{day}"
        had = asked.had(name, day)
        draft.ends = _ENDS
        keys.append(
            draft.interval_in(
                tail, f"{label} by day {day}", Measure.PROPORTION, _by(draft, answer, cause, day),
                asked.members, rests_on=(had, asked.members.less(had)),
                quantity=f"{name} by day {day}",
            )
        )  # fmt: skip
        draft.ends = ""
    return row(f"Day {day}", *cells(("percent_ci",) * 3, keys))


def _by(
    draft: Draft, answer: AalenJohansen | NoEstimate, cause: int, day: int
) -> Interval | NoEstimate:
    """The share by a day with its limits; a reason where nobody was followed that long."""
    if isinstance(answer, NoEstimate):
        return answer
    if day > float(answer.time[-1]) and answer.survival[-1] > 0:
        return NoEstimate("nobody was followed that long")
    curve = answer.of(cause)
    if isinstance(curve, NoEstimate):
        return NoEstimate("it came to nobody, so that the curve has no limits")
    at = curve.at([float(day)])
    share = float(at.cumulative_incidence[0])
    if not at.has_limits[0]:
        return NoEstimate("it came to nobody by then, so that the curve has no limits")
    return Interval(
        estimate=share, ci_low=float(at.ci_low[0]), ci_high=float(at.ci_high[0]),
        conf_level=draft.scope.conf_level, method=curve.method,
    )  # fmt: skip


def _curve(draft: Draft, asked: FirstToCome, answer: AalenJohansen | NoEstimate, name: str) -> str:
    """The key of a curve, or of why there is none."""
    cause, label = CAUSES[name]
    tail, members = f"incidence/{name}/curve", asked.members
    if draft.absent:
        return draft.none_in(tail, label, draft.absent, members)
    curve = then(answer, lambda curves: curves.of(cause))
    if isinstance(curve, NoEstimate):
        return draft.no_curve_in(tail, label, "it came to nobody", members)
    at = np.minimum(np.searchsorted(curve.time, asked.time[members.mask]), len(curve.time) - 1)
    counts = np.bincount(at, minlength=len(curve.time))
    steps = Steps.of(curve, tuple(int(n) for n in counts))
    clock = Clock(
        threshold="", zero="the first dose", days="Days from the first dose", has_died=True
    )
    drawn = steps.drawn(draft, clock, tail, label, members.n_persons)
    return draft.drawn_in(drawn, members, f"incidence of {name}")


def _figures(question: Question, draft: Draft, curves: list[str]) -> tuple[Figure, ...]:
    if not question.has_immune or question.absent:
        return ()
    last = question.scope.key(f"incidence/{DAYS[-1]}")
    return (
        figure(
            question.scope, "incidence", "curves",
            "Immune-related neutropenia and death before it, from the first dose",
            f"By day {DAYS[-1]}, {{{last}:percent_ci}} had immune-related neutropenia.",
            [(draft.results[key].label, [key]) for key in curves],
            x_label="Days from the first dose", y_label="Cumulative incidence",
        ),
    )  # fmt: skip
