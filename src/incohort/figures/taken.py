"""The numbers behind a figure to be taken along: a CSV file inside the page, as a link."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import escape
from typing import assert_never
from urllib.parse import quote

from incohort.disclosure import NONE
from incohort.figures.reading import quartiles_of, single_tracks
from incohort.results import (
    Band,
    Curve,
    Estimate,
    Figure,
    Findings,
    NotEstimable,
    PatientPoints,
    PatientTracks,
    Result,
    Suppressed,
)
from incohort.tables.listed import Row, csv_of, points_of, told_of
from incohort.tables.marks import INTERNAL, Marks

_MOST_ROWS = 2000  # what is more would weigh more than the page; the report's results hold it
_COLUMNS = (
    "series", "key", "label", "value", "ci_low", "ci_high", "conf_level", "n", "events", "unit",
    "weight", "state", "reason", "group", "patient", "what", "x", "to", "y", "n_at_risk",
    "n_events", "n_censored", "marking",
)  # fmt: skip
_PLAIN = ",/:;=()!*'@$+?|~"  # as they are in an address
_UNFIT = re.compile(r"[^a-z0-9]+")


def link_html(figure: Figure, findings: Findings, marks: Marks) -> str:
    """A link that hands the numbers out as a CSV file, without a network; empty of too many."""
    rows = [row | _marking(findings) for row in _rows(figure, findings)]
    if not rows or len(rows) > _MOST_ROWS:
        return ""
    columns = [name for name in _COLUMNS if any(row.get(name) not in {None, ""} for row in rows)]
    name = marks.labels.get(figure.key, "")
    file = _UNFIT.sub("-", (name or figure.key.removesuffix("/figure")).lower()).strip("-")
    said = escape(f"{name} as CSV" if name else "The same as CSV")
    content = quote(csv_of(columns, rows), safe=_PLAIN)
    return (
        f'<p class="taken"><a download="{file}.csv" '
        f'href="data:text/csv;charset=utf-8,{escape(content, quote=True)}">{said}</a></p>'
    )


def _marking(findings: Findings) -> Row:
    """What stands in a last column of each row, where it may not leave."""
    is_open = not findings.is_public and findings.profile in {"", NONE}
    return {"marking": INTERNAL} if is_open else {}


def _rows(figure: Figure, findings: Findings) -> Iterator[Row]:
    """A row a number or place, in the figure's order, with the series that it stands in."""
    is_several = len(figure.series) > 1
    for series in figure.series:
        weights = dict(zip(series.keys, series.weights, strict=False))
        for key in series.keys:
            weight = findings.by_key[weights[key]] if weights else None
            weighting = {"weight": weight.value} if isinstance(weight, Estimate) else {}
            for row in _of(findings.by_key[key]):
                yield {"series": series.label if is_several else "", **row, **weighting}


def _of(result: Result) -> Iterable[Row]:
    match result:
        case Estimate() | NotEstimable() | Suppressed():
            return [{"key": result.key, "label": result.label, **told_of(result)}]
        case Curve() | Band():
            return points_of(result)
        case PatientPoints():
            return _marks(result)
        case PatientTracks():
            return (*(points_of(quartiles_of(result)) if result.shown else ()), *_series(result))
        case _:
            assert_never(result)


def _marks(points: PatientPoints) -> Iterator[Row]:
    """The marks in the order of their places, which tells nobody whose they are."""
    for group, x, y in sorted(zip(points.group, points.x, points.y, strict=True)):
        yield {"key": points.key, "label": points.label, "group": group, "x": x, "y": y}


def _series(tracked: PatientTracks) -> Iterator[Row]:
    """The series that are drawn one by one: values, what was given, and what happened."""
    for number, track in enumerate(single_tracks(tracked), start=1):
        named: Row = {"key": tracked.key, "label": tracked.label}
        named["patient"] = track.name or str(number)
        for x, y in zip(track.x, track.y, strict=False):
            yield {**named, "what": "value", "x": x, "y": y}
        for kind, first, last in track.spans:
            yield {**named, "what": kind, "x": first, "to": last}
        for kind, day in track.marks:
            yield {**named, "what": kind, "x": day}
