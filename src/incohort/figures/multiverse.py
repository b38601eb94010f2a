"""Specification curve: every estimate that other choices give, above the choices that made it.

After U. Simonsohn, J. P. Simmons and L. D. Nelson, Specification curve analysis, Nature Human
Behaviour 2020; 4: 1208–14.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incohort.figures.canvas import WIDTH, Anchor, Lettering
from incohort.figures.colours import ACCENT, INK, MUTED, RULE
from incohort.figures.lettering import SIZE, SMALL, widest
from incohort.figures.number_axis import axis_name, extent_of, guide_of, within
from incohort.figures.panel import LINE, Counts, Frame, Panel, panel
from incohort.figures.reading import Mark, mark_of, missing_word, printed
from incohort.figures.scales import DEPTH, Extent
from incohort.results import CellKind, Figure, Findings, Result

_HEIGHT = 230.0
_LEAST_PITCH = 3.4  # from one column to the next
_AIR = 10.0
_LEAST_PLOT = 240.0
_GAP = 1.0  # columns left free before those without an estimate


@dataclass(frozen=True, slots=True)
class Specification:
    """One way through the choices: what was chosen, and what came out of it."""

    choices: dict[str, str]
    result: Result


def choices_of(label: str) -> dict[str, str]:
    """What a specification's label lists.

    >>> choices_of("threshold=0.5; time zero=withdrawal")
    {'threshold': '0.5', 'time zero': 'withdrawal'}
    """
    pairs = (part.partition("=") for part in label.split(";") if part.strip())
    return {name.strip(): value.strip() for name, _, value in pairs}


def sorted_by_estimate(figure: Figure, findings: Findings) -> list[Specification]:
    """Specifications from the lowest estimate to the highest, and then those without one."""
    specifications = [
        Specification(choices_of(series.label), findings.by_key[key])
        for series in figure.series
        for key in series.keys
    ]
    marks = [(mark_of(specification.result), specification) for specification in specifications]
    there = sorted(((mark.value, n) for n, (mark, _) in enumerate(marks) if mark))
    return [specifications[n] for _, n in there] + [
        specification for mark, specification in marks if mark is None
    ]


def draw(figure: Figure, findings: Findings, alt: str) -> str:
    """The SVG of a specification curve."""
    ordered = sorted_by_estimate(figure, findings)
    results = [specification.result for specification in ordered]
    marks = [mark for result in results if (mark := mark_of(result))]
    varied, constant = _choices(ordered)
    rows = _rows(varied)
    left = max(widest([row.name for row in rows], SMALL), 60)
    n_columns = len(ordered) + (_GAP if len(marks) < len(ordered) else 0)
    width = max(WIDTH, left + max(n_columns * _LEAST_PITCH, _LEAST_PLOT) + 24)
    up = extent_of(figure, results, marks)
    chart = panel(
        figure.key,
        Frame(
            across=Extent(-0.5, n_columns - 0.5, ()), up=up, x_name="",
            y_name=axis_name(figure.y_label or figure.x_label, results), rows=tuple(rows),
            remarks=(*_constant(constant), *_missing(results)), above=LINE + 4,
            below=_AIR - DEPTH, height=_HEIGHT, width=width,
        ),
    )  # fmt: skip
    guide = guide_of(figure, results)
    if guide is not None:
        chart.plot.axhline(guide, color=MUTED, linewidth=0.9, dashes=(4, 3))
    _draw_estimates(chart, marks, up)
    _draw_matrix(chart, ordered, rows, len(marks))
    marked = next(
        (n for n, specification in enumerate(ordered) if specification.result.key == figure.marked),
        None,
    )
    if marked is not None and marked < len(marks):
        _point_out(chart, marked, marks[marked], printed(
            results[marked], CellKind.ESTIMATE_CI, findings), len(rows))  # fmt: skip
    return chart.canvas.svg(alt)


def _choices(ordered: Sequence[Specification]) -> tuple[dict[str, list[str]], dict[str, str]]:
    """The choices that differ, each with its values in order; and those that never do."""
    choices: dict[str, dict[str, None]] = {}
    for specification in ordered:
        for name, value in specification.choices.items():
            choices.setdefault(name, {})[value] = None
    varied = {name: _in_order(values) for name, values in choices.items() if len(values) > 1}
    return varied, {name: next(iter(v)) for name, v in choices.items() if len(v) == 1}


def _in_order(values: dict[str, None]) -> list[str]:
    """Numbers by size, words by their letters."""
    try:
        return sorted(values, key=float)
    except ValueError:
        return sorted(values)


def _rows(varied: dict[str, list[str]]) -> list[Counts]:
    return [
        row
        for name, values in varied.items()
        for row in (Counts(name, is_heading=True), *(Counts(value) for value in values))
    ]


def _constant(constant: dict[str, str]) -> list[str]:
    listed = "; ".join(f"{name} = {value}" for name, value in constant.items())
    return [f"The same in all: {listed}."] if listed else []


def _missing(results: Sequence[Result]) -> list[str]:
    words = [word for result in results if (word := missing_word(result))]
    counted = ", ".join(f"{words.count(word)} {word}" for word in dict.fromkeys(words))
    return [f"Open dots at the right: no estimate ({counted})."] if words else []


def _draw_estimates(chart: Panel, marks: Sequence[Mark], extent: Extent) -> None:
    """The intervals as thin lines, the points upon them."""
    thin = 1.2 if len(marks) <= 60 else 0.7
    intervals = [(n, ends) for n, mark in enumerate(marks) if (ends := within(extent, mark))]
    chart.plot.vlines([n for n, _ in intervals], [low for _, (low, _) in intervals],
                      [high for _, (_, high) in intervals], colors=MUTED,
                      linewidth=thin)  # fmt: skip
    inside = [(n, mark.value) for n, mark in enumerate(marks) if extent.holds(mark.value)]
    if inside:
        chart.plot.plot(*zip(*inside, strict=True), linestyle="none", marker="o", color=ACCENT,
                        markersize=6 if len(marks) <= 60 else 3, markeredgewidth=0)  # fmt: skip


def _baseline(chart: Panel, row: float) -> float:
    """The middle of a row of choices."""
    return chart.box.bottom + _AIR + (row + 0.5) * LINE


def _draw_matrix(
    chart: Panel,
    ordered: Sequence[Specification],
    rows: Sequence[Counts],
    n_there: int,
) -> None:
    """A dot for what each specification has chosen; open where it gave no estimate."""
    canvas, box = chart.canvas, chart.box
    places = [n if n < n_there else n + _GAP for n in range(len(ordered))]
    across = [canvas.place(chart.plot, place, chart.plot.get_ylim()[0])[0] for place in places]
    pitch = box.width / (chart.plot.get_xlim()[1] - chart.plot.get_xlim()[0])
    size = min(7.0, 0.85 * pitch)
    choice = ""
    for number, row in enumerate(rows):
        if row.is_heading:
            choice = row.name
            continue
        middle = _baseline(chart, number)
        canvas.line([(box.left, middle), (box.right, middle)], RULE, 0.5)
        chosen = [
            n
            for n, specification in enumerate(ordered)
            if specification.choices.get(choice) == row.name
        ]
        there = [(across[n], middle) for n in chosen if n < n_there]
        missing = [(across[n], middle) for n in chosen if n >= n_there]
        canvas.marks(there, "o", INK, size, is_full=True)
        canvas.marks(missing, "o", MUTED, size)


def _point_out(chart: Panel, place: int, mark: Mark, text: str, n_rows: int) -> None:
    """The marked specification: a diamond, a line down through its choices, and its number."""
    canvas, box = chart.canvas, chart.box
    low, high = chart.plot.get_ylim()
    x = canvas.place(chart.plot, place, low)[0]
    canvas.line([(x, box.top - 6), (x, _baseline(chart, n_rows - 0.5))], ACCENT, 0.9, (2, 2))
    chart.plot.plot([place], [min(max(mark.value, low), high)], marker="D", color=ACCENT,
                    markersize=10, markeredgewidth=0, clip_on=False, zorder=5)  # fmt: skip
    words = f"◆ marked: {text}"
    half = widest([words], SIZE, is_strong=True) / 2
    anchor: Anchor = "middle"
    if x - half < 0:
        anchor, x = "start", 0
    elif x + half > canvas.width:
        anchor, x = "end", canvas.width
    canvas.words(x, SIZE, words, Lettering(anchor=anchor, is_strong=True))
