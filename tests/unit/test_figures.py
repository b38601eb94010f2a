"""Figures: marks stand where their axes say, absence is told, and nothing reaches outside."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from itertools import pairwise
from xml.etree.ElementTree import Element, fromstring

import pytest

from incohort.figures import figure_html
from incohort.figures.colours import CSS
from incohort.results import (
    Curve,
    Estimate,
    Figure,
    FigureKind,
    Findings,
    Layout,
    Measure,
    NotEstimable,
    Origin,
    PatientPoints,
    PatientTracks,
    Result,
    Series,
    Suppressed,
    Track,
)

_DRAWN = tuple(FigureKind)
HOSTILE = '<script>alert("1")</script> & $x_1$ 好中球'


def share(name: str, events: int, n: int, *, low: float = 0.1, high: float = 0.9) -> Estimate:
    """A proportion; its interval is whatever the test says."""
    return Estimate(
        key=f"s/{name}", label=name, measure=Measure.PROPORTION, value=events / n, n=n,
        events=events, ci_low=low, ci_high=high, conf_level=0.95,
    )  # fmt: skip


def odds(name: str, value: float, low: float, high: float) -> Estimate:
    """An odds ratio."""
    return Estimate(
        key=f"s/{name}", label=name, measure=Measure.ODDS_RATIO, value=value, ci_low=low,
        ci_high=high, conf_level=0.95,
    )  # fmt: skip


def count(name: str, value: int, origin: Origin = Origin.OBSERVED) -> Estimate:
    """A count of patients."""
    return Estimate(
        key=f"s/{name}", label=name, measure=Measure.COUNT, value=float(value), n=value,
        origin=origin,
    )  # fmt: skip


def points(x: Sequence[float], y: Sequence[float], group: Sequence[str]) -> PatientPoints:
    """A mark per patient."""
    return PatientPoints(
        key="s/points", label="Marks", x=tuple(x), y=tuple(y), group=tuple(group),
        x_label="FT3, pmol/L", y_label="ANC, 10⁹/L",
    )  # fmt: skip


def hidden(name: str) -> Suppressed:
    """A number that the gate has withheld."""
    return Suppressed(key=f"s/{name}", label=name, reason="it rests on few patients")


def drawn(kind: FigureKind, *groups: Sequence[Result], key: str = "s/figure", **more) -> str:
    """The HTML of a figure, one series a group."""
    figure = Figure(
        key=key, kind=kind, caption="What is seen", alt="Told in words",
        series=tuple(
            Series(f"Series {number}", tuple(result.key for result in group))
            for number, group in enumerate(groups)
        ), **more,
    )  # fmt: skip
    results = tuple(result for group in groups for result in group)
    return figure_html(
        figure,
        Findings(
            name="s", title="S", results=results, layout=Layout(figures=(figure,)), profile="none"
        ),
    )


def svg_of(html: str) -> Element:
    """The drawing as a tree."""
    found = re.search(r"<svg.*?</svg>", html, re.DOTALL)
    assert found
    return fromstring(found[0])  # noqa: S314 — our own drawing


def texts(svg: Element) -> dict[str, tuple[float, float]]:
    """Where each text of a drawing stands."""
    return {t.text or "": (float(t.get("x", 0)), float(t.get("y", 0))) for t in svg.iter("text")}


def numbers(element: Element) -> list[float]:
    """The coordinates of a path."""
    return [float(number) for number in re.findall(r"-?\d+(?:\.\d+)?", element.get("d", ""))]


def point_marks(svg: Element) -> list[tuple[float, float]]:
    """Where the points of estimates stand: what is filled with the accent and has no outline."""
    return [
        (float(use.get("x", 0)), float(use.get("y", 0)))
        for use in svg.iter("use")
        if use.get("style", "").startswith("fill: " + CSS["#040404"])
    ]


def open_marks(svg: Element) -> list[Element]:
    """The marks of patients: shapes in use that are not filled."""
    return [use for use in svg.iter("use") if "fill-opacity: 0" in use.get("style", "")]


def bars(svg: Element) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of each filled rectangle."""
    paths = [numbers(p) for p in svg.iter("path") if "fill-opacity: 0.3" in p.get("style", "")]
    return [(min(p[::2]), min(p[1::2]), max(p[::2]), max(p[1::2])) for p in paths]


def curve(name: str) -> Curve:
    """A survival curve with its interval and those at risk."""
    return Curve(
        key=f"s/{name}", label=name, x=(0.0, 7.0), y=(1.0, 0.5), ci_low=(1.0, 0.2),
        ci_high=(1.0, 0.8), conf_level=0.95, x_label="Days", y_label=HOSTILE, measure="survival",
        n_at_risk=(10, 10), n_events=(0, 5), n_censored=(0, 0),
    )  # fmt: skip


def series(*, has_values: bool = True) -> PatientTracks:
    """Two patients' series, with kinds of spans and moments that nobody has named before."""
    spans, marks = ((HOSTILE, 0.0, 3.0), ("gcsf", 1.0, 4.0)), ((HOSTILE, 5.0), ("death", 6.0))
    values = ((0.0, 6.0), (0.1, 2.0)) if has_values else ((), ())
    tracks = (Track(x=values[0], y=values[1], spans=spans, marks=marks), Track(x=(1.0,), y=(2.0,)))
    return PatientTracks(key="s/tracks", label="T", tracks=tracks, x_label="Days", y_label="ANC")


@cache
def every_kind() -> dict[str, str]:
    """A figure of each kind, with hostile labels, under keys of their own."""
    steps = [count("In", 90), count("Seen", 60), count(HOSTILE, 30)]
    return {
        kind.value: drawn(kind, *groups, key=f"s/{kind.value}", **more)
        for kind, groups, more in (
            (FigureKind.FOREST, [[odds(HOSTILE, 2, 1, 4)]], {"is_log": True, "reference": 1.0}),
            (FigureKind.BARS, [[share("A", 3, 9), share(HOSTILE, 6, 9)]], {"x_label": HOSTILE}),
            (FigureKind.HISTOGRAM, [[count("0 to below 1", 3), count("1 or above", 4)]], {}),
            (FigureKind.FLOW, [steps[:2], steps[2:]], {}),
            (FigureKind.OVERLAP, [[count("A & B", 3), count("A", 4), count("None", 9)]], {}),
            (FigureKind.SCATTER, [[points([1, 2], [3, 4], ["F", HOSTILE])]], {}),
            (FigureKind.CURVES, [[curve("A")], [curve(HOSTILE)]], {"reference": 0.5}),
            (FigureKind.LINES, [[share("A", 3, 9), share(HOSTILE, 6, 9)]], {"x_label": HOSTILE}),
            (
                FigureKind.HEATMAP,
                [[share("A", 3, 9), hidden(HOSTILE)]],
                {"columns": ("A", HOSTILE)},
            ),
            (
                FigureKind.MULTIVERSE,
                [[odds("A", 2, 1, 4)], [odds(HOSTILE, 3, 2, 5)]],
                {"marked": "s/A", "reference": 1.0},
            ),
            (FigureKind.TRACKS, [[series()]], {"is_log": True, "reference": 0.5}),
            (FigureKind.SWIMMER, [[series(has_values=False)]], {}),
            (
                FigureKind.BLAND_ALTMAN,
                [
                    [points([1, 2], [3, 4], ["F", HOSTILE])],
                    [odds("Bias", 3.5, 3, 4), odds(HOSTILE, 3, 2, 3.5), odds("Upper", 4, 3.5, 5)],
                ],
                {"reference": 0.0},
            ),
        )
    }


@pytest.mark.parametrize("kind", _DRAWN)
def test_a_figure_can_stand_in_any_page(kind):
    """No script, rule, reference, date, namespace or colour of its own; told in words; small."""
    html = every_kind()[kind]
    svg = svg_of(html)
    assert svg.get("role") == "img"
    assert svg.get("aria-label") == "Told in words"
    for forbidden in ("<script", "<style", "<?xml", "<!DOCTYPE", "xmlns", "http", "<metadata"):
        assert forbidden not in html
    assert not re.search(r"\d{4}-\d\d-\d\d", html)
    assert not re.findall(r"(?:fill|stroke)[:=]\s*\"?#", html)
    assert len(html) < 40_000
    for element in svg.iter():
        for name, value in element.attrib.items():
            assert name != "href" or value.startswith("#fig-")


def test_ids_of_a_page_are_its_figures_own():
    """Of many figures in one page no id stands twice, and every reference finds its id."""
    page = "".join(every_kind().values())
    ids = re.findall(r' id="([^"]+)"', page)
    own = {name for name in ids if name.startswith("fig-")}  # the others are the figures' keys
    assert own
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="#|url\(#)([^")]+)', page)) == own


def test_two_processes_draw_the_same_bytes():
    """The same numbers give the same bytes, whatever the hash seed and the notebook's own style."""
    script = (
        "import sys, importlib.util as u, matplotlib as m\n"
        "m.rcParams['lines.linewidth'] = float(sys.argv[2]); m.rcParams['axes.facecolor'] = 'red'\n"
        "m.rcParams['font.family'] = 'monospace'\n"
        "s = u.spec_from_file_location('t', sys.argv[1]); t = u.module_from_spec(s)\n"
        "s.loader.exec_module(t)\n"
        "sys.stdout.buffer.write(''.join(t.every_kind().values()).encode())\n"
    )
    first, second = (
        subprocess.run(
            [sys.executable, "-c", script, __file__, width],
            env={"PYTHONHASHSEED": seed, "PATH": ""}, capture_output=True, check=True,
        ).stdout
        for seed, width in (("1", "1"), ("2", "9"))
    )  # fmt: skip
    assert first
    assert first == second == "".join(every_kind().values()).encode()


def test_importing_the_room_imports_no_drawing_library_and_drawing_no_pyplot():
    """The command line stays instant, and a notebook's own plots are left alone."""
    script = (
        "import sys, importlib.util as u, incohort.figures\n"
        "assert not any(name.startswith('matplotlib') for name in sys.modules)\n"
        "s = u.spec_from_file_location('t', sys.argv[1]); t = u.module_from_spec(s)\n"
        "s.loader.exec_module(t); t.every_kind()\n"
        "assert 'matplotlib.figure' in sys.modules and 'matplotlib.pyplot' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script, __file__], check=True)


def test_a_ratio_stands_where_its_log_axis_says():
    """The point of an odds ratio lies between the ticks as its logarithm lies between theirs."""
    html = drawn(
        FigureKind.FOREST, [odds("A", 1.4142135623730951, 0.5, 4.0)], is_log=True, reference=1.0
    )
    svg = svg_of(html)
    at = texts(svg)
    ((x, _),) = point_marks(svg)
    assert x == pytest.approx((at["1"][0] + at["2"][0]) / 2, abs=0.1)


def test_a_share_stands_where_its_percent_axis_says():
    """Half of the patients is drawn midway between 0 and 100, its interval at its own limits."""
    svg = svg_of(drawn(FigureKind.FOREST, [share("A", 5, 10, low=0.2, high=0.8)]))
    at = texts(svg)
    ((x, height),) = point_marks(svg)
    assert x == pytest.approx((at["20"][0] + at["80"][0]) / 2, abs=0.1)
    lines = [numbers(p) for p in svg.iter("path") if "stroke-width: 1.3" in p.get("style", "")]
    assert lines == [[pytest.approx(at["20"][0], abs=0.1), height,
                      pytest.approx(at["80"][0], abs=0.1), height]]  # fmt: skip


def test_what_has_no_end_gets_an_arrow_and_no_invented_point():
    """An estimate at infinity or at 0 of a log axis has no point; its open end is an arrow."""
    svg = svg_of(
        drawn(
            FigureKind.FOREST,
            [
                odds("No end", math.inf, 1.2, math.inf),
                odds("No start", 0.0, 0.0, 0.8),
                odds("Far", 3.0, 0.5, 1e9),
                odds("Whole", 2.0, 1.0, 4.0),
            ],
            is_log=True,
            reference=1.0,
        )
    )
    rows = texts(svg)
    ink = "fill: " + CSS["#010101"]
    heads = [use for use in svg.iter("use") if use.get("style", "").startswith(ink)]
    arrows = [u for u in heads if float(u.get("y", 0)) < rows["Whole"][1] - 10]
    assert len(arrows) == 3
    assert len(point_marks(svg)) == 2
    assert "Arrow: the interval goes on beyond the axis." in rows


def test_bars_begin_at_zero_and_are_as_long_as_their_share():
    """A bar of twice the share is twice as long, and both begin where the axis says 0."""
    svg = svg_of(drawn(FigureKind.BARS, [share("A", 2, 10, low=0.1, high=0.3), share("B", 4, 10)]))
    one, two = bars(svg)
    zero = texts(svg)["0"][0]
    assert one[0] == two[0] == pytest.approx(zero, abs=0.1)
    assert two[2] - two[0] == pytest.approx(2 * (one[2] - one[0]), abs=0.1)


def test_series_side_by_side_are_told_apart_without_colour():
    """Each category names its series beside their bars, and the second series is hatched."""
    women = [share("Mild", 3, 9), share("Severe", 6, 9)]
    men = [replace(one, key=f"m/{one.label}") for one in women]
    html = drawn(FigureKind.BARS, women, men)
    words = [t.text for t in svg_of(html).iter("text")]
    start = words.index("Mild")
    both = ["Series 0", "Series 1"]
    assert words[start : start + 6] == ["Mild", *both, "Severe", *both]
    assert html.count("fill: url(#fig-") == 2


def test_a_bin_without_an_end_is_hatched_and_no_other():
    """A bar that holds all beyond an edge is told from those of one step."""
    closed = [count("0 to below 0.5", 10), count("0.5 to below 1", 20)]
    ended = drawn(FigureKind.HISTOGRAM, closed)
    without = drawn(FigureKind.HISTOGRAM, [*closed, count("1 or above", 5)])
    assert [html.count("fill: url(#fig-") for html in (ended, without)] == [0, 1]


def test_histogram_bars_stand_on_their_edges():
    """Bars touch, are as high as their counts, and the bin without an end stands apart by name."""
    svg = svg_of(
        drawn(
            FigureKind.HISTOGRAM,
            [count("0 to below 0.5", 10), count("0.5 to below 1", 20), count("1 or above", 5)],
        )
    )
    first, second, last = bars(svg)
    at = texts(svg)
    assert (first[0], first[2], second[2]) == pytest.approx(
        (at["0.0"][0], at["0.5"][0], at["1.0"][0]), abs=0.1
    )
    assert last[0] > second[2] + 10
    assert "1 or above" in at
    assert {"10", "20", "5"} <= set(at)
    heights = [bar[3] - bar[1] for bar in (first, second, last)]
    assert heights[1] == pytest.approx(2 * heights[0], abs=0.1)
    assert heights[1] == pytest.approx(4 * heights[2], abs=0.1)


@pytest.mark.parametrize(
    "labels",
    [
        ("18 to below 30", "30 to below 65"),  # not equally wide: heights would mislead
        ("0 to below 1", "2 to below 3"),  # one left out between
        ("young", "old"),
        ("1 or above",),
    ],
)
def test_bins_that_a_scale_would_misplace_have_names_instead(labels):
    """Where edges are uneven, apart or unreadable, each bar carries its bin's own label."""
    at = texts(svg_of(drawn(FigureKind.HISTOGRAM, [count(label, 4) for label in labels])))
    assert set(labels) <= set(at)


def test_flow_prints_every_count_and_those_left_out_stand_beside_their_step():
    """From top to bottom who stayed; who was left out stands at the right between the two."""
    at = texts(
        svg_of(
            drawn(
                FigureKind.FLOW,
                [count("All", 218), count("Counted", 200), count("Low", 150)],
                [count("No count", 18), hidden("Not low")],
            )
        )
    )
    order = sorted(("All", "Counted", "Low", "No count", "Not low"), key=lambda name: at[name][1])
    assert order == ["All", "No count", "Counted", "Not low", "Low"]
    assert at["No count"][0] > at["All"][0] + 200
    assert {"n = 218", "n = 200", "n = 150", "n = 18", "withheld"} <= set(at)


def test_overlap_fills_the_dots_of_the_sets_in_a_combination():
    """Full dots are the sets that a combination has, open ones those that it has not."""
    svg = svg_of(drawn(FigureKind.OVERLAP, [count("A & C", 3), count("B", 4), count("None", 9)]))
    at = texts(svg)
    dots = [p for p in svg.iter("path") if " C " in p.get("d", "")]
    found = {}
    for dot in dots:
        x, y = numbers(dot)[0], sum(numbers(dot)[1::2]) / len(numbers(dot)[1::2])
        row = min("ABC", key=lambda name: abs(at[name][1] - 5 - y))
        column = min(("3", "4", "9"), key=lambda name: abs(at[name][0] - x))
        found[column, row] = not dot.get("style", "").startswith("fill: none")
    full = {place for place, is_full in found.items() if is_full}
    assert full == {("3", "A"), ("3", "C"), ("4", "B")}
    assert len(found) == 9


def test_scatter_draws_each_patient_once_and_a_group_by_its_shape():
    """As many marks as patients, one shape a group, and the data table lists them all."""
    html = drawn(
        FigureKind.SCATTER, [points([1, 2, 3, 4, 5], [5, 4, 3, 2, 1], ["F", "F", "M", "M", "M"])]
    )
    uses = [use.get("href") for use in open_marks(svg_of(html))]
    shapes = {shape: uses.count(shape) for shape in uses}
    assert sorted(shapes.values()) == [3, 4]  # each with its mark in the key of groups
    assert html.count('<th scope="row">') == 5


def test_a_value_that_a_log_axis_cannot_hold_is_not_dropped():
    """With a value of 0 among them the marks are drawn on a linear axis: all of them."""
    html = drawn(FigureKind.SCATTER, [points([0, 10, 100], [1, 2, 3], [""] * 3)], is_log=True)
    svg = svg_of(html)
    zero, hundred = texts(svg)["0"][0], texts(svg)["100"][0]
    marks = [float(mark.get("x", 0)) for mark in open_marks(svg)]
    assert marks == pytest.approx([zero, 0.9 * zero + 0.1 * hundred, hundred], abs=0.1)


@pytest.mark.parametrize("kind", [FigureKind.FOREST, FigureKind.BARS])
def test_what_is_missing_keeps_its_row_and_has_no_mark(kind):
    """An absent number is told in words in its row, and the data table gives the reason."""
    absent = NotEstimable(key="s/none", label="Nobody", reason="nobody was tested")
    html = drawn(kind, [share("Here", 5, 10), hidden("Few"), absent])
    svg = svg_of(html)
    at = texts(svg)
    assert {"Here", "Few", "Nobody", "withheld", "not estimable"} <= set(at)
    assert len(point_marks(svg) if kind is FigureKind.FOREST else bars(svg)) == 1
    assert abs(at["withheld"][1] - at["Few"][1]) < 1
    assert 'data-key="s/Few" data-state="suppressed">–<sup' in html
    assert "It rests on few patients." in html
    assert "Nobody was tested." in html


def test_missing_bars_of_counts_say_so_where_they_would_stand():
    """In histograms and overlaps the words stand over the bin or the combination."""
    for kind, labels in (
        (FigureKind.HISTOGRAM, ("0 to below 1", "1 to below 2")),
        (FigureKind.OVERLAP, ("A & B", "A")),
    ):
        svg = svg_of(drawn(kind, [hidden(labels[0]), count(labels[1], 8)]))
        assert len(bars(svg)) == 1
        assert texts(svg)["withheld"][0] < bars(svg)[0][0]


@pytest.mark.parametrize(
    ("kind", "results", "reason"),
    [
        (FigureKind.FOREST, [hidden("A"), hidden("B")], "Withheld: it rests on few patients."),
        (FigureKind.SCATTER, [hidden("A")], "Withheld: it rests on few patients."),
        (FigureKind.BARS, [NotEstimable(key="s/A", label="A", reason="nobody is left")],
         "Not estimable: nobody is left."),
    ],
)  # fmt: skip
def test_a_figure_without_numbers_is_a_sentence(kind, results, reason):
    """Instead of empty axes the reader is told why there are none, each reason once."""
    html = drawn(kind, results)
    assert "<svg" not in html
    assert html.count(reason) == 1


def test_the_numbers_behind_a_figure_are_cells_like_any_other():
    """The folded table has caption, scopes and each number's key and full value, as printed."""
    html = drawn(FigureKind.BARS, [share("A", 1, 3)])
    table = html[html.index("<details") :]
    assert ">Numbers behind the figure: What is seen</span></caption>" in table
    assert '<th scope="row">A</th>' in table
    assert 'data-key="s/A" data-value="0.3333333333333333" data-n="3" data-events="1"' in table
    assert "1/3, 33\u00a0% (10 to 90)" in table


@pytest.mark.parametrize("origin", list(Origin))
def test_what_rests_on_synthetic_values_says_so_beside_the_figure(origin):
    """The caption carries the tables' mark and its meaning if, and only if, a value is invented."""
    html = drawn(FigureKind.HISTOGRAM, [count("0 to below 1", 3, origin)])
    caption = html[html.index("<figcaption>") : html.index("</figcaption>")]
    assert ("rests on synthetic values." in caption) == (origin is Origin.SYNTHETIC)


def test_no_words_stand_on_others():
    """Under long labels each baseline is a line below the last, and nothing leaves the canvas."""
    label = "A label that is much longer than its column is wide, and then somewhat longer still"
    rows = [odds(f"{label} {number}", 123456.0, 0.01, 1e7) for number in range(3)]
    svg = svg_of(drawn(FigureKind.FOREST, rows, is_log=True, reference=1.0))
    left = [t for t in svg.iter("text") if not t.get("text-anchor")]
    baselines = [float(t.get("y", 0)) for t in left]
    assert all(after - before >= 18 for before, after in pairwise(baselines))
    width = float(svg.get("width", 0))
    assert all(float(t.get("x", 0)) <= width for t in svg.iter("text"))
