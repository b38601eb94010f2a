"""Swimmer plots: one bar a patient, the longest first, and each span in a strip of its own."""

from __future__ import annotations

import re

import pytest

from incohort.figures.swimmer import by_length
from incohort.results import Band, FigureKind, PatientTracks, Track

LONG = Track(spans=(("drug", 0.0, 10.0), ("gcsf", 5.0, 20.0)), marks=(("recovered", 28.0),))
SHORT = Track(spans=(("drug", 0.0, 14.0),), marks=(("death", 14.0),))


def of(*tracks: Track) -> PatientTracks:
    """The timelines of these patients."""
    return PatientTracks(key="s/t", label="All", tracks=tracks, x_label="Days")


def edges(corners: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    """Left, top, right and bottom."""
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def test_bars_are_as_long_as_the_patients_time_the_longest_on_top(draw):
    """Four weeks stand above two weeks, twice as long, both from day 0 on."""
    drawing = draw(FigureKind.SWIMMER, ("All", [of(SHORT, LONG)]))
    first, second = map(edges, drawing.areas(0.1))
    assert first[3] < second[1]
    assert first[0] == second[0] == pytest.approx(drawing.at["0"][0], abs=0.1)
    assert first[2] == pytest.approx(drawing.at["28"][0], abs=0.1)
    assert second[2] == pytest.approx(drawing.at["14"][0], abs=0.1)


def test_no_span_hides_another(draw):
    """Drug and G-CSF of the same days stand one below the other in the bar, one hatched."""
    drawing = draw(FigureKind.SWIMMER, ("All", [of(LONG)]))
    (bar,) = map(edges, drawing.areas(0.1))
    (gcsf,) = map(edges, drawing.areas(0.45))
    hatched = [
        edges([(float(a), float(b)) for a, b in _pairs(path.get("d", ""))])
        for path in drawing.svg.iter("path")
        if "fill: url(" in path.get("style", "")
    ]
    drug = next(box for box in hatched if box[1] >= bar[1])
    assert drug[3] <= gcsf[1] + 0.1
    assert bar[1] <= drug[1]
    assert gcsf[3] <= bar[3] + 0.1
    day = (drawing.at["28"][0] - drawing.at["0"][0]) / 28
    assert (gcsf[2] - gcsf[0], drug[2] - drug[0]) == pytest.approx((15 * day, 10 * day), abs=0.2)
    assert {"Drug", "G-CSF", "Recovered"} <= set(drawing.at)


def _pairs(path: str) -> list[tuple[str, str]]:
    numbers = path.replace("M", " ").replace("L", " ").replace("z", " ").split()
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def test_what_happened_stands_on_its_day_with_a_shape_of_its_own(draw):
    """Recovery and death have two shapes, each at its day in its patient's bar."""
    drawing = draw(FigureKind.SWIMMER, ("All", [of(LONG, SHORT)]))
    inside = [mark for mark in drawing.marks(full=False) if mark[2] > 40]
    assert len({shape for shape, _, _ in inside}) == 2
    days = sorted(x for _, x, _ in inside)
    assert days == pytest.approx([drawing.at["14"][0], drawing.at["28"][0]], abs=0.1)


def test_the_order_is_by_length_and_stable():
    """Of patients with the same time the first stays first; one without any comes last."""
    other = Track(marks=(("censored", 14.0),))
    assert by_length([Track(), other, SHORT, LONG]) == [LONG, other, SHORT, Track()]


def test_quartiles_in_their_place_are_drawn_as_such(draw):
    """Where the gate has made quartiles of the series there is no bar, but their band."""
    band = Band(key="s/t", label="All", x=(3.5, 10.5), q1=(1.0, 1.0), median=(2.0, 2.0),
                q3=(3.0, 3.0), n=(60, 50), x_label="Days", y_label="ANC")  # fmt: skip
    drawing = draw(FigureKind.SWIMMER, ("All", [band]))
    assert drawing.row("Patients") == ["60", "50"]


def test_no_patients_are_a_sentence(draw):
    """A cohort without any timeline gives no empty axes."""
    html = draw(FigureKind.SWIMMER, ("All", [of()])).html
    assert "<svg" not in html
    assert "Not drawn." in html


DIED = Track(x=(0.0, 3.0), y=(0.2, 0.1), marks=(("death", 3.0),), name="7")
BACK = Track(x=(0.0, 9.0), y=(0.2, 2.0), marks=(("recovered", 9.0),), name="3")


def look(drawing, word: str) -> str:
    """The path of the mark that stands before a word of the legend."""
    x, y = drawing.at[word]
    place = min(drawing.marks(full=False), key=lambda one: 100 * abs(one[2] - y) + abs(one[1] - x))
    shape = place[0].removeprefix("#")
    return next(one.get("d") for one in drawing.svg.iter("path") if one.get("id") == shape)


@pytest.mark.parametrize("kind", [FigureKind.SWIMMER, FigureKind.TRACKS])
def test_an_outcome_has_one_mark_and_a_patient_one_number(draw, kind):
    """Whoever comes first and whoever is missing: death looks like death, and patient 7 is 7."""
    both, turned = (draw(kind, ("All", [of(*tracks)])) for tracks in ((DIED, BACK), (BACK, DIED)))
    alone = draw(kind, ("All", [of(DIED)]))
    assert len({look(one, "Death") for one in (both, turned, alone)}) == 1
    assert look(both, "Recovered") == look(turned, "Recovered") != look(both, "Death")
    for drawing in (both, turned, alone):
        row = re.search(r'<th scope="row">7</th>.*?</tr>', drawing.html)
        assert "Death 3" in row[0]
