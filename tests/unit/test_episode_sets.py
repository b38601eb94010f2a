"""Episodes as sets: the flow of patients and that of episodes are counted from the same rows."""

from __future__ import annotations

from collections import Counter

import pandas as pd
import pytest

from incohort.shapes.episodes import NEVER_COUNTED, NEVER_LOW, ended, episode_sets, those
from incohort.shapes.set_words import population_words
from incohort.shapes.sets import Base

# Patient, number of the episode, how it ended or why it has no time, and whether it meets the
# criteria of drug-induced neutropenia.
EPISODES = [
    ("A", 1, "recovered", True),
    ("A", 2, "died", True),
    ("B", 1, "no_suspect", True),
    ("B", 2, "recovered", False),
    ("B", 3, "recovered", True),
    ("C", 1, "follow_up_ended", False),
    ("C", 2, "recovered", False),
    ("D", 1, "no_suspect", False),
]
COUNTED = {"A": 3, "B": 5, "C": 4, "D": 1, "E": 2, "F": 0}  # E was never low, F never counted
CAUSES = {"recovered": 1, "died": 2, "follow_up_ended": 0}


def sets_of(*, criteria: bool = False, first: bool = True):
    """The sets of six patients with eight episodes, as a question asks for them."""
    rows = [
        {
            "patient_id": patient, "episode": number, "sex": "female", "age_years": 50.0,
            "onset_on": "2024-01-01", "is_timed": end in CAUSES, "cause": CAUSES.get(end),
            "censored_because": end if CAUSES.get(end) == 0 else None,
            "not_timed_because": None if end in CAUSES else end,
            "criterion_onset": meets, "criterion_recovery": True, "criterion_exclusions": True,
        }
        for patient, number, end, meets in EPISODES
    ]  # fmt: skip
    people = pd.DataFrame({"patient_id": list(COUNTED), "n_anc": list(COUNTED.values())})
    people["sex"], people["age_years"] = ["female"] * 5 + ["male"], 50.0
    base = Base("patients", people)
    base.cut("sex", people["sex"], ("female", "male"))
    frame = pd.DataFrame(rows).astype({"cause": "Int64", "episode": "Int64"})
    return episode_sets(frame, base.everybody, asks_for_criteria=criteria, takes_first=first)


def named(members) -> list[str]:
    """Patient and number of each episode of a set."""
    return [f"{p}{e}" for p, e in zip(members.frame.patient_id, members.frame.episode, strict=True)]


@pytest.mark.parametrize("criteria", [False, True])
@pytest.mark.parametrize("first", [False, True])
def test_each_patient_is_one_row_whoever_is_analysed(criteria, first):
    """All six patients stand there once: those without an episode, too."""
    patients = sets_of(criteria=criteria, first=first).patients

    assert Counter(patients.frame["patient_id"]) == dict.fromkeys("ABCDEF", 1)
    assert patients.frame["patient_id"][patients.frame["episode"].isna()].tolist() == ["E", "F"]


@pytest.mark.parametrize(
    ("criteria", "first", "expected"),
    [
        (False, True, ["A1", "B2", "C1"]),
        (False, False, ["A1", "A2", "B2", "B3", "C1", "C2"]),
        (True, True, ["A1", "B3"]),
        (True, False, ["A1", "A2", "B3"]),
    ],
)
def test_analysed_are_the_timed_ones_that_take_part(criteria, first, expected):
    """Of each patient the first timed episode, or all; with the criteria the first that meets."""
    assert named(sets_of(criteria=criteria, first=first).analysed) == expected


def test_what_the_criteria_would_do_is_told_whatever_was_chosen():
    """B's first timed episode fails, and the next one meets them: each side has its own first."""
    for criteria in (False, True):
        sets = sets_of(criteria=criteria)
        assert named(sets.analysed_of(meets=None)) == ["A1", "B2", "C1"]
        assert named(sets.analysed_of(meets=True)) == ["A1", "B3"]
        assert named(sets.analysed_of(meets=False)) == ["B2", "C1"]


def test_patients_fall_into_ways_of_taking_part():
    """Three are analysed, one has no suspect, one was never low, one never counted: all six."""
    patients = sets_of().patients
    ways = {
        "analysed": sets_of().analysed,
        "no suspect": those(patients, ends=("no_suspect",)),
        "never low": those(patients, ends=(NEVER_LOW,)),
        "never counted": those(patients, ends=(NEVER_COUNTED,)),
    }

    assert {name: len(members) for name, members in ways.items()} == {
        "analysed": 3, "no suspect": 1, "never low": 1, "never counted": 1,
    }  # fmt: skip


def test_how_they_ended_makes_all_who_are_analysed():
    """Recovered, died and censored part the timed episodes; every word is one of a category."""
    analysed = sets_of(first=False).analysed
    parts = [named(ended(analysed, how)) for how in ("recovered", "died", "censored")]

    assert parts == [["A1", "B2", "B3", "C2"], ["A2"], ["C1"]]


def test_a_set_says_in_words_whose_it_is():
    """An estimand's population reads as a person would say it, whatever the column's words are."""
    sets = sets_of()

    assert population_words(sets.analysed) == "episodes, timed, the first of each patient"
    assert population_words(ended(sets.analysed, "died")) == (
        "episodes, died, the first of each patient"
    )
    assert "meets the criteria of drug-induced" in population_words(sets.analysed_of(meets=True))
    assert "one for each patient" in population_words(sets.patients)
