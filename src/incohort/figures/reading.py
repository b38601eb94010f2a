"""What a result says to somebody who draws: where its mark stands, or how its absence is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import assert_never

from incohort.disclosure.curves import band_of
from incohort.results import (
    Band,
    CellKind,
    Curve,
    Estimate,
    Figure,
    Findings,
    Measure,
    NotEstimable,
    PatientPoints,
    PatientTracks,
    Result,
    Suppressed,
    Track,
)
from incohort.tables.cells import fill
from incohort.tables.numbers import POINTS, format_estimate, rounded

_LEAST = 5  # patients: of fewer no quartiles are drawn
_OF_ALL = f" Quartiles: of all, where {_LEAST} patients or more have a value."


@dataclass(frozen=True, slots=True)
class Mark:
    """A number on its axis: percent for proportions, else the estimate's unit.

    `low` and `high` are its interval's ends, infinite where it is open; None where it has none.
    """

    value: float
    low: float | None
    high: float | None

    @property
    def places(self) -> tuple[float, ...]:
        """Every number that has to find room on the axis."""
        return tuple(place for place in (self.value, self.low, self.high) if place is not None)


def mark_of(result: Result) -> Mark | None:
    """The mark of an estimate; None of what is missing, and of what is no single number."""
    if not isinstance(result, Estimate):
        return None
    scale = 100 if is_percentage(result) else 1
    low, high = (None if end is None else scale * end for end in (result.ci_low, result.ci_high))
    return Mark(scale * result.value, low, high)


def is_percentage(result: Result) -> bool:
    """Whether a result's axis counts in percent."""
    return isinstance(result, Estimate) and (
        result.measure is Measure.PROPORTION or result.unit == POINTS
    )


_SHARES = {
    "survival", "cumulative incidence", "incidence", "sensitivity", "specificity", "probability",
    "proportion", "risk", "yield", "cumulative yield",
}  # fmt: skip


def is_share(curve: Curve) -> bool:
    """Whether a curve's values are proportions, drawn in percent."""
    return curve.measure.replace("_", " ") in _SHARES


def results_of(figure: Figure, findings: Findings) -> list[Result]:
    """The results that a figure draws, in its order."""
    return [findings.by_key[key] for series in figure.series for key in series.keys]


def marks_of(figure: Figure, findings: Findings) -> list[Mark]:
    """The marks that there are, in the figure's order."""
    marks = (mark_of(result) for result in results_of(figure, findings))
    return [mark for mark in marks if mark is not None]


def printed(result: Result, kind: CellKind, findings: Findings) -> str:
    """A number as the tables print it, or the word for its absence."""
    return missing_word(result) or fill(kind, (result.key,), findings).text


def missing_word(result: Result) -> str:
    """How an absent number is told in its place; empty where it is there."""
    match result:
        case Suppressed():
            return "withheld"
        case NotEstimable():
            return "not estimable"
        case Estimate() | PatientPoints() | Curve() | Band() | PatientTracks():
            return ""
        case _:
            assert_never(result)


def single_tracks(tracks: PatientTracks) -> tuple[Track, ...]:
    """The series that are drawn one by one: those that stand for all, or all."""
    return tuple(tracks.tracks[place] for place in tracks.shown) if tracks.shown else tracks.tracks


def quartiles_of(tracks: PatientTracks) -> Band:
    """What the gate would make of all the series, where enough patients have a value."""
    band = band_of(tracks)
    kept = [place for place, n in enumerate(band.n) if n >= _LEAST]

    def at(values: Sequence[float]) -> tuple[float, ...]:
        return tuple(values[place] for place in kept)

    return replace(
        band, x=at(band.x), q1=at(band.q1), median=at(band.median), q3=at(band.q3),
        n=tuple(band.n[place] for place in kept),
    )  # fmt: skip


def choices_of(tracked: Sequence[PatientTracks]) -> list[str]:
    """How those that are drawn one by one were chosen, and of whom the quartiles beside are."""
    return [
        f"Shown one by one: {tracks.choice}.{_OF_ALL if tracks.shown else ''}"
        for tracks in tracked
        if tracks.choice
    ]


def is_empty(result: Result) -> bool:
    """Whether nobody and nothing stands behind what would be drawn."""
    match result:
        case Curve() | Band() | PatientPoints():
            return not result.x
        case PatientTracks():
            return not any(track.x or track.spans or track.marks for track in result.tracks)
        case Estimate():
            return False
        case NotEstimable() | Suppressed():
            return True
        case _:
            assert_never(result)


def absences(results: Sequence[tuple[str, Result]]) -> list[str]:
    """A line for each way of being absent, with the names of those concerned.

    Args:
        results: What each is called in its figure, and itself.
    """
    missing: dict[str, list[str]] = {}
    for name, result in results:
        if word := missing_word(result):
            missing.setdefault(word, []).append(name)
    return [f"{word.capitalize()}: {', '.join(names)}." for word, names in missing.items()]


def interval_name(results: Sequence[Result]) -> str:
    """`95 % CI`; without the level where the intervals have several, empty where there are none."""
    levels = {
        result.conf_level
        for result in results
        if isinstance(result, Estimate) and result.ci_low is not None
    }
    if not levels:
        return ""
    level = levels.pop()
    if levels or level is None:
        return "CI"
    decimals = 0 if float(100 * level).is_integer() else 1
    return f"{rounded(100 * level, decimals)} % CI"


def fraction(result: Result) -> str:
    """What a proportion rests on, `12/24`; empty of anything else."""
    if isinstance(result, Estimate) and result.measure is Measure.PROPORTION:
        return "/".join(format_estimate(result, field) for field in ("events", "n"))
    return ""
