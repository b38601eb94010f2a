"""Neutropenia under a checkpoint inhibitor, on patients that a clinician can work through by hand.

The tables stand in `tables/checkpoint/`; docs/definitions.md shows the same.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from incohort.cohort import open_cohort
from incohort.cohort.checkpoint import CLASSES, MALIGNANCIES, MISSING
from incohort.cohort.checkpoint_choices import CheckpointChoices
from incohort.cohort.checkpoint_frame import checkpoint_frame
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
_WORKED = importlib.util.spec_from_file_location("worked", Path(__file__).with_name("worked.py"))
worked = importlib.util.module_from_spec(_WORKED)
sys.modules[_WORKED.name] = worked
_WORKED.loader.exec_module(worked)

CASES = [
    pytest.param(case, id=f"{rule.name}: {case.title}")
    for rule in page.rules(page.CHECKPOINT_TABLES)
    for case in rule.cases
]


@pytest.fixture(params=CASES)
def case_and_frame(request, tmp_path):
    """A case with what is derived of it."""
    case = request.param
    folder = worked.written(tmp_path / "cohort", case.tables, case.collected or None)
    return case, checkpoint_frame(open_cohort(str(folder)), worked.chosen(case, CheckpointChoices))


def test_an_episode_is_what_the_table_says(case_and_frame):
    """Each episode, and each patient without one, has the class that stands beside them."""
    case, frame = case_and_frame
    found = frame.to_dict("records")

    places = [(row["patient_id"], worked.told(row["episode"])) for row in found]
    assert places == [(row["patient"], row["episode"]) for row in case.expected]
    wrong = [
        f"{row['patient']}: {name} is {worked.told(cells[name])}, not {value}, "
        f"since {row['because']}"
        for row, cells in zip(case.expected, found, strict=True)
        for name, value in row.items()
        if name not in ("patient", "because") and worked.told(cells[name]) != value
    ]
    assert not wrong, "\n".join(wrong)


def test_the_unclassified_name_what_is_missing_and_nobody_else(case_and_frame):
    """Class and missing item go together, and so do rival causes and their kind."""
    _, frame = case_and_frame
    for row in frame.to_dict("records"):
        assert row["attribution"] in CLASSES
        assert (row["first_missing"] in MISSING) is (row["attribution"] == "unclassified")
        assert (row["rival"] is not None) is (row["attribution"] == "rival_cause")
        assert (row["certainty"] is not None) is (row["attribution"] == "immune_related")
        assert (row["is_immune_related"] is True) is (row["attribution"] == "immune_related")


def test_every_class_and_missing_item_is_worked_through():
    """Nothing that may come out is without a patient in the tables; choices exist."""
    cases = [case for rule in page.rules(page.CHECKPOINT_TABLES) for case in rule.cases]
    rows = [row for case in cases for row in case.expected]

    assert {row["attribution"] for row in rows} == set(CLASSES)
    assert {row["first_missing"] for row in rows} - {page.NOTHING} == set(MISSING)
    assert all(row["because"] for row in rows)
    names = {entry.name for entry in fields(CheckpointChoices)}
    assert all(set(case.choices) <= names for case in cases)


def test_limits_and_defaults_are_the_dictionarys():
    """Grade 4 begins below 0.5, 3 below 1.0, 2 below 1.5; what has no source is a choice."""
    at, choices = load().threshold, CheckpointChoices()
    standing = {
        "after_dose_days": at("checkpoint_window", "ninety_days"),
        "rival_days": at("checkpoint_rival", "chemotherapy"),
        "infection_days": at("checkpoint_rival", "infection"),
    }

    assert [CheckpointChoices(grade=g).limit for g in (4, 3, 2)] == [0.5, 1.0, 1.5]
    assert choices.baseline_limit == 1.8
    for name, threshold in standing.items():
        assert getattr(choices, name) == threshold.value, name
        assert threshold.certainty == "choice", name
    conditions = next(c for c in load().table("diagnoses").columns if c.name == "condition")
    assert set(MALIGNANCIES) <= {c.value for c in conditions.categories}


@pytest.mark.parametrize(
    ("name", "value", "told_of"),
    [
        ("grade", 1, "2 to 4"),
        ("grade", 5, "2 to 4"),
        ("grade_system", "ctcae", "ctcae_v5"),
        ("after_dose_days", 731, "0 to 730"),
        ("rival_days", -1, "0 to 180"),
        ("infection_days", 31, "0 to 30"),
    ],
)
def test_a_choice_that_means_nothing_is_refused(name, value, told_of):
    """A word is refused with the nearest, a number by its name and range."""
    with pytest.raises(UsageError, match=told_of):
        CheckpointChoices(**{name: value})


def test_without_drugs_or_counts_nothing_is_known(tmp_path):
    """Without medications the drug is missing; without counts the count, but of who had none."""
    dose = {"role": "suspect", "started_on": "2020-01-01"}
    drugs = [
        {"patient": "A", "drug": "pembrolizumab"} | dose,
        {"patient": "J", "drug": "thiamazole"} | dose,
    ]
    tables = {
        "bare": {"patients": [{"patient": "A", "sex": "female"}]},
        "uncounted": {"medications": drugs},
    }
    expected = {
        "bare": [("A", "unclassified", "drug", None)],
        "uncounted": [
            ("A", "unclassified", "count_after", None),
            ("J", "not_exposed", None, False),
        ],
    }

    for name, table in tables.items():
        cohort = open_cohort(str(worked.written(tmp_path / name, table)))
        frame = checkpoint_frame(cohort, CheckpointChoices())
        found = frame[["patient_id", "attribution", "first_missing", "is_immune_related"]]
        assert list(found.itertuples(index=False, name=None)) == expected[name]
        assert frame["episode"].isna().all()
