"""How much each choice matters: threshold, confirmation, time zero and method, all combined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from incohort.analyses.anc_recovery.frames import episodes_of, times_of
from incohort.analyses.anc_recovery.question import GCSF, Question
from incohort.analyses.anc_recovery.tally import Tally, tally
from incohort.cohort import RecoveryChoices
from incohort.cohort.recovery_choices import TIME_ZEROS, Confirmation, TimeZero
from incohort.results import (
    Cell,
    CellKind,
    Column,
    Estimate,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Measure,
    Row,
    Series,
    Table,
    clauses,
)
from incohort.shapes.episodes import meets_criteria
from incohort.shapes.times import RECOVERED, Times
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
_MEDIANS = {"first_count": "first count", "middle": "middle of interval"}
_RATIOS = {"ever_never": "ever/never", "time_varying": "time-varying", "landmark": "landmark"}
_PARTS = ("threshold", "confirmation", "time zero", "method")


@dataclass(frozen=True, slots=True, kw_only=True)
class Specification:
    """One way through the choices, and the episodes that it leads to."""

    threshold: float
    confirmation: str
    time_zero: TimeZero
    times: Times
    has_begun: np.ndarray

    def words(self, method: str) -> dict[str, str]:
        """The choices as the figure prints them."""
        return dict(
            zip(
                _PARTS,
                (f"{self.threshold:g}", self.confirmation, _ZERO_WORDS[self.time_zero], method),
                strict=True,
            )
        )

    def tail(self, method: str) -> str:
        """The choices as they stand in a key."""
        words = (f"{self.threshold:g}".replace(".", "_"), self.confirmation.replace(" ", "_"))
        return "/".join((*words, self.time_zero, method))


def multiverse(question: Question) -> Findings:
    """The median time and the effect of G-CSF under every combination of the choices."""
    made = tally(question, "medications.stopped_on", *GCSF)
    specifications = [] if question.no_table("labs") else list(_specifications(question))
    medians = _all_of(question, made, specifications, "median", _MEDIANS)
    ratios = _all_of(question, made, specifications, "hazard_ratio", _RATIOS)
    marked = {
        "median": _marked(question, medians, "first count"),
        "hazard_ratio": _marked(question, ratios, "time-varying"),
    }
    parts = (("median", medians, "Median days to recovery, if nobody had died", CellKind.ESTIMATE),
             ("hazard_ratio", ratios, "Hazard ratio with G-CSF", CellKind.ESTIMATE))  # fmt: skip
    tables = tuple(
        _table(question, made, kind, found, marked[kind], label) for kind, found, label, _ in parts
    )
    figures = tuple(
        figure
        for kind, found, label, _ in parts
        for figure in _figure(question, made, kind, found, marked[kind], label)
    )
    layout = Layout(
        tables=tables,
        figures=figures,
        cautions=(
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
        ),
    )
    return question.scope.findings("multiverse", "How much does each choice matter?", made, layout)


def _specifications(question: Question) -> Iterator[Specification]:
    chosen = question.choices
    confirmations: list[Confirmation] = ["none", "next_count"]
    confirmations += ["days"] if chosen.confirmation == "days" else []
    for threshold in sorted({*_THRESHOLDS, chosen.recovered_from}):
        for confirmation in confirmations:
            choices = replace(chosen, recovery_threshold=threshold, confirmation=confirmation)
            frame = question.of_described(_episodes(question, choices))
            for zero in TIME_ZEROS:
                yield _specification(question, frame, choices, zero)


def _episodes(question: Question, choices: RecoveryChoices) -> pd.DataFrame:
    """The episodes of some choices, those that meet the criteria where these are asked for."""
    frame = times_of(question.cohort, choices)
    if question.design.criteria == "all" or not len(frame):
        return frame
    flags = episodes_of(question.cohort, replace(choices, time_zero="first_low"))
    met = flags.loc[meets_criteria(flags), ["patient_id", "episode"]].astype({"episode": "int64"})
    return frame.merge(met, on=["patient_id", "episode"])


def _specification(
    question: Question, frame: pd.DataFrame, choices: RecoveryChoices, zero: TimeZero
) -> Specification:
    """Another time zero moves the clock: whoever ended before it, or has none, falls out."""
    number = {name: _days(frame[name]) for name in ("onset", "last_low", "end", "gcsf_started")}
    start = _days(frame[_ZERO_COLUMNS[zero]])
    time = number["end"] - start
    kept = frame[time >= 0]
    if question.design.episodes == "first":
        kept = kept.drop_duplicates("patient_id")
    rows = frame.index.isin(kept.index)
    codes, _ = pd.factorize(kept["patient_id"])
    given = kept["has_gcsf"]
    started = np.where(given.eq(other=True), (number["gcsf_started"] - start)[rows], np.nan)
    cause = kept["cause"].to_numpy(dtype=np.int64)
    horizon = np.where(cause == RECOVERED, time[rows], np.inf)
    confirmation = {
        "none": "none",
        "next_count": "next count",
        "days": f"{choices.confirmation_days} days",
    }[choices.confirmation]
    return Specification(
        threshold=choices.recovered_from,
        confirmation=confirmation,
        time_zero=zero,
        times=Times(
            patient=np.asarray(codes, dtype=np.int64),
            time=time[rows],
            cause=cause,
            left=np.maximum((number["last_low"] - start)[rows], 0),
            right=horizon,
            treated_at=np.where(given.eq(other=False), np.inf, started).astype(np.float64),
        ),
        has_begun=(number["onset"] <= start)[rows],
    )


def _days(column: pd.Series) -> np.ndarray:
    return pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)


@dataclass(frozen=True, slots=True)
class _Found:
    """One estimate and the choices that led to it."""

    words: dict[str, str]
    key: str


def _all_of(
    question: Question,
    made: Tally,
    specifications: list[Specification],
    kind: str,
    methods: dict[str, str],
) -> list[_Found]:
    """Every estimate of one kind, by specification and method."""
    found = []
    for one in specifications:
        for method, word in methods.items():
            words = one.words(word)
            label = "; ".join(f"{name}={value}" for name, value in words.items())
            tail = f"multiverse/{kind}/{one.tail(method)}"
            key = (
                _median(question, made, one, method, (tail, label))
                if kind == "median"
                else _ratio(question, made, one, method, (tail, label))
            )
            found.append(_Found(words, key))
    return found


def _median(
    question: Question, made: Tally, one: Specification, method: str, named: tuple[str, str]
) -> str:
    times = one.times
    behind = times.smallest(times.event)
    time, event = times.time, times.event
    if method == "middle" and times.n:
        time, event = imputed_times(times.left, times.right, placement="midpoint")
    curve = kaplan_meier(time, event, conf_level=question.conf_level)
    answer: Interval | NoEstimate = curve if isinstance(curve, NoEstimate) else curve.quantile(0.5)
    if isinstance(answer, NoEstimate):
        return made.none(*named, _why(question, answer), n=_n(question, behind))
    return made.estimate(
        *named, Measure.MEDIAN, answer.estimate, n=times.persons(), unit="d", smallest=behind,
        ci=(answer.ci_low, answer.ci_high, answer.conf_level), method=answer.method,
    )  # fmt: skip


def _ratio(
    question: Question, made: Tally, one: Specification, method: str, named: tuple[str, str]
) -> str:
    times = one.times.where(one.has_begun & ~np.isnan(one.times.treated_at))
    is_treated = np.isfinite(times.treated_at) & (times.treated_at < times.time)
    behind = times.smallest(is_treated, ~is_treated, times.event)
    answer = _effect(question, times, method) if times.n else NoEstimate("nobody can be compared")
    if isinstance(answer, NoEstimate):
        return made.none(*named, _why(question, answer), n=_n(question, behind))
    values = (answer.hazard_ratio, answer.ci_low, answer.ci_high)
    if not np.isfinite(values).all() or min(values) <= 0:
        return made.none(*named, "the data set no limit to the effect", n=behind)
    return made.estimate(
        *named, Measure.HAZARD_RATIO, answer.hazard_ratio, n=answer.n, smallest=behind,
        ci=(answer.ci_low, answer.ci_high, answer.conf_level), method=answer.method,
    )  # fmt: skip


def _effect(question: Question, times: Times, method: str) -> TreatmentEffect | NoEstimate:
    given = (times.time, times.event, times.treated_at)
    level = question.conf_level
    match method:
        case "ever_never":
            return ever_never(*given, conf_level=level)
        case "time_varying":
            return time_varying(*given, conf_level=level)
        case _:
            return landmark_effect(*given, at=float(question.design.landmark_day), conf_level=level)


def _why(question: Question, answer: NoEstimate) -> str:
    return question.no_table("labs") or answer.reason


def _n(question: Question, behind: int) -> int | None:
    return None if question.no_table("labs") else behind


def _marked(question: Question, found: list[_Found], method: str) -> _Found | None:
    """The estimate of the choices that the report uses."""
    chosen = question.choices
    wanted = {
        "threshold": f"{chosen.recovered_from:g}",
        "confirmation": {
            "none": "none", "next_count": "next count", "days": f"{chosen.confirmation_days} days",
        }[chosen.confirmation],
        "time zero": _ZERO_WORDS[chosen.time_zero],
        "method": method,
    }  # fmt: skip
    return next((one for one in found if one.words == wanted), None)


def _table(
    question: Question,
    made: Tally,
    kind: str,
    found: list[_Found],
    marked: _Found | None,
    label: str,
) -> Table:
    """From the lowest to the highest: over all, and where only one choice changes."""
    rows = []
    for name, text, some in (
        ("all", "All combinations", found),
        *((part.replace(" ", "_"), f"Only the {part} changes", _only(found, marked, part))
          for part in _PARTS),
    ):  # fmt: skip
        cells = tuple(
            Cell(CellKind.ESTIMATE, (_end(question, made, (kind, name, text), some, end),))
            for end in ("lowest", "highest")
        )
        rows.append(Row(text, cells))
    return Table(
        key=question.scope.key(f"multiverse/{kind}/table"),
        caption=f"{label}: how far it moves",
        stub_head="What changes",
        columns=(Column("Lowest"), Column("Highest")),
        rows=tuple(rows),
        notes=("Where only one choice changes, the others are those of this report.",),
    )


def _only(found: list[_Found], marked: _Found | None, part: str) -> list[_Found]:
    """The specifications that differ from the chosen one in one choice at most."""
    if marked is None:
        return []
    return [
        one for one in found
        if all(one.words[name] == marked.words[name] for name in _PARTS if name != part)
    ]  # fmt: skip


def _end(
    question: Question, made: Tally, named: tuple[str, str, str], some: list[_Found], end: str
) -> str:
    kind, name, text = named
    tail, label = f"multiverse/{kind}/{name}/{end}", f"{text}: {end}"
    there = [r for one in some if isinstance(r := made.results[one.key], Estimate)]
    if not there:
        reason = question.no_table("labs") or "no combination gives an estimate"
        return made.none(tail, label, reason, n=_n(question, 0))
    pick = min if end == "lowest" else max
    one = pick(there, key=lambda result: result.value)
    return made.estimate(
        tail, label, one.measure, one.value, n=one.n, unit=one.unit,
        smallest=min(result.smallest or 0 for result in there), method=one.label,
    )  # fmt: skip


def _figure(
    question: Question,
    made: Tally,
    kind: str,
    found: list[_Found],
    marked: _Found | None,
    label: str,
) -> tuple[Figure, ...]:
    if not any(made.has_estimate(one.key) for one in found):
        return ()
    key = question.scope.key
    low, high = (key(f"multiverse/{kind}/all/{end}") for end in ("lowest", "highest"))
    told = [f"from {{{low}:estimate}} to {{{high}:estimate}}"]
    told += [f"chosen here: {{{marked.key}:estimate_ci}}"] if marked else []
    is_ratio = kind == "hazard_ratio"
    return (
        Figure(
            key=key(f"multiverse/{kind}/figure"),
            kind=FigureKind.MULTIVERSE,
            caption=f"{label} under every combination of the choices",
            alt=f"Estimates {clauses(*told)}. Below them a dot in each row that says what was "
            "chosen.",
            series=tuple(Series(made.results[one.key].label, (one.key,)) for one in found),
            y_label=label,
            reference=1 if is_ratio else None,
            is_log=is_ratio,
            marked=marked.key if marked else "",
        ),
    )
