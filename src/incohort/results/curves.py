"""Results that are more than one number: curves, quantile bands, and a patient's own series."""

from __future__ import annotations

from dataclasses import dataclass

from incohort.results.estimates import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """An estimate as a function of `x`, with its pointwise interval.

    `x`, `y` and, where they are given, the limits, `n_at_risk`, `n_events` and `n_censored` have
    one entry per point. A stepped curve holds each value from its point up to the next.
    `n_persons` is how many persons' data change the curve at each point: the disclosure gate keeps
    only so many points that enough persons lie between two of them. `measure` is in words
    (`survival`, `cumulative incidence`, `sensitivity`).
    """

    key: str
    label: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    x_label: str
    y_label: str
    measure: str
    is_stepped: bool = True
    ci_low: tuple[float, ...] = ()
    ci_high: tuple[float, ...] = ()
    conf_level: float | None = None
    n_at_risk: tuple[int, ...] = ()
    n_events: tuple[int, ...] = ()
    n_censored: tuple[int, ...] = ()
    n_persons: tuple[int, ...] = ()
    n: int | None = None
    method: str = ""
    notes: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    origin: Origin = Origin.OBSERVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Quartiles of many patients' values in bins of time: what the gate makes of their series.

    `x` are the bins' middles; `n` has how many patients stand behind each.
    """

    key: str
    label: str
    x: tuple[float, ...]
    q1: tuple[float, ...]
    median: tuple[float, ...]
    q3: tuple[float, ...]
    n: tuple[int, ...]
    x_label: str
    y_label: str
    sources: tuple[str, ...] = ()
    origin: Origin = Origin.OBSERVED


@dataclass(frozen=True, slots=True, kw_only=True)
class Track:
    """One patient's series without their name: values by day, spans, and marked moments.

    `spans` are kind, first and last day (`drug`, `gcsf`); `marks` are kind and day (`infection`,
    `recovered`, `death`, `censored`). `name` is the patient's number, the same wherever they are
    shown, with the episode where there are several.
    """

    x: tuple[float, ...] = ()
    y: tuple[float, ...] = ()
    spans: tuple[tuple[str, float, float], ...] = ()
    marks: tuple[tuple[str, float], ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientTracks:
    """Trajectories or timelines, one per patient: rows, so the gate makes a `Band` or refuses.

    `shown` are the places of those that stand for all where these are too many to be told apart:
    they are drawn one by one over the quartiles of all. Without any each is drawn. `choice` says
    how those that are drawn were chosen.
    """

    key: str
    label: str
    tracks: tuple[Track, ...]
    x_label: str
    y_label: str = ""
    shown: tuple[int, ...] = ()
    choice: str = ""
    sources: tuple[str, ...] = ()
    origin: Origin = Origin.OBSERVED
