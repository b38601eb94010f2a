"""A figure as HTML: the drawing, its caption, and the numbers behind it, folded away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from html import escape
from threading import Lock

from incohort.figures import (
    bars,
    bland_altman,
    curves,
    flow,
    forest,
    heatmap,
    histogram,
    lines,
    multiverse,
    overlap,
    scatter,
    swimmer,
    tracks,
)
from incohort.figures.canvas import drawing
from incohort.figures.data_table import caption, data_table_html
from incohort.figures.reading import is_empty, missing_word, results_of
from incohort.figures.taken import link_html
from incohort.results import (
    Band,
    Curve,
    Drawn,
    Estimate,
    Figure,
    FigureKind,
    Findings,
    NotEstimable,
    Origin,
    PatientPoints,
    PatientTracks,
    Result,
    Suppressed,
)
from incohort.tables import sentence_text
from incohort.tables.html import SYNTHETIC_MARK
from incohort.tables.laid import SYNTHETIC_NOTE
from incohort.tables.marks import NONE, Marks

# A kind is a module with `draw(figure, findings, alt)`, which returns its SVG.
_DRAWN_BY: Mapping[FigureKind, Callable[[Figure, Findings, str], str]] = {
    FigureKind.FOREST: forest.draw,
    FigureKind.BARS: bars.draw,
    FigureKind.HISTOGRAM: histogram.draw,
    FigureKind.FLOW: flow.draw,
    FigureKind.OVERLAP: overlap.draw,
    FigureKind.SCATTER: scatter.draw,
    FigureKind.CURVES: curves.draw,
    FigureKind.LINES: lines.draw,
    FigureKind.HEATMAP: heatmap.draw,
    FigureKind.MULTIVERSE: multiverse.draw,
    FigureKind.TRACKS: tracks.draw,
    FigureKind.SWIMMER: swimmer.draw,
    FigureKind.BLAND_ALTMAN: bland_altman.draw,
}
# What a kind can't be drawn without; the others need an estimate.
_NEEDED: Mapping[FigureKind, tuple[type[Result], ...]] = {
    FigureKind.SCATTER: (PatientPoints,),
    FigureKind.CURVES: (Curve,),
    FigureKind.TRACKS: (PatientTracks, Band),
    FigureKind.SWIMMER: (PatientTracks, Band),
    FigureKind.BLAND_ALTMAN: (PatientPoints,),
}
_SYNTHETIC = f'<br><span class="small">{SYNTHETIC_NOTE}</span>'


# Reports are made in threads, and neither matplotlib's fonts nor its settings bear two at once.
_ONE_AT_A_TIME = Lock()


def figure_html(figure: Figure, findings: Findings, marks: Marks = NONE) -> str:
    """A figure with its drawing, caption and data table; a sentence where nothing can be drawn.

    Args:
        figure: Names keys only.
        findings: The results under those keys, after the gate.
        marks: Of the page that it stands on.

    Raises:
        KeyError: A key has no result, or nothing draws this kind: a programming error.
    """
    results = results_of(figure, findings)
    svg = figure_svg(figure, findings)
    shown = _scrollable(figure, svg, marks) if svg else _missing(figure, findings)
    is_synthetic = rests_on_synthetic(figure, findings) and marks.tells_synthetic
    mark, note = (SYNTHETIC_MARK, _SYNTHETIC) if is_synthetic else ("", "")
    key = escape(figure.key, quote=True)
    return (
        f'<figure id="{key}" data-figure="{key}">\n{shown}\n'
        f"<figcaption>{marks.caption(figure.key, figure.caption)}{mark}{note}</figcaption>\n"
        f"{_folded(figure, findings, marks) if results else ''}\n</figure>"
    )


def figure_svg(figure: Figure, findings: Findings) -> str:
    """The drawing with its alternative text; empty where nothing can be drawn."""
    needed = _NEEDED.get(figure.kind, (Estimate,))
    results = results_of(figure, findings)
    if not any(isinstance(result, needed) and not is_empty(result) for result in results):
        return ""
    draw = _DRAWN_BY[figure.kind]
    with _ONE_AT_A_TIME, drawing(figure.key):
        return draw(figure, findings, alternative(figure, findings))


def alternative(figure: Figure, findings: Findings) -> str:
    """A figure in words, for those who can't see it."""
    return sentence_text(figure.alt, findings) or f"{figure.caption}."


def rests_on_synthetic(figure: Figure, findings: Findings) -> bool:
    """Whether anything that a figure draws rests on invented values."""
    return any(
        isinstance(result, Estimate | Drawn) and result.origin is Origin.SYNTHETIC
        for result in results_of(figure, findings)
    )


def why_not_drawn(figure: Figure, findings: Findings) -> str:
    """Why there is nothing to draw: each reason once."""
    reasons = dict.fromkeys(
        f"{missing_word(result).capitalize()}: {result.reason}."
        for result in results_of(figure, findings)
        if isinstance(result, NotEstimable | Suppressed)
    )
    return f"Not drawn. {' '.join(reasons) or 'It has no numbers.'}"


def _scrollable(figure: Figure, svg: str, marks: Marks) -> str:
    """The drawing in a box that a keyboard can reach and scroll where the page is narrower."""
    label = marks.name(figure.key, figure.caption)
    return f'<div class="figure-scroll" role="region" tabindex="0" aria-label="{label}">{svg}</div>'


def _missing(figure: Figure, findings: Findings) -> str:
    return f'<p class="missing">{escape(why_not_drawn(figure, findings))}</p>'


def _folded(figure: Figure, findings: Findings, marks: Marks) -> str:
    label = escape(caption(figure), quote=True)
    return (
        '<details class="notes"><summary>Numbers behind this figure</summary>\n'
        f"{link_html(figure, findings, marks)}\n"
        f'<div class="table-scroll" role="region" tabindex="0" aria-label="{label}">\n'
        f"{data_table_html(figure, findings, marks)}\n</div>\n</details>"
    )
