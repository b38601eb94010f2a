"""Lines over categories: points stand at their values, in order, with their numbers below."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest

from incohort.results import Estimate, FigureKind, Measure, Suppressed


def share(key: str, label: str, value: float, low: float, high: float) -> Estimate:
    """A proportion of a hundred patients."""
    return Estimate(
        key=key, label=label, measure=Measure.PROPORTION, value=value, n=100,
        events=round(100 * value), ci_low=low, ci_high=high, conf_level=0.95,
    )  # fmt: skip


ONE = [
    share("s/1", "1 sample", 0.2, 0.1, 0.4),
    share("s/2", "2 samples", 0.5, 0.4, 0.6),
    share("s/3", "3 samples", 0.8, 0.6, 0.9),
]


def test_points_stand_over_their_categories_at_their_shares(draw):
    """Each point is over its category's name, as high as its percentage, in its interval."""
    drawing = draw(FigureKind.LINES, ("GIFT", ONE), x_label="Samples", y_label="Positive")
    places = [drawing.place("0", "100", y, axis=1) - 0.35 * 12.5 for y in (20, 50, 80)]
    assert [y for _, y in drawing.diamonds] == pytest.approx(places, abs=0.6)
    names = [drawing.at[one.label][0] for one in ONE]
    assert [x for x, _ in drawing.diamonds] == pytest.approx(names, abs=0.1)
    intervals = drawing.lines(1.3)
    low, high = (drawing.place("0", "100", y, axis=1) - 0.35 * 12.5 for y in (10, 40))
    assert sorted(y for _, y in intervals[0]) == pytest.approx([high, low], abs=0.6)
    assert {"Positive, % (line: 95 % CI)", "Samples"} <= set(drawing.at)


def test_every_number_is_printed_under_its_category(draw):
    """The value stands below the name; of what is missing the word."""
    few = Suppressed(key="s/few", label="2 samples", reason="it rests on few patients")
    gat = [share("s/g1", "1 sample", 0.1, 0.05, 0.3), few, share("s/g3", "3 samples", 0.3, 0, 1)]
    drawing = draw(FigureKind.LINES, ("GIFT", ONE), ("GAT", gat))
    names = [drawing.at[one.label][0] for one in ONE]
    rows = ("20.0\u00a0%", "50.0\u00a0%", "80.0\u00a0%")
    assert [drawing.at[text][0] for text in rows] == pytest.approx(names, abs=0.1)
    assert drawing.at["withheld"][0] == pytest.approx(names[1], abs=0.1)
    assert len(drawing.diamonds) == 5 + 2  # with one in each entry of the legend


def test_the_line_does_not_pass_over_what_is_missing(draw):
    """Between the first and the third point there is no line if the second is withheld."""
    few = Suppressed(key="s/2", label="2 samples", reason="it rests on few patients")
    assert len(draw(FigureKind.LINES, ("GIFT", ONE)).lines(0.9)) == 2
    assert draw(FigureKind.LINES, ("GIFT", [ONE[0], few, ONE[2]])).lines(0.9) == []


def test_an_estimate_without_end_has_no_point(draw):
    """On a log axis infinity has no place: no point is invented, and the others keep theirs."""
    ratios = [
        Estimate(key=f"s/{n}", label=str(n), measure=Measure.ODDS_RATIO, value=value, ci_low=0.5,
                 ci_high=math.inf, conf_level=0.95)
        for n, value in enumerate((2.0, math.inf, 4.0))
    ]  # fmt: skip
    drawing = draw(FigureKind.LINES, ("A", ratios), is_log=True, reference=1.0)
    assert len(drawing.diamonds) == 2
    assert "∞" in drawing.at


def test_many_categories_make_the_figure_wider_not_the_words_smaller(draw):
    """Thirty numbers stand apart from each other under their categories."""
    many = [share(f"s/{n}", f"Panel {n}", 0.5, 0.4, 0.6) for n in range(30)]
    drawing = draw(FigureKind.LINES, ("A", many))
    places = sorted(x for text, x, _ in drawing.words if text == "50.0\u00a0%")
    assert len(places) == 30
    assert all(after - before > 45 for before, after in pairwise(places))
    assert places[-1] < float(drawing.svg.get("width", 0))
