"""Late onset by every definition, on patients that a clinician can work through by hand.

The tables stand in `tables/late_onset/`; docs/definitions.md shows the same. A table has one column
a definition, or one row a patient and definition.
"""

from __future__ import annotations

import importlib.util
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from incohort.cohort import open_cohort
from incohort.cohort.late_onset import MISSING, REASONS
from incohort.cohort.late_onset_choices import (
    DEFINITIONS,
    LateOnsetChoices,
    late_onset_alternatives,
)
from incohort.cohort.late_onset_frame import late_onset_frame
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
    for rule in page.rules(page.LATE_ONSET_TABLES)
    for case in rule.cases
]


@pytest.mark.parametrize("case", CASES)
def test_a_definition_answers_as_the_table_says(case, tmp_path):
    """Each patient gets, by each definition, the answer that stands beside them."""
    cohort = open_cohort(str(worked.written(tmp_path / "cohort", case.tables)))
    frame = late_onset_frame(cohort, worked.chosen(case, LateOnsetChoices))
    rows = frame.set_index(["patient_id", "definition"])

    wrong = [
        f"{row['patient']}: {name} by {definition} is {found}, not {value}, since {row['because']}"
        for row in case.expected
        for definition, name, value in _asked(row)
        if (found := worked.told(rows.loc[(row["patient"], definition), name])) != value
    ]
    assert not wrong, "\n".join(wrong)
    assert set(frame["patient_id"]) == {row["patient"] for row in case.expected}
    assert set(frame["definition"]) == set(DEFINITIONS)


def _asked(row):
    """The definition, column and value of each cell of an expected row."""
    cells = {name: value for name, value in row.items() if name not in ("patient", "because")}
    if "definition" not in cells:
        return [(name, "is_late_onset", value) for name, value in cells.items()]
    definition = cells.pop("definition")
    return [(definition, name, value) for name, value in cells.items()]


@pytest.mark.parametrize("case", CASES)
def test_an_unknown_answer_names_what_is_missing_and_a_known_one_its_reason(case, tmp_path):
    """Of every answer exactly one of the two is said, in words that there are."""
    cohort = open_cohort(str(worked.written(tmp_path / "cohort", case.tables)))
    for row in late_onset_frame(cohort, worked.chosen(case, LateOnsetChoices)).to_dict("records"):
        if row["is_late_onset"] is None:
            assert row["first_missing"] in MISSING
            assert row["reason"] is None
        else:
            assert row["first_missing"] is None
            assert row["reason"] in REASONS
            assert (row["reason"] == "met") is row["is_late_onset"]


def test_choices_of_the_tables_exist():
    """Every table has rows and reasons, and its choices are choices."""
    names = {entry.name for entry in fields(LateOnsetChoices)}
    for rule in page.rules(page.LATE_ONSET_TABLES):
        for case in rule.cases:
            assert all(rows for rows in case.tables.values())
            assert all(row["because"] for row in case.expected)
            assert set(case.choices) <= names


def test_the_definitions_stand_in_their_order():
    """Eight published ones and the reader's own."""
    found = late_onset_alternatives(LateOnsetChoices())

    assert tuple(entry.name for entry in found) == DEFINITIONS
    assert {entry.name for entry in found if entry.is_depleted} == {"zonozi"}


def test_what_has_no_source_is_the_dictionarys():
    """The defaults that no source gives are choices, and stand in the dictionary as such."""
    choices, at = LateOnsetChoices(), load().threshold
    standing = {
        "rival_days": at("late_onset_rival", "thirty_days"),
        "depleted_below": at("b_cell_depletion", "below_0_01"),
        "depleted_within_days": at("b_cell_depletion", "count_within_90_days"),
        "depleted_days": at("b_cell_depletion", "half_a_year"),
        "baseline_limit": at("late_onset_baseline", "below_1_5"),
    }

    for name, threshold in standing.items():
        assert getattr(choices, name) == threshold.value, name
        assert threshold.certainty == "choice", name


@pytest.mark.parametrize(
    ("name", "value", "told_of"),
    [
        ("drug_class", "immune checkpoint inhibitor", "class of drugs"),
        ("drug_class", "anti-CD21", "anti-CD20"),
        ("definition", "tesfas", "tesfa"),
        ("baseline_low", "excluded", "exclude"),
        ("rival_causes", "flags", "flag"),
        ("depleted_by", "cd20", "cd19"),
        ("own_count", 0.09, "0.1 to 2.5"),
        ("own_delay_days", 366, "0 to 365"),
        ("own_horizon_days", 0, "1 to 3650"),
        ("baseline_limit", float("nan"), "0.5 to 2.5"),
        ("rival_days", 181, "0 to 180"),
        ("depleted_below", 0.11, "0 to 0.1"),
        ("depleted_within_days", -1, "0 to 365"),
        ("depleted_days", 0, "1 to 3650"),
    ],
)
def test_a_choice_that_means_nothing_is_refused(name, value, told_of):
    """A word is refused with the nearest, a number by its name and range."""
    with pytest.raises(UsageError, match=told_of):
        LateOnsetChoices(**{name: value})


def test_without_a_table_of_drugs_or_counts_nothing_is_known(tmp_path):
    """Without medications the drug is missing; without counts nobody looked, and J had no drug."""
    bare = worked.written(tmp_path / "bare", {"patients": [{"patient": "A", "sex": "female"}]})
    course = {"started_on": "2020-01-01", "stopped_on": "2020-01-01", "role": "suspect"}
    drugs = [
        {"patient": "A", "drug": "rituximab", **course},
        {"patient": "J", "drug": "thiamazole", **course},
    ]
    uncounted = worked.written(tmp_path / "uncounted", {"medications": drugs})

    frame = late_onset_frame(open_cohort(str(bare)), LateOnsetChoices())
    assert frame["definition"].tolist() == list(DEFINITIONS)
    assert set(frame["is_late_onset"]) == {None}
    assert set(frame["first_missing"]) == {"drug"}
    frame = late_onset_frame(open_cohort(str(uncounted)), LateOnsetChoices())
    found = frame.groupby("patient_id", sort=True)[["is_late_onset", "first_missing", "reason"]]
    first = found.nth(0).to_numpy().tolist()
    assert first == [[None, "count_after", None], [False, None, "not_exposed"]]


def test_who_did_not_record_other_drugs_knows_of_no_rival(tmp_path):
    """Where the cohort says that other drugs were not collected, an absent row is not a no."""
    table = {
        "labs": [
            {"patient": "A", "analyte": name, "taken_at": "2020-02-10", "value": value}
            for name, value in (("ANC", "0.4"), ("CD19", "0"))
        ],
        "medications": [
            {"patient": "A", "drug": "rituximab", "role": "suspect", "started_on": "2020-01-01",
             "stopped_on": "2020-01-01"}
        ],
    }  # fmt: skip
    silent = worked.written(tmp_path / "silent", table)
    told = worked.written(tmp_path / "told", table, collected=[])

    for folder, answer in ((silent, [True, None]), (told, [None, "concurrent_drugs"])):
        frame = late_onset_frame(open_cohort(str(folder)), LateOnsetChoices())
        [row] = frame[frame["definition"] == "zonozi"].to_dict("records")
        assert [row["is_late_onset"], row["first_missing"]] == answer
