"""Patients' series: each line where its values are, spans on their days, quartiles with their n."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incohort.figures.tracks import segments, value_at
from incohort.results import Band, FigureKind, PatientTracks, Suppressed, Track

LONG = Track(x=(0.0, 10.0), y=(1.0, 3.0), spans=(("gcsf", 2.0, 7.0),), marks=(("infection", 5.0),))
SHORT = Track(x=(4.0, 0.0), y=(2.0, 4.0), spans=(("gcsf", 0.0, 1.0),), marks=(("recovered", 4.0),))
BAND = Band(
    key="s/band", label="All", x=(3.5, 10.5, 24.5), q1=(1.0, 2.0, 3.0), median=(2.0, 3.0, 4.0),
    q3=(3.0, 4.0, 6.0), n=(60, 55, 20), x_label="Days", y_label="ANC",
)  # fmt: skip


def of(*tracks: Track) -> PatientTracks:
    """The series of these patients."""
    return PatientTracks(key="s/t", label="All", tracks=tracks, x_label="Days", y_label="ANC")


def test_a_patients_line_joins_their_values_by_day(draw):
    """Values that come in another order are joined in the order of their days."""
    drawing = draw(FigureKind.TRACKS, ("All", [of(LONG, SHORT)]))
    lines = drawing.lines(1.2)
    assert len(lines) == 2
    ((left, low), (right, high)), ((first, top), (second, bottom)) = lines
    length, unit = right - left, (low - high) / 2
    assert (first, second) == pytest.approx((left, left + 0.4 * length), abs=0.1)
    assert (bottom - top, low - bottom) == pytest.approx((2 * unit, unit), abs=0.1)


def test_a_mark_stands_on_its_patients_line(draw):
    """An infection midway between two counts is drawn midway on the line between them."""
    drawing = draw(FigureKind.TRACKS, ("All", [of(LONG, SHORT)]))
    ((left, low), (right, high)), _ = drawing.lines(1.2)
    places = [(x, y) for _, x, y in drawing.marks(full=False)]
    middle = ((left + right) / 2, (low + high) / 2)
    assert any(place == pytest.approx(middle, abs=0.1) for place in places)
    assert {"Infection", "Recovered"} <= set(drawing.at)


def test_marks_outside_a_patients_values_keep_to_the_nearest():
    """Before the first value and after the last one the line is level."""
    assert [value_at(LONG, day) for day in (-3.0, 0.0, 2.5, 10.0, 30.0)] == [1, 1, 1.5, 3, 3]
    assert value_at(Track(), 3.0) is None


def test_each_span_is_a_stroke_on_its_days(draw):
    """Under the axis G-CSF of one patient goes from day 2 to 7, of the other from 0 to 1."""
    drawing = draw(FigureKind.TRACKS, ("All", [of(LONG, SHORT)]))
    ((left, _), (right, _)), _ = drawing.lines(1.2)
    day = (right - left) / 10
    (rug,) = [line for line in drawing.lines(4.2) if len(line) == 4]
    xs = [x - left for x, _ in rug]
    assert xs == pytest.approx([2 * day, 7 * day, 0, day], abs=0.1)
    heights = {y for _, y in rug}
    assert len(heights) == 2
    assert all(abs(y - drawing.at["G-CSF"][1]) < 15 for y in heights)


def test_a_value_of_zero_keeps_the_axis_linear(draw):
    """A log axis has no place for 0: the value is drawn, and the axis begins there."""
    zero = Track(x=(0.0, 5.0), y=(0.0, 2.0))
    drawing = draw(FigureKind.TRACKS, ("All", [of(zero)]), is_log=True)
    (((_, low), (_, high)),) = drawing.lines(1.2)
    assert low == pytest.approx(drawing.at["0.0"][1] - 0.35 * 12.5, abs=0.6)
    assert low > high


def test_quartiles_are_drawn_with_how_many_patients_they_have(draw):
    """The line is the median, the band reaches from the first to the third quartile."""
    drawing = draw(FigureKind.TRACKS, ("All", [BAND]))
    (band,) = drawing.areas(0.16)
    level = [drawing.place("0", "6", y, axis=1) - 0.35 * 12.5 for y in (1, 4)]
    assert (max(y for _, y in band), min(y for _, y in band)) == pytest.approx(level, abs=0.6)
    assert drawing.row("Patients") == ["60", "55", "20"]
    under = [x for x, y in (drawing.at[n] for n in ("60", "55"))]
    (median, *_) = drawing.lines(1.8)
    assert [x for x, _ in median] == pytest.approx(under, abs=0.1)
    assert "ANC (line: median, band: quartiles)" in drawing.at


def test_where_a_bin_is_left_out_the_line_is_broken():
    """After the second week there is none for the third: the fourth stands alone."""
    assert segments(BAND) == [[0, 1], [2]]


def test_many_tracks_are_thinner_and_all_there(draw):
    """Of two hundred patients each has a line, in a file that a page can hold."""
    many = [Track(x=(0.0, n + 1.0), y=(0.1, n / 9 + 0.2)) for n in range(200)]
    drawing = draw(FigureKind.TRACKS, ("All", [of(*many)]), is_log=True)
    assert len(drawing.lines(0.8)) >= 200
    assert len(drawing.html) < 150_000


def test_of_many_some_are_drawn_over_the_quartiles_of_all(draw):
    """Of thirty two have a line, and the band is that of thirty; how they were chosen is told."""
    many = [Track(x=(3.0,), y=(1.0 + n,), name=str(n)) for n in range(28)]
    every = replace(of(*many, LONG, SHORT), shown=(29, 28), choice="2 of 30, spread evenly")
    drawing = draw(FigureKind.TRACKS, ("All", [every]))
    assert len(drawing.lines(1.2)) == 2
    assert "28" in drawing.row("Patients")  # the day on which all but two have a value
    assert "ANC (line: median, band: quartiles)" in drawing.at
    assert any(text.startswith("Shown one by one: 2 of 30, spread evenly.") for text in drawing.at)
    table = drawing.html[drawing.html.index("<details") :]
    assert table.count("G-CSF") == 2
    assert '<td class="number">28</td>' in table


def test_quartiles_of_a_handful_are_not_drawn(draw):
    """Where four have a value there is no band; where five have one there is."""
    few = [Track(x=(3.0, 30.0) if n < 4 else (3.0,), y=(1.0, 2.0)[: 2 if n < 4 else 1])
           for n in range(5)]  # fmt: skip
    every = replace(of(*few), shown=(0,), choice="1 of 5")
    assert draw(FigureKind.TRACKS, ("All", [every])).row("Patients") == ["5"]


def test_the_table_tells_each_series(draw):
    """A row a patient with the number of values, what was given and what happened."""
    html = draw(FigureKind.TRACKS, ("All", [of(LONG, SHORT)])).html
    assert 'data-key="s/t"' in html
    assert html.count('<th scope="row">') == 2
    assert "G-CSF 2 to 7" in html
    assert "Infection 5" in html
    table = draw(FigureKind.TRACKS, ("All", [BAND])).html
    assert '<td class="number">60</td>' in table


def test_withheld_series_are_a_sentence(draw):
    """Where the gate made nothing of them the reader is told why."""
    none = Suppressed(key="s/t", label="All", reason="it shows single patients")
    html = draw(FigureKind.TRACKS, ("All", [none])).html
    assert "<svg" not in html
    assert "Withheld: it shows single patients." in html
