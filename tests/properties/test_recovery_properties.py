"""Relations that hold for episodes whoever the patients are, on a crowd with everything odd.

One crowd of twelve hundred, since a query costs nearly the same for one patient as for a thousand.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import replace
from datetime import timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import ibis
import numpy as np
import pandas as pd
import pytest

from incohort.cohort import Cohort, RecoveryChoices, counts_frame, episode_frame
from incohort.results import CohortCard

# Ibis 12 calls a method that DuckDB 2 renamed.
pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning"),
]

_SPEC = importlib.util.spec_from_file_location(
    "crowd", Path(__file__).parents[1] / "engines" / "crowd.py"
)
crowd = importlib.util.module_from_spec(_SPEC)
sys.modules.setdefault("crowd", crowd)
_SPEC.loader.exec_module(crowd)

SEED, N_PATIENTS = 2026, 1200
SEVERE = RecoveryChoices(anc_limit=0.5, recovery_threshold=0.5, time_zero="first_low")
TIME_ZEROS = ("withdrawal", "nadir", "first_low", "admission")


def cohort_of(tables) -> Cohort:
    return Cohort(
        name="crowd",
        card=CohortCard(name="crowd", title="Crowd", is_public=True),
        tables={
            name: ibis.memtable(frame, schema=crowd.SCHEMAS[name])
            for name, frame in crowd.frames(tables).items()
        },
        origins={},
        held=frozenset(),
    )


@cache
def people() -> crowd.Tables:
    return crowd.crowd(SEED, N_PATIENTS)


@cache
def everybody() -> Cohort:
    return cohort_of(people())


@cache
def frame_of(choices: RecoveryChoices) -> pd.DataFrame:
    return episode_frame(everybody(), choices)


def first_recovery(frame: pd.DataFrame) -> pd.Series:
    """Day of the first episode's recovery by patient; infinitely late where there is none."""
    first = frame[frame["episode"] == 1].set_index("patient_id")["recovered_on"]
    return first.map(lambda day: np.inf if day is None else day.toordinal()).astype(float)


def test_the_order_of_rows_changes_nothing():
    """Shuffled tables give the same episodes and counts, ties, joins and windows included."""
    choices = RecoveryChoices(confirmation="next_count")
    shuffled = cohort_of(crowd.shuffled(people(), SEED + 1))

    pd.testing.assert_frame_equal(episode_frame(shuffled, choices), frame_of(choices))
    pd.testing.assert_frame_equal(
        counts_frame(shuffled, choices), counts_frame(everybody(), choices)
    )


def test_a_higher_threshold_never_recovers_earlier():
    """Of the same first episode, 0.5 is reached no later than 1.0, and 1.0 no later than 1.5."""
    found = [
        first_recovery(frame_of(replace(SEVERE, recovery_threshold=t))) for t in (0.5, 1.0, 1.5)
    ]

    for lower, higher in pairwise(found):
        shared = lower.index.intersection(higher.index)
        assert len(shared) > 100
        # a one-sided count may be decided at one threshold and not at another: exact counts only
        exact = [name for name in shared if name not in _one_sided()]
        assert (lower[exact] <= higher[exact]).all()


@cache
def _one_sided() -> frozenset[str]:
    return frozenset(row["patient_id"] for row in people()["labs"] if row["comparator"] is not None)


def test_confirmation_never_makes_recovery_earlier():
    """What must be confirmed for longer comes no sooner, and never out of nothing."""
    plain = first_recovery(frame_of(SEVERE))
    confirmed = first_recovery(frame_of(replace(SEVERE, confirmation="next_count")))
    longer = first_recovery(frame_of(replace(SEVERE, confirmation="days", confirmation_days=5)))

    assert plain.index.equals(confirmed.index)
    assert plain.index.equals(longer.index)
    assert (plain <= confirmed).all()
    assert (confirmed <= longer).all()
    assert (plain < confirmed).any()


@pytest.mark.parametrize("time_zero", TIME_ZEROS)
def test_times_intervals_and_causes_agree(time_zero):
    """Left ≤ right; a time is in its interval; causes, reasons and dates say the same."""
    frame = frame_of(RecoveryChoices(time_zero=time_zero, confirmation="next_count"))
    timed = frame[frame["is_timed"].astype(bool)]
    other = frame[~frame["is_timed"].astype(bool)]

    assert len(timed) > 30
    assert (timed["left"] >= 0).all()
    assert (timed["left"] <= timed["right"]).all()
    assert (timed["left"] <= timed["time"]).all()
    assert (timed["time"] <= timed["right"]).all()
    assert (np.isinf(timed["right"]) == (timed["cause"] != 1)).all()
    assert (timed["censored_because"].notna() == (timed["cause"] == 0)).all()
    assert (timed["recovered_on"].notna() == (timed["cause"] == 1)).all()
    assert other["not_timed_because"].notna().all()
    assert other[["time", "left", "right", "cause", "censored_because"]].isna().all(axis=None)


@pytest.mark.parametrize("threshold", [0.5, 1.0, 1.5])
def test_every_patient_with_a_low_count_has_an_episode(threshold):
    """Nobody low is lost and nobody else found; episodes are numbered from 1 and don't overlap."""
    frame = frame_of(replace(SEVERE, anc_limit=threshold, recovery_threshold=threshold))

    low = crowd.lows(people()["labs"], threshold)
    assert set(frame["patient_id"]) == low
    for _, own in frame.groupby("patient_id"):
        assert own["episode"].tolist() == list(range(1, len(own) + 1))
        assert (
            own["onset_on"].iloc[1:].to_numpy() > own["recovered_on"].iloc[:-1].to_numpy()
        ).all()
        assert own["relapse"].iloc[:-1].eq(True).all()


def test_a_death_before_recovery_is_a_cause_of_its_own():
    """Who has a date of death and no recovery in the last episode died, and nobody else did."""
    frame = frame_of(SEVERE)
    died = {
        row["patient_id"]: row["occurred_on"]
        for row in people()["events"]
        if row["event"] == "death" and row["occurred_on"] is not None
    }

    is_last = ~frame["patient_id"].duplicated(keep="last")
    expected = is_last & frame["recovered_on"].isna() & frame["patient_id"].isin(died)
    assert expected.any()
    assert (frame["cause"] == 2).equals(expected.astype("boolean"))
    dead = frame[expected]
    days = [
        (died[name] - onset).days
        for name, onset in zip(dead["patient_id"], dead["onset_on"], strict=True)
    ]
    assert dead["time"].tolist() == days


def test_episodes_are_what_a_plain_walk_through_the_days_finds():
    """A loop over each patient's days, as one would do it by hand, finds the same episodes."""
    choices = replace(SEVERE, recovery_threshold=1.0, confirmation="next_count")
    frame = frame_of(choices)
    found = [
        tuple(row)
        for row in frame[
            ["patient_id", "onset_on", "nadir", "nadir_on", "recovered_on", "n_counts"]
        ].itertuples(index=False)
        if row[0] not in _one_sided()
    ]

    assert found == sorted(_walked(entry=0.5, threshold=1.0))


def _walked(entry: float, threshold: float):
    for name, own in _days().items():
        yield from ((name, *episode) for episode in _walk(sorted(own.items()), entry, threshold))


def _days() -> dict[str, dict]:
    days: dict[str, dict] = {}
    for row in people()["labs"]:
        name, value, at = row["patient_id"], row["value"], row["taken_at"]
        is_count = row["analyte"] == "ANC" and value is not None and at is not None
        if is_count and name not in _one_sided():
            own = days.setdefault(name, {})
            own[at.date()] = min(own.get(at.date(), np.inf), value)
    return days


def _walk(series, entry: float, threshold: float):
    opened, counts = None, []
    for (on, value), (_, following) in pairwise([*series, (None, -1.0)]):
        if min(value, following) >= threshold:
            if opened:
                yield (opened, *_lowest(counts), on, len(counts) + 1)
            opened, counts = None, []
        elif counts or value < threshold:
            counts.append((on, value))
            opened = opened or (on if value < entry else None)
    while counts and counts[-1][1] >= threshold:
        counts.pop()
    if opened:
        yield (opened, *_lowest(counts), None, len(counts))


def _lowest(counts):
    value = min(value for _, value in counts)
    return round(value, 6), min(on for on, each in counts if abs(each - value) < 1e-9)


def test_dates_and_values_at_the_ends_of_their_ranges_keep_apart():
    """Keys packed from value and day stay within 63 bits, and are read back as they were."""
    start, last = pd.Timestamp("1900-01-01"), pd.Timestamp("2199-12-31")
    labs = [
        {"patient_id": name, "analyte": "ANC", "taken_at": at, "value": value, "comparator": None}
        for name in ("A", "B")
        for at, value in ((start, 499.0), (last, 498.999999), (last + timedelta(days=1), 500.0))
    ]
    tables = crowd.crowd(0, 0) | {"labs": labs}
    tables["patients"] = [
        dict.fromkeys(crowd.SCHEMAS["patients"]) | {"patient_id": n} for n in "AB"
    ]

    found = episode_frame(
        cohort_of(tables),
        RecoveryChoices(recovery_threshold=500.0, anc_limit=500.0, time_zero="first_low"),
    )

    assert found["nadir"].tolist() == [498.999999] * 2
    assert [str(day) for day in found["nadir_on"]] == ["2199-12-31"] * 2
    assert found["time"].tolist() == [(last - start).days + 1] * 2


def test_a_missing_value_is_no_lowest_value():
    """A count without a number is not the nadir, nor does it hide the day of the one there is."""
    row = {"patient_id": "A", "analyte": "ANC", "comparator": None}
    labs = [
        row | {"taken_at": pd.Timestamp("2020-01-01"), "value": 0.4},
        row | {"taken_at": pd.Timestamp("2020-01-02"), "value": None},
        row | {"taken_at": None, "value": 0.1},
    ]
    tables = crowd.crowd(0, 0) | {"labs": labs}
    tables["patients"] = [dict.fromkeys(crowd.SCHEMAS["patients"]) | {"patient_id": "A"}]

    [found] = episode_frame(cohort_of(tables), SEVERE).to_dict("records")

    assert (found["nadir"], str(found["nadir_on"]), found["n_counts"]) == (0.4, "2020-01-01", 1)
