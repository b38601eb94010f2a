"""Bland–Altman plots: every difference is drawn, and bias and limits stand at their numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from incohort.results import Estimate, FigureKind, Measure, PatientPoints, Suppressed

POINTS = PatientPoints(
    key="s/points", label="Patients", x=(1.0, 2.0, 3.0, 4.0), y=(-1.0, 0.5, 1.0, 3.0),
    group=("Women", "Women", "Men", "Men"), x_label="Mean", y_label="Difference",
)  # fmt: skip


def level(name: str, value: float) -> Estimate:
    """A line with an interval of one half to either side."""
    return Estimate(
        key=f"s/{name}", label=name, measure=Measure.MEAN, value=value, ci_low=value - 0.5,
        ci_high=value + 0.5, conf_level=0.95,
    )  # fmt: skip


LEVELS = [level("Bias", 1.0), level("Lower limit", -1.5), level("Upper limit", 3.5)]
FIGURE = (("Patients", [POINTS]), ("Limits", LEVELS))


def heights(drawing, *values: float) -> list[float]:
    """Where values stand on the upright axis."""
    return [drawing.place("0", "4", value, axis=1) - 0.35 * 12.5 for value in values]


def test_bias_and_limits_stand_at_their_values_over_the_whole_plot(draw):
    """Three level lines, the bias without gaps and the limits dashed."""
    drawing = draw(FigureKind.BLAND_ALTMAN, *FIGURE)
    lines = drawing.lines(1.4)
    assert [line[0][1] for line in lines] == pytest.approx(heights(drawing, 1, -1.5, 3.5), abs=0.6)
    assert all(line[0][1] == line[1][1] for line in lines)
    dashed = ["dasharray" in path.get("style", "") for path in drawing.svg.iter("path")
              if "stroke-width: 1.4" in path.get("style", "")]  # fmt: skip
    assert dashed == [False, True, True]


def test_each_interval_is_a_band_around_its_line(draw):
    """The bands reach from limit to limit of the intervals."""
    drawing = draw(FigureKind.BLAND_ALTMAN, *FIGURE)
    bands = sorted(
        (min(y for _, y in corners), max(y for _, y in corners)) for corners in drawing.areas(0.16)
    )
    expected = heights(drawing, *(v + half for v in (3.5, 1, -1.5) for half in (0.5, -0.5)))
    assert [end for band in bands for end in band] == pytest.approx(expected, abs=0.6)


def test_every_number_is_printed_beside_its_line(draw):
    """Name, number and interval of each line stand at its height, right of the plot."""
    drawing = draw(FigureKind.BLAND_ALTMAN, *FIGURE)
    for name, text, limits in (
        ("Bias", "1.00", "(0.50 to 1.50)"), ("Lower limit", "−1.50", "(−2.00 to −1.00)"),
        ("Upper limit", "3.50", "(3.00 to 4.00)"),
    ):  # fmt: skip
        assert drawing.at[name][1] < drawing.at[text][1] < drawing.at[limits][1]
    line = drawing.lines(1.4)[0]
    assert all(drawing.at[name][0] > line[1][0] for name in ("Bias", "1.00"))


def test_lines_that_nearly_agree_have_words_that_do_not(draw):
    """Of three lines at nearly one height the words stand below each other."""
    close = [replace(one, value=1 + n / 100) for n, one in enumerate(LEVELS)]
    drawing = draw(FigureKind.BLAND_ALTMAN, ("Patients", [POINTS]), ("Limits", close))
    names = sorted(drawing.at[one.label][1] for one in close)
    assert names[1] - names[0] > 45
    assert names[2] - names[1] > 45


def test_each_patient_is_drawn_once_and_a_group_by_its_shape(draw):
    """Four marks at their differences, two shapes, and the table lists marks and lines."""
    drawing = draw(FigureKind.BLAND_ALTMAN, *FIGURE)
    marks = drawing.marks(full=False)
    inside = sorted(y for _, _, y in marks if y > 40)
    assert inside == pytest.approx(sorted(heights(drawing, *POINTS.y)), abs=0.6)
    assert len({shape for shape, _, _ in marks}) == 2
    assert 'data-key="s/Bias" data-value="1.0"' in drawing.html
    assert 'data-key="s/points"' in drawing.html


def test_without_the_patients_there_is_a_sentence_and_the_numbers(draw):
    """Where marks of single patients are withheld, bias and limits still stand in the table."""
    hidden = Suppressed(key="s/points", label="Patients", reason="it shows single patients")
    html = draw(FigureKind.BLAND_ALTMAN, ("Patients", [hidden]), ("Limits", LEVELS)).html
    assert "<svg" not in html
    assert "Withheld: it shows single patients." in html
    assert 'data-key="s/Upper limit" data-value="3.5"' in html
