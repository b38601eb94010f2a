"""Specification curves: sorted estimates, and below each what was chosen for it."""

from __future__ import annotations

from itertools import pairwise

import pytest

from incohort.figures.canvas import WIDTH
from incohort.figures.lettering import SIZE, widest
from incohort.figures.multiverse import choices_of
from incohort.results import Estimate, FigureKind, Measure, NotEstimable


def ratio(key: str, value: float) -> Estimate:
    """An odds ratio with an interval of a factor of two."""
    return Estimate(key=key, label="OR", measure=Measure.ODDS_RATIO, value=value,
                    ci_low=value / 2, ci_high=value * 2, conf_level=0.95)  # fmt: skip


SPECIFICATIONS = [
    ("threshold=0.5; time zero=onset", [ratio("s/a", 3.0)]),
    ("threshold=1.0; time zero=onset", [ratio("s/b", 1.0)]),
    ("threshold=1.5; time zero=withdrawal", [ratio("s/c", 2.0)]),
]


def columns(drawing) -> dict[str, list[float]]:
    """Where the full dots of each row of choices stand."""
    size = {}
    for _, x, y in drawing.marks(full=True):
        for text, _, height in drawing.words:
            if abs(height - 0.35 * 12.5 - y) < 0.5:
                size.setdefault(text, []).append(x)
    return size


def test_estimates_rise_from_left_to_right(draw):
    """The lowest stands first, and each as high as its axis says."""
    drawing = draw(FigureKind.MULTIVERSE, *SPECIFICATIONS, reference=1.0)
    places = sorted(drawing.diamonds)
    heights = [y for _, y in places]
    assert heights == sorted(heights, reverse=True)
    shown = [drawing.place("0", "6", value, axis=1) - 0.35 * 12.5 for value in (1, 2, 3)]
    assert heights == pytest.approx(shown, abs=0.6)


def test_the_dots_below_an_estimate_are_its_choices(draw):
    """The lowest estimate is that of threshold 1.0 from onset on, the highest that of 0.5."""
    drawing = draw(FigureKind.MULTIVERSE, *SPECIFICATIONS)
    first, second, third = (x for x, _ in sorted(drawing.diamonds))
    found = columns(drawing)
    assert found["1.0"] == pytest.approx([first], abs=0.1)
    assert found["0.5"] == pytest.approx([third], abs=0.1)
    assert found["1.5"] == pytest.approx([second], abs=0.1)
    assert sorted(found["onset"]) == pytest.approx([first, third], abs=0.1)


def test_the_marked_one_has_another_mark_and_says_its_number(draw):
    """A larger diamond stands where the marked estimate stands, with its number above."""
    plain = draw(FigureKind.MULTIVERSE, *SPECIFICATIONS)
    drawing = draw(FigureKind.MULTIVERSE, *SPECIFICATIONS, marked="s/c")
    assert len(drawing.diamonds) == len(plain.diamonds) + 1
    shapes = {href for href, x, _ in drawing.marks(full=True)}
    assert len(shapes) == len({href for href, _, _ in plain.marks(full=True)}) + 1
    assert "◆ marked: 2.00 (1.00 to 4.00)" in drawing.at


@pytest.mark.parametrize("n", range(24))
def test_the_label_of_the_marked_one_ends_within_the_figure(draw, n):
    """Its letters are bold, and so wider than others: wherever it stands none of them is cut."""
    many = [(f"threshold={n}", [ratio(f"s/{n}", 1 + n / 10)]) for n in range(24)]
    drawing = draw(FigureKind.MULTIVERSE, *many, marked=f"s/{n}")
    (label,) = (one for one in drawing.svg.iter("text") if (one.text or "").startswith("◆"))
    before = {"end": 1.0, "middle": 0.5}.get(label.get("text-anchor", ""), 0.0)
    long = widest([label.text], SIZE, is_strong=True)
    left = float(label.get("x")) - before * long
    assert -0.1 <= left <= WIDTH - long + 0.1


def test_what_gave_no_estimate_keeps_its_column_and_is_told(draw):
    """Its choices are open dots at the right, and a line says how many there are and why."""
    none = NotEstimable(key="s/d", label="OR", reason="nobody is left")
    drawing = draw(
        FigureKind.MULTIVERSE, *SPECIFICATIONS, ("threshold=1.0; time zero=withdrawal", [none])
    )
    open_dots = drawing.marks(full=False)
    assert len(open_dots) == 2
    assert all(x > max(x for x, _ in drawing.diamonds) for _, x, _ in open_dots)
    assert "Open dots at the right: no estimate (1 not estimable)." in drawing.at
    assert "Nobody is left." in drawing.html


def test_a_choice_that_never_varies_takes_no_row(draw):
    """What is the same in all is said in a line below."""
    same = [(f"{label}; method=exact", results) for label, results in SPECIFICATIONS]
    drawing = draw(FigureKind.MULTIVERSE, *same)
    assert "The same in all: method = exact." in drawing.at
    assert "exact" not in drawing.at


def test_two_hundred_columns_stand_apart(draw):
    """Of two hundred each has its place, at least three pixels from the next, and few bytes."""
    many = [
        (f"threshold={n % 4}; zero={n % 2}", [ratio(f"s/{n}", 1 + n / 100)]) for n in range(200)
    ]
    drawing = draw(FigureKind.MULTIVERSE, *many, reference=1.0, is_log=True)
    places = sorted(x for x, _ in drawing.diamonds)
    assert len(places) == 200
    assert all(after - before >= 3 for before, after in pairwise(places))
    assert len(drawing.html) < 250_000


def test_choices_are_read_from_the_label():
    """Values may hold equality signs and spaces; an empty part is none."""
    assert choices_of("a=b=c;  d = e f ;") == {"a": "b=c", "d": "e f"}
