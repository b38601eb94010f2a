"""Person-time by count and episodes of infection on patients that a clinician can work through.

The tables stand in `tables/person_time/`; docs/definitions.md shows the same.
"""

from __future__ import annotations

import csv
import importlib.util
import sys
from collections.abc import Callable
from dataclasses import fields, replace
from pathlib import Path

import pandas as pd
import pytest

from incohort.cohort import (
    Choices,
    PersonTime,
    PersonTimeChoices,
    open_cohort,
    patient_frame,
    person_time,
)
from incohort.dictionary import load
from incohort.errors import UsageError

# Ibis 12 calls a method that DuckDB 2 renamed.
pytestmark = pytest.mark.filterwarnings("ignore:fetch_arrow_table:DeprecationWarning")

_SPEC = importlib.util.spec_from_file_location(
    "definitions_page", Path(__file__).with_name("definitions_page.py")
)
page = importlib.util.module_from_spec(_SPEC)
sys.modules[_SPEC.name] = page
_SPEC.loader.exec_module(page)

RULES = page.rules(page.TIME_TABLES)
CASES = [
    pytest.param(case, id=f"{rule.name}: {case.title}") for rule in RULES for case in rule.cases
]
READERS: dict[str, Callable[[str], object]] = {"int": int, "bool": lambda word: word == "true"}
FOLLOW_UP = ("first_on", "end_on", "end_because", "has_undated_end", "no_time_because")
STATUSES = ("counted", "merged", "undated", "unknown_severity")
# what a table calls the cells of counted infections, in their order
OF_INFECTIONS = {"onsets": "occurred_on", "infections": "stratum", "why": "because"}


def written(folder: Path, tables: dict[str, list[dict[str, str]]]) -> Path:
    """The tables as a cohort folder; whom no table describes has a row all the same."""
    names = sorted({row["patient"] for rows in tables.values() for row in rows})
    tables = {"patients": [{"patient": name, "sex": "female"} for name in names]} | tables
    folder.mkdir()
    for name, rows in tables.items():
        full = [({"unit": "10*9/L"} if name == "labs" else {}) | row for row in rows]
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["patient_id" if head == "patient" else head for head in full[0]])
            writer.writerows(row.values() for row in full)
    return folder


def chosen(words: dict[str, str]) -> PersonTimeChoices:
    types = {entry.name: str(entry.type) for entry in fields(PersonTimeChoices)}
    return PersonTimeChoices(
        **{name: READERS.get(types[name], str)(value) for name, value in words.items()}
    )


def told(cell: object) -> str:
    """A cell of the frame as the tables write it."""
    if cell is None or pd.isna(cell):
        return page.NOTHING
    return str(cell).lower() if isinstance(cell, bool) else str(cell)


def answer(result: PersonTime, patient: str, name: str) -> str:
    """What came out for a patient, under the name that a table has for it."""
    time, follow_up, infections = (
        frame[frame["patient_id"] == patient]
        for frame in (result.time, result.follow_up, result.infections)
    )
    if name in FOLLOW_UP:
        [cell] = follow_up[name]
        return told(cell)
    if name in STATUSES:
        return str((infections["status"] == name).sum())
    if name in OF_INFECTIONS:
        counted = infections[infections["status"] == "counted"]
        return ", ".join(map(told, counted[OF_INFECTIONS[name]])) or page.NOTHING
    return str(time.loc[time["stratum"] == name, "person_days"].sum())


@pytest.fixture(scope="module")
def result_of(tmp_path_factory) -> Callable[..., PersonTime]:
    """What comes out for a case, each derived once."""
    results: dict[int, PersonTime] = {}

    def derived(case) -> PersonTime:
        if id(case) not in results:
            tables = {name: rows for name, rows in case.tables.items() if name != "expected"}
            folder = written(tmp_path_factory.mktemp("case") / "cohort", tables)
            results[id(case)] = person_time(open_cohort(str(folder)), chosen(case.choices))
        return results[id(case)]

    return derived


@pytest.mark.parametrize("case", CASES)
def test_time_and_infections_are_what_the_table_says(case, result_of):
    """Each patient of the table gets the days and infections that stand beside them."""
    result = result_of(case)

    assert list(result.follow_up["patient_id"]) == [row["patient"] for row in case.expected]
    wrong = [
        f"{row['patient']}: {name} is {found}, not {value}, since {row['because']}"
        for row in case.expected
        for name, value in row.items()
        if name not in ("patient", "because")
        and (found := answer(result, row["patient"], name)) != value
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("case", [case for case in CASES if case.id.startswith("1_by_count")])
def test_no_day_is_left_out_of_the_table(case, result_of):
    """A table of days has a column for every stratum with days in it."""
    result = result_of(case)

    assert set(result.time.loc[result.time["person_days"] > 0, "stratum"]) <= set(case.expected[0])


def test_each_table_has_rows_reasons_and_choices_that_exist():
    """Every table has rows, every expectation its reason, every choice a field."""
    names = {entry.name for entry in fields(PersonTimeChoices)}
    for rule in RULES:
        for case in rule.cases:
            assert all(rows for rows in case.tables.values())
            assert all(row["because"] for row in case.expected)
            assert set(case.choices) <= names


COUNTS = [
    {"patient": "A", "analyte": "ANC", "taken_at": day, "value": "0.4"}
    for day in ("2020-01-01", "2020-01-11")
]
HISTORY = {"patient": "A", "event": "recurrent_infections", "occurred_on": ""}


def test_where_infections_were_not_recorded_there_are_not_none(tmp_path):
    """Without a table of events, and without an infection in it, nobody is said to have had 0."""
    bare = open_cohort(str(written(tmp_path / "bare", {"labs": COUNTS})))
    history = open_cohort(str(written(tmp_path / "history", {"labs": COUNTS, "events": [HISTORY]})))

    for cohort in (bare, history):
        result = person_time(cohort, PersonTimeChoices())
        assert result.time["person_days"].tolist() == [10]
        assert result.time["events"].isna().all()
        assert result.infections.empty
    assert patient_frame(history, Choices())["has_recurrent_infections"].tolist() == [True]


@pytest.mark.parametrize(
    ("ill", "words", "events"),
    [
        ({"occurred_on": "", "grade": "3"}, {}, None),
        ({"occurred_on": "2020-01-05", "grade": ""}, {}, 1),
        ({"occurred_on": "2020-01-05", "grade": ""}, {"grade_at_least": 3}, None),
        ({"occurred_on": "2020-01-05", "grade": "2"}, {"grade_at_least": 3}, 0),
        ({"occurred_on": "", "grade": "2"}, {"grade_at_least": 3}, 0),
    ],
    ids=["no day", "no grade asked", "no grade", "too low a grade", "too low a grade, no day"],
)
def test_where_of_no_infection_it_can_be_told_there_are_not_none(ill, words, events, tmp_path):
    """A cohort that recorded no day of any, or no grade, says nothing; one too mild is none."""
    rows = [{"patient": "A", "event": "infection"} | ill]
    cohort = open_cohort(str(written(tmp_path / "cohort", {"labs": COUNTS, "events": rows})))

    time = person_time(cohort, PersonTimeChoices(infection_washout_days=0, **words)).time

    [found] = time["events"]
    assert (None if pd.isna(found) else found) == events


def test_a_cohort_that_collected_infections_and_has_none_had_none(tmp_path):
    """What a cohort says it collected is 0 where it has no row of it."""
    death = {"patient": "A", "event": "death", "occurred_on": "2020-03-01"}
    folder = written(tmp_path / "cohort", {"labs": COUNTS, "events": [death]})
    silent = open_cohort(str(folder))
    telling = replace(silent, collected=frozenset({"infections"}))

    assert person_time(silent, PersonTimeChoices()).time["events"].isna().all()
    assert person_time(telling, PersonTimeChoices()).time["events"].eq(0).all()


def test_where_somebody_was_infected_the_others_had_none(tmp_path):
    """One infection in the cohort says that infections were recorded: the others have 0."""
    rows = [*COUNTS, *({**row, "patient": "B"} for row in COUNTS)]
    ill = {"patient": "B", "event": "infection", "occurred_on": "2020-01-05"}
    cohort = open_cohort(str(written(tmp_path / "cohort", {"labs": rows, "events": [ill]})))

    time = person_time(cohort, PersonTimeChoices()).time

    assert time.to_dict("records") == [
        {"patient_id": "A", "stratum": "0_1_to_0_5", "person_days": 10, "events": 0},
        {"patient_id": "B", "stratum": "0_1_to_0_5", "person_days": 5, "events": 1},
        {"patient_id": "B", "stratum": "not_at_risk", "person_days": 5, "events": 0},
    ]


def test_without_counts_there_is_no_time(tmp_path):
    """Whoever was only registered has no time, and the reason is told."""
    people = {"patients": [{"patient": "A", "sex": "female", "followed_until": "2020-05-01"}]}
    result = person_time(
        open_cohort(str(written(tmp_path / "cohort", people))), PersonTimeChoices()
    )

    assert result.time.empty
    assert result.follow_up["no_time_because"].tolist() == ["no_count"]
    assert result.follow_up["person_days"].tolist() == [0]


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("carry_days", 7, 365),
        ("gcsf_washout_days", 0, 60),
        ("infection_washout_days", 0, 60),
        ("grade_at_least", 1, 5),
        ("merge_days", 0, 60),
    ],
)
def test_a_number_out_of_range_is_refused(name, least, most):
    """The least and the most are taken, the next beyond, and what is no whole number, are not."""
    for value in (least, most):
        assert getattr(PersonTimeChoices(**{name: value}), name) == value
    for value in (least - 1, most + 1, float(least), True, None):
        with pytest.raises(UsageError, match=rf"^{name} is .* from {least} to {most}\.$"):
            PersonTimeChoices(**{name: value})


def test_a_word_that_is_no_choice_is_refused():
    """With the nearest that there is."""
    for words, nearest in (
        ({"bands": "infections"}, "infection"),
        ({"lag": "sameday"}, "same_day"),
        ({"after_last_count": "carried"}, "carry"),
    ):
        with pytest.raises(UsageError, match=nearest):
            PersonTimeChoices(**words)


def test_choices_are_those_of_the_dictionary():
    """Defaults are thresholds of the dictionary, and so are the limits between bands."""
    choices = PersonTimeChoices()
    threshold = load().threshold

    assert choices.carry_days == threshold("count_in_force", "thirty_days").in_days
    assert choices.gcsf_washout_days == threshold("growth_factor_washout", "seven_days").in_days
    assert choices.infection_washout_days == threshold("infection_washout", "fourteen_days").in_days
    assert choices.merge_days == threshold("infection_episode", "fourteen_days").in_days
    assert {bands: PersonTimeChoices(bands=bands).limits for bands in LIMITS} == LIMITS


LIMITS = {
    "infection": (0.1, 0.5, 1.0, 1.5),
    "lecture": (0.5, 1.0, 1.8),
    "common": (0.5, 1.0, 1.5),
    "ctcae_v5": (0.5, 1.0, 1.5, 1.8),
}
