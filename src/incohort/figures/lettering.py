"""How much room words need, before anybody knows the reader's font.

Text stays text in a figure and takes the page's font. It is measured in DejaVu Serif, which comes
with matplotlib and is wider than nearly every font that a page falls back to: what fits in it fits.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

SIZE = 14.0  # of all words, in CSS pixels
SMALL = 12.5  # of axis numbers and remarks
LEADING = 1.3  # from one line to the next, in sizes
_SPACES = re.compile(r"[ \t\n]+")  # where a line may end: not at a space that holds
_EM = 64  # size at which letters are measured, once each


def width(text: str, size: float = SIZE, *, is_strong: bool = False) -> float:
    """The length of a line of text, in CSS pixels."""
    return sum(_advance(letter, is_strong) for letter in text) * size


@lru_cache(maxsize=4096)
def _advance(letter: str, is_strong: bool) -> float:
    """The width of one letter in ems; a whole em where the measuring font lacks it."""
    from matplotlib.ft2font import LoadFlags  # noqa: PLC0415 — importing incohort stays instant

    font = _font(is_strong)
    if not font.get_char_index(ord(letter)):
        return 1.0
    glyph = font.load_char(ord(letter), flags=LoadFlags.NO_HINTING)
    return float(glyph.linearHoriAdvance) / 65536 / _EM


@lru_cache(maxsize=2)
def _font(is_strong: bool):  # type: ignore[no-untyped-def] # noqa: ANN202 — FT2Font, lazily
    from matplotlib import get_data_path  # noqa: PLC0415
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415

    name = "DejaVuSerif-Bold.ttf" if is_strong else "DejaVuSerif.ttf"
    font = FT2Font(str(Path(get_data_path(), "fonts", "ttf", name)))
    font.set_size(_EM, 72)
    return font


def wrap(text: str, room: float, size: float = SIZE, *, is_strong: bool = False) -> list[str]:
    """The lines of a text that are no longer than `room`; a word that is longer is broken."""
    lines: list[str] = []
    line = ""
    for word in filter(None, _SPACES.split(text)):
        candidate = f"{line} {word}" if line else word
        if width(candidate, size, is_strong=is_strong) <= room:
            line = candidate
            continue
        lines += [line] if line else []
        *whole, line = _broken(word, room, size, is_strong=is_strong)
        lines += whole
    return [*lines, line] if line else lines


def _broken(word: str, room: float, size: float, *, is_strong: bool) -> list[str]:
    pieces = [""]
    for letter in word:
        if pieces[-1] and width(pieces[-1] + letter, size, is_strong=is_strong) > room:
            pieces.append("")
        pieces[-1] += letter
    return pieces


def widest(texts: list[str], size: float = SIZE, *, is_strong: bool = False) -> float:
    """The length of the longest line; 0 of none."""
    return max((width(text, size, is_strong=is_strong) for text in texts), default=0.0)
