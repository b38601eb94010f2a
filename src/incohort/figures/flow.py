"""Flow of patients: boxes from top to bottom, and beside them those left out at each step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from incohort.figures.canvas import Box, Canvas, Lettering
from incohort.figures.colours import INK, MUTED
from incohort.figures.lettering import LEADING, SIZE, wrap
from incohort.figures.reading import missing_word, printed
from incohort.results import CellKind, Figure, Findings, Result

_WIDE = 250.0
_APART = 56.0  # between the two columns
_STEP = 14.0  # between a box and the next to it, in either column
_AIR = 9.0
_EDGE = 1.0  # so that no outline is cut
_SIDE = _EDGE + _WIDE + _APART
_WIDTH = _SIDE + _WIDE + _EDGE
_LINE = SIZE * LEADING


@dataclass(frozen=True, slots=True)
class _Card:
    """A box with what it says: who, and how many."""

    who: tuple[str, ...]
    how_many: str
    is_missing: bool

    @property
    def height(self) -> float:
        return (len(self.who) + 1) * _LINE + 2 * _AIR


def draw(figure: Figure, findings: Findings, alt: str) -> str:
    """The SVG of a flow diagram; the first series are those who stay, the second those left out."""
    stay, *others = (
        [_card(findings.by_key[key], findings) for key in series.keys] for series in figure.series
    )
    left_out = _below(stay, [card for series in others for card in series])
    canvas = Canvas(figure.key, _WIDTH, _height(stay, left_out))
    axis = _EDGE + _WIDE / 2
    top = _EDGE
    for number, (card, beside) in enumerate(zip(stay, left_out, strict=True)):
        bottom = _draw_card(canvas, card, _EDGE, top)
        top = bottom + _gap(beside)
        if number + 1 < len(stay):
            canvas.arrow((axis, bottom), (axis, top - 1), MUTED)
        elif beside:
            canvas.line([(axis, bottom), (axis, bottom + _STEP + beside[-1].height / 2)], MUTED)
        down = bottom + _STEP
        for out in beside:
            middle = down + out.height / 2
            canvas.arrow((axis, middle), (_SIDE - 1, middle), MUTED)
            down = _draw_card(canvas, out, _SIDE, down) + _STEP
    return canvas.svg(alt)


def _card(result: Result, findings: Findings) -> _Card:
    word = missing_word(result)
    who = tuple(wrap(result.label, _WIDE - 2 * _AIR))
    return _Card(who, word or f"n = {printed(result, CellKind.COUNT, findings)}", bool(word))


def _below(stay: Sequence[_Card], left_out: Sequence[_Card]) -> list[list[_Card]]:
    """Who is left out after each step; what has no step of its own goes with the last but one."""
    gaps: list[list[_Card]] = [[] for _ in stay]
    last = max(len(stay) - 2, 0)
    for number, card in enumerate(left_out):
        gaps[min(number, last)].append(card)
    return gaps


def _gap(beside: Sequence[_Card]) -> float:
    """The room below a box, in which the boxes beside it stand."""
    return sum((card.height + _STEP for card in beside), 0.0) + _STEP


def _height(stay: Sequence[_Card], left_out: Sequence[Sequence[_Card]]) -> float:
    """Of the whole: below the last box only what stands beside it."""
    gaps = [_gap(beside) for beside in left_out]
    last = gaps[-1] if left_out[-1] else 0.0
    return 2 * _EDGE + sum(card.height for card in stay) + sum(gaps[:-1]) + last


def _draw_card(canvas: Canvas, card: _Card, left: float, top: float) -> float:
    """A box with its words and count; returns where it ends."""
    canvas.box(Box(left, top, _WIDE, card.height), MUTED)
    first = top + _AIR + SIZE
    for number, line in enumerate(card.who):
        canvas.words(left + _AIR, first + number * _LINE, line)
    look = Lettering(is_strong=not card.is_missing, colour=MUTED if card.is_missing else INK)
    canvas.words(left + _AIR, first + len(card.who) * _LINE, card.how_many, look)
    return top + card.height
