"""The gate on curves and patients' series: many stand behind each step and each bin."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incohort.disclosure import PROFILES, gate
from incohort.disclosure.curves import as_drawn, band_of
from incohort.disclosure.rounding import outward
from incohort.results import (
    Band,
    Curve,
    Findings,
    NotEstimable,
    PatientPoints,
    PatientTracks,
    Suppressed,
    Track,
)
from incohort.results.groups import EVERYBODY, Census, Whose
from incohort.stats.survival import kaplan_meier

_STRICT = [profile for profile in PROFILES.values() if not profile.is_open]
_strict = pytest.mark.parametrize("profile", _STRICT, ids=lambda profile: profile.name)


def curve_of(steps: list[tuple[int, int]], left: int, **more) -> Curve:
    """A survival curve from the events and censorings of each day, and how many are left."""
    at_risk = sum(map(sum, steps)) + left
    n, y = at_risk, 1.0
    rows = [(0.0, 1.0, n, 0, 0)]
    for day, (events, censored) in enumerate(steps, 1):
        y *= 1 - events / at_risk if at_risk else 1
        rows.append((float(day), y, at_risk, events, censored))
        at_risk -= events + censored
    x, ys, risk, events_, censored_ = zip(*rows, strict=True)
    values = {
        "key": "s/curve", "label": "Recovery", "x": x, "y": ys, "x_label": "Days",
        "y_label": "Not recovered", "measure": "survival", "n_at_risk": risk, "n_events": events_,
        "n_censored": censored_, "n": n,
        "n_persons": tuple(e + c for e, c in zip(events_, censored_, strict=True)),
    }  # fmt: skip
    return Curve(**(values | more))


def series(*values: tuple[float, float], marks=()) -> Track:
    """One patient's values by day."""
    return Track(x=tuple(x for x, _ in values), y=tuple(y for _, y in values), marks=marks)


def tracks_of(*tracks: Track) -> PatientTracks:
    """The series of several patients."""
    return PatientTracks(
        key="s/tracks", label="ANC", tracks=tracks, x_label="Days", y_label="ANC, 10⁹/L"
    )


curves = st.builds(
    curve_of,
    st.lists(st.tuples(st.integers(0, 14), st.integers(0, 6)), min_size=1, max_size=25),
    st.integers(0, 40),
)
patients = st.lists(
    st.lists(st.tuples(st.integers(-3, 60), st.floats(0.01, 30)), max_size=6).map(
        lambda values: series(*values)
    ),
    max_size=45,
).map(lambda tracks: tracks_of(*tracks))


def test_points_are_kept_where_enough_have_had_the_event_since():
    """With a limit of 4, five events on two days are one point; its counts are of both, rounded."""
    curve = curve_of([(3, 0), (2, 1), (6, 0), (1, 0)], left=30)
    shown = as_drawn(curve, PROFILES["darwin"])
    assert isinstance(shown, Curve)
    assert shown.x == (0.0, 2.0, 3.0)  # the single event of day 4 stands behind no point
    assert shown.n_events == (0, 5, 5)
    assert shown.n_censored == (0, 0, 0)  # one person: told when there are more than four
    assert shown.n_at_risk == (40, 40, 35)  # 30 of 32 are left
    assert shown.n_persons == (0, 5, 5)
    assert shown.y[1:] == pytest.approx((40 / 43 * 38 / 40, 40 / 43 * 38 / 40 * 31 / 37), abs=0.005)


def test_few_who_were_censored_are_told_once_they_are_more_than_few():
    """Three censored with each of two steps are told at the second: six, rounded to five."""
    curve = curve_of([(6, 3), (6, 3)], left=30)
    shown = as_drawn(curve, PROFILES["darwin"])
    assert shown.n_censored == (0, 0, 5)
    assert shown.n_at_risk == (45, 45, 40)


def test_where_counts_are_rounded_those_at_risk_are_sums_of_rounded_counts():
    """Of 48 persons with 9 and 12 events, opensafely tells 10 and 10, 30 left of 50."""
    shown = as_drawn(curve_of([(9, 0), (12, 0)], left=28), PROFILES["opensafely"])
    assert shown.n_events == (0, 10, 10)
    assert shown.n_at_risk == (50, 50, 40)
    assert shown.n == 50
    assert shown.y == (1.0, 0.82, 0.57)  # 40/49 and 28/49, with two digits
    assert curve_of([(9, 0), (12, 0)], left=28).n == 49


@pytest.mark.parametrize(
    ("curve", "profile"),
    [
        (curve_of([(8, 0)] * 10, left=20), "opensafely"),  # ten times 8 is not ten times 10
        (curve_of([(8, 3)] * 12, left=20), "darwin"),
        (curve_of([(13, 0)] * 10, left=23), "acro"),
    ],
)
def test_no_more_are_at_risk_than_there_are(curve, profile):
    """Rounded parts add up to all there are, within one rounding: never 310 at risk of 300."""
    shown = as_drawn(curve, PROFILES[profile])
    assert isinstance(shown, Curve)
    assert abs(shown.n - curve.n) < 5
    assert shown.n_at_risk[0] == shown.n


@pytest.mark.parametrize(
    "curve",
    [
        curve_of([(30, 0)], left=0),  # nobody left: the end tells what became of all
        curve_of([(30, 0)], left=4),
        curve_of([(2, 0)] * 2, left=50),  # four events in all
        curve_of([(30, 0)], left=30, n_persons=()),  # no telling on whom it rests
    ],
)
def test_a_curve_that_rests_on_few_is_withheld(curve):
    """Without two points that rest on enough persons nothing is left of a curve."""
    shown = as_drawn(curve, PROFILES["darwin"])
    assert isinstance(shown, Suppressed)
    assert shown.key == curve.key


def test_a_point_at_the_end_stays_where_enough_follow():
    """The same curve with five left after its last step keeps that step."""
    shown = as_drawn(curve_of([(30, 0)], left=5), PROFILES["darwin"])
    assert shown.x == (0.0, 1.0)


def test_who_entered_late_can_not_be_counted_from_those_at_risk():
    """Where those at risk don't follow from who left, neither they nor those censored stay."""
    curve = curve_of([(9, 0), (9, 0)], left=30)
    late = replace(curve, n_at_risk=(48, 48, 44))
    shown = as_drawn(late, PROFILES["darwin"])
    assert shown.n_events == (0, 10, 10)
    assert shown.n_at_risk == shown.n_censored == ()


@_strict
@settings(max_examples=150, deadline=None)
@given(curve=curves)
def test_no_step_of_a_curve_rests_on_few(profile, curve):
    """Between two kept points, and after the last, more persons and events lie than the limit."""
    shown = as_drawn(curve, profile)
    if isinstance(shown, Suppressed):
        return
    exact = dict(zip(curve.x, range(len(curve.x)), strict=True))
    places = [exact[x] for x in shown.x]
    for before, place in pairwise(places):
        between = slice(before + 1, place + 1)
        assert sum(curve.n_persons[between]) > profile.limit
        assert sum(curve.n_events[between]) > profile.limit
    gone = sum(curve.n_persons[: places[-1] + 1])
    assert curve.n - gone > profile.limit
    assert abs(shown.n - curve.n) < 5
    steps = list(zip(shown.n_events, shown.n_censored, strict=True))
    for at_risk, after, (events, censored) in zip(
        shown.n_at_risk, shown.n_at_risk[1:], steps, strict=False
    ):
        assert at_risk - events - censored == after
    told = [number for counts in (shown.n_events, shown.n_censored) for number in counts if number]
    assert all(number > profile.limit for number in (*told, *shown.n_at_risk))
    assert all(number % 5 == 0 for number in (*told, *shown.n_at_risk))


@_strict
@settings(max_examples=100, deadline=None)
@given(curve=curves, tracks=patients)
def test_what_passed_once_passes_again_unchanged(profile, curve, tracks):
    """The gate applied to its own result changes nothing."""
    for result in (curve, tracks):
        shown = as_drawn(result, profile)
        if not isinstance(shown, Suppressed):
            assert as_drawn(shown, profile) == shown


@pytest.mark.parametrize(("mild", "strict"), [("darwin", "opensafely"), ("opensafely", "acro")])
@settings(max_examples=150, deadline=None)
@given(curve=curves, tracks=patients)
def test_a_higher_limit_never_shows_more(mild, strict, curve, tracks):
    """Every point and bin that is shown under a stricter profile is shown under a milder one."""
    for result in (curve, tracks):
        shown = as_drawn(result, PROFILES[strict])
        if not isinstance(shown, Suppressed):
            assert set(shown.x) <= set(as_drawn(result, PROFILES[mild]).x)


def test_a_patient_counts_once_in_a_bin():
    """Quartiles are those of the patients' own medians: many measurements are not many patients."""
    often = series((0.0, 1.0), *[(0.0, 9.0)] * 50, (1.0, 9.0))
    others = [series((0.0, value)) for value in (1.0, 2.0, 3.0, 4.0)]
    band = band_of(tracks_of(often, *others))
    assert band.n == (5,)  # on day 1 there is one patient, and no bin
    assert (band.q1, band.median, band.q3) == ((2.0,), (3.0,), (4.0,))
    assert band.x == (0.5,)


def test_bins_are_as_wide_as_the_time_is_long():
    """Over four weeks and more a bin is a week, and stands at its middle."""
    band = band_of(tracks_of(*[series((2.0, v), (9.0, v), (40.0, v)) for v in (1.0, 2.0)]))
    assert band.x == (3.5, 10.5, 38.5)
    assert band.median == (1.5, 1.5, 1.5)


@_strict
@settings(max_examples=100, deadline=None)
@given(tracks=patients)
def test_each_bin_rests_on_many_patients(profile, tracks):
    """In every bin more patients than the limit were measured, more than few beyond a quartile."""
    shown = as_drawn(tracks, profile)
    if isinstance(shown, Suppressed):
        return
    assert isinstance(shown, Band)
    days = [day for track in tracks.tracks for day in track.x]
    width = 1 if max(days) - min(days) <= 26 else 7
    for middle, n in zip(shown.x, shown.n, strict=True):
        inside = [
            track
            for track in tracks.tracks
            if any(math.floor(day / width) == math.floor(middle / width) for day in track.x)
        ]
        assert len(inside) > profile.limit
        assert len(inside) // 4 > profile.few
        assert n % 5 == 0
        assert abs(n - len(inside)) < 3


def test_timelines_without_values_are_withheld():
    """Who was given what and when can't be made into quartiles: nothing is left."""
    lanes = [Track(spans=(("gcsf", 0.0, 5.0),), marks=(("recovered", 9.0),)) for _ in range(90)]
    assert isinstance(as_drawn(tracks_of(*lanes), PROFILES["darwin"]), Suppressed)


@_strict
def test_the_gate_hands_on_nothing_of_single_patients(profile):
    """Findings with a curve, series and marks pass as points of many, quartiles, and a reason."""
    curve = curve_of([(20, 10)] * 3, left=40)
    tracks = tracks_of(*[series((0.0, 0.1 + v / 100), marks=(("death", 3.0),)) for v in range(60)])
    points = PatientPoints(key="s/p", label="P", x=(1.0,), y=(1.0,), group=("",), x_label="X",
                           y_label="Y")  # fmt: skip
    none = NotEstimable(key="s/none", label="N", reason="the cohort has no table of drugs")
    whose = [Whose(key=r.key, unit="patients", of=EVERYBODY) for r in (curve, tracks, points, none)]
    census = Census("patients", np.arange(130))
    findings = Findings(
        name="s", title="S", results=(curve, tracks, points, none), whose=tuple(whose),
        censuses=(census,),
    )  # fmt: skip
    shown = gate(findings, profile)
    assert [type(result) for result in shown.results] == [Curve, Band, Suppressed, NotEstimable]
    assert gate(shown, profile) is shown
    assert gate(findings, PROFILES["none"]).results == findings.results


def kept_of(censored: int, events: int, left: int) -> Curve:
    """A curve with an interval: some censored on day 1, events on days 7 and 14, the rest kept."""
    later = left // 3
    groups = ((1.0, censored, 0), (7.0, events, 1), (14.0, later, 1), (30.0, left - later, 0))
    time = [day for day, n, _ in groups for _ in range(n)]
    event = [bool(had) for _, n, had in groups for _ in range(n)]
    found = kaplan_meier(time, event)
    return Curve(
        key="s/curve", label="Recovery", x_label="", y_label="", measure="survival",
        x=tuple(found.time.tolist()), y=tuple(found.survival.tolist()),
        ci_low=tuple(found.ci_low.tolist()), ci_high=tuple(found.ci_high.tolist()),
        n_at_risk=tuple(found.n_at_risk.tolist()), n_events=tuple(found.n_events.tolist()),
        n_censored=tuple(found.n_censored.tolist()), n=len(time),
        n_persons=tuple((found.n_events + found.n_censored).tolist()),
    )  # fmt: skip


@pytest.mark.parametrize("name", ["darwin", "acro"])
@pytest.mark.parametrize(("censored", "events", "left"), [(3, 20, 103), (2, 12, 60), (1, 30, 70)])
def test_few_who_were_censored_are_not_worked_out_from_a_step_and_its_interval(
    name, censored, events, left
):
    """Who knows the exact n and tries all numbers finds several that draw the same first step."""

    def first_step(curve: Curve) -> tuple:
        shown = as_drawn(curve, PROFILES[name])
        at = shown.x.index(7.0)
        return shown.y[at], shown.ci_low[at], shown.ci_high[at], shown.n_events[at]

    n = censored + events + left
    seen = first_step(kept_of(censored, events, left))
    possible = {
        lost
        for lost in range(PROFILES[name].limit + 1)
        for had in range(events - 2, events + 3)
        if first_step(kept_of(lost, had, n - lost - had)) == seen
    }

    assert possible > {censored}


def test_limits_of_a_share_go_outward_to_the_next_twentieth():
    """An interval is never told narrower than it is, and what is told is told again unchanged."""
    assert outward(0.763, 0.889) == (0.75, 0.9)
    assert outward(0.75, 0.9) == (0.75, 0.9)
    assert outward(0.0, 1.0) == (0.0, 1.0)
