"""Relations that hold for person-time whoever the patients are, on a crowd with everything odd.

The strongest is a second derivation: a plain loop over each patient's days, one by one.
"""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import ibis
import pandas as pd
import pytest

from incohort.cohort import Cohort, PersonTime, PersonTimeChoices, person_time
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

SEED, N_PATIENTS = 2027, 1200
PLAIN = PersonTimeChoices()
OTHERWISE = PersonTimeChoices(
    carry_days=10, bands="lecture", gcsf_washout_days=0, infection_washout_days=3, lag="same_day",
    after_last_count="carry", transplant_ends=False, grade_at_least=3, merge_days=30,
)  # fmt: skip
SIGNS = ("<", "<=", None, ">=", ">")
LIMITS = {"infection": (0.1, 0.5, 1.0, 1.5), "lecture": (0.5, 1.0, 1.8)}
NAMES = {
    "infection": ("below_0_1", "0_1_to_0_5", "0_5_to_1", "1_to_1_5", "from_1_5"),
    "lecture": ("below_0_5", "0_5_to_1", "1_to_1_8", "from_1_8"),
}


def cohort_of(tables) -> Cohort:
    connection = ibis.duckdb.connect()
    return Cohort(
        name="crowd",
        card=CohortCard(name="crowd", title="Crowd", is_public=True),
        tables={
            name: connection.create_table(name, ibis.memtable(frame, schema=crowd.SCHEMAS[name]))
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
def result_of(choices: PersonTimeChoices) -> PersonTime:
    return person_time(everybody(), choices)


@cache
def rows_of(table: str) -> dict[str, list[dict]]:
    """The rows of a table by patient."""
    rows: dict[str, list[dict]] = defaultdict(list)
    for row in people()[table]:
        rows[row["patient_id"]].append(row)
    return rows


def _is_growth_factor(row) -> bool:
    return (row["atc"] or "").startswith("L03AA") or row["drug"] == "Pegfilgrastim"


def _is_unread(row) -> bool:
    """A treatment, or what may be one, under a name that nobody knows."""
    return row["drug"] == "a trial drug" and row["role"] in (None, "treatment")


class Walk:
    """One patient's days, as one would go through them by hand."""

    def __init__(self, name: str, choices: PersonTimeChoices) -> None:
        self.choices = choices
        self.counts = self._counts(rows_of("labs")[name])
        events = rows_of("events")[name]
        self.onsets, self.merged = self._onsets(events)
        self.first = min(self.counts, default=None)
        [person] = rows_of("patients")[name]
        self.end = self._end(events, person["followed_until"])
        self.spans = [
            (row["started_on"], row["stopped_on"], is_certain)
            for row in rows_of("medications")[name]
            if (is_certain := _is_growth_factor(row)) or _is_unread(row)
        ]

    def _counts(self, rows):
        lowest: dict[date, tuple] = {}
        for row in rows:
            if row["analyte"] == "ANC" and row["value"] is not None and row["taken_at"] is not None:
                count = (round(row["value"], 6), SIGNS.index(row["comparator"]))
                day = row["taken_at"].date()
                lowest[day] = min(lowest.get(day, count), count)
        return lowest

    def _onsets(self, events):
        days = sorted(
            {
                row["occurred_on"]
                for row in events
                if row["event"] == "infection" and row["occurred_on"] is not None
                and (row["grade"] or 1) >= self.choices.grade_at_least
            }
        )  # fmt: skip
        counted: list[date] = []
        for day in days:
            if not counted or (day - counted[-1]).days >= self.choices.merge_days:
                counted.append(day)
        return counted, [day for day in days if day not in counted]

    def _end(self, events, followed_until):
        ending = ("death", "transplant") if self.choices.transplant_ends else ("death",)
        ends = [row["occurred_on"] for row in events if row["event"] in ending]
        known = [day for day in (*ends, followed_until) if day is not None]
        self.has_undated_end = None in ends
        if known or not self.counts:
            return min(known, default=None)
        last = max(self.counts)
        if self.choices.after_last_count == "carry" and not self.has_undated_end:
            last += timedelta(days=self.choices.carry_days)
        return last

    def state(self, day: date) -> str:
        """Treated, in a band, or unknown."""
        washout = timedelta(days=self.choices.gcsf_washout_days)
        may_be = False
        for started, stopped, is_certain in self.spans:
            dates = [each for each in (started, stopped) if each is not None]
            if is_certain and dates and min(dates) <= day <= max(dates) + washout:
                return "gcsf"
            may_be |= (started is None or started <= day) and (
                stopped is None or day <= stopped + washout
            )
        taken = max((each for each in self.counts if each <= day), default=None)
        if may_be or taken is None or (day - taken).days >= self.choices.carry_days:
            return "unknown"
        return self._band(*self.counts[taken])

    def _band(self, value: float, place: int) -> str:
        edges = (0.0, *LIMITS[self.choices.bands], float("inf"))
        for name, (low, high) in zip(NAMES[self.choices.bands], pairwise(edges), strict=True):
            lies_in = {
                "<": low == 0 and value <= high,
                "<=": low == 0 and value < high,
                None: low <= value < high,
                ">=": value >= low and high == float("inf"),
                ">": value >= low and high == float("inf"),
            }
            if lies_in[SIGNS[place]]:
                return name
        return "unknown"

    def is_resting(self, day: date) -> bool:
        """Whether an infection was counted shortly before."""
        rest = self.choices.infection_washout_days
        return any(0 < (day - onset).days <= rest for onset in self.onsets)

    def days(self) -> Counter:
        """Days by stratum, from the first count to the end."""
        found: Counter = Counter()
        if self.first is None or self.end is None:
            return found
        for i in range(max((self.end - self.first).days, 0)):
            day = self.first + timedelta(days=i)
            found["not_at_risk" if self.is_resting(day) else self.state(day)] += 1
        return found

    def placed(self) -> Counter:
        """Counted infections by stratum."""
        lag = timedelta(days=1 if self.choices.lag == "day_before" else 0)
        return Counter(
            "outside" if self.first is None or not self.first <= onset <= self.end
            else "not_at_risk" if self.is_resting(onset)
            else self.state(onset - lag)
            for onset in self.onsets
        )  # fmt: skip


@pytest.mark.parametrize("choices", [PLAIN, OTHERWISE], ids=["as they come", "otherwise"])
def test_a_plain_loop_over_the_days_finds_the_same(choices):
    """Each day of each patient, asked by itself, lies in the same stratum; so do infections."""
    result = result_of(choices)
    walks = {name: Walk(name, choices) for name in rows_of("patients")}

    days = {(n, s): d for n, walk in walks.items() for s, d in walk.days().items()}
    placed = {(n, s): e for n, walk in walks.items() for s, e in walk.placed().items()}
    time = result.time.set_index(["patient_id", "stratum"])
    assert time["person_days"][time["person_days"] > 0].to_dict() == days
    assert time["events"][time["events"] > 0].to_dict() == placed
    undated = result.follow_up.set_index("patient_id")["has_undated_end"].to_dict()
    assert undated == {name: walk.has_undated_end for name, walk in walks.items()}
    listed = result.infections.groupby("status")
    for status in ("counted", "merged"):
        found = listed.get_group(status)
        pairs = zip(found["patient_id"], found["occurred_on"], strict=True)
        attribute = "onsets" if status == "counted" else "merged"
        assert sorted(pairs) == sorted(
            (name, day) for name, walk in walks.items() for day in getattr(walk, attribute)
        )


@pytest.mark.parametrize("choices", [PLAIN, OTHERWISE], ids=["as they come", "otherwise"])
def test_strata_add_up_to_the_time_from_first_to_end(choices):
    """Bands, unknown, treated and not at risk are all the days from the first count to the end."""
    result = result_of(choices)
    follow_up = result.follow_up.set_index("patient_id")
    spans = pd.Series(
        {
            name: max((row.end_on - row.first_on).days, 0) if row.first_on and row.end_on else 0
            for name, row in follow_up.iterrows()
        }
    )
    told = result.time.groupby("patient_id")["person_days"].sum()

    assert told.reindex(spans.index).fillna(0).astype(int).equals(spans)
    assert follow_up["person_days"].astype(int).equals(spans.rename_axis("patient_id"))
    assert (follow_up["no_time_because"].notna() == (spans == 0)).all()
    assert (spans > 0).sum() > 500
    assert set(follow_up.index) == {row["patient_id"] for row in people()["patients"]}


def test_the_order_of_rows_changes_nothing():
    """Shuffled tables give the same days, ends and infections."""
    shuffled = person_time(cohort_of(crowd.shuffled(people(), SEED + 1)), OTHERWISE)

    for name in ("time", "follow_up", "infections"):
        pd.testing.assert_frame_equal(getattr(shuffled, name), getattr(result_of(OTHERWISE), name))


def test_finer_bands_add_up_to_the_coarser_one():
    """What lies below 0.1 and up to 0.5 is what lies below 0.5, but for counts like < 0.5."""
    fine, coarse = (
        result_of(replace(PLAIN, bands=bands)).time.pivot_table(
            index="patient_id", columns="stratum", values=["person_days", "events"],
            aggfunc="sum", fill_value=0,
        )
        for bands in ("infection", "common")
    )  # fmt: skip
    exact = [
        name for name in fine.index
        if all(row["comparator"] is None for row in rows_of("labs")[name])
    ]  # fmt: skip

    for value in ("person_days", "events"):
        split = fine[value]["below_0_1"] + fine[value]["0_1_to_0_5"]
        whole = coarse[value]["below_0_5"]
        assert split[exact].equals(whole[exact])
        assert (split <= whole).all()
        assert (split < whole).any()
        assert (split + fine[value]["unknown"]).equals(whole + coarse[value]["unknown"])
        for same in ("0_5_to_1", "1_to_1_5", "from_1_5", "gcsf", "not_at_risk"):
            assert fine[value][same].equals(coarse[value][same])


def test_a_count_that_holds_longer_leaves_less_unknown():
    """Of the same days, more have a count in force the longer it holds."""
    unknown = [
        result_of(replace(PLAIN, carry_days=days)).time.query("stratum == 'unknown'")
        .set_index("patient_id")["person_days"].reindex(sorted(rows_of("patients")), fill_value=0)
        for days in (7, 30, 365)
    ]  # fmt: skip

    assert (unknown[0] >= unknown[1]).all()
    assert (unknown[1] >= unknown[2]).all()
    assert unknown[0].sum() > unknown[1].sum() > unknown[2].sum()


def test_a_longer_episode_never_makes_more_of_them():
    """Each infection is counted or merged; the more days merge, the fewer are counted."""
    counted = []
    for days in (0, 7, 14, 60):
        infections = result_of(replace(PLAIN, merge_days=days)).infections
        dated = infections[infections["status"].isin(["counted", "merged"])]
        counted.append((infections["status"] == "counted").sum())
        assert len(dated) == len(dated.drop_duplicates(["patient_id", "occurred_on"]))
        assert len(dated) == counted[0]

    assert counted == sorted(counted, reverse=True)
    assert len(set(counted)) == len(counted)
