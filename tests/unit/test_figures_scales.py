"""Axes and letters: whatever the numbers and the words, an axis can be read and a line fits."""

from __future__ import annotations

import math

import matplotlib.ft2font
import matplotlib.ticker  # noqa: F401 — the room imports them lazily; no example has to wait
from hypothesis import given
from hypothesis import strategies as st

from incohort.figures.lettering import width, wrap
from incohort.figures.scales import Extent, linear, logarithmic, tick_texts

PLACES = st.lists(st.floats(-1e6, 1e6).map(lambda place: round(place, 3)), max_size=8)
RATIOS = st.lists(st.floats(1e-4, 1e4), min_size=1, max_size=8)


def assert_readable(extent: Extent) -> None:
    """Its ticks lie on it, go up, and no two have the same text."""
    assert extent.low < extent.high
    assert 2 <= len(extent.ticks) <= 9
    assert list(extent.ticks) == sorted(set(extent.ticks))
    assert all(extent.holds(tick) for tick in extent.ticks)
    assert len(set(tick_texts(extent))) == len(extent.ticks)


@given(PLACES, st.sampled_from([None, 0.0]))
def test_a_linear_axis_holds_every_place(places, origin):
    """All finite numbers have their place between readable ticks; infinite ones change nothing."""
    extent = linear(places, origin=origin)
    assert_readable(extent)
    assert all(extent.holds(place) for place in places)
    assert origin is None or extent.holds(origin)
    assert linear([*places, math.inf, -math.inf], origin=origin) == extent


@given(st.lists(st.integers(0, 10**6), max_size=8))
def test_counts_are_ticked_at_whole_numbers(counts):
    """There is no half patient on an axis."""
    extent = linear(map(float, counts), origin=0, is_whole=True)
    assert_readable(extent)
    assert all(tick.is_integer() for tick in extent.ticks)


@given(st.lists(st.floats(0, 100), min_size=1, max_size=8))
def test_shares_end_at_a_hundred(shares):
    """No axis of percentages goes beyond 0 and 100, and each share has its place."""
    extent = linear(shares, origin=0, ceiling=100)
    assert extent.low == 0
    assert extent.high <= 100
    assert all(extent.holds(share) for share in shares)


@given(RATIOS, RATIOS, st.sampled_from([None, 1.0]))
def test_a_log_axis_holds_every_estimate(estimates, ends, reference):
    """Every positive estimate and the guide line have a place; what is 0 or endless has none."""
    extent = logarithmic(estimates, [*ends, 0.0, math.inf], reference)
    assert_readable(extent)
    assert all(extent.holds(estimate) for estimate in estimates)
    assert reference is None or extent.holds(reference)
    assert not extent.holds(0.0)
    assert not extent.holds(math.inf)


def test_one_endless_interval_does_not_press_the_others_together():
    """An end a million times away is cut, so that estimates a factor of two apart stay apart."""
    extent = logarithmic([1.0, 2.0], [0.5, 1e9], 1.0)
    assert extent.high < 1e3
    assert math.log(2) / math.log(extent.high / extent.low) > 0.1


@given(st.text(max_size=80), st.floats(60, 300))
def test_lines_fit_and_lose_no_letter(text, room):
    """No line is longer than its room, whatever the words; only spaces go."""
    lines = wrap(text, room)
    assert all(width(line) <= room for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())
