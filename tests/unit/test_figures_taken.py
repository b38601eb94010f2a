"""The numbers behind a figure as a file in the page: the recorded ones, and nothing that acts."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from html import unescape
from io import StringIO
from urllib.parse import unquote

import pytest

from incohort.figures import figure_html
from incohort.results import (
    Band,
    Curve,
    Estimate,
    Figure,
    FigureKind,
    Findings,
    Measure,
    PatientPoints,
    PatientTracks,
    Series,
    Suppressed,
    Track,
)
from incohort.tables.marks import Marks

THIRD = Estimate(
    key="s/a/proportion", label="A, “B” & <C>", measure=Measure.PROPORTION, value=1 / 3,
    ci_low=0.06, ci_high=float("inf"), conf_level=0.95, n=12, events=4,
)  # fmt: skip
HIDDEN = Suppressed(key="s/b", label="Few", reason="it rests on few patients")
CURVE = Curve(
    key="s/c", label="All", x=(0.0, 1 / 7), y=(1.0, 2 / 3), ci_low=(1.0, 0.1), ci_high=(1.0, 0.9),
    n_at_risk=(9, 9), n_events=(0, 3), n_censored=(0, 0), x_label="Days", y_label="Not recovered",
    measure="survival",
)  # fmt: skip


def link(kind: FigureKind, *results, marks=None, public=True, **series) -> tuple[str, str]:
    """The file's name and its text, as a browser would hand them out."""
    one = Series("All", tuple(result.key for result in results), **series)
    figure = Figure(key="s/d/figure", kind=kind, caption="Seen", alt="Told", series=(one,))
    findings = Findings(name="s", title="S", results=results, is_public=public, profile="none")
    html = figure_html(figure, findings, marks or Marks())
    found = re.search(r'<a download="([^"]*)" href="data:text/csv;charset=utf-8,([^"]*)"', html)
    return (found[1], unquote(unescape(found[2]))) if found else ("", "")


def rows(text: str) -> list[dict[str, str]]:
    """The file's rows by the names of its columns."""
    return list(csv.DictReader(StringIO(text, newline="")))


def test_a_number_is_the_recorded_one_to_its_last_digit():
    """A third is no 0.333, an open end is Infinity, and the key says which number it is."""
    _, text = link(FigureKind.FOREST, THIRD, HIDDEN)
    third, few = rows(text)
    assert float(third["value"]) == 1 / 3
    assert (third["ci_low"], third["ci_high"], third["n"], third["events"]) == (
        "0.06", "Infinity", "12", "4",
    )  # fmt: skip
    assert third["key"] == "s/a/proportion"
    assert third["label"] == "A, “B” & <C>"
    assert (few["value"], few["state"], few["reason"]) == ("", "withheld", HIDDEN.reason)


@pytest.mark.parametrize("label", ["=1+1", "@SUM(A1)", "+1", "-1", "\t=1", "＝1"])
def test_no_label_is_a_formula(label):
    """Whatever a cohort calls its groups, a spreadsheet calculates nothing; numbers stay so."""
    _, text = link(FigureKind.FOREST, replace(THIRD, label=label, value=-0.25))
    (row,) = rows(text)
    assert row["label"] == f"'{label}"
    assert row["value"] == "-0.25"


@pytest.mark.parametrize("label", ['"><script>alert(1)</script>', "a\r\nb", "50 % # ?", "a%0Ab"])
def test_hostile_letters_come_back_as_they_were_and_leave_no_attribute(label):
    """The link holds the file and nothing else."""
    _, text = link(FigureKind.FOREST, replace(THIRD, label=label))
    assert rows(text)[0]["label"] == label


def test_a_curve_has_every_point_where_the_printed_table_has_some():
    """Each place with its value, limits and counts."""
    _, text = link(FigureKind.CURVES, CURVE)
    told = [tuple(float(row[name]) for name in ("x", "y", "ci_low")) for row in rows(text)]
    assert told == [(0.0, 1.0, 1.0), (1 / 7, 2 / 3, 0.1)]
    assert [row["n_events"] for row in rows(text)] == ["0", "3"]


def test_quartiles_series_and_marks_are_rows_too():
    """A row a quartile; a row a value, a span and a moment; a row a mark."""
    band = Band(key="s/d", label="All", x=(3.5,), q1=(1.0,), median=(2.0,), q3=(3.0,), n=(60,),
                x_label="Days", y_label="ANC")  # fmt: skip
    track = Track(x=(1.0,), y=(2.5,), spans=(("gcsf", 2.0, 7.0),), marks=(("death", 9.0),),
                  name="7")  # fmt: skip
    other = replace(track, name="8")
    tracks = PatientTracks(key="s/e", label="Series", tracks=(other, track), shown=(1,),
                           choice="1 of 2", x_label="Days")  # fmt: skip
    points = PatientPoints(key="s/p", label="Marks", x=(2.0, 1.0), y=(5.0, 6.0), group=("", ""),
                           x_label="A", y_label="B")  # fmt: skip
    _, text = link(FigureKind.TRACKS, band, tracks)
    told = [(r["group"], r["patient"], r["what"], r["x"], r["to"], r["y"]) for r in rows(text)]
    assert told == [
        ("q1", "", "", "3.5", "", "1.0"), ("median", "", "", "3.5", "", "2.0"),
        ("q3", "", "", "3.5", "", "3.0"), ("", "7", "value", "1.0", "", "2.5"),
        ("", "7", "gcsf", "2.0", "7.0", ""), ("", "7", "death", "9.0", "", ""),
    ]  # fmt: skip
    _, text = link(FigureKind.SCATTER, points)
    assert [(row["x"], row["y"]) for row in rows(text)] == [("1.0", "6.0"), ("2.0", "5.0")]


def test_the_file_is_called_as_the_figure_is():
    """On a page by its number, in a cell by its key."""
    assert link(FigureKind.FOREST, THIRD, marks=Marks({"s/d/figure": "Figure 3"}))[0] == (
        "figure-3.csv"
    )
    assert link(FigureKind.FOREST, THIRD)[0] == "s-d.csv"


def test_what_may_not_leave_says_so_in_every_row():
    """Of a restricted cohort that no gate has seen each row is marked; of a public one none."""
    _, text = link(FigureKind.FOREST, THIRD, public=False)
    assert all(row["marking"].startswith("INTERNAL") for row in rows(text))
    assert "marking" not in rows(link(FigureKind.FOREST, THIRD)[1])[0]


def test_weights_stand_beside_what_they_size():
    """The share of a comparison in the pooled one, in its row."""
    weight = Estimate(key="s/w", label="Weight", measure=Measure.PROPORTION, value=0.7)
    one = Series("All", (THIRD.key,), weights=("s/w",))
    figure = Figure(key="s/d/figure", kind=FigureKind.FOREST, caption="S", alt="T", series=(one,))
    findings = Findings(name="s", title="S", results=(THIRD, weight), is_public=True)
    html = figure_html(figure, findings)
    text = unquote(unescape(html.partition("charset=utf-8,")[2].partition('"')[0]))
    assert rows(text)[0]["weight"] == "0.7"


def test_so_many_rows_as_would_weigh_down_the_page_are_no_file():
    """Ten thousand places stay in the report's results."""
    n = 10_000
    many = replace(CURVE, x=tuple(map(float, range(n))), y=(0.5,) * n, ci_low=(), ci_high=(),
                   n_at_risk=(), n_events=(), n_censored=())  # fmt: skip
    assert link(FigureKind.CURVES, many) == ("", "")
