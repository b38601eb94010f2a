"""What tests of figures share: a figure drawn from groups of results, and what stands in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest

from incohort.figures import figure_html
from incohort.figures.colours import CSS
from incohort.results import Figure, FigureKind, Findings, Layout, Result, Series

Place = tuple[float, float]
Group = tuple[str, Sequence[Result]] | tuple[str, Sequence[Result], dict[str, Any]]


@dataclass(frozen=True)
class Drawing:
    """The HTML of a figure, and where its words, lines and marks stand."""

    html: str

    @cached_property
    def svg(self) -> Element:
        """The drawing as a tree."""
        found = re.search(r"<svg.*?</svg>", self.html, re.DOTALL)
        assert found
        return fromstring(found[0])  # noqa: S314 — our own drawing

    @property
    def words(self) -> list[tuple[str, float, float]]:
        """Every text with its place, in the order of the drawing."""
        return [
            (t.text or "", float(t.get("x", 0)), float(t.get("y", 0)))
            for t in self.svg.iter("text")
        ]

    @property
    def at(self) -> dict[str, Place]:
        """Where each text stands, the first of equal ones."""
        return {text: (x, y) for text, x, y in reversed(self.words)}

    def row(self, name: str) -> list[str]:
        """The texts that stand at the height of a name, from left to right, without itself."""
        height = self.at[name][1]
        found = [(x, text) for text, x, y in self.words if abs(y - height) < 1 and text != name]
        return [text for _, text in sorted(found)]

    def lines(self, width: float) -> list[list[Place]]:
        """The corners of the lines of a width, without those that bound a filled area."""
        return [
            _corners(path)
            for path in self.svg.iter("path")
            if f"stroke-width: {width:g}" in f"{path.get('style', '')};".replace(";", " ;")
            and "fill: none" in path.get("style", "")
        ]

    def areas(self, opacity: float) -> list[list[Place]]:
        """The corners of what is filled as densely as told."""
        shapes = {path.get("id"): _corners(path) for path in self.svg.iter("path")}
        wanted = f"fill-opacity: {opacity:g}"
        found = [e for e in self.svg.iter() if wanted in e.get("style", "").split("; ")]
        return [
            _corners(element)
            if element.tag == "path"
            else _moved(shapes[element.get("href", "")[1:]], element)
            for element in found
        ]

    def marks(self, *, full: bool) -> list[tuple[str, float, float]]:
        """Shape and place of each mark, full or open."""
        return [
            (use.get("href", ""), float(use.get("x", 0)), float(use.get("y", 0)))
            for use in self.svg.iter("use")
            if ("fill-opacity: 0" not in use.get("style", "")) is full
            and use.get("style", "").startswith("fill")
        ]

    @property
    def diamonds(self) -> list[Place]:
        """Where marks stand that are filled with the accent."""
        return [
            (float(use.get("x", 0)), float(use.get("y", 0)))
            for use in self.svg.iter("use")
            if use.get("style", "").startswith("fill: " + CSS["#040404"])
        ]

    def place(self, low: str, high: str, value: float, *, axis: int) -> float:
        """Where a value stands on a linear axis, by two of its ticks' numbers."""
        first, second = self.at[low][axis], self.at[high][axis]
        share = (value - float(low)) / (float(high) - float(low))
        return first + share * (second - first)


def _corners(path: Element) -> list[Place]:
    found = [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", path.get("d", ""))]
    return list(zip(found[::2], found[1::2], strict=False))


def _moved(corners: Sequence[Place], use: Element) -> list[Place]:
    """A shape where it is used."""
    left, top = (float(use.get(name, 0)) for name in "xy")
    return [(x + left, y + top) for x, y in corners]


@pytest.fixture
def draw() -> Callable[..., Drawing]:
    """A function that draws a kind of figure from named groups of results."""

    def drawn(kind: FigureKind, *groups: Group, weights: Sequence[Result] = (), **more) -> Drawing:
        figure = Figure(
            key="s/figure", kind=kind, caption="What is seen", alt="Told in words",
            series=tuple(
                Series(label, tuple(result.key for result in results), **(said[0] if said else {}))
                for label, results, *said in groups
            ), **more,
        )  # fmt: skip
        every = [r for group in groups for r in group[1]]
        results = tuple({r.key: r for r in (*every, *weights)}.values())
        findings = Findings(
            name="s", title="S", results=results, layout=Layout(figures=(figure,)), profile="none"
        )
        return Drawing(figure_html(figure, findings))

    return drawn
