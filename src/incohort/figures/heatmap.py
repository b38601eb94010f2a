"""Heat map: a cell for each estimate, shaded by its value, with the number in it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from incohort.figures.canvas import WIDTH, Box, Canvas, Lettering
from incohort.figures.colours import MUTED
from incohort.figures.lettering import LEADING, SIZE, SMALL, widest, wrap
from incohort.figures.reading import absences, mark_of, printed
from incohort.results import CellKind, Figure, Findings, Measure, Result
from incohort.results import Estimate as _Estimate

# The ink of both pages keeps a contrast of 4.5 on the densest shade; a test computes it.
LIGHTEST, DENSEST = 0.03, 0.45
_TALL = 34.0
_APART = 2.0
_AIR = 8.0
_WIDEST_NAME = 220.0
_LEAST, _MOST = 46.0, 110.0  # widths of a cell
_NAME_LINES = 4  # of a column's name before it is set upright
_DASH = "–"


def draw(figure: Figure, findings: Findings, alt: str) -> str:
    """The SVG of a heat map."""
    rows = [[findings.by_key[key] for key in series.keys] for series in figure.series]
    names = [wrap(series.label, _WIDEST_NAME) for series in figure.series]
    texts = [[_text(result, findings) for result in row] for row in rows]
    left = widest([line for lines in names for line in lines]) + 12
    n_columns = max(map(len, rows))
    cell = _cell_width([text for row in texts for text in row], WIDTH - left, n_columns)
    heads, is_upright = _heads(figure.columns, cell)
    top = (LEADING * SIZE if figure.x_label else 0) + _head_height(heads, is_upright=is_upright)
    heights = [max(_TALL, len(lines) * SIZE * LEADING + 6) for lines in names]
    missing = absences(
        [(f"{series.label}, {column}" if column else series.label, result)
         for series, row in zip(figure.series, rows, strict=True)
         for column, result in zip([*figure.columns, *[""] * len(row)], row, strict=False)]
    )  # fmt: skip
    width = max(left + n_columns * cell, 320)
    remarks = [line for text in missing for line in wrap(text, width, SMALL)]
    bottom = top + sum(heights)
    canvas = Canvas(figure.key, width, bottom + 8 + len(remarks) * SMALL * LEADING)
    _set_heads(canvas, figure.x_label, heads, (left, top, cell), is_upright=is_upright)
    shades = _shades([result for row in rows for result in row])
    for row, words, lines, height in zip(rows, texts, names, heights, strict=True):
        canvas.lines(0, top + (height - _APART) / 2, lines)
        for number, (result, text) in enumerate(zip(row, words, strict=True)):
            box = Box(left + number * cell, top, cell - _APART, height - _APART)
            _draw_cell(canvas, box, text, shades.get(result.key))
        top += height
    for number, line in enumerate(remarks):
        canvas.words(0, bottom + (number + 1) * SMALL * LEADING, line,
                     Lettering(size=SMALL, colour=MUTED))  # fmt: skip
    return canvas.svg(alt)


def _text(result: Result, findings: Findings) -> str:
    """The number of a cell, a dash where it is missing."""
    if not isinstance(result, _Estimate):
        return _DASH
    is_count = result.measure is Measure.COUNT
    return printed(result, CellKind.COUNT if is_count else CellKind.ESTIMATE, findings)


def _cell_width(texts: Sequence[str], room: float, n_columns: int) -> float:
    least = max(widest(list(texts)) + 2 * _AIR, _LEAST)
    return max(least, min(room / n_columns, _MOST))


def _heads(columns: Sequence[str], cell: float) -> tuple[list[list[str]], bool]:
    """The columns' names in lines above them, upright where they would need too many."""
    lines = [wrap(name, cell - 6, SMALL) for name in columns]
    words = [word for name in columns for word in name.split()]
    if widest(words, SMALL) > cell - 6 or max(map(len, lines), default=0) > _NAME_LINES:
        return [[name] for name in columns], True
    return lines, False


def _head_height(heads: Sequence[list[str]], *, is_upright: bool) -> float:
    if is_upright:
        return widest([line for lines in heads for line in lines], SMALL) + 8
    return max(map(len, heads), default=0) * SMALL * LEADING + 6


def _set_heads(
    canvas: Canvas,
    name: str,
    heads: Sequence[list[str]],
    place: tuple[float, float, float],
    *,
    is_upright: bool,
) -> None:
    left, top, cell = place
    canvas.words(left, SMALL, name, Lettering(size=SMALL, colour=MUTED))
    for number, lines in enumerate(heads):
        x = left + number * cell + (cell - _APART) / 2
        if is_upright:
            canvas.words(x + 0.35 * SMALL, top - 6, lines[0],
                         Lettering(size=SMALL, is_upright=True))  # fmt: skip
            continue
        look = Lettering(anchor="middle", size=SMALL)
        for place_, line in enumerate(reversed(lines)):
            canvas.words(x, top - 6 - place_ * SMALL * LEADING, line, look)


def _shades(results: Sequence[Result]) -> dict[str, float]:
    """How dense each cell is: the lowest value lightest, the highest densest."""
    by_key = {result.key: mark.value for result in results if (mark := mark_of(result))}
    finite = [value for value in by_key.values() if math.isfinite(value)]
    low, high = min(finite, default=0.0), max(finite, default=0.0)
    span = high - low or 1.0
    return {
        key: LIGHTEST + (DENSEST - LIGHTEST) * min(max((value - low) / span, 0.0), 1.0)
        for key, value in by_key.items()
    }


def _draw_cell(canvas: Canvas, box: Box, text: str, shade: float | None) -> None:
    middle = (box.left + box.width / 2, box.top + box.height / 2)
    if shade is None:
        inside = Box(box.left + 0.5, box.top + 0.5, box.width - 1, box.height - 1)
        canvas.box(inside, MUTED, weight=0.8, dashes=(3, 3))
        canvas.lines(*middle, [text], Lettering(anchor="middle", colour=MUTED))
        return
    canvas.area(box, shade)
    canvas.lines(*middle, [text], Lettering(anchor="middle"))
