"""What matplotlib drew, made fit to stand inside a page beside other figures.

Ids are the figure's own, colours the page's; there is no rule that would reach outside, no date,
no reference, no namespace. The same drawing gives the same bytes.
"""

from __future__ import annotations

import hashlib
import re
from xml.etree.ElementTree import Element, fromstring, tostring

from incohort.figures.colours import to_css

_NUMBER = re.compile(r"-?\d+\.\d+")
_XLINK = "{http://www.w3.org/1999/xlink}href"


def identifier(key: str) -> str:
    """An id that no other figure of a page has, the same in every run."""
    return "fig-" + hashlib.sha256(key.encode()).hexdigest()[:10]


def marks(drawn: str, key: str) -> str:
    """The marks of a drawing as SVG elements, to be put into an `<svg>` of the same size.

    Args:
        drawn: What matplotlib's SVG canvas wrote. It holds no word of anybody's: words are set by
            the canvas of this room.
        key: The figure's key.
    """
    root = fromstring(drawn)  # noqa: S314 — matplotlib's own output
    prefix = identifier(key) + "-"
    parts = [part for child in root for part in _plain(child, prefix)]
    return "".join(tostring(part, encoding="unicode") for part in parts)


def _plain(element: Element, prefix: str, *, is_defined: bool = False) -> list[Element]:
    """An element without what a page needs not: nothing, itself, or what is inside a bare group."""
    name = element.tag.rpartition("}")[2]
    if name in {"metadata", "style", "title"}:
        return []
    inside = is_defined or name == "defs"
    children = [part for child in element for part in _plain(child, prefix, is_defined=inside)]
    kept = Element(name, _attributes(element, prefix, is_defined=is_defined))
    if name in {"g", "defs"} and not children:
        return []
    if name == "g" and not kept.attrib:
        return children
    kept.extend(children)
    return [kept]


def _attributes(element: Element, prefix: str, *, is_defined: bool) -> dict[str, str]:
    """Ids only where something refers to them, two decimals, the page's colours."""
    attributes: dict[str, str] = {}
    style = [element.attrib.get("style", "")]
    for name, value in element.attrib.items():
        match name:
            case "id" if is_defined:
                attributes["id"] = prefix + value
            case "id" | "style":
                continue
            case "fill" | "stroke":
                style.append(f"{name}: {value}")
            case _ if name in {_XLINK, "href"}:
                attributes["href"] = f"#{prefix}{value[1:]}"
            case "clip-path":
                attributes[name] = value.replace("url(#", f"url(#{prefix}")
            case _:
                attributes[name] = _NUMBER.sub(_shortened, " ".join(value.split()))
    if any(style):
        joined = "; ".join(filter(None, style)).replace("url(#", f"url(#{prefix}")
        attributes["style"] = to_css(joined)
    return attributes


def _shortened(number: re.Match[str]) -> str:
    """A coordinate to the hundredth of a pixel."""
    return f"{float(number[0]):.2f}".rstrip("0").rstrip(".")
