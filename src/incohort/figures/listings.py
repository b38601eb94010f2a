"""What is drawn but no single number, as a table: marks, curves, quartiles, patients' series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape
from typing import assert_never

from incohort.figures.reading import is_share, quartiles_of, single_tracks
from incohort.figures.words import said
from incohort.results import Band, Curve, Drawn, Figure, PatientPoints, PatientTracks, Track
from incohort.tables.html import attributes
from incohort.tables.numbers import count, measured, percent, place

_MOST_ROWS = 500  # more than anybody reads
_WORDS = ' class="text"'
_MOST_POINTS = 60  # of a curve, spread evenly over its own
_Cells = tuple[tuple[str, bool], ...]  # texts, and whether they are words


def listing_html(figure: Figure, drawn: Drawn, caption: str) -> str:
    """The places that one result draws; the table has its key, as all of them share it."""
    if isinstance(drawn, PatientTracks) and drawn.shown:
        some = replace(drawn, tracks=single_tracks(drawn), shown=())
        quartiles = listing_html(figure, quartiles_of(drawn), f"{caption}, quartiles of all")
        return f"{quartiles}\n{listing_html(figure, some, f'{caption}, {drawn.choice}')}"
    match drawn:
        case PatientPoints():
            heads, rows = _of_points(drawn)
            kind = "marks"
        case Curve():
            heads, rows = _of_curve(drawn)
            kind = "points"
        case Band():
            heads, rows = _of_band(drawn)
            kind = "bins"
        case PatientTracks():
            heads, rows = _of_tracks(drawn)
            kind = "series"
        case _:
            assert_never(drawn)
    if len(rows) > _MOST_ROWS:
        number = count(len(rows))
        return f"<p>{number} {kind} are too many to list; the report's results hold them.</p>"
    of_words = [False, *(is_text for _, is_text in rows[0][1])] if rows else [False] * len(heads)
    head = "".join(
        f'<th scope="col"{_WORDS if is_text else ""}>{escape(label)}</th>'
        for label, is_text in zip(heads, of_words, strict=True)
    )
    body = "\n".join(_row_html(name, cells) for name, cells in rows)
    return (
        f'<table class="report-table" data-table="{escape(figure.key, quote=True)}/data"'
        f"{attributes(drawn)}>\n<caption>{escape(caption)}</caption>\n"
        f"<thead>\n<tr>{head}</tr>\n</thead>\n<tbody>\n{body}\n</tbody>\n</table>"
    )


def _row_html(name: str, cells: _Cells) -> str:
    inner = "".join(
        f'<td class="{"text" if is_text else "number"}">{escape(text)}</td>'
        for text, is_text in cells
    )
    return f'<tr><th scope="row">{escape(name)}</th>{inner}</tr>'


_Listing = tuple[tuple[str, ...], list[tuple[str, _Cells]]]


def _of_points(points: PatientPoints) -> _Listing:
    """The marks in the order of their places, which tells nobody whose they are."""
    has_groups = len(set(points.group)) > 1
    heads = ("Mark", *(("Group",) if has_groups else ()), points.x_label, points.y_label)
    marks = sorted(zip(points.group, points.x, points.y, strict=True))
    return heads, [
        (
            str(number),
            (
                *(((group, True),) if has_groups else ()),
                *((measured(value), False) for value in (x, y)),
            ),
        )
        for number, (group, x, y) in enumerate(marks, start=1)
    ]


def _of_curve(curve: Curve) -> _Listing:
    """A curve at its points, or at so many of them that they can be read."""

    def text_of(value: float) -> str:
        return percent(value, sign=False) if is_share(curve) else measured(value)

    columns: list[tuple[str, list[str]]] = [
        (curve.y_label + (", %" if is_share(curve) else ""), [text_of(y) for y in curve.y])
    ]
    if curve.ci_low and curve.ci_high:
        limits = zip(curve.ci_low, curve.ci_high, strict=True)
        level = "" if curve.conf_level is None else f"{curve.conf_level * 100:g} % "
        columns.append(
            (f"{level}CI", [f"{text_of(low)} to {text_of(high)}" for low, high in limits])
        )
    for name, counts in (
        ("At risk", curve.n_at_risk), ("Censored", curve.n_censored), ("Events", curve.n_events),
    ):  # fmt: skip
        if counts:
            columns.append((name, [count(number) for number in counts]))
    heads = (curve.x_label, *(name for name, _ in columns))
    chosen = _evenly(len(curve.x))
    if len(chosen) < len(curve.x):  # counts per point would no longer be those between two rows
        columns = [column for column in columns if column[0] not in {"Censored", "Events"}]
        heads = (curve.x_label, *(name for name, _ in columns))
    return heads, [
        (place(curve.x[n]), tuple((texts[n], False) for _, texts in columns)) for n in chosen
    ]


def _evenly(n: int) -> list[int]:
    """The places of at most `_MOST_POINTS` of `n` points, with the first and the last."""
    if n <= _MOST_POINTS:
        return list(range(n))
    return [round(k * (n - 1) / (_MOST_POINTS - 1)) for k in range(_MOST_POINTS)]


def _of_band(band: Band) -> _Listing:
    heads = (band.x_label, "First quartile", "Median", "Third quartile", "Patients")
    return heads, [
        (place(x), (*((measured(q), False) for q in quartiles), (count(n), False)))
        for x, n, *quartiles in zip(band.x, band.n, band.q1, band.median, band.q3, strict=True)
    ]


def _of_tracks(tracks: PatientTracks) -> _Listing:
    """A row a patient, under the number that they have in every figure, where they have one."""
    has_values = any(track.y for track in tracks.tracks)
    of_values = ("Values", "Lowest", "Last") if has_values else ()
    heads = ("Patient", *of_values, "Given", "What happened")
    return heads, [
        (track.name or str(number), _track_cells(track, has_values=has_values))
        for number, track in enumerate(tracks.tracks, start=1)
    ]


def _track_cells(track: Track, *, has_values: bool) -> _Cells:
    values: Sequence[str] = (
        (count(len(track.y)), measured(min(track.y)), measured(track.y[-1]))
        if track.y
        else (count(0), "–", "–")
    )
    given = "; ".join(
        f"{said(kind)} {place(first)} to {place(last)}" for kind, first, last in track.spans
    )
    happened = "; ".join(f"{said(kind)} {place(day)}" for kind, day in track.marks)
    words = ((given or "–", True), (happened or "–", True))
    return (*((text, False) for text in values), *words) if has_values else words
