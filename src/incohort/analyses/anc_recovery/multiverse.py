"""How much each choice matters: threshold, confirmation, time zero and method, all combined."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from incohort.analyses.anc_recovery.frames import episodes_of, times_of
from incohort.analyses.anc_recovery.question import GCSF, Question
from incohort.cohort import RecoveryChoices
from incohort.cohort.recovery_choices import TIME_ZEROS, Confirmation, TimeZero
from incohort.results import (
    Estimate,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Measure,
    Row,
    Series,
    clauses,
)
from incohort.shapes.episodes import meets_criteria, rows_of
from incohort.shapes.recorded import no_table
from incohort.shapes.sets import Base, Members
from incohort.shapes.tabular import cells, row, table
from incohort.shapes.telling import Told, telling
from incohort.shapes.times import CENSORED, DIED, RECOVERED, Times
from incohort.stats import Interval, NoEstimate
from incohort.stats.causal import TreatmentEffect, ever_never, landmark_effect, time_varying
from incohort.stats.interval import imputed_times
from incohort.stats.survival import kaplan_meier

_THRESHOLDS = (0.5, 1.0, 1.5)
_ZERO_COLUMNS: dict[TimeZero, str] = {
    "withdrawal": "withdrawn",
    "nadir": "nadir_day",
    "first_low": "onset",
    "admission": "admitted",
}
_ZERO_WORDS: dict[TimeZero, str] = {
    "withdrawal": "withdrawal", "nadir": "nadir", "first_low": "first low count",
    "admission": "admission",
}  # fmt: skip
_PARTS = ("threshold", "confirmation", "time zero", "method")
# Of each kind of number what it is called, and the methods in keys and in print.
_KINDS = {
    "median": (
        "Median days to recovery, if nobody had died",
        {"first_count": "first count", "middle": "middle of interval"},
    ),
    "hazard_ratio": (
        "Hazard ratio with G-CSF",
        {"ever_never": "ever/never", "time_varying": "time-varying", "landmark": "landmark"},
    ),
}
_MARKED = {"median": "first count", "hazard_ratio": "time-varying"}
_CAUTIONS = (
    (
        "The dots of one figure are the same patients counted again, not further evidence; "
        "none of them is right because most agree. Whoever has no date for a time zero "
        "falls out under it, so the patients differ, too."
    ),
    (
        "Where the neutropenia began only after a time zero, the days before it count as "
        "days without recovery in the medians of that time zero."
    ),
    "G-CSF's effect is unadjusted here: ever/never is misleading under every choice.",
)
# What became of an episode by one clock, and by G-CSF: the categories of a column.
_ENDS = {CENSORED: "censored", RECOVERED: "recovered", DIED: "died"}
_GIVEN, _NOT_GIVEN, _UNKNOWN, _EARLY = "G-CSF", "no G-CSF", "G-CSF not known", "not yet low"
_TREATMENTS = (_GIVEN, _NOT_GIVEN, _UNKNOWN, _EARLY)
_LEFT_OUT = "left out"


_Answer = tuple[Interval, int] | NoEstimate  # with how many patients it is of


@dataclass(frozen=True, kw_only=True)
class Specification:
    """One way through the choices, and the episodes that it leads to, among those described."""

    threshold: float
    confirmation: str
    time_zero: TimeZero
    described: Members
    axis: str
    all_times: Times

    def members(self, ends: Sequence[str] = (), given: Sequence[str] = ()) -> Members:
        """The episodes that ended in one of these ways, and with or without G-CSF."""
        words = map(", ".join, product(ends or _ENDS.values(), given or _TREATMENTS))
        return self.described.where(self.axis, *words)

    def times_of(self, members: Members) -> Times:
        """The times of some of them."""
        return self.all_times.where(members.mask.to_numpy(dtype=bool))

    @property
    def times(self) -> Times:
        """All of them."""
        return self.times_of(self.members())

    def words(self, method: str) -> dict[str, str]:
        """The choices as the figure prints them."""
        own = (f"{self.threshold:g}", self.confirmation, _ZERO_WORDS[self.time_zero], method)
        return dict(zip(_PARTS, own, strict=True))

    def tail(self, method: str) -> str:
        """The choices as they stand in a key."""
        words = (f"{self.threshold:g}".replace(".", "_"), self.confirmation.replace(" ", "_"))
        return "/".join((*words, self.time_zero, method))


@dataclass(frozen=True, slots=True, eq=False)
class _Number:
    """One estimate, the choices that led to it, and what it rests on."""

    words: dict[str, str]
    key: str
    of: Members
    sets: tuple[Members, ...]

    @property
    def fewest(self) -> int:
        """The fewest patients that it rests on."""
        return min(members.n_persons for members in self.sets)


def multiverse(question: Question) -> Findings:
    """The median time and the effect of G-CSF under every combination of the choices."""
    absent = no_table(question.cohort, "labs")
    sources = dict.fromkeys((*question.sources, "medications.stopped_on", *GCSF))
    told = telling(question.scope, *sources)
    specifications = [] if absent else list(_specifications(question))
    tables, figures = [], []
    for kind, (label, methods) in _KINDS.items():
        numbers = [
            _number(question, told, kind, specification, method, word)
            for specification in specifications
            for method, word in methods.items()
        ]
        wanted = _wanted(question, kind)
        marked = next((one for one in numbers if one.words == wanted), None)
        rows = _ends(question, told, kind, numbers, marked)
        tables.append(
            table(
                told.scope, f"multiverse/{kind}", f"{label}: how far it moves", "What changes",
                ("Lowest", "Highest"), rows,
                "Where only one choice changes, the others are those of this report.",
            )
        )  # fmt: skip
        if any(isinstance(told.results[one.key], Estimate) for one in numbers):
            figures.append(_figure(told, kind, numbers, marked))
    layout = Layout(tables=tuple(tables), figures=tuple(figures), cautions=_CAUTIONS)
    return told.findings("multiverse", "How much does each choice matter?", layout)


def _specifications(question: Question) -> Iterator[Specification]:
    chosen = question.choices
    confirmations: list[Confirmation] = ["none", "next_count"]
    confirmations += ["days"] if chosen.confirmation == "days" else []
    thresholds = sorted({*_THRESHOLDS, chosen.recovered_from})
    for threshold, confirmation in product(thresholds, confirmations):
        choices = replace(chosen, recovery_threshold=threshold, confirmation=confirmation)
        unit = f"episodes, recovery from {threshold:g}, confirmation {_confirmed(choices)}"
        base = Base(unit, _episodes(question, choices))
        described = rows_of(question.population.members, base)
        for zero in TIME_ZEROS:
            yield _specification(question, described, choices, zero)


def _confirmed(choices: RecoveryChoices) -> str:
    words = {
        "none": "none",
        "next_count": "next count",
        "days": f"{choices.confirmation_days} days",
    }
    return words[choices.confirmation]


def _episodes(question: Question, choices: RecoveryChoices) -> pd.DataFrame:
    """The cohort's episodes by some choices; those that meet the criteria where asked for."""
    frame = times_of(question.cohort, choices)
    if question.design.criteria == "all" or not len(frame):
        return frame
    flags = episodes_of(question.cohort, replace(choices, time_zero="first_low"))
    met = flags.loc[meets_criteria(flags), ["patient_id", "episode"]].astype({"episode": "int64"})
    return frame.merge(met, on=["patient_id", "episode"])


def _specification(
    question: Question, described: Members, choices: RecoveryChoices, zero: TimeZero
) -> Specification:
    """Another time zero moves the clock: whoever ended before it, or has none, falls out."""
    base, frame = described.base, described.base.frame
    number = {name: _days(frame[name]) for name in ("onset", "last_low", "end", "gcsf_started")}
    start = _days(frame[_ZERO_COLUMNS[zero]])
    time, cause = number["end"] - start, frame["cause"].to_numpy(dtype=np.int64)
    patients, is_kept = frame["patient_id"], pd.Series(time >= 0, index=frame.index)
    if question.design.episodes == "first":
        is_later = patients[is_kept].duplicated().reindex(frame.index, fill_value=False)
        is_kept &= ~is_later
    given = frame["has_gcsf"]
    started = np.where(given.eq(other=True), number["gcsf_started"] - start, np.nan)
    treated_at = np.where(given.eq(other=False), np.inf, started).astype(np.float64)
    treatment = np.select(
        [~(number["onset"] <= start), np.isnan(treated_at), treated_at < time],
        [_EARLY, _UNKNOWN, _GIVEN],
        _NOT_GIVEN,
    )
    words = frame["cause"].map(_ENDS).astype(object) + ", " + treatment
    every = map(", ".join, product(_ENDS.values(), _TREATMENTS))
    axis = base.cut(
        f"from {_ZERO_WORDS[zero]}", words.where(is_kept, _LEFT_OUT), (*every, _LEFT_OUT)
    )
    return Specification(
        threshold=choices.recovered_from,
        confirmation=_confirmed(choices),
        time_zero=zero,
        described=described,
        axis=axis,
        all_times=Times(
            patient=np.asarray(pd.factorize(patients)[0], dtype=np.int64),
            time=time,
            cause=cause,
            left=np.maximum(number["last_low"] - start, 0),
            right=np.where(cause == RECOVERED, time, np.inf),
            treated_at=treated_at,
        ),
    )


def _days(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)


def _number(
    question: Question, told: Told, kind: str, specification: Specification, method: str, word: str
) -> _Number:
    """One estimate, or why there is none."""
    words = specification.words(word)
    tail = f"multiverse/{kind}/{specification.tail(method)}"
    label = "; ".join(f"{name}={value}" for name, value in words.items())
    given = () if kind == "median" else (_GIVEN, _NOT_GIVEN)
    of = specification.members(given=given)
    sets = (
        *(specification.members(given=(one,)) for one in given),
        specification.members(("recovered",), given),
    )
    number = _Number(words, told.scope.key(tail), of, sets)
    times = specification.times_of(of)
    answer = (_median if kind == "median" else _ratio)(question, times, method)
    if isinstance(answer, NoEstimate):
        told.none(tail, label, answer.reason, n=number.fewest)
    else:
        interval, n = answer
        is_median = kind == "median"
        told.estimate(
            tail, label, Measure.MEDIAN if is_median else Measure.HAZARD_RATIO, interval.estimate,
            ci=(interval.ci_low, interval.ci_high, interval.conf_level), n=n,
            unit="d" if is_median else "", method=interval.method,
        )  # fmt: skip
    nobody = [of.nobody] if isinstance(answer, NoEstimate) else []  # of whom a reason tells
    told.worked_out(number.key, [*sets, *nobody], of=of)
    return number


def _median(question: Question, times: Times, method: str) -> _Answer:
    time, event = times.time, times.event
    if method == "middle" and times.n:
        time, event = imputed_times(times.left, times.right, placement="midpoint")
    curve = kaplan_meier(time, event, conf_level=question.conf_level)
    answer = curve if isinstance(curve, NoEstimate) else curve.quantile(0.5)
    return answer if isinstance(answer, NoEstimate) else (answer, times.persons())


def _ratio(question: Question, times: Times, method: str) -> _Answer:
    if not times.n:
        return NoEstimate("nobody can be compared")
    given, level = (times.time, times.event, times.treated_at), question.conf_level
    effect: TreatmentEffect | NoEstimate
    match method:
        case "ever_never":
            effect = ever_never(*given, conf_level=level)
        case "time_varying":
            effect = time_varying(*given, conf_level=level)
        case _:
            at = float(question.design.landmark_day)
            effect = landmark_effect(*given, at=at, conf_level=level)
    if isinstance(effect, NoEstimate):
        return effect
    values = (effect.hazard_ratio, effect.ci_low, effect.ci_high)
    if not np.isfinite(values).all() or min(values) <= 0:
        return NoEstimate("the data set no limit to the effect")
    interval = Interval(
        estimate=effect.hazard_ratio, ci_low=effect.ci_low, ci_high=effect.ci_high,
        conf_level=effect.conf_level, method=effect.method,
    )  # fmt: skip
    return interval, effect.n


def _wanted(question: Question, kind: str) -> dict[str, str]:
    """The choices that the report uses."""
    chosen = question.choices
    own = (f"{chosen.recovered_from:g}", _confirmed(chosen), _ZERO_WORDS[chosen.time_zero])
    return dict(zip(_PARTS, (*own, _MARKED[kind]), strict=True))


def _ends(
    question: Question, told: Told, kind: str, numbers: Sequence[_Number], marked: _Number | None
) -> Iterator[Row]:
    """From the lowest to the highest: over all, and where only one choice changes."""
    varied = {"all": ("All combinations", list(numbers))}
    for part in _PARTS:
        others = [name for name in _PARTS if name != part]
        some = [
            one for one in numbers
            if marked and all(one.words[name] == marked.words[name] for name in others)
        ]  # fmt: skip
        varied[part.replace(" ", "_")] = (f"Only the {part} changes", some)
    for name, (text, some) in varied.items():
        keys = [
            _end(question, told, (f"multiverse/{kind}/{name}/{end}", f"{text}: {end}"), some, end)
            for end in ("lowest", "highest")
        ]
        yield row(text, *cells(("estimate", "estimate"), keys))


def _end(
    question: Question, told: Told, named: tuple[str, str], some: Sequence[_Number], end: str
) -> str:
    """The lowest or highest of some numbers; it tells of all, so it rests on the weakest."""
    absent, everybody = no_table(question.cohort, "labs"), question.sets.analysed
    if absent:
        return told.none_in(*named, absent, everybody)
    there = {one: r for one in some if isinstance(r := told.results[one.key], Estimate)}
    if not there:
        key = told.none(*named, "no combination gives an estimate", n=0)
        return told.worked_out(key, [everybody.nobody])
    result = (min if end == "lowest" else max)(there.values(), key=lambda r: r.value)
    key = told.estimate(
        *named, result.measure, result.value, n=result.n, unit=result.unit, method=result.label
    )
    weakest = min(there, key=lambda one: one.fewest)
    return told.worked_out(key, weakest.sets, of=weakest.of)


def _figure(told: Told, kind: str, numbers: Sequence[_Number], marked: _Number | None) -> Figure:
    key, label = told.scope.key, _KINDS[kind][0]
    low, high = (key(f"multiverse/{kind}/all/{end}") for end in ("lowest", "highest"))
    said = [f"from {{{low}:estimate}} to {{{high}:estimate}}"]
    said += [f"chosen here: {{{marked.key}:estimate_ci}}"] if marked else []
    is_ratio = kind == "hazard_ratio"
    return Figure(
        key=key(f"multiverse/{kind}/figure"),
        kind=FigureKind.MULTIVERSE,
        caption=f"{label} under every combination of the choices",
        alt=f"Estimates {clauses(*said)}. Below them a dot in each row that says what was chosen.",
        series=tuple(Series(told.results[one.key].label, (one.key,)) for one in numbers),
        y_label=label,
        reference=1 if is_ratio else None,
        is_log=is_ratio,
        marked=marked.key if marked else "",
    )
