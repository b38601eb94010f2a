"""Curves: lines stand where their axes say, and those at risk add up under the ticks."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incohort.figures.at_risk import at_risk_rows
from incohort.figures.looks import spread
from incohort.figures.scales import of_time
from incohort.results import Curve, FigureKind, NotEstimable, Suppressed

# Ten patients: two recover on day 7, one is lost on day 10, three recover on day 20, four are left.
TEN = Curve(
    key="s/a", label="All", x=(0.0, 7.0, 10.0, 20.0, 28.0), y=(1.0, 0.8, 0.8, 16 / 35, 16 / 35),
    ci_low=(1.0, 0.5, 0.5, 0.2, 0.2), ci_high=(1.0, 0.9, 0.9, 0.8, math.inf), conf_level=0.95,
    x_label="Days", y_label="Not recovered", measure="survival",
    n_at_risk=(10, 10, 8, 7, 4), n_events=(0, 2, 0, 3, 0), n_censored=(0, 0, 1, 0, 4), n=10,
)  # fmt: skip
ROC = Curve(
    key="s/roc", label="GIFT", x=(0.0, 0.2, 1.0), y=(0.0, 0.8, 1.0), x_label="1 − specificity",
    y_label="Sensitivity", measure="sensitivity", is_stepped=False,
)  # fmt: skip


def bare(key: str, curve: Curve = TEN, **more) -> Curve:
    """A curve without interval or counts."""
    return replace(
        curve, key=key, ci_low=(), ci_high=(), n_at_risk=(), n_events=(), n_censored=(), **more
    )


def test_a_step_stands_at_its_day_and_share(draw):
    """The curve holds each value up to the next point, in percent of the axis, from 0 on."""
    drawing = draw(FigureKind.CURVES, ("All", [bare("s/a")]))
    (line,) = drawing.lines(1.8)
    at = drawing.at
    day = [drawing.place("7", "28", x, axis=0) for x in (7, 20)]
    share = [drawing.place("0", "100", 100 * y, axis=1) - 0.35 * 12.5 for y in (1, 0.8, 16 / 35)]
    corners = [(day[0], share[0]), (day[0], share[1]), (day[1], share[1]), (day[1], share[2])]
    for corner in corners:
        assert any(corner == pytest.approx(point, abs=0.6) for point in line)
    assert "Not recovered, %" in at


def test_a_curve_that_starts_later_is_whole_until_its_first_step(draw):
    """Before the first point everybody is still there: the line begins at 100 %, not at 1 %."""
    later = bare("s/a", x=TEN.x[1:], y=TEN.y[1:])
    (line,) = draw(FigureKind.CURVES, ("All", [later])).lines(1.8)
    (whole,) = draw(FigureKind.CURVES, ("All", [bare("s/a")])).lines(1.8)

    assert line[0] == pytest.approx(whole[0], abs=0.6)


def test_who_is_at_risk_stands_under_its_tick_and_the_three_rows_add_up(draw):
    """On each tick's line stand those who could still have the event, and who left before it."""
    drawing = draw(FigureKind.CURVES, ("All", [TEN]))
    assert drawing.row("At risk") == ["10", "10", "7", "4", "4"]
    assert drawing.row("Censored") == ["0", "0", "1", "1", "1"]
    assert drawing.row("Events") == ["0", "0", "2", "5", "5"]
    ticks = [x for text, x, _ in drawing.words if text in {"0", "7", "14", "21", "28"}]
    under = [x for text, x, y in drawing.words if abs(y - drawing.at["At risk"][1]) < 1][1:]
    assert all(any(abs(x - tick) < 0.1 for tick in ticks) for x in under)


@given(
    st.lists(st.tuples(st.integers(1, 90), st.booleans()), min_size=1, max_size=60),
    st.lists(st.integers(0, 100), min_size=1, max_size=8),
)
def test_at_each_tick_nobody_is_lost_from_the_rows(patients, ticks):
    """At any time at risk, censored and events are those whom a plain count finds."""
    days = sorted({0, *(day for day, _ in patients)})
    counts = {
        "n_at_risk": [sum(d >= day for d, _ in patients) for day in days],
        "n_events": [sum(d == day and e for d, e in patients) for day in days],
        "n_censored": [sum(d == day and not e for d, e in patients) for day in days],
    }
    curve = replace(
        TEN, x=tuple(map(float, days)), y=(1.0,) * len(days), ci_low=(), ci_high=(),
        **{name: tuple(numbers) for name, numbers in counts.items()},
    )  # fmt: skip
    rows = {row.name: row.texts for row in at_risk_rows(curve, ticks)}
    for place, tick in enumerate(ticks):
        assert int(rows["At risk"][place]) == sum(day >= tick for day, _ in patients)
        assert int(rows["Events"][place]) == sum(day < tick and e for day, e in patients)
        assert int(rows["Censored"][place]) == sum(day < tick and not e for day, e in patients)


def test_beyond_its_last_step_a_curve_tells_of_nobody_at_risk():
    """Who is left after the last point was followed on, nobody is told how long: a dash."""
    counts = {"n_at_risk": (10, 10, 8, 7), "n_events": (0, 2, 0, 3), "n_censored": (0, 0, 1, 0)}
    short = replace(TEN, x=TEN.x[:4], y=TEN.y[:4], ci_low=(), ci_high=(), **counts)
    rows = {row.name: row.texts for row in at_risk_rows(short, (0, 20, 21))}
    assert rows == {
        "At risk": ("10", "7", "–"), "Censored": ("0", "1", "–"), "Events": ("0", "2", "–"),
    }  # fmt: skip


def test_events_that_compete_have_one_row_each_and_add_up_with_those_at_risk(draw):
    """Of ten, two recover on day 7, one is censored on day 10, three die on day 20."""
    same = {"ci_low": (), "ci_high": (), "measure": "cumulative incidence"}
    recovered = replace(TEN, label="Recovered", y=(0.0, 0.2, 0.2, 0.2, 0.2),
                        n_events=(0, 2, 0, 0, 0), **same)  # fmt: skip
    died = replace(TEN, key="s/b", label="Died", y=(0.0, 0.0, 0.0, 0.34, 0.34),
                   n_events=(0, 0, 0, 3, 0), **same)  # fmt: skip
    drawing = draw(FigureKind.CURVES, ("Ends", [recovered, died]))
    assert [text for text, _, _ in drawing.words].count("At risk") == 1
    told = [drawing.row("At risk"), drawing.row("Censored")]
    for name in ("Recovered", "Died"):
        height = max(y for text, _, y in drawing.words if text == name)
        told.append([text for text, _, y in drawing.words if abs(y - height) < 1][1:])
    assert told[2:] == [["0", "0", "2", "2", "2"], ["0", "0", "0", "3", "3"]]
    assert all(sum(map(int, column)) == 10 for column in zip(*told, strict=True))


def test_groups_are_named_at_their_lines_and_told_apart_by_stroke(draw):
    """Names of curves with the same end stand one below the other, each behind its own dashes."""
    groups = [(f"Group {n}", [bare(f"s/{n}")]) for n in range(4)]
    drawing = draw(FigureKind.CURVES, *groups)
    heights = sorted(drawing.at[name][1] for name, _ in groups)
    assert all(after - before >= 15 for before, after in pairwise(heights))
    styles = [
        path.get("style", "")
        for path in drawing.svg.iter("path")
        if "stroke-width: 1.8" in path.get("style", "")
    ]
    dashes = {style.partition("dasharray: ")[2].partition(";")[0] for style in styles}
    assert len(styles) == len(dashes) == 4


def test_the_interval_is_shaded_up_to_the_axis_where_it_has_no_end(draw):
    """The band reaches from the lower limit to the upper one, an infinite one to the axis's end."""
    drawing = draw(FigureKind.CURVES, ("All", [TEN]))
    (band,) = drawing.areas(0.16)
    heights = [y for _, y in band]
    ends = [drawing.place("0", "100", share, axis=1) - 0.35 * 12.5 for share in (20, 100)]
    assert (max(heights), min(heights)) == pytest.approx(ends, abs=0.6)
    assert "Not recovered, % (shaded: 95 % CI)" in drawing.at


def test_beside_a_curve_that_lies_between_two_no_interval_is_shaded(draw):
    """One shade means one thing: where the curve may lie, and the axis says so."""
    bounds = [bare("s/np/lower", label="Lower"), bare("s/np/upper", label="Upper")]
    alone = draw(FigureKind.CURVES, ("Between", bounds))
    beside = draw(FigureKind.CURVES, ("Between", bounds), ("Guessed", [TEN]))
    assert len(beside.areas(0.16)) == len(alone.areas(0.16)) == 1
    assert "Not recovered, % (shaded: where the curve may lie)" in beside.at


def test_between_a_lower_and_an_upper_curve_the_space_is_hatched(draw):
    """What two curves leave open is one area: twenty points high for ten days."""
    lower = bare("s/np/lower", label="Lower")
    upper = bare("s/np/upper", label="Upper", x=(0.0, 17.0, 18.0, 20.0, 28.0))
    drawing = draw(FigureKind.CURVES, ("Between", [lower, upper]))
    (band,) = drawing.areas(0.16)
    area = abs(sum(
        x * after_y - after_x * y
        for (x, y), (after_x, after_y) in zip(band, band[1:] + band[:1], strict=True)
    )) / 2  # fmt: skip
    day = (drawing.at["28"][0] - drawing.at["7"][0]) / 21
    point = (drawing.at["0"][1] - drawing.at["100"][1]) / 100
    assert area == pytest.approx(20 * point * 10 * day, rel=0.01)
    assert "url(#fig-" in drawing.html


def test_a_roc_plot_is_square_with_the_diagonal_of_chance(draw):
    """Both axes go from 0 to 1 over the same length, and a dashed line joins their ends."""
    drawing = draw(FigureKind.CURVES, ("GIFT", [ROC]), is_roc=True)
    (line,) = drawing.lines(1.8)
    (chance,) = drawing.lines(0.9)
    assert [line[0], line[-1]] == chance
    (left, bottom), (right, top) = chance
    assert right - left == pytest.approx(bottom - top, abs=0.1)
    middle = (left + 0.2 * (right - left), bottom - 0.8 * (bottom - top))
    assert line[1] == pytest.approx(middle, abs=0.1)


def test_the_guide_stands_at_its_value(draw):
    """A reference of one half is a line at 50 %."""
    drawing = draw(FigureKind.CURVES, ("All", [bare("s/a")]), reference=0.5)
    (guide,) = drawing.lines(0.9)
    half = (drawing.at["40"][1] + drawing.at["60"][1]) / 2 - 0.35 * 12.5
    assert [y for _, y in guide] == pytest.approx([half, half], abs=0.6)


def test_a_curve_that_is_missing_is_named(draw):
    """Beside those that are drawn the reader is told which group is withheld."""
    hidden = Suppressed(key="s/b", label="Few", reason="it rests on few patients")
    drawing = draw(FigureKind.CURVES, ("Men", [bare("s/a")]), ("Women", [hidden]))
    assert "Withheld: Women." in drawing.at
    assert "It rests on few patients." in drawing.html
    none = NotEstimable(key="s/c", label="C", reason="nobody was followed")
    assert "Not estimable: nobody was followed." in draw(FigureKind.CURVES, ("C", [none])).html


def test_the_table_has_the_curves_key_and_at_most_sixty_points(draw):
    """Each point is listed with interval and counts; of a thousand sixty, without counts."""
    html = draw(FigureKind.CURVES, ("All", [TEN])).html
    assert 'data-key="s/a"' in html
    assert html.count('<th scope="row">') == 5
    assert '<th scope="col">Events</th>' in html
    assert '<td class="number">80.0</td><td class="number">50.0 to 90.0</td>' in html
    many = replace(
        bare("s/b"), x=tuple(map(float, range(1000))), y=(0.5,) * 1000, n_at_risk=(9,) * 1000,
        n_events=(1,) * 1000,
    )  # fmt: skip
    html = draw(FigureKind.CURVES, ("All", [many])).html
    assert html.count('<th scope="row">') == 60
    assert '<th scope="row">0</th>' in html
    assert '<th scope="row">999</th>' in html
    assert '<th scope="col">Events</th>' not in html


@given(st.lists(st.floats(-400, 4000), max_size=6))
def test_days_are_ticked_by_days_or_weeks(days):
    """An axis of days begins at a tick no later than day 0, holds each day, and has few ticks."""
    extent = of_time(days, "Days since onset")
    steps = {after - tick for tick, after in pairwise(extent.ticks)}
    assert extent.low <= extent.ticks[0] <= 0
    assert all(extent.holds(day) for day in days)
    assert len(extent.ticks) <= 11
    assert all(step in {1, 2} or step % 7 == 0 for step in steps)
    assert len(steps) <= 1


@given(st.lists(st.tuples(st.floats(0, 300), st.floats(5, 30)), max_size=9))
def test_names_never_stand_upon_each_other(wishes):
    """Blocks keep clear of one another and inside their space, in the order of their wishes."""
    wanted, heights = [w for w, _ in wishes], [h for _, h in wishes]
    places = spread(wanted, heights, 0, 300)
    blocks = sorted((p - h / 2, p + h / 2) for p, h in zip(places, heights, strict=True))
    assert all(end <= start + 1e-6 for (_, end), (start, _) in pairwise(blocks))
    assert not blocks or (blocks[0][0] >= -1e-6 and blocks[-1][1] <= 300 + 1e-6)


def test_a_curve_of_very_many_points_is_drawn_within_half_a_pixel(draw):
    """Of twenty thousand steps the file holds what the eye can tell, ends and outliers included."""
    n = 20_000
    values = [1 - place / n for place in range(n)]
    values[5000] = 0.01
    many = bare("s/a", x=tuple(place / 100 for place in range(n)), y=tuple(values))
    drawing = draw(FigureKind.CURVES, ("All", [many]))
    assert len(drawing.html) < 150_000
    (line,) = drawing.lines(1.8)
    at = {y: drawing.place("0", "100", 100 * y, axis=1) - 0.35 * 12.5 for y in (1, 0.01, 0.5)}
    (left, top), (right, bottom) = line[0], line[-1]
    assert top == pytest.approx(at[1], abs=0.6)
    assert max(y for _, y in line[:3000] if _ < (left + right) / 2) == pytest.approx(
        at[0.01], abs=0.6
    )
    for x, y in line:
        share = (x - left) / (right - left)
        straight = top + share * (bottom - top)
        is_outlier = abs(share - 0.25) < 0.002
        assert is_outlier or abs(y - straight) < 0.6
