"""Forest plots: marks that grow with what stands behind them, summaries, and what a side means."""

from __future__ import annotations

import math
import re

import pytest

from incohort.figures.colours import CSS
from incohort.results import Estimate, FigureKind, Measure, SizedBy, Suppressed

FILL = "fill: " + CSS["#040404"]


def days(name: str, value: float, low: float | None, high: float | None, n: int | None = None):
    """A difference in days."""
    level = None if low is None else 0.95
    return Estimate(key=f"s/{name}", label=name, measure=Measure.DIFFERENCE, value=value,
                    ci_low=low, ci_high=high, conf_level=level, n=n, unit="d")  # fmt: skip


def weight(name: str, value: float) -> Estimate:
    """What a row weighs."""
    return Estimate(key=f"s/w/{name}", label=f"Weight of {name}", measure=Measure.PROPORTION,
                    value=value)  # fmt: skip


ROWS = [days("A", -4.0, -6.0, -2.0, 100), days("B", 1.0, -2.0, 4.0, 25)]
POOLED = days("Both", -2.0, -4.0, 0.0, 125)
WEIGHTS = [weight("A", 0.8), weight("B", 0.2)]


def sides(drawing) -> list[float]:
    """How wide each full mark is, from top to bottom."""
    shapes = {path.get("id"): path.get("d", "") for path in drawing.svg.iter("path")}
    found = []
    for use in drawing.svg.iter("use"):
        if use.get("style", "").startswith(FILL):
            numbers = list(
                map(float, re.findall(r"-?\d+(?:\.\d+)?", shapes[use.get("href", "")[1:]]))
            )
            found.append((float(use.get("y", 0)), max(numbers[::2]) - min(numbers[::2])))
    return [side for _, side in sorted(found)]


def polygons(drawing) -> list[list[tuple[float, float]]]:
    """The corners of what is filled with the accent and is no mark."""
    return [
        [
            (float(x), float(y))
            for x, y in re.findall(r"(-?[\d.]+)[ ,](-?[\d.]+)", path.get("d", ""))
        ]
        for path in drawing.svg.iter("path")
        if path.get("style", "").startswith(FILL) and not path.get("id")
    ]


@pytest.mark.parametrize("sized_by", [SizedBy.N, SizedBy.WEIGHT])
def test_of_four_times_as_many_the_mark_has_four_times_the_area(draw, sized_by):
    """100 beside 25, and 80 % beside 20 %, are squares of which one is twice as wide."""
    group = ("Series", ROWS, {"weights": tuple(one.key for one in WEIGHTS)})
    drawing = draw(FigureKind.FOREST, group, weights=WEIGHTS, sized_by=sized_by, reference=0.0)
    wide, narrow = sides(drawing)
    assert wide == pytest.approx(2 * narrow, rel=0.01)
    ends = (
        "n, here 25 to 100"
        if sized_by is SizedBy.N
        else "the weight, here 20.0\u00a0% to 80.0\u00a0%"
    )
    assert f"Area of a mark: {ends}." in drawing.at


def test_marks_are_alike_where_nothing_is_said_of_their_size(draw):
    """As reports of before have it, whatever stands behind the numbers."""
    drawing = draw(FigureKind.FOREST, ("Series", ROWS), reference=0.0)
    assert len(set(sides(drawing))) == 1
    assert not any(text.startswith("Area") for text in drawing.at)


def test_of_whom_no_number_is_told_the_mark_is_open_and_small(draw):
    """No size is made up for what nobody counted."""
    rows = [*ROWS, days("Unknown", 2.0, None, None)]
    drawing = draw(FigureKind.FOREST, ("Series", rows), reference=0.0, sized_by=SizedBy.N)
    assert len(sides(drawing)) == 2
    assert len(drawing.marks(full=False)) == 1
    assert any("Open: not known." in text for text in drawing.at)


def test_a_summary_is_a_diamond_as_wide_as_its_interval(draw):
    """Its corners stand at the limits and at the estimate, in the row of its label."""
    groups = [("Series", ROWS), ("Pooled", [POOLED], {"is_summary": True})]
    drawing = draw(FigureKind.FOREST, *groups, reference=0.0, sized_by=SizedBy.N)
    (corners,) = polygons(drawing)
    middle = drawing.at["Both"][1] - 0.35 * 14
    for value, height in ((-4.0, 0), (-2.0, -6.5), (0.0, 0), (-2.0, 6.5)):
        corner = drawing.place("0", "2", value, axis=0), middle + height
        assert any(corner == pytest.approx(found, abs=0.6) for found in corners)
    assert len(sides(drawing)) == 2
    assert any("Diamond: a summary, as wide as its interval." in text for text in drawing.at)


def test_a_diamond_ends_with_the_axis_and_says_that_it_goes_on(draw):
    """An interval without an end is no diamond without one: it ends in an arrow."""
    open_ended = days("All", 2.0, 1.0, math.inf)
    drawing = draw(FigureKind.FOREST, ("Pooled", [open_ended], {"is_summary": True}),
                   reference=1.0, is_log=True)  # fmt: skip
    (corners,) = polygons(drawing)
    assert all(math.isfinite(x) and x <= float(drawing.svg.get("width", 0)) for x, _ in corners)
    assert any("Arrow: the interval goes on beyond the axis." in text for text in drawing.at)


def test_what_a_side_means_stands_at_its_end_of_the_axis(draw):
    """The left words begin where the axis begins, the right ones end where it ends."""
    drawing = draw(FigureKind.FOREST, ("Series", ROWS), reference=0.0, low_means="favours G-CSF",
                   high_means="favours none")  # fmt: skip
    left, right = drawing.at["← favours G-CSF"], drawing.at["favours none →"]
    axis = min(drawing.lines(0.8), key=lambda line: -abs(line[0][0] - line[1][0]))
    assert left[0] == pytest.approx(axis[0][0], abs=0.6)
    assert right[0] == pytest.approx(axis[1][0], abs=0.6)
    assert left[1] == right[1]


def test_long_words_of_both_sides_stand_below_each_other(draw):
    """They never run into each other."""
    low, high = (
        "much more often seen in those who were tested for it",
        "much less often seen in those who were tested for it",
    )
    drawing = draw(
        FigureKind.FOREST, ("Series", ROWS), reference=0.0, low_means=low, high_means=high
    )
    assert drawing.at[f"{high} →"][1] > drawing.at[f"← {low}"][1] + 12


def test_a_withheld_weight_or_number_sizes_nothing(draw):
    """What the gate took away can't be read from how large a mark is."""
    hidden = Suppressed(key="s/w/B", label="Weight of B", reason="it rests on few")
    group = ("Series", ROWS, {"weights": ("s/w/A", "s/w/B")})
    drawing = draw(FigureKind.FOREST, group, weights=[WEIGHTS[0], hidden], reference=0.0,
                   sized_by=SizedBy.WEIGHT)  # fmt: skip
    assert len(set(sides(drawing))) == 1
    assert not any(text.startswith("Area") for text in drawing.at)


def test_the_weights_stand_in_the_numbers_behind(draw):
    """The folded table has a column of them, each under its key."""
    group = ("Series", ROWS, {"weights": tuple(one.key for one in WEIGHTS)})
    drawing = draw(
        FigureKind.FOREST, group, weights=WEIGHTS, reference=0.0, sized_by=SizedBy.WEIGHT
    )
    table = drawing.html[drawing.html.index("<details") :]
    assert '<th scope="col">Weight</th>' in table
    assert 'data-key="s/w/A" data-value="0.8"' in table
