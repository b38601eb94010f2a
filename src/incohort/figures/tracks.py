"""Trajectories: a thin line for each patient, or the quartiles of many.

Quartiles are those that the gate makes of a restricted cohort's series; of a public one some series
are drawn over them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from incohort.figures.canvas import WIDTH, Box
from incohort.figures.colours import ACCENT, INK, MUTED
from incohort.figures.curves import fill
from incohort.figures.lettering import SMALL, widest
from incohort.figures.looks import Item, Look, legend_of, line_style, look_of, looks_of_marks
from incohort.figures.panel import Counts, Frame, Panel, panel
from incohort.figures.reading import absences, choices_of, quartiles_of, results_of, single_tracks
from incohort.figures.scales import Extent, linear, logarithmic, of_time
from incohort.figures.words import said
from incohort.results import Band, Figure, Findings, PatientTracks, Track
from incohort.tables.numbers import count

_MANY = 30  # tracks: more are drawn thinner
_RUG = (14.0, 2.0, 64.0)  # least height of a rug, what each patient takes of it, and the most
_BETWEEN = 4.0  # rugs


def draw(figure: Figure, findings: Findings, alt: str) -> str:
    """The SVG of patients' series, or of their quartiles."""
    results = results_of(figure, findings)
    tracked = [result for result in results if isinstance(result, PatientTracks)]
    bands = [result for result in results if isinstance(result, Band)]
    bands += [quartiles_of(result) for result in tracked if result.shown]
    tracks = [track for result in tracked for track in single_tracks(result)]
    alone = [
        result for result in tracked if not result.shown
    ]  # the others have the name of their quartiles
    named: list[Band | PatientTracks] = [*bands, *alone]
    names = [result.label for result in named]
    x_name, y_name = _axis_names(figure, named)
    across = of_time([*_days(tracks), *(x for band in bands for x in band.x)], x_name)
    marks = sorted({kind for track in tracks for kind, _ in track.marks})
    spans = span_kinds(tracks)
    looks = {result.key: look_of(n) for n, result in enumerate(named)}
    items = [Item(name=name, look=look) for name, look in zip(names, looks.values(), strict=True)]
    items = items if len(items) > 1 else []
    items += [
        Item(name=said(kind), look=look, is_mark=True)
        for kind, look in looks_of_marks(marks).items()
    ]
    legend = legend_of(items, WIDTH)
    places, rows = _n_rows(bands, names, across)
    rug = min(max(_RUG[0], _RUG[1] * len(tracks)), _RUG[2])
    rugs = [Counts(said(kind)) for kind in spans]
    chart = panel(
        figure.key,
        Frame(
            across=across, up=_up(figure, bands, tracks), x_name=x_name, y_name=y_name,
            places=places, rows=(*rows, *rugs), above=legend.height,
            remarks=(
                *choices_of(tracked), *absences([(result.label, result) for result in results]),
            ),
            pitches=(*[0.0] * len(rows), *[rug + _BETWEEN] * len(rugs)),
        ),
    )  # fmt: skip
    legend.draw(chart.canvas)
    if figure.reference is not None:
        chart.plot.axhline(figure.reference, color=MUTED, linewidth=0.9, dashes=(4, 3))
    for band in bands:
        _draw_band(chart, band, looks[band.key])
    for result in tracked:
        look = replace(looks[result.key], tone=INK) if result.shown else looks[result.key]
        _draw_tracks(chart, result, look, len(tracks))
    _draw_marks(chart, tracks, marks)
    for number, kind in enumerate(spans):
        top = chart.row_tops[len(rows) + number]
        _draw_rug(chart, tracks, kind, Box(chart.box.left, top, chart.box.width, rug))
    return chart.canvas.svg(alt)


def _axis_names(figure: Figure, drawn: Sequence[Band | PatientTracks]) -> tuple[str, str]:
    """The axes' names; with quartiles, what line and band are."""
    has_band = any(isinstance(result, Band) for result in drawn)
    y_name = figure.y_label or drawn[0].y_label
    wording = f"{y_name} (line: median, band: quartiles)" if has_band else y_name
    return figure.x_label or drawn[0].x_label, wording


def _days(tracks: Sequence[Track]) -> Iterator[float]:
    for track in tracks:
        yield from track.x
        yield from (day for _, *ends in track.spans for day in ends)
        yield from (day for _, day in track.marks)


def _up(figure: Figure, bands: Sequence[Band], tracks: Sequence[Track]) -> Extent:
    """Logarithmic where the figure says so and no value is 0, which would have no place there."""
    values = [y for track in tracks for y in track.y]
    values += [y for band in bands for y in (*band.q1, *band.median, *band.q3)]
    guide = [] if figure.reference is None else [figure.reference]
    if figure.is_log and min(values, default=0) > 0:
        return logarithmic([*values, *guide], [], None)
    is_positive = min(values, default=0) >= 0
    return linear([*values, *guide], origin=0 if is_positive else None)


def _n_rows(
    bands: Sequence[Band], names: Sequence[str], across: Extent
) -> tuple[tuple[float, ...], list[Counts]]:
    """How many patients stand behind each bin, at as many bins as there is room for."""
    if not bands:
        return (), []
    all_places = sorted({x for band in bands for x in band.x})
    room = (WIDTH - 140) / (across.high - across.low)
    need = widest([count(n) for band in bands for n in band.n], SMALL) + 10
    places: list[float] = []
    for x in all_places:
        if not places or (x - places[-1]) * room >= need:
            places.append(x)
    rows = []
    for band, name in zip(bands, names, strict=False):
        at = dict(zip(band.x, band.n, strict=True))
        texts = tuple(count(at[x]) if x in at else "" for x in places)
        rows.append(Counts(name if len(bands) > 1 else "Patients", texts))
    return tuple(places), rows


def segments(band: Band) -> list[list[int]]:
    """The runs of neighbouring bins: where one is left out the line is broken."""
    if not band.x:
        return []
    step = min((b - a for a, b in pairwise(band.x)), default=1.0)
    runs = [[0]]
    for n, (before, x) in enumerate(pairwise(band.x), 1):
        if x - before > 1.5 * step:
            runs.append([])
        runs[-1].append(n)
    return runs


def _draw_band(chart: Panel, band: Band, look: Look) -> None:
    plot = chart.plot
    for run in segments(band):
        xs = [band.x[n] for n in run]
        low, middle, high = ([ys[n] for n in run] for ys in (band.q1, band.median, band.q3))
        if len(run) == 1:
            plot.plot(xs * 2, low + high, color=look.tone, linewidth=4, alpha=0.4)
        else:
            fill(plot, xs, low, high, look)
        plot.plot(xs, middle, color=look.tone, linewidth=1.8, linestyle=line_style(look.stroke),
                  marker=look.shape, markersize=4, markeredgewidth=0)  # fmt: skip


def _draw_tracks(chart: Panel, tracks: PatientTracks, look: Look, n_all: int) -> None:
    """Each patient's line; of one with a single value the point."""
    weight, density = (1.2, 0.6) if n_all <= _MANY else (0.8, 0.35)
    for track in single_tracks(tracks):
        xs, ys = in_order(track)
        if len(xs) == 1:
            chart.plot.plot(xs, ys, marker=".", color=look.tone, markersize=4, clip_on=False)
        elif xs:
            chart.plot.plot(xs, ys, color=look.tone, linewidth=weight, alpha=density,
                            linestyle=line_style(look.stroke))  # fmt: skip


def span_kinds(tracks: Sequence[Track]) -> list[str]:
    """The kinds of spans, G-CSF below the drugs that it is given for."""
    kinds = {kind for track in tracks for kind, _, _ in track.spans}
    return sorted(kinds, key=lambda kind: (kind == "gcsf", kind))


def in_order(track: Track) -> tuple[list[float], list[float]]:
    """A patient's values by day."""
    pairs = sorted(zip(track.x, track.y, strict=False))
    return [x for x, _ in pairs], [y for _, y in pairs]


def value_at(track: Track, day: float) -> float | None:
    """Where a mark stands on a patient's line: on the line between the values around its day."""
    xs, ys = in_order(track)
    if not xs:
        return None
    before = [n for n, x in enumerate(xs) if x <= day]
    after = [n for n, x in enumerate(xs) if x >= day]
    if not before or not after:
        return ys[0] if not before else ys[-1]
    low, high = before[-1], after[0]
    if xs[low] == xs[high]:
        return ys[low]
    return ys[low] + (day - xs[low]) / (xs[high] - xs[low]) * (ys[high] - ys[low])


def _draw_marks(chart: Panel, tracks: Sequence[Track], kinds: Sequence[str]) -> None:
    for kind, look in looks_of_marks(kinds).items():
        points = [
            (day, value)
            for track in tracks
            for name, day in track.marks
            if name == kind and (value := value_at(track, day)) is not None
        ]
        if points:
            chart.plot.plot(*zip(*points, strict=True), linestyle="none", marker=look.shape,
                            color=look.tone, fillstyle="none", markersize=6, markeredgewidth=1,
                            clip_on=False)  # fmt: skip


def _draw_rug(chart: Panel, tracks: Sequence[Track], kind: str, box: Box) -> None:
    """When each patient was given something: a stroke each, in the order of the patients."""
    pitch = box.height / max(len(tracks), 1)
    lines = []
    for number, track in enumerate(tracks):
        height = box.top + (number + 0.5) * pitch
        for name, first, last in track.spans:
            if name == kind:
                ends = [chart.canvas.place(chart.plot, day, 1)[0] for day in (first, last)]
                lines.append([(ends[0], height), (max(ends[1], ends[0] + 1), height)])
    chart.canvas.lines_of(lines, ACCENT, min(max(0.6 * pitch, 0.6), 5))
