"""Heat maps: a denser cell is a higher number, and the number can be read on it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from incohort.figures import heatmap
from incohort.results import Estimate, FigureKind, Measure, NotEstimable

_CSS = Path(heatmap.__file__).parents[1] / "reports" / "templates" / "findings.css"


def value(key: str, number: float) -> Estimate:
    """A correlation."""
    return Estimate(key=key, label=key, measure=Measure.CORRELATION, value=number)


def shades(drawing) -> dict[str, float]:
    """How dense the cell is in which each number stands."""
    found = {}
    for path in drawing.svg.iter("path"):
        density = re.search(r"fill-opacity: ([\d.]+)", path.get("style", ""))
        if density:
            corners = re.findall(r"-?\d+(?:\.\d+)?", path.get("d", ""))
            xs, ys = [float(c) for c in corners[::2]], [float(c) for c in corners[1::2]]
            for text, x, y in drawing.words:
                if min(xs) < x < max(xs) and min(ys) < y < max(ys):
                    found[text] = float(density[1])
    return found


def test_a_higher_number_is_denser_in_proportion(draw):
    """The lowest cell is the lightest, the highest the densest, one midway is midway."""
    drawing = draw(
        FigureKind.HEATMAP, ("A", [value("s/1", 0.2), value("s/2", 0.4)]),
        ("B", [value("s/3", 0.5), value("s/4", 0.8)]), columns=("A", "B"),
    )  # fmt: skip
    dense = shades(drawing)
    assert dense["0.200"] == pytest.approx(heatmap.LIGHTEST, abs=0.001)
    assert dense["0.800"] == pytest.approx(heatmap.DENSEST, abs=0.001)
    assert dense["0.500"] == pytest.approx((heatmap.LIGHTEST + heatmap.DENSEST) / 2, abs=0.001)


def test_a_cell_stands_in_its_row_and_column(draw):
    """A number is below its column's name and beside its row's."""
    drawing = draw(
        FigureKind.HEATMAP, ("First", [value("s/1", 0.2), value("s/2", 0.4)]),
        ("Second", [value("s/3", 0.5), value("s/4", 0.8)]), columns=("Left", "Right"),
    )  # fmt: skip
    at = drawing.at
    assert at["0.800"] == pytest.approx((at["Right"][0], at["Second"][1]), abs=0.1)
    assert at["0.200"] == pytest.approx((at["Left"][0], at["First"][1]), abs=0.1)


def test_a_missing_cell_is_dashed_and_told(draw):
    """It has an outline of dashes, no shade, a dash for its number, and a line that names it."""
    none = NotEstimable(key="s/2", label="x", reason="nobody had both tests")
    drawing = draw(FigureKind.HEATMAP, ("GIFT", [value("s/1", 0.2), none]), columns=("A", "B"))
    assert "–" not in shades(drawing)
    assert set(shades(drawing)) == {"0.200"}
    assert "stroke-dasharray" in drawing.html
    assert "Not estimable: GIFT, B." in drawing.at
    assert "Nobody had both tests." in drawing.html


def test_long_names_of_narrow_columns_stand_upright(draw):
    """Names that no cell has room for are turned, and keep clear of the first row."""
    names = tuple(f"Immunofluorescence-{n}" for n in range(12))
    row = [value(f"s/{n}", n / 12) for n in range(12)]
    drawing = draw(FigureKind.HEATMAP, ("A", row), columns=names)
    turned = [t for t in drawing.svg.iter("text") if "rotate" in t.get("transform", "")]
    assert {t.text for t in turned} == set(names)
    assert all(float(t.get("y", 0)) < drawing.at["A"][1] - 15 for t in turned)


def _luminance(colour: tuple[float, ...]) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = [c / 255 for c in colour]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _rgb(text: str) -> tuple[float, ...]:
    digits = text if len(text) == 6 else "".join(2 * digit for digit in text)
    return tuple(float(int(digits[n : n + 2], 16)) for n in (0, 2, 4))


@pytest.mark.parametrize("density", [heatmap.LIGHTEST, 0.25, heatmap.DENSEST])
def test_the_number_can_be_read_on_every_shade_of_both_pages(density):
    """The page's ink has a contrast of 4.5 on the densest cell, on the light page and the dark."""
    page = (_CSS.parent / "page.css").read_text(encoding="utf-8")
    light, dark = re.findall(r":root \{[^}]*--paper: #[^}]*\}", page)[:2]
    for rules in (light, dark):
        found = dict(re.findall(r"--(paper|ink|accent): #([0-9a-f]+)", rules))
        paper, ink, accent = (_rgb(found[name]) for name in ("paper", "ink", "accent"))
        cell = tuple(density * a + (1 - density) * p for a, p in zip(accent, paper, strict=True))
        bright, dim = sorted((_luminance(cell), _luminance(ink)), reverse=True)
        assert (bright + 0.05) / (dim + 0.05) >= 4.5
