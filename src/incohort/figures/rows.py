"""The frame that forest plots and bar charts share: one row a number, set like a table.

From left to right: the label, what it rests on, the plot, and the number as printed. What is
missing keeps its row and says so in words where its number would stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from incohort.figures import scales
from incohort.figures.canvas import WIDTH, Anchor, Box, Canvas, Lettering
from incohort.figures.colours import INK, MUTED
from incohort.figures.lettering import LEADING, SIZE, SMALL, widest, wrap
from incohort.figures.reading import Mark, mark_of
from incohort.figures.scales import Extent
from incohort.results import Figure, Findings, Result, Series

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_GAP = 22.0  # between columns
_WIDEST_LABEL = 240.0  # labels that are longer are wrapped
_LEAST_PLOT = 180.0  # beside very wide columns the figure grows
_INDENT = 14.0
_AIR = 5.0  # above and below the words of a row
_LINE = SMALL * LEADING
_HEAD = Lettering(anchor="end", size=SMALL, colour=MUTED)


@dataclass(frozen=True, slots=True)
class Entry:
    """What one row is about: a number, or the heading of those below it (then no result).

    `look` tells how its mark is drawn: the place of its series. A summary is drawn as such, and
    `weight` is what its number weighs in one.
    """

    label: str
    result: Result | None = None
    level: int = 0
    look: int = 0
    is_summary: bool = False
    weight: Result | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """An entry on the canvas."""

    entry: Entry
    lines: tuple[str, ...]
    top: float
    height: float

    @property
    def middle(self) -> float:
        """The height at which its mark and its number stand."""
        return self.top + self.height / 2

    @property
    def mark(self) -> Mark | None:
        """Its mark, if it is a number that is there."""
        return mark_of(self.entry.result) if self.entry.result else None


@dataclass(frozen=True, slots=True)
class Column:
    """Texts beside the plot, one for each entry that has a result, under a head."""

    head: str
    texts: tuple[str, ...]

    @property
    def width(self) -> float:
        """What its words need; 0 where it has none."""
        return max(widest([self.head], SMALL), widest(list(self.texts)))


@dataclass(frozen=True, slots=True, kw_only=True)
class RowPlot:
    """A canvas with its rows set and its axis laid, ready for the marks."""

    canvas: Canvas
    plot: Axes
    rows: tuple[Placed, ...]
    extent: Extent


def entries_by_series(figure: Figure, findings: Findings) -> list[Entry]:
    """A row for each number, under its series' name where there are several."""
    labels = iter(row_labels([findings.by_key[key] for s in figure.series for key in s.keys]))
    level = int(len(figure.series) > 1)
    entries: list[Entry] = []
    for look, series in enumerate(figure.series):
        entries += [Entry(series.label)] if level else []
        weights = dict(zip(series.keys, series.weights, strict=bool(series.weights)))
        for key in series.keys:
            weight = findings.by_key[weights[key]] if weights else None
            entry = Entry(next(labels), findings.by_key[key], level, look)
            entries.append(replace(entry, is_summary=series.is_summary, weight=weight))
    return entries


def entries_by_label(series: Sequence[Series], findings: Findings) -> list[Entry]:
    """A heading for each label that all series share, and under it a row for each series."""
    entries: list[Entry] = []
    for keys in zip(*(member.keys for member in series), strict=True):
        results = [findings.by_key[key] for key in keys]
        entries.append(Entry(results[0].label))
        entries += [
            Entry(member.label, result, 1, look)
            for look, (member, result) in enumerate(zip(series, results, strict=True))
        ]
    return entries


def row_labels(results: Sequence[Result]) -> list[str]:
    """Labels without the words before a comma that all of them share.

    The caption says them, and the data table keeps them: `Positive, Graves` and `Positive, others`
    are drawn as `Graves` and `Others`.
    """
    labels = [result.label for result in results]
    heads = {label.partition(", ")[0] if ", " in label else None for label in labels}
    if len(labels) < 2 or len(heads) != 1 or None in heads:
        return labels
    tails = [label.partition(", ")[2] for label in labels]
    return [tail[:1].upper() + tail[1:] for tail in tails]


def row_plot(
    figure: Figure,
    entries: Sequence[Entry],
    columns: tuple[Column, Column],
    extent: Extent,
    remarks: Sequence[str] = (),
) -> RowPlot:
    """Set the rows of a figure and lay its axis.

    Args:
        figure: Gives the key, the axis's name, and what lies on either side of its guide line.
        entries: From top to bottom.
        columns: What stands before the plot, and after it; a column without words takes no room.
        extent: Of the axis.
        remarks: What is said under the axis.
    """
    rows, label_width = _placed(entries)
    first_edge = label_width + (_GAP + columns[0].width if columns[0].width else 0)
    left = first_edge + _GAP
    top, bottom = rows[0].top, rows[-1].top + rows[-1].height + _AIR
    room = max(WIDTH - columns[1].width - _GAP - left, _LEAST_PLOT)
    box = Box(left, top, room, bottom - top)
    edge = box.right + _GAP + columns[1].width
    sides = _sides(figure, box)
    below = box.bottom + scales.DEPTH + _LINE * len(sides) + (_AIR if remarks else 0)
    lines = [line for remark in remarks for line in wrap(remark, edge, SMALL)]
    canvas = Canvas(figure.key, edge, below + _LINE * len(lines))
    plot = canvas.axes(box)
    plot.set_ylim(box.bottom, box.top)
    scales.lay_across(canvas, plot, box, extent, figure.x_label)
    for row in rows:
        _label(canvas, row)
    for at, column in zip((first_edge, edge), columns, strict=True):
        _column(canvas, rows, column, at)
    for number, words in enumerate(sides, start=1):
        for at, text, anchor in words:
            look = Lettering(anchor=anchor, size=SMALL)
            canvas.words(at, box.bottom + scales.DEPTH + _LINE * number - 6, text, look)
    for number, line in enumerate(lines, start=1):
        canvas.words(edge, below + _LINE * number - 6, line, _HEAD)
    return RowPlot(canvas=canvas, plot=plot, rows=rows, extent=extent)


def _sides(figure: Figure, box: Box) -> list[list[tuple[float, str, Anchor]]]:
    """What lies on either side, at both ends of the axis: in one line, or in two if one is short.

    Each is where it stands, its words, and on which side of its place.
    """
    low, high = figure.low_means, figure.high_means
    words: list[tuple[float, str, Anchor]] = []
    words += [(box.left, f"← {low}", "start")] if low else []
    words += [(box.right, f"{high} →", "end")] if high else []
    needed = sum(widest([text], SMALL) for _, text, _ in words) + _GAP
    if needed <= box.width:
        return [words] if words else []
    return [[side] for side in words]


def _placed(entries: Sequence[Entry]) -> tuple[tuple[Placed, ...], float]:
    """The entries below each other, and the width that their labels take."""
    top = SMALL * LEADING + _AIR
    rows: list[Placed] = []
    for entry in entries:
        top += _AIR if entry.result is None and rows else 0
        room = _WIDEST_LABEL - _INDENT * entry.level
        lines = tuple(wrap(entry.label, room, is_strong=entry.result is None))
        height = max(len(lines), 1) * SIZE * LEADING + 2 * _AIR
        rows.append(Placed(entry, lines, top, height))
        top += height
    lengths = [
        _INDENT * row.entry.level + widest(list(row.lines), is_strong=row.entry.result is None)
        for row in rows
    ]
    return tuple(rows), max(lengths)


def _label(canvas: Canvas, row: Placed) -> None:
    look = Lettering(is_strong=row.entry.result is None)
    canvas.lines(_INDENT * row.entry.level, row.middle, list(row.lines), look)


def _column(canvas: Canvas, rows: Sequence[Placed], column: Column, edge: float) -> None:
    """Numbers set flush right, their head above; what is missing in a lighter tone."""
    canvas.words(edge, SMALL, column.head, _HEAD)
    numbered = [row for row in rows if row.entry.result is not None]
    for row, text in zip(numbered, column.texts, strict=True):
        colour = INK if row.mark else MUTED
        canvas.lines(edge, row.middle, [text], Lettering(anchor="end", colour=colour))
