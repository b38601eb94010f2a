"""How much each choice matters: threshold, confirmation, time zero and method, all combined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import pandas as pd

from incohort.analyses.anc_recovery.gcsf import interval_of, limited, unweighted
from incohort.analyses.anc_recovery.question import GCSF, ZEROS, Question
from incohort.cohort import RecoveryChoices
from incohort.cohort.derived import episodes_of, once
from incohort.cohort.recovery_choices import Confirmation
from incohort.cohort.recovery_times import recovery_times
from incohort.results import Estimate, Figure, Findings, Layout, Measure, Row, Sentence, clauses
from incohort.shapes.clock import survival_of
from incohort.shapes.episodes import meets_criteria, rows_of
from incohort.shapes.recorded import no_table
from incohort.shapes.sets import Base, Members
from incohort.shapes.tabular import cells, figure, row, table
from incohort.shapes.telling import Draft, telling
from incohort.shapes.times import CENSORED, DIED, RECOVERED, Times, Vector, placed
from incohort.stats import Interval, NoEstimate, then

_THRESHOLDS = (0.5, 1.0, 1.5)
_PARTS = ("threshold", "confirmation", "time zero", "method")
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of number: what it is called and is, and its methods, in keys and in print.

    `marked` is the method that is chosen in the report, `given` the treatments that it compares.
    """

    name: str
    label: str
    measure: Measure
    methods: Mapping[str, str]
    marked: str
    given: tuple[str, ...] = ()
    unit: str = ""


_KINDS = (
    Kind(
        name="median", label="Median days to recovery, if nobody had died", measure=Measure.MEDIAN,
        methods={"first_count": "first count", "middle": "middle of interval"},
        marked="first count", unit="d",
    ),
    Kind(
        name="hazard_ratio", label="Hazard ratio with G-CSF", measure=Measure.HAZARD_RATIO,
        methods={"ever_never": "ever/never", "time_varying": "time-varying",
                 "landmark": "landmark"},
        marked="time-varying", given=(_GIVEN, _NOT_GIVEN),
    ),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Specification:
    """One way through the choices, and the episodes that it leads to, among those described."""

    choices: RecoveryChoices
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

    def tail(self, method: str) -> str:
        """The choices as they stand in a key."""
        threshold = f"{self.choices.recovered_from:g}".replace(".", "_")
        confirmation = _confirmed(self.choices).replace(" ", "_")
        return f"{threshold}/{confirmation}/{self.choices.time_zero}/{method}"


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
    draft = telling(question.scope, *question.sources, "medications.stopped_on", *GCSF)
    draft.absent = no_table(question.cohort, "labs")
    specifications = [] if draft.absent else list(_specifications(question))
    tables, figures = [], []
    for kind in _KINDS:
        numbers = [
            _number(question, draft, kind, specification, method)
            for specification in specifications
            for method in kind.methods
        ]
        chosen = _words(question.choices, kind.marked)
        marked = next((number for number in numbers if number.words == chosen), None)
        name, rows = f"multiverse/{kind.name}", _rows(question, draft, kind, numbers, marked)
        caption = f"{kind.label}: how far it moves"
        note = "Where only one choice changes, the others are those of this report."
        columns = ("Lowest", "Highest")
        tables.append(table(draft.scope, name, caption, "What changes", columns, rows, note))
        if any(isinstance(draft.results[number.key], Estimate) for number in numbers):
            figures.append(_figure(draft, kind, numbers, marked))
    layout = Layout(
        sentences=_said(question, draft.scope.key("multiverse")),
        tables=tuple(tables),
        figures=tuple(figures),
        cautions=_CAUTIONS,
    )
    return draft.findings("multiverse", "How much does each choice matter?", layout)


def _said(question: Question, head: str) -> tuple[Sentence, ...]:
    """How far the choices move both numbers."""
    ends = ("lowest", "highest")
    median, ratio = (
        " to ".join(f"{{{head}/{kind.name}/all/{end}:estimate}}" for end in ends) for kind in _KINDS
    )
    return (
        Sentence(
            "Over all choices of threshold, confirmation, time zero and method, the median days to "
            f"recovery{question.if_nobody_died} ran from {median}.",
            holds=question.is_told,
        ),
        Sentence(
            f"Over the same choices the unadjusted hazard ratio with G-CSF ran from {ratio}.",
            holds=question.is_told,
        ),
    )


def _words(choices: RecoveryChoices, method: str) -> dict[str, str]:
    """Some choices as the figure prints them."""
    threshold, zero = f"{choices.recovered_from:g}", ZEROS[choices.time_zero].word
    return dict(zip(_PARTS, (threshold, _confirmed(choices), zero, method), strict=True))


def _specifications(question: Question) -> Iterator[Specification]:
    """Every way through threshold, confirmation and time zero."""
    chosen = question.choices
    confirmations: list[Confirmation] = ["none", "next_count"]
    confirmations += ["days"] if chosen.confirmation == "days" else []
    thresholds = sorted({*_THRESHOLDS, chosen.recovered_from})
    for threshold, confirmation in product(thresholds, confirmations):
        choices = replace(chosen, recovery_threshold=threshold, confirmation=confirmation)
        unit = f"episodes, recovery from {threshold:g}, confirmation {_confirmed(choices)}"
        base = Base(unit, _episodes(question, choices))
        described = rows_of(question.population.members, base)
        for zero in ZEROS:
            yield _specification(question, described, replace(choices, time_zero=zero))


def _confirmed(choices: RecoveryChoices) -> str:
    """What confirms a recovery, in words."""
    days = f"{choices.confirmation_days} days"
    return {"none": "none", "next_count": "next count", "days": days}[choices.confirmation]


def _episodes(question: Question, choices: RecoveryChoices) -> pd.DataFrame:
    """The cohort's episodes by some choices; those that meet the criteria where asked for."""
    any_zero = replace(choices, time_zero="first_low")  # the days are the same for each
    frame = once(question.cohort, recovery_times, any_zero)
    if question.design.criteria == "all" or not len(frame):
        return frame
    flags = episodes_of(question.cohort, any_zero)
    met = flags.loc[meets_criteria(flags), ["patient_id", "episode"]].astype({"episode": "int64"})
    return frame.merge(met, on=["patient_id", "episode"])


def _specification(
    question: Question, described: Members, choices: RecoveryChoices
) -> Specification:
    """Another time zero moves the clock: whoever ended before it, or has none, falls out."""
    base, frame, zero = described.base, described.base.frame, ZEROS[choices.time_zero]
    onset, last_low, end, started = (
        _days(frame[name]) for name in ("onset", "last_low", "end", "gcsf_started")
    )
    start, cause = _days(frame[zero.column]), frame["cause"].to_numpy(dtype=np.int64)
    time, patients = end - start, frame["patient_id"]
    is_kept = pd.Series(time >= 0, index=frame.index)
    if question.design.episodes == "first":
        is_later = patients[is_kept].duplicated().reindex(frame.index, fill_value=False)
        is_kept &= ~is_later
    given = frame["has_gcsf"]
    treated_at = np.where(given.eq(other=True), started - start, np.nan)
    treated_at = np.where(given.eq(other=False), np.inf, treated_at).astype(np.float64)
    treatment = np.select(
        [~(onset <= start), np.isnan(treated_at), treated_at < time],
        [_EARLY, _UNKNOWN, _GIVEN],
        _NOT_GIVEN,
    )
    words = frame["cause"].map(_ENDS).astype(object) + ", " + treatment
    every = map(", ".join, product(_ENDS.values(), _TREATMENTS))
    return Specification(
        choices=choices,
        described=described,
        axis=base.cut(
            f"from {zero.word}", words.where(is_kept, _LEFT_OUT), (*every, _LEFT_OUT)
        ),
        all_times=Times(
            patient=np.asarray(pd.factorize(patients)[0], dtype=np.int64), time=time, cause=cause,
            left=np.maximum(last_low - start, 0),
            right=np.where(cause == RECOVERED, time, np.inf), treated_at=treated_at,
        ),
    )  # fmt: skip


def _days(column: pd.Series) -> Vector:
    return pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)


def _number(
    question: Question, draft: Draft, kind: Kind, specification: Specification, method: str
) -> _Number:
    """One estimate, or why there is none."""
    words = _words(specification.choices, kind.methods[method])
    tail = f"multiverse/{kind.name}/{specification.tail(method)}"
    of = specification.members(given=kind.given)
    arms = (specification.members(given=(treatment,)) for treatment in kind.given)
    sets = (*arms, specification.members(("recovered",), kind.given))
    number = _Number(words, draft.scope.key(tail), of, sets)
    answer, n = _answer(question, specification.times_of(of), method)
    if isinstance(answer, NoEstimate):  # a reason tells of a cell without anybody
        n, sets = number.fewest, (*sets, of.nobody)
    draft.statistic_in(
        tail, "; ".join(f"{name}={word}" for name, word in words.items()), kind.measure, answer,
        sets, of=of, n=n, unit=kind.unit,
    )  # fmt: skip
    return number


def _answer(
    question: Question, times: Times, method: str
) -> tuple[Interval | NoEstimate, int | None]:
    """The median or the hazard ratio by a method, and of how many patients it is."""
    if method in {"first_count", "middle"}:
        chosen = placed(times, "midpoint") if method == "middle" else times
        curve = survival_of(chosen, question.conf_level)
        return then(curve, lambda by_day: by_day.quantile(0.5)), times.persons()
    if not times.n:
        return NoEstimate("nobody can be compared"), None
    effect = then(unweighted(question, times, method), limited)
    return then(effect, interval_of), getattr(effect, "n", None)


def _rows(
    question: Question, draft: Draft, kind: Kind, numbers: Sequence[_Number], marked: _Number | None
) -> Iterator[Row]:
    """From the lowest to the highest: over all, and where only one choice changes."""
    for part in ("all", *_PARTS):
        name, label, alike = "all", "All combinations", list(numbers)
        if part != "all":
            name, label = part.replace(" ", "_"), f"Only the {part} changes"
            there = marked.words if marked else {}
            alike = [n for n in numbers if {**n.words, part: ""} == {**there, part: ""}]
        keys = [
            _end(
                question, draft, (f"multiverse/{kind.name}/{name}/{end}", f"{label}: {end}"), alike
            )
            for end in ("lowest", "highest")
        ]
        yield row(label, *cells(("estimate", "estimate"), keys))


def _end(question: Question, draft: Draft, named: tuple[str, str], some: Sequence[_Number]) -> str:
    """The lowest or highest of some numbers; it tells of all, so it rests on the weakest."""
    everybody = question.sets.analysed
    if draft.absent:
        return draft.none_in(*named, draft.absent, everybody)
    there = {n: r for n in some if isinstance(r := draft.results[n.key], Estimate)}
    if not there:
        key = draft.none(*named, "no combination gives an estimate", n=0)
        return draft.worked_out(key, [everybody.nobody])
    extreme = min if named[0].endswith("lowest") else max
    result = extreme(there.values(), key=lambda estimate: estimate.value)
    key = draft.estimate(
        *named, result.measure, result.value, n=result.n, unit=result.unit, method=result.label
    )
    weakest = min(there, key=lambda number: number.fewest)
    return draft.worked_out(key, weakest.sets, of=weakest.of)


def _figure(draft: Draft, kind: Kind, numbers: Sequence[_Number], marked: _Number | None) -> Figure:
    """A dot for each estimate, in order, over the choices that led to it."""
    name, key = f"multiverse/{kind.name}", draft.scope.key
    low, high = (key(f"{name}/all/{end}") for end in ("lowest", "highest"))
    said = [f"from {{{low}:estimate}} to {{{high}:estimate}}"]
    said += [f"chosen here: {{{marked.key}:estimate_ci}}"] if marked else []
    is_ratio = kind.measure is Measure.HAZARD_RATIO
    alt = f"{kind.label}, over {len(numbers)} combinations of choices: {clauses(*said)}."
    return figure(
        draft.scope, name, "multiverse",
        f"{kind.label} under every combination of the choices", alt,
        ((draft.results[number.key].label, [number.key]) for number in numbers), y_label=kind.label,
        reference=1 if is_ratio else None, is_log=is_ratio, marked=marked.key if marked else "",
    )  # fmt: skip
