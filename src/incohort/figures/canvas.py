"""The surface that every kind of figure is drawn on: marks by matplotlib, words by this room.

Places are CSS pixels from the upper left corner. Words are set here, not by matplotlib, because
the reader's browser lays them out in the page's font, and because every number comes as text from
the tables room.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape
from io import StringIO
from math import atan2, cos, sin
from typing import TYPE_CHECKING, Any, Literal

from incohort.figures.colours import ACCENT, CSS, INK
from incohort.figures.lettering import LEADING, SIZE
from incohort.figures.svg import marks

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

Anchor = Literal["start", "middle", "end"]
Dashes = tuple[float, ...]  # lengths of strokes and gaps in turn; none is a line without gaps

OUTLINED = " "  # in place of a hatching: nothing inside the outline
WIDTH = 720.0  # of most figures: about the measure of the text around them
_NARROWEST = 0.8  # share of its width below which a figure scrolls instead of shrinking
_BLEED = 2  # beyond the left and right edges, for letters that lean over them
_HEAD = 7  # length of an arrow's head, in pixels
_SPREAD = 0.45  # half of its angle
_POINTS = 72  # matplotlib's SVG counts in points; one of them is one pixel of ours


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of the canvas."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height


@dataclass(frozen=True, slots=True, kw_only=True)
class Lettering:
    """How words look and on which side of their place they stand."""

    anchor: Anchor = "start"
    size: float = SIZE
    colour: str = INK
    is_strong: bool = False
    is_upright: bool = False  # turned to read from below

    @property
    def leading(self) -> float:
        """From one baseline to the next."""
        return self.size * LEADING


PLAIN = Lettering()


class Canvas:
    """A drawing in the making.

    Args:
        key: The figure's key, from which its ids are made.
        width: In CSS pixels.
        height: In CSS pixels.
    """

    def __init__(self, key: str, width: float, height: float) -> None:
        from matplotlib.figure import Figure  # noqa: PLC0415 — importing incohort stays instant

        self.key = key
        self.width, self.height = width, height
        self._drawing = Figure(figsize=(width / _POINTS, height / _POINTS), dpi=_POINTS)
        self._drawing.patch.set_visible(False)
        self._words: list[str] = []

    def axes(self, box: Box) -> Axes:
        """Axes over a part of the canvas; their ticks and numbers are the `scales` module's."""
        axes = self._drawing.add_axes(
            (
                box.left / self.width,
                1 - box.bottom / self.height,
                box.width / self.width,
                box.height / self.height,
            )
        )
        axes.set_axis_off()
        return axes

    def place(self, axes: Axes, x: float, y: float) -> tuple[float, float]:
        """Where a point of the data stands on the canvas."""
        across, up = axes.transData.transform((x, y))
        return float(across), self.height - float(up)

    def line(
        self,
        places: Sequence[tuple[float, float]],
        colour: str,
        weight: float = 1,
        dashes: Dashes = (),
    ) -> None:
        """A line through places of the canvas."""
        self.lines_of([places], colour, weight, dashes)

    def lines_of(
        self,
        lines: Sequence[Sequence[tuple[float, float]]],
        colour: str,
        weight: float = 1,
        dashes: Dashes = (),
    ) -> None:
        """Several lines in one stroke, as an axis with its ticks is."""
        from matplotlib.patches import PathPatch  # noqa: PLC0415
        from matplotlib.path import Path  # noqa: PLC0415

        places = [(x, self.height - y) for line in lines for x, y in line]
        codes = [Path.LINETO if n else Path.MOVETO for line in lines for n in range(len(line))]
        style = (0, dashes) if dashes else "solid"
        self._add(
            PathPatch(Path(places, codes), fill=False, edgecolor=colour, linewidth=weight,
                      linestyle=style, capstyle="butt")
        )  # fmt: skip

    def arrow(self, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
        """A line with a small open head at its end."""
        angle = atan2(end[1] - start[1], end[0] - start[0])
        sides = [
            (end[0] - _HEAD * cos(angle + turn), end[1] - _HEAD * sin(angle + turn))
            for turn in (-_SPREAD, _SPREAD)
        ]
        self.lines_of([[start, end], [sides[0], end, sides[1]]], colour)

    def box(self, box: Box, colour: str, *, weight: float = 1, dashes: Dashes = ()) -> None:
        """The outline of a rectangle."""
        style = (0, dashes) if dashes else "solid"
        self._rectangle(box, fill=False, edgecolor=colour, linewidth=weight, linestyle=style)

    def area(self, box: Box, density: float, *, hatch: str = "", edge: float = 0) -> None:
        """A rectangle filled with the accent, as dense as told, hatched, or `OUTLINED`."""
        face = "none" if hatch else (ACCENT, density)
        lines = "" if hatch == OUTLINED else hatch
        self._rectangle(box, facecolor=face, edgecolor=ACCENT, hatch=lines, linewidth=edge)

    def _rectangle(self, box: Box, **style: Any) -> None:
        from matplotlib.patches import Rectangle  # noqa: PLC0415

        corner = (box.left, self.height - box.bottom)
        self._add(Rectangle(corner, box.width, box.height, **style))

    def dot(self, x: float, y: float, radius: float, *, fill: str, edge: str) -> None:
        """A disc."""
        from matplotlib.patches import Circle  # noqa: PLC0415

        self._add(Circle((x, self.height - y), radius, facecolor=fill, edgecolor=edge))

    def mark(self, x: float, y: float, shape: str, colour: str, size: float = 6) -> None:
        """One open mark like those of a plot."""
        self.marks([(x, y)], shape, colour, size)

    def marks(
        self,
        places: Sequence[tuple[float, float]],
        shape: str,
        colour: str,
        size: float,
        *,
        is_full: bool = False,
    ) -> None:
        """Marks of one kind, open or filled."""
        from matplotlib.lines import Line2D  # noqa: PLC0415

        xs, ys = [x for x, _ in places], [self.height - y for _, y in places]
        self._add(
            Line2D(xs, ys, linestyle="none", marker=shape, color=colour,
                   fillstyle="full" if is_full else "none",
                   markersize=size, markeredgewidth=0 if is_full else 1)
        )  # fmt: skip

    def _add(self, artist: Artist) -> None:
        from matplotlib.transforms import IdentityTransform  # noqa: PLC0415

        artist.set_transform(IdentityTransform())
        self._drawing.add_artist(artist)

    def words(self, x: float, baseline: float, text: str, look: Lettering = PLAIN) -> None:
        """One line of text; no element where there is nothing to say."""
        if not text:
            return
        style = [
            ("text-anchor", look.anchor, "start"),
            ("font-size", f"{look.size:g}", f"{SIZE:g}"),
            ("font-weight", "600" if look.is_strong else "", ""),
            ("style", f"fill:{CSS[look.colour]}", f"fill:{CSS[INK]}"),
            ("transform", f"rotate(-90 {x:.1f} {baseline:.1f})" if look.is_upright else "", ""),
        ]
        extra = "".join(f' {name}="{value}"' for name, value, usual in style if value != usual)
        self._words.append(f'<text x="{x:.1f}" y="{baseline:.1f}"{extra}>{escape(text)}</text>')

    def lines(self, x: float, middle: float, texts: list[str], look: Lettering = PLAIN) -> None:
        """Lines of text, as a block around a height."""
        first = middle - (len(texts) - 1) * look.leading / 2 + 0.35 * look.size
        for number, text in enumerate(texts):
            self.words(x, first + number * look.leading, text, look)

    def svg(self, alt: str) -> str:
        """The finished drawing, told by `alt` to those who can't see it."""
        drawn = StringIO()
        self._drawing.savefig(drawn, format="svg", metadata={"Date": None})
        width, height = f"{self.width + 2 * _BLEED:g}", f"{self.height:g}"
        return (
            f'<svg role="img" aria-label="{escape(alt, quote=True)}" width="{width}" '
            f'height="{height}" viewBox="-{_BLEED} 0 {width} {height}" '
            f'style="min-width:{_NARROWEST * self.width:.0f}px">'
            f'<g aria-hidden="true">{marks(drawn.getvalue(), self.key)}'
            f'<g font-size="{SIZE:g}" style="fill:{CSS[INK]}">{"".join(self._words)}</g></g></svg>'
        )


@contextmanager
def drawing(key: str) -> Iterator[None]:
    """Draw in matplotlib's own default style, whatever the notebook has set for its own plots."""
    from matplotlib import style  # noqa: PLC0415

    settings = {
        "svg.hashsalt": key,
        "svg.fonttype": "none",
        "hatch.color": ACCENT,
        "hatch.linewidth": 1,
    }
    with style.context(["default", settings]):
        yield
