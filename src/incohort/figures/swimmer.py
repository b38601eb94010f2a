"""Swimmer plot: one bar a patient, the longest first; in it what was given and what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from incohort.figures import tracks as trajectories
from incohort.figures.canvas import WIDTH, Box
from incohort.figures.colours import ACCENT, MUTED
from incohort.figures.looks import Item, Look, legend_of, looks_of_marks, looks_of_spans
from incohort.figures.panel import Frame, Panel, panel
from incohort.figures.reading import absences, choices_of, results_of
from incohort.figures.scales import Extent, of_time
from incohort.figures.words import said
from incohort.results import Figure, Findings, PatientTracks, Track

_TALLEST, _LEAST, _WHOLE = 22.0, 6.0, 900.0  # height of a patient's lane, and of all together


def draw(figure: Figure, findings: Findings, alt: str) -> str:
    """The SVG of a swimmer plot; of quartiles where the gate has made these."""
    results = results_of(figure, findings)
    tracked = [result for result in results if isinstance(result, PatientTracks)]
    if not any(result.tracks for result in tracked):
        return trajectories.draw(figure, findings, alt)
    lanes = by_length([track for result in tracked for track in result.tracks])
    spans = trajectories.span_kinds(lanes)
    of_spans = looks_of_spans(spans)
    of_marks = looks_of_marks(sorted({kind for track in lanes for kind, _ in track.marks}))
    items = [Item(name=said(kind), look=look, is_area=True) for kind, look in of_spans.items()]
    items += [Item(name=said(kind), look=look, is_mark=True) for kind, look in of_marks.items()]
    legend = legend_of(items, WIDTH)
    lane = min(max(_WHOLE / len(lanes), _LEAST), _TALLEST)
    x_name = figure.x_label or tracked[0].x_label
    chart = panel(
        figure.key,
        Frame(
            across=of_time([day for track in lanes for day in _ends(track)], x_name),
            up=Extent(len(lanes), 0, ()), x_name=x_name,
            y_name=figure.y_label or "One bar a patient, the longest first",
            remarks=(
                *choices_of(tracked), *absences([(result.label, result) for result in results]),
            ),
            above=legend.height, height=lane * len(lanes), left=10,
        ),
    )  # fmt: skip
    legend.draw(chart.canvas)
    for number, track in enumerate(lanes):
        _draw_lane(chart, track, number, of_spans, 0.7 if lane > _LEAST + 4 else 0)
    for kind, look in of_marks.items():
        _draw_marks(chart, lanes, kind, look, lane)
    return chart.canvas.svg(alt)


def _ends(track: Track) -> tuple[float, float]:
    """A patient's first and last day of anything; day 0 where nothing is known."""
    days = [*track.x, *(d for _, a, b in track.spans for d in (a, b)), *(d for _, d in track.marks)]
    return min([*days, 0.0]), max([*days, 0.0])


def by_length(tracks: Sequence[Track]) -> list[Track]:
    """The patients with the longest time first; those with the same in the order they came."""
    return sorted(tracks, key=lambda track: -_ends(track)[1])


def _draw_lane(
    chart: Panel, track: Track, number: int, kinds: Mapping[str, Look], edge: float
) -> None:
    """The bar, and in it each kind of span in a strip of its own, so that none hides another."""
    first, last = _ends(track)
    chart.plot.barh(number + 0.5, last - first, 0.72, left=first, facecolor=(ACCENT, 0.1),
                    edgecolor=MUTED, linewidth=edge)  # fmt: skip
    strip = 0.72 / max(len(kinds), 1)
    for kind, start, end in track.spans:
        place = list(kinds).index(kind)
        middle = number + 0.14 + (place + 0.5) * strip
        left, top = chart.canvas.place(chart.plot, start, middle - strip / 2)
        right, bottom = chart.canvas.place(chart.plot, end, middle + strip / 2)
        box = Box(left, top, max(right - left, 1.5), bottom - top)
        chart.canvas.area(box, 0.45, hatch=kinds[kind].hatch, edge=0.7)


def _draw_marks(chart: Panel, lanes: Sequence[Track], kind: str, look: Look, lane: float) -> None:
    places = [
        chart.canvas.place(chart.plot, day, number + 0.5)
        for number, track in enumerate(lanes)
        for name, day in track.marks
        if name == kind
    ]
    for x, y in places:
        chart.canvas.mark(x, y, look.shape, look.tone, size=min(7.0, max(lane * 0.6, 4.0)))
