"""A figure as a picture: the same drawing in the light page's colours, crisp in print."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import groupby
from pathlib import Path
from xml.etree.ElementTree import SubElement, fromstring, tostring

from incohort.tables.portable import plain

_CSS_INCH = 96  # pixels of a page
_ZOOM = 2.5  # dots of a picture for each of them: 240 in an inch
_MARGIN = 8  # pixels around a drawing, for letters that lean over its edge
_PAPER = "#ffffff"
_VARIABLE = re.compile(r"var\(--(\w+), [^)]*\)")
_COLOUR = re.compile(r"--(\w+): (#[0-9a-f]{6})")
_VIEW = re.compile(r'width="([\d.]+)" height="([\d.]+)" viewBox="(-?[\d.]+) (-?[\d.]+) [\d. ]+"')
_SVG, _CLIP = "{http://www.w3.org/2000/svg}", "clip-path"
_FONTS = ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf")


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG, and how large it is meant to be, in inches."""

    png: bytes
    width: float
    height: float

    @property
    def dots(self) -> tuple[int, int]:
        """Its width and height in dots."""
        width, height = struct.unpack(">II", self.png[16:24])
        return int(width), int(height)


def picture_of(svg: str) -> Picture:
    """A drawing of ours as a picture on white.

    The same drawing gives the same bytes: its words are set in DejaVu Sans, which comes along. Only
    words with letters that it lacks are set in what the computer has.
    """
    from resvg_py import svg_to_bytes  # noqa: PLC0415 — only where a figure is exported

    drawing, width, height = _alone(plain(svg))
    png = svg_to_bytes(
        svg_string=drawing,
        background=_PAPER,
        zoom=_ZOOM,
        skip_system_fonts=_has_all_letters(drawing),
        font_files=[str(_fonts() / name) for name in _FONTS],
        font_family="DejaVu Sans",
        sans_serif_family="DejaVu Sans",
    )
    return Picture(bytes(png), width / _CSS_INCH, height / _CSS_INCH)


def _alone(svg: str) -> tuple[str, float, float]:
    """The drawing as a file of its own, with colours in place of the page's, and its size."""
    colours = _colours()
    coloured = _VARIABLE.sub(lambda match: colours[match[1]], svg)
    match = _VIEW.search(coloured)
    if match is None:
        msg = "a drawing without a size"
        raise ValueError(msg)
    width, height, left, top = (float(number) for number in match.groups())
    width, height = width + 2 * _MARGIN, height + 2 * _MARGIN
    view = (
        f'xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="{left - _MARGIN:g} {top - _MARGIN:g} {width:g} {height:g}"'
    )
    alone = coloured[: match.start()] + view + coloured[match.end() :]
    return _clipped_once(alone), width, height


def _clipped_once(svg: str) -> str:
    """The drawing with neighbours that are cut by one frame in a group: cutting takes long."""
    root = fromstring(svg)  # noqa: S314 — our own drawing
    for parent in list(root.iter()):
        children = list(parent)
        for child in children:
            parent.remove(child)
        for frame, group in groupby(children, key=lambda child: child.get(_CLIP)):
            if frame is None:
                parent.extend(group)
                continue
            together = SubElement(parent, f"{_SVG}g", {_CLIP: frame})
            for child in group:
                del child.attrib[_CLIP]
                together.append(child)
    return tostring(root, encoding="unicode")


@cache
def _colours() -> dict[str, str]:
    """The page's light colours, by their names in its style; its paper is white."""
    style = files("incohort.reports").joinpath("templates", "page.css").read_text("utf-8")
    light: dict[str, str] = {}
    for name, colour in _COLOUR.findall(style):
        light.setdefault(name, colour)  # the light ones come first
    return light | {"paper": _PAPER}


def _has_all_letters(drawing: str) -> bool:
    known = _letters()
    return all(letter in known for letter in set(drawing) if letter.isprintable())


@cache
def _letters() -> frozenset[str]:
    """What both fonts can set."""
    from matplotlib.ft2font import FT2Font  # noqa: PLC0415 — as above

    maps = [FT2Font(str(_fonts() / name)).get_charmap() for name in _FONTS]
    return frozenset(map(chr, maps[0].keys() & maps[1].keys()))


@cache
def _fonts() -> Path:
    from matplotlib import get_data_path  # noqa: PLC0415 — as above

    return Path(get_data_path(), "fonts", "ttf")
