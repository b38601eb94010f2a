"""How series are told apart: by stroke, shape and hatching, never by colour alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar
from zlib import crc32

from incohort.figures.canvas import OUTLINED, Box, Canvas, Dashes, Lettering
from incohort.figures.colours import ACCENT, INK, MUTED
from incohort.figures.lettering import LEADING, SMALL, width, wrap

SHAPES = ("o", "s", "^", "D", "v", "P")
STROKES: tuple[Dashes, ...] = ((), (6, 3), (2, 2), (9, 3, 2, 3))
HATCHES = ("", "//", "\\\\", "xx")
BAND = 0.16  # how dense a band is filled: what lies under it shows

_T = TypeVar("_T")
LineStyle = str | tuple[float, Dashes]

_COLUMNS = 1200  # into which an axis is divided: two a pixel

SAMPLE = 24.0  # length of the piece of line before a name
_AFTER = 6.0
_APART = 22.0  # between the entries of a legend
_ROW = SMALL * LEADING + 3


@dataclass(frozen=True, slots=True)
class Look:
    """The appearance of one series."""

    stroke: Dashes
    tone: str
    shape: str
    hatch: str


def line_style(dashes: Dashes) -> LineStyle:
    """Strokes and gaps as matplotlib takes them."""
    return (0, dashes) if dashes else "solid"


def look_of(number: int) -> Look:
    """How the series with this number looks; twelve lines differ, and every neighbour does."""
    return Look(
        STROKES[number % len(STROKES)],
        (ACCENT, INK, MUTED)[number % 3],
        SHAPES[number % len(SHAPES)],
        HATCHES[number % len(HATCHES)],
    )


# What happened has the same mark in every figure, whatever else a figure shows.
_OF_KIND = {
    "recovered": (SHAPES[0], ACCENT),
    "death": (SHAPES[1], INK),
    "censored": (SHAPES[2], MUTED),
    "severe_infection": (SHAPES[3], INK),
    "goes_on": (SHAPES[4], ACCENT),
    "infection": (SHAPES[5], MUTED),
    # one end of what was given, where the other is not known
    "suspect_drug_started": (">", ACCENT),
    "suspect_drug_stopped": ("<", ACCENT),
    "gcsf_started": ("4", INK),
    "gcsf_stopped": ("3", INK),
}
# Most of a figure's spans are a suspect drug's, and hundreds of hatched bars make a heavy page.
_SPANS = {"suspect_drug": OUTLINED, "gcsf": ""}
_SPAN_HATCHES = ("xxxx", "....", "\\\\\\\\", "++++", "----")


def looks_of_marks(kinds: Sequence[str]) -> dict[str, Look]:
    """How each kind of moment is marked; one that is not known here takes a mark of its name's."""
    free = [
        (shape, tone)
        for tone in (ACCENT, INK, MUTED)
        for shape in SHAPES
        if (shape, tone) not in _OF_KIND.values()
    ]
    by_kind = _by_name(kinds, _OF_KIND, free)
    return {kind: Look((), tone, shape, "") for kind, (shape, tone) in by_kind.items()}


def looks_of_spans(kinds: Sequence[str]) -> dict[str, Look]:
    """How each kind of span looks: a suspect drug outlined, G-CSF filled, any other hatched."""
    by_kind = _by_name(kinds, _SPANS, _SPAN_HATCHES)
    return {kind: Look((), ACCENT, "s", hatch) for kind, hatch in by_kind.items()}


def _by_name(kinds: Sequence[str], known: Mapping[str, _T], free: Sequence[_T]) -> dict[str, _T]:
    """What is known of each kind, else the one that its name leads to, or the next that is free."""
    by_kind = {kind: known[kind] for kind in kinds if kind in known}
    for kind in sorted(set(kinds) - by_kind.keys()):
        start = crc32(kind.encode())
        turns = (free[(start + step) % len(free)] for step in range(len(free)))
        by_kind[kind] = next((look for look in turns if look not in by_kind.values()), free[0])
    return {kind: by_kind[kind] for kind in kinds}


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An entry of a legend: a name behind a piece of line, a mark or a hatched box."""

    name: str
    look: Look
    is_mark: bool = False
    has_mark: bool = False  # upon the piece of line, filled
    is_area: bool = False


@dataclass(frozen=True, slots=True)
class Legend:
    """Entries in rows that are no longer than the figure is wide."""

    rows: tuple[tuple[tuple[float, Item], ...], ...]

    @property
    def height(self) -> float:
        """What it needs above the plot; nothing where there is nothing to tell apart."""
        return len(self.rows) * _ROW + (6 if self.rows else 0)

    def draw(self, canvas: Canvas, top: float = 0) -> None:
        """Set it from a height on."""
        for number, row in enumerate(self.rows):
            middle = top + (number + 0.5) * _ROW
            for left, item in row:
                draw_sample(canvas, left, middle, item)
                lines = wrap(item.name, canvas.width - left - SAMPLE - _AFTER, SMALL)[:1]
                canvas.lines(left + SAMPLE + _AFTER, middle, lines, Lettering(size=SMALL))


def legend_of(items: Sequence[Item], room: float) -> Legend:
    """The entries, as many in each row as have room."""
    rows: list[list[tuple[float, Item]]] = []
    at = room
    for item in items:
        need = SAMPLE + _AFTER + width(item.name, SMALL)
        if not rows or at + need > room:
            rows.append([])
            at = 0
        rows[-1].append((at, item))
        at += need + _APART
    return Legend(tuple(map(tuple, rows)))


def draw_sample(canvas: Canvas, left: float, middle: float, item: Item) -> None:
    """What stands before a name."""
    if item.is_mark:
        canvas.mark(left + SAMPLE / 2, middle, item.look.shape, item.look.tone)
    elif item.is_area:
        box = Box(left, middle - 5, SAMPLE, 10)
        canvas.area(box, 0.3, hatch=item.look.hatch, edge=0.8)
    else:
        ends = [(left, middle), (left + SAMPLE, middle)]
        canvas.line(ends, item.look.tone, 1.6, item.look.stroke)
        if item.has_mark:
            canvas.marks([(left + SAMPLE / 2, middle)], item.look.shape, ACCENT, 7, is_full=True)


def spread(
    wanted: Sequence[float], heights: Sequence[float], low: float, high: float
) -> list[float]:
    """Middles for blocks of these heights, near where they are wanted, none upon another.

    Blocks keep the order of their wishes and stay between `low` and `high` if they have room there.
    """
    order = sorted(range(len(wanted)), key=lambda n: (wanted[n], n))
    places = list(wanted)
    edge = low
    for n in order:  # downwards: none before the end of the last one
        places[n] = max(places[n], edge + heights[n] / 2)
        edge = places[n] + heights[n] / 2
    edge = high
    for n in reversed(order):  # and back: what went beyond the end moves up, and pushes others
        places[n] = min(places[n], edge - heights[n] / 2)
        edge = places[n] - heights[n] / 2
    return places


def visible(xs: Sequence[float], *values: Sequence[float]) -> list[int]:
    """The corners of lines over the same places that make a difference to the eye.

    Of those within half a pixel of the axis the first, the last, and the outermost of each line
    stay, so that a curve of very many points is drawn as it is and takes no more room than others.
    """
    if len(xs) <= _COLUMNS:
        return list(range(len(xs)))
    low, span = min(xs), (max(xs) - min(xs)) or 1.0
    columns: dict[int, list[int]] = {}
    for n, x in enumerate(xs):
        columns.setdefault(int((x - low) / span * _COLUMNS), []).append(n)
    kept: set[int] = set()
    for inside in columns.values():
        kept |= {inside[0], inside[-1]}
        kept.update(end(inside, key=line.__getitem__) for line in values for end in (min, max))
    return sorted(kept)
